//! `spec.secrets.externalSecrets` and `spec.secrets.esc`.

use yaml::Node;

use super::fields::{get, text, text_or};
use crate::model::{ExternalSecrets, Manager};

/// How often values are read again where the spec does not say.
const REFRESH: &str = "1h";

/// Reads External Secrets; `None` where what the named manager needs is not written.
pub(super) fn external_secrets(secrets: &Node, platform: &str) -> Option<ExternalSecrets> {
    let node = get(secrets, "externalSecrets")?;
    let of = |section: &str| get(node, section);
    let manager = match get(node, "provider").and_then(Node::as_str)? {
        "aws" => {
            let aws = of("aws")?;
            Manager::Aws {
                region: text_or(aws, "region", ""),
                parameter_store: text(aws, "service").as_deref() == Some("ParameterStore"),
                role: text(aws, "role"),
            }
        }
        "gcp" => Manager::Gcp { project_id: text_or(of("gcp")?, "projectId", "") },
        "azure" => {
            let azure = of("azure")?;
            Manager::Azure {
                vault_url: text_or(azure, "vaultUrl", ""),
                tenant_id: text_or(azure, "tenantId", ""),
            }
        }
        "vault" => {
            let vault = of("vault")?;
            Manager::Vault {
                server: text_or(vault, "server", ""),
                path: text_or(vault, "path", "secret"),
                role: text_or(vault, "role", ""),
                mount_path: text_or(vault, "mountPath", "kubernetes"),
            }
        }
        "infisical" => {
            let infisical = of("infisical")?;
            Manager::Infisical {
                url: text_or(infisical, "url", "https://app.infisical.com"),
                project_slug: text_or(infisical, "projectSlug", ""),
            }
        }
        "onepassword" => Manager::OnePassword { vault: text_or(of("onepassword")?, "vault", "") },
        _ => return None,
    };
    Some(ExternalSecrets {
        manager,
        refresh_interval: text_or(node, "refreshInterval", REFRESH),
        prefix: text_or(node, "prefix", platform),
    })
}

/// Reads Pulumi ESC, which External Secrets reads too.
pub(super) fn esc(secrets: &Node, platform: &str) -> Option<ExternalSecrets> {
    let node = get(secrets, "esc")?;
    Some(ExternalSecrets {
        manager: Manager::PulumiEsc {
            organization: text_or(node, "organization", ""),
            project: text_or(node, "project", platform),
            vault: get(node, "onepassword").map(|it| text_or(it, "vault", "")),
        },
        refresh_interval: text_or(node, "refreshInterval", REFRESH),
        prefix: text_or(node, "prefix", platform),
    })
}
