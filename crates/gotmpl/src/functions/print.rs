//! Values as text: what sprig's `toString`, `quote`, `cat` and `join` make of them.

use crate::call::FunctionError;
use crate::value::{Str, Value};

/// Returns the text of a value as sprig's `toString` gives it: strings and bytes as they are, the
/// rest as Go's `%v`.
pub(super) fn to_string(value: &Value) -> Result<Str, FunctionError> {
    match value {
        Value::Str(text) | Value::Bytes(text) => Ok(text.clone()),
        _ => Ok(Str::from(print(value)?)),
    }
}

/// Returns a value as Go's `%v` prints it.
pub(super) fn print(value: &Value) -> Result<Vec<u8>, FunctionError> {
    Ok(crate::fmt::to_text(value)?)
}

/// Appends a value as Go's `%v` prints it.
pub(super) fn append(out: &mut Vec<u8>, value: &Value) -> Result<(), FunctionError> {
    match value {
        Value::Str(text) => out.extend_from_slice(text),
        _ => out.extend_from_slice(&print(value)?),
    }
    Ok(())
}
