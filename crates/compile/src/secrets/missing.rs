//! What is missing, said once for each Secret or key, with those that read it.
//!
//! In: references that nothing answers, one by one. Out: findings, in the order in which they were met first.
//! Never decides what is missing.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use seal::codes;
use text::{Diagnostic, Severity};

use super::references::Reference;

/// What makes two missing references one finding: Secret, key, the add-on that reads it, and whether it is a login.
type Once = (String, Option<String>, Option<String>, bool);

/// Missing Secrets and keys of one environment.
#[derive(Default)]
pub(super) struct Missing(IndexMap<Once, Readers>);

#[derive(Default)]
struct Readers {
    workloads: BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl Missing {
    /// Adds what nothing makes: a Secret, or where `is_key` a key of one that is there. `addon` reads it, if one does.
    pub(super) fn add(&mut self, reference: &Reference, is_key: bool, addon: Option<&str>) {
        let secret = format!("{}/{}", reference.namespace, reference.name);
        let key = reference.key.clone().filter(|_| is_key);
        let once = (secret, key, addon.map(str::to_owned), reference.is_login);
        let readers = self.0.entry(once).or_default();
        readers.workloads.insert(reference.workload.clone());
        readers.keys.extend(reference.key.clone());
        readers.keys.extend(reference.usual_key.map(str::to_owned));
    }

    /// Returns the findings, and for each whether it is about the login of a store.
    pub(super) fn findings(self, environment: &str) -> impl Iterator<Item = (Diagnostic, bool)> {
        self.0.into_iter().map(move |((secret, key, addon, is_login), readers)| {
            let workloads: Vec<&str> = readers.workloads.iter().map(String::as_str).collect();
            let keys: Vec<&str> = readers.keys.iter().map(String::as_str).collect();
            let mut finding = match key {
                None => codes::s150_missing_secret(&workloads, &secret, &keys, environment),
                Some(key) => codes::s151_missing_key(&workloads, &secret, &key, environment),
            };
            // Charts of add-ons may make Secrets of their own while they run: that is worth a look, and no error.
            if let Some(addon) = addon {
                finding.severity = Severity::Warning;
                finding.hints = vec![format!("`{addon}` may make it itself when it starts")];
            }
            (finding, is_login)
        })
    }
}
