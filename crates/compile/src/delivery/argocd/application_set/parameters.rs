//! What generators give: parameters with Go's types, how they merge, and how they are flattened.
//!
//! Source: Argo CD, `applicationset/generators` (3.2); the libraries mergo (`WithOverride`) and flatten.

use std::collections::BTreeMap;

use gotmpl::{List, ListType, Map, MapType, Str};
use yaml::Value;

/// A parameter's value. Go keeps lists and maps of texts apart from lists and maps of anything: the
/// former are not taken apart when parameters are flattened.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameter {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Parameter>),
    Texts(Vec<String>),
    Map(Parameters),
    TextMap(BTreeMap<String, String>),
}

/// Parameters by name.
pub(super) type Parameters = BTreeMap<String, Parameter>;

impl From<&Value> for Parameter {
    fn from(value: &Value) -> Parameter {
        match value {
            Value::Null => Parameter::Null,
            Value::Bool(truth) => Parameter::Bool(*truth),
            Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
                Parameter::Number(value.as_f64().unwrap_or_default())
            }
            Value::String(text) => Parameter::Text(text.clone()),
            Value::List(items) => Parameter::List(items.iter().map(Parameter::from).collect()),
            Value::Map(_) => Parameter::Map(map_of(value)),
        }
    }
}

/// Returns the entries of a map as parameters; none of anything else.
pub(super) fn map_of(value: &Value) -> Parameters {
    let entries = value.as_map().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), Parameter::from(value))).collect()
}

/// Returns parameters as a Go template sees them.
pub(super) fn template_data(parameters: &Parameters) -> gotmpl::Value {
    let entries = parameters.iter().map(|(key, value)| (Str::from(key.as_str()), go(value)));
    gotmpl::Value::Map(Map::from_entries(MapType::Any, entries.collect()))
}

fn go(parameter: &Parameter) -> gotmpl::Value {
    match parameter {
        Parameter::Null => gotmpl::Value::Nil,
        Parameter::Bool(truth) => gotmpl::Value::Bool(*truth),
        Parameter::Number(number) => gotmpl::Value::Float(*number),
        Parameter::Text(text) => gotmpl::Value::string(text.as_str()),
        Parameter::List(items) => {
            gotmpl::Value::List(List::new(ListType::Any, items.iter().map(go).collect()))
        }
        Parameter::Texts(texts) => gotmpl::Value::strings(texts.iter().map(String::as_str)),
        Parameter::Map(entries) => template_data(entries),
        Parameter::TextMap(entries) => {
            let text = |(key, value): (&String, &String)| {
                (Str::from(key.as_str()), gotmpl::Value::string(value.as_str()))
            };
            let entries = entries.iter().map(text).collect();
            gotmpl::Value::Map(Map::from_entries(MapType::String, entries))
        }
    }
}

/// Returns a value as Go's `%v` prints it.
pub(super) fn printed(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Text(text) => text.clone(),
        other => {
            let bytes = gotmpl::fmt::sprintf(b"%v", &[go(other)]).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

/// Takes maps and lists apart: `a.b.0`. What is empty leaves nothing.
pub(super) fn flatten(parameters: &Parameters) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    for (key, value) in parameters {
        flatten_into(key.clone(), value, &mut flat);
    }
    flat
}

fn flatten_into(key: String, value: &Parameter, flat: &mut BTreeMap<String, String>) {
    match value {
        Parameter::Map(entries) => {
            for (below, value) in entries {
                flatten_into(format!("{key}.{below}"), value, flat);
            }
        }
        Parameter::List(items) => {
            for (number, value) in items.iter().enumerate() {
                flatten_into(format!("{key}.{number}"), value, flat);
            }
        }
        leaf => {
            flat.insert(key, printed(leaf));
        }
    }
}

/// Merges `above` into `below`: maps are merged, anything else is replaced.
///
/// # Errors
/// Where Go's library panics: a map of anything over a map of texts.
pub(super) fn merge(below: &mut Parameters, above: &Parameters) -> Result<(), String> {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(Parameter::Map(there)), Parameter::Map(over)) => merge(there, over)?,
            (Some(Parameter::Map(there)), Parameter::TextMap(over)) => {
                let texts = over.iter();
                there.extend(texts.map(|(key, text)| (key.clone(), Parameter::Text(text.clone()))));
            }
            (Some(Parameter::TextMap(there)), Parameter::TextMap(over)) => {
                there.extend(over.iter().map(|(key, text)| (key.clone(), text.clone())));
            }
            (Some(Parameter::TextMap(_)), Parameter::Map(over)) if !over.is_empty() => {
                return Err(format!(
                    "reflect.Value.SetMapIndex: `{key}` of one generator has values of any kind, of \
                     the other texts only"
                ));
            }
            _ => {
                below.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parameters {
        map_of(&Value::decode_go2(text.as_bytes()).unwrap())
    }

    #[test]
    fn parameters_are_flattened_and_printed_as_go_does() {
        let flat =
            flatten(&read("{a: {b: [1, x, {c: null}]}, number: 1000000, e: {}, l: [], t: true}"));
        let flat: Vec<String> = flat.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(flat, ["a.b.0=1", "a.b.1=x", "a.b.2.c=<nil>", "number=1e+06", "t=true"]);
    }

    #[test]
    fn maps_merge_and_everything_else_is_replaced() {
        let mut below = read("{a: {b: 1, c: 2}, l: [1, 2], s: x}");
        merge(&mut below, &read("{a: {c: 3}, l: [], s: {t: 1}}")).unwrap();
        assert_eq!(below, read("{a: {b: 1, c: 3}, l: [], s: {t: 1}}"));
    }
}
