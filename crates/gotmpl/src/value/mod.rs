//! The values that templates work on, with Go's kinds and type names.
//!
//! Decides what a value is, what Go would call its type, when it is true, when two are equal, and
//! what is shared: maps and lists are references (a change is seen by everyone who holds them),
//! strings and numbers are not. Copying deeply is lazy: see [`frozen`].
//! Never prints, evaluates or reads anything.

pub mod build;
pub mod equal;
pub mod frozen;
pub mod list;
pub mod map;
pub mod number;
pub mod object;
pub mod string;

use std::borrow::Cow;
use std::sync::Arc;

pub use build::ValueBuilder;
pub use frozen::Frozen;
pub use list::{List, ListType};
pub use map::{Entry, Map, MapType};
pub use number::{Int, IntKind};
pub use object::Object;
pub use string::Str;

/// How deep values may be nested before walking them is refused.
///
/// Go would go on until its stack of a gigabyte is used up and then die.
pub const MAX_DEPTH: usize = 2_000;

/// A walk over a value went deeper than [`MAX_DEPTH`]: it is nested without end, or nearly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep;

impl std::fmt::Display for TooDeep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "value is nested more than {MAX_DEPTH} levels deep")
    }
}

impl std::error::Error for TooDeep {}

/// A value as Go's `interface{}` would hold it.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `nil` without a type.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// Any of Go's integer types.
    Int(Int),
    /// `float64`.
    Float(f64),
    /// `string`: bytes, usually UTF-8.
    Str(Str),
    /// `[]byte`, kept apart from other lists because it is one block of bytes.
    Bytes(Str),
    /// A slice other than `[]byte`.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A struct, pointer or named type with fields and methods of its own.
    Object(Arc<dyn Object>),
}

/// Go's `reflect.Kind`, as far as templates can see the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No value at all.
    Invalid,
    /// `bool`.
    Bool,
    /// A signed or unsigned integer type.
    Int(IntKind),
    /// `float64`.
    Float,
    /// `string`.
    String,
    /// Any slice.
    Slice,
    /// Any map.
    Map,
    /// A struct held by value.
    Struct,
    /// A pointer (to a struct).
    Pointer,
}

impl Kind {
    /// Returns Go's name of the kind, as sprig's `kindOf` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int(kind) => kind.name(),
            Kind::Float => "float64",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Pointer => "ptr",
        }
    }
}

impl Value {
    /// Returns a Go `int`.
    pub fn int(value: i64) -> Value {
        Value::Int(Int::new(IntKind::Int, value))
    }

    /// Returns a Go `int64`, which is what sprig's arithmetic gives.
    pub fn int64(value: i64) -> Value {
        Value::Int(Int::new(IntKind::Int64, value))
    }

    /// Returns a Go `string`.
    pub fn string(value: impl Into<Str>) -> Value {
        Value::Str(value.into())
    }

    /// Returns a `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(ListType::Any, items))
    }

    /// Returns a `[]string`.
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Value {
        let items = items.into_iter().map(Value::string).collect();
        Value::List(List::new(ListType::String, items))
    }

    /// Returns a `map[string]interface {}`; the last of equal keys wins.
    pub fn map<K: Into<Str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Value::Map(Map::from_entries(MapType::Any, entries))
    }

    /// Returns the value of an object.
    pub fn object(object: impl Object) -> Value {
        Value::Object(Arc::new(object))
    }

    /// Reports whether this is `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Returns Go's kind.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(int) => Kind::Int(int.kind()),
            Value::Float(_) => Kind::Float,
            Value::Str(_) => Kind::String,
            Value::Bytes(_) | Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => object.kind(),
        }
    }

    /// Returns Go's name of the type, as `%T` prints it (`<nil>` for nil).
    pub fn type_name(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Value::Nil => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(int) => int.kind().name(),
            Value::Float(_) => "float64",
            Value::Str(_) => "string",
            Value::Bytes(_) => "[]uint8",
            Value::List(list) => list.list_type().name(),
            Value::Map(map) => map.map_type().name(),
            Value::Object(object) => object.type_name(),
        })
    }

    /// Reports what `if` would: whether this is neither nil, zero nor empty.
    pub fn truth(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(int) => !int.is_zero(),
            Value::Float(value) => *value != 0.0,
            Value::Str(text) | Value::Bytes(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => match object.underlying() {
                Some(plain) => plain.truth(),
                None => true,
            },
        }
    }

    /// Returns the bytes of a string (not of `[]byte`).
    pub fn as_string(&self) -> Option<&Str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the list, if this is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// Returns the object as the Rust type behind it, if it is that.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => {
                let any: &dyn std::any::Any = &**object;
                any.downcast_ref()
            }
            _ => None,
        }
    }

    /// Returns a copy that shares nothing that can be changed; see [`frozen`] for what it costs.
    pub fn deep_copy(&self) -> Result<Value, TooDeep> {
        match self {
            Value::Map(_) | Value::List(_) => Ok(Value::thaw(&self.freeze()?)),
            _ => Ok(self.clone()),
        }
    }

    /// Returns an immutable picture of the value that can be shared between threads.
    pub fn freeze(&self) -> Result<Frozen, TooDeep> {
        frozen::freeze(self, 0)
    }

    /// Returns a value of its own from a picture; costs the same for small and large ones.
    pub fn thaw(frozen: &Frozen) -> Value {
        frozen::thaw(frozen)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::string(value)
    }
}

impl From<Str> for Value {
    fn from(value: Str) -> Value {
        Value::Str(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Value {
        Value::Map(value)
    }
}

impl From<List> for Value {
    fn from(value: List) -> Value {
        Value::List(value)
    }
}
