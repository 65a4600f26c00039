//! The SecretStore of External Secrets: how the controller logs in to the secret manager, for one namespace.
//!
//! Fields: `apis/externalsecrets/v1/secretstore_*_types.go` of external-secrets. A store is of one namespace,
//! so that no workload elsewhere reads its values, and logs in with a Secret of that namespace, or with the
//! token of a ServiceAccount where the manager trusts the cluster.

use super::write::{List, Map};
use crate::model::{ExternalSecrets, Manager};

/// The name of every store, and of the ServiceAccount that it uses.
pub(super) const NAME: &str = "secret-store";
/// The Secret with which it logs in.
pub(crate) const LOGIN: &str = "secret-store-login";

/// Returns the store of a namespace that reads the environment `slug` of the manager.
pub(super) fn object(external: &ExternalSecrets, namespace: &str, slug: &str) -> Map {
    Map::new()
        .put("apiVersion", "external-secrets.io/v1")
        .put("kind", "SecretStore")
        .put("metadata", Map::new().put("name", NAME).put("namespace", namespace))
        .put("spec", Map::new().put("provider", provider(&external.manager, slug)))
}

/// Returns the ServiceAccount of a store, where it needs one.
pub(super) fn service_account(external: &ExternalSecrets, namespace: &str) -> Option<Map> {
    matches!(external.manager, Manager::Vault { .. }).then(|| {
        Map::new()
            .put("apiVersion", "v1")
            .put("kind", "ServiceAccount")
            .put("metadata", Map::new().put("name", NAME).put("namespace", namespace))
            .note("No pod runs with it.")
            .put("automountServiceAccountToken", false)
    })
}

/// A reference to a key of the Secret with which the store logs in.
fn login(key: &str) -> Map {
    Map::new().put("name", LOGIN).put("key", key)
}

fn provider(manager: &Manager, slug: &str) -> Map {
    match manager {
        Manager::Aws { region, parameter_store, role } => {
            let service = if *parameter_store { "ParameterStore" } else { "SecretsManager" };
            let keys = Map::new()
                .put("accessKeyIDSecretRef", login("access-key-id"))
                .put("secretAccessKeySecretRef", login("secret-access-key"));
            let aws = Map::new()
                .put("service", service)
                .put("region", region.as_str())
                .put_some("role", role.as_deref())
                .put("auth", Map::new().put("secretRef", keys));
            Map::new().put("aws", aws)
        }
        Manager::Gcp { project_id } => {
            let key = Map::new().put("secretAccessKeySecretRef", login("credentials.json"));
            let gcp = Map::new()
                .put("projectID", project_id.as_str())
                .put("auth", Map::new().put("secretRef", key));
            Map::new().put("gcpsm", gcp)
        }
        Manager::Azure { vault_url, tenant_id } => {
            let auth = Map::new()
                .put("clientId", login("client-id"))
                .put("clientSecret", login("client-secret"));
            let azure = Map::new()
                .put("authType", "ServicePrincipal")
                .put("vaultUrl", vault_url.as_str())
                .put("tenantId", tenant_id.as_str())
                .put("authSecretRef", auth);
            Map::new().put("azurekv", azure)
        }
        Manager::Vault { server, path, role, mount_path } => {
            let kubernetes = Map::new()
                .put("mountPath", mount_path.as_str())
                .put("role", role.as_str())
                .put("serviceAccountRef", Map::new().put("name", NAME));
            let vault = Map::new()
                .put("server", server.as_str())
                .put("path", path.as_str())
                .put("version", "v2")
                .put("auth", Map::new().put("kubernetes", kubernetes));
            Map::new().put("vault", vault)
        }
        Manager::Infisical { url, project_slug } => {
            let universal = Map::new()
                .put("clientId", login("client-id"))
                .put("clientSecret", login("client-secret"));
            let scope = Map::new()
                .put("projectSlug", project_slug.as_str())
                .put("environmentSlug", slug)
                .put("secretsPath", "/");
            let infisical = Map::new()
                .put("hostAPI", format!("{}/api", url.trim_end_matches('/')))
                .put("auth", Map::new().put("universalAuthCredentials", universal))
                .put("secretsScope", scope);
            Map::new().put("infisical", infisical)
        }
        Manager::OnePassword { vault } => {
            let auth = Map::new().put("serviceAccountSecretRef", login("token"));
            let sdk = Map::new().put("vault", vault.as_str()).put("auth", auth);
            Map::new().put("onepasswordSDK", sdk)
        }
        Manager::PulumiEsc { organization, project, .. } => {
            let token = Map::new().put("secretRef", login("access-token"));
            let pulumi = Map::new()
                .put("organization", organization.as_str())
                .put("project", project.as_str())
                .put("environment", slug)
                .put("accessToken", token);
            Map::new().put("pulumi", pulumi)
        }
    }
}

/// Returns the objects of a store as a list of one or two.
pub(super) fn objects(external: &ExternalSecrets, namespace: &str, slug: &str) -> Vec<Map> {
    let account = service_account(external, namespace);
    account.into_iter().chain([object(external, namespace, slug)]).collect()
}

/// Returns the `remoteRef` of a value.
pub(super) fn remote_ref(external: &ExternalSecrets, slug: &str, folder: &str, key: &str) -> Map {
    let (key, property) = external.remote_ref_of(slug).of(folder, key);
    Map::new().put("key", key).put_filled("property", property)
}

/// Returns an ExternalSecret: `data` is keys of the Secret, each with its `remoteRef`.
pub(super) fn external_secret(
    external: &ExternalSecrets,
    metadata: Map,
    target: Map,
    data: Vec<(&str, Map)>,
) -> Map {
    let data: List = data
        .into_iter()
        .map(|(key, remote)| Map::new().put("secretKey", key).put("remoteRef", remote))
        .collect();
    Map::new()
        .put("apiVersion", "external-secrets.io/v1")
        .put("kind", "ExternalSecret")
        .put("metadata", metadata)
        .put(
            "spec",
            Map::new()
                .put("refreshInterval", external.refresh_interval.as_str())
                .put("secretStoreRef", Map::new().put("kind", "SecretStore").put("name", NAME))
                .put("target", target)
                .put("data", data),
        )
}
