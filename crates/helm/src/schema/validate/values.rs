//! What values are: types, equality, sizes, and how they are shown.

use std::borrow::Cow;
use std::collections::BTreeSet;

use gotmpl::Value;

use super::super::decimal::Decimal;
use super::super::json::{Kind, Node};
use super::super::keywords::Keyword as K;
use super::super::words;
use super::super::words::quote;
use super::{Frame, Validator};

impl Validator<'_> {
    pub(super) fn count(&self, frame: &Frame<'_>, keyword: K) -> Option<i128> {
        let node = frame.keywords.get(keyword)?;
        let number = Decimal::parse(self.document.raw(node))?;
        #[allow(clippy::cast_possible_truncation, reason = "sizes are small whole numbers")]
        number.is_integer().then(|| number.float() as i128)
    }

    /// Returns the types that were wanted, if the value has none of them.
    pub(super) fn type_mismatch(&self, types: Node, got: &str, value: &Value) -> Option<String> {
        let names: Vec<Cow<'_, str>> = match self.document.kind(types) {
            Kind::List => {
                self.document.items(types).filter_map(|name| self.document.string(name)).collect()
            }
            _ => self.document.string(types).into_iter().collect(),
        };
        let fits = names.iter().any(|name| {
            *name == got
                || (*name == "integer"
                    && got == "number"
                    && Decimal::of(value).is_some_and(Decimal::is_integer))
        });
        let order = ["null", "boolean", "number", "integer", "string", "array", "object"];
        let want: Vec<&str> =
            order.into_iter().filter(|name| names.iter().any(|known| known == name)).collect();
        (!fits && !want.is_empty()).then(|| want.join(" or "))
    }

    pub(super) fn enum_words(&self, want: Node) -> String {
        let kinds = |node: Node| matches!(self.document.kind(node), Kind::List | Kind::Object);
        if self.document.items(want).any(kinds) {
            return "'enum' failed".to_owned();
        }
        let shown: Vec<String> = self.document.items(want).map(|node| self.shown(node)).collect();
        match shown.as_slice() {
            [one] => format!("value must be {one}"),
            several => format!("value must be one of {}", several.join(", ")),
        }
    }

    pub(super) fn shown(&self, node: Node) -> String {
        match self.document.string(node) {
            Some(text) => quote(&text),
            None if self.document.kind(node) == Kind::Null => "<nil>".to_owned(),
            None => self.document.raw(node).to_owned(),
        }
    }

    pub(super) fn equals(&self, value: &Value, node: Node) -> bool {
        let document = self.document;
        match (value, document.kind(node)) {
            (Value::Nil, Kind::Null)
            | (Value::Bool(true), Kind::True)
            | (Value::Bool(false), Kind::False) => true,
            (Value::Int(_) | Value::Float(_), Kind::Number) => {
                let numbers = Decimal::of(value).zip(Decimal::parse(document.raw(node)));
                numbers.is_some_and(|(left, right)| left.compare(right).is_eq())
            }
            (Value::Str(text), Kind::String) => *text == document.raw(node),
            (Value::Str(text), Kind::Escaped) => {
                document.string(node).is_some_and(|want| *text == *want)
            }
            (Value::List(list), Kind::List) => {
                let items = list.items();
                items.len() == document.items(node).count()
                    && items.iter().zip(document.items(node)).all(|(a, b)| self.equals(a, b))
            }
            (Value::Map(map), Kind::Object) => {
                let names: BTreeSet<Cow<'_, str>> =
                    document.members(node).filter_map(|(name, _)| document.string(name)).collect();
                map.len() == names.len()
                    && names.iter().all(|name| {
                        let pair = map.get(name.as_bytes()).zip(document.get(node, name));
                        pair.is_some_and(|(a, b)| self.equals(&a, b))
                    })
            }
            _ => false,
        }
    }
}

pub(super) fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Nil => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "number",
        Value::Float(number) if number.is_finite() => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => return None,
    })
}

/// Returns the first two equal items.
pub(super) fn duplicates(items: &[Value]) -> Option<(usize, usize)> {
    for (at, item) in items.iter().enumerate() {
        if let Some(same) = items.iter().take(at).position(|other| same(other, item)) {
            return Some((same, at));
        }
    }
    None
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let numbers = Decimal::of(a).zip(Decimal::of(b));
            numbers.is_some_and(|(a, b)| a.compare(b).is_eq())
        }
        (Value::List(a), Value::List(b)) => {
            let (a, b) = (a.items(), b.items());
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.entries(), b.entries());
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
        }
        _ => false,
    }
}

pub(super) fn size_below(size: usize, least: i128) -> bool {
    i128::try_from(size).is_ok_and(|size| size < least)
}

pub(super) fn size_above(size: usize, most: i128) -> bool {
    i128::try_from(size).is_ok_and(|size| size > most)
}

pub(super) fn count(size: usize) -> String {
    words::count(i128::try_from(size).unwrap_or(0))
}

pub(super) fn sizes(keyword: &str, got: usize, want: i128) -> String {
    format!("{keyword}: got {}, want {}", count(got), words::count(want))
}
