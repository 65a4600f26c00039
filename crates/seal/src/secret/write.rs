//! Writing SealedSecrets and Secrets, in kubeseal's bytes.
//!
//! Source: `NewSealedSecret`, `resourceOutput`; the order of JSON keys is that of the Go types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use yaml::{Emitter, Value};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Entry, Secret};
use crate::key::{CannotSeal, NoRandomness, SealingKey, SessionKeys};

/// How objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON, two spaces deep, a line end after each document.
    #[default]
    Json,
    /// YAML, `---` before each document, keys sorted.
    Yaml,
}

/// Why a Secret was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The library refused.
    #[error(transparent)]
    CannotSeal(#[from] CannotSeal),
}

/// Seals every value of a Secret and returns the SealedSecret.
///
/// # Errors
/// If there is no randomness, or the library refuses.
pub fn sealed_secret(
    secret: &Secret,
    key: &SealingKey,
    session_keys: &mut dyn SessionKeys,
) -> Result<Value, SealError> {
    let mut metadata = IndexMap::new();
    for (field, value) in [("name", &secret.name), ("namespace", &secret.namespace)] {
        if !value.is_empty() {
            metadata.insert(field.to_owned(), text(value));
        }
    }
    if let Some(annotation) = secret.scope.annotation() {
        metadata.insert("annotations".to_owned(), map([(annotation, text("true"))]));
    }
    let mut template = IndexMap::new();
    template.insert("metadata".to_owned(), Value::Map(secret.metadata.clone()));
    if let Some(kind) = &secret.kind {
        template.insert("type".to_owned(), text(kind));
    }
    if let Some(immutable) = secret.immutable {
        template.insert("immutable".to_owned(), Value::Bool(immutable));
    }
    let mut sealed = IndexMap::new();
    let label = secret.scope.label(&secret.namespace, &secret.name);
    for (key, value) in seal_entries(secret, &label, key, session_keys)? {
        sealed.insert(key, Value::String(value));
    }
    Ok(map([
        ("kind", text("SealedSecret")),
        ("apiVersion", text("bitnami.com/v1alpha1")),
        ("metadata", Value::Map(metadata)),
        ("spec", map([("template", Value::Map(template)), ("encryptedData", Value::Map(sealed))])),
    ]))
}

/// Seals every value of a Secret for a label: keys, and envelopes as base64.
pub(super) fn seal_entries(
    secret: &Secret,
    label: &[u8],
    key: &SealingKey,
    session_keys: &mut dyn SessionKeys,
) -> Result<Vec<(String, String)>, SealError> {
    let seal = |entry: &Entry| {
        let envelope = key.seal_text(&entry.value, label, session_keys.next()?)?;
        Ok((entry.key.clone(), envelope))
    };
    secret.entries.iter().map(seal).collect()
}

/// Writes an object.
pub fn write(object: &Value, format: Format) -> String {
    match format {
        Format::Json => json(object),
        Format::Yaml => format!("---\n{}", yaml::to_string_go2(object)),
    }
}

/// Writes an opened Secret; the text and the object wipe themselves.
pub fn write_secret(secret: &Secret, format: Format) -> Zeroizing<String> {
    let mut object = IndexMap::new();
    object.insert("kind".to_owned(), text("Secret"));
    object.insert("apiVersion".to_owned(), text("v1"));
    object.insert("metadata".to_owned(), Value::Map(secret.metadata.clone()));
    if let Some(immutable) = secret.immutable {
        object.insert("immutable".to_owned(), Value::Bool(immutable));
    }
    if !secret.entries.is_empty() {
        object.insert("data".to_owned(), Value::Map(IndexMap::new()));
    }
    if let Some(kind) = &secret.kind {
        object.insert("type".to_owned(), text(kind));
    }
    let mut object = Value::Map(object);
    // Enough room at once: a text that grows leaves copies behind that nobody wipes.
    let around = |entry: &Entry| 2 * entry.key.len() + entry.value.len().div_ceil(3) * 4 + 64;
    let room = write(&object, format).len() + secret.entries.iter().map(around).sum::<usize>();
    if let Value::Map(fields) = &mut object
        && let Some(Value::Map(data)) = fields.get_mut("data")
    {
        for entry in &secret.entries {
            data.insert(entry.key.clone(), Value::String(STANDARD.encode(&entry.value)));
        }
    }
    let mut written = Zeroizing::new(String::with_capacity(room));
    write_to(&mut written, &object, format);
    wipe_value(&mut object);
    written
}

/// Writes an object that may hold values: into a text with room enough, and over no other.
fn write_to(out: &mut Zeroizing<String>, object: &Value, format: Format) {
    match format {
        Format::Yaml => {
            out.push_str("---\n");
            let mut emitter = Emitter::with_buffer(std::mem::take(&mut **out));
            emitter.value(object);
            **out = emitter.finish().unwrap_or_default();
        }
        Format::Json => {
            let mut value = json_value(object);
            let mut bytes = std::mem::take(&mut **out).into_bytes();
            // Writing into memory does not fail, nor is JSON anything but UTF-8.
            let _ = serde_json::to_writer_pretty(&mut bytes, &value);
            wipe_json(&mut value);
            **out = escaped(String::from_utf8(bytes).unwrap_or_default());
            out.push('\n');
        }
    }
}

fn wipe_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.zeroize(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(wipe_json),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(wipe_json),
        _ => {}
    }
}

fn wipe_value(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::List(items) => items.iter_mut().for_each(wipe_value),
        Value::Map(entries) => entries.values_mut().for_each(wipe_value),
        _ => {}
    }
}

/// Writes JSON as Go does.
fn json(object: &Value) -> String {
    let mut written = escaped(format!("{:#}", json_value(object)));
    written.push('\n');
    written
}

/// Escapes what Go escapes: `<`, `>`, `&` and the two odd line ends of JavaScript. They can only be inside of texts.
fn escaped(mut written: String) -> String {
    for (letter, escape) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if written.contains(letter) {
            let with = written.replace(letter, escape);
            std::mem::replace(&mut written, with).zeroize();
        }
    }
    written
}

fn json_value(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Uint(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json_value).collect(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), json_value(value)));
            serde_json::Value::Object(entries.collect())
        }
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
