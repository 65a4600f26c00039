//! Lists: Go's slices. References as maps are; their elements are replaced only by sorting.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::Value;
use super::frozen::{self, FrozenList};

/// Which Go type a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// `[]interface {}`.
    Any,
    /// `[]string`.
    String,
    /// `[]int`.
    Int,
    /// `[]int64`.
    Int64,
    /// `[]float64`.
    Float64,
    /// `[][]interface {}`.
    Lists,
    /// `[]map[string]interface {}`.
    Maps,
    /// Another type: its name and the name of its element type.
    Other(&'static str, &'static str),
}

impl ListType {
    /// The type of a `[]interface {}` that is nil.
    pub const NIL: ListType = ListType::Other("[]interface {}", "interface {}");
    /// The type of a `[]string` that is nil.
    pub const NIL_STRINGS: ListType = ListType::Other("[]string", "string");

    /// Returns Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            ListType::Any => "[]interface {}",
            ListType::String => "[]string",
            ListType::Int => "[]int",
            ListType::Int64 => "[]int64",
            ListType::Float64 => "[]float64",
            ListType::Lists => "[][]interface {}",
            ListType::Maps => "[]map[string]interface {}",
            ListType::Other(name, _) => name,
        }
    }

    /// Returns Go's name of the type of the elements.
    pub fn element(self) -> &'static str {
        match self {
            ListType::Other(_, element) => element,
            other => &other.name()[2..],
        }
    }

    /// Reports whether elements are `interface {}`, so that Go sees their own type only behind it.
    pub fn has_any_elements(self) -> bool {
        self.element() == "interface {}"
    }
}

/// A reference to a list: clones are the same list.
#[derive(Debug, Clone)]
pub struct List(pub(super) Rc<ListCell>);

#[derive(Debug)]
pub(super) struct ListCell {
    pub(super) list_type: ListType,
    pub(super) body: RefCell<Body>,
}

/// As for maps: at least one of the two is there.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) frozen: Option<Arc<FrozenList>>,
    pub(super) items: Option<Rc<Vec<Value>>>,
}

impl List {
    /// Returns a list of these items.
    pub fn new(list_type: ListType, items: Vec<Value>) -> List {
        let body = Body { frozen: None, items: Some(Rc::new(items)) };
        List(Rc::new(ListCell { list_type, body: RefCell::new(body) }))
    }

    pub(super) fn from_frozen(frozen: Arc<FrozenList>) -> List {
        let list_type = frozen.list_type;
        let body = Body { frozen: Some(frozen), items: None };
        List(Rc::new(ListCell { list_type, body: RefCell::new(body) }))
    }

    /// Returns the Go type.
    pub fn list_type(&self) -> ListType {
        self.0.list_type
    }

    /// Reports whether it is Go's nil slice rather than an empty one.
    pub fn is_nil(&self) -> bool {
        matches!(self.list_type(), ListType::NIL | ListType::NIL_STRINGS)
    }

    /// Returns the number of items.
    pub fn len(&self) -> usize {
        let body = self.0.body.borrow();
        match (&body.items, &body.frozen) {
            (Some(items), _) => items.len(),
            (None, Some(frozen)) => frozen.items.len(),
            (None, None) => 0,
        }
    }

    /// Reports whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the item at an index.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items().get(index).cloned()
    }

    /// Returns the items: a snapshot that later changes do not touch.
    pub fn items(&self) -> Rc<Vec<Value>> {
        let mut body = self.0.body.borrow_mut();
        if let Some(items) = &body.items {
            return Rc::clone(items);
        }
        let expanded = match &body.frozen {
            Some(frozen) => frozen.items.iter().map(frozen::thaw).collect(),
            None => Vec::new(),
        };
        let items = Rc::new(expanded);
        body.items = Some(Rc::clone(&items));
        items
    }

    /// Puts other items in place of the present ones, for everyone who holds the list.
    ///
    /// Sprig's `sortAlpha` does this to a `[]string`.
    pub fn replace(&self, items: Vec<Value>) {
        let old = {
            let mut body = self.0.body.borrow_mut();
            body.frozen = None;
            body.items.replace(Rc::new(items))
        };
        drop(old);
    }

    /// Reports whether both are the same list, not only equal ones.
    pub fn is_same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Returns a number that is the same for the same list and another for every other one.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> List {
        List::new(ListType::Any, items.into_iter().collect())
    }
}

impl Drop for ListCell {
    fn drop(&mut self) {
        let body = self.body.get_mut();
        if let Some(items) = body.items.take() {
            drop_values(Rc::into_inner(items).into_iter().flatten());
        }
    }
}

/// Drops values without recursion: a template can nest them deeper than the stack would last.
pub(super) fn drop_values(values: impl Iterator<Item = Value>) {
    let mut waiting: Vec<Value> = Vec::new();
    waiting.extend(values.filter(|value| matches!(value, Value::Map(_) | Value::List(_))));
    while let Some(value) = waiting.pop() {
        match value {
            Value::Map(map) => {
                if let Some(mut cell) = Rc::into_inner(map.0)
                    && let Some(entries) = cell.body.get_mut().entries.take()
                    && let Some(entries) = Rc::into_inner(entries)
                {
                    waiting.extend(entries.into_iter().map(|entry| entry.1).filter(is_container));
                }
            }
            Value::List(list) => {
                if let Some(mut cell) = Rc::into_inner(list.0)
                    && let Some(items) = cell.body.get_mut().items.take()
                    && let Some(items) = Rc::into_inner(items)
                {
                    waiting.extend(items.into_iter().filter(is_container));
                }
            }
            _ => {}
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::List(_))
}
