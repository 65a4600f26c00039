//! Maps with string keys: shared references, kept in key order.
//!
//! Reading never holds a borrow: what is handed out is a clone or a snapshot, so that a function
//! may change a map while somebody walks over it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::frozen::{self, Frozen, FrozenMap};
use super::{Str, TooDeep, Value};

/// One key with its value.
pub type Entry = (Str, Value);

/// Which Go type a map has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`.
    Any,
    /// `map[string]string`.
    String,
    /// Helm's type for a chart's values, `common.Values`: a `map[string]interface {}` by another name.
    Values,
    /// Another map type: its name and the name of its element type.
    Other(&'static str, &'static str),
}

impl MapType {
    /// The type of a `map[string]interface {}` that is nil, as long as nothing is in it.
    pub const NIL: MapType = MapType::Other("map[string]interface {}", "interface {}");

    /// Returns Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            MapType::Any => "map[string]interface {}",
            MapType::String => "map[string]string",
            MapType::Values => "common.Values",
            MapType::Other(name, _) => name,
        }
    }

    /// Returns Go's name of the type of the elements.
    pub fn element(self) -> &'static str {
        match self {
            MapType::Any | MapType::Values => "interface {}",
            MapType::String => "string",
            MapType::Other(_, element) => element,
        }
    }

    /// Reports whether elements are `interface {}`, so that Go sees their own type only behind it.
    pub fn has_any_elements(self) -> bool {
        self.element() == MapType::Any.element()
    }
}

/// A reference to a map: clones are the same map.
#[derive(Debug, Clone)]
pub struct Map(pub(super) Rc<MapCell>);

#[derive(Debug)]
pub(super) struct MapCell {
    map_type: MapType,
    pub(super) body: RefCell<Body>,
    /// The map whose entries these are, where only the type is another.
    base: Option<Map>,
}

/// At least one of the two is there, except where the entries are those of another map.
#[derive(Debug)]
pub(super) struct Body {
    /// The picture this map was made from or last frozen to, while no key of it has been set or
    /// removed since (maps below may have been).
    pub(super) frozen: Option<Arc<FrozenMap>>,
    /// The entries in key order; absent until somebody needs more than a scalar from `frozen`.
    pub(super) entries: Option<Rc<Vec<Entry>>>,
}

impl Map {
    /// Returns an empty map.
    pub fn new(map_type: MapType) -> Map {
        Map::from_sorted(map_type, Vec::new())
    }

    /// Returns a map of these entries; the last of equal keys wins.
    pub fn from_entries(map_type: MapType, mut entries: Vec<Entry>) -> Map {
        if !entries.is_sorted_by(|a, b| a.0 < b.0) {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            // Of equal keys the later one stands last: keep that.
            entries.reverse();
            entries.dedup_by(|a, b| a.0 == b.0);
            entries.reverse();
        }
        Map::from_sorted(map_type, entries)
    }

    fn from_sorted(map_type: MapType, entries: Vec<Entry>) -> Map {
        let body = Body { frozen: None, entries: Some(Rc::new(entries)) };
        Map(Rc::new(MapCell { map_type, body: RefCell::new(body), base: None }))
    }

    pub(super) fn from_frozen(frozen: Arc<FrozenMap>) -> Map {
        let map_type = frozen.map_type;
        let body = Body { frozen: Some(frozen), entries: None };
        Map(Rc::new(MapCell { map_type, body: RefCell::new(body), base: None }))
    }

    /// Returns the entries: its own, or those of the map that it is a view of.
    pub(super) fn body(&self) -> &RefCell<Body> {
        self.0.base.as_ref().map_or(&self.0.body, |base| &base.0.body)
    }

    /// Returns the same map under another Go type, as Go's conversions do: what is set in one is in the other.
    pub fn viewed_as(&self, map_type: MapType) -> Map {
        if self.map_type() == map_type {
            return self.clone();
        }
        let base = self.0.base.clone().unwrap_or_else(|| self.clone());
        let body = RefCell::new(Body { frozen: None, entries: None });
        Map(Rc::new(MapCell { map_type, body, base: Some(base) }))
    }

    /// Returns the Go type.
    pub fn map_type(&self) -> MapType {
        self.0.map_type
    }

    /// Returns the same entries under another Go type: another map, with shared elements.
    pub fn with_type(&self, map_type: MapType) -> Map {
        let body = Body { frozen: None, entries: Some(self.entries()) };
        Map(Rc::new(MapCell { map_type, body: RefCell::new(body), base: None }))
    }

    /// Reports whether it is Go's nil map rather than an empty one.
    pub fn is_nil(&self) -> bool {
        self.map_type() == MapType::NIL && self.is_empty()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        let body = self.body().borrow();
        match (&body.entries, &body.frozen) {
            (Some(entries), _) => entries.len(),
            (None, Some(frozen)) => frozen.entries.len(),
            (None, None) => 0,
        }
    }

    /// Reports whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value under a key.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        {
            let body = self.body().borrow();
            match (&body.entries, &body.frozen) {
                (Some(entries), _) => {
                    let at = find(entries, key)?;
                    return entries.get(at).map(|entry| entry.1.clone());
                }
                (None, Some(frozen)) => {
                    let at = find(&frozen.entries, key)?;
                    match frozen.entries.get(at).map(|entry| &entry.1) {
                        Some(Frozen::Scalar(scalar)) => return Some(scalar.to_value()),
                        None => return None,
                        // A map or list below must be one and the same each time: fall through.
                        Some(Frozen::Map(_) | Frozen::List(_)) => {}
                    }
                }
                (None, None) => return None,
            }
        }
        let entries = self.entries();
        let at = find(&entries, key)?;
        entries.get(at).map(|entry| entry.1.clone())
    }

    /// Reports whether a key is there.
    pub fn contains(&self, key: &[u8]) -> bool {
        let body = self.body().borrow();
        match (&body.entries, &body.frozen) {
            (Some(entries), _) => find(entries, key).is_some(),
            (None, Some(frozen)) => find(&frozen.entries, key).is_some(),
            (None, None) => false,
        }
    }

    /// Sets a key, in this map and so for everyone who holds it.
    pub fn insert(&self, key: impl Into<Str>, value: Value) {
        let key = key.into();
        let old = self.change(|entries| match search(entries, &key) {
            Ok(at) => entries.get_mut(at).map(|entry| std::mem::replace(&mut entry.1, value)),
            Err(at) => {
                entries.insert(at, (key, value));
                None
            }
        });
        // Dropped outside the borrow: it may hold this very map.
        drop(old);
    }

    /// Removes a key and returns what was there.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        if !self.contains(key) {
            return None;
        }
        self.change(|entries| match search(entries, key) {
            Ok(at) => Some(entries.remove(at).1),
            Err(_) => None,
        })
    }

    /// Removes everything.
    pub fn clear(&self) {
        let old = self.change(std::mem::take);
        drop(old);
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        let mut entries = self.entries();
        {
            // Give up the cell's own hold, so that a map nobody looks at is changed in place.
            let mut body = self.body().borrow_mut();
            body.frozen = None;
            body.entries = None;
        }
        let result = change(Rc::make_mut(&mut entries));
        self.body().borrow_mut().entries = Some(entries);
        result
    }

    /// Returns all entries in key order: a snapshot that later changes do not touch.
    pub fn entries(&self) -> Rc<Vec<Entry>> {
        let mut body = self.body().borrow_mut();
        if let Some(entries) = &body.entries {
            return Rc::clone(entries);
        }
        let expanded = match &body.frozen {
            Some(frozen) => frozen
                .entries
                .iter()
                .map(|(key, value)| (key.clone(), frozen::thaw(value)))
                .collect(),
            None => Vec::new(),
        };
        let entries = Rc::new(expanded);
        body.entries = Some(Rc::clone(&entries));
        entries
    }

    /// Returns the keys in order.
    pub fn keys(&self) -> Vec<Str> {
        let body = self.body().borrow();
        match (&body.entries, &body.frozen) {
            (Some(entries), _) => entries.iter().map(|entry| entry.0.clone()).collect(),
            (None, Some(frozen)) => frozen.entries.iter().map(|entry| entry.0.clone()).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Reports whether both are the same map, not only equal ones.
    pub fn is_same(&self, other: &Map) -> bool {
        std::ptr::eq(self.body(), other.body())
    }

    /// Returns a number that is the same for the same map and another for every other one.
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self.body()).addr()
    }

    /// Returns a new map with the same entries; maps and lists below are shared.
    pub fn shallow_copy(&self) -> Map {
        self.with_type(self.map_type())
    }

    /// Returns a copy that shares nothing that can be changed.
    pub fn deep_copy(&self) -> Result<Map, TooDeep> {
        Ok(Map::from_frozen(frozen::freeze_map(self, 0)?))
    }
}

/// Finds a key that is there.
fn find<T>(entries: &[(Str, T)], key: &[u8]) -> Option<usize> {
    // Of few keys most differ in length, which is seen without following the pointer.
    if entries.len() <= 8 {
        return entries.iter().position(|entry| entry.0.len() == key.len() && *entry.0 == *key);
    }
    search(entries, key).ok()
}

/// Finds a key, or the place where it belongs, among sorted entries.
pub(super) fn search<T>(entries: &[(Str, T)], key: &[u8]) -> Result<usize, usize> {
    entries.binary_search_by(|entry| entry.0.as_bytes().cmp(key))
}

impl Drop for MapCell {
    fn drop(&mut self) {
        let body = self.body.get_mut();
        if let Some(entries) = body.entries.take() {
            super::list::drop_values(Rc::into_inner(entries).into_iter().flatten().map(|e| e.1));
        }
    }
}
