//! Secrets by reference: where they come from and where they go.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::Findings;
use super::codes::secrets as codes;
use crate::model::{
    App, EnvValue, Origin, Platform, SecretReference, SecretSource, SecretsBackend, folder_secret,
};

pub(super) fn check(platform: &Platform, app: &App, findings: &mut Findings) {
    let mut variables: HashMap<&str, usize> = HashMap::new();
    let mut files: HashMap<(&str, &str), usize> = HashMap::new();
    let mut listed: HashMap<(&str, &str), usize> = HashMap::new();
    let place = |index: usize| app.origin.place(&format!("secrets.{index}"));
    let overrides = app.overrides.values().map(|other| (&other.env, &other.origin));
    for (env, origin) in std::iter::once((&app.env, &app.origin)).chain(overrides) {
        unresolved(env, origin, findings);
    }
    for (index, secret) in app.secrets.iter().enumerate() {
        if let Some(name) = &secret.env {
            variable(app, secret, name, index, findings);
            if let Some(first) = variables.insert(name, index) {
                findings.add(codes::c171_twice(name, place(first), place(index)));
            }
        }
        let (source, folder) = match &secret.source {
            SecretSource::Manager { path } => {
                // A backend that is named and not described is said once.
                let named =
                    platform.origin.get("spec.secrets.backend").and_then(yaml::Node::as_str);
                let none = named.is_none_or(|backend| backend == "none");
                if platform.secrets.backend == SecretsBackend::None && none {
                    findings.add(codes::c172_no_backend(&secret.key, place(index)));
                }
                if let Some(first) = listed.insert((path, &secret.key), index) {
                    findings.add(codes::c174_listed_twice(&secret.key, place(first), place(index)));
                }
                ("", "")
            }
            SecretSource::Existing { name } => (name.as_str(), name.as_str()),
        };
        if let Some(file) = &secret.file
            && let Some(first) = files.insert((source, file), index)
        {
            let shown = if folder.is_empty() { file.clone() } else { format!("{folder}/{file}") };
            findings.add(codes::c173_same_file(&shown, place(first), place(index)));
        }
    }
}

/// What is about all apps: environments' own variables, and folders that would be one Secret.
pub(super) fn of_platform(platform: &Platform, findings: &mut Findings) {
    for environment in &platform.environments {
        unresolved(&environment.env, &environment.origin, findings);
    }
    let mut folders: HashMap<(String, &str), &str> = HashMap::new();
    for app in &platform.apps {
        for (index, secret) in app.secrets.iter().enumerate() {
            let SecretSource::Manager { path } = &secret.source else { continue };
            let one = (folder_secret(path), secret.key.as_str());
            let first = *folders.entry(one).or_insert(path);
            if first.trim_matches('/') != path.trim_matches('/') {
                let place = app.origin.place(&format!("secrets.{index}"));
                findings.add(codes::c179_one_secret(first, path, &secret.key, place));
            }
        }
    }
}

/// Variables whose value is a reference to 1Password, which stays a text.
pub(super) fn unresolved(
    env: &IndexMap<String, EnvValue>,
    origin: &Origin,
    findings: &mut Findings,
) {
    for (name, value) in env {
        if value.text().is_some_and(|text| text.trim_start().starts_with("op://")) {
            findings.add(codes::p124_unresolved(name, origin.part("env").key_place(name)));
        }
    }
}

fn variable(
    app: &App,
    secret: &SecretReference,
    name: &str,
    index: usize,
    findings: &mut Findings,
) {
    let field = format!("secrets.{index}");
    if !is_variable(name) {
        let suggestion: String = name
            .chars()
            .map(
                |letter| {
                    if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }
                },
            )
            .collect();
        let place = app.origin.place(&format!("{field}.key"));
        findings.add(codes::c175_no_variable(&secret.key, place, &suggestion));
    }
    let overrides = app.overrides.values().map(|other| (&other.env, &other.origin));
    for (env, origin) in std::iter::once((&app.env, &app.origin)).chain(overrides) {
        if env.contains_key(name) {
            let plain = origin.part("env").key_place(name);
            findings.add(codes::c171_twice(name, app.origin.place(&field), plain));
        }
    }
}

fn is_variable(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(word)
        && name.bytes().all(|byte| word(byte) || byte.is_ascii_digit())
}
