//! Kustomization to objects, as kustomize does.
//!
//! In: a folder of the repository, read through [`text::World`]. Out: objects, or why there are none.
//! What is not built yet fails loudly ("not supported yet: …"); nothing is silently left out.
//! Never reads outside the repository, and never fetches a remote base.

mod build;
mod error;

pub use build::{build, is_kustomization};
pub use error::Error;
