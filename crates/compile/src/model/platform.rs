//! The platform as a whole: the sections of `mainstay.yaml`.

use indexmap::IndexMap;

use super::{
    App, Delivery, Environment, Ingress, Kustomization, Origin, PullCredentials, Registry,
    Resources, Secrets, SecretsBackend, Tls,
};

/// A platform: one `mainstay.yaml` and the payload that it deploys.
#[derive(Clone, Debug)]
pub struct Platform {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.owner`, if somebody is named.
    pub owner: Option<String>,
    /// The dated set of versions, such as `2026.11`.
    pub catalog: String,
    /// The base domain, without a wildcard.
    pub domain: String,
    /// The repository that is generated.
    pub repository: Repository,
    /// How the cluster follows the repository.
    pub delivery: Delivery,
    /// Where customers' repositories are, with `{customer}` for the name; only in a public base.
    pub handoff: Option<String>,
    /// Beginnings of addresses and what replaces them, in the order written.
    pub mirrors: IndexMap<String, String>,
    /// How requests get in.
    pub ingress: Ingress,
    /// Where certificates come from.
    pub tls: Tls,
    /// Where secrets come from.
    pub secrets: Secrets,
    /// The registry of the apps' own images.
    pub registry: Registry,
    /// What the platform forbids.
    pub policies: Policies,
    /// What the repository's workflows call.
    pub tooling: Tooling,
    /// The repository's workflows.
    pub ci: Ci,
    /// What is created at all.
    pub toggles: Toggles,
    /// What apps get that say nothing.
    pub defaults: Defaults,
    /// Named amounts of resources: the built-in ones first, then one's own.
    pub resource_presets: IndexMap<String, Resources>,
    /// The environments, in the order of promotion.
    pub environments: Vec<Environment>,
    /// The one delivered application.
    pub application: Application,
    /// The application as a kustomization; `None` where a chart renders it.
    pub kustomization: Option<Kustomization>,
    /// The apps, in the order of the payload.
    pub apps: Vec<App>,
    /// The spec's file as a whole: `place("spec.tls.email")`.
    pub origin: Origin,
    /// The payload's file as a whole.
    pub payload_origin: Origin,
}

impl Platform {
    /// Returns the app of a name.
    pub fn app(&self, name: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.name == name)
    }

    /// Returns the branches that environments follow beside the repository's own.
    pub fn other_branches(&self) -> Vec<&str> {
        if self.kustomization.is_none() {
            return Vec::new();
        }
        let of = self.environments.iter().map(|environment| environment.branch.as_str());
        let mut branches: Vec<&str> = of.filter(|name| *name != self.repository.branch).collect();
        branches.sort_unstable();
        branches.dedup();
        branches
    }

    /// Whether a pod keeps the pull Secret in being: the CSI driver makes it only while one mounts it.
    pub fn holds_pull_secret(&self) -> bool {
        matches!(self.registry.pull, PullCredentials::Managed { .. })
            && matches!(self.secrets.backend, SecretsBackend::InfisicalCsi(_))
    }

    /// Returns the environment of a name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }
}

/// The Git repository that is generated and deployed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its address.
    pub url: String,
    /// The branch that is deployed.
    pub branch: String,
}

/// What the platform forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policies {
    /// NetworkPolicies: nothing may connect but what is listed.
    pub default_deny: bool,
    /// Workloads may connect to public addresses.
    pub allow_internet: bool,
    /// Namespaces whose pods may reach every workload.
    pub allow_from_namespaces: Vec<String>,
    /// Pod Security level that the namespaces enforce.
    pub pod_security: PodSecurity,
    /// ResourceQuota and LimitRange.
    pub quotas: Quotas,
    /// Registries that images may come from; empty means any.
    pub registries: Vec<String>,
}

/// A level of the Pod Security Standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodSecurity {
    /// Known privilege escalations are refused.
    Baseline,
    /// Hardened pods only.
    Restricted,
    /// Nothing is refused.
    Privileged,
}

/// ResourceQuota and LimitRange per namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotas {
    /// None are made.
    Off,
    /// Computed from the workloads at their largest.
    Computed {
        /// What is added to that, in percent.
        headroom_percent: i64,
    },
}

/// What the repository's workflows call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tooling {
    /// mainstay or the standard tools.
    pub calls: ToolingUse,
    /// How workflows get mainstay.
    pub install: Install,
    /// The archive that [`Install::Release`] unpacks.
    pub release: Option<Release>,
    /// The image that [`Install::Image`] runs, with its digest.
    pub image: Option<String>,
}

/// The archive of a release of mainstay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its address.
    pub url: String,
    /// The SHA-256 of the archive, in hexadecimal.
    pub sha256: String,
}

/// mainstay or the standard tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolingUse {
    /// mainstay.
    Mainstay,
    /// helm, kustomize, yq.
    Standard,
}

/// How workflows get mainstay, always pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Install {
    /// `cargo install`.
    Cargo,
    /// An archive of a release.
    Release,
    /// A container image.
    Image,
    /// It is there.
    None,
}

/// The repository's workflows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ci {
    /// GitHub Actions workflows are written.
    pub github_actions: bool,
    /// The validation checks the schema.
    pub validate_schema: bool,
    /// The validation renders.
    pub validate_render: bool,
    /// `renovate.json` is written.
    pub renovate: bool,
}

/// What is created at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toggles {
    /// Services.
    pub services: bool,
    /// Ingresses.
    pub ingresses: bool,
    /// NetworkPolicies of the apps' own namespace (already `false` without `policies.defaultDeny`).
    pub network_policies: bool,
}

/// What apps get that say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Replicas.
    pub replicas: i64,
    /// Port of an app that has a host but names no port.
    pub port: u16,
    /// Name of the resource preset.
    pub resource_preset: String,
}

/// The one delivered application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Folder of the chart.
    pub chart: String,
    /// The generated config.
    pub config: String,
    /// The payload.
    pub payload: String,
}
