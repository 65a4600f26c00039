//! A secret manager that External Secrets reads: which one, and under which names it keeps what the
//! payload calls by folder and key.
//!
//! Sources of the names: the providers' pages of external-secrets.io, and `getSecretAddress` of its
//! Infisical provider.

use super::Environment;

/// External Secrets: a controller that copies values of a secret manager into Secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalSecrets {
    /// The manager.
    pub manager: Manager,
    /// How often values are read again, such as `1h`.
    pub refresh_interval: String,
    /// What every name in the manager begins with, before the environment.
    pub prefix: String,
}

/// The secret manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Amazon's.
    Aws {
        /// Region.
        region: String,
        /// Systems Manager's parameters instead of Secrets Manager's secrets.
        parameter_store: bool,
        /// Role that is taken on.
        role: Option<String>,
    },
    /// Google's Secret Manager.
    Gcp {
        /// Project.
        project_id: String,
    },
    /// Azure's Key Vault.
    Azure {
        /// Address of the vault.
        vault_url: String,
        /// Tenant.
        tenant_id: String,
    },
    /// HashiCorp Vault, or `OpenBao`: its key-value engine, version 2.
    Vault {
        /// Address.
        server: String,
        /// Where the engine is mounted.
        path: String,
        /// Role of Vault's Kubernetes authentication.
        role: String,
        /// Where that authentication is mounted.
        mount_path: String,
    },
    /// Infisical, asked by External Secrets.
    Infisical {
        /// Address, without `/api`.
        url: String,
        /// Slug of the project.
        project_slug: String,
    },
    /// 1Password, by a service account.
    OnePassword {
        /// Vault.
        vault: String,
    },
    /// Pulumi ESC, whose environments read 1Password.
    PulumiEsc {
        /// Organization.
        organization: String,
        /// Project of the environments.
        project: String,
        /// 1Password's vault that the environments read; `None` where the values stand in them.
        vault: Option<String>,
    },
}

/// Where a value is in a manager: what External Secrets calls `remoteRef`. `{folder}`, `{dashed}`,
/// `{path}`, `{secret}` and `{key}` stand for parts of what the payload says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteRef {
    /// Its key.
    pub key: String,
    /// Its property; empty where a value is one by itself.
    pub property: &'static str,
}

impl ExternalSecrets {
    /// Returns where the values of an environment are.
    pub fn remote_ref(&self, environment: &Environment) -> RemoteRef {
        self.remote_ref_of(&environment.secrets_environment)
    }

    /// Returns where the values of an environment's slug are.
    pub fn remote_ref_of(&self, slug: &str) -> RemoteRef {
        let (slashes, dashes) = (format!("{}/{slug}", self.prefix), self.item(slug));
        let (key, property) = match &self.manager {
            Manager::Aws { parameter_store: true, .. } => {
                (format!("/{slashes}{{folder}}/{{key}}"), "")
            }
            Manager::Aws { .. } | Manager::Vault { .. } => {
                (format!("{slashes}{{folder}}"), "{key}")
            }
            // Their names have no slashes.
            Manager::Gcp { .. } | Manager::Azure { .. } => (format!("{dashes}{{dashed}}"), "{key}"),
            Manager::Infisical { .. } => ("{path}{key}".to_owned(), ""),
            Manager::OnePassword { .. } => (format!("{dashes}{{dashed}}/{{key}}"), ""),
            Manager::PulumiEsc { .. } => (r#"secrets["{secret}"]["{key}"]"#.to_owned(), ""),
        };
        RemoteRef { key, property }
    }

    /// Returns the name of an environment's item where names have no slashes.
    pub fn item(&self, slug: &str) -> String {
        format!("{}-{slug}", self.prefix).replace('/', "-")
    }
}

impl RemoteRef {
    /// Returns key and property of a value: what the chart's template `app.remoteRef` writes.
    pub fn of(&self, folder: &str, key: &str) -> (String, String) {
        let bare = folder.trim_matches('/');
        let slashed = if bare.is_empty() { String::new() } else { format!("/{bare}") };
        let path = if bare.is_empty() { String::new() } else { format!("/{bare}/") };
        let fill = |text: &str| {
            text.replace("{folder}", &slashed)
                .replace("{dashed}", &slashed.replace('/', "-"))
                .replace("{path}", &path)
                .replace("{secret}", &folder_secret(folder))
                .replace("{key}", key)
        };
        (fill(&self.key), fill(self.property))
    }
}

impl Manager {
    /// Returns the name that people know it by.
    pub fn title(&self) -> &'static str {
        match self {
            Manager::Aws { parameter_store: false, .. } => "AWS Secrets Manager",
            Manager::Aws { .. } => "AWS Systems Manager's parameter store",
            Manager::Gcp { .. } => "Google Secret Manager",
            Manager::Azure { .. } => "Azure Key Vault",
            Manager::Vault { .. } => "Vault",
            Manager::Infisical { .. } => "Infisical",
            Manager::OnePassword { .. } => "1Password",
            Manager::PulumiEsc { .. } => "Pulumi ESC",
        }
    }

    /// Returns the name of where people write the values: what ESC reads by `op://` is in 1Password.
    pub fn values_title(&self) -> &'static str {
        match self {
            Manager::PulumiEsc { vault: Some(_), .. } => "1Password",
            other => other.title(),
        }
    }

    /// Returns the keys of the Secret with which External Secrets logs in; none where it logs in with
    /// a token of the cluster.
    pub fn login_keys(&self) -> &'static [&'static str] {
        match self {
            Manager::Aws { .. } => &["access-key-id", "secret-access-key"],
            Manager::Gcp { .. } => &["credentials.json"],
            Manager::Azure { .. } | Manager::Infisical { .. } => &["client-id", "client-secret"],
            Manager::Vault { .. } => &[],
            Manager::OnePassword { .. } => &["token"],
            Manager::PulumiEsc { .. } => &["access-token"],
        }
    }
}

/// Returns the name of the Secret that stands for a folder of a secret manager: `/` is `app-secrets`,
/// `/payments/eu` is `payments-eu`. The chart's template `app.folderSecret` says the same.
pub fn folder_secret(path: &str) -> String {
    let letters = path.trim_matches('/').chars().map(|letter| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    });
    let name: String = letters.collect();
    match name.trim_matches('-') {
        "" => "app-secrets".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_a_place_in_every_manager() {
        let place = |manager: Manager, folder: &str| {
            let external = ExternalSecrets {
                manager,
                refresh_interval: "1h".to_owned(),
                prefix: "shop".to_owned(),
            };
            external.remote_ref_of("prod").of(folder, "KEY")
        };
        let aws =
            |parameter_store| Manager::Aws { region: String::new(), parameter_store, role: None };
        let pair = |key: &str, property: &str| (key.to_owned(), property.to_owned());
        assert_eq!(place(aws(false), "/"), pair("shop/prod", "KEY"));
        assert_eq!(place(aws(false), "/a/B"), pair("shop/prod/a/B", "KEY"));
        assert_eq!(place(aws(true), "/a"), pair("/shop/prod/a/KEY", ""));
        let gcp = || Manager::Gcp { project_id: String::new() };
        assert_eq!(place(gcp(), "/a/b"), pair("shop-prod-a-b", "KEY"));
        let infisical = || Manager::Infisical { url: String::new(), project_slug: String::new() };
        assert_eq!(place(infisical(), "/"), pair("KEY", ""));
        assert_eq!(place(infisical(), "/a/b"), pair("/a/b/KEY", ""));
        let one = || Manager::OnePassword { vault: String::new() };
        assert_eq!(place(one(), "/"), pair("shop-prod/KEY", ""));
        assert_eq!(place(one(), "/a"), pair("shop-prod-a/KEY", ""));
        let esc =
            Manager::PulumiEsc { organization: String::new(), project: String::new(), vault: None };
        assert_eq!(place(esc, "/a/b"), pair(r#"secrets["a-b"]["KEY"]"#, ""));
    }
}
