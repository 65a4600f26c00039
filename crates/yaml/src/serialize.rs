//! A value for any writer that serde knows, JSON's above all: keys in their order.

use serde::{Serialize, Serializer};

use crate::Value;

impl Serialize for Value {
    /// Gives each value as what it is. A number that JSON cannot hold (`.inf`, `.nan`) is JSON's `null`.
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => out.serialize_unit(),
            Value::Bool(truth) => out.serialize_bool(*truth),
            Value::Int(number) => out.serialize_i64(*number),
            Value::Uint(number) => out.serialize_u64(*number),
            Value::Float(number) => out.serialize_f64(*number),
            Value::String(text) => out.serialize_str(text),
            Value::List(items) => out.collect_seq(items),
            Value::Map(entries) => out.collect_map(entries),
        }
    }
}
