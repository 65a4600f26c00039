//! The Secrets that a kustomization's container reads: how they get into its variables, and the objects that
//! bring them from a secret manager, in each overlay.
//!
//! Fields: `apis/externalsecrets/v1/externalsecret_types.go` of external-secrets;
//! `internal/config/config.go` of infisical-csi-provider v0.0.9; the Secrets Store CSI driver's page
//! "Sync as Kubernetes Secret" (1.6.0).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::generate::secret_store;
use crate::generate::write::{List, Map, document, documents};
use crate::generate::{Context, Files};
use crate::model::{Environment, Infisical, Kustomization, SecretsBackend};

/// The file of an overlay with those objects.
pub(super) const FILE: &str = "secrets.yaml";
/// Where the driver mounts the values; nothing needs to read them there.
const MOUNT: &str = "/mnt/secrets";
/// The volume of the driver.
const VOLUME: &str = "secrets";

/// Returns `envFrom` of the container.
pub(super) fn env_from(app: &Kustomization) -> List {
    let from = |name: &str| Map::new().put("secretRef", Map::new().put("name", name));
    app.secrets.iter().map(|secret| from(&secret.name)).collect()
}

/// Returns the volume of the pod and its mount, where the driver brings the values: it does so while a pod
/// mounts them.
pub(super) fn volume(context: &Context<'_>, app: &Kustomization) -> Option<(Map, Map)> {
    driver(context, app)?;
    let csi = Map::new()
        .put("driver", "secrets-store.csi.k8s.io")
        .put("readOnly", true)
        .put("volumeAttributes", Map::new().put("secretProviderClass", class_name(app)));
    let mount = Map::new().put("name", VOLUME).put("mountPath", MOUNT).put("readOnly", true);
    Some((Map::new().put("name", VOLUME).put("csi", csi), mount))
}

/// Writes the objects of an environment; says whether there are any. A preview gets none: what a pull request
/// runs reads nothing of the manager.
pub(super) fn emit(
    context: &Context<'_>,
    app: &Kustomization,
    environment: &Environment,
    files: &mut Files<'_>,
) -> bool {
    if environment.preview.is_some() {
        return false;
    }
    let Some((about, objects)) = objects(context, app, environment) else { return false };
    let path = format!("{}/{FILE}", app.overlay(&environment.name));
    files.generated(path, documents(&about, &objects));
    true
}

fn objects(
    context: &Context<'_>,
    app: &Kustomization,
    environment: &Environment,
) -> Option<(String, Vec<Map>)> {
    if app.secrets.is_empty() {
        return None;
    }
    let slug = &environment.secrets_environment;
    match &context.platform.secrets.backend {
        SecretsBackend::External(external) => {
            let namespace = &environment.namespace;
            let mut objects = secret_store::objects(external, namespace, slug);
            for secret in &app.secrets {
                let remote =
                    |key: &str| secret_store::remote_ref(external, slug, &secret.path, key);
                let data = secret.keys.iter().map(|key| (key.as_str(), remote(key))).collect();
                let metadata = Map::new()
                    .put("name", secret.name.as_str())
                    .put("namespace", namespace.as_str());
                let target = Map::new()
                    .put("name", secret.name.as_str())
                    .note("What was read stays when the manager does not answer, or no longer has it.")
                    .put("deletionPolicy", "Retain");
                objects.push(secret_store::external_secret(external, metadata, target, data));
            }
            let title = external.manager.title();
            let about = format!("What External Secrets read from {title}: docs/secrets.md.");
            Some((about, objects))
        }
        SecretsBackend::InfisicalCsi(infisical) => {
            let about = "What the CSI driver reads from Infisical: docs/secrets.md.".to_owned();
            Some((about, vec![class(infisical, app, environment)]))
        }
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => None,
    }
}

fn driver<'c>(context: &Context<'c>, app: &Kustomization) -> Option<&'c Infisical> {
    match &context.platform.secrets.backend {
        SecretsBackend::InfisicalCsi(infisical) if !app.secrets.is_empty() => Some(infisical),
        _ => None,
    }
}

fn class_name(app: &Kustomization) -> String {
    format!("{}-secrets", app.name)
}

/// The provider mounts a value once, however often it is listed.
fn class(infisical: &Infisical, app: &Kustomization, environment: &Environment) -> Map {
    let mut mounted: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let mut made = List::new();
    for secret in &app.secrets {
        let mut data = List::new();
        for key in &secret.keys {
            let name = || format!("{}.{key}", secret.name);
            let file = mounted.entry((&secret.path, key)).or_insert_with(name);
            data = data.item(Map::new().put("objectName", file.as_str()).put("key", key.as_str()));
        }
        made = made.item(
            Map::new()
                .put("secretName", secret.name.as_str())
                .put("type", "Opaque")
                .put("data", data),
        );
    }
    let mut secrets = String::new();
    for ((path, key), file) in &mounted {
        let entry = Map::new()
            .put("secretPath", *path)
            .put("secretKey", *key)
            .put("fileName", file.as_str());
        let text = document("", &Map::new().put("x", List::new().item(entry)));
        for line in text.lines().skip(1) {
            let _ = writeln!(secrets, "{}", line.strip_prefix("  ").unwrap_or(line));
        }
    }
    let parameters = Map::new()
        .put("infisicalUrl", infisical.url.as_str())
        .put("authMethod", "kubernetes")
        .put("identityId", infisical.identity_id.as_str())
        .put("projectId", infisical.project_id.as_str())
        .put("envSlug", environment.secrets_environment.as_str())
        .put("audience", infisical.audience.as_str())
        .put_some("caCertificate", infisical.ca_certificate.as_deref())
        .put("secrets", secrets);
    Map::new()
        .put("apiVersion", "secrets-store.csi.x-k8s.io/v1")
        .put("kind", "SecretProviderClass")
        .put(
            "metadata",
            Map::new()
                .put("name", class_name(app))
                .put("namespace", environment.namespace.as_str()),
        )
        .put(
            "spec",
            Map::new()
                .put("provider", "infisical")
                .put("parameters", parameters)
                .note("Variables are read from Secrets that the driver makes while a pod mounts the class.")
                .put("secretObjects", made),
        )
}

/// Returns the operations that let a preview start without the Secrets; one that somebody makes in its
/// namespace is read.
pub(super) fn without(context: &Context<'_>, app: &Kustomization) -> Option<String> {
    let container = "/spec/template/spec/containers/0";
    let mut text = String::new();
    for index in 0..app.secrets.len() {
        let path = format!("{container}/envFrom/{index}/secretRef/optional");
        let _ = writeln!(text, "- op: add\n  path: {path}\n  value: true");
    }
    if driver(context, app).is_some() {
        let _ = writeln!(text, "- op: remove\n  path: {container}/volumeMounts");
        let _ = writeln!(text, "- op: remove\n  path: /spec/template/spec/volumes");
    }
    (!text.is_empty()).then_some(text)
}
