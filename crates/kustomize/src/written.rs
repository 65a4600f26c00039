//! Which values of a resource a build wrote, and how.
//!
//! kustomize asks after each validator whether a node became another one, and a node has more than a value:
//! a type that is written out or not, and a place in the text that it was read from. Writing what is there
//! already is a change, unless it was written there in the same way before. This module keeps the way, by
//! paths, for the builds that have validators; it never decides what is written.

use std::collections::BTreeMap;

use manifest::{MergeField, MergeKeys, MergeSchema, scalar_text};
use yaml::{Kind, Node, Value};

use crate::notes;
use crate::resource::Resource;
use crate::specs::{self, Part, Path, Step};

/// How a value came to where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A build made it, without a type.
    Untyped,
    /// A build made it, as a text.
    Text,
    /// A build made it, as a whole number.
    Number,
    /// It is a copy of a field, named here.
    Copy(String),
    /// It went through JSON, with all that is in it.
    Json,
    /// A patch brought it, from this line and column.
    Patch(usize, usize),
}

/// What a build wrote, by the names of items; of all else nothing is known but what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written(BTreeMap<Path, Mark>);

impl Written {
    /// Notes where each value of a patch stands in its text.
    pub(crate) fn of_patch(node: &Node, text: &str) -> Self {
        let mut written = Self::default();
        written.read(node, &mut Vec::new(), text);
        written
    }

    fn read<'n>(&mut self, node: &'n Node, at: &mut Vec<Part<'n>>, text: &str) {
        let before = text.get(..node.span.start as usize).unwrap_or_default();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        self.0.insert(specs::kept(at), Mark::Patch(line, column));
        match &node.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    at.push(Part::Key(key.as_str().unwrap_or("<<")));
                    self.read(value, at, text);
                    at.pop();
                }
            }
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    at.push(Part::Index(index));
                    self.read(item, at, text);
                    at.pop();
                }
            }
            _ => {}
        }
    }

    /// Notes how a value came to its place; what was in the one before is gone.
    pub(crate) fn put(&mut self, path: Path, mark: Mark) {
        self.forget(&path);
        self.0.insert(path, mark);
    }

    /// Forgets what is known of a value and of all that is in it.
    pub(crate) fn forget(&mut self, path: &[Step]) {
        self.0.retain(|known, _| !known.starts_with(path));
    }

    /// Notes that everything was read anew from JSON.
    pub(crate) fn put_json(&mut self) {
        self.put(Path::new(), Mark::Json);
    }

    /// How a patch has a value; those that kustomize copied out of the patch are texts.
    fn of(&self, path: &[Step]) -> Mark {
        self.0.get(path).cloned().unwrap_or(Mark::Text)
    }
}

impl Resource {
    /// Notes how values came to their places, where somebody will ask.
    pub(crate) fn wrote(&mut self, places: impl IntoIterator<Item = Path>, mark: &Mark) {
        let Some(mut written) = self.written.take() else { return };
        for place in places {
            if let Some(path) = notes::named(&self.value, &place) {
                written.put(path, mark.clone());
            }
        }
        self.written = Some(written);
    }

    /// Forgets what is known of the labels.
    pub(crate) fn forget_labels(&mut self) {
        let path = ["metadata", "labels"].map(|key| Step::Key(key.to_owned()));
        if let Some(written) = &mut self.written {
            written.forget(&path);
        }
    }

    /// Notes what a merge wrote: what the patch has, and the fields that kustomize puts back after it.
    pub(crate) fn wrote_patch(
        &mut self,
        patch: &Value,
        marks: Option<&Written>,
        schema: Option<&MergeSchema>,
    ) {
        let none = Written::default();
        let marks = marks.unwrap_or(&none);
        let root = self.root(schema);
        let Some(mut written) = self.written.take() else { return };
        let mut merged = Merged { marks, written: &mut written };
        merged.follow((&self.value, &mut Path::new()), (patch, &mut Path::new()), root);
        for path in [&["kind"][..], &["metadata", "name"], &["metadata", "namespace"]] {
            let path: Path = path.iter().map(|key| Step::Key((*key).to_owned())).collect();
            if notes::named(&self.value, &path).is_some() {
                written.put(path, Mark::Untyped);
            }
        }
        self.written = Some(written);
    }
}

/// A patch that was merged into an object.
struct Merged<'w> {
    marks: &'w Written,
    written: &'w mut Written,
}

impl Merged<'_> {
    /// Goes through the object, as it is now, and the patch together.
    fn follow(
        &mut self,
        (object, at): (&Value, &mut Path),
        (patch, patch_at): (&Value, &mut Path),
        field: Option<MergeField<'_>>,
    ) {
        match (object, patch) {
            (Value::Map(object), Value::Map(fields)) if !fields.contains_key("$patch") => {
                for (key, patch) in fields {
                    let Some(value) = object.get(key) else { continue };
                    let field = field.and_then(|it| it.target).and_then(|it| it.field(key));
                    at.push(Step::Key(key.clone()));
                    patch_at.push(Step::Key(key.clone()));
                    self.follow((value, at), (patch, patch_at), field);
                    at.pop();
                    patch_at.pop();
                }
            }
            (Value::List(object), Value::List(items))
                if field.is_some_and(|it| it.keys.is_some()) =>
            {
                let keys = field.and_then(|it| it.keys).map(MergeKeys::names).unwrap_or_default();
                let inner = field.map(|it| MergeField { keys: None, target: it.target });
                for (index, patch) in items.iter().enumerate() {
                    let place = object.iter().position(|it| is_same(it, patch, &keys));
                    let Some((place, item)) =
                        place.and_then(|place| Some((place, object.get(place)?)))
                    else {
                        continue;
                    };
                    at.push(notes::item_step(item, place));
                    patch_at.push(Step::Index(index));
                    self.follow((item, at), (patch, patch_at), inner);
                    at.pop();
                    patch_at.pop();
                }
            }
            _ => self.written.put(at.clone(), self.marks.of(patch_at)),
        }
    }
}

fn is_same(item: &Value, patch: &Value, keys: &[&str]) -> bool {
    match patch {
        Value::Map(_) | Value::List(_) => notes::same_item(item, patch, keys),
        patch => scalar_text(item) == scalar_text(patch),
    }
}
