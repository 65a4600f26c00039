//! `platform`: the add-ons of a cluster, each a pinned chart with its values, and the plain objects
//! around them.
//!
//! What the engine reads of them (Applications, HelmReleases) is written beside: `emit/argocd`,
//! `emit/flux`.

mod admission;
mod argocd_ui;
mod cert_manager;
mod credentials;
mod external_secrets;
pub(super) mod images;
mod ingress_nginx;
mod issuers;
pub(super) mod namespaces;
mod network_policies;
mod sealed_secrets;
mod secrets_store;
mod traefik;

use std::collections::BTreeMap;

use crate::generate::argocd::IN_CLUSTER;
use crate::generate::catalog::Chart;
use crate::generate::kustomization::{kustomization, labelled};
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};

/// A chart that is installed in the cluster.
pub(super) struct Addon {
    /// Its name: of the Application, the release and the file.
    pub(super) name: &'static str,
    /// Where the chart comes from.
    pub(super) chart: Chart,
    /// The namespace of the release first, then others that its objects lie in.
    pub(super) namespaces: Vec<String>,
    /// Kinds outside of namespaces that the chart has, as rendered.
    pub(super) cluster_kinds: &'static [(&'static str, &'static str)],
    pub(super) wave: Wave,
    /// What it is for, as the head of its file.
    pub(super) about: String,
    pub(super) values: Map,
    /// Argo CD's sync options, each with the reason, which may be empty.
    pub(super) sync_options: Vec<(&'static str, &'static str)>,
}

/// A folder of plain objects in this repository.
pub(super) struct Folder {
    /// Its name below `platform`.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) wave: Wave,
    /// Files by name, each with its objects; below the name of an environment where each has its own.
    files: Vec<(String, String)>,
    /// Namespace of the Application's destination.
    pub(super) namespace: String,
    /// Whether it is about Argo CD itself, and so belongs to Argo CD's own cluster only.
    of_argocd: bool,
}

impl Folder {
    /// Returns whether each environment has a folder of its own below this one.
    pub(super) fn is_per_environment(&self) -> bool {
        self.files.iter().any(|(name, _)| name.contains('/'))
    }
}

const DEFINITION: (&str, &str) = ("apiextensions.k8s.io", "CustomResourceDefinition");
const ROLE: (&str, &str) = ("rbac.authorization.k8s.io", "ClusterRole");
const BINDING: (&str, &str) = ("rbac.authorization.k8s.io", "ClusterRoleBinding");

/// Returns the add-ons of a platform.
pub(super) fn addons(context: &Context<'_>) -> Vec<Addon> {
    [
        traefik::addon(context),
        ingress_nginx::addon(context),
        cert_manager::addon(context),
        secrets_store::driver(context),
        secrets_store::provider(context),
        sealed_secrets::addon(context),
        external_secrets::addon(context),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns the kinds outside of namespaces that the folders here hold.
pub(super) fn own_cluster_kinds(context: &Context<'_>) -> Vec<(&'static str, &'static str)> {
    let mut kinds = Vec::new();
    if issuers::folder(context).is_some() {
        kinds.push(("cert-manager.io", "ClusterIssuer"));
    }
    if admission::folder(context).is_some() {
        kinds.push(("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"));
        kinds.push(("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"));
    }
    kinds
}

/// Returns the namespaces that the Applications of the folders here name as their destination in a
/// cluster.
pub(super) fn own_namespaces(context: &Context<'_>, server: &str) -> Vec<String> {
    folders_for(context, server).map(|folder| folder.namespace).collect()
}

/// Returns the folders whose objects go to a cluster.
pub(super) fn folders_for(context: &Context<'_>, server: &str) -> impl Iterator<Item = Folder> {
    let is_argocds = server == IN_CLUSTER;
    folders(context).into_iter().filter(move |folder| is_argocds || !folder.of_argocd)
}

/// The destination of folders whose objects all say their namespace, or have none.
fn own_namespace(context: &Context<'_>) -> String {
    let first = namespaces::of_addons(context).into_iter().next();
    first.map_or_else(|| "default".to_owned(), |(name, _)| name)
}

pub(super) fn folders(context: &Context<'_>) -> Vec<Folder> {
    [
        namespaces::folder(context),
        network_policies::folder(context),
        admission::folder(context),
        issuers::folder(context),
        argocd_ui::folder(context),
        credentials::folder(context),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Folders whose kustomization gives no labels: namespaces have their own, and credentials are patches of what
/// others make.
const UNLABELLED: &[&str] = &["namespaces", "credentials"];

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    credentials::seed(context, files);
    for folder in folders(context) {
        let path = format!("platform/{}", folder.name);
        let mut lists: BTreeMap<&str, List> = BTreeMap::new();
        for (name, _) in &folder.files {
            let (below, name) = name.split_once('/').unwrap_or(("", name));
            let list = lists.remove(below).unwrap_or_default();
            lists.insert(below, list.item(name));
        }
        for (below, names) in lists {
            let below = if below.is_empty() { String::new() } else { format!("/{below}") };
            let body = match UNLABELLED.contains(&folder.name) {
                true => kustomization(names),
                false => labelled(names, &context.platform.name),
            };
            files.generated(
                format!("{path}{below}/kustomization.yaml"),
                document(folder.about, &body),
            );
        }
        // A name without a text is a folder, whose files are others'.
        for (name, text) in folder.files.into_iter().filter(|(_, text)| !text.is_empty()) {
            files.generated(format!("{path}/{name}"), text);
        }
    }
}
