//! The pipeline: intake, model, generate, render, check; and delivery, which reads any repository.

pub mod check;
pub mod delivery;
pub mod generate;
pub mod handoff;
pub mod intake;
pub mod model;
pub mod render;
pub mod secrets;
