//! Immutable pictures of values, which make deep copies lazy.
//!
//! Charts copy their whole values again and again (`deepCopy`, `merge (deepCopy …) …`), and then
//! look at a few keys. A deep copy here freezes the original into a tree that nobody can change
//! and makes a new reference on top of it; a level of the copy becomes real when it is first
//! looked at for more than a scalar. The original forgets its own structure where nobody else
//! holds a part of it, so that the next copy of it is free.
//! A picture can be shared between threads: a chart's default values are read once.

use std::rc::Rc;
use std::sync::Arc;

use super::{Int, List, ListType, MAX_DEPTH, Map, MapType, Object, Str, TooDeep, Value};

/// A value that cannot change any more.
#[derive(Debug, Clone)]
pub enum Frozen {
    /// Anything that has no parts that could change.
    Scalar(Scalar),
    /// A map.
    Map(Arc<FrozenMap>),
    /// A list.
    List(Arc<FrozenList>),
}

/// A value without parts.
#[derive(Debug, Clone)]
pub enum Scalar {
    /// `nil`.
    Nil,
    /// `bool`.
    Bool(bool),
    /// An integer.
    Int(Int),
    /// `float64`.
    Float(f64),
    /// `string`.
    Str(Str),
    /// `[]byte`.
    Bytes(Str),
    /// A struct or pointer: templates cannot change these.
    Object(Arc<dyn Object>),
}

/// The picture of a map.
#[derive(Debug)]
pub struct FrozenMap {
    pub(super) map_type: MapType,
    pub(super) entries: Vec<(Str, Frozen)>,
}

/// The picture of a list.
#[derive(Debug)]
pub struct FrozenList {
    pub(super) list_type: ListType,
    pub(super) items: Vec<Frozen>,
}

impl Scalar {
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Scalar::Nil => Value::Nil,
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Int(value) => Value::Int(*value),
            Scalar::Float(value) => Value::Float(*value),
            Scalar::Str(value) => Value::Str(value.clone()),
            Scalar::Bytes(value) => Value::Bytes(value.clone()),
            Scalar::Object(value) => Value::Object(Arc::clone(value)),
        }
    }
}

impl Frozen {
    fn is_same(&self, other: &Frozen) -> bool {
        match (self, other) {
            (Frozen::Map(a), Frozen::Map(b)) => Arc::ptr_eq(a, b),
            (Frozen::List(a), Frozen::List(b)) => Arc::ptr_eq(a, b),
            // Asked only where the own entries have not been changed.
            (Frozen::Scalar(_), Frozen::Scalar(_)) => true,
            _ => false,
        }
    }
}

pub(super) fn thaw(frozen: &Frozen) -> Value {
    match frozen {
        Frozen::Scalar(scalar) => scalar.to_value(),
        Frozen::Map(map) => Value::Map(Map::from_frozen(Arc::clone(map))),
        Frozen::List(list) => Value::List(List::from_frozen(Arc::clone(list))),
    }
}

pub(super) fn freeze(value: &Value, depth: usize) -> Result<Frozen, TooDeep> {
    Ok(match value {
        Value::Nil => Frozen::Scalar(Scalar::Nil),
        Value::Bool(value) => Frozen::Scalar(Scalar::Bool(*value)),
        Value::Int(value) => Frozen::Scalar(Scalar::Int(*value)),
        Value::Float(value) => Frozen::Scalar(Scalar::Float(*value)),
        Value::Str(value) => Frozen::Scalar(Scalar::Str(value.clone())),
        Value::Bytes(value) => Frozen::Scalar(Scalar::Bytes(value.clone())),
        Value::Object(value) => Frozen::Scalar(Scalar::Object(Arc::clone(value))),
        Value::Map(map) => Frozen::Map(freeze_map(map, depth)?),
        Value::List(list) => Frozen::List(freeze_list(list, depth)?),
    })
}

pub(super) fn freeze_map(map: &Map, depth: usize) -> Result<Arc<FrozenMap>, TooDeep> {
    if depth >= MAX_DEPTH {
        return Err(TooDeep);
    }
    let (entries, known) = {
        let body = map.body().borrow();
        match (&body.entries, &body.frozen) {
            (None, Some(frozen)) => return Ok(Arc::clone(frozen)),
            (entries, frozen) => (entries.clone().unwrap_or_default(), frozen.clone()),
        }
    };
    let mut frozen_entries = Vec::new();
    // While everything is as in the known picture, nothing needs to be built.
    let mut same = known.as_ref().filter(|known| known.entries.len() == entries.len());
    for (index, (key, value)) in entries.iter().enumerate() {
        let part = freeze(value, depth + 1)?;
        if let Some(known) = same {
            if known.entries.get(index).is_some_and(|entry| entry.1.is_same(&part)) {
                continue;
            }
            same = None;
            frozen_entries.reserve(entries.len());
            frozen_entries.extend(known.entries.iter().take(index).cloned());
        }
        frozen_entries.push((key.clone(), part));
    }
    let frozen = match same {
        Some(known) => Arc::clone(known),
        None => Arc::new(FrozenMap { map_type: map.map_type(), entries: frozen_entries }),
    };
    let forgettable = entries.iter().all(|entry| is_forgettable(&entry.1));
    drop(entries);
    let old = {
        let mut body = map.body().borrow_mut();
        body.frozen = Some(Arc::clone(&frozen));
        if forgettable { body.entries.take() } else { None }
    };
    drop(old);
    Ok(frozen)
}

fn freeze_list(list: &List, depth: usize) -> Result<Arc<FrozenList>, TooDeep> {
    if depth >= MAX_DEPTH {
        return Err(TooDeep);
    }
    let (items, known) = {
        let body = list.0.body.borrow();
        match (&body.items, &body.frozen) {
            (None, Some(frozen)) => return Ok(Arc::clone(frozen)),
            (items, frozen) => (items.clone().unwrap_or_default(), frozen.clone()),
        }
    };
    let mut parts = Vec::with_capacity(items.len());
    for value in items.iter() {
        parts.push(freeze(value, depth + 1)?);
    }
    let same = known.filter(|known| {
        known.items.len() == parts.len()
            && known.items.iter().zip(&parts).all(|(old, new)| old.is_same(new))
    });
    let frozen = match same {
        Some(known) => known,
        None => Arc::new(FrozenList { list_type: list.list_type(), items: parts }),
    };
    let forgettable = items.iter().all(is_forgettable);
    drop(items);
    let old = {
        let mut body = list.0.body.borrow_mut();
        body.frozen = Some(Arc::clone(&frozen));
        if forgettable { body.items.take() } else { None }
    };
    drop(old);
    Ok(frozen)
}

/// Reports whether nobody but the owner holds this just frozen part, nor a part of it.
fn is_forgettable(value: &Value) -> bool {
    match value {
        Value::Map(map) => Rc::strong_count(&map.0) == 1 && map.body().borrow().entries.is_none(),
        Value::List(list) => Rc::strong_count(&list.0) == 1 && list.0.body.borrow().items.is_none(),
        _ => true,
    }
}

impl Drop for FrozenMap {
    fn drop(&mut self) {
        drop_parts(std::mem::take(&mut self.entries).into_iter().map(|entry| entry.1));
    }
}

impl Drop for FrozenList {
    fn drop(&mut self) {
        drop_parts(std::mem::take(&mut self.items).into_iter());
    }
}

/// Drops pictures without recursion, for the same reason as values.
fn drop_parts(parts: impl Iterator<Item = Frozen>) {
    let mut waiting: Vec<Frozen> = Vec::new();
    waiting.extend(parts.filter(|part| !matches!(part, Frozen::Scalar(_))));
    while let Some(part) = waiting.pop() {
        match part {
            Frozen::Map(map) => {
                if let Some(mut map) = Arc::into_inner(map) {
                    let entries = std::mem::take(&mut map.entries);
                    waiting.extend(entries.into_iter().map(|entry| entry.1));
                }
            }
            Frozen::List(list) => {
                if let Some(mut list) = Arc::into_inner(list) {
                    waiting.extend(std::mem::take(&mut list.items));
                }
            }
            Frozen::Scalar(_) => {}
        }
    }
}
