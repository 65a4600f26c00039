//! Fields and methods: `.a.b`, `$x.a`, `(…).a`, and calls of methods with arguments.

use std::sync::Arc;

use crate::code::{Chain, Template};
use crate::compile::wrong_count;
use crate::options::MissingKey;
use crate::parse::ast::Place;
use crate::value::{Int, IntKind, Map, Object, Value};

use super::{Engine, Slot};

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
                None if object.field(&text).is_some() => {
                    return Err(format!("{text} has arguments but cannot be invoked as function"));
                }
                None if matches!(object.underlying(), Some(Value::Map(_))) => {
                    return Err(format!("{text} is not a method but has arguments"));
                }
                None => return Err(no_field(&receiver, name)),
            },
            Value::Map(_) => return Err(format!("{text} is not a method but has arguments")),
            Value::Nil => {
                // Go answers nothing here without looking at the arguments.
                self.field_of_nil(&receiver, name)?;
            }
            _ => return Err(no_field(&receiver, name)),
        }
        self.stack.push(receiver.value);
        Ok(())
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
        let Value::Object(object) = receiver else {
            self.stack.push(Value::Nil);
            return Ok(());
        };
        if let Some(signature) = object.method(&name) {
            for (position, argument) in arguments.iter_mut().enumerate() {
                let parameter = match signature.params.get(position) {
                    Some(parameter) => parameter,
                    None => signature.variadic.as_ref().unwrap_or(&crate::call::Param::Any),
                };
                // A literal takes the type of the parameter; which values are literals is not
                // known any more, so numbers written as `int` are taken for such.
                if let (crate::call::Param::Int64, Value::Int(int)) = (parameter, &*argument)
                    && int.kind() == IntKind::Int
                {
                    *argument = Value::Int(Int::new(IntKind::Int64, int.to_i64()));
                }
                super::call::check(parameter, argument, false)?;
            }
        }
        match object.call(&name, &mut self.context, &arguments) {
            Ok(value) => {
                self.stack.push(value);
                Ok(())
            }
            Err(error) => Err(format!("error calling {name}: {error}")),
        }
    }
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
        _ => Value::Nil,
    }
}
