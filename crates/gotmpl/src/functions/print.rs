//! Values as text: what sprig's `toString`, `quote`, `cat` and `join` make of them.

use crate::call::FunctionError;
use crate::value::{Str, Value};

use super::text::float_text;

/// Returns the text of a value as sprig's `toString` gives it: strings and bytes as they are, the
/// rest as Go's `%v`.
pub(super) fn to_string(value: &Value) -> Result<Str, FunctionError> {
    match value {
        Value::Str(text) | Value::Bytes(text) => Ok(text.clone()),
        _ => print(value),
    }
}

/// Returns a value as Go's `%v` prints it.
pub(super) fn print(value: &Value) -> Result<Str, FunctionError> {
    let mut out = Vec::new();
    append(&mut out, value, 0)?;
    Ok(Str::from(out))
}

/// Appends a value as Go's `%v` prints it.
pub(super) fn append(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), FunctionError> {
    if depth >= crate::value::MAX_DEPTH {
        return Err(crate::value::TooDeep.into());
    }
    match value {
        Value::Nil => out.extend_from_slice(b"<nil>"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Int(int) => out.extend_from_slice(int.to_string().as_bytes()),
        Value::Float(number) => out.extend_from_slice(float_text(*number).as_bytes()),
        Value::Str(text) => out.extend_from_slice(text),
        Value::Bytes(bytes) => {
            out.push(b'[');
            for (index, byte) in bytes.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(byte.to_string().as_bytes());
            }
            out.push(b']');
        }
        Value::List(list) => {
            out.push(b'[');
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                append(out, item, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.extend_from_slice(b"map[");
            for (index, (key, item)) in map.entries().iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(key);
                out.push(b':');
                append(out, item, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Object(object) => match (object.text(), object.underlying()) {
            (Some(text), _) => out.extend_from_slice(text.as_bytes()),
            (None, Some(plain)) => append(out, &plain, depth + 1)?,
            (None, None) => {
                out.push(b'{');
                for (index, (_, item)) in object.fields().iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    append(out, item, depth + 1)?;
                }
                out.push(b'}');
            }
        },
    }
    Ok(())
}
