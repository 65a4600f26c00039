//! The plain value: what a document says, without places.

use indexmap::IndexMap;

use crate::{Build, Error, Kind, Node, decode_go2, number};

/// A value as JSON knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number above `i64::MAX`.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    String(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping, in the order written.
    Map(IndexMap<String, Value>),
}

impl Value {
    /// Reads the first document of a text as `sigs.k8s.io/yaml` does.
    pub fn decode_go2(text: &[u8]) -> Result<Self, Error> {
        decode_go2(text, &mut ValueBuilder)
    }

    /// Returns the value of a key, when this is a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// Returns an item, when this is a list.
    pub fn item(&self, index: usize) -> Option<&Self> {
        self.as_list()?.get(index)
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns a whole number that fits `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns any number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Uint(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the text that `sigs.k8s.io/yaml` gives to a Go field of type `string`: numbers and
    /// truth values are written out (a float with 32 bits, so that `1.10` becomes `1.1`).
    pub fn to_go_string(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Uint(value) => Some(value.to_string()),
            Self::Float(value) => Some(number::yaml_float32(*value)),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Returns the items of a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the entries of a map.
    pub fn as_map(&self) -> Option<&IndexMap<String, Self>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Says whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<&Node> for Value {
    /// Leaves places out; keys become texts, merge keys are applied, the last of equal keys wins.
    fn from(node: &Node) -> Self {
        match &node.kind {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(*value),
            Kind::Int(value) => Self::Int(*value),
            Kind::Uint(value) => Self::Uint(*value),
            Kind::Float(value) => Self::Float(*value),
            Kind::String(text) => Self::String(text.clone()),
            Kind::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Kind::Map(entries) => {
                let mut map = IndexMap::with_capacity(entries.len());
                fill(&mut map, entries);
                Self::Map(map)
            }
        }
    }
}

impl From<Node> for Value {
    /// As from a node that stays, without copying its texts.
    fn from(node: Node) -> Self {
        match node.kind {
            Kind::String(text) => Self::String(text),
            Kind::List(items) => Self::List(items.into_iter().map(Self::from).collect()),
            // What is merged comes from nodes that others have too.
            Kind::Map(entries) if !entries.iter().any(|(key, _)| key.is_merge_key()) => {
                let mut map = IndexMap::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = match key.kind {
                        Kind::String(text) => text,
                        _ => key_text(&key),
                    };
                    map.insert(key, Self::from(value));
                }
                Self::Map(map)
            }
            kind => Self::from(&Node { kind, ..node }),
        }
    }
}

fn fill(map: &mut IndexMap<String, Value>, entries: &[(Node, Node)]) {
    for (key, value) in entries {
        if key.is_merge_key() {
            match &value.kind {
                Kind::Map(merged) => fill(map, merged),
                // Earlier maps of the list win over later ones.
                Kind::List(items) => {
                    items
                        .iter()
                        .rev()
                        .filter_map(Node::as_map)
                        .for_each(|merged| fill(map, merged));
                }
                _ => {}
            }
            continue;
        }
        map.insert(key_text(key), Value::from(value));
    }
}

/// Returns the text that `sigs.k8s.io/yaml` makes of a key.
pub(crate) fn key_text(key: &Node) -> String {
    match &key.kind {
        Kind::String(text) => text.clone(),
        Kind::Bool(value) => value.to_string(),
        Kind::Int(value) => value.to_string(),
        Kind::Uint(value) => value.to_string(),
        Kind::Float(value) => number::yaml_float32(*value),
        Kind::Null => "null".to_owned(),
        Kind::List(_) | Kind::Map(_) => String::new(),
    }
}

/// Builds [`Value`]s while decoding.
#[derive(Debug, Default)]
pub struct ValueBuilder;

impl Build for ValueBuilder {
    type Value = Value;

    fn null(&mut self) -> Value {
        Value::Null
    }
    fn bool(&mut self, value: bool) -> Value {
        Value::Bool(value)
    }
    fn int(&mut self, value: i64) -> Value {
        Value::Int(value)
    }
    fn uint(&mut self, value: u64) -> Value {
        Value::Uint(value)
    }
    fn float(&mut self, value: f64) -> Value {
        Value::Float(value)
    }
    fn string(&mut self, text: &str) -> Value {
        Value::String(text.to_owned())
    }
    fn list(&mut self, items: Vec<Value>) -> Value {
        Value::List(items)
    }
    fn map(&mut self, entries: Vec<(String, Value)>) -> Value {
        Value::Map(entries.into_iter().collect())
    }
}
