//! The pipeline: intake, model, generate, render, check.

pub mod model;
