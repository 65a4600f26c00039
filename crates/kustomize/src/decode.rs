//! Reading maps as Go's JSON reader fills structs: names in any case, nulls are nothing.

use indexmap::IndexMap;
use manifest::scalar_text;
use yaml::Value;

use crate::identity::Gvk;

/// The fields of a map.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'v> {
    map: Option<&'v IndexMap<String, Value>>,
    place: &'v str,
    exact: bool,
}

impl<'v> Fields<'v> {
    /// Takes a map with any keys; null is an empty one.
    pub(crate) fn lenient(value: &'v Value, place: &'v str) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self { map: None, place, exact: false }),
            Value::Map(map) => Ok(Self { map: Some(map), place, exact: false }),
            _ => Err(format!("`{place}` must be a map")),
        }
    }

    /// As [`Fields::lenient`], but what should be a text must be one.
    pub(crate) fn exact(value: &'v Value, place: &'v str) -> Result<Self, String> {
        Ok(Self { exact: true, ..Self::lenient(value, place)? })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        let map = self.map?;
        let found = map.get(name).or_else(|| {
            map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        });
        found.filter(|it| !it.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, String> {
        match self.get(name) {
            None => Ok(String::new()),
            Some(value) => self.as_text(name, value),
        }
    }

    /// Returns a text that may not be written as anything else: fields of a kind or an identity, which the
    /// real program's readers fill by another way.
    pub(crate) fn exact_text(&self, name: &str) -> Result<String, String> {
        Self { exact: true, ..*self }.text(name)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.wrong(name, other, "bool")),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<i64, String> {
        match self.get(name) {
            None => Ok(0),
            Some(Value::Int(number)) => Ok(*number),
            Some(Value::Float(number)) if number.fract() == 0.0 => Ok(*number as i64),
            Some(other) => Err(self.wrong(name, other, "int64")),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Result<&'v [Value], String> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::List(items)) => Ok(items),
            Some(other) => Err(self.wrong(name, other, "list")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        self.list(name)?.iter().map(|item| self.as_text(name, item)).collect()
    }

    /// Returns a map of texts, sorted by key.
    pub(crate) fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, String> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let Some(map) = value.as_map() else { return Err(self.wrong(name, value, "map")) };
        let pair = |(key, value): (&String, &Value)| {
            self.as_text(name, value).map(|text| (key.clone(), text))
        };
        let mut pairs = map.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        pairs.sort();
        Ok(pairs)
    }

    pub(crate) fn gvk(&self) -> Result<Gvk, String> {
        let text = |name: &str| self.exact_text(name);
        Ok(Gvk { group: text("group")?, version: text("version")?, kind: text("kind")? })
    }

    /// Returns a value as a text. Where a text is wanted, the real program's reader of configurations takes
    /// numbers and truth values (`yaml.Unmarshal` of sigs.k8s.io/yaml v1.5.0); a kustomization file, which
    /// has another reader, was checked when it was loaded.
    fn as_text(&self, name: &str, value: &Value) -> Result<String, String> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Null => Ok(String::new()),
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) if !self.exact => {
                Ok(scalar_text(value))
            }
            other => Err(self.wrong(name, other, "string")),
        }
    }

    fn wrong(&self, name: &str, value: &Value, wanted: &str) -> String {
        let found = json_name(value);
        let place = self.place;
        format!(
            "invalid Kustomization: json: cannot unmarshal {found} into Go struct field {place}.{name} of type {wanted}"
        )
    }
}

/// Returns what Go's JSON reader calls a value.
pub(crate) fn json_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}
