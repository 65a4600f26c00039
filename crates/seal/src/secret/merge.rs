//! Merging Secrets into SealedSecrets that are there: `kubeseal --merge-into`, without its faults.
//!
//! kubeseal writes the whole file anew (as JSON, one document, no comments), seals the new values for the
//! scope of the command while the annotations say another, and dies where the file has no annotations,
//! labels or values yet. Here the file keeps every byte but the values that are put into it, and its
//! scope is the one that counts.

use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::Value;

use super::write::seal_entries;
use super::{Options, SealError, Secret, read, splice};
use crate::codes;
use crate::key::{SealingKey, SessionKeys};
use crate::layout::{CLUSTER_WIDE, NAMESPACE_WIDE, Scope, SealedSecret};

/// A file with new values in it.
#[derive(Debug)]
pub struct Merged {
    /// Its text.
    pub text: String,
    /// The keys that were put into it, with the name of their SealedSecret.
    pub keys: Vec<(String, String)>,
    /// Warnings about the values.
    pub warnings: Vec<Diagnostic>,
}

/// Seals the Secrets of `input` (a name and a text) into the SealedSecrets of `target`.
///
/// # Errors
/// Findings, each about `input` or `target`; or the library's refusal.
pub fn merge_into(
    target: (&Arc<str>, &str),
    input: (&Arc<str>, &str),
    options: Options<'_>,
    key: &SealingKey,
    session_keys: &mut dyn SessionKeys,
) -> Result<Result<Merged, Vec<Diagnostic>>, SealError> {
    let (file, original) = target;
    let sealed = match crate::layout::read(original) {
        Ok(sealed) => sealed,
        Err(error) => {
            let place = Place::new(file, error.offset..error.offset);
            return Ok(Err(vec![codes::s130_unreadable(&error.message, place)]));
        }
    };
    let [first, others @ ..] = sealed.as_slice() else {
        let place = Place::of_file(file);
        return Ok(Err(vec![codes::s145_which(
            "there is no SealedSecret in the file",
            &[],
            place,
        )]));
    };
    // With one SealedSecret in the file its name and namespace count, as in kubeseal.
    let forced = others.is_empty().then_some(first);
    let wanted = options.scope;
    let options = Options {
        name: forced.map(|it| it.name.as_str()).or(options.name),
        namespace: forced
            .map(|it| it.namespace.as_str())
            .filter(|it| !it.is_empty())
            .or(options.namespace),
        override_namespace: forced.is_some(),
        scope: forced.map(|it| it.scope).or(options.scope),
        ..options
    };
    let (secrets, mut found) = read(input.0, input.1, options);
    let mut merged = Merged { text: original.to_owned(), keys: Vec::new(), warnings: Vec::new() };
    for secret in secrets {
        let Some(into) = of_secret(&sealed, &secret) else {
            found.push(no_such(file, &secret, &sealed));
            continue;
        };
        if let Some(wanted) = wanted.filter(|wanted| *wanted != into.scope) {
            let at = into.place.start as usize;
            found.push(codes::s146_other_scope(wanted, into.scope, Place::new(file, at..at)));
            continue;
        }
        let label = (into.scope, into.namespace.as_str(), into.name.as_str());
        match put(&merged.text, into, &secret, label, key, session_keys)? {
            Ok((text, keys)) => {
                merged.text = text;
                merged.keys.extend(keys.into_iter().map(|key| (into.name.clone(), key)));
            }
            Err((key, reason)) => {
                found.push(codes::s143_no_place(&key, &reason, Place::of_file(file)));
            }
        }
    }
    if found.iter().any(Diagnostic::is_error) {
        return Ok(Err(found));
    }
    merged.warnings = found;
    Ok(Ok(merged))
}

/// Seals one Secret into the SealedSecret of the same name and namespace in `target`; `scope` is the one that was
/// asked for, if one was.
///
/// # Errors
/// As [`merge_into`].
pub fn merge_secret(
    target: (&Arc<str>, &str),
    secret: &Secret,
    scope: Option<Scope>,
    key: &SealingKey,
    session_keys: &mut dyn SessionKeys,
) -> Result<Result<String, Vec<Diagnostic>>, SealError> {
    let (file, original) = target;
    let sealed = match crate::layout::read(original) {
        Ok(sealed) => sealed,
        Err(error) => {
            let place = Place::new(file, error.offset..error.offset);
            return Ok(Err(vec![codes::s130_unreadable(&error.message, place)]));
        }
    };
    let Some(into) = of_secret(&sealed, secret) else {
        return Ok(Err(vec![no_such(file, secret, &sealed)]));
    };
    if let Some(wanted) = scope.filter(|wanted| *wanted != into.scope) {
        let at = into.place.start as usize;
        return Ok(Err(vec![codes::s146_other_scope(
            wanted,
            into.scope,
            Place::new(file, at..at),
        )]));
    }
    let label = (into.scope, into.namespace.as_str(), into.name.as_str());
    let no_place = |key: &str, reason: &str| {
        Ok(Err(vec![codes::s143_no_place(key, reason, Place::of_file(file))]))
    };
    let (text, start) = match put(original, into, secret, label, key, session_keys)? {
        Ok((text, _)) => {
            let start = position(&text, into);
            (text, start)
        }
        Err((key, reason)) => return no_place(&key, &reason),
    };
    // What reads a Secret may look at its type, which no cluster changes afterwards.
    let typed = into.kind_place.is_some();
    let (Some(kind), Some(start)) = (secret.kind.as_deref().filter(|_| !typed), start) else {
        return Ok(Ok(text));
    };
    match splice::put(&text, start, &["spec", "template"], "type", kind) {
        Ok(text) => Ok(Ok(text)),
        Err(reason) => no_place("type", &reason.0),
    }
}

fn no_such(file: &Arc<str>, secret: &Secret, sealed: &[SealedSecret]) -> Diagnostic {
    let names =
        sealed.iter().map(|it| format!("`{}/{}`", it.namespace, it.name)).collect::<Vec<_>>();
    let what =
        format!("there is no SealedSecret `{}/{}` in the file", secret.namespace, secret.name);
    codes::s145_which(&what, &names, Place::of_file(file))
}

/// The SealedSecret that a Secret belongs into: of its name and namespace, or else a cluster-wide one of its name.
fn of_secret<'a>(sealed: &'a [SealedSecret], secret: &Secret) -> Option<&'a SealedSecret> {
    let named = || sealed.iter().filter(|it| it.name == secret.name);
    let own = named().find(|it| it.namespace == secret.namespace);
    own.or_else(|| named().find(|it| it.scope == Scope::ClusterWide))
}

type Put = Result<(String, Vec<String>), (String, String)>;

fn put(
    text: &str,
    into: &SealedSecret,
    secret: &Secret,
    label: (Scope, &str, &str),
    key: &SealingKey,
    session_keys: &mut dyn SessionKeys,
) -> Result<Put, SealError> {
    let label = label.0.label(label.1, label.2);
    let mut text = text.to_owned();
    let mut keys = Vec::new();
    let Some(start) = position(&text, into) else {
        return Ok(Err(("spec".to_owned(), "it is not there any more".to_owned())));
    };
    for (name, envelope) in seal_entries(secret, &label, key, session_keys)? {
        match splice::put(&text, start, &["spec", "encryptedData"], &name, &envelope) {
            Ok(edited) => text = edited,
            Err(reason) => return Ok(Err((name, reason.0))),
        }
        keys.push(name);
    }
    for field in ["annotations", "labels"] {
        let entries = secret.metadata.get(field).and_then(Value::as_map);
        for (name, value) in entries.into_iter().flatten() {
            if name == CLUSTER_WIDE || name == NAMESPACE_WIDE {
                continue;
            }
            let value = value.as_str().unwrap_or_default();
            let path = ["spec", "template", "metadata", field];
            match splice::put(&text, start, &path, name, value) {
                Ok(edited) => text = edited,
                Err(reason) => return Ok(Err((name.clone(), reason.0))),
            }
        }
    }
    Ok(Ok((text, keys)))
}

/// Where the object begins now: objects before it may have grown.
fn position(text: &str, into: &SealedSecret) -> Option<u32> {
    let now = crate::layout::read(text).ok()?;
    now.iter()
        .find(|it| it.name == into.name && it.namespace == into.namespace)
        .map(|it| it.place.start)
}
