//! The platform as a whole: the sections of `mainstay.yaml`.

use indexmap::IndexMap;

use super::{App, Environment, ExternalSecrets, Issuer, Kustomization, Origin, Resources};

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

/// How the cluster follows the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The program in the cluster that does it.
    pub engine: Engine,
    /// The app-of-apps root.
    pub root: Root,
    /// The Argo CD projects.
    pub projects: Projects,
    /// Who writes new image tags.
    pub image_updates: ImageUpdates,
    /// Argo CD's pages by ingress; `None` is by port-forward only.
    pub ui: Option<Ui>,
    /// Folder in the secret manager of Argo CD's own credentials; `None` is by hand.
    pub credentials: Option<String>,
}

/// A GitOps engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Argo CD.
    ArgoCd,
    /// Flux.
    Flux,
}

impl Engine {
    /// Returns its name, as its own documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Engine::ArgoCd => "Argo CD",
            Engine::Flux => "Flux",
        }
    }
}

/// Argo CD's pages by ingress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The host name, perhaps with `{env}` and `{domain}`.
    pub host: String,
    /// The issuer of the host's certificate; `None` is plain HTTP.
    pub issuer: Option<Issuer>,
    /// Whether HTTP is sent to HTTPS.
    pub redirect: bool,
}

impl Ui {
    /// Returns whether each environment has a host of its own.
    pub fn differs(&self) -> bool {
        self.host.contains('{')
    }

    /// Returns the host in an environment.
    pub fn host_in(&self, environment: &Environment) -> String {
        self.host.replace("{env}", &environment.name).replace("{domain}", &environment.domain)
    }
}

/// The app-of-apps root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The folder that the root points to; `None` is `clusters/<environment>` for each environment.
    pub path: Option<String>,
    /// The branch.
    pub branch: String,
    /// Sync options of every Application, beside mainstay's own.
    pub sync_options: Vec<String>,
    /// Retries of a failed sync.
    pub retry: Retry,
}

/// Retries of a failed sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Number of retries.
    pub limit: i64,
    /// First wait; doubled each time.
    pub backoff_seconds: i64,
    /// Longest wait.
    pub max_backoff_seconds: i64,
}

/// The Argo CD projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projects {
    /// One per environment: this repository, the add-ons' chart repositories, the namespaces in use.
    PerEnvironment,
    /// As listed; an environment (or `platform`) that is not listed gets the default one.
    Listed(Vec<Project>),
}

/// One Argo CD project of the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// An environment's name, or `platform` for the add-ons.
    pub name: String,
    /// The allow-list of repositories; empty means the default one.
    pub source_repos: Vec<String>,
    /// The namespaces; empty means those in use.
    pub namespaces: Vec<String>,
}

/// Who writes new image tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageUpdates {
    /// A pipeline edits `config/app-config.yaml`.
    Ci,
    /// People do.
    None,
}

/// How requests get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// The controller.
    pub controller: Controller,
    /// How the controller is reached on the nodes.
    pub exposure: Exposure,
    /// The controller's namespace; also decided where there is none of ours.
    pub namespace: String,
    /// HTTP requests to a TLS host are sent to HTTPS.
    pub redirect_to_https: bool,
}

/// The ingress controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Traefik.
    Traefik,
    /// ingress-nginx (retired in March 2026).
    IngressNginx,
    /// None of ours; Ingresses are written for whatever is there.
    None,
}

impl Controller {
    /// Returns the name of its IngressClass.
    pub fn ingress_class(self) -> &'static str {
        match self {
            Controller::IngressNginx => "nginx",
            Controller::Traefik | Controller::None => "traefik",
        }
    }
}

/// How the ingress controller is reached on the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// k3s' ServiceLB listens on 80 and 443.
    LoadBalancer,
    /// The controller's pods listen on 80 and 443.
    HostPort,
    /// High ports on every node.
    NodePort {
        /// Port for HTTP.
        http: u16,
        /// Port for HTTPS.
        https: u16,
        /// How 80 and 443 reach them.
        public_ports: PublicPorts,
    },
}

/// How ports 80 and 443 reach a NodePort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicPorts {
    /// The controller's pods listen on them too.
    HostPort,
    /// An nftables rule on the node.
    Redirect,
    /// A load balancer outside.
    External,
    /// They do not.
    None,
}

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Nowhere: no TLS.
    None,
    /// cert-manager, from Let's Encrypt over HTTP-01.
    CertManager {
        /// The address that Let's Encrypt writes to; empty where the spec names none.
        email: String,
        /// The issuers that are made.
        issuers: Vec<LetsEncrypt>,
        /// The issuer of production certificates.
        default: Issuer,
    },
}

/// A Let's Encrypt issuer that mainstay makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetsEncrypt {
    /// Untrusted certificates, generous limits.
    Staging,
    /// Trusted certificates.
    Production,
}

/// Where secrets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// The apps' secrets.
    pub backend: SecretsBackend,
    /// The Sealed Secrets controller, where it is installed.
    pub sealed_secrets: Option<SealedSecrets>,
}

/// Where the apps' secrets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretsBackend {
    /// Only Secrets that the payload names one by one.
    None,
    /// Secrets that people make: one for each folder that the payload names.
    ByHand,
    /// SealedSecrets in the repository: a Secret for each folder that the payload names.
    Sealed,
    /// An Infisical outside the cluster, through the Secrets Store CSI driver.
    InfisicalCsi(Infisical),
    /// A secret manager that External Secrets copies into Secrets.
    External(ExternalSecrets),
}

impl SecretsBackend {
    /// Returns the provider of the chart's `secretManager`.
    pub fn provider(&self) -> &'static str {
        match self {
            SecretsBackend::None => "none",
            SecretsBackend::ByHand | SecretsBackend::Sealed => "kubernetes",
            SecretsBackend::InfisicalCsi(_) => "infisical",
            SecretsBackend::External(_) => "external-secrets",
        }
    }

    /// Returns External Secrets, where they are the backend.
    pub fn external(&self) -> Option<&ExternalSecrets> {
        match self {
            SecretsBackend::External(external) => Some(external),
            _ => None,
        }
    }
}

/// The Infisical outside the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infisical {
    /// Its address.
    pub url: String,
    /// The machine identity.
    pub identity_id: String,
    /// The project.
    pub project_id: String,
    /// Audience of the pods' tokens.
    pub audience: String,
    /// PEM certificate of a private authority.
    pub ca_certificate: Option<String>,
    /// Following changes of a secret.
    pub rotation: Rotation,
}

/// Whether files and synced Secrets follow changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// They do not.
    Off,
    /// They do.
    Every {
        /// How often the driver asks, such as `2m`.
        poll_interval: String,
    },
}

/// The Sealed Secrets controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecrets {
    /// Its namespace.
    pub namespace: String,
    /// The certificate to seal with: a file of the repository.
    pub certificate: String,
    /// Where the private key is kept, by reference.
    pub master_key: Option<String>,
}

/// The registry of the apps' own images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Its kind.
    pub kind: RegistryKind,
    /// What the apps' images begin with, if it was said.
    pub repository: Option<String>,
    /// Pull credentials for every workload.
    pub pull: PullCredentials,
}

/// A kind of registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryKind {
    /// GitHub's.
    Ghcr,
    /// Oracle's.
    Ocir,
    /// Docker Hub.
    DockerHub,
    /// Amazon's.
    Ecr,
    /// Any other.
    Other,
}

/// Pull credentials for every workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullCredentials {
    /// None: images are public.
    None,
    /// A pull Secret that somebody makes by hand in each namespace.
    Secret {
        /// Its name.
        secret_name: String,
    },
    /// A pull Secret that comes from where the apps' secrets come from.
    Managed {
        /// Its name.
        secret_name: String,
        /// Folder in the secret manager.
        path: String,
        /// Key in the secret manager, a Docker `config.json`.
        key: String,
    },
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
