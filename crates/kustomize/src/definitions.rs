//! What a file of `crds` may hold: OpenAPI definitions by name.
//!
//! Decides whether kustomize would read such a file at all. What the definitions say is read in `crds`. Source
//! of the shapes: `spec.Schema` of k8s.io/kube-openapi, which sigs.k8s.io/kustomize/api v0.21.1 uses.

use yaml::Value;

use crate::decode::json_name;

/// What a field of a schema holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Flag,
    Number,
    Whole,
    Anything,
    List,
    Texts,
    TextOrTexts,
    Schema,
    Schemas,
    Named,
    SchemaOrFlag,
    SchemaOrTexts,
    Items,
    Scalars,
    Documentation,
}

use Holds::{
    Anything, Documentation, Flag, Items, List, Named, Number, Scalars, Schema, SchemaOrFlag,
    SchemaOrTexts, Schemas, Text, TextOrTexts, Texts, Whole,
};

/// The fields of a schema; others may hold anything.
const FIELDS: [(&str, Holds); 37] = [
    ("id", Text),
    ("description", Text),
    ("type", TextOrTexts),
    ("nullable", Flag),
    ("format", Text),
    ("title", Text),
    ("maximum", Number),
    ("exclusiveMaximum", Flag),
    ("minimum", Number),
    ("exclusiveMinimum", Flag),
    ("maxLength", Whole),
    ("minLength", Whole),
    ("pattern", Text),
    ("maxItems", Whole),
    ("minItems", Whole),
    ("uniqueItems", Flag),
    ("multipleOf", Number),
    ("enum", List),
    ("maxProperties", Whole),
    ("minProperties", Whole),
    ("required", Texts),
    ("items", Items),
    ("allOf", Schemas),
    ("oneOf", Schemas),
    ("anyOf", Schemas),
    ("not", Schema),
    ("properties", Named),
    ("additionalProperties", SchemaOrFlag),
    ("patternProperties", Named),
    ("dependencies", SchemaOrTexts),
    ("additionalItems", SchemaOrFlag),
    ("definitions", Named),
    ("discriminator", Text),
    ("readOnly", Flag),
    ("default", Anything),
    ("example", Anything),
    ("externalDocs", Documentation),
];

/// Reads the bytes of a file of definitions: JSON where they begin with a bracket, else YAML.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    let is_json = match bytes.first() {
        // kustomize itself fails over it.
        None => return Err("the file is empty".to_owned()),
        Some(first) => *first == b'{',
    };
    let value = match is_json {
        true => {
            let text =
                std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned())?;
            let node = yaml::json::parse_with_repeats(text).map_err(|errors| {
                errors.into_iter().next().map(|error| error.message).unwrap_or_default()
            })?;
            Value::from(node)
        }
        false => Value::decode_go2(bytes).map_err(|error| error.go_text())?,
    };
    let definitions = match &value {
        Value::Null => return Ok(value),
        Value::Map(definitions) => definitions,
        other => return Err(wrong(other, "the definitions", "map")),
    };
    for (name, definition) in definitions {
        match definition {
            Value::Null => {}
            Value::Map(fields) => {
                for (key, value) in fields {
                    if key.eq_ignore_ascii_case("schema") {
                        check(value, Schema, name, is_json)?;
                    } else if key.eq_ignore_ascii_case("dependencies") {
                        // Where texts are wanted, the reader of YAML makes some of numbers.
                        check(value, if is_json { Texts } else { Scalars }, name, is_json)?;
                    }
                }
            }
            other => return Err(wrong(other, name, "OpenAPI definition")),
        }
    }
    Ok(value)
}

/// Checks a value; JSON is taken by its letters, and numbers of YAML by what they are.
fn check(value: &Value, holds: Holds, name: &str, json: bool) -> Result<(), String> {
    let all = |items: &[Value], holds| items.iter().try_for_each(|it| check(it, holds, name, json));
    match (holds, value) {
        (_, Value::Null)
        | (Anything | Items, Value::Bool(_) | Value::String(_))
        | (Anything | Items, Value::Int(_) | Value::Uint(_) | Value::Float(_))
        | (Anything, _)
        | (Text | TextOrTexts, Value::String(_))
        | (Flag | SchemaOrFlag, Value::Bool(_))
        | (Number, Value::Int(_) | Value::Uint(_) | Value::Float(_))
        | (Whole, Value::Int(_))
        | (List, Value::List(_)) => Ok(()),
        (Whole, Value::Float(number))
            if !json && number.fract() == 0.0 && number.abs() < i64::MAX as f64 =>
        {
            Ok(())
        }
        (Scalars, Value::List(items)) => {
            let list = items.iter().find(|it| matches!(it, Value::List(_) | Value::Map(_)));
            list.map_or(Ok(()), |list| Err(wrong(list, name, Text.words())))
        }
        (Documentation, Value::Map(fields)) => {
            let mut texts =
                fields.iter().filter(|(key, _)| matches!(key.as_str(), "description" | "url"));
            texts.try_for_each(|(key, value)| check(value, Text, key, json))
        }
        (Texts | TextOrTexts, Value::List(items)) => all(items, Text),
        (Schemas | Items, Value::List(items)) => all(items, Schema),
        (Schema | SchemaOrFlag | Items, Value::Map(fields)) => {
            fields.iter().try_for_each(|(key, value)| {
                let known = FIELDS.iter().find(|(known, _)| known == key);
                known.map_or(Ok(()), |(key, holds)| check(value, *holds, key, json))
            })
        }
        (Named, Value::Map(fields)) => {
            fields.iter().try_for_each(|(key, value)| check(value, Schema, key, json))
        }
        (SchemaOrTexts, Value::Map(fields)) => {
            fields.iter().try_for_each(|(key, value)| match value {
                Value::List(items) => all(items, Text),
                Value::Map(_) => check(value, Schema, key, json),
                _ => Ok(()),
            })
        }
        (holds, other) => Err(wrong(other, name, holds.words())),
    }
}

impl Holds {
    fn words(self) -> &'static str {
        match self {
            Text => "string",
            Flag => "bool",
            Number => "number",
            Whole => "whole number",
            Anything => "value",
            List | Scalars => "list",
            Documentation => "map of strings",
            Texts => "list of strings",
            TextOrTexts => "string or list of strings",
            Schema => "schema",
            Schemas => "list of schemas",
            Named | SchemaOrTexts => "map of schemas",
            SchemaOrFlag => "schema or bool",
            Items => "schema or list of schemas",
        }
    }
}

fn wrong(value: &Value, name: &str, wanted: &str) -> String {
    format!("cannot unmarshal {} into `{name}`, which is a {wanted}", json_name(value))
}
