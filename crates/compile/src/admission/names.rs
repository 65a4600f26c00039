//! Names, labels and annotations.

use manifest::Object;
use yaml::Value;

use super::{At, Found};

/// Kinds whose objects become part of other names, and so have shorter ones.
const SHORTER: &[(&str, &str, usize)] = &[("batch", "CronJob", 52), ("batch", "Job", 63)];

/// Checks what every object has.
pub(super) fn metadata(object: &Object, found: &mut Found) {
    let root = At::ROOT;
    let at = root.key("metadata");
    let name = object.name();
    if !name.is_empty()
        && let Some(why) = broken_name(object, name)
    {
        found.add(&at.key("name"), why);
    }
    if let Some(metadata) = object.value.get("metadata") {
        labels(metadata, &at, found);
    }
}

/// Checks the labels and annotations of an object or a template.
pub(super) fn labels(metadata: &Value, at: &At<'_>, found: &mut Found) {
    for field in ["labels", "annotations"] {
        let here = at.key(field);
        for (key, value) in metadata.get(field).and_then(Value::as_map).into_iter().flatten() {
            // The keys of annotations are compared in lower case.
            let domain_may_shout = field == "annotations";
            if !is_qualified(key, domain_may_shout) {
                let why = "is no key of a label: an optional domain and `/`, then at most 63 letters, digits, `-`, \
                           `_` and `.`, letter or digit at both ends";
                found.add(&here.key(key), why);
            }
            let text = value.as_str().unwrap_or_default();
            if field == "labels" && !is_label_value(text) {
                let why = "is no value of a label: at most 63 letters, digits, `-`, `_` and `.`, letter or digit \
                           at both ends";
                found.add(&here.key(key), why);
            }
        }
    }
}

fn broken_name(object: &Object, name: &str) -> Option<String> {
    if object.group() == "rbac.authorization.k8s.io" {
        let broken = matches!(name, "." | "..") || name.contains(['/', '%']);
        return broken.then(|| "must have neither `/` nor `%`".to_owned());
    }
    if matches!((object.group(), object.kind()), ("", "Service" | "Namespace")) {
        return (!is_label(name)).then(|| {
            "must be at most 63 lower-case letters, digits and `-`, letter or digit at both ends".to_owned()
        });
    }
    let most =
        SHORTER.iter().find(|(group, kind, _)| (*group, *kind) == (object.group(), object.kind()));
    if let Some((.., most)) = most
        && name.len() > *most
    {
        return Some(format!("must have at most {most} characters"));
    }
    let subdomain = name.len() <= 253 && name.split('.').all(is_part);
    (!subdomain).then(|| {
        "must be lower-case letters, digits, `-` and `.`, letter or digit at both ends".to_owned()
    })
}

/// A name between dots, of any length.
fn is_part(part: &str) -> bool {
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let outer = |byte: Option<&u8>| byte.is_some_and(|byte| inner(byte) && *byte != b'-');
    let bytes = part.as_bytes();
    outer(bytes.first()) && outer(bytes.last()) && bytes.iter().all(inner)
}

/// A label of DNS (RFC 1123).
pub(super) fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

/// A name of DNS (RFC 1123).
pub(super) fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_word(text)
}

fn is_word(text: &str) -> bool {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63 && outer(bytes.first()) && outer(bytes.last()) && bytes.iter().all(inner)
}

fn is_qualified(key: &str, may_shout: bool) -> bool {
    match key.split_once('/') {
        Some((domain, name)) if may_shout => {
            is_subdomain(&domain.to_ascii_lowercase()) && is_word(name)
        }
        Some((domain, name)) => is_subdomain(domain) && is_word(name),
        None => is_word(key),
    }
}
