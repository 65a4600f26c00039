//! Texts that hold objects: YAML documents, JSON, and `kind: List`.

use std::fmt;
use std::sync::Arc;

use yaml::{Schema, Value};

use crate::Object;

/// Why a text holds no objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The file.
    pub source: String,
    /// What is wrong, in the words of the YAML reader or ours.
    pub message: String,
    /// Byte offset, where one is known.
    pub offset: Option<usize>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.source, self.message)
    }
}

impl std::error::Error for ReadError {}

/// Returns the objects of a text: empty documents are left out, a `List` stands for its items.
///
/// # Errors
/// Where the text is no YAML, or a document is no map with `apiVersion` and `kind`.
pub fn read(text: &str, source: &str) -> Result<Vec<Object>, ReadError> {
    let nodes = yaml::parse_all(text, Schema::Go2).map_err(|error| ReadError {
        source: source.to_owned(),
        message: error.message.clone(),
        offset: Some(error.offset),
    })?;
    let source: Arc<str> = source.into();
    let mut objects = Vec::new();
    for node in nodes {
        let range = node.span.start as usize..node.span.end as usize;
        let text = text.get(range).unwrap_or_default();
        add(Value::from(node), text, &source, &mut objects)?;
    }
    Ok(objects)
}

/// Returns the objects of an already decoded document.
///
/// # Errors
/// As [`read`].
pub fn from_value(value: Value, text: &str, source: &Arc<str>) -> Result<Vec<Object>, ReadError> {
    let mut objects = Vec::new();
    add(value, text, source, &mut objects)?;
    Ok(objects)
}

fn add(
    value: Value,
    text: &str,
    source: &Arc<str>,
    objects: &mut Vec<Object>,
) -> Result<(), ReadError> {
    let fail =
        |message: String| Err(ReadError { source: source.to_string(), message, offset: None });
    if value.is_null() {
        return Ok(());
    }
    let Value::Map(fields) = &value else {
        return fail("a document is no object: it must be a map with apiVersion and kind".into());
    };
    let is_text =
        |key: &str| fields.get(key).and_then(Value::as_str).is_some_and(|it| !it.is_empty());
    if let Some(missing) = ["apiVersion", "kind"].into_iter().find(|key| !is_text(key)) {
        return fail(format!("a document is no object: it has no `{missing}`"));
    }
    let is_list = fields.get("kind").and_then(Value::as_str).is_some_and(|it| it.ends_with("List"));
    if let (true, Some(Value::List(items))) = (is_list, fields.get("items")) {
        for item in items {
            add(item.clone(), text, source, objects)?;
        }
        return Ok(());
    }
    objects.push(Object { source: Arc::clone(source), text: text.into(), value });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_their_items_and_empty_documents_are_nothing() {
        let text = "---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n";
        let names: Vec<_> =
            read(text, "x").unwrap().iter().map(|object| object.name().to_owned()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (text, word) in [("a: [", "yaml"), ("- a\n", "map"), ("kind: A\n", "apiVersion")] {
            let message = read(text, "x").unwrap_err().to_string();
            assert!(word == "yaml" || message.contains(word), "{message}");
        }
    }
}
