//! Calls of functions: checking the types of arguments as Go does.

use crate::call::{FunctionEntry, Param};
use crate::code::Source;
use crate::value::{IntKind, Kind, ListType, Value};

use super::{Engine, Slot};

impl Engine<'_> {
    pub(super) fn call(
        &mut self,
        function: &'static FunctionEntry,
        arguments: usize,
        piped: bool,
    ) -> Result<(), String> {
        let count = arguments + usize::from(piped);
        let at = self.stack.len().saturating_sub(count);
        let Some(values) = self.stack.get_mut(at..) else {
            return Ok(());
        };
        if piped && count > 1 {
            // What was piped in lies lowest, but is the last argument.
            values.rotate_left(1);
        }
        let result = (function.function)(&mut self.context, values);
        self.stack.truncate(at);
        match result {
            Ok(value) => {
                self.stack.push(value);
                Ok(())
            }
            Err(error) => Err(format!("error calling {}: {error}", function.name)),
        }
    }

    pub(super) fn check_top(
        &mut self,
        parameter: &Param,
        source: Source,
        variables: usize,
    ) -> Result<(), String> {
        let interface = self.is_interface(source, variables);
        match self.stack.last() {
            Some(value) => check(parameter, value, interface),
            None => Ok(()),
        }
    }

    /// Reports whether Go would see the value through an `interface {}`.
    pub(super) fn is_interface(&self, source: Source, variables: usize) -> bool {
        match source {
            Source::Plain | Source::Literal => false,
            Source::Field => true,
            Source::Dot => self.dot.interface,
            Source::Variable(slot) => {
                let slot: Option<&Slot> = self.variables.get(variables + slot as usize);
                slot.is_some_and(|slot| slot.interface)
            }
        }
    }

    pub(super) fn check_piped(&mut self, parameter: &Param, below: u32) -> Result<(), String> {
        let at = self.stack.len().checked_sub(1 + below as usize);
        match at.and_then(|at| self.stack.get(at)) {
            Some(value) => check(parameter, value, false),
            None => Ok(()),
        }
    }
}

/// Reports with Go's message when a value cannot be given to a parameter.
///
/// `interface`: the value was seen through an `interface {}`, which matters for nil only.
pub(super) fn check(parameter: &Param, value: &Value, interface: bool) -> Result<(), String> {
    let fits = match (parameter, value) {
        (Param::Any, _) => true,
        (_, Value::Nil) => match parameter {
            Param::Dict | Param::List | Param::Strings | Param::Bytes if !interface => true,
            _ if interface => false,
            Param::Named(name) if name.starts_with(['*', '[']) || name.starts_with("map[") => true,
            _ => return Err(format!("invalid value; expected {}", parameter.name())),
        },
        (Param::String, Value::Str(_))
        | (Param::Bool, Value::Bool(_))
        | (Param::Float64, Value::Float(_))
        | (Param::Bytes, Value::Bytes(_)) => true,
        (Param::Int, Value::Int(int)) => int.kind() == IntKind::Int,
        (Param::Int64, Value::Int(int)) => int.kind() == IntKind::Int64,
        (Param::Dict, Value::Map(map)) => map.map_type().has_any_elements(),
        (Param::List, Value::List(list)) => list.list_type() == ListType::Any,
        (Param::Strings, Value::List(list)) => list.list_type() == ListType::String,
        (Param::Named(name), value) => {
            let own = value.type_name();
            // A pointer serves where the struct behind it is wanted.
            own == *name || (value.kind() == Kind::Pointer && own.strip_prefix('*') == Some(name))
        }
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let expected = parameter.name();
    let got = value.type_name();
    let got = if value.is_nil() { "interface {}" } else { &*got };
    Err(format!("wrong type for value; expected {expected}; got {got}"))
}
