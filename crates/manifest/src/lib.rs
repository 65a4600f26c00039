//! What a Kubernetes object is: its identity, its fields, the texts that hold several of them, and
//! patches.
//!
//! In: YAML or JSON documents. Out: [`Object`]s that know who they are.
//! Never decides what an object means, and never reads a file.

pub mod fields;
mod json_patch;
mod object;
mod read;
mod schema;
mod schema_table;
mod scope;
mod strategic;

pub use json_patch::{Operation, apply_json_patch, json_patch_operations, read_json_patch};
pub use object::{Identity, Object};
pub use read::{ReadError, from_value, read};
pub use schema::{MergeField, MergeKeys, MergeSchema, MergeType, Standing};
pub use scope::{Scopes, is_cluster_scoped};
pub use strategic::{scalar_text, strategic_merge, strategic_merge_with};
