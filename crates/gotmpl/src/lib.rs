//! Go's text/template, with the sprig and Helm functions.
//!
//! Templates and data go in, bytes or an error with Go's text come out. Fuel bounds the work,
//! and the execution does not use Rust's stack, so that no template can overflow it.
//! Never reads a file, a clock or the environment; what functions may know is in [`Options`].

mod builtins;
pub mod call;
mod code;
mod compile;
mod data;
pub mod error;
mod exec;
pub mod fmt;
pub mod functions;
pub mod gotime;
mod helm_functions;
pub mod options;
mod parse;
mod registry;
pub mod semver;
pub mod set;
pub mod uses;
pub mod value;

pub use call::{CallContext, Function, FunctionEntry, FunctionError, Param, Signature};
pub use data::Data;
pub use error::{ExecError, ParseError};
pub use exec::{Engine, without_no_value};
pub use functions::application_sets::{normalize, slug};
pub use options::{Clock, MissingKey, Options};
pub use set::TemplateSet;
pub use uses::{Use, uses_of_application_set};
pub use value::{
    Frozen, Int, IntKind, Kind, List, ListType, Map, MapType, Object, Str, Value, ValueBuilder,
};
