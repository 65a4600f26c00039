//! The sections of the spec.

use indexmap::IndexMap;
use yaml::Node;

use super::fields::{at, entries, flag, get, int_or, list, port, text, text_map, text_or, texts};
use super::workload::{amounts, resources};
use super::{environment, external, kustomization};
use crate::model::Amounts;
use crate::model::{
    Application, Ci, Controller, Defaults, Delivery, Engine, Exposure, ImageUpdates, Infisical,
    Ingress, Install, Issuer, LetsEncrypt, Origin, Platform, PodSecurity, Policies, Project,
    Projects, PublicPorts, PullCredentials, Quantity, Quotas, Registry, RegistryKind, Release,
    Repository, Resources, Retry, Root, Rotation, SealedSecrets, Secrets, SecretsBackend, Tls,
    Toggles, Tooling, ToolingUse, Ui,
};

/// The newest catalog of this version.
const CATALOG: &str = "2026.11";

/// Returns the platform of a spec, still without apps.
pub(super) fn platform(file: &Node, origin: Origin, payload_origin: Origin) -> Platform {
    let empty = Node::new(yaml::Kind::Map(Vec::new()), file.span);
    let metadata = get(file, "metadata").unwrap_or(&empty);
    let spec = get(file, "spec").unwrap_or(&empty);
    let section = |key: &str| get(spec, key).unwrap_or(&empty);

    let name = text_or(metadata, "name", "");
    let repository = Repository {
        url: text_or(section("repo"), "url", ""),
        branch: text_or(section("repo"), "branch", "main"),
    };
    let domain = bare_domain(&text_or(spec, "domain", ""));
    let policies = policies(section("policies"));
    let ingress = ingress(section("ingress"));
    let tls = tls(section("tls"));
    let mut platform = Platform {
        owner: text(metadata, "owner"),
        catalog: text_or(spec, "catalog", CATALOG),
        delivery: delivery(section("delivery"), &repository, &ingress, &tls),
        handoff: text(section("handoff"), "repository"),
        mirrors: text_map(spec, "mirrors"),
        ingress,
        tls,
        secrets: secrets(section("secrets"), &name),
        registry: registry(section("registry")),
        tooling: tooling(get(spec, "tooling")),
        ci: ci(section("ci")),
        toggles: toggles(section("toggles"), &policies),
        defaults: defaults(section("defaults")),
        resource_presets: presets(spec),
        environments: Vec::new(),
        application: application(list(spec, "apps").first().unwrap_or(&empty), &name),
        kustomization: None,
        apps: Vec::new(),
        policies,
        domain,
        repository,
        name,
        origin,
        payload_origin,
    };
    platform.environments = environment::environments(spec, &platform);
    platform.kustomization = kustomization::kustomization(spec, &platform);
    platform
}

/// Returns a domain without its wildcard.
pub(super) fn bare_domain(domain: &str) -> String {
    domain.strip_prefix("*.").unwrap_or(domain).to_owned()
}

fn delivery(node: &Node, repository: &Repository, ingress: &Ingress, tls: &Tls) -> Delivery {
    let root = get(node, "root");
    let retry = root.and_then(|root| get(root, "retry"));
    let number = |key, default| retry.map_or(default, |retry| int_or(retry, key, default));
    let projects = list(node, "projects").iter().map(|project| Project {
        name: text_or(project, "name", ""),
        source_repos: texts(project, "sourceRepos"),
        namespaces: texts(project, "namespaces"),
    });
    let projects: Vec<Project> = projects.collect();
    let engine = match get(node, "engine").and_then(Node::as_str) {
        Some("flux") => Engine::Flux,
        _ => Engine::ArgoCd,
    };
    Delivery {
        engine,
        root: Root {
            path: root.and_then(|root| text(root, "path")),
            branch: root
                .and_then(|root| text(root, "branch"))
                .unwrap_or_else(|| repository.branch.clone()),
            sync_options: root.map(|root| texts(root, "syncOptions")).unwrap_or_default(),
            retry: Retry {
                limit: number("limit", 5),
                backoff_seconds: number("backoffSeconds", 10),
                max_backoff_seconds: number("maxBackoffSeconds", 180),
            },
        },
        projects: if projects.is_empty() {
            Projects::PerEnvironment
        } else {
            Projects::Listed(projects)
        },
        credentials: text(node, "credentials")
            .filter(|_| engine == Engine::ArgoCd)
            .and_then(|reference| reference.strip_prefix("secret:").map(str::to_owned)),
        // Flux has none; `check` says so.
        ui: get(node, "ui")
            .filter(|_| engine == Engine::ArgoCd)
            .map(|ui| self::ui(ui, ingress, tls)),
        image_updates: match at(node, &["imageUpdates", "engine"]).and_then(Node::as_str) {
            Some("none") => ImageUpdates::None,
            _ => ImageUpdates::Ci,
        },
    }
}

fn ui(node: &Node, ingress: &Ingress, tls: &Tls) -> Ui {
    let issuer = match tls {
        Tls::CertManager { default, .. } if flag(node, "tls", true) => Some(default.clone()),
        Tls::CertManager { .. } | Tls::None => None,
    };
    Ui {
        host: text_or(node, "host", ""),
        issuer,
        redirect: flag(node, "redirect", ingress.redirect_to_https),
    }
}

fn ingress(node: &Node) -> Ingress {
    let controller = match get(node, "controller").and_then(Node::as_str) {
        Some("ingress-nginx") => Controller::IngressNginx,
        Some("none" | "cloudflared") => Controller::None,
        _ => Controller::Traefik,
    };
    let own = match controller {
        Controller::IngressNginx => "ingress-nginx",
        Controller::Traefik | Controller::None => "traefik",
    };
    Ingress {
        controller,
        exposure: exposure(node),
        namespace: text_or(node, "namespace", own),
        redirect_to_https: flag(node, "redirectToHttps", true),
    }
}

fn exposure(node: &Node) -> Exposure {
    let public_ports = match get(node, "publicPorts").and_then(Node::as_str) {
        Some("hostport") => PublicPorts::HostPort,
        Some("redirect") => PublicPorts::Redirect,
        Some("external") => PublicPorts::External,
        _ => PublicPorts::None,
    };
    let Some(service) = get(node, "service") else { return Exposure::LoadBalancer };
    let numbers = get(service, "nodeport");
    match (service.as_str(), numbers) {
        (Some("hostport"), _) => Exposure::HostPort,
        (Some("nodeport"), _) => {
            Exposure::NodePort { http: NODE_PORTS.0, https: NODE_PORTS.1, public_ports }
        }
        (None, Some(numbers)) => Exposure::NodePort {
            http: port(numbers, "http", NODE_PORTS.0),
            https: port(numbers, "https", NODE_PORTS.1),
            public_ports,
        },
        _ => Exposure::LoadBalancer,
    }
}

/// The node ports for HTTP and HTTPS.
const NODE_PORTS: (u16, u16) = (30080, 30443);

fn tls(node: &Node) -> Tls {
    let email = text(node, "email");
    let on = match get(node, "mode").and_then(Node::as_str) {
        Some(mode) => mode == "cert-manager",
        None => email.is_some(),
    };
    if !on {
        return Tls::None;
    }
    let mut issuers: Vec<LetsEncrypt> = list(node, "issuers")
        .iter()
        .filter_map(|issuer| match issuer.as_str()? {
            "staging" => Some(LetsEncrypt::Staging),
            "prod" => Some(LetsEncrypt::Production),
            _ => None,
        })
        .collect();
    if issuers.is_empty() {
        issuers = vec![LetsEncrypt::Staging, LetsEncrypt::Production];
    }
    let default = match text(node, "default") {
        Some(name) => Issuer::named(&name),
        None if issuers.contains(&LetsEncrypt::Production) => Issuer::Production,
        None => Issuer::Staging,
    };
    Tls::CertManager { email: email.unwrap_or_default(), issuers, default }
}

fn secrets(node: &Node, name: &str) -> Secrets {
    let infisical = get(node, "infisical");
    let external = |found: Option<_>| found.map(SecretsBackend::External);
    let backend = match get(node, "backend").and_then(Node::as_str) {
        None | Some("infisical-csi") => {
            infisical.map(|node| SecretsBackend::InfisicalCsi(self::infisical(node)))
        }
        Some("sealed-secrets") => Some(SecretsBackend::Sealed),
        Some("kubernetes") => Some(SecretsBackend::ByHand),
        Some("external-secrets") => external(external::external_secrets(node, name)),
        Some("esc") => external(external::esc(node, name)),
        Some(_) => None,
    };
    let backend = backend.unwrap_or(SecretsBackend::None);
    let sealed = get(node, "sealedSecrets");
    // Whoever chooses it as the backend need not turn it on as well.
    let by_default = backend == SecretsBackend::Sealed;
    let on = sealed.map_or(by_default, |sealed| flag(sealed, "enabled", by_default));
    let of = |key: &str, default: &str| {
        sealed.map_or_else(|| default.to_owned(), |sealed| text_or(sealed, key, default))
    };
    let sealed_secrets = on.then(|| SealedSecrets {
        namespace: of("namespace", "kube-system"),
        certificate: of("cert", "secrets/sealing.crt"),
        master_key: sealed.and_then(|sealed| text(sealed, "masterKey")),
    });
    Secrets { backend, sealed_secrets }
}

fn infisical(node: &Node) -> Infisical {
    let rotation = get(node, "rotation");
    let rotates = rotation.is_none_or(|rotation| flag(rotation, "enabled", true));
    Infisical {
        url: text_or(node, "url", ""),
        identity_id: text_or(node, "identityId", ""),
        project_id: text_or(node, "projectId", ""),
        audience: text_or(node, "audience", "infisical"),
        ca_certificate: text(node, "caCertificate"),
        rotation: if rotates {
            let poll_interval = rotation.map(|rotation| text_or(rotation, "pollInterval", "2m"));
            Rotation::Every { poll_interval: poll_interval.unwrap_or_else(|| "2m".to_owned()) }
        } else {
            Rotation::Off
        },
    }
}

fn registry(node: &Node) -> Registry {
    let kind = match get(node, "kind").and_then(Node::as_str) {
        Some("ocir") => RegistryKind::Ocir,
        Some("dockerhub") => RegistryKind::DockerHub,
        Some("ecr") => RegistryKind::Ecr,
        Some("other") => RegistryKind::Other,
        _ => RegistryKind::Ghcr,
    };
    let pull = match get(node, "pull") {
        None => PullCredentials::None,
        Some(pull) => {
            let reference = pull.as_str().map(str::to_owned).or_else(|| text(pull, "from"));
            credentials(reference.as_deref(), text_or(pull, "secretName", "registry-credentials"))
        }
    };
    Registry { kind, repository: text(node, "repository"), pull }
}

/// Reads `secret:/folder/KEY`, or `infisical:/folder/KEY` as older specs have it; any other source is a
/// Secret that somebody makes by hand.
fn credentials(reference: Option<&str>, secret_name: String) -> PullCredentials {
    let managed = |text: &str| {
        let schemes = ["secret:", "infisical:"];
        schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).map(str::to_owned)
    };
    let Some(place) = reference.and_then(managed) else {
        return PullCredentials::Secret { secret_name };
    };
    let (folder, key) = place.rsplit_once('/').unwrap_or(("", &place));
    let path = if folder.starts_with('/') { folder.to_owned() } else { format!("/{folder}") };
    PullCredentials::Managed { secret_name, path, key: key.to_owned() }
}

fn policies(node: &Node) -> Policies {
    let quotas = get(node, "quotas");
    let quotas_on = quotas
        .is_none_or(|quotas| quotas.as_bool().unwrap_or_else(|| flag(quotas, "enabled", true)));
    let headroom_percent = quotas.map_or(25, |quotas| int_or(quotas, "headroomPercent", 25));
    Policies {
        default_deny: flag(node, "defaultDeny", true),
        allow_internet: flag(node, "allowInternet", true),
        allow_from_namespaces: texts(node, "allowFromNamespaces"),
        pod_security: match get(node, "podSecurity").and_then(Node::as_str) {
            Some("restricted") => PodSecurity::Restricted,
            Some("privileged") => PodSecurity::Privileged,
            _ => PodSecurity::Baseline,
        },
        quotas: if quotas_on { Quotas::Computed { headroom_percent } } else { Quotas::Off },
        registries: texts(node, "registries"),
    }
}

fn tooling(node: Option<&Node>) -> Tooling {
    let word = |key| {
        let named = node.and_then(|node| get(node, key)).and_then(Node::as_str);
        named.or_else(|| node.filter(|_| key == "use").and_then(Node::as_str))
    };
    Tooling {
        calls: match word("use") {
            Some("standard") => ToolingUse::Standard,
            _ => ToolingUse::Mainstay,
        },
        install: match word("install") {
            Some("release") => Install::Release,
            Some("image") => Install::Image,
            Some("none") => Install::None,
            _ => Install::Cargo,
        },
        release: node.and_then(|node| get(node, "release")).map(|release| Release {
            url: text_or(release, "url", ""),
            sha256: text_or(release, "sha256", ""),
        }),
        image: word("image").map(str::to_owned),
    }
}

fn ci(node: &Node) -> Ci {
    let validate = get(node, "validate").map(|_| texts(node, "validate"));
    let checks =
        |what: &str| validate.as_ref().is_none_or(|list| list.iter().any(|entry| entry == what));
    Ci {
        github_actions: get(node, "provider").and_then(Node::as_str) != Some("none"),
        validate_schema: checks("schema"),
        validate_render: checks("render"),
        renovate: flag(node, "renovate", true),
    }
}

fn toggles(node: &Node, policies: &Policies) -> Toggles {
    Toggles {
        services: flag(node, "services", true),
        ingresses: flag(node, "ingresses", true),
        network_policies: flag(node, "networkPolicies", true) && policies.default_deny,
    }
}

fn defaults(node: &Node) -> Defaults {
    Defaults {
        replicas: int_or(node, "replicas", 1),
        port: port(node, "port", 8080),
        resource_preset: text_or(node, "resourcePreset", "small"),
    }
}

fn application(node: &Node, platform_name: &str) -> Application {
    let payload = text_or(node, "from", "deployed_apps.json");
    Application {
        name: text_or(node, "name", platform_name),
        chart: text_or(node, "path", "charts/app"),
        config: text_or(node, "config", "config/app-config.yaml"),
        // The name without its ending is the spelling of older specs.
        payload: if payload == "deployed_apps" { payload + ".json" } else { payload },
    }
}

fn presets(spec: &Node) -> IndexMap<String, Resources> {
    let mut presets = default_presets();
    for (name, node) in entries(spec, "resourcePresets") {
        presets.insert(name.to_owned(), resources(node));
    }
    presets
}

/// Returns the built-in resource presets.
pub fn default_presets() -> IndexMap<String, Resources> {
    const MEBIBYTE: i64 = 1 << 20;
    let preset = |request: (i64, i64), limit: (i64, i64)| {
        let amounts = |(cpu, memory): (i64, i64)| Amounts {
            cpu: Some(Quantity::milli(cpu)),
            memory: Some(Quantity::bytes(memory * MEBIBYTE)),
            ephemeral_storage: None,
        };
        Resources { requests: amounts(request), limits: amounts(limit) }
    };
    IndexMap::from([
        ("small".to_owned(), preset((50, 64), (250, 128))),
        ("medium".to_owned(), preset((100, 128), (500, 256))),
        ("large".to_owned(), preset((250, 256), (1000, 512))),
    ])
}

/// Returns the resources of an environment: plain `cpu` and `memory` are requests.
pub(super) fn environment_resources(node: &Node) -> Resources {
    let full = resources(node);
    Resources { requests: full.requests.or(amounts(node)), limits: full.limits }
}
