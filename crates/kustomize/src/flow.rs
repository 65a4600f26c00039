//! What it changes that a map or list is written in braces or brackets.
//!
//! Where a value without a type has no letters, kustomize's writer puts quotes round them inside braces, so
//! that it is read back as an empty text; elsewhere it is nothing. This module follows which maps and lists
//! are in braces when a patch is merged, and writes those texts. It never decides what a file itself has in
//! braces: that is noted when the file is read.

use manifest::{MergeSchema, scalar_text};
use yaml::{Kind, Node, Value};

use crate::notes::{self, Notes};
use crate::resource::Resource;
use crate::specs::{self, Part, Path, Step};

impl Resource {
    /// Makes empty texts of the nulls without letters that are written in braces, as writing and reading
    /// them again does.
    pub(crate) fn write_flow(&mut self) {
        for place in &self.notes.flow {
            if let Some(value) = specs::at_mut(&mut self.value, place) {
                write(value, &mut place.clone(), &self.notes);
            }
        }
    }

    /// Notes what is in braces once the resource was written as JSON and read again: what is empty.
    pub(crate) fn note_empty(&mut self) {
        note_empty(&self.value, &mut Vec::new(), &mut self.notes.flow);
    }

    /// Returns what is written in braces once a patch is applied, by the names of items: what is there stays
    /// as it is, unless it is empty or the patch has another in its place.
    pub(crate) fn keep_flow(&self, patch: &Self, schema: Option<&MergeSchema>) -> Vec<Path> {
        let (object, other) = (&self.value, &patch.value);
        let mut kept = Vec::new();
        if self.notes.flow.is_empty() && patch.notes.flow.is_empty() {
            return kept;
        }
        let stays = |path: &[Step]| self.keeps_style(path, other, schema);
        let old = self.notes.flow.iter().filter(|path| stays(path));
        kept.extend(old.filter_map(|path| notes::named(object, path)));
        for path in &patch.notes.flow {
            let Some(path) = notes::named(other, path) else { continue };
            match notes::numbered(object, &path) {
                Some(here) if stays(&here) => {}
                _ => kept.push(path),
            }
        }
        kept
    }

    /// Whether the map or list at a place of the object has its own style after a patch, and not that of
    /// what the patch has there.
    fn keeps_style(&self, path: &[Step], patch: &Value, schema: Option<&MergeSchema>) -> bool {
        let (mut object, mut patch, mut field) = (&self.value, patch, self.root(schema));
        for (index, step) in path.iter().enumerate() {
            let Some((next, new)) = notes::merge_step(step, (object, patch), &mut field) else {
                return false;
            };
            let (Some(next), Some(new)) = (next, new) else { return true };
            (object, patch) = (next, new);
            // What takes a field's place takes its style, too.
            let is_field = index + 1 == path.len() && matches!(step, Step::Key(_));
            let directive = patch.get("$patch").map(scalar_text);
            if directive.is_some_and(|it| it != "merge") && !is_field {
                return false;
            }
        }
        !is_empty(object)
    }
}

fn note_empty<'v>(value: &'v Value, at: &mut Vec<Part<'v>>, flow: &mut Vec<Path>) {
    if is_empty(value) {
        flow.push(specs::kept(at));
    }
    match value {
        Value::Map(fields) => {
            for (key, value) in fields {
                at.push(Part::Key(key));
                note_empty(value, at, flow);
                at.pop();
            }
        }
        Value::List(items) => {
            for (index, value) in items.iter().enumerate() {
                at.push(Part::Index(index));
                note_empty(value, at, flow);
                at.pop();
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Map(fields) => fields.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether a place lies inside braces or brackets of a text, by what the text had there.
pub(crate) fn is_around(node: &Node, place: &[Step]) -> bool {
    let mut node = Some(node);
    for step in place {
        let Some(outer) = node else { return false };
        if outer.flow {
            return true;
        }
        node = match (&outer.kind, step) {
            (_, Step::Key(key)) => outer.get(key),
            (Kind::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        };
    }
    false
}

fn write(value: &mut Value, place: &mut Path, notes: &Notes) {
    match value {
        Value::Null if notes.null(place).is_empty() => *value = Value::String(String::new()),
        Value::Map(fields) => {
            for (key, value) in fields {
                place.push(Step::Key(key.clone()));
                write(value, place, notes);
                place.pop();
            }
        }
        Value::List(items) => {
            for (index, value) in items.iter_mut().enumerate() {
                place.push(Step::Index(index));
                write(value, place, notes);
                place.pop();
            }
        }
        _ => {}
    }
}
