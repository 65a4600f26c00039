//! The pipeline: intake, model, generate, render, check.

pub mod check;
pub mod generate;
pub mod intake;
pub mod model;
pub mod render;
pub mod secrets;
