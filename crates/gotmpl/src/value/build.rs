//! Values straight from YAML, as helm reads them: through JSON, so that every number is a float.

use super::{List, ListType, Map, MapType, Str, Value};

/// Makes template values while `yaml` decodes a document.
#[derive(Debug, Clone, Copy, Default)]
pub struct ValueBuilder;

impl yaml::Build for ValueBuilder {
    type Value = Value;

    fn null(&mut self) -> Value {
        Value::Nil
    }

    fn bool(&mut self, value: bool) -> Value {
        Value::Bool(value)
    }

    fn int(&mut self, value: i64) -> Value {
        Value::Float(value as f64)
    }

    fn uint(&mut self, value: u64) -> Value {
        Value::Float(value as f64)
    }

    fn float(&mut self, value: f64) -> Value {
        Value::Float(value)
    }

    fn string(&mut self, text: &str) -> Value {
        Value::Str(Str::from(text))
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        Value::List(List::new(ListType::Any, items))
    }

    fn map(&mut self, entries: Vec<(String, Value)>) -> Value {
        let entries = entries.into_iter().map(|(key, value)| (Str::from(key), value)).collect();
        Value::Map(Map::from_entries(MapType::Any, entries))
    }
}
