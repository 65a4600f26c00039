//! Helm's functions that stand apart from the library: `required`, `fail`, `lookup`.
//!
//! `include` and `tpl` execute templates: see `exec::nested`.

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::error::{MESSAGE_END, MESSAGE_START};
use crate::value::{Map, MapType, Value};

/// The table of these functions.
pub(crate) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("required", &[Param::String, Param::Any], required),
    FunctionEntry::new("fail", &[Param::String], fail),
    FunctionEntry::new(
        "lookup",
        &[Param::String, Param::String, Param::String, Param::String],
        lookup,
    ),
];

fn text(arguments: &[Value]) -> String {
    match arguments.first() {
        Some(Value::Str(text)) => text.to_string_lossy().into_owned(),
        _ => String::new(),
    }
}

fn marked(message: &str) -> FunctionError {
    FunctionError::new(format!("{MESSAGE_START}{message}{MESSAGE_END}"))
}

fn required(context: &mut CallContext, arguments: &[Value]) -> Result<Value, FunctionError> {
    let value = arguments.get(1).cloned().unwrap_or_default();
    let missing = match &value {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    if !missing {
        return Ok(value);
    }
    if context.options().lint {
        return Ok(Value::string(""));
    }
    Err(marked(&text(arguments)))
}

fn fail(context: &mut CallContext, arguments: &[Value]) -> Result<Value, FunctionError> {
    if context.options().lint {
        return Ok(Value::string(""));
    }
    Err(marked(&text(arguments)))
}

/// There is no cluster to ask: always empty, as with `helm template`.
fn lookup(_: &mut CallContext, _: &[Value]) -> Result<Value, FunctionError> {
    Ok(Value::Map(Map::new(MapType::Any)))
}
