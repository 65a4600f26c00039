//! From the text of a file to the resources in it.
//!
//! Decides what kustomize takes for a resource and what it refuses to read, and notes what the values
//! alone do not tell: where nothing is written behind a key, and how a number is spelled. Never changes
//! a resource.

use std::collections::BTreeSet;

use manifest::scalar_text;
use yaml::{Kind, Node, ScalarStyle, Schema, Value};

use crate::notes::Notes;
use crate::resource::Resource;
use crate::specs::{self, Part};
use crate::written::Written;

/// Why a text holds no resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadError {
    pub(crate) message: String,
    pub(crate) offset: Option<usize>,
}

impl From<String> for ReadError {
    fn from(message: String) -> Self {
        Self { message, offset: None }
    }
}

/// Returns the resources that an entry of a list of files holds itself, if it is no file's name.
pub(crate) fn inline(entry: &str, marked: bool) -> Option<Vec<Resource>> {
    entry.contains(':').then(|| patches(entry.as_bytes(), marked).ok()).flatten()
}

/// Whether kustomize would take a text for resources.
pub fn is_resources(bytes: &[u8]) -> bool {
    read(bytes).is_ok()
}

/// Reads the resources of a text: lists are their items, which come last.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Resource>, ReadError> {
    patches(bytes, false)
}

/// As [`read`]; with marks, it is noted where the values stand in the text.
pub(crate) fn patches(bytes: &[u8], marked: bool) -> Result<Vec<Resource>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ReadError {
        message: "the text is not UTF-8".to_owned(),
        offset: Some(error.valid_up_to()),
    })?;
    let nodes = yaml::parse_all(text, Schema::Go3)
        .map_err(|error| ReadError { message: error.go_text(), offset: Some(error.offset) })?;
    let mut queue = std::collections::VecDeque::new();
    for node in nodes {
        let mut notes = Notes::default();
        check_node(&node, &mut Vec::new(), text, &mut notes)?;
        let offset = node.span.start as usize;
        let written = marked.then(|| Box::new(Written::of_patch(&node, text)));
        queue.push_back((Value::from(node), offset, notes, written));
    }
    let mut resources = Vec::new();
    while let Some((mut value, offset, notes, written)) = queue.pop_front() {
        if value.is_null() || value.as_map().is_some_and(indexmap::IndexMap::is_empty) {
            continue;
        }
        let fail = |message: String| ReadError { message, offset: Some(offset) };
        check(&value).map_err(fail)?;
        let kind = value.get("kind").map(scalar_text).unwrap_or_default();
        let items = match &mut value {
            Value::Map(fields) if kind.ends_with("List") => fields.get_mut("items"),
            _ => None,
        };
        match items.map(std::mem::take) {
            None => {
                let mut resource = Resource::new(value);
                resource.notes = notes;
                resource.written = written;
                resources.push(resource);
            }
            Some(Value::List(items)) => {
                let items = items.into_iter().enumerate();
                queue.extend(items.map(|(index, item)| (item, offset, notes.item(index), None)));
            }
            Some(Value::Null) => {}
            Some(_) => return Err(fail(format!("expected array in {kind}/items"))),
        }
    }
    Ok(resources)
}

/// Maps with no more entries are looked through.
const FEW: usize = 16;

/// Refuses keys that occur twice, and keys that are no texts: kustomize cannot write those. Notes what
/// the letters tell.
fn check_node<'n>(
    node: &'n Node,
    at: &mut Vec<Part<'n>>,
    text: &str,
    notes: &mut Notes,
) -> Result<(), ReadError> {
    if node.flow {
        notes.flow.push(specs::kept(at));
    }
    match &node.kind {
        Kind::Map(entries) if at.len() < 1000 => {
            // Most maps are small, and looking through them is faster than keeping a set.
            let mut seen = (entries.len() > FEW).then(BTreeSet::new);
            let mut is_second = |index: usize, name: &'n str| match &mut seen {
                Some(seen) => !seen.insert(name),
                None => entries
                    .iter()
                    .take(index)
                    .any(|(key, _)| key.as_str() == Some(name) && !key.is_merge_key()),
            };
            for (index, (key, value)) in entries.iter().enumerate() {
                let fail =
                    |message: String| ReadError { message, offset: Some(key.span.start as usize) };
                let name = match key.as_str() {
                    _ if key.is_merge_key() => "<<",
                    Some(name) if is_second(index, name) => {
                        return Err(fail(format!("mapping key \"{name}\" already defined")));
                    }
                    Some(name) => name,
                    None => {
                        let message = "a key must be a text: put quotes around it".to_owned();
                        return Err(fail(message));
                    }
                };
                at.push(Part::Key(name));
                if is_blank(value) {
                    notes.blanks.push(specs::kept(at));
                } else {
                    check_node(value, at, text, notes)?;
                }
                at.pop();
            }
            Ok(())
        }
        Kind::List(items) if at.len() < 1000 => {
            for (index, item) in items.iter().enumerate() {
                at.push(Part::Index(index));
                check_node(item, at, text, notes)?;
                at.pop();
            }
            Ok(())
        }
        _ => {
            notes.scalar(node, at, text);
            Ok(())
        }
    }
}

pub(crate) fn is_blank(value: &Node) -> bool {
    matches!(value.kind, Kind::Null | Kind::String(_))
        && value.span.is_empty()
        && value.style == ScalarStyle::Plain
        && !value.alias
}

/// Refuses a new key that kustomize would write without quotes and then not read as a text.
pub(crate) fn check_new_key(key: &str) -> Result<(), String> {
    let first = key.bytes().next().unwrap_or_default();
    let may_be_other = !first.is_ascii_alphabetic()
        || matches!(key.to_ascii_lowercase().as_str(), "true" | "false" | "null");
    if may_be_other
        && let Ok(node) = yaml::parse(key, Schema::Go3)
        && !matches!(node.kind, Kind::String(_) | Kind::List(_) | Kind::Map(_))
        // With a mark before it, or where nothing is read, there are quotes.
        && node.tag.is_none()
        && node.span.range() == (0..key.len())
    {
        return Err(format!(
            "the key `{key}` is no text in YAML, and kustomize writes it without quotes"
        ));
    }
    Ok(())
}

fn check(value: &Value) -> Result<(), String> {
    if value.as_map().is_none() {
        return Err("a resource must be a map".to_owned());
    }
    let text = |value: Option<&Value>| value.map(scalar_text).unwrap_or_default();
    let kind = text(value.get("kind"));
    let metadata = value.get("metadata");
    if kind.is_empty() {
        return Err("missing Resource metadata: kind is not set".to_owned());
    }
    if text(metadata.and_then(|it| it.get("name"))).is_empty() && !kind.ends_with("List") {
        return Err(format!("missing metadata.name in object {kind}"));
    }
    for key in ["labels", "annotations"] {
        let found = metadata.and_then(|it| it.get(key)).filter(|it| !it.is_null());
        let Some(found) = found else { continue };
        // Their values may be anything: annotations are written as texts, labels as they are.
        if found.as_map().is_none() {
            return Err(format!("metadata.{key} must be a map"));
        }
    }
    match nil_item(value, 0) {
        true => {
            let id = Resource::new(value.clone()).id();
            Err(format!("empty item in a list of {id}"))
        }
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
