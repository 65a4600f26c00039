//! What mainstay cannot do for a person: the numbered list at the end of `new`.
//!
//! In: a platform. Out: steps, each a sentence and its details; the same for the same platform.

use std::collections::{BTreeMap, BTreeSet};

use compile::model::{AppInstance, Platform, PullCredentials, SecretSource, SecretsBackend};
use serde_json::{Value, json};

/// Details beyond so many lines are only counted.
const MOST_LINES: usize = 16;
/// A list in a detail is folded after so many letters.
const WIDTH: usize = 88;

/// One step.
pub(crate) struct Step {
    /// What to do.
    pub(crate) what: String,
    /// Commands to type.
    pub(crate) commands: Vec<String>,
    /// What it is about: a heading, and a list of names.
    pub(crate) details: Vec<(String, Vec<String>)>,
}

/// Returns the steps for a platform whose repository is in `folder`.
pub(crate) fn steps(platform: &Platform, folder: &str, committed: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut commands = vec![format!("cd {folder}")];
    if !committed {
        commands.push("git init -b main && git add -A && git commit -m 'The platform'".to_owned());
    }
    commands.push(format!("git remote add origin {}", platform.repository.url));
    commands.push(format!("git push -u origin {}", branch(platform)));
    steps.push(Step {
        what: "make an empty private repository, and push".to_owned(),
        commands,
        details: Vec::new(),
    });
    let hosts = hosts(platform);
    if !hosts.is_empty() {
        steps.push(Step {
            what: "point DNS records at each environment's cluster".to_owned(),
            commands: Vec::new(),
            details: hosts,
        });
    }
    let managed = managed_secrets(platform);
    if let (SecretsBackend::InfisicalCsi(infisical), false) =
        (&platform.secrets.backend, managed.is_empty())
    {
        steps.push(Step {
            what: format!("create the secrets in {}, in every environment", infisical.url),
            commands: Vec::new(),
            details: managed,
        });
    }
    let existing = existing_secrets(platform);
    if !existing.is_empty() {
        steps.push(Step {
            what: "create these Secrets in each cluster".to_owned(),
            commands: Vec::new(),
            details: existing,
        });
    }
    steps.push(Step {
        what: "install Argo CD and let it read the repository: README.md, the first day".to_owned(),
        commands: Vec::new(),
        details: Vec::new(),
    });
    steps
}

fn branch(platform: &Platform) -> String {
    // The first commit is on `main`; another branch gets it under its own name.
    match platform.repository.branch.as_str() {
        "main" => "main".to_owned(),
        other => format!("main:{other}"),
    }
}

fn instances(platform: &Platform) -> impl Iterator<Item = AppInstance<'_>> {
    platform.environments.iter().flat_map(|environment| {
        let all = platform.apps.iter().map(move |app| app.in_environment(environment));
        all.filter(|instance| instance.enabled)
    })
}

fn hosts(platform: &Platform) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for instance in instances(platform) {
        let hosts = instance.hosts.iter().map(|host| host.host.clone());
        found.entry(&instance.environment.name).or_default().extend(hosts);
    }
    platform
        .environments
        .iter()
        .filter_map(|environment| {
            let hosts = found.remove(environment.name.as_str())?;
            (!hosts.is_empty()).then(|| (environment.name.clone(), hosts.into_iter().collect()))
        })
        .collect()
}

/// Returns the keys that have to be in the secret manager, by folder.
fn managed_secrets(platform: &Platform) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for instance in instances(platform) {
        for secret in &instance.app.secrets {
            if let SecretSource::Manager { path } = &secret.source {
                found.entry(path.clone()).or_default().insert(secret.key.clone());
            }
        }
    }
    if let PullCredentials::Infisical { path, key, .. } = &platform.registry.pull {
        found.entry(path.clone()).or_default().insert(key.clone());
    }
    found.into_iter().map(|(path, keys)| (path, keys.into_iter().collect())).collect()
}

/// Returns the Secrets that somebody makes by hand, by namespace.
fn existing_secrets(platform: &Platform) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for instance in instances(platform) {
        let names = found.entry(instance.environment.namespace.clone()).or_default();
        names.extend(instance.app.image_pull_secrets.iter().cloned());
        for secret in &instance.app.secrets {
            if let SecretSource::Existing { name } = &secret.source {
                names.insert(name.clone());
            }
        }
        if let PullCredentials::Secret { secret_name } = &platform.registry.pull {
            names.insert(secret_name.clone());
        }
    }
    found
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(namespace, names)| (format!("namespace {namespace}"), names.into_iter().collect()))
        .collect()
}

impl Step {
    /// Returns the details as lines of a bounded number and width.
    pub(crate) fn lines(&self) -> Vec<String> {
        let width = self.details.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut lines = Vec::new();
        for (name, items) in &self.details {
            let mut line = format!("{name:<width$} ");
            let start = line.chars().count();
            for item in items {
                let length = line.chars().count();
                if length > start && length + item.chars().count() >= WIDTH {
                    lines.push(std::mem::replace(&mut line, " ".repeat(start)));
                }
                line.push(' ');
                line.push_str(item);
            }
            lines.push(line);
        }
        let more = lines.len().saturating_sub(MOST_LINES);
        if more > 1 {
            lines.truncate(MOST_LINES);
            lines.push(format!("… and {more} more lines (`--json` has all)"));
        }
        lines
    }

    /// Returns the step as JSON, with everything.
    pub(crate) fn json(&self) -> Value {
        let details = self.details.iter().map(|(name, items)| json!({"for": name, "names": items}));
        json!({
            "what": self.what,
            "commands": self.commands,
            "details": details.collect::<Vec<_>>(),
        })
    }
}
