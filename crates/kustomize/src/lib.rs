//! Kustomization to objects, as kustomize v5.8.1 does.
//!
//! In: a folder of the repository, read through [`text::World`]. Out: objects in kustomize's bytes,
//! warnings, or why there are none, as an [`Error`] and as a diagnostic ([`diagnostic`]).
//! Never fetches a remote base (the world has those that were fetched), and never runs a program: what would
//! need that is refused.

mod accumulate;
mod bookkeeping;
mod build;
mod charts;
pub mod codes;
mod configurations;
mod crds;
mod decode;
mod definitions;
mod elsewhere;
mod embedded;
mod entries;
mod error;
mod external;
mod facts;
mod field_path;
mod flow;
mod generate;
mod generators;
mod hash;
mod identity;
mod images;
mod kustomization;
mod load;
mod marks;
mod merging;
mod namespaces;
mod notes;
mod order;
mod origin;
mod patching;
mod reading;
mod references;
mod remedies;
mod replace;
mod repo_spec;
mod resource;
mod schema;
mod select;
mod shape;
mod specs;
mod state;
mod steps;
mod transform;
mod transformers;
mod validating;
mod vars;
mod written;

pub use build::{Build, LoadRestrictor, Options, Reorder, build, build_remote, remote};
pub use charts::{Chart, ChartSettings, Charts};
pub use codes::diagnostic;
pub use error::{Error, Reason};
pub use kustomization::{FILES, is_kustomization};
pub use reading::is_resources;
pub use shape::drop_unknown;
