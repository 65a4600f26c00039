//! What a value is: kinds, type names, deep equality.

use crate::call::{FunctionEntry, Param};
use crate::value::Value;
use crate::value::equal::deep_equal;

use super::arguments::{any, string, text};

use Param::{Any, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("typeOf", &[Any], |_, arguments| string(any(arguments, 0).type_name())),
    FunctionEntry::new("typeIs", &[Text, Any], |_, arguments| {
        let name = any(arguments, 1).type_name();
        Ok(Value::Bool(text(arguments, 0) == name.as_bytes()))
    }),
    FunctionEntry::new("typeIsLike", &[Text, Any], |_, arguments| {
        let name = any(arguments, 1).type_name();
        let wanted = text(arguments, 0);
        // A pointer is like what it points to.
        let behind = name.as_bytes().strip_prefix(b"*");
        Ok(Value::Bool(wanted == name.as_bytes() || behind == Some(wanted)))
    }),
    FunctionEntry::new("kindOf", &[Any], |_, arguments| string(any(arguments, 0).kind().name())),
    FunctionEntry::new("kindIs", &[Text, Any], |_, arguments| {
        Ok(Value::Bool(text(arguments, 0) == any(arguments, 1).kind().name().as_bytes()))
    }),
    FunctionEntry::new("deepEqual", &[Any, Any], |_, arguments| {
        Ok(Value::Bool(deep_equal(any(arguments, 0), any(arguments, 1))?))
    }),
];
