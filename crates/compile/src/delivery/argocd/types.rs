//! The types of Argo CD's objects: what the API server keeps of an object, and how Go writes it again.
//!
//! In: a decoded object. Out: the same with unknown fields gone and empty ones left out, as a round trip
//! through Go's types gives it, or why the API server refuses it. The types are the table `types.txt`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use indexmap::IndexMap;
use manifest::fields::Step;
use yaml::Value;

use crate::delivery::fields::type_of;

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// `string`.
    Text,
    /// `bool`.
    Bool,
    /// A whole number.
    Int,
    /// `intstr.IntOrString`.
    IntOrText,
    /// Anything (`runtime.RawExtension`, `apiextensions.JSON`).
    Raw,
    /// A slice.
    List(Box<Type>),
    /// A map with texts as keys.
    Map(Box<Type>),
    /// A pointer.
    Optional(Box<Type>),
    /// A struct of the table.
    Struct(&'static str),
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    /// Whether it is written even where it is empty; the CRD requires it.
    pub(super) always: bool,
}

/// Returns the fields of a struct.
pub(super) fn fields(name: &str) -> &'static [Field] {
    static TABLE: OnceLock<BTreeMap<&'static str, Vec<Field>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: BTreeMap<&'static str, Vec<Field>> = BTreeMap::new();
        let mut current = "";
        for line in include_str!("types.txt").lines() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (None, _) | (Some("#"), _) => {}
                (Some(name), None) => current = name,
                (Some(name), Some(kind)) => {
                    let field = Field { name, kind: kind_of(kind), always: words.next().is_some() };
                    table.entry(current).or_default().push(field);
                }
            }
        }
        table
    });
    table.get(name).map(Vec::as_slice).unwrap_or_default()
}

fn kind_of(text: &'static str) -> Type {
    if let Some(rest) = text.strip_prefix("[]") {
        return Type::List(Box::new(kind_of(rest)));
    }
    if let Some(rest) = text.strip_prefix("{}") {
        return Type::Map(Box::new(kind_of(rest)));
    }
    if let Some(rest) = text.strip_prefix('*') {
        return Type::Optional(Box::new(kind_of(rest)));
    }
    match text {
        "s" => Type::Text,
        "b" => Type::Bool,
        "i" => Type::Int,
        "is" => Type::IntOrText,
        "raw" => Type::Raw,
        name => Type::Struct(name),
    }
}

/// Where a value does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The path of the field, as the API server writes it.
    pub(super) path: String,
    /// What is wrong.
    pub(super) reason: String,
}

/// Returns what the API server keeps of a value of a struct.
///
/// # Errors
/// Where a value has another type than its field, or one that is required is missing.
pub(super) fn admit(value: &Value, name: &'static str) -> Result<Value, Misfit> {
    let kept = keep(value, &Type::Struct(name), &mut Vec::new(), true)?;
    Ok(kept.unwrap_or_default())
}

/// Returns the fields of `spec` that a struct does not have: the way to each, and one that may be meant.
pub(super) fn unknown(value: &Value, name: &'static str) -> Vec<(Vec<Step>, Option<&'static str>)> {
    let mut found = Vec::new();
    let spec = fields(name).iter().find(|field| field.name == "spec");
    if let (Some(field), Some(value)) = (spec, value.get("spec")) {
        look(value, &field.kind, &mut vec![Step::Key("spec".to_owned())], &mut found);
    }
    found
}

fn look(
    value: &Value,
    kind: &Type,
    path: &mut Vec<Step>,
    found: &mut Vec<(Vec<Step>, Option<&'static str>)>,
) {
    match (kind, value) {
        (Type::Optional(inner), _) => look(value, inner, path, found),
        (Type::List(inner), Value::List(items)) => {
            for (number, item) in items.iter().enumerate() {
                path.push(Step::Item(number));
                look(item, inner, path, found);
                path.pop();
            }
        }
        (Type::Map(inner), Value::Map(entries)) => {
            for (key, value) in entries {
                path.push(Step::Key(key.clone()));
                look(value, inner, path, found);
                path.pop();
            }
        }
        // Metadata has more fields than Argo CD looks at.
        (Type::Struct("Meta"), _) => {}
        (Type::Struct(name), Value::Map(entries)) => {
            for (key, value) in entries {
                path.push(Step::Key(key.clone()));
                match fields(name).iter().find(|field| field.name == key) {
                    Some(field) => look(value, &field.kind, path, found),
                    None => {
                        let known = fields(name).iter().map(|field| field.name);
                        found.push((path.clone(), text::nearest(key, known)));
                    }
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// Returns what Go's decoder keeps of a value of a struct: nothing is required.
///
/// # Errors
/// Where a value has another type than its field.
pub(super) fn decode(value: &Value, name: &'static str) -> Result<Value, Misfit> {
    let kept = keep(value, &Type::Struct(name), &mut Vec::new(), false)?;
    Ok(kept.unwrap_or_default())
}

/// Returns what is kept of a value; nothing for one that Go leaves out.
fn keep(
    value: &Value,
    kind: &Type,
    path: &mut Vec<String>,
    strict: bool,
) -> Result<Option<Value>, Misfit> {
    let wrong = |path: &[String], reason: String| {
        Err(Misfit { path: path.concat().trim_start_matches('.').to_owned(), reason })
    };
    if matches!(value, Value::Null) {
        return match kind {
            // A map keeps its nulls as they are (`valuesObject: null` is none).
            Type::Struct(name) if !strict => Ok(Some(empty(name))),
            _ => Ok(None),
        };
    }
    match (kind, value) {
        (Type::Raw, _) => Ok(Some(value.clone())),
        (Type::Optional(inner), _) => {
            let kept = keep(value, inner, path, strict)?;
            // A pointer to nothing is something: `helm: {}`.
            Ok(Some(kept.unwrap_or_else(|| value.clone())))
        }
        (Type::Text, Value::String(_)) | (Type::Bool, Value::Bool(_)) => Ok(Some(value.clone())),
        (Type::Int, Value::Int(_)) | (Type::IntOrText, Value::Int(_) | Value::String(_)) => {
            Ok(Some(value.clone()))
        }
        (Type::Int | Type::IntOrText, Value::Float(number)) if number.fract() == 0.0 => {
            Ok(Some(Value::Int(*number as i64)))
        }
        (Type::List(inner), Value::List(items)) => {
            let mut kept = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                path.push(format!("[{number}]"));
                kept.push(keep(item, inner, path, strict)?.unwrap_or_else(|| zero(inner)));
                path.pop();
            }
            Ok(Some(Value::List(kept)))
        }
        (Type::Map(inner), Value::Map(entries)) => {
            let mut kept = IndexMap::with_capacity(entries.len());
            for (key, value) in entries {
                path.push(format!(".{key}"));
                let value = keep(value, inner, path, strict)?;
                if let Some(value) = value.or_else(|| (!strict).then(|| zero(inner))) {
                    kept.insert(key.clone(), value);
                }
                path.pop();
            }
            Ok(Some(Value::Map(kept)))
        }
        (Type::Struct(name), Value::Map(entries)) => {
            let mut kept = IndexMap::new();
            for field in fields(name) {
                path.push(format!(".{}", field.name));
                let found = entries.get(field.name);
                if strict && field.always && found.is_none_or(Value::is_null) {
                    return wrong(path, "Required value".to_owned());
                }
                let value = match found {
                    Some(value) => keep(value, &field.kind, path, strict)?,
                    None => None,
                };
                path.pop();
                if let Some(value) = value.or_else(|| inner_struct(&field.kind))
                    && (field.always || !is_left_out(&value, &field.kind))
                {
                    kept.insert(field.name.to_owned(), value);
                } else if field.always {
                    kept.insert(field.name.to_owned(), zero(&field.kind));
                }
            }
            Ok(Some(Value::Map(kept)))
        }
        _ => {
            let found = type_of(value);
            wrong(path, format!("Invalid value: \"{found}\": must be of type {}", wanted(kind)))
        }
    }
}

/// A struct that is no pointer is always there; what is left out of it is decided when it is written.
fn inner_struct(kind: &Type) -> Option<Value> {
    match kind {
        Type::Struct(name) => Some(empty(name)),
        _ => None,
    }
}

/// Returns a struct without anything in it, as Go writes it.
pub(super) fn empty(name: &str) -> Value {
    let always = fields(name).iter().filter_map(|field| match (&field.kind, field.always) {
        (Type::Struct(inner), _) => Some((field.name.to_owned(), empty(inner))),
        (kind, true) => Some((field.name.to_owned(), zero(kind))),
        _ => None,
    });
    Value::Map(always.collect())
}

fn zero(kind: &Type) -> Value {
    match kind {
        Type::Text => Value::String(String::new()),
        Type::Bool => Value::Bool(false),
        Type::Int | Type::IntOrText => Value::Int(0),
        Type::Struct(name) => empty(name),
        Type::Raw | Type::List(_) | Type::Map(_) | Type::Optional(_) => Value::Null,
    }
}

/// Whether `omitempty` leaves a value out.
fn is_left_out(value: &Value, kind: &Type) -> bool {
    match kind {
        Type::Optional(_) | Type::Struct(_) => value.is_null(),
        _ => is_empty(value),
    }
}

/// Whether Go holds a value for empty.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Int(number) => *number == 0,
        Value::Uint(_) => false,
        Value::Float(number) => *number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
    }
}

fn wanted(kind: &Type) -> &'static str {
    match kind {
        Type::Text => "string",
        Type::Bool => "boolean",
        Type::Int => "integer",
        Type::IntOrText => "integer or string",
        Type::List(_) => "array",
        Type::Map(_) | Type::Struct(_) | Type::Raw => "object",
        Type::Optional(inner) => wanted(inner),
    }
}
