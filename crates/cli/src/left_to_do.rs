//! What mainstay cannot do for a person: the numbered list at the end of `new`.
//!
//! In: a platform. Out: steps, each a sentence and its details; the same for the same platform.

use std::collections::{BTreeMap, BTreeSet};

use compile::generate::prerequisites::{self, Prerequisites};
use compile::generate::sealing_key;
use compile::model::{
    Environment, EnvironmentTls, Kustomization, Platform, SealedSecrets, SecretsBackend,
};
use serde_json::{Value, json};

use crate::report;

/// Details beyond so many lines are only counted, but each heading has a few.
const MOST_LINES: usize = 16;
const FEWEST_LINES: usize = 2;
const MOST_LINES_IN_ALL: usize = 24;
/// A list in a detail is folded after so many letters.
const WIDTH: usize = 72;

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
    if is_made_up(&platform.repository.url) {
        steps.push(made_up(platform, folder, committed));
    }
    // Whoever follows the steps is in the folder since the first.
    let mut commands = match steps.is_empty() {
        true => vec![format!("cd {folder}")],
        false => Vec::new(),
    };
    if !committed {
        commands.push("git init -b main && git add -A && git commit -m 'The platform'".to_owned());
    }
    commands.push(format!("git remote add origin {}", platform.repository.url));
    let branches: String =
        platform.other_branches().iter().map(|branch| format!(" {branch}")).collect();
    commands.push(format!("git push -u origin {}{branches}", branch(platform)));
    steps.push(Step {
        what: match platform.handoff {
            Some(_) => "make an empty repository, and push",
            None => "make an empty private repository, and push",
        }
        .to_owned(),
        commands,
        details: Vec::new(),
    });
    if let Some(app) = &platform.kustomization {
        steps.extend(of_kustomization(platform, app));
        return steps;
    }
    let needs: Needs<'_> = platform
        .environments
        .iter()
        .map(|environment| (environment, prerequisites::of(platform, environment)))
        .collect();
    names(&needs, &mut steps);
    let managed = managed_secrets(&needs);
    let what = match &platform.secrets.backend {
        SecretsBackend::InfisicalCsi(infisical) => {
            Some(format!("create the secrets in {}, in every environment", infisical.url))
        }
        SecretsBackend::External(external) => Some(format!(
            "create the secrets in {}, for every environment: docs/prerequisites says under which names",
            external.manager.values_title()
        )),
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => None,
    };
    if let Some(what) = what.filter(|_| !managed.is_empty()) {
        steps.push(Step { what, commands: Vec::new(), details: managed });
    }
    if let Some(sealed) = &platform.secrets.sealed_secrets {
        steps.push(sealing(platform, sealed, &needs));
    }
    let in_clusters = in_clusters(&needs);
    if !in_clusters.is_empty() {
        steps.push(Step {
            what: "make in the clusters, as docs/prerequisites/ENVIRONMENT.md says".to_owned(),
            commands: Vec::new(),
            details: in_clusters,
        });
    }
    steps.push(Step {
        what: format!(
            "install {} and let it read the repository: README.md, \"Day one\"",
            platform.delivery.engine.name()
        ),
        commands: Vec::new(),
        details: Vec::new(),
    });
    steps
}

/// Whether an address is the one that a spec gets where nobody wrote one.
fn is_made_up(url: &str) -> bool {
    url.starts_with(compile::intake::MADE_UP_OWNER)
}

/// The step about a spec that nobody wrote: what is in it was guessed.
fn made_up(platform: &Platform, folder: &str, committed: bool) -> Step {
    let mut details = vec![
        ("repo.url".to_owned(), vec![platform.repository.url.clone()]),
        ("domain".to_owned(), vec![platform.domain.clone(), "(from the payload)".to_owned()]),
    ];
    let without_tls = |environment: &Environment| environment.tls == EnvironmentTls::Off;
    if platform.kustomization.is_none() && platform.environments.iter().all(without_tls) {
        details.push((
            "tls.email".to_owned(),
            vec!["none:".to_owned(), "hosts get no certificates until there is one".to_owned()],
        ));
    }
    let mut commands = vec![format!("cd {folder}"), "mainstay generate".to_owned()];
    if committed {
        commands
            .push("git add --all && git commit --message 'Say where the platform is'".to_owned());
    }
    Step { what: "write in mainstay.yaml what was guessed here".to_owned(), commands, details }
}

fn of_kustomization(platform: &Platform, app: &Kustomization) -> Vec<Step> {
    let plain = |what: String| Step { what, commands: Vec::new(), details: Vec::new() };
    let mut steps = Vec::new();
    if app.build.is_some() {
        steps.push(plain(format!(
            "put it beside the application's source: the workflows build {}",
            app.image
        )));
    }
    let previews =
        platform.environments.iter().find_map(|environment| environment.preview.as_ref());
    if let Some(label) = previews {
        steps
            .push(plain(format!("make the label `{label}` for pull requests that want a preview")));
    }
    if let Some(sealed) = &platform.secrets.sealed_secrets {
        steps.push(sealing(platform, sealed, &Vec::new()));
    }
    steps.push(Step {
        what: "install Argo CD and let it read the repository: infra/README.md, \"The first day\""
            .to_owned(),
        commands: vec!["kubectl apply --filename infra/application.yaml".to_owned()],
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

/// The environments, each with what it needs.
type Needs<'p> = Vec<(&'p Environment, Prerequisites)>;

/// DNS records, those in zones of their own apart.
fn names(needs: &Needs<'_>, steps: &mut Vec<Step>) {
    type Hosts = fn(&Prerequisites) -> &BTreeSet<String>;
    let lists: [(&str, Hosts); 2] = [
        ("point DNS records at each environment's cluster", |needs| &needs.hosts),
        ("the same outside of the platform's domain, in DNS zones of their own", |needs| {
            &needs.other_hosts
        }),
    ];
    for (what, hosts) in lists {
        let details: Vec<(String, Vec<String>)> = needs
            .iter()
            .filter(|(_, needs)| !hosts(needs).is_empty())
            .map(|(environment, needs)| {
                (environment.name.clone(), hosts(needs).iter().cloned().collect())
            })
            .collect();
        if !details.is_empty() {
            steps.push(Step { what: what.to_owned(), commands: Vec::new(), details });
        }
    }
}

/// Returns the keys that have to be in the secret manager, by folder.
fn managed_secrets(needs: &Needs<'_>) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, keys) in needs.iter().flat_map(|(_, needs)| &needs.managed) {
        found.entry(path).or_default().extend(keys.iter().cloned());
    }
    found.into_iter().map(|(path, keys)| (path.to_owned(), keys.into_iter().collect())).collect()
}

/// The step about a key to seal with, and what is sealed for it.
fn sealing(platform: &Platform, sealed: &SealedSecrets, needs: &Needs<'_>) -> Step {
    let key = sealing_key::file(platform);
    let mut commands = vec![format!("mainstay keys new --out {key}")];
    commands.extend(sealing_key::namespace_first(sealed).lines().map(str::to_owned));
    commands.push(format!(
        "kubectl apply --filename {key}   # in each cluster, before `{}` has a controller",
        sealed.namespace
    ));
    let details = in_each(needs, "Secret", |needs| needs.sealed.keys().cloned().collect());
    if !details.is_empty() {
        commands.push("mainstay seal SECRET --env ENVIRONMENT KEY   # for each value".to_owned());
    }
    let what = match details.is_empty() {
        true => "make the key that secrets are sealed with, and keep it safe",
        false => {
            "make the key that secrets are sealed with, keep it safe, and seal what \
             docs/prerequisites/ENVIRONMENT.md lists"
        }
    };
    Step { what: what.to_owned(), commands, details }
}

/// Returns what has to be in the clusters, by kind; environments with the same names share a line.
fn in_clusters(needs: &Needs<'_>) -> Vec<(String, Vec<String>)> {
    type Names = fn(&Prerequisites) -> Vec<String>;
    let kinds: [(&str, Names); 8] = [
        ("Secret", |needs| needs.secrets.keys().cloned().collect()),
        ("PersistentVolumeClaim", |needs| needs.claims.keys().cloned().collect()),
        ("RuntimeClass", |needs| needs.runtime_classes.keys().cloned().collect()),
        ("StorageClass", |needs| needs.storage_classes.keys().cloned().collect()),
        ("ClusterIssuer", |needs| needs.issuers.keys().cloned().collect()),
        ("Middleware", |needs| needs.middlewares.keys().cloned().collect()),
        ("node label", |needs| needs.node_labels.keys().cloned().collect()),
        ("GPUs for", |needs| needs.gpus.iter().cloned().collect()),
    ];
    kinds.iter().flat_map(|(kind, of)| in_each(needs, kind, *of)).collect()
}

/// Returns names of a kind; environments with the same names share a line.
fn in_each(
    needs: &Needs<'_>,
    kind: &str,
    of: fn(&Prerequisites) -> Vec<String>,
) -> Vec<(String, Vec<String>)> {
    let mut lines: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for (environment, needs) in needs {
        let names = of(needs);
        match lines.iter_mut().find(|(known, _)| *known == names) {
            _ if names.is_empty() => {}
            Some((_, environments)) => environments.push(&environment.name),
            None => lines.push((names, vec![&environment.name])),
        }
    }
    let line = |(names, environments): (Vec<String>, Vec<&str>)| {
        let heading = match environments.len() == needs.len() {
            true => kind.to_owned(),
            false => format!("{kind} ({})", environments.join(", ")),
        };
        (heading, names)
    };
    lines.into_iter().map(line).collect()
}

impl Step {
    /// Returns the details as lines of a bounded number and width: of each heading its beginning.
    pub(crate) fn lines(&self) -> Vec<String> {
        let width = self.details.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let most = (MOST_LINES / self.details.len().max(1)).max(FEWEST_LINES);
        let mut lines = Vec::new();
        for (name, items) in &self.details {
            let start = width + 1;
            let mut folded = vec![format!("{name:<width$} ")];
            let mut shown = 0;
            for item in items {
                let Some(line) = folded.last_mut() else { break };
                let length = line.chars().count();
                if length > start && length + item.chars().count() >= WIDTH {
                    if folded.len() == most {
                        break;
                    }
                    folded.push(" ".repeat(start));
                }
                if let Some(line) = folded.last_mut() {
                    line.push(' ');
                    line.push_str(item);
                }
                shown += 1;
            }
            lines.append(&mut folded);
            let more = items.len() - shown;
            if more > 0 {
                let more = report::thousands(more);
                lines.push(format!("{} … and {more} more (`--json` has all)", " ".repeat(width)));
            }
        }
        let more = lines.len().saturating_sub(MOST_LINES_IN_ALL);
        if more > 1 {
            lines.truncate(MOST_LINES_IN_ALL);
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
