//! The registry of the apps' own images, and how nodes pull from it.
//!
//! Holds what `registry` in `mainstay.yaml` says, every default decided; never a password.

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

impl RegistryKind {
    /// Returns the kind of the registry at a host.
    pub(crate) fn of_host(host: &str) -> RegistryKind {
        match host {
            "ghcr.io" => RegistryKind::Ghcr,
            "docker.io" | "index.docker.io" | "registry-1.docker.io" => RegistryKind::DockerHub,
            _ if host.ends_with(".ocir.io") || host.ends_with(".oraclecloud.com") => {
                RegistryKind::Ocir
            }
            _ if host.contains(".dkr.ecr.") => RegistryKind::Ecr,
            _ => RegistryKind::Other,
        }
    }

    /// Returns its name in the spec.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RegistryKind::Ghcr => "ghcr",
            RegistryKind::Ocir => "ocir",
            RegistryKind::DockerHub => "dockerhub",
            RegistryKind::Ecr => "ecr",
            RegistryKind::Other => "other",
        }
    }
}

/// Returns the host of an image's name: docker's own registry where it names none.
pub(crate) fn registry_host(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
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
