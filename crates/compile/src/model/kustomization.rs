//! An application that is delivered as a kustomization: a base and an overlay per environment.

/// The kustomization of a platform, every default decided. Its environments are the platform's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kustomization {
    /// Name of the workload, of its Service, and of the image in the base.
    pub name: String,
    /// The folder that holds base and overlays.
    pub folder: String,
    /// The port that the container listens on.
    pub port: u16,
    /// The path of the probes; `None` is no probes.
    pub health: Option<String>,
    /// The Secrets that the container reads, key by key as variables.
    pub secrets: Vec<OwnSecret>,
    /// The image's repository.
    pub image: String,
    /// How the image is built; `None` where somebody else builds it.
    pub build: Option<Build>,
    /// Branches and the environments that get the image of their commits, in the order of the spec.
    pub promotions: Vec<Promotion>,
    /// The message of the commit that promotes, with `{{envs}}` and `{{tag}}`.
    pub message: String,
}

/// A Secret that a kustomization's container reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSecret {
    /// Its name.
    pub name: String,
    /// The folder of the secret manager that has its values.
    pub path: String,
    /// Its keys, which are names of variables.
    pub keys: Vec<String>,
}

/// How an image is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The folder with the Dockerfile.
    pub context: String,
    /// Commands before the tests.
    pub setup: Vec<String>,
    /// Commands that must succeed first.
    pub tests: Vec<String>,
    /// Platforms of the image; none is that of the machine that builds.
    pub platforms: Vec<String>,
}

/// The environments that follow a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// The branch.
    pub branch: String,
    /// Names of the environments.
    pub environments: Vec<String>,
}

impl Kustomization {
    /// Returns the folder of an environment's overlay.
    pub fn overlay(&self, environment: &str) -> String {
        format!("{}/overlays/{environment}", self.folder)
    }
}
