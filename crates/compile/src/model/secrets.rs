//! Where the values of secrets come from.
//!
//! Holds what `secrets` in `mainstay.yaml` says, every default decided; never a value of a secret.

use super::ExternalSecrets;

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
