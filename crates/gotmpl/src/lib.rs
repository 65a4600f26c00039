//! Go's text/template, with the sprig and Helm functions.
//!
//! Templates and data go in, bytes or an error with Go's text come out. Fuel bounds the work,
//! and the execution does not use Rust's stack, so that no template can overflow it.
//! Never reads a file, a clock or the environment; what functions may know is in [`Options`].

pub mod call;
pub mod error;
pub mod functions;
pub mod gotime;
pub mod options;
pub mod semver;
pub mod set;
pub mod value;

pub use call::{CallContext, Function, FunctionEntry, FunctionError, Param, Signature};
pub use error::{ExecError, ParseError};
pub use options::{Clock, MissingKey, Options};
pub use set::{Engine, TemplateSet};
pub use value::{Frozen, Int, IntKind, Kind, List, ListType, Map, MapType, Object, Str, Value};
