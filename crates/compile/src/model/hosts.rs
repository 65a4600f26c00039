//! Hosts, paths and TLS: as written, and as decided for one environment.

use super::Issuer;

/// The hosts that an app asks for; placeholders and the environment's rule are not yet applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostsWish {
    /// The hosts in the order written; empty means none.
    pub hosts: Vec<HostPattern>,
}

/// One host as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// The name, perhaps with `{app}`, `{env}` and `{domain}`.
    pub host: String,
    /// Its paths, decided: never empty.
    pub paths: Vec<Path>,
    /// The field it was written in, relative to its app or override: `fqdn`, `hosts.0`.
    pub field: String,
}

/// One host of an app in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name; may begin with `*.`.
    pub host: String,
    /// Its paths; never empty.
    pub paths: Vec<Path>,
    /// Whether it was made by the environment's rule, or is as somebody wrote it.
    pub by_rule: bool,
    /// The field it comes from, relative to the app's origin: `fqdn`, `environments.dev.hosts.0`.
    pub field: String,
}

/// One path of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The path.
    pub path: String,
    /// How it matches.
    pub path_type: PathType,
    /// The port that gets the requests.
    pub port: PortReference,
}

/// How a path matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathType {
    /// It and all below it.
    Prefix,
    /// Only itself.
    Exact,
}

/// A port of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortReference {
    /// The workload's first port; nothing was written.
    First,
    /// By name.
    Name(String),
    /// By container port number.
    Number(i64),
}

/// TLS as an app (or its override) asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TlsWish {
    /// As the environment has it.
    #[default]
    Inherit,
    /// Off.
    Off,
    /// On, where the platform has TLS.
    On {
        /// The issuer, if not the environment's.
        issuer: Option<Issuer>,
        /// The Secret with the certificate, if not `<app>-tls`.
        secret_name: Option<String>,
    },
}

/// TLS of an app's hosts in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostTls {
    /// Off.
    Off,
    /// On.
    On {
        /// The issuer.
        issuer: Issuer,
        /// The Secret with the certificate.
        secret_name: String,
    },
}
