//! Kustomization to objects, as kustomize v5.8.1 does.
//!
//! In: a folder of the repository, read through [`text::World`]. Out: objects in kustomize's bytes,
//! warnings, or why there are none.
//! What is not built yet fails loudly ("not supported yet: …"); nothing is silently left out.
//! Never reads outside the repository, never fetches a remote base, and never runs a program.

mod build;
mod decode;
mod error;
mod external;
mod facts;
mod generate;
mod hash;
mod identity;
mod images;
mod references;
mod replace;
mod resource;
mod select;
mod specs;
mod transform;
mod vars;

pub use build::{Build, Charts, Options, build, build_with, is_kustomization};
pub use error::Error;
