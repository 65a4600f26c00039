//! The pipeline: intake, model, generate, render, check; delivery, which reads any repository; and
//! admission, what an API server refuses.

pub mod admission;
pub mod check;
pub mod delivery;
mod documents;
pub mod generate;
pub mod handoff;
pub mod intake;
pub mod model;
pub mod render;
pub mod secrets;
