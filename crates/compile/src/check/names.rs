//! Names of apps and environments, and fields that do not belong to a kind of workload.

use std::collections::HashMap;

use text::nearest;

use super::codes::names as codes;
use super::{Findings, instances};
use crate::generate::catalog;
use crate::model::{App, Controller, Platform, PullCredentials, Tls, Workload};

pub(super) fn check(platform: &Platform, findings: &mut Findings) {
    environments(platform, findings);
    let mut first: HashMap<&str, &App> = HashMap::with_capacity(platform.apps.len());
    for app in &platform.apps {
        if let Some(first) = first.get(app.name.as_str()) {
            let place = |app: &App| app.origin.place(name_field(app));
            findings.add(codes::c101_duplicate_name(&app.name, place(first), place(app)));
        } else {
            first.insert(&app.name, app);
        }
        if !is_app_name(&app.name) {
            let place = app.origin.place(name_field(app));
            findings.add(codes::c102_no_label(&app.name, place, &suggestion(&app.name)));
        }
        if pod_of_credentials(platform) == Some(&app.name) {
            findings.add(codes::c109_reserved_name(&app.name, app.origin.place(name_field(app))));
        }
        for name in app.overrides.keys() {
            if platform.environment(name).is_none() {
                let known = platform.environments.iter().map(|known| known.name.as_str());
                let place = app.origin.part("environments").key_place(name);
                findings.add(codes::c104_unknown_environment(name, place, nearest(name, known)));
            }
        }
        kind(app, findings);
        if !platform.environments.is_empty() && instances(platform, app).next().is_none() {
            findings.add(codes::c159_nowhere(&app.name, app.origin.key_place("environments")));
        }
    }
}

/// Whether a namespace is one that an add-on of the platform is installed into.
fn is_addons(platform: &Platform, namespace: &str) -> bool {
    let cert_manager = || catalog::named(&platform.catalog).addon("cert-manager").namespace;
    let external = || catalog::named(&platform.catalog).addon("external-secrets").namespace;
    let sealed = platform.secrets.sealed_secrets.as_ref();
    (platform.ingress.controller != Controller::None && namespace == platform.ingress.namespace)
        || (matches!(platform.tls, Tls::CertManager { .. }) && namespace == cert_manager())
        || sealed.is_some_and(|sealed| namespace == sealed.namespace)
        || (platform.secrets.backend.external().is_some() && namespace == external())
}

/// Returns the name of the pod that the chart adds where pull credentials come from the secret
/// manager: the name of their Secret.
fn pod_of_credentials(platform: &Platform) -> Option<&String> {
    match &platform.registry.pull {
        PullCredentials::Managed { secret_name, .. } if platform.holds_pull_secret() => {
            Some(secret_name)
        }
        _ => None,
    }
}

/// Returns the field that an app's name comes from.
pub(super) fn name_field(app: &App) -> &'static str {
    if app.origin.has("name") { "name" } else { "image" }
}

/// A Service's name is a DNS label of RFC 1035: it begins with a letter.
fn is_app_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= 52
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

fn suggestion(name: &str) -> String {
    let letters = name.chars().filter(|letter| !letter.is_control());
    let letters = letters.map(|letter| match letter.to_ascii_lowercase() {
        lower @ ('a'..='z' | '0'..='9') => lower,
        _ => '-',
    });
    let label: String = letters.collect();
    let label = label.trim_matches('-');
    let label = if label.is_empty() {
        "app".to_owned()
    } else if label.starts_with(|first: char| first.is_ascii_digit()) {
        format!("app-{label}")
    } else {
        label.to_owned()
    };
    label.chars().take(52).collect::<String>().trim_end_matches('-').to_owned()
}

/// Fields by the kinds of workload that they mean something for.
const FIELDS: &[(&str, &[&str])] = &[
    ("replicas", &["deployment"]),
    ("autoscaling", &["deployment"]),
    ("fqdn", &["deployment"]),
    ("hosts", &["deployment"]),
    ("paths", &["deployment"]),
    ("tls", &["deployment"]),
    ("ingressAnnotations", &["deployment"]),
    ("schedule", &["cronjob"]),
    ("timeZone", &["cronjob"]),
    ("concurrencyPolicy", &["cronjob"]),
    ("backoffLimit", &["cronjob", "job"]),
    ("activeDeadlineSeconds", &["cronjob", "job"]),
    ("beforeDeployments", &["job"]),
];

fn kind(app: &App, findings: &mut Findings) {
    let kind = match app.workload {
        Workload::Deployment => "deployment",
        Workload::CronJob { .. } => "cronjob",
        Workload::Job { .. } => "job",
    };
    let overrides = app.overrides.values().map(|differing| &differing.origin);
    for origin in std::iter::once(&app.origin).chain(overrides) {
        for (field, kinds) in FIELDS {
            // `false` says that something is not wanted, which is no contradiction.
            let off = origin.get(field).is_some_and(|node| node.as_bool() == Some(false));
            if origin.has(field) && !off && !kinds.contains(&kind) {
                findings.add(codes::c103_not_for_kind(field, kind, origin.key_place(field)));
            }
        }
    }
}

fn environments(platform: &Platform, findings: &mut Findings) {
    let all = &platform.environments;
    for environment in all {
        let namespace = environment.namespace.as_str();
        if namespace.len() > 63 {
            let field = if environment.origin.has("namespace") { "namespace" } else { "name" };
            findings.add(codes::c169_long_namespace(namespace, environment.origin.place(field)));
        }
        let whose = match namespace {
            "kube-system" | "kube-public" | "kube-node-lease" => "Kubernetes itself",
            "argocd" => "Argo CD",
            _ if is_addons(platform, namespace) => "an add-on",
            _ => continue,
        };
        let place = environment.origin.place("namespace");
        findings.add(codes::c108_taken_namespace(namespace, whose, place));
    }
    for (index, second) in all.iter().enumerate() {
        for first in &all[..index] {
            if first.name == second.name {
                let places = (first.origin.place("name"), second.origin.place("name"));
                findings.add(codes::c105_duplicate_environment(&second.name, places.0, places.1));
            } else if first.namespace == second.namespace && first.cluster == second.cluster {
                findings.add(codes::c106_shared_namespace(
                    &second.namespace,
                    (&first.name, first.origin.place("namespace")),
                    (&second.name, second.origin.place("namespace")),
                ));
            }
        }
    }
}
