//! What a Kubernetes object is: its identity, and the texts that hold several of them.
//!
//! In: YAML or JSON documents. Out: [`Object`]s that know who they are.
//! Never decides what an object means, and never reads a file.

mod object;
mod read;
mod scope;

pub use object::{Identity, Object};
pub use read::{ReadError, from_value, read};
pub use scope::is_cluster_scoped;
