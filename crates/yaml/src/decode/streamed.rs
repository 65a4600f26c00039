//! Building values while a document is parsed.

use super::Build;
use super::scalar::{Decoded, decode_scalar, key_text};
use crate::compose::{DEPTH_LIMIT, is_merge_key};
use crate::events::{Event, EventKind, Parser, Scalar};
use crate::number;
use crate::{Error, Span};

/// What is open.
enum Open<V> {
    List(Vec<V>),
    Map(Vec<(String, V)>, Option<String>),
}

/// Decodes the first document; `None` says that it must be decoded from its tree.
pub(super) fn decode<B: Build>(text: &str, build: &mut B) -> Result<Option<B::Value>, Error> {
    let mut parser = Parser::new(text);
    let mut open: Vec<Open<B::Value>> = Vec::new();
    let mut root = None;
    loop {
        let Event { kind, span } = parser.next_event()?;
        let value = match kind {
            EventKind::StreamStart | EventKind::DocumentStart { .. } => continue,
            EventKind::StreamEnd | EventKind::DocumentEnd { .. } => {
                return Ok(Some(root.unwrap_or_else(|| build.null())));
            }
            EventKind::Alias(_) => return Ok(None),
            EventKind::Scalar(scalar) => {
                if scalar.anchor().is_some() {
                    return Ok(None);
                }
                if let Some(Open::Map(_, key @ None)) = open.last_mut() {
                    match read_key(&scalar) {
                        Some(text) => *key = Some(text),
                        None => return Ok(None),
                    }
                    continue;
                }
                match read_value(&scalar, build) {
                    Some(value) => value,
                    None => return Ok(None),
                }
            }
            EventKind::SequenceStart { properties, .. }
            | EventKind::MappingStart { properties, .. }
                if properties.as_ref().is_some_and(|properties| properties.anchor.is_some())
                    || matches!(open.last(), Some(Open::Map(_, None))) =>
            {
                return Ok(None);
            }
            EventKind::SequenceStart { .. } => {
                check_depth(&parser, open.len(), span)?;
                open.push(Open::List(Vec::new()));
                continue;
            }
            EventKind::MappingStart { .. } => {
                check_depth(&parser, open.len(), span)?;
                open.push(Open::Map(Vec::new(), None));
                continue;
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => match open.pop() {
                Some(Open::List(items)) => build.list(items),
                Some(Open::Map(mut entries, _)) => {
                    keep_last(&mut entries);
                    build.map(entries)
                }
                None => continue,
            },
        };
        match open.last_mut() {
            None => root = Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(entries, key)) => {
                if let Some(key) = key.take() {
                    entries.push((key, value));
                }
            }
        }
    }
}

fn check_depth(parser: &Parser<'_>, depth: usize, span: Span) -> Result<(), Error> {
    if depth < DEPTH_LIMIT {
        return Ok(());
    }
    Err(parser.error_at(format!("exceeded max depth of {DEPTH_LIMIT}"), span))
}

/// Returns the text of a key; `None` where something special is to be done, or said.
fn read_key(scalar: &Scalar<'_>) -> Option<String> {
    if is_merge_key(scalar) {
        return None;
    }
    key_text(decode_scalar(scalar).ok()?).ok().map(std::borrow::Cow::into_owned)
}

fn read_value<B: Build>(scalar: &Scalar<'_>, build: &mut B) -> Option<B::Value> {
    Some(match decode_scalar(scalar).ok()? {
        Decoded::Null => build.null(),
        Decoded::Bool(value) => build.bool(value),
        Decoded::Int(value) => build.int(value),
        Decoded::Uint(value) => build.uint(value),
        Decoded::Float(value) if value.is_finite() => build.float(value),
        Decoded::Float(_) => return None,
        Decoded::Text(text) => build.string(&text),
    })
}

/// Of equal keys keeps the last value, at the place of the first key.
fn keep_last<V>(entries: &mut Vec<(String, V)>) {
    if !has_equal_keys(entries) {
        return;
    }
    let kept: indexmap::IndexMap<String, V> = std::mem::take(entries).into_iter().collect();
    entries.extend(kept);
}

fn has_equal_keys<V>(entries: &[(String, V)]) -> bool {
    if entries.len() <= 8 {
        return entries.iter().enumerate().any(|(index, (key, _))| {
            entries.iter().take(index).any(|(earlier, _)| earlier == key)
        });
    }
    let mut hashes: Vec<u64> = entries.iter().map(|(key, _)| number::hash(key)).collect();
    hashes.sort_unstable();
    // Equal hashes of different keys only cost time.
    hashes.is_sorted_by(|a, b| a < b).eq(&false)
}
