//! A resource on its way through a build: its value and what happened to it.

use manifest::{scalar_text, strategic_merge};
use yaml::{Kind, Node, Schema, Value};

use crate::identity::{Gvk, Id};

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
        Gvk::new(&self.text("apiVersion"), &self.kind())
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

    pub(crate) fn strings(&self, key: &str) -> Vec<(String, String)> {
        let found = self.value.get("metadata").and_then(|it| it.get(key)).and_then(Value::as_map);
        let pairs = found.into_iter().flatten();
        pairs.map(|(key, value)| (key.clone(), scalar_text(value))).collect()
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
        self.vars.clone_from(&old.vars);
    }

    /// Adds the old entries of a map of texts that are not here.
    pub(crate) fn merge_data_from(&mut self, old: &Self, key: &str) {
        let pairs = |it: &Self| -> Vec<(String, String)> {
            let found = it.value.get(key).and_then(Value::as_map).into_iter().flatten();
            found.map(|(key, value)| (key.clone(), scalar_text(value))).collect()
        };
        let merged = merged(pairs(old), pairs(self));
        if let (false, Value::Map(fields)) = (merged.is_empty(), &mut self.value) {
            let pairs = merged.into_iter().map(|(key, text)| (key, Value::String(text)));
            fields.insert(key.to_owned(), Value::Map(pairs.collect()));
        }
    }

    /// Applies a strategic merge patch; name, namespace and kind stay unless the options allow more.
    pub(crate) fn patch(&mut self, patch: Value, rename: bool, rekind: bool) -> Result<(), String> {
        let id = self.id();
        if rename || rekind {
            self.remember();
        }
        match strategic_merge(std::mem::take(&mut self.value), patch)? {
            None => self.value = Value::Null,
            Some(value) => {
                self.value = value;
                if !rekind {
                    self.set("kind", id.gvk.kind);
                }
                if !rename {
                    self.set_metadata("name", id.name);
                }
                self.set_metadata("namespace", id.namespace);
            }
        }
        Ok(())
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

/// Reads the resources of a text: lists are their items, which come last.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Resource>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned())?;
    let nodes = yaml::parse_all(text, Schema::Go3).map_err(|error| error.go_text())?;
    let mut values = Vec::new();
    for node in nodes {
        check_node(&node, 0)?;
        values.push(Value::from(node));
    }
    let mut queue: std::collections::VecDeque<Value> = values.into();
    let mut resources = Vec::new();
    while let Some(value) = queue.pop_front() {
        if value.is_null() || value.as_map().is_some_and(indexmap::IndexMap::is_empty) {
            continue;
        }
        let resource = Resource::new(value);
        check(&resource)?;
        let kind = resource.kind();
        match resource.value.get("items") {
            Some(items) if kind.ends_with("List") => match items {
                Value::List(items) => queue.extend(items.iter().cloned()),
                Value::Null => {}
                _ => return Err(format!("expected array in {kind}/items")),
            },
            _ => resources.push(resource),
        }
    }
    Ok(resources)
}

/// Refuses keys that occur twice.
fn check_node(node: &Node, depth: usize) -> Result<(), String> {
    match &node.kind {
        Kind::Map(entries) if depth < 1000 => {
            let mut seen = std::collections::BTreeSet::new();
            for (key, value) in entries {
                if let (Some(text), false) = (key.as_str(), key.is_merge_key())
                    && !seen.insert(text)
                {
                    return Err(format!("mapping key \"{text}\" already defined"));
                }
                check_node(value, depth + 1)?;
            }
            Ok(())
        }
        Kind::List(items) if depth < 1000 => {
            items.iter().try_for_each(|item| check_node(item, depth + 1))
        }
        _ => Ok(()),
    }
}

fn check(resource: &Resource) -> Result<(), String> {
    if resource.value.as_map().is_none() {
        return Err("a resource must be a map".to_owned());
    }
    if resource.kind().is_empty() {
        return Err("missing Resource metadata: kind is not set".to_owned());
    }
    if resource.metadata("name").is_empty() && !resource.kind().ends_with("List") {
        return Err(format!("missing metadata.name in object {}", resource.kind()));
    }
    for key in ["labels", "annotations"] {
        let found = resource.value.get("metadata").and_then(|it| it.get(key));
        let Some(found) = found.filter(|it| !it.is_null()) else { continue };
        let Some(pairs) = found.as_map() else {
            return Err(format!("metadata.{key} must be a map"));
        };
        if let Some((key, _)) = pairs.iter().find(|(_, it)| !matches!(it, Value::String(_))) {
            return Err(format!("the value of `{key}` in metadata must be a string"));
        }
    }
    match nil_item(&resource.value, 0) {
        true => Err(format!("empty item in a list of {}", resource.id())),
        false => Ok(()),
    }
}

fn nil_item(value: &Value, depth: usize) -> bool {
    match value {
        _ if depth > 1000 => false,
        Value::List(items) => items.iter().any(|it| it.is_null() || nil_item(it, depth + 1)),
        Value::Map(fields) => fields.values().any(|it| nil_item(it, depth + 1)),
        _ => false,
    }
}
