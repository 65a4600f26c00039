//! JSON and YAML in and out of templates.

use crate::call::{CallContext, FunctionEntry, Param};
use crate::value::build::ValueBuilder;
use crate::value::{Map, MapType, Value};

use super::arguments::{Answer, any, failure, string, text};
use super::json_read::{Target, read};
use super::json_write::{Style, write};
use super::{toml_read, toml_write, yaml_pretty, yaml_write};

use Param::{Any, String as Text};

const COMPACT: Style = Style { escape_html: true, pretty: false };
const PRETTY: Style = Style { escape_html: true, pretty: true };
const RAW: Style = Style { escape_html: false, pretty: false };

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("toJson", &[Any], |context, a| to_json(context, a, COMPACT, false)),
    FunctionEntry::new("mustToJson", &[Any], |context, a| to_json(context, a, COMPACT, true)),
    FunctionEntry::new("toPrettyJson", &[Any], |context, a| to_json(context, a, PRETTY, false)),
    FunctionEntry::new("mustToPrettyJson", &[Any], |context, a| to_json(context, a, PRETTY, true)),
    FunctionEntry::new("toRawJson", &[Any], |context, a| to_json(context, a, RAW, true)),
    FunctionEntry::new("mustToRawJson", &[Any], |context, a| to_json(context, a, RAW, true)),
    FunctionEntry::new("fromJson", &[Text], from_json),
    FunctionEntry::new("mustFromJson", &[Text], must_from_json),
    FunctionEntry::new("fromJsonArray", &[Text], from_json_array),
    FunctionEntry::new("toYaml", &[Any], |context, a| to_yaml(context, a, false)),
    FunctionEntry::new("mustToYaml", &[Any], |context, a| to_yaml(context, a, true)),
    FunctionEntry::new("toYamlPretty", &[Any], |context, arguments| {
        let out = yaml_pretty::write(any(arguments, 0))?;
        context.spend(out.len())?;
        string(out)
    }),
    FunctionEntry::new("toToml", &[Any], |context, a| to_toml(context, a, false)),
    FunctionEntry::new("mustToToml", &[Any], |context, a| to_toml(context, a, true)),
    FunctionEntry::new("fromToml", &[Text], from_toml),
    FunctionEntry::new("fromYaml", &[Text], from_yaml),
    FunctionEntry::new("fromYamlArray", &[Text], from_yaml_array),
];

fn to_json(context: &mut CallContext, arguments: &[Value], style: Style, must: bool) -> Answer {
    match write(any(arguments, 0), style) {
        Ok(out) => {
            context.spend(out.len())?;
            string(out)
        }
        Err(error) if must => failure(error.to_string()),
        Err(_) => string(""),
    }
}

/// The map that stands for an error: `map[Error:…]`.
fn error_map(entries: Value, error: String) -> Value {
    let map = match entries {
        Value::Map(map) => map,
        _ => Map::new(MapType::Any),
    };
    map.insert("Error", Value::string(error));
    Value::Map(map)
}

fn empty_map() -> Value {
    Value::Map(Map::new(MapType::Any))
}

/// `fromJson` as sprig has it: helm's stands in the table.
pub(crate) static FROM_JSON_OF_SPRIG: FunctionEntry =
    FunctionEntry::new("fromJson", &[Text], |context, arguments| {
        context.spend(text(arguments, 0).len())?;
        let outcome = read(text(arguments, 0), Target::Any);
        Ok(outcome.value.filter(|_| outcome.error.is_none()).unwrap_or_default())
    });

fn from_json(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    let outcome = read(text(arguments, 0), Target::Map);
    let map = outcome.value.filter(|value| !value.is_nil());
    Ok(match outcome.error {
        Some(error) => error_map(map.unwrap_or_else(empty_map), error),
        // `null` makes a nil map of the one that is there.
        None => map.unwrap_or_else(|| Value::Map(Map::new(MapType::NIL))),
    })
}

fn must_from_json(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    let outcome = read(text(arguments, 0), Target::Any);
    match outcome.error {
        Some(error) => failure(error),
        None => Ok(outcome.value.unwrap_or_default()),
    }
}

fn from_json_array(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    let outcome = read(text(arguments, 0), Target::List);
    Ok(match (outcome.error, outcome.value) {
        (Some(error), _) => Value::list(vec![Value::string(error)]),
        (None, Some(Value::Nil) | None) => super::arguments::nil_list(),
        (None, Some(list)) => list,
    })
}

fn to_yaml(context: &mut CallContext, arguments: &[Value], must: bool) -> Answer {
    match yaml_write::write(any(arguments, 0)) {
        Ok(out) => {
            context.spend(out.len())?;
            string(out)
        }
        Err(error) if must => failure(error),
        Err(_) => string(""),
    }
}

/// Go's words when a YAML document is not of the type wanted.
fn mismatch(value: &Value, wanted: &str) -> String {
    let what = match value {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::Bool(_) => "bool",
        Value::Str(_) => "string",
        _ => "number",
    };
    format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {what} into Go value of type {wanted}"
    )
}

/// Go's words for a text that is no YAML.
fn not_yaml(error: &yaml::Error) -> String {
    format!("error converting YAML to JSON: {}", error.go_text())
}

fn from_yaml(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    Ok(match yaml::decode_go2(text(arguments, 0), &mut ValueBuilder) {
        Ok(map @ Value::Map(_)) => map,
        Ok(Value::Nil) => empty_map(),
        Ok(other) => error_map(empty_map(), mismatch(&other, "map[string]interface {}")),
        Err(error) => error_map(empty_map(), not_yaml(&error)),
    })
}

fn from_yaml_array(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    Ok(match yaml::decode_go2(text(arguments, 0), &mut ValueBuilder) {
        Ok(list @ Value::List(_)) => list,
        // Unlike JSON's `null`, nothing in YAML leaves the list as it was: empty.
        Ok(Value::Nil) => Value::list(Vec::new()),
        Ok(other) => Value::list(vec![Value::string(mismatch(&other, "[]interface {}"))]),
        Err(error) => Value::list(vec![Value::string(not_yaml(&error))]),
    })
}

fn to_toml(context: &mut CallContext, arguments: &[Value], must: bool) -> Answer {
    match toml_write::write(any(arguments, 0)) {
        Ok(out) => {
            context.spend(out.len())?;
            string(out)
        }
        // Nil is a panic in Go, which is never swallowed.
        Err(error) if must || any(arguments, 0).is_nil() => failure(error),
        Err(error) => string(error),
    }
}

fn from_toml(context: &mut CallContext, arguments: &[Value]) -> Answer {
    context.spend(text(arguments, 0).len())?;
    Ok(match toml_read::read(text(arguments, 0)) {
        Ok(map) => map,
        Err(error) => error_map(empty_map(), error),
    })
}
