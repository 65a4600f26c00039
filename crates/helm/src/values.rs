//! The values a release is rendered with: reading YAML, and merging `-f` and `--set…` in helm's
//! order of precedence.

use gotmpl::{Map, MapType, Value};
use yaml::Build;

use crate::error::{Error, ErrorKind};
use crate::strvals;

/// One `--set…` argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// `--set-json key=json` or a whole JSON object.
    Json(String),
    /// `--set key=value`.
    Value(String),
    /// `--set-string key=value`.
    Text(String),
    /// `--set-file key=path`; the content comes from [`ValuesInput::set_files`].
    File(String),
    /// `--set-literal key=value`.
    Literal(String),
}

/// What a user gives besides the chart's own values.
#[derive(Clone, Debug, Default)]
pub struct ValuesInput {
    /// `-f` files in their order: name for messages, and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// `--set…` arguments; those of one kind in their order (helm applies the kinds in the order
    /// JSON, values, texts, files, literals, wherever they stand).
    pub sets: Vec<Set>,
    /// The files that `--set-file` names: path as written, and content.
    pub set_files: Vec<(String, Vec<u8>)>,
    /// What comes before all of this, in its order: files and arguments in turn, as Flux has them.
    pub earlier: Vec<ValuesInput>,
}

impl ValuesInput {
    /// Merges everything into one new map.
    ///
    /// # Errors
    /// Helm's words for a file or argument that cannot be read.
    pub fn merge(&self) -> Result<Map, Error> {
        let mut base = Map::new(MapType::Any);
        for input in &self.earlier {
            base = input.merge_over(base)?;
        }
        self.merge_over(base)
    }

    /// Merges everything but what is earlier over a map.
    fn merge_over(&self, mut base: Map) -> Result<Map, Error> {
        for (name, content) in &self.files {
            let read =
                load(content).map_err(|error| error.wrap(format!("failed to parse {name}")))?;
            base = merge_maps(&base, &read);
        }
        for set in &self.sets {
            if let Set::Json(text) = set {
                base = set_json(base, text)?;
            }
        }
        let failed = |flag: &'static str| {
            move |message: String| {
                Error::new(ErrorKind::Values, format!("failed parsing --{flag} data: {message}"))
            }
        };
        for set in &self.sets {
            if let Set::Value(text) = set {
                strvals::parse(text, &base).map_err(failed("set"))?;
            }
        }
        for set in &self.sets {
            if let Set::Text(text) = set {
                strvals::parse_text(text, &base).map_err(failed("set-string"))?;
            }
        }
        for set in &self.sets {
            if let Set::File(text) = set {
                strvals::parse_file(text, &base, &self.set_files).map_err(failed("set-file"))?;
            }
        }
        for set in &self.sets {
            if let Set::Literal(text) = set {
                strvals::parse_literal(text, &base).map_err(failed("set-literal"))?;
            }
        }
        Ok(base)
    }
}

fn set_json(base: Map, text: &str) -> Result<Map, Error> {
    let trimmed = text.trim();
    if !trimmed.starts_with('{') {
        return match strvals::parse_json(text, &base) {
            Ok(()) => Ok(base),
            Err(_) => {
                let message = format!("failed parsing --set-json data {text}");
                Err(Error::new(ErrorKind::Values, message))
            }
        };
    }
    match serde_json::from_str::<serde_json::Value>(trimmed) {
        Ok(object @ serde_json::Value::Object(_)) => match from_json(&object) {
            Value::Map(map) => Ok(merge_maps(&base, &map)),
            _ => Ok(base),
        },
        _ => {
            let message = format!("failed parsing --set-json data JSON: {text}");
            Err(Error::new(ErrorKind::Values, message))
        }
    }
}

/// Returns JSON as Go's decoder gives it: every number a `float64`.
pub(crate) fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or(0.0)),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(from_json).collect()),
        serde_json::Value::Object(members) => {
            Value::map(members.iter().map(|(key, value)| (key.as_str(), from_json(value))))
        }
    }
}

/// Reads a values file: several documents are merged, later ones win.
///
/// # Errors
/// Helm's words for text that is no YAML, or no map.
pub(crate) fn load(text: &[u8]) -> Result<Map, Error> {
    let mut values = Map::new(MapType::Any);
    let mut first = true;
    for document in documents(text)? {
        let read = decode(document)?;
        // The usual case is one document: it needs no merging.
        values = if first { read } else { merge_maps(&values, &read) };
        first = false;
    }
    Ok(values)
}

/// Splits a stream at lines that are `---`, with blanks or a comment behind it.
///
/// Rule: `k8s.io/apimachinery` `YAMLReader`: a separator with nothing before it belongs to the
/// document that follows.
fn documents(text: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(text.len(), |found| at + found + 1);
        let line = text.get(at..end).unwrap_or_default();
        if let Some(after) = line.strip_prefix(b"---") {
            let after = String::from_utf8_lossy(after);
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                return Err(Error::new(
                    ErrorKind::Values,
                    format!(
                        "error reading yaml document: invalid Yaml document separator: {after}"
                    ),
                ));
            }
            if at > start {
                documents.extend(text.get(start..at));
                start = end;
            }
        }
        at = end;
    }
    if at > start {
        documents.extend(text.get(start..at));
    }
    Ok(documents)
}

fn decode(document: &[u8]) -> Result<Map, Error> {
    let fail = |message: String| {
        Err(Error::new(ErrorKind::Values, format!("cannot unmarshal yaml document: {message}")))
    };
    match yaml::decode_go2(document, &mut ValueBuilder) {
        Ok(Value::Map(map)) => Ok(map),
        Ok(Value::Nil) => Ok(Map::new(MapType::Any)),
        Ok(other) => {
            let got = match other {
                Value::Bool(_) => "bool",
                Value::Str(_) => "string",
                Value::List(_) => "array",
                _ => "number",
            };
            fail(format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {got} \
                 into Go value of type map[string]interface {{}}"
            ))
        }
        Err(error) => fail(format!("error converting YAML to JSON: {}", error.go_text())),
    }
}

/// Returns a new map with the entries of both; maps on both sides are merged, otherwise the
/// second wins.
pub(crate) fn merge_maps(first: &Map, second: &Map) -> Map {
    if first.is_empty() {
        return second.shallow_copy();
    }
    let merged = first.shallow_copy();
    for (key, value) in second.entries().iter() {
        let value = match (merged.get(key), value) {
            (Some(Value::Map(old)), Value::Map(new)) => Value::Map(merge_maps(&old, new)),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

/// Builds template values as JSON decoding does: every number becomes a `float64`.
pub(crate) struct ValueBuilder;

impl Build for ValueBuilder {
    type Value = Value;

    fn null(&mut self) -> Value {
        Value::Nil
    }
    fn bool(&mut self, value: bool) -> Value {
        Value::Bool(value)
    }
    #[allow(clippy::cast_precision_loss, reason = "JSON numbers become float64 in Go as well")]
    fn int(&mut self, value: i64) -> Value {
        Value::Float(value as f64)
    }
    #[allow(clippy::cast_precision_loss, reason = "JSON numbers become float64 in Go as well")]
    fn uint(&mut self, value: u64) -> Value {
        Value::Float(value as f64)
    }
    fn float(&mut self, value: f64) -> Value {
        Value::Float(value)
    }
    fn string(&mut self, text: &str) -> Value {
        Value::from(text)
    }
    fn list(&mut self, items: Vec<Value>) -> Value {
        Value::list(items)
    }
    fn map(&mut self, entries: Vec<(String, Value)>) -> Value {
        Value::map(entries)
    }
}
