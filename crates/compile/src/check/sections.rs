//! Sections of the spec that must fit together: mirrors, projects, credentials, presets.

use text::nearest;

use super::Findings;
use super::codes::{platform as codes, resources, secrets};
use crate::generate::credentials::through_backend;
use crate::generate::{IN_CLUSTER, catalog};
use crate::model::{
    Engine, Environment, Install, Platform, Projects, PullCredentials, SecretsBackend,
};

pub(super) fn check(platform: &Platform, findings: &mut Findings) {
    mirrors(platform, findings);
    if let Projects::Listed(_) = platform.delivery.projects {
        projects(platform, findings);
    }
    root(platform, findings);
    engine(platform, findings);
    tooling(platform, findings);
    catalog(platform, findings);
    productions(platform, findings);
    credentials(platform, findings);
    presets(platform, findings);
}

fn catalog(platform: &Platform, findings: &mut Findings) {
    let known = catalog::named(&platform.catalog);
    if known.name != platform.catalog {
        let place = platform.origin.place("spec.catalog");
        findings.add(codes::c192_no_catalog(&platform.catalog, &known.name, place));
    }
}

fn productions(platform: &Platform, findings: &mut Findings) {
    let mut all = platform.environments.iter().filter(|environment| {
        environment.origin.get("production").and_then(yaml::Node::as_bool) == Some(true)
    });
    if let (Some(first), Some(second)) = (all.next(), all.next())
        && first.host_rule == second.host_rule
        && first.domain == second.domain
    {
        let places = (first.origin.place("production"), second.origin.place("production"));
        findings.add(codes::c193_two_productions(places.0, places.1));
    }
}

/// What one engine knows and the other does not.
fn engine(platform: &Platform, findings: &mut Findings) {
    if platform.delivery.engine != Engine::Flux {
        return;
    }
    if platform.kustomization.is_some() {
        let engine = platform.origin.place("spec.delivery.engine");
        findings.add(codes::c127_kustomization_with_flux(
            engine,
            platform.origin.place("spec.apps.0.render"),
        ));
    }
    for key in ["ui", "credentials", "projects", "root.syncOptions"] {
        let path = format!("spec.delivery.{key}");
        if platform.origin.has(&path) {
            let key = format!("delivery.{key}");
            findings.add(codes::c198_only_argocd(&key, platform.origin.key_place(&path)));
        }
    }
    for environment in &platform.environments {
        if environment.cluster != IN_CLUSTER {
            let place = environment.origin.place("cluster");
            findings.add(codes::c199_cluster_of_flux(&environment.name, place));
        }
    }
}

/// What workflows get mainstay from is said where it is needed, and only there.
fn tooling(platform: &Platform, findings: &mut Findings) {
    let tooling = &platform.tooling;
    for (way, install, is_named) in [
        ("release", Install::Release, tooling.release.is_some()),
        ("image", Install::Image, tooling.image.is_some()),
    ] {
        let place = |key: &str| platform.origin.place(&format!("spec.tooling.{key}"));
        match (tooling.install == install, is_named) {
            (true, false) => findings.add(codes::c206_nothing_to_install(way, place("install"))),
            (false, true) => findings.add(codes::c207_not_installed(way, place(way))),
            _ => {}
        }
    }
}

/// The layout is fixed: the root of the leading environment points to its folder.
fn root(platform: &Platform, findings: &mut Findings) {
    let Some(path) = &platform.delivery.root.path else { return };
    let folders: Vec<String> =
        platform.environments.iter().map(|it| format!("clusters/{}", it.name)).collect();
    let plain = path.trim_matches('/');
    if !folders.iter().any(|folder| folder == plain) {
        let place = platform.origin.place("spec.delivery.root.path");
        findings.add(codes::c191_root_path(path, &folders, place));
    }
}

fn mirrors(platform: &Platform, findings: &mut Findings) {
    for (from, to) in &platform.mirrors {
        let scheme = |address: &str| address.split_once("://").map(|(scheme, _)| scheme.to_owned());
        let is_address = |address: &str| {
            let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
            // `docker.io`, `registry:5000`, `localhost`: a bare word is the name of nothing.
            let host = rest.split('/').next().unwrap_or_default();
            let is_host = host.contains(['.', ':']) || host == "localhost" || rest != address;
            is_host && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
        };
        let same_kind = scheme(from).is_some() == scheme(to).is_some();
        if !is_address(to) || !is_address(from) || !same_kind {
            let place = platform.origin.part("spec.mirrors").key(from).here();
            findings.add(codes::c180_mirror(from, to, place));
        }
    }
}

fn projects(platform: &Platform, findings: &mut Findings) {
    let Projects::Listed(projects) = &platform.delivery.projects else { return };
    for (index, project) in projects.iter().enumerate() {
        let field = |name: &str| format!("spec.delivery.projects.{index}.{name}");
        let environment = platform.environment(&project.name);
        let of_kustomization =
            platform.kustomization.as_ref().is_some_and(|app| app.name == project.name);
        if environment.is_none() && project.name != "platform" && !of_kustomization {
            let place = platform.origin.place(&field("name"));
            findings.add(codes::c182_unknown_project(&project.name, place));
        }
        let url = mirrored(platform, &platform.repository.url);
        let allows = |list: &[String], text: &str| {
            list.is_empty() || list.iter().any(|pattern| glob(pattern, text))
        };
        if !allows(&project.source_repos, &url)
            && !allows(&project.source_repos, &platform.repository.url)
        {
            let place = platform.origin.key_place(&field("sourceRepos"));
            findings.add(codes::c181_allow_list(&url, &project.name, place));
        }
        if let Some(Environment { namespace, .. }) = environment
            && !allows(&project.namespaces, namespace)
        {
            let place = platform.origin.key_place(&field("namespaces"));
            findings.add(codes::c183_namespace(namespace, &project.name, place));
        }
    }
}

fn mirrored(platform: &Platform, address: &str) -> String {
    let mirror = platform.mirrors.iter().find(|(from, _)| address.starts_with(from.as_str()));
    mirror.map_or_else(
        || address.to_owned(),
        |(from, to)| format!("{to}{}", address.get(from.len()..).unwrap_or_default()),
    )
}

/// Matches a pattern in which `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

fn credentials(platform: &Platform, findings: &mut Findings) {
    let origin = &platform.origin;
    let no_manager = !matches!(platform.secrets.backend, SecretsBackend::InfisicalCsi(_));
    let backend = origin.get("spec.secrets.backend").and_then(yaml::Node::as_str);
    if platform.secrets.backend == SecretsBackend::None
        && let Some(backend) = backend.filter(|backend| *backend != "none")
    {
        let place = origin.place("spec.secrets.backend");
        findings.add(secrets::c176_no_section(backend, &section(platform, backend), place));
    }
    if let SecretsBackend::InfisicalCsi(infisical) = &platform.secrets.backend {
        let place = || origin.place("spec.secrets.infisical.url");
        let host = infisical.url.split("://").last().unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        if host.ends_with(".svc") || host.ends_with(".svc.cluster.local") {
            findings.add(secrets::c203_manager_inside(host, place()));
        } else if infisical.url.starts_with("http://") {
            findings.add(secrets::c202_in_clear(place()));
        }
    }
    let folder = "spec.delivery.credentials";
    let by_hand = match &platform.secrets.backend {
        SecretsBackend::InfisicalCsi(_) => Some("infisical-csi"),
        SecretsBackend::ByHand => Some("kubernetes"),
        _ => None,
    };
    if let Some(backend) = by_hand
        && platform.delivery.credentials.is_some()
        && platform.delivery.engine == Engine::ArgoCd
        && !through_backend(platform)
    {
        findings.add(secrets::c200_credentials_by_hand(backend, origin.place(folder)));
    }
    let from = ["spec.registry.pull.from", "spec.registry.pull"]
        .into_iter()
        .find_map(|field| Some((field, origin.get(field)?.as_str()?)));
    let Some((field, reference)) = from else { return };
    let managed = matches!(platform.registry.pull, PullCredentials::Managed { .. });
    if managed && reference.starts_with("infisical:") && no_manager {
        let place = origin.place(field);
        findings.add(secrets::c177_no_source(reference, "spec.secrets.infisical", place));
    }
    if managed && platform.secrets.backend == SecretsBackend::None && !no_manager_named(reference) {
        findings.add(secrets::c177_no_source(
            reference,
            "spec.secrets.backend",
            origin.place(field),
        ));
    }
    if reference.starts_with("sealed:") && platform.secrets.sealed_secrets.is_none() {
        let needs = "spec.secrets.sealedSecrets.enabled: true";
        findings.add(secrets::c177_no_source(reference, needs, origin.place(field)));
    }
}

/// Whether a reference names its manager itself.
fn no_manager_named(reference: &str) -> bool {
    reference.starts_with("infisical:")
}

/// Returns the section that a backend needs and that is not there.
fn section(platform: &Platform, backend: &str) -> String {
    let provider = platform.origin.get("spec.secrets.externalSecrets.provider");
    match (backend, provider.and_then(yaml::Node::as_str)) {
        ("external-secrets", Some(provider)) => format!("secrets.externalSecrets.{provider}"),
        ("external-secrets", None) => "secrets.externalSecrets".to_owned(),
        ("esc", _) => "secrets.esc".to_owned(),
        _ => "secrets.infisical".to_owned(),
    }
}

fn presets(platform: &Platform, findings: &mut Findings) {
    let known = || platform.resource_presets.keys().map(String::as_str);
    let mut check = |name: &str, place| {
        if !platform.resource_presets.contains_key(name) {
            findings.add(resources::c131_unknown_preset(name, place, nearest(name, known())));
        }
    };
    let field = "spec.defaults.resourcePreset";
    check(&platform.defaults.resource_preset, platform.origin.place(field));
    for environment in &platform.environments {
        if environment.origin.has("resourcePreset") {
            check(&environment.resource_preset, environment.origin.place("resourcePreset"));
        }
    }
    for (name, preset) in &platform.resource_presets {
        let origin = platform.origin.part("spec.resourcePresets").key(name);
        let pairs = [
            ("cpu", preset.requests.cpu, preset.limits.cpu),
            ("memory", preset.requests.memory, preset.limits.memory),
        ];
        for (what, request, limit) in pairs {
            let (Some(request), Some(limit)) = (request, limit) else { continue };
            if limit < request {
                findings.add(resources::c130_limit_below_request(
                    what,
                    (request.to_string(), origin.place(&format!("requests.{what}"))),
                    (limit.to_string(), origin.place(&format!("limits.{what}"))),
                ));
            }
        }
    }
}
