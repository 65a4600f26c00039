//! What stands at the head of the values: TLS, ingress, secret manager, quotas of an environment.

use crate::generate::address::Mirrors;
use crate::generate::secret_store;
use crate::generate::write::{List, Map};
use crate::model::{
    Controller, Environment, EnvironmentTls, Infisical, Platform, PullCredentials, SecretsBackend,
};

use super::workload;

/// The chart's own default for the pod that keeps the pull Secret in being.
const HOLDER_IMAGE: &str = "docker.io/rancher/mirrored-pause:3.6";

/// Returns the values that an environment always says itself.
pub(super) fn own(platform: &Platform, environment: &Environment) -> Map {
    Map::new()
        .put(
            "app",
            Map::new()
                .put("namespace", environment.namespace.as_str())
                .put("environment", environment.name.as_str()),
        )
        .put("tls", tls(&environment.tls))
        .put_filled("secretManager", of_environment(platform, environment))
        .put_filled("env", workload::env(environment.env.iter()))
}

/// Returns the quota of an environment.
pub(super) fn bounds(platform: &Platform, environment: &Environment) -> Map {
    let Some(quota) = platform.quota(environment) else { return Map::new() };
    let hard: Map =
        quota.hard.iter().map(|(name, amount)| (name.as_str(), amount.to_string())).collect();
    Map::new()
        .gap()
        .note("The workloads at their largest: autoscaling at its maximum, a rollout under way, room to spare.")
        .put("quota", Map::new().put("enabled", true).put("hard", hard))
}

/// Returns the values that environments usually have in common.
pub(super) fn shared(platform: &Platform, environment: &Environment) -> Map {
    let limit_range = platform.quota(environment).map(|quota| {
        Map::new()
            .put("enabled", true)
            .put_filled("default", workload::amounts(&quota.limit_range.default))
            .put_filled("defaultRequest", workload::amounts(&quota.limit_range.default_request))
    });
    Map::new()
        .put("domain", environment.domain.as_str())
        .put_filled("toggles", toggles(platform))
        .put("tls", tls(&environment.tls))
        .put("ingress", ingress(platform))
        .put_filled("secretManager", secret_manager(platform, environment))
        .put_filled("registryCredentials", registry_credentials(platform))
        .put_filled("networkPolicies", network_policies(platform))
        .put_some("limitRange", limit_range)
}

fn toggles(platform: &Platform) -> Map {
    let off = |on: bool| (!on).then_some(false);
    Map::new()
        .put_some("services", off(platform.toggles.services))
        // Without a controller an Ingress never gets an address, and Argo CD waits for it for ever.
        .put_some(
            "ingresses",
            off(platform.toggles.ingresses && platform.ingress.controller != Controller::None),
        )
        .put_some("networkPolicies", off(platform.toggles.network_policies))
}

fn tls(tls: &EnvironmentTls) -> Map {
    match tls {
        EnvironmentTls::Off => Map::new().put("enabled", false),
        EnvironmentTls::On { issuer } => {
            Map::new().put("enabled", true).put("clusterIssuer", issuer.cluster_issuer())
        }
    }
}

fn ingress(platform: &Platform) -> Map {
    let (controller, class, labels) = match platform.ingress.controller {
        Controller::Traefik => {
            ("traefik", "traefik", Map::new().put("app.kubernetes.io/name", "traefik"))
        }
        Controller::IngressNginx => (
            "ingress-nginx",
            "nginx",
            Map::new()
                .put("app.kubernetes.io/name", "ingress-nginx")
                .put("app.kubernetes.io/component", "controller"),
        ),
        // The class of the controller that k3s brings.
        Controller::None => ("other", "traefik", Map::new()),
    };
    Map::new()
        .put("controller", controller)
        .put("className", class)
        .put_filled("namespace", platform.ingress.namespace.as_str())
        .put_filled("podLabels", labels)
        .put_some("redirectToHttps", (!platform.ingress.redirect_to_https).then_some(false))
}

/// What an environment says of the secret manager: where in it its values are.
fn of_environment(platform: &Platform, environment: &Environment) -> Map {
    let slug = environment.secrets_environment.as_str();
    match &platform.secrets.backend {
        SecretsBackend::InfisicalCsi(_) => Map::new().put("environmentSlug", slug),
        SecretsBackend::External(external) => {
            let remote = external.remote_ref(environment);
            Map::new().put("remoteKey", remote.key).put_filled("remoteProperty", remote.property)
        }
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => Map::new(),
    }
}

fn secret_manager(platform: &Platform, environment: &Environment) -> Map {
    let provider = platform.secrets.backend.provider();
    let SecretsBackend::InfisicalCsi(Infisical {
        url,
        identity_id,
        project_id,
        audience,
        ca_certificate,
        ..
    }) = &platform.secrets.backend
    else {
        return match &platform.secrets.backend {
            SecretsBackend::None => Map::new(),
            SecretsBackend::External(external) => Map::new()
                .put("provider", provider)
                .put("store", secret_store::NAME)
                .put("refreshInterval", external.refresh_interval.as_str())
                .join(of_environment(platform, environment)),
            _ => Map::new().put("provider", provider),
        };
    };
    Map::new()
        .put("provider", provider)
        .put("url", url.as_str())
        .put("identityId", identity_id.as_str())
        .put("projectId", project_id.as_str())
        .put("environmentSlug", environment.secrets_environment.as_str())
        .put_some("audience", (audience != "infisical").then_some(audience.as_str()))
        .put_some("caCertificate", ca_certificate.as_deref())
}

fn registry_credentials(platform: &Platform) -> Map {
    match &platform.registry.pull {
        PullCredentials::None => Map::new(),
        PullCredentials::Secret { secret_name } => {
            Map::new().put("secretName", secret_name.as_str())
        }
        PullCredentials::Managed { secret_name, path, key } => {
            let holder = || Mirrors::of(platform).mirrored_image(HOLDER_IMAGE);
            Map::new()
                .put("secretName", secret_name.as_str())
                .put("path", path.as_str())
                .put("key", key.as_str())
                .put_some("holderImage", platform.holds_pull_secret().then(holder).flatten())
        }
    }
}

fn network_policies(platform: &Platform) -> Map {
    let policies = &platform.policies;
    Map::new()
        .put_some("allowInternet", (!policies.allow_internet).then_some(false))
        .put_filled("allowFromNamespaces", policies.allow_from_namespaces.iter().collect::<List>())
}
