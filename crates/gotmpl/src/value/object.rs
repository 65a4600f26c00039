//! Values with fields and methods of their own: Go's structs, pointers and named types.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::{Kind, Value};
use crate::call::{CallContext, FunctionError, Signature};

/// What a template can do with a struct, a pointer or a named type.
///
/// Objects never change, and can be shared between threads.
pub trait Object: Any + Debug + Send + Sync {
    /// Returns Go's name of the type, such as `*common.Capabilities`.
    fn type_name(&self) -> &'static str;

    /// Returns Go's kind of the type: `Struct` or `Pointer`, or that of [`Object::underlying`].
    fn kind(&self) -> Kind;

    /// Returns the value of a struct's field.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    /// Returns the parameters of a method, if there is one of this name.
    fn method(&self, _name: &str) -> Option<&'static Signature> {
        None
    }

    /// Calls a method that [`Object::method`] knows, with arguments that fit its parameters.
    fn call(
        self: Arc<Self>,
        name: &str,
        _context: &mut CallContext,
        _arguments: &[Value],
    ) -> Result<Value, FunctionError> {
        Err(FunctionError::new(format!("no method {name}")))
    }

    /// Returns what the `String` or `Error` method gives, which is how Go's fmt prints the value.
    fn text(&self) -> Option<String> {
        None
    }

    /// Returns what the `String` method of the pointer to it gives: an action that prints the
    /// value itself finds it, `printf` and all other functions do not.
    fn pointer_text(&self) -> Option<String> {
        None
    }

    /// Returns the plain value behind a named map, slice, string or number type: what `range`,
    /// `index`, `len`, truth and printing work on.
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// Returns the exported fields of a struct in Go's order.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Returns all fields of a struct in Go's order, for printing it with `%v`.
    fn all_fields(&self) -> Vec<(&'static str, Value)> {
        self.fields()
    }

    /// Returns the exported fields of a struct in Go's order under the names that they have in JSON.
    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        self.fields()
    }

    /// Returns what Go's JSON encoder would write for it, as a plain value; `None` means
    /// [`Object::json_fields`].
    fn json(&self) -> Option<Value> {
        self.underlying()
    }

    /// Reports whether both are equal for `reflect.DeepEqual`.
    fn is_equal(&self, other: &dyn Object) -> bool {
        self.type_name() == other.type_name()
            && self.text() == other.text()
            && self.text().is_some()
    }
}
