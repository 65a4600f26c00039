//! `range`: over lists, maps, integers and what is like them.

use std::rc::Rc;

use crate::code::Loop;
use crate::value::{Entry, Int, IntKind, Str, Value};

use super::{Engine, Slot};

/// The state of one loop.
#[derive(Debug)]
pub(super) struct Iteration {
    elements: Elements,
    at: usize,
    interface: bool,
}

#[derive(Debug)]
enum Elements {
    Items(Rc<Vec<Value>>),
    Entries(Rc<Vec<Entry>>),
    Bytes(Str),
    Count(IntKind, usize),
}

impl Elements {
    fn len(&self) -> usize {
        match self {
            Elements::Items(items) => items.len(),
            Elements::Entries(entries) => entries.len(),
            Elements::Bytes(bytes) => bytes.len(),
            Elements::Count(_, count) => *count,
        }
    }
}

impl Engine<'_> {
    /// Pops the value to go over; goes to the `else` branch if there is nothing in it.
    pub(super) fn range_start(
        &mut self,
        this: &Loop,
        variables: usize,
        pc: &mut usize,
    ) -> Result<(), String> {
        let _ = variables;
        let mut value = self.pop();
        if let Value::Object(object) = &value
            && let Some(plain) = object.underlying()
        {
            value = plain;
        }
        let mut interface = false;
        let elements = match &value {
            Value::Nil => None,
            Value::List(list) => {
                interface = list.list_type().has_any_elements();
                Some(Elements::Items(list.items()))
            }
            Value::Map(map) => {
                interface = map.map_type().has_any_elements();
                Some(Elements::Entries(map.entries()))
            }
            Value::Bytes(bytes) => Some(Elements::Bytes(bytes.clone())),
            Value::Int(int) => {
                if this.variables > 1 {
                    return Err(format!("can't use {int} to iterate over more than one variable"));
                }
                let count = usize::try_from(int.value()).unwrap_or(0);
                Some(Elements::Count(int.kind(), count))
            }
            Value::Bool(_) | Value::Float(_) | Value::Str(_) | Value::Object(_) => {
                let shown = crate::fmt::to_text(&value).map_err(|error| error.to_string())?;
                let shown = String::from_utf8_lossy(&shown);
                return Err(format!("range can't iterate over {shown}"));
            }
        };
        let Some(elements) = elements.filter(|elements| elements.len() > 0) else {
            *pc = this.else_at as usize;
            return Ok(());
        };
        self.dots.push(self.dot.clone());
        self.loops.push(Iteration { elements, at: 0, interface });
        Ok(())
    }

    pub(super) fn range_next(&mut self, this: &Loop, variables: usize, pc: &mut usize) {
        let Some(iteration) = self.loops.last_mut() else {
            *pc = this.end_at as usize;
            return;
        };
        let at = iteration.at;
        iteration.at += 1;
        let interface = iteration.interface;
        let position = i64::try_from(at).unwrap_or(i64::MAX);
        let next = match &iteration.elements {
            Elements::Items(items) => {
                items.get(at).map(|item| (Value::int(position), item.clone()))
            }
            Elements::Entries(entries) => {
                entries.get(at).map(|(key, value)| (Value::Str(key.clone()), value.clone()))
            }
            Elements::Bytes(bytes) => bytes.get(at).map(|byte| {
                let byte = Int::new(IntKind::Uint8, i64::from(*byte));
                (Value::int(position), Value::Int(byte))
            }),
            Elements::Count(kind, count) => {
                (at < *count).then(|| (Value::Nil, Value::Int(Int::new(*kind, position))))
            }
        };
        let Some((key, value)) = next else {
            self.range_leave();
            *pc = this.end_at as usize;
            return;
        };
        let element = Slot { value, interface };
        // One variable takes the element, two take the key and the element.
        let (for_key, for_element) =
            if this.variables > 1 { (this.first, this.second) } else { (None, this.first) };
        if let Some(slot) = for_key {
            self.set_variable(variables, slot, Slot::plain(key));
        }
        if let Some(slot) = for_element {
            self.set_variable(variables, slot, element.clone());
        }
        self.dot = element;
    }

    fn set_variable(&mut self, variables: usize, slot: u32, value: Slot) {
        if let Some(variable) = self.variables.get_mut(variables + slot as usize) {
            *variable = value;
        }
    }

    /// Forgets the loop and goes back to the dot before it.
    pub(super) fn range_leave(&mut self) {
        self.loops.pop();
        self.dot = self.dots.pop().unwrap_or_default();
    }
}
