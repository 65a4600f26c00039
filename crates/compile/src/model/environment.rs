//! An environment: a place where all apps run once.

use indexmap::IndexMap;

use super::{EnvValue, Origin, Resources};

/// One environment, every default decided.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The namespace of all workloads.
    pub namespace: String,
    /// Whether hosts are taken as the payload writes them and certificates come from `tls.default`.
    pub production: bool,
    /// How hosts are made.
    pub host_rule: HostRule,
    /// The base domain here.
    pub domain: String,
    /// The platform's base domain, which the payload's hosts are written under.
    pub platform_domain: String,
    /// TLS of hosts whose app says nothing.
    pub tls: EnvironmentTls,
    /// The issuer of certificates here, also where TLS is off; `None` where the platform has none.
    pub issuer: Option<Issuer>,
    /// The API server that Argo CD deploys to.
    pub cluster: String,
    /// Replicas of apps whose payload says none.
    pub replicas: i64,
    /// Name of the resource preset of apps whose payload names none.
    pub resource_preset: String,
    /// Amounts of that preset.
    pub preset: Resources,
    /// Resources of apps whose payload says none: the preset, with this environment's own over it.
    pub resources: Resources,
    /// Plain environment variables for every app; the payload's own win.
    pub env: IndexMap<String, EnvValue>,
    /// The environment slug in Infisical.
    pub secrets_environment: String,
    /// Whether a commit is deployed by itself.
    pub sync: Sync,
    /// The branch that a kustomization is deployed from.
    pub branch: String,
    /// The label of pull requests that this is the preview of; `None` is a permanent environment.
    pub preview: Option<String>,
    /// Where it was written; a plain string is its name.
    pub origin: Origin,
}

/// How an environment's hosts are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// As the payload writes them.
    AsWritten,
    /// By a template of `{host}`, `{app}`, `{env}` and `{domain}`.
    Template(String),
}

/// TLS of an environment's hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentTls {
    /// Off; an app's override for this environment can turn it on where the platform has TLS.
    Off,
    /// On.
    On {
        /// The issuer of the certificates.
        issuer: Issuer,
    },
}

/// A ClusterIssuer of cert-manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// Let's Encrypt's staging, as made by mainstay.
    Staging,
    /// Let's Encrypt's production, as made by mainstay.
    Production,
    /// One's own, by name.
    Own(String),
}

impl Issuer {
    /// Returns the issuer that the spec or payload names so.
    pub fn named(name: &str) -> Issuer {
        match name {
            "staging" => Issuer::Staging,
            "prod" => Issuer::Production,
            own => Issuer::Own(own.to_owned()),
        }
    }

    /// Returns the name of the ClusterIssuer in the cluster.
    pub fn cluster_issuer(&self) -> &str {
        match self {
            Issuer::Staging => "letsencrypt-staging",
            Issuer::Production => "letsencrypt-prod",
            Issuer::Own(name) => name,
        }
    }
}

/// Whether Argo CD deploys a commit by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// It does, and undoes what was changed by hand.
    Automatic,
    /// It waits for a person.
    Manual,
}
