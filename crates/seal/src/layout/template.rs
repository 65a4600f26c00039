//! What is wrong with the template of a SealedSecret, seen without a key: values that lie open, keys that stand twice,
//! fields that an API server refuses, and types that want keys.
//!
//! Source of the types: Kubernetes, `pkg/apis/core/validation` (`ValidateSecret`).

use std::collections::BTreeSet;
use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::{Span, Value};

use super::SealedSecret;
use crate::codes;

/// Says why a named text looks like a secret; `None` where it does not.
pub type Suspicion<'a> = &'a dyn Fn(&str, &str) -> Option<&'static str>;

/// The keys that a type wants: all of the first list, and one of the second.
const WANTED: &[(&str, &[&str], &[&str])] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"], &[]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"], &[]),
    ("kubernetes.io/dockercfg", &[".dockercfg"], &[]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"], &[]),
    ("kubernetes.io/basic-auth", &[], &["username", "password"]),
];

pub(super) fn check(
    file: &Arc<str>,
    secret: &SealedSecret,
    suspicion: Suspicion<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let at = |span: Span| Place::new(file, span.range());
    let start = |span: Span| Place::new(file, span.start as usize..span.start as usize);
    if let Some((span, false)) = secret.kind_place {
        found.push(codes::s154_template_field("type", "a text", start(span)));
    }
    if let Some((span, false)) = secret.immutable_place {
        let wanted = "`true` or `false`, without quotes";
        found.push(codes::s154_template_field("immutable", wanted, start(span)));
    }
    if let Some(span) = secret.odd_templates {
        let wanted = "a map of keys and templates";
        found.push(codes::s154_template_field("data", wanted, start(span)));
    }
    let mut seen = BTreeSet::new();
    for item in &secret.items {
        key(&item.key, &mut seen, at(item.key_place), found);
    }
    let sealed = std::mem::take(&mut seen);
    for entry in &secret.templates {
        let place = at(entry.key_place);
        key(&entry.key, &mut seen, place.clone(), found);
        let Some(text) = &entry.text else {
            let field = format!("data.{}", entry.key);
            found.push(codes::s154_template_field(&field, "a text", place));
            continue;
        };
        if sealed.contains(entry.key.as_str()) && !reads(text, &entry.key) {
            found.push(codes::s156_twice(&entry.key, true, place.clone()));
        }
        let why = open_secret(&entry.key, text, suspicion);
        if why.is_some() || (!text.contains("{{") && !text.trim().is_empty()) {
            found.push(codes::s153_in_the_clear(&entry.key, why, place));
        }
    }
    wanted_keys(file, secret, found);
}

/// Whether something may be a key of a Secret, and stands there once.
fn key<'a>(key: &'a str, seen: &mut BTreeSet<&'a str>, place: Place, found: &mut Vec<Diagnostic>) {
    if !crate::secret::is_key(key) {
        found.push(codes::s109_bad_key(key, place));
    } else if !seen.insert(key) {
        found.push(codes::s156_twice(key, false, place));
    }
}

/// Whether the actions of a template name a sealed value.
fn reads(template: &str, key: &str) -> bool {
    let actions = template.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or(rest));
    actions.into_iter().any(|action| action.contains(key) || action.trim() == ".")
}

/// Why the open part of a template is a secret: as a whole, or a line of it (`password: …`, `password=…`).
fn open_secret(key: &str, text: &str, suspicion: Suspicion<'_>) -> Option<&'static str> {
    if !text.contains("{{")
        && let Some(why) = suspicion(key, text)
    {
        return Some(why);
    }
    text.lines().filter(|line| !line.contains("{{")).find_map(|line| {
        let (name, value) = line.split_once(['=', ':'])?;
        let quotes = [' ', '\t', '"', '\'', ',', '-'];
        suspicion(name.trim_matches(quotes), value.trim_matches(quotes))
    })
}

fn wanted_keys(file: &Arc<str>, secret: &SealedSecret, found: &mut Vec<Diagnostic>) {
    let Some((span, true)) = secret.kind_place else { return };
    let kind = secret.template.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, all, one)) = WANTED.iter().find(|(of, ..)| *of == kind) else { return };
    if secret.old_data.is_some() {
        return;
    }
    let has = |key: &&str| {
        secret.items.iter().any(|item| item.key == **key)
            || secret.templates.iter().any(|entry| entry.key == **key)
    };
    let place = || Place::new(file, span.range());
    for key in all.iter().filter(|key| !has(key)) {
        found.push(codes::s155_type_wants(kind, &format!("the key `{key}`"), place()));
    }
    if !one.is_empty() && !one.iter().any(has) {
        let keys = one.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
        found.push(codes::s155_type_wants(kind, &format!("a key {keys}"), place()));
    }
}
