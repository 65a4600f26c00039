//! Reading fields of validated nodes: what has the wrong type is as if it were not there, because
//! intake has already said so.

use indexmap::IndexMap;
use yaml::{Kind, Node};

use crate::model::{EnvValue, Quantity};

/// Returns a field that was written and is not null.
pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|value| !value.is_null())
}

/// Returns a field reached by several keys.
pub(super) fn at<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    keys.iter().try_fold(node, |node, key| get(node, key))
}

pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    get(node, key)?.as_str().map(str::to_owned)
}

pub(super) fn text_or(node: &Node, key: &str, default: &str) -> String {
    get(node, key).and_then(Node::as_str).unwrap_or(default).to_owned()
}

pub(super) fn flag(node: &Node, key: &str, default: bool) -> bool {
    get(node, key).and_then(Node::as_bool).unwrap_or(default)
}

pub(super) fn int(node: &Node, key: &str) -> Option<i64> {
    get(node, key).and_then(whole)
}

pub(super) fn int_or(node: &Node, key: &str, default: i64) -> i64 {
    int(node, key).unwrap_or(default)
}

/// Returns a whole number, also one written as `2.0`: JSON Schema calls both an integer.
pub(super) fn whole(node: &Node) -> Option<i64> {
    match node.kind {
        Kind::Int(value) => Some(value),
        Kind::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            Some(value as i64)
        }
        _ => None,
    }
}

/// Returns a port number; what is none becomes 0.
pub(super) fn port(node: &Node, key: &str, default: u16) -> u16 {
    int(node, key).map_or(default, |value| u16::try_from(value).unwrap_or(0))
}

pub(super) fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    get(node, key).and_then(Node::as_list).unwrap_or_default()
}

pub(super) fn texts(node: &Node, key: &str) -> Vec<String> {
    list(node, key).iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

pub(super) fn entries<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let entries = get(node, key).and_then(Node::as_map).unwrap_or_default();
    entries.iter().filter_map(|(name, value)| Some((name.as_str()?, value)))
}

pub(super) fn text_map(node: &Node, key: &str) -> IndexMap<String, String> {
    entries(node, key)
        .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
        .collect()
}

/// Returns plain environment variables.
pub(super) fn env(node: &Node, key: &str) -> IndexMap<String, EnvValue> {
    entries(node, key)
        .filter_map(|(name, value)| Some((name.to_owned(), env_value(value)?)))
        .collect()
}

fn env_value(node: &Node) -> Option<EnvValue> {
    Some(match &node.kind {
        Kind::String(text) => EnvValue::Text(text.clone()),
        Kind::Bool(value) => EnvValue::Bool(*value),
        Kind::Int(value) => EnvValue::Integer(*value),
        Kind::Uint(value) => EnvValue::Text(value.to_string()),
        Kind::Float(value) => EnvValue::Float(*value),
        Kind::Map(_) => EnvValue::Field(text(node, "fieldRef")?),
        Kind::Null | Kind::List(_) => return None,
    })
}

/// Returns a quantity: a text as Kubernetes writes it, or a number.
pub(super) fn quantity(node: &Node, key: &str) -> Option<Quantity> {
    let value = get(node, key)?;
    match &value.kind {
        Kind::String(text) => Quantity::parse(text),
        Kind::Int(number) => Some(Quantity::whole(*number)),
        Kind::Uint(number) => Quantity::parse(&number.to_string()),
        // Rust writes floats without an exponent and with the fewest digits that mean the number.
        Kind::Float(number) if number.is_finite() => Quantity::parse(&number.to_string()),
        _ => None,
    }
}
