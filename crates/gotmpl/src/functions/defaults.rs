//! Choosing between values: defaults, emptiness, ternary.

use crate::call::{CallContext, FunctionEntry, Param};
use crate::value::Value;

use super::arguments::{Answer, any, boolean};

use Param::{Any, Bool};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::variadic("default", &[Any], Any, default),
    FunctionEntry::new("empty", &[Any], |_, arguments| {
        Ok(Value::Bool(is_empty(any(arguments, 0))))
    }),
    FunctionEntry::variadic("coalesce", &[], Any, coalesce),
    FunctionEntry::variadic("all", &[], Any, |_, arguments| {
        Ok(Value::Bool(!arguments.iter().any(is_empty)))
    }),
    FunctionEntry::variadic("any", &[], Any, |_, arguments| {
        Ok(Value::Bool(!arguments.iter().all(is_empty)))
    }),
    FunctionEntry::new("ternary", &[Any, Any, Bool], ternary),
];

/// Reports whether a value is nil or zero; structs never are.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.truth()
}

fn default(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let given = any(arguments, 1);
    Ok(if is_empty(given) { any(arguments, 0) } else { given }.clone())
}

fn coalesce(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(arguments.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
}

fn ternary(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(any(arguments, usize::from(!boolean(arguments, 2))).clone())
}
