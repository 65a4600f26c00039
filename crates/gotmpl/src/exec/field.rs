//! Fields and methods: `.a.b`, `$x.a`, `(…).a`, and calls of methods with arguments.

use std::sync::Arc;

use crate::call::Param;
use crate::code::{Chain, Template};
use crate::compile::wrong_count;
use crate::options::MissingKey;
use crate::parse::ast::Place;
use crate::value::{Int, IntKind, Map, Object, Str, Value};

use super::{Engine, Slot, chart_values};

impl Engine<'_> {
    pub(super) fn follow(
        &mut self,
        template: &Template,
        base: Slot,
        names: &[Place],
    ) -> Result<Slot, String> {
        let mut receiver = base;
        for name in names {
            receiver = self.field(&receiver, template.tree.slice(name))?;
        }
        Ok(receiver)
    }

    fn field(&mut self, receiver: &Slot, name: &[u8]) -> Result<Slot, String> {
        match &receiver.value {
            Value::Map(map) if let Some(signature) = chart_values::method(map, name) => {
                let text = String::from_utf8_lossy(name);
                match wrong_count(&text, signature, 0, false) {
                    Some(message) => Err(message),
                    None => Ok(Slot::plain(self.values_method(map, &text, &[])?)),
                }
            }
            Value::Map(map) => self.key(map, name),
            Value::Nil => self.field_of_nil(receiver, name),
            Value::Object(object) => {
                let object = Arc::clone(object);
                self.field_of_object(&object, receiver.interface, name)
            }
            _ => Err(no_field(receiver, name)),
        }
    }

    fn field_of_nil(&self, receiver: &Slot, name: &[u8]) -> Result<Slot, String> {
        if receiver.interface {
            let name = String::from_utf8_lossy(name);
            return Err(format!("nil pointer evaluating interface {{}}.{name}"));
        }
        if self.context.options().missing_key == MissingKey::Error {
            let name = crate::fmt::quote::quote(name);
            return Err(format!("nil data; no entry for key {name}"));
        }
        Ok(Slot::default())
    }

    fn key(&self, map: &Map, name: &[u8]) -> Result<Slot, String> {
        let map_type = map.map_type();
        let interface = map_type.has_any_elements();
        if let Some(value) = map.get(name) {
            return Ok(Slot { value, interface });
        }
        match self.context.options().missing_key {
            MissingKey::Invalid => Ok(Slot::default()),
            MissingKey::Zero => Ok(Slot { value: zero(map_type.element()), interface }),
            MissingKey::Error => {
                let name = crate::fmt::quote::quote(name);
                Err(format!("map has no entry for key {name}"))
            }
        }
    }

    fn field_of_object(
        &mut self,
        object: &Arc<dyn Object>,
        interface: bool,
        name: &[u8],
    ) -> Result<Slot, String> {
        let receiver = || Slot { value: Value::Object(Arc::clone(object)), interface };
        let Ok(text) = std::str::from_utf8(name) else {
            return Err(no_field(&receiver(), name));
        };
        if let Some(signature) = object.method(text) {
            if let Some(message) = wrong_count(text, signature, 0, false) {
                return Err(message);
            }
            let result = Arc::clone(object).call(text, &mut self.context, &[]);
            return match result {
                Ok(value) => Ok(Slot::plain(value)),
                Err(error) => Err(format!("error calling {text}: {error}")),
            };
        }
        if let Some(value) = object.field(text) {
            return Ok(Slot::plain(value));
        }
        match object.underlying() {
            Some(Value::Map(map)) => self.key(&map, name),
            _ => Err(no_field(&receiver(), name)),
        }
    }

    /// Finds the receiver of a call with arguments and checks that there is something to call.
    pub(super) fn receiver(
        &mut self,
        template: &Template,
        chain: &Chain,
        variables: usize,
    ) -> Result<(), String> {
        let base = self.base(chain.base, variables);
        let Some((last, names)) = chain.names.split_last() else {
            return Ok(());
        };
        let receiver = self.follow(template, base, names)?;
        let name = template.tree.slice(last);
        let text = String::from_utf8_lossy(name);
        match &receiver.value {
            Value::Object(object) => match object.method(&text) {
                Some(signature) => {
                    let arguments = chain.arguments as usize;
                    if let Some(message) = wrong_count(&text, signature, arguments, chain.piped) {
                        return Err(message);
                    }
                }
                None if matches!(object.underlying(), Some(Value::Map(_))) => {
                    return Err(format!("{text} is not a method but has arguments"));
                }
                None if object.field(&text).is_some() => {
                    return Err(format!("{text} has arguments but cannot be invoked as function"));
                }
                None => return Err(no_field(&receiver, name)),
            },
            Value::Map(map) => match chart_values::method(map, name) {
                Some(signature) => {
                    let arguments = chain.arguments as usize;
                    if let Some(message) = wrong_count(&text, signature, arguments, chain.piped) {
                        return Err(message);
                    }
                }
                None => return Err(format!("{text} is not a method but has arguments")),
            },
            Value::Nil => {
                // Go answers nothing here without looking at the arguments.
                self.field_of_nil(&receiver, name)?;
            }
            _ => return Err(no_field(&receiver, name)),
        }
        self.stack.push(receiver.value);
        Ok(())
    }

    /// Checks the argument on top of the stack; a literal takes the type of the parameter.
    pub(super) fn check_method(
        &mut self,
        template: &Template,
        chain: &Chain,
        position: usize,
        interface: bool,
        literal: Option<&dyn Fn() -> String>,
    ) -> Result<(), String> {
        let receiver = self.stack.len().checked_sub(position + 2);
        let receiver = receiver.and_then(|at| self.stack.get(at));
        let Some(parameter) = receiver
            .and_then(|receiver| method_parameter(receiver, &last_name(template, chain), position))
        else {
            return Ok(());
        };
        let Some(argument) = self.stack.last_mut() else {
            return Ok(());
        };
        let Some(literal) = literal else {
            return super::call::check(parameter, argument, interface);
        };
        match (parameter, &*argument) {
            (Param::Int64, Value::Int(int)) => {
                *argument = Value::Int(Int::new(IntKind::Int64, int.to_i64()));
            }
            (Param::Float64, Value::Int(int)) => *argument = Value::Float(int.to_f64()),
            _ => {}
        }
        super::call::check(parameter, argument, false).map_err(|message| {
            let expected = match parameter {
                Param::Bool => "bool",
                Param::String => "string",
                Param::Int | Param::Int64 => "integer",
                Param::Float64 => "float",
                _ => return message,
            };
            format!("expected {expected}; found {}", literal())
        })
    }

    /// Checks the piped value, which lies below the receiver.
    pub(super) fn check_method_piped(
        &mut self,
        template: &Template,
        chain: &Chain,
    ) -> Result<(), String> {
        let count = chain.arguments as usize;
        let receiver = self.stack.len().checked_sub(count + 1);
        let piped = receiver.and_then(|at| at.checked_sub(1)).and_then(|at| self.stack.get(at));
        let receiver = receiver.and_then(|at| self.stack.get(at));
        let (Some(receiver), Some(piped)) = (receiver, piped) else {
            return Ok(());
        };
        match method_parameter(receiver, &last_name(template, chain), count) {
            Some(parameter) => super::call::check(parameter, piped, false),
            None => Ok(()),
        }
    }

    /// Calls the method that [`Engine::receiver`] found.
    pub(super) fn method(&mut self, template: &Template, chain: &Chain) -> Result<(), String> {
        let count = chain.arguments as usize;
        let at = self.stack.len().saturating_sub(count);
        let mut arguments = self.stack.split_off(at);
        let receiver = self.pop();
        if chain.piped {
            arguments.push(self.pop());
        }
        let Some(last) = chain.names.last() else {
            return Ok(());
        };
        let name = String::from_utf8_lossy(template.tree.slice(last));
        let object = match receiver {
            Value::Object(object) => object,
            Value::Map(map) => {
                let result = self.values_method(&map, &name, &arguments);
                self.stack.push(result?);
                return Ok(());
            }
            _ => {
                self.stack.push(Value::Nil);
                return Ok(());
            }
        };
        match object.call(&name, &mut self.context, &arguments) {
            Ok(value) => {
                self.stack.push(value);
                Ok(())
            }
            Err(error) => Err(format!("error calling {name}: {error}")),
        }
    }
}

fn last_name(template: &Template, chain: &Chain) -> String {
    let name = chain.names.last().map_or(&[][..], |name| template.tree.slice(name));
    String::from_utf8_lossy(name).into_owned()
}

fn method_parameter(receiver: &Value, name: &str, position: usize) -> Option<&'static Param> {
    let signature = match receiver {
        Value::Object(object) => object.method(name),
        Value::Map(map) => chart_values::method(map, name.as_bytes()),
        _ => None,
    }?;
    signature.params.get(position).or(signature.variadic.as_ref())
}

fn no_field(receiver: &Slot, name: &[u8]) -> String {
    let type_name = receiver.value.type_name();
    let type_name = if receiver.interface { "interface {}" } else { &*type_name };
    format!("can't evaluate field {} in type {type_name}", String::from_utf8_lossy(name))
}

/// Returns Go's zero value of an element type.
fn zero(type_name: &str) -> Value {
    match type_name {
        "string" => Value::string(""),
        "bool" => Value::Bool(false),
        "int" => Value::int(0),
        "int64" => Value::int64(0),
        "float64" => Value::Float(0.0),
        "[]uint8" => Value::Bytes(Str::default()),
        _ => Value::Nil,
    }
}
