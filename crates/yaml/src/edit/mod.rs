//! Changing one value of a text and no other byte.
//!
//! In go a text, the place of a scalar in it and its new value; out comes the text with those bytes
//! replaced, in the style they had (quotes, block, flow), comments and line ends untouched.
//! Before the result is given it is read again: the one scalar must have the new value and all else
//! must say what it said. It never reformats, adds keys, or guesses which of two values is meant.

mod find;
mod path;
mod render;
pub mod structure;

use crate::compose::{self, Document, Id, WrittenKind};
use crate::events::{Input, Parser};
use crate::{Error, Schema, Span, Value};

pub use path::{Path, Step};

/// Why an edit was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The path is written wrongly.
    Path(String),
    /// The text cannot be read.
    Yaml(Error),
    /// There is no such value, or more than one.
    NotFound(String),
    /// The value stands there in a way that cannot be changed safely.
    Refused(String),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(message) | Self::NotFound(message) | Self::Refused(message) => {
                f.write_str(message)
            }
            Self::Yaml(error) => write!(f, "line {}: {error}", error.line),
        }
    }
}

impl std::error::Error for EditError {}

/// Returns the text with one scalar of one document (counted from 0) set to a new value.
pub fn set(text: &str, document: usize, path: &Path, new: &Value) -> Result<String, EditError> {
    if matches!(new, Value::List(_) | Value::Map(_)) {
        let message = format!("`{path}` can only be set to a single value, not a list or map");
        return Err(EditError::Refused(message));
    }
    let (skipped, body) = body(text);
    let before = read(body, document)?;
    let id = find::find(&before, path)?;
    let (span, replacement) = render::replacement(body, &before, id, path, new)?;
    let mut edited = String::with_capacity(text.len() + replacement.len());
    edited.push_str(skipped);
    edited.push_str(body.get(..span.start as usize).unwrap_or_default());
    edited.push_str(&replacement);
    edited.push_str(body.get(span.end as usize..).unwrap_or_default());
    prove(text, &edited, document, id, new)
        .map_err(|reason| EditError::Refused(format!("`{path}` cannot be set safely: {reason}")))?;
    Ok(edited)
}

/// Returns the value at a place in one document (counted from 0), as YAML 1.2 has it.
pub fn get(text: &str, document: usize, path: &Path) -> Result<Value, EditError> {
    let span = locate(text, document, path)?;
    let nodes = crate::parse_all(text, Schema::Core12).map_err(EditError::Yaml)?;
    let node = nodes.get(document).and_then(|node| at_span(node, span));
    let missing = || EditError::NotFound(format!("there is no `{path}`"));
    node.map(Value::from).ok_or_else(missing)
}

/// Returns where the value at a place is written.
pub fn locate(text: &str, document: usize, path: &Path) -> Result<Span, EditError> {
    let (skipped, body) = body(text);
    let tree = read(body, document)?;
    let span = tree.node(find::find(&tree, path)?).span;
    let by = skipped.len();
    Ok(Span::new(span.start as usize + by, span.end as usize + by))
}

fn at_span(node: &crate::Node, span: Span) -> Option<&crate::Node> {
    if node.span == span {
        return Some(node);
    }
    match &node.kind {
        crate::Kind::List(items) => items.iter().find_map(|item| at_span(item, span)),
        crate::Kind::Map(entries) => entries.iter().find_map(|(_, value)| at_span(value, span)),
        _ => None,
    }
}

/// Takes the byte order mark off.
fn body(text: &str) -> (&str, &str) {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    text.split_at(mark)
}

fn read(text: &str, document: usize) -> Result<Document<'_>, EditError> {
    let input = Input::of_text(text);
    if let Some(broken) = input.broken {
        return Err(EditError::Yaml(broken));
    }
    let mut parser = Parser::new(text);
    let mut index = 0;
    let mut wanted = None;
    // All documents are read: a text with an error anywhere is left alone.
    while let Some(found) = compose::next_document(&mut parser).map_err(EditError::Yaml)? {
        if index == document {
            wanted = Some(found);
        }
        index += 1;
    }
    wanted.ok_or_else(|| {
        let number = document + 1;
        EditError::NotFound(format!("there is no document {number}; the file has {index}"))
    })
}

/// Reads both texts and compares them value by value.
fn prove(
    before: &str,
    after: &str,
    document: usize,
    id: Id,
    new: &Value,
) -> Result<(), &'static str> {
    let (_, before) = body(before);
    let (_, after) = body(after);
    let (mut old, mut edited) = (Parser::new(before), Parser::new(after));
    let broken = |_| "the file could not be read afterwards";
    let mut index = 0;
    loop {
        let old = compose::next_document(&mut old).map_err(broken)?;
        let edited = compose::next_document(&mut edited).map_err(broken)?;
        let (Some(old), Some(edited)) = (&old, &edited) else {
            let same = old.is_none() && edited.is_none();
            return if same { Ok(()) } else { Err("the number of documents would change") };
        };
        let changed = (index == document).then_some(id);
        if !same_besides(old, edited, changed) {
            return Err("another value would change");
        }
        if let Some(id) = changed {
            let WrittenKind::Scalar(scalar) = &edited.node(id).kind else {
                return Err("it would become a list or map");
            };
            if !render::reads_as(scalar, new) {
                return Err("it would be read as another value");
            }
        }
        index += 1;
    }
}

fn same_besides(old: &Document<'_>, new: &Document<'_>, changed: Option<Id>) -> bool {
    old.len() == new.len()
        && (0..old.len() as Id).all(|id| {
            let (old, new) = (&old.node(id), &new.node(id));
            let same_kind = match (&old.kind, &new.kind) {
                (WrittenKind::Scalar(old), WrittenKind::Scalar(new)) => {
                    Some(id) == changed
                        || (old.text == new.text
                            && old.style == new.style
                            && old.tag() == new.tag())
                }
                (WrittenKind::List { items: old, .. }, WrittenKind::List { items: new, .. }) => {
                    old == new
                }
                (WrittenKind::Map { entries: old, .. }, WrittenKind::Map { entries: new, .. }) => {
                    old == new
                }
                (
                    WrittenKind::Alias { target: old, .. },
                    WrittenKind::Alias { target: new, .. },
                ) => old == new,
                _ => false,
            };
            same_kind && old.anchor() == new.anchor()
        })
}
