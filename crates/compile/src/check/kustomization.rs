//! An application that is delivered as a kustomization: what belongs to it and what does not.

use std::collections::HashMap;

use super::Findings;
use super::codes::{kustomization as codes, secrets};
use crate::model::{Kustomization, Manager, Platform, RegistryKind, SecretsBackend, registry_host};

/// Keys that say something about a kustomization only.
const KEYS: &[&str] = &[
    "spec.ci.builds",
    "spec.ci.promote",
    "spec.apps.0.port",
    "spec.apps.0.health",
    "spec.apps.0.secrets",
];

pub(super) fn check(platform: &Platform, findings: &mut Findings) {
    let Some(app) = &platform.kustomization else {
        for key in KEYS.iter().filter(|key| platform.origin.has(key)) {
            let name = key.trim_start_matches("spec.").replace(".0", "[0]");
            findings.add(codes::c186_not_for_config(&name, platform.origin.key_place(key)));
        }
        for environment in &platform.environments {
            for key in ["branch", "lifetime"] {
                if environment.origin.has(key) {
                    let place = environment.origin.key_place(key);
                    findings.add(codes::c186_not_for_config(key, place));
                }
            }
        }
        return numbers(platform, findings);
    };
    if let Some(first) = platform.apps.first() {
        findings.add(codes::c187_payload_unused(first.origin.here()));
    }
    backend(platform, app, findings);
    registry(platform, app, findings);
    twice(platform, app, findings);
    numbers(platform, findings);
    promotions(platform, app, findings);
}

/// Pulumi ESC's environments are written for the apps of a payload; a manager without a list of Secrets has
/// nothing to bring.
fn backend(platform: &Platform, app: &Kustomization, findings: &mut Findings) {
    let (backend, is_esc) = match &platform.secrets.backend {
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => return,
        SecretsBackend::InfisicalCsi(_) => ("infisical-csi", false),
        SecretsBackend::External(external) => match external.manager {
            Manager::PulumiEsc { .. } => ("esc", true),
            _ => ("external-secrets", false),
        },
    };
    let keys = ["backend", "infisical"].map(|key| format!("spec.secrets.{key}"));
    let key = keys.iter().find(|key| platform.origin.has(key));
    let place = platform.origin.key_place(key.map_or("spec.secrets", String::as_str));
    if is_esc || app.secrets.is_empty() {
        let without_list = (!is_esc).then_some(app.name.as_str());
        findings.add(codes::c208_no_such_secrets(backend, without_list, place));
    }
}

/// A Secret is one object, and a variable is set once: Kubernetes would take the last one.
fn twice(platform: &Platform, app: &Kustomization, findings: &mut Findings) {
    let place = |field: &str| platform.origin.place(&format!("spec.apps.0.secrets.{field}"));
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut variables: HashMap<&str, String> = HashMap::new();
    for (index, secret) in app.secrets.iter().enumerate() {
        let name = format!("{index}.name");
        if let Some(first) = names.get(secret.name.as_str()) {
            findings.add(codes::c209_secret_twice(&secret.name, place(first), place(&name)));
        } else {
            names.insert(&secret.name, name);
        }
        for (at, key) in secret.keys.iter().enumerate() {
            let field = format!("{index}.keys.{at}");
            if let Some(first) = variables.get(key.as_str()) {
                findings.add(secrets::c171_twice(key, place(first), place(&field)));
            } else {
                variables.insert(key, field);
            }
        }
    }
}

/// A kind that is written down is that of the host; a registry of one's own may be of any.
fn registry(platform: &Platform, app: &Kustomization, findings: &mut Findings) {
    let key = "spec.registry.kind";
    let host = registry_host(&app.image);
    let (kind, of_host) = (platform.registry.kind, RegistryKind::of_host(host));
    if platform.origin.has(key)
        && kind != of_host
        && (kind, of_host) != (RegistryKind::Ocir, RegistryKind::Other)
    {
        findings.add(codes::c211_other_kind(kind, host, platform.origin.place(key)));
    }
}

/// A preview's namespace has the number of its pull request, and no other has.
fn numbers(platform: &Platform, findings: &mut Findings) {
    for environment in &platform.environments {
        let has = environment.namespace.contains("{{number}}");
        if has != environment.preview.is_some() {
            let place = environment.origin.place("namespace");
            findings.add(codes::c188_number(&environment.name, has, place));
        }
    }
    let mut previews = platform.environments.iter().filter(|it| it.preview.is_some());
    if let (Some(first), Some(second)) = (previews.next(), previews.next()) {
        let places = (first.origin.place("lifetime"), second.origin.place("lifetime"));
        findings.add(codes::c189_two_previews(places.0, places.1));
    }
}

fn promotions(platform: &Platform, app: &Kustomization, findings: &mut Findings) {
    let origin = platform.origin.part("spec.ci.promote.byBranch");
    for promotion in &app.promotions {
        let list = origin.key(&promotion.branch);
        for (index, name) in promotion.environments.iter().enumerate() {
            match platform.environment(name) {
                None => {
                    let known = platform.environments.iter().map(|known| known.name.as_str());
                    let meant = text::nearest(name, known);
                    let place = list.item(index).here();
                    findings.add(super::codes::names::c104_unknown_environment(name, place, meant));
                }
                Some(environment) if environment.branch != promotion.branch => {
                    findings.add(codes::c190_other_branch(
                        (name, &environment.branch, environment.origin.place("branch")),
                        (&promotion.branch, list.item(index).here()),
                    ));
                }
                Some(_) => {}
            }
        }
    }
}
