//! A resource on its way through a build: its value and what happened to it.

use manifest::scalar_text;
use yaml::Value;

use crate::field_path;
use crate::identity::{Gvk, Id};
use crate::notes::{Notes, Spelling};
use crate::specs::{self, Path, Step};
use crate::written::Written;

/// What a generated resource does with one of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    #[default]
    Unspecified,
    Create,
    Replace,
    Merge,
}

impl Behavior {
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            "create" => Self::Create,
            _ => Self::Unspecified,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Merge => "merge",
        }
    }
}

/// Who it was before a transformer changed that.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Previous {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) kind: String,
}

/// The paths of values that are one node, and the text that they have.
pub(crate) type Shared = (Vec<Path>, String);

#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) value: Value,
    pub(crate) previous: Vec<Previous>,
    pub(crate) prefixes: Vec<String>,
    pub(crate) suffixes: Vec<String>,
    pub(crate) needs_hash: bool,
    pub(crate) behavior: Behavior,
    pub(crate) vars: Vec<String>,
    pub(crate) origin: Option<String>,
    pub(crate) transformations: Vec<String>,
    /// Whether a chart made it: then helm decided on its namespace.
    pub(crate) from_chart: bool,
    /// Whether a generator made it.
    pub(crate) generated: bool,
    /// Whether a replacement wrote to it.
    pub(crate) replaced: bool,
    /// Values that are one node in kustomize's tree: who changes one changes all.
    pub(crate) shared: Vec<Shared>,
    /// What its letters told when it was read.
    pub(crate) notes: Notes,
    /// What the build wrote into it, or where a patch has its values; nobody asks mostly.
    pub(crate) written: Option<Box<Written>>,
    /// The file that it was read from.
    pub(crate) source: Option<std::sync::Arc<str>>,
}

impl Resource {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, ..Self::default() }
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.value.get(key).map(scalar_text).unwrap_or_default()
    }

    pub(crate) fn metadata(&self, key: &str) -> String {
        let found = self.value.get("metadata").and_then(|it| it.get(key));
        found.map(scalar_text).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> String {
        self.text("kind")
    }

    pub(crate) fn gvk(&self) -> Gvk {
        Gvk::new(&self.version(), &self.kind())
    }

    /// Returns the letters of its version, which is what kustomize knows it by: `null` where that is written.
    pub(crate) fn version(&self) -> String {
        let path = || [Step::Key("apiVersion".to_owned())];
        match self.value.get("apiVersion") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) => self.notes.null(&path()),
            Some(other) => self.notes.letters(&path(), other),
            None => String::new(),
        }
    }

    pub(crate) fn id(&self) -> Id {
        Id { gvk: self.gvk(), name: self.metadata("name"), namespace: self.metadata("namespace") }
    }

    pub(crate) fn previous_ids(&self) -> Vec<Id> {
        let gvk = self.gvk();
        let id = |previous: &Previous| Id {
            gvk: Gvk { kind: previous.kind.clone(), ..gvk.clone() },
            name: previous.name.clone(),
            namespace: previous.namespace.clone(),
        };
        self.previous.iter().map(id).collect()
    }

    pub(crate) fn original_id(&self) -> Id {
        self.previous_ids().into_iter().next().unwrap_or_else(|| self.id())
    }

    /// Whether it has, or once had, a name: what most are asked for, and most have not.
    pub(crate) fn had_name(&self, name: &str) -> bool {
        let now = self.value.get("metadata").and_then(|it| it.get("name"));
        let is_it = now.is_some_and(|it| match it {
            Value::String(text) => text == name,
            other => scalar_text(other) == name,
        });
        is_it || name.is_empty() || self.previous.iter().any(|it| it.name == name)
    }

    pub(crate) fn any_id(&self, matches: impl Fn(&Id) -> bool) -> bool {
        self.previous_ids().iter().any(&matches) || matches(&self.id())
    }

    /// Remembers who it is now.
    pub(crate) fn remember(&mut self) {
        let id = self.id();
        self.previous.push(Previous {
            namespace: id.effective_namespace().to_owned(),
            name: id.name,
            kind: id.gvk.kind,
        });
    }

    pub(crate) fn set(&mut self, key: &str, text: String) {
        if let Value::Map(fields) = &mut self.value {
            fields.insert(key.to_owned(), Value::String(text));
        }
    }

    /// Sets a field of `metadata`; an empty text removes it.
    pub(crate) fn set_metadata(&mut self, key: &str, text: String) {
        let Value::Map(fields) = &mut self.value else { return };
        let metadata = fields.entry("metadata".to_owned()).or_insert_with(empty_map);
        if metadata.is_null() {
            *metadata = empty_map();
        }
        let Value::Map(metadata) = metadata else { return };
        if text.is_empty() {
            metadata.shift_remove(key);
        } else {
            metadata.insert(key.to_owned(), Value::String(text));
        }
    }

    pub(crate) fn set_strings(&mut self, key: &str, pairs: Vec<(String, String)>) {
        let Value::Map(fields) = &mut self.value else { return };
        if pairs.is_empty() {
            if let Some(Value::Map(metadata)) = fields.get_mut("metadata") {
                metadata.shift_remove(key);
            }
            return;
        }
        let metadata = fields.entry("metadata".to_owned()).or_insert_with(empty_map);
        if let Value::Map(metadata) = metadata {
            let pairs = pairs.into_iter().map(|(key, text)| (key, Value::String(text)));
            metadata.insert(key.to_owned(), Value::Map(pairs.collect()));
        }
    }

    /// Takes names, labels, annotations and history from what this replaces.
    pub(crate) fn copy_metadata_from(&mut self, old: &Self) {
        for key in ["labels", "annotations"] {
            let merged = merged(old.strings(key), self.strings(key));
            self.set_strings(key, merged);
        }
        self.set_metadata("name", old.metadata("name"));
        self.set_metadata("namespace", old.metadata("namespace"));
        self.previous.clone_from(&old.previous);
        self.prefixes.clone_from(&old.prefixes);
        self.suffixes.clone_from(&old.suffixes);
        self.behavior = old.behavior;
        self.needs_hash = self.needs_hash && old.needs_hash;
        self.from_chart |= old.from_chart;
        self.vars.clone_from(&old.vars);
        self.transformations.clone_from(&old.transformations);
    }

    /// Adds the old entries of a map of texts that are not here.
    pub(crate) fn merge_data_from(&mut self, old: &Self, key: &str) {
        let pairs = |it: &Self| -> Vec<(String, String)> {
            let found = it.value.get(key).and_then(Value::as_map).into_iter().flatten();
            let letters = |name: &String, value: &Value| {
                let place = [Step::Key(key.to_owned()), Step::Key(name.clone())];
                if value.is_null() { String::new() } else { it.notes.letters(&place, value) }
            };
            found.map(|(name, value)| (name.clone(), letters(name, value))).collect()
        };
        let merged = merged(pairs(old), pairs(self));
        let Value::Map(fields) = &mut self.value else { return };
        if merged.is_empty() {
            fields.shift_remove(key);
        } else {
            let pairs = merged.into_iter().map(|(key, text)| (key, Value::String(text)));
            fields.insert(key.to_owned(), Value::Map(pairs.collect()));
        }
    }

    /// Whether a path leads through a key with nothing behind it.
    pub(crate) fn has_blank_on(&self, path: &[String]) -> bool {
        let blank = |count: usize| {
            let place = path.get(..count).and_then(|path| field_path::place(&self.value, path));
            place.is_some_and(|place| self.notes.blanks.contains(&place))
        };
        !self.notes.blanks.is_empty() && (1..path.len()).any(blank)
    }

    /// Notes that values were made as one node.
    pub(crate) fn share(&mut self, paths: Vec<Path>, text: &str) {
        if paths.len() > 1 {
            self.shared.push((paths, text.to_owned()));
        }
    }

    /// Notes that the map or list at a place is another one: what was in it is no longer there.
    pub(crate) fn unshare_below(&mut self, place: &[Step]) {
        for (paths, _) in &mut self.shared {
            paths.retain(|path| !path.starts_with(place));
        }
    }

    /// Makes a text that was written without a type what its letters mean, unless quotes are round it.
    pub(crate) fn untype(&mut self, place: &[Step]) {
        let path = place.to_vec();
        if self.notes.quoted.contains(&path) {
            return;
        }
        let Some(value @ Value::String(_)) = specs::at_mut(&mut self.value, place) else { return };
        let text = scalar_text(value);
        let meant = field_path::untyped(&text);
        if matches!(&meant, Value::String(it) if *it == text) {
            return;
        }
        value.clone_from(&meant);
        let value = meant;
        self.notes.spellings.push(Spelling { path: path.clone(), value, text });
        self.notes.untagged.push(path);
    }

    /// Forgets which values are one node, and what the letters told: the resource went through JSON.
    pub(crate) fn forget_nodes(&mut self) {
        self.shared.clear();
        self.notes = Notes::default();
    }

    /// Gives values that are one node the value that one of them got.
    pub(crate) fn settle(&mut self) {
        for (paths, text) in &mut self.shared {
            paths.retain(|path| {
                matches!(specs::at_mut(&mut self.value, path), Some(Value::String(_)))
            });
            let mut new = None;
            for path in paths.iter() {
                if let Some(Value::String(found)) = specs::at_mut(&mut self.value, path)
                    && found != text
                {
                    new = Some(found.clone());
                }
            }
            let Some(new) = new else { continue };
            for path in paths.iter() {
                if let Some(value) = specs::at_mut(&mut self.value, path) {
                    *value = Value::String(new.clone());
                }
            }
            *text = new;
        }
        self.shared.retain(|(paths, _)| paths.len() > 1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Map(fields) => fields.is_empty(),
            _ => false,
        }
    }
}

pub(crate) fn empty_map() -> Value {
    Value::Map(indexmap::IndexMap::new())
}

fn merged(old: Vec<(String, String)>, new: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut all: indexmap::IndexMap<String, String> = old.into_iter().collect();
    all.extend(new);
    all.into_iter().collect()
}
