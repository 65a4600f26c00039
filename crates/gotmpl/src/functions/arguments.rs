//! Taking arguments apart, and making results: the types have been checked by the executor.

use std::rc::Rc;

use crate::call::FunctionError;
use crate::value::{Int, IntKind, List, ListType, Map, Str, Value};

/// What every function here gives.
pub(super) type Answer = Result<Value, FunctionError>;

/// Go's message for using nil where something was expected.
pub(super) const NIL_POINTER: &str =
    "runtime error: invalid memory address or nil pointer dereference";

/// Returns an error with this message.
pub(super) fn failure<T>(message: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError::new(message))
}

/// Returns an argument; nil when it is not there.
pub(super) fn any(arguments: &[Value], at: usize) -> &Value {
    const NIL: &Value = &Value::Nil;
    arguments.get(at).unwrap_or(NIL)
}

/// Returns a `string` argument.
pub(super) fn text(arguments: &[Value], at: usize) -> &[u8] {
    match arguments.get(at) {
        Some(Value::Str(text) | Value::Bytes(text)) => text.as_bytes(),
        _ => &[],
    }
}

/// Returns an `int` argument.
pub(super) fn int(arguments: &[Value], at: usize) -> i64 {
    match arguments.get(at) {
        Some(Value::Int(int)) => int.to_i64(),
        _ => 0,
    }
}

/// Returns a `bool` argument.
pub(super) fn boolean(arguments: &[Value], at: usize) -> bool {
    matches!(arguments.get(at), Some(Value::Bool(true)))
}

/// Returns a `map[string]interface {}` argument; `None` is Go's nil map.
pub(super) fn dict(arguments: &[Value], at: usize) -> Option<Map> {
    as_dict(any(arguments, at))
}

/// Returns the map a value is or stands for.
pub(super) fn as_dict(value: &Value) -> Option<Map> {
    match value {
        Value::Map(map) => Some(map.clone()),
        Value::Object(object) => match object.underlying() {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the elements of a slice of any type; `None` when the value is no slice.
pub(super) fn elements(value: &Value) -> Option<Rc<Vec<Value>>> {
    match value {
        Value::List(list) => Some(list.items()),
        Value::Bytes(bytes) => {
            let byte = |&byte: &u8| Value::Int(Int::new(IntKind::Uint8, i64::from(byte)));
            Some(Rc::new(bytes.iter().map(byte).collect()))
        }
        Value::Object(object) => match object.underlying() {
            Some(plain @ (Value::List(_) | Value::Bytes(_))) => elements(&plain),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a `string` result.
pub(super) fn string(text: impl Into<Str>) -> Answer {
    Ok(Value::string(text))
}

/// Returns Go's nil of the type `[]interface {}`: empty, but `null` in JSON.
pub(super) fn nil_list() -> Value {
    Value::List(List::new(ListType::NIL, Vec::new()))
}

/// Returns Go's nil of the type `[]string`.
pub(super) fn nil_strings() -> Value {
    Value::List(List::new(ListType::NIL_STRINGS, Vec::new()))
}
