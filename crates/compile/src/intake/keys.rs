//! Keys of maps as texts.

use std::borrow::Cow;

use yaml::{Kind, Node};

/// Returns the text of a key: YAML reads `8080:` or `true:` as a number or a truth value, and
/// means a name. A key that is a list or a map has none.
pub(crate) fn key_text(key: &Node) -> Option<Cow<'_, str>> {
    match &key.kind {
        Kind::String(text) => Some(Cow::Borrowed(text)),
        Kind::Bool(value) => Some(Cow::Owned(value.to_string())),
        Kind::Int(value) => Some(Cow::Owned(value.to_string())),
        Kind::Uint(value) => Some(Cow::Owned(value.to_string())),
        Kind::Float(_) | Kind::Null | Kind::List(_) | Kind::Map(_) => None,
    }
}
