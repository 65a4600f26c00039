//! How a cluster follows the repository: the engine, its projects and its pages.
//!
//! Holds what `delivery` in `mainstay.yaml` says, every default decided; never decides one.

use super::{Environment, Issuer};

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
