//! Following a path through what is written.

use super::path::{self, Path, Step};
use super::{EditError, compose};
use crate::decode::{Decoded, decode_scalar};
use compose::{Document, Id, WrittenKind};

/// Returns the value at a path.
pub(super) fn find(document: &Document<'_>, path: &Path) -> Result<Id, EditError> {
    let mut at = document.root;
    for (index, step) in path.steps.iter().enumerate() {
        let so_far = path.steps.get(..index).unwrap_or_default();
        let place = match so_far {
            [] => "the document".to_owned(),
            steps => format!("`{}`", path::display(steps)),
        };
        let node = document.node(at);
        at = match (&node.kind, step) {
            (WrittenKind::Alias { name, .. }, _) => {
                let message = format!("{place} is `*{name}`; change what is anchored `&{name}`");
                return Err(EditError::Refused(message));
            }
            (WrittenKind::Map { entries, .. }, Step::Key(key)) => {
                by_key(document, entries, key, &place)?
            }
            (WrittenKind::List { items, .. }, Step::Key(key)) => match key.parse() {
                Ok(index) => by_index(items, index, &place)?,
                Err(_) => {
                    let message = format!("{place} is a list; `{key}` is no number of an item");
                    return Err(EditError::NotFound(message));
                }
            },
            (WrittenKind::List { items, .. }, Step::Index(index)) => {
                by_index(items, *index, &place)?
            }
            (WrittenKind::List { items, .. }, Step::Where(key, value)) => {
                by_value(document, items, key, value, &place)?
            }
            (WrittenKind::Map { .. }, _) => {
                return Err(EditError::NotFound(format!("{place} is a map, not a list")));
            }
            (WrittenKind::Scalar(_), Step::Key(_)) => {
                return Err(EditError::NotFound(format!("{place} is a single value, not a map")));
            }
            (WrittenKind::Scalar(_), _) => {
                return Err(EditError::NotFound(format!("{place} is a single value, not a list")));
            }
        };
    }
    Ok(at)
}

/// Returns the text of a key or value that is a scalar.
fn text(document: &Document<'_>, id: Id) -> Option<String> {
    match &document.target(id).kind {
        WrittenKind::Scalar(scalar) => Some(match decode_scalar(scalar) {
            Ok(Decoded::Text(text)) => text.into_owned(),
            // Numbers and words are meant as they are written.
            _ => scalar.text.clone().into_owned(),
        }),
        _ => None,
    }
}

fn by_key(
    document: &Document<'_>,
    entries: &[(Id, Id)],
    key: &str,
    place: &str,
) -> Result<Id, EditError> {
    let mut found = entries.iter().filter(|entry| text(document, entry.0).as_deref() == Some(key));
    match (found.next(), found.next()) {
        (Some(&(_, value)), None) => Ok(value),
        (Some(_), Some(_)) => {
            Err(EditError::NotFound(format!("key `{key}` occurs twice in {place}")))
        }
        (None, _) if entries.iter().any(|entry| document.node(entry.0).is_merge_key()) => {
            let message = format!(
                "there is no key `{key}` in {place} itself; it may come from the map that `<<` merges"
            );
            Err(EditError::NotFound(message))
        }
        (None, _) => {
            let keys = entries.iter().filter_map(|entry| text(document, entry.0));
            let keys: Vec<String> = keys.take(12).map(|key| format!("`{key}`")).collect();
            let has = match keys.is_empty() {
                true => "it is empty".to_owned(),
                false => format!("it has {}", keys.join(", ")),
            };
            Err(EditError::NotFound(format!("there is no key `{key}` in {place}; {has}")))
        }
    }
}

fn by_index(items: &[Id], index: usize, place: &str) -> Result<Id, EditError> {
    let count = items.len();
    let missing =
        || EditError::NotFound(format!("there is no item {index} in {place}; it has {count}"));
    items.get(index).copied().ok_or_else(missing)
}

fn by_value(
    document: &Document<'_>,
    items: &[Id],
    key: &str,
    value: &str,
    place: &str,
) -> Result<Id, EditError> {
    let matches = |&&id: &&Id| match &document.target(id).kind {
        WrittenKind::Map { entries, .. } => entries.iter().any(|entry| {
            text(document, entry.0).as_deref() == Some(key)
                && text(document, entry.1).as_deref() == Some(value)
        }),
        _ => false,
    };
    let mut found = items.iter().filter(matches);
    match (found.next(), found.next()) {
        (Some(&id), None) => Ok(id),
        (Some(_), Some(_)) => {
            let message = format!("more than one item of {place} has `{key}` `{value}`");
            Err(EditError::NotFound(message))
        }
        (None, _) => Err(EditError::NotFound(format!("no item of {place} has `{key}` `{value}`"))),
    }
}
