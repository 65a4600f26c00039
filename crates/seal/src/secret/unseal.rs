//! Opening SealedSecrets, for recovery.
//!
//! Source: `Unseal`. Two differences: every value that does not open is named, and the owner reference
//! (with an empty `uid`, which no cluster accepts) is left out.

use std::sync::Arc;

use indexmap::IndexMap;
use text::{Diagnostic, Place};
use yaml::Value;
use zeroize::Zeroizing;

use super::opens::NotOpened;
use super::{Entry, Options, Secret};
use crate::codes;
use crate::key::KeyRing;
use crate::layout::{Envelope, SealedSecret, TemplateEntry, decode};

/// Fields of the template's metadata that the Secret gets, in the order of Kubernetes' `ObjectMeta`.
const KEPT: &[&str] =
    &["name", "generateName", "namespace", "labels", "annotations", "finalizers", "managedFields"];

/// Fills in `spec.template.data`: Go templates with sprig's functions, which are not this crate's.
pub trait FillIn {
    /// Says in words why a template cannot be read.
    ///
    /// # Errors
    /// If it is none, or names a function that the controller does not have.
    fn parse(&self, key: &str, template: &str) -> Result<(), String>;

    /// Returns what a template makes of the opened values, or says in words why it makes nothing.
    /// The words must not hold a value.
    ///
    /// # Errors
    /// If the template cannot be read or filled in.
    fn fill_in(
        &self,
        key: &str,
        template: &str,
        values: &[(&str, &[u8])],
    ) -> Result<Zeroizing<Vec<u8>>, String>;
}

/// Opens every value of a SealedSecret of `file`; with it come warnings about its templates.
///
/// # Errors
/// Findings, where a value does not open or a template cannot be filled in.
pub fn unseal(
    file: &Arc<str>,
    sealed: &SealedSecret,
    keys: &KeyRing,
    fill_in: &dyn FillIn,
) -> Result<(Secret, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut found = Vec::new();
    let at = Place::new(file, sealed.place.start as usize..sealed.place.start as usize);
    if sealed.name.is_empty() {
        found.push(codes::s137_no_identity("name", at.clone()));
    }
    if let Some(old) = sealed.old_data.filter(|_| !sealed.items.is_empty()) {
        return Err(vec![codes::s157_both_forms(Place::new(
            file,
            old.start as usize..old.start as usize,
        ))]);
    }
    if let Some(old) = &sealed.old_text {
        return old_form(file, sealed, old, keys).map(|secret| (secret, Vec::new()));
    }
    let label = sealed.scope.label(&sealed.namespace, &sealed.name);
    let mut entries: Vec<Entry> = Vec::new();
    let mut unopened = NotOpened::default();
    for item in &sealed.items {
        let place = Place::new(file, item.key_place.range());
        let bytes = decode(item.text.as_deref().unwrap_or_default());
        match bytes.as_ref().map_err(|error| *error).and_then(|it| Envelope::read(it)) {
            Err(reason) => found.push(codes::s131_bad_envelope(&item.key, &reason, place)),
            Ok(envelope) => match keys.open(&envelope, &label) {
                Some(opened) => {
                    entries.retain(|other| other.key != item.key);
                    entries.push(Entry { key: item.key.clone(), value: opened.value });
                }
                None => unopened.push(&item.key, place),
            },
        }
    }
    found.extend(unopened.findings(sealed));
    if found.is_empty() {
        found = fill(file, sealed, fill_in, &mut entries);
    }
    if found.iter().any(Diagnostic::is_error) {
        return Err(found);
    }
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let template = &sealed.template;
    let secret = Secret {
        name: sealed.name.clone(),
        namespace: sealed.namespace.clone(),
        scope: sealed.scope,
        metadata: metadata(sealed),
        kind: template.get("type").and_then(Value::as_str).map(str::to_owned),
        immutable: template.get("immutable").and_then(Value::as_bool),
        entries,
    };
    Ok((secret, found))
}

fn metadata(sealed: &SealedSecret) -> IndexMap<String, Value> {
    let written = sealed.template.get("metadata");
    let mut metadata = IndexMap::new();
    for field in KEPT {
        let value = match *field {
            "name" => Some(Value::String(sealed.name.clone())),
            "namespace" => Some(Value::String(sealed.namespace.clone()))
                .filter(|_| !sealed.namespace.is_empty()),
            other => written.and_then(|metadata| metadata.get(other)).cloned().map(|mut value| {
                if let Value::Map(entries) = &mut value {
                    entries.sort_keys();
                }
                value
            }),
        };
        let is_empty =
            |value: &Value| value.is_null() || value.as_map().is_some_and(IndexMap::is_empty);
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            metadata.insert((*field).to_owned(), value);
        }
    }
    metadata
}

/// What a template writes where it names a value that is not there (Go's text/template).
const NO_VALUE: &[u8] = b"<no value>";

/// Fills in the templates, over the sealed values of the same keys.
pub(super) fn fill(
    file: &Arc<str>,
    sealed: &SealedSecret,
    fill_in: &dyn FillIn,
    entries: &mut Vec<Entry>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut filled = Vec::new();
    let values: Vec<(&str, &[u8])> =
        entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_slice())).collect();
    let says = |text: &[u8]| text.windows(NO_VALUE.len()).any(|part| part == NO_VALUE);
    for entry in &sealed.templates {
        let place = Place::new(file, entry.key_place.range());
        let Some(template) = &entry.text else {
            let field = format!("data.{}", entry.key);
            found.push(codes::s154_template_field(&field, "a text", place));
            continue;
        };
        match fill_in.fill_in(&entry.key, template, &values) {
            Ok(value) => {
                let known =
                    says(template.as_bytes()) || values.iter().any(|(_, value)| says(value));
                if says(&value) && !known {
                    found.push(codes::s148_no_value(&entry.key, place));
                }
                filled.push(Entry { key: entry.key.clone(), value });
            }
            Err(reason) => found.push(codes::s144_template(&entry.key, &reason, place)),
        }
    }
    for entry in filled {
        entries.retain(|other| other.key != entry.key);
        entries.push(entry);
    }
    found
}

/// Returns which templates of a file's SealedSecrets the controller could not read, seen without a key.
pub fn check_templates(
    file: &Arc<str>,
    sealed: &[SealedSecret],
    fill_in: &dyn FillIn,
) -> Vec<Diagnostic> {
    let entries = sealed.iter().flat_map(|secret| &secret.templates);
    let finding = |entry: &TemplateEntry| {
        let reason = fill_in.parse(&entry.key, entry.text.as_ref()?).err()?;
        let place = Place::new(file, entry.key_place.range());
        Some(codes::s144_template(&entry.key, &reason, place))
    };
    entries.filter_map(finding).collect()
}

/// The deprecated form: one value that holds the whole Secret as JSON.
fn old_form(
    file: &Arc<str>,
    sealed: &SealedSecret,
    text: &str,
    keys: &KeyRing,
) -> Result<Secret, Vec<Diagnostic>> {
    let span = sealed.old_data.unwrap_or(sealed.place);
    let place = Place::new(file, span.start as usize..span.start as usize);
    let bytes = decode(text);
    let envelope = bytes.as_ref().map_err(|error| *error).and_then(|it| Envelope::read(it));
    let envelope = envelope
        .map_err(|reason| vec![codes::s131_bad_envelope("spec.data", &reason, place.clone())])?;
    let label = sealed.scope.label(&sealed.namespace, &sealed.name);
    let opened = keys
        .open(&envelope, &label)
        .ok_or_else(|| vec![codes::s140_nothing_opens(&["spec.data"], place.clone())])?;
    let broken =
        || vec![codes::s101_unreadable("what is sealed is no Secret", false, place.clone())];
    let inner = std::str::from_utf8(&opened.value).map_err(|_| broken())?;
    let options = Options {
        name: Some(&sealed.name),
        namespace: Some(&sealed.namespace),
        override_namespace: true,
        allow_empty: true,
        ..Options::default()
    };
    let (secrets, _) = super::read(file, inner, options);
    secrets.into_iter().next().ok_or_else(broken)
}
