//! YAML with every byte accounted for.
//!
//! This crate decides what YAML and JSON texts mean, how Go's libraries would write a value, and how
//! to change one value of a text without touching another byte.
//! In go texts; out come events, trees with places ([`Node`]), plain values ([`Value`]) or somebody's
//! own values ([`Build`]), and texts again ([`Emitter`], [`edit`]).
//! It reads as Go's two YAML libraries do, with their errors in their words, because that is what
//! Helm, Kustomize and Kubernetes use. It never reads files, prints, or panics on any input.

mod compose;
mod decode;
pub mod edit;
mod emit;
mod error;
pub mod events;
mod head;
pub mod json;
mod keys;
mod letters;
mod node;
mod number;
mod resolve_core;
mod resolve_go2;
mod resolve_go3;
mod serialize;
mod timestamp;
mod tree;
mod value;

pub use decode::{Build, decode_all_go2, decode_go2, split_documents};
pub use emit::{Emitter, scalar_go2, to_string_go2, write_go2};
pub use error::{Error, Span};
pub use head::{Head, validate_head, validate_head_of_text};
pub use keys::{key_less, sort_by_go3_order, sort_by_key_order, sort_keys};
pub use node::{Kind, Node, ScalarStyle};
pub use number::{json_float, shortest, yaml_float};
pub use tree::{Schema, parse, parse_all};
pub use value::{Value, ValueBuilder};
