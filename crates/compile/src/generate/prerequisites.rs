//! What must be there before the first sync, and that no repository can bring: DNS records, secrets
//! in the manager, Secrets and claims that people make, what nodes and clusters must offer.
//!
//! In: a [`Platform`] and one of its environments. Out: names, each with the apps that want it, the
//! same for the documents and for the list that a command prints.
//! Decides nothing about an app; it only gathers what the apps of an environment refer to.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Mirrors;
use super::argocd::IN_CLUSTER;
use super::{app_values, credentials, secret_store};
use crate::model::{
    AppInstance, Controller, Environment, HostTls, Issuer, OwnSecret, Platform, PullCredentials,
    SecretSource, SecretsBackend, VolumeSource, folder_secret,
};

/// The runtime class that `charts/app` gives to a workload with GPUs.
const GPU_RUNTIME: &str = "nvidia";
/// The storage class that k3s brings.
const K3S_STORAGE: &str = "local-path";
/// The annotation that names Traefik's middlewares.
const MIDDLEWARES: &str = "traefik.ingress.kubernetes.io/router.middlewares";
/// Labels that every node has by itself.
const OWN_LABELS: [&str; 4] =
    ["kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os", "node.kubernetes.io/"];

/// Names, and the apps that want each of them.
pub type Wanted = BTreeMap<String, BTreeSet<String>>;

/// What one environment needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prerequisites {
    /// Hosts under the environment's or the platform's domain.
    pub hosts: BTreeSet<String>,
    /// Hosts elsewhere: their records are in DNS zones of their own.
    pub other_hosts: BTreeSet<String>,
    /// Keys in the secret manager, by folder.
    pub managed: BTreeMap<String, BTreeSet<String>>,
    /// Secrets in the namespace that people make, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Secrets that are sealed into the repository instead, by name.
    pub sealed: BTreeMap<String, Secret>,
    /// PersistentVolumeClaims in the namespace, by name.
    pub claims: BTreeMap<String, Claim>,
    /// RuntimeClasses of the cluster.
    pub runtime_classes: Wanted,
    /// StorageClasses of the cluster, but k3s' own.
    pub storage_classes: Wanted,
    /// ClusterIssuers that are not among the add-ons.
    pub issuers: Wanted,
    /// Traefik's middlewares, as annotations name them: `<namespace>-<name>@kubernetescrd`.
    pub middlewares: Wanted,
    /// Labels that some node must have, as `key=value`.
    pub node_labels: Wanted,
    /// Apps that want a GPU.
    pub gpus: BTreeSet<String>,
}

/// A Secret that people make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secret {
    /// Its keys, where workloads read single ones.
    pub keys: BTreeSet<String>,
    /// The registries that it logs in to, where images are pulled with it.
    pub registries: BTreeSet<String>,
    /// The apps that want it.
    pub apps: BTreeSet<String>,
}

/// A claim that people make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Its access modes, in the words of Kubernetes.
    pub access_modes: BTreeSet<&'static str>,
    /// The apps that want it.
    pub apps: BTreeSet<String>,
}

impl Prerequisites {
    /// Whether a cluster needs nothing but what the repository brings; hosts and the secret manager
    /// are outside of the cluster.
    pub fn cluster_is_ready(&self) -> bool {
        self.secrets.is_empty()
            && self.claims.is_empty()
            && self.runtime_classes.is_empty()
            && self.storage_classes.is_empty()
            && self.issuers.is_empty()
            && self.middlewares.is_empty()
            && self.node_labels.is_empty()
            && self.gpus.is_empty()
    }
}

/// Returns what an environment of a platform needs.
pub fn of(platform: &Platform, environment: &Environment) -> Prerequisites {
    let mut needs = Prerequisites::default();
    let mirrors = Mirrors::of(platform);
    for app in &platform.apps {
        let instance = app.in_environment(environment);
        if instance.enabled {
            requests(&mut needs, platform, &instance);
            secrets(&mut needs, platform, &mirrors, &instance);
            cluster(&mut needs, &instance);
        }
    }
    let own = platform.kustomization.iter().filter(|_| environment.preview.is_none());
    for secret in own.flat_map(|app| &app.secrets) {
        of_kustomization(&mut needs, platform, secret);
    }
    if let (Some(ui), IN_CLUSTER) = (&platform.delivery.ui, environment.cluster.as_str()) {
        name(&mut needs, platform, environment, &ui.host_in(environment));
    }
    platforms_pull_secret(&mut needs, platform);
    argocds_credentials(&mut needs, platform, environment);
    if let Some(external) = platform.secrets.backend.external()
        && let keys @ [_, ..] = external.manager.login_keys()
    {
        let login = needs.secrets.entry(secret_store::LOGIN.to_owned()).or_default();
        login.keys.extend(keys.iter().map(|key| (*key).to_owned()));
        login.apps.insert("external-secrets".to_owned());
    }
    if platform.secrets.backend == SecretsBackend::Sealed {
        needs.sealed = std::mem::take(&mut needs.secrets);
    }
    needs
}

/// A Secret that a kustomization's container reads: its values in the manager, or itself in the namespace.
fn of_kustomization(needs: &mut Prerequisites, platform: &Platform, secret: &OwnSecret) {
    if is_managed(platform) {
        let keys = needs.managed.entry(secret.path.clone()).or_default();
        keys.extend(secret.keys.iter().cloned());
    } else {
        let made = needs.secrets.entry(secret.name.clone()).or_default();
        made.keys.extend(secret.keys.iter().cloned());
        made.apps.insert(platform.application.name.clone());
    }
}

/// Whether the apps' secrets are in a manager outside of the cluster.
fn is_managed(platform: &Platform) -> bool {
    match platform.secrets.backend {
        SecretsBackend::InfisicalCsi(_) | SecretsBackend::External(_) => true,
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => false,
    }
}

/// Whether an environment is the one that stands for what all of them share.
pub fn leads(platform: &Platform, environment: &Environment) -> bool {
    let leading = platform.environments.get(app_values::leading(platform));
    leading.is_some_and(|leading| leading.name == environment.name)
}

/// Argo CD's own credentials are read from the leading environment.
fn argocds_credentials(needs: &mut Prerequisites, platform: &Platform, environment: &Environment) {
    let leads = leads(platform, environment);
    let Some(folder) = platform.delivery.credentials.as_ref().filter(|_| leads) else { return };
    if platform.secrets.backend.external().is_some() {
        let keys = needs.managed.entry(folder.clone()).or_default();
        keys.extend(credentials::keys(platform).into_iter().map(str::to_owned));
    }
}

fn platforms_pull_secret(needs: &mut Prerequisites, platform: &Platform) {
    if let PullCredentials::Managed { path, key, .. } = &platform.registry.pull
        && is_managed(platform)
    {
        needs.managed.entry(path.clone()).or_default().insert(key.clone());
    }
}

/// Whether the platform makes Ingresses at all.
fn routes(platform: &Platform) -> bool {
    platform.toggles.ingresses && platform.ingress.controller != Controller::None
}

/// What lets requests in: names, issuers, middlewares.
fn requests(needs: &mut Prerequisites, platform: &Platform, instance: &AppInstance<'_>) {
    if !routes(platform) || instance.hosts.is_empty() {
        return;
    }
    for host in &instance.hosts {
        name(needs, platform, instance.environment, &host.host);
    }
    if let HostTls::On { issuer: Issuer::Own(name), .. } = &instance.tls {
        want(&mut needs.issuers, name, instance);
    }
    let middlewares = instance.app.ingress_annotations.get(MIDDLEWARES);
    for name in middlewares.into_iter().flat_map(|names| names.split(',')).map(str::trim) {
        // Others are Traefik's own (`@internal`) or come from its files.
        if name.ends_with("@kubernetescrd") {
            want(&mut needs.middlewares, name, instance);
        }
    }
}

/// Adds a host to its list.
fn name(needs: &mut Prerequisites, platform: &Platform, environment: &Environment, host: &str) {
    let domains = [&environment.domain, &platform.domain];
    let list = match domains.iter().any(|domain| is_below(host, domain)) {
        true => &mut needs.hosts,
        false => &mut needs.other_hosts,
    };
    list.insert(host.to_owned());
}

fn is_below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|left| left.ends_with('.'))
}

/// Secrets, in the manager and in the namespace.
fn secrets(
    needs: &mut Prerequisites,
    platform: &Platform,
    mirrors: &Mirrors,
    instance: &AppInstance<'_>,
) {
    let app = instance.app;
    for secret in &app.secrets {
        match &secret.source {
            SecretSource::Manager { path } => {
                if is_managed(platform) {
                    needs.managed.entry(path.clone()).or_default().insert(secret.key.clone());
                } else if platform.secrets.backend != SecretsBackend::None {
                    let made = needs.secrets.entry(folder_secret(path)).or_default();
                    made.keys.insert(secret.key.clone());
                    made.apps.insert(app.name.clone());
                }
            }
            SecretSource::Existing { name } => {
                let made = needs.secrets.entry(name.clone()).or_default();
                made.keys.insert(secret.key.clone());
                made.apps.insert(app.name.clone());
            }
        }
    }
    let platforms = match &platform.registry.pull {
        PullCredentials::Secret { secret_name } => Some(secret_name),
        PullCredentials::Managed { secret_name, .. } if !is_managed(platform) => Some(secret_name),
        PullCredentials::None | PullCredentials::Managed { .. } => None,
    };
    for name in app.image_pull_secrets.iter().chain(platforms) {
        let image = instance.image.full_repository();
        let image = mirrors.mirrored_image(&image).unwrap_or(image);
        let made = needs.secrets.entry(name.clone()).or_default();
        made.registries.extend(image.split('/').next().map(str::to_owned));
        made.apps.insert(app.name.clone());
    }
}

/// What the cluster and its nodes must offer.
fn cluster(needs: &mut Prerequisites, instance: &AppInstance<'_>) {
    let app = instance.app;
    for volume in &app.volumes {
        match &volume.source {
            VolumeSource::Existing { claim, access_mode } => {
                let made = needs.claims.entry(claim.clone()).or_default();
                made.access_modes.insert(access_mode.word());
                made.apps.insert(app.name.clone());
            }
            VolumeSource::Persistent { storage_class: Some(class), .. } if class != K3S_STORAGE => {
                want(&mut needs.storage_classes, class, instance);
            }
            VolumeSource::Persistent { .. } | VolumeSource::EmptyDir { .. } => {}
        }
    }
    let gpu_runtime = (app.gpu > 0).then_some(GPU_RUNTIME);
    if let Some(class) = app.runtime_class_name.as_deref().or(gpu_runtime) {
        want(&mut needs.runtime_classes, class, instance);
    }
    if app.gpu > 0 {
        needs.gpus.insert(app.name.clone());
    }
    let own = |key: &str| OWN_LABELS.iter().any(|own| key.starts_with(own));
    for (key, value) in app.node_selector.iter().filter(|(key, _)| !own(key)) {
        want(&mut needs.node_labels, &format!("{key}={value}"), instance);
    }
}

fn want(wanted: &mut Wanted, name: &str, instance: &AppInstance<'_>) {
    wanted.entry(name.to_owned()).or_default().insert(instance.app.name.clone());
}
