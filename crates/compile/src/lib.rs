//! The pipeline: intake, model, generate, render, check.

pub mod model;
pub mod render;
