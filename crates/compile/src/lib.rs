//! The pipeline: intake, model, generate, render, check.
