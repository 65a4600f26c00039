//! The methods that Helm's type for values has: `.Values.AsMap`, `.Values.Table "a.b"`, ….

use crate::call::{Param, Signature};
use crate::registry::{self, Callee};
use crate::value::{Map, MapType, Str, Value};

use super::Engine;

static NONE: Signature = Signature { params: &[], variadic: None };
static STRING: Signature = Signature { params: &[Param::String], variadic: None };

/// Returns the parameters of a method; only Helm's own type has any.
pub(super) fn method(map: &Map, name: &[u8]) -> Option<&'static Signature> {
    if map.map_type() != MapType::Values {
        return None;
    }
    match name {
        b"AsMap" | b"YAML" => Some(&NONE),
        b"Table" | b"PathValue" => Some(&STRING),
        _ => None,
    }
}

impl Engine<'_> {
    /// Calls a method that [`method`] knows.
    pub(super) fn values_method(
        &mut self,
        map: &Map,
        name: &str,
        arguments: &[Value],
    ) -> Result<Value, String> {
        let path = arguments.first().and_then(Value::as_string).cloned().unwrap_or_default();
        let failed = |message: String| format!("error calling {name}: {message}");
        match name {
            "AsMap" => Ok(Value::Map(map.viewed_as(MapType::Any))),
            "YAML" => self.yaml(map).map_err(failed),
            "Table" => table(map, &path).map(Value::Map).map_err(failed),
            _ => path_value(map, &path).map_err(failed),
        }
    }

    fn yaml(&mut self, map: &Map) -> Result<Value, String> {
        let Some(Callee::Plain(to_yaml)) = registry::find("toYaml") else {
            return Ok(Value::string(""));
        };
        let text = (to_yaml.function)(&mut self.context, &[Value::Map(map.clone())]);
        match text.map_err(|error| error.to_string())? {
            Value::Str(text) => {
                // The function cuts the newline that ends the document.
                let mut text = text.to_vec();
                text.push(b'\n');
                Ok(Value::Str(Str::from(text)))
            }
            other => Ok(other),
        }
    }
}

/// Returns the map at a path of names joined by dots.
fn table(map: &Map, path: &[u8]) -> Result<Map, String> {
    let mut map = map.clone();
    for name in path.split(|byte| *byte == b'.') {
        map = match map.get(name) {
            Some(Value::Map(next)) => next.with_type(MapType::Values),
            _ => return Err(format!("{} is not a table", crate::fmt::quote::quote(name))),
        };
    }
    Ok(map)
}

/// Returns the value at a path, which must not be a map.
fn path_value(map: &Map, path: &[u8]) -> Result<Value, String> {
    if path.is_empty() {
        return Err("YAML path cannot be empty".to_owned());
    }
    let (tables, last) = match memchr::memrchr(b'.', path) {
        Some(dot) => {
            let (tables, last) = path.split_at(dot);
            (Some(tables), last.get(1..).unwrap_or_default())
        }
        None => (None, path),
    };
    let no_value = |name: &[u8]| format!("{} is not a value", crate::fmt::quote::quote(name));
    let map = match tables {
        Some(tables) => table(map, tables).map_err(|_| no_value(last))?,
        None => map.clone(),
    };
    match map.get(last) {
        Some(Value::Map(_)) | None => Err(no_value(last)),
        Some(value) => Ok(value),
    }
}
