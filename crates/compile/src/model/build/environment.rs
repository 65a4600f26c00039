//! The environments of the spec.

use yaml::Node;

use super::fields::{at, env, flag, get, int_or, list, text, text_or};
use super::platform::{bare_domain, environment_resources};
use crate::model::{
    Environment, EnvironmentTls, HostRule, Issuer, LetsEncrypt, Origin, Platform, Resources, Sync,
    Tls,
};

pub(super) fn environments(spec: &Node, platform: &Platform) -> Vec<Environment> {
    let items = list(spec, "environments");
    let names: Vec<&str> = items.iter().map(name).collect();
    let settled = |item: &Node| flag(item, "production", false) || is_production_name(name(item));
    let some_production = items.iter().any(settled);
    let last = items.len().saturating_sub(1);
    let origin = platform.origin.part("spec.environments");
    let whole = items.iter().enumerate();
    whole
        .map(|(index, item)| {
            let by_default =
                is_production_name(names[index]) || (!some_production && index == last);
            let production = flag(item, "production", by_default);
            environment(item, names[index], production, spec, platform, origin.item(index))
        })
        .collect()
}

fn name(item: &Node) -> &str {
    item.as_str().or_else(|| get(item, "name").and_then(Node::as_str)).unwrap_or_default()
}

fn is_production_name(name: &str) -> bool {
    matches!(name, "prod" | "production")
}

fn environment(
    node: &Node,
    name: &str,
    production: bool,
    spec: &Node,
    platform: &Platform,
    origin: Origin,
) -> Environment {
    let host_rule = match text(node, "hosts") {
        Some(template) => HostRule::Template(template),
        None if production => HostRule::AsWritten,
        None => HostRule::Template("{host}.{env}.{domain}".to_owned()),
    };
    let app_namespace = list(spec, "apps").first().and_then(|app| text(app, "namespace"));
    let namespace = text(node, "namespace")
        .or(app_namespace)
        .unwrap_or_else(|| format!("{}-{name}", platform.name));
    let issuer = issuer(node, production, &platform.tls);
    let tls = match &issuer {
        Some(issuer) if flag(node, "tls", true) => EnvironmentTls::On { issuer: issuer.clone() },
        _ => EnvironmentTls::Off,
    };
    let resource_preset = text_or(node, "resourcePreset", &platform.defaults.resource_preset);
    let preset = platform.resource_presets.get(&resource_preset).copied().unwrap_or_default();
    let written = get(node, "resources").map(environment_resources).unwrap_or_default();
    let envelope = at(spec, &["secrets", "infisical", "envSlug"]).and_then(Node::as_str);
    Environment {
        namespace,
        production,
        host_rule,
        domain: text(node, "domain")
            .map_or_else(|| platform.domain.clone(), |domain| bare_domain(&domain)),
        platform_domain: platform.domain.clone(),
        tls,
        issuer,
        cluster: text_or(node, "cluster", "https://kubernetes.default.svc"),
        replicas: int_or(node, "replicas", platform.defaults.replicas),
        resources: Resources::over(written, preset),
        resource_preset,
        preset,
        env: env(node, "env"),
        secrets_environment: text_or(node, "secretsEnvironment", envelope.unwrap_or(name)),
        sync: match get(node, "sync").and_then(Node::as_str) {
            Some("manual") => Sync::Manual,
            _ => Sync::Automatic,
        },
        branch: text_or(node, "branch", &platform.repository.branch),
        preview: at(node, &["lifetime", "pr", "label"]).and_then(Node::as_str).map(str::to_owned),
        name: name.to_owned(),
        origin,
    }
}

/// Returns the issuer of an environment; staging outside production, because Let's Encrypt's
/// production limits are shared by all hosts of a domain.
fn issuer(node: &Node, production: bool, tls: &Tls) -> Option<Issuer> {
    let Tls::CertManager { issuers, default, .. } = tls else { return None };
    Some(match text(node, "issuer") {
        Some(name) => Issuer::named(&name),
        None if !production && issuers.contains(&LetsEncrypt::Staging) => Issuer::Staging,
        None => default.clone(),
    })
}
