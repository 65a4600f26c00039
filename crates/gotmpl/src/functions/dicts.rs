//! Dicts: making, reading, changing, picking.

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::{Map, MapType, Str, Value};

use super::arguments::{Answer, any, as_dict, dict, failure, text};
use super::print::to_string;

use Param::{Any, Dict, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::variadic("dict", &[], Any, make),
    FunctionEntry::new("get", &[Dict, Text], get),
    FunctionEntry::new("set", &[Dict, Text, Any], set),
    FunctionEntry::new("unset", &[Dict, Text], unset),
    FunctionEntry::new("hasKey", &[Dict, Text], has_key),
    FunctionEntry::variadic("pluck", &[Text], Dict, pluck),
    FunctionEntry::variadic("keys", &[], Dict, keys),
    FunctionEntry::variadic("pick", &[Dict], Text, pick),
    FunctionEntry::variadic("omit", &[Dict], Text, omit),
    FunctionEntry::new("values", &[Dict], values),
    FunctionEntry::variadic("dig", &[], Any, dig),
    FunctionEntry::new("deepCopy", &[Any], deep_copy),
    FunctionEntry::new("mustDeepCopy", &[Any], deep_copy),
];

/// Returns a map as a parameter of the type `map[string]interface {}` has it: `.Values` is one by another name.
pub(super) fn as_plain(value: &Value) -> Value {
    match value {
        Value::Map(map) if map.map_type() == MapType::Values => {
            Value::Map(map.viewed_as(MapType::Any))
        }
        _ => value.clone(),
    }
}

fn new_dict(entries: Vec<(Str, Value)>) -> Value {
    Value::Map(Map::from_entries(MapType::Any, entries))
}

fn make(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut entries = Vec::with_capacity(arguments.len().div_ceil(2));
    for pair in arguments.chunks(2) {
        let key = to_string(any(pair, 0))?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::string(""));
        entries.push((key, value));
    }
    Ok(new_dict(entries))
}

fn get(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let value = dict(arguments, 0).and_then(|map| map.get(text(arguments, 1)));
    Ok(value.unwrap_or_else(|| Value::string("")))
}

fn set(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let Some(map) = dict(arguments, 0).filter(|map| !map.is_nil()) else {
        return failure("assignment to entry in nil map");
    };
    match any(arguments, 1) {
        Value::Str(key) => map.insert(key.clone(), any(arguments, 2).clone()),
        _ => map.insert(text(arguments, 1), any(arguments, 2).clone()),
    }
    Ok(as_plain(any(arguments, 0)))
}

fn unset(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let Some(map) = dict(arguments, 0) else {
        return Ok(new_dict(Vec::new()));
    };
    map.remove(text(arguments, 1));
    Ok(as_plain(any(arguments, 0)))
}

fn has_key(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let there = dict(arguments, 0).is_some_and(|map| map.contains(text(arguments, 1)));
    Ok(Value::Bool(there))
}

fn pluck(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let key = text(arguments, 0);
    let maps = arguments.iter().skip(1).filter_map(as_dict);
    Ok(Value::list(maps.filter_map(|map| map.get(key)).collect()))
}

fn keys(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut all = Vec::new();
    for map in arguments.iter().filter_map(as_dict) {
        context.spend(map.len())?;
        // Go's order is random; sorted is one of the possible ones.
        all.extend(map.keys());
    }
    Ok(Value::strings(all))
}

fn pick(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut kept = Vec::new();
    if let Some(map) = dict(arguments, 0) {
        for key in arguments.iter().skip(1).filter_map(Value::as_string) {
            if let Some(value) = map.get(key) {
                kept.push((key.clone(), value));
            }
        }
    }
    Ok(new_dict(kept))
}

fn omit(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let unwanted = arguments.get(1..).unwrap_or_default();
    let mut kept = Vec::new();
    if let Some(map) = dict(arguments, 0) {
        let entries = map.entries();
        context.spend(entries.len().saturating_mul(unwanted.len().max(1)))?;
        for (key, value) in entries.iter() {
            if !unwanted.iter().any(|other| other.as_string() == Some(key)) {
                kept.push((key.clone(), value.clone()));
            }
        }
    }
    Ok(new_dict(kept))
}

fn values(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let Some(map) = dict(arguments, 0) else {
        return Ok(Value::list(Vec::new()));
    };
    let entries = map.entries();
    context.spend(entries.len())?;
    Ok(Value::list(entries.iter().map(|(_, value)| value.clone()).collect()))
}

/// Go's words for a value that is not of the type somebody insists on.
fn not_a(value: &Value, wanted: &str) -> FunctionError {
    let name = match value {
        Value::Nil => "nil".into(),
        _ => value.type_name(),
    };
    FunctionError::new(format!("interface conversion: interface {{}} is {name}, not {wanted}"))
}

/// The map behind a value, if its type is exactly `map[string]interface {}`: a chart's `.Values`
/// has a type of its own and is refused.
fn plain_dict(value: &Value) -> Result<Map, FunctionError> {
    match value {
        Value::Map(map) if map.map_type().name() == MapType::Any.name() => Ok(map.clone()),
        _ => Err(not_a(value, "map[string]interface {}")),
    }
}

fn dig(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let [path @ .., default, map] = arguments else {
        return failure("dig needs at least three arguments");
    };
    if path.is_empty() {
        return failure("dig needs at least three arguments");
    }
    let mut map = plain_dict(map)?;
    let mut keys = Vec::with_capacity(path.len());
    for key in path {
        keys.push(key.as_string().ok_or_else(|| not_a(key, "string"))?);
    }
    for (depth, key) in keys.iter().enumerate() {
        let Some(step) = map.get(key) else {
            return Ok(default.clone());
        };
        if depth + 1 == keys.len() {
            return Ok(step);
        }
        map = plain_dict(&step)?;
    }
    Ok(default.clone())
}

fn deep_copy(_: &mut CallContext, arguments: &[Value]) -> Answer {
    match any(arguments, 0) {
        Value::Nil => failure("reflect: call of reflect.Value.Type on zero Value"),
        // The copy of a version has none of its private fields: all zero.
        value if value.type_name() == "*semver.Version" => Ok(super::versions::zero()),
        Value::Map(map) if map.is_nil() => Ok(any(arguments, 0).clone()),
        value => Ok(value.deep_copy()?),
    }
}
