//! The spanned tree: what a document says and where it says it.

use indexmap::IndexMap;

use crate::Span;
use crate::value::key_text;

/// One value of a document, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value's own bytes: quotes included, anchor and tag not.
    ///
    /// An absent value has the empty span where it would begin, a block scalar begins at its `|` or `>`.
    /// An alias has the span of the `*name` that stands in its place.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// The tag as resolved (`tag:yaml.org,2002:str`, `!local`), when one is written.
    pub tag: Option<Box<str>>,
    /// The anchor that is written before the value.
    pub anchor: Option<Box<str>>,
    /// How a scalar is written.
    pub style: ScalarStyle,
    /// Whether the value stands for an anchored one (`*name`); then `kind` is a copy of it.
    pub alias: bool,
    /// Whether a list or map is written with brackets.
    pub flow: bool,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number above `i64::MAX`.
    Uint(u64),
    /// A number with a fraction or exponent, an infinity, or not a number.
    Float(f64),
    /// A text.
    String(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order written; keys that occur twice are both there.
    Map(Vec<(Node, Node)>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes; also said of lists and maps.
    #[default]
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

impl Node {
    /// Returns an untagged, plain node.
    pub fn new(kind: Kind, span: Span) -> Self {
        Self {
            span,
            kind,
            tag: None,
            anchor: None,
            style: ScalarStyle::Plain,
            alias: false,
            flow: false,
        }
    }

    /// Moves the places of the node and of everything in it by so many bytes: the text that they are in
    /// stands further back in another one. Places beyond 4 GiB are cut, as everywhere.
    pub fn shift(&mut self, by: u32) {
        self.span.start = self.span.start.saturating_add(by);
        self.span.end = self.span.end.saturating_add(by);
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Kind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.shift(by);
                value.shift(by);
            }),
            _ => {}
        }
    }

    /// Returns the value of a text key; the last one where it occurs twice.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Returns key and value of a text key; the last ones where it occurs twice.
    pub fn entry(&self, key: &str) -> Option<&(Self, Self)> {
        self.as_map()?.iter().rev().find(|(name, _)| name.as_str() == Some(key))
    }

    /// Returns an item of a list.
    pub fn item(&self, index: usize) -> Option<&Self> {
        self.as_list()?.get(index)
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Returns a whole number that fits `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Returns any number.
    pub fn as_f64(&self) -> Option<f64> {
        match self.kind {
            Kind::Int(value) => Some(value as f64),
            Kind::Uint(value) => Some(value as f64),
            Kind::Float(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the items of a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the entries of a map.
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Says whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Returns the word for what it is: `null`, `boolean`, `number`, `string`, `list` or `map`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "boolean",
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => "number",
            Kind::String(_) => "string",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
        }
    }

    /// Returns the bytes that it has in the text it was read from.
    pub fn source<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.range()).unwrap_or_default()
    }

    /// Says whether this is the key `<<` which merges another map into this one.
    pub fn is_merge_key(&self) -> bool {
        let written = match &self.tag {
            None => self.style == ScalarStyle::Plain,
            Some(tag) => matches!(&**tag, "!" | "tag:yaml.org,2002:merge"),
        };
        written && self.as_str() == Some("<<")
    }

    /// Puts what merge keys name in their place, here and in everything below, as [`Value`](crate::Value)
    /// does: what comes later wins, and of several maps the first.
    pub fn apply_merge_keys(&mut self) {
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(Node::apply_merge_keys),
            Kind::Map(entries) => {
                entries.iter_mut().for_each(|(_, value)| value.apply_merge_keys());
                if entries.iter().any(|(key, _)| key.is_merge_key()) {
                    let mut merged = IndexMap::with_capacity(entries.len());
                    fill(&mut merged, std::mem::take(entries));
                    *entries = merged.into_values().collect();
                }
            }
            _ => {}
        }
    }
}

/// Adds entries to a map by the texts of their keys.
fn fill(map: &mut IndexMap<String, (Node, Node)>, entries: Vec<(Node, Node)>) {
    for (key, value) in entries {
        if !key.is_merge_key() {
            map.insert(key_text(&key), (key, value));
            continue;
        }
        let maps = match value.kind {
            Kind::Map(_) => vec![value],
            Kind::List(items) => items.into_iter().rev().collect(),
            _ => Vec::new(),
        };
        for merged in maps {
            if let Kind::Map(merged) = merged.kind {
                fill(map, merged);
            }
        }
    }
}
