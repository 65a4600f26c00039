//! `platform`: the add-ons of a cluster, each an Argo CD Application with a pinned chart, and the
//! plain objects around them.
//!
//! The Applications are the same for every environment that Argo CD reaches as its own cluster, so
//! they stand once in `platform/applications`. An environment on another cluster has them again in
//! `clusters/<environment>/platform`, with that cluster as their destination.

mod admission;
mod argocd_ui;
mod argocd_values;
mod cert_manager;
mod credentials;
mod external_secrets;
mod images;
mod ingress_nginx;
mod issuers;
pub(super) mod namespaces;
mod network_policies;
mod sealed_secrets;
mod secrets_store;
mod traefik;

use crate::generate::argocd::{self, Application, IN_CLUSTER, Wave};
use crate::generate::catalog::Chart;
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
    wave: Wave,
    /// What it is for, as the head of its file.
    about: String,
    values: Map,
    sync_options: Vec<(&'static str, &'static str)>,
}

/// A folder of plain objects in this repository.
struct Folder {
    name: &'static str,
    about: &'static str,
    wave: Wave,
    /// Files by name, each with its objects.
    files: Vec<(String, String)>,
    /// Namespace of the Application's destination.
    namespace: String,
    /// Whether it is about Argo CD itself, and so belongs to Argo CD's own cluster only.
    of_argocd: bool,
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
fn folders_for(context: &Context<'_>, server: &str) -> impl Iterator<Item = Folder> {
    let is_argocds = server == IN_CLUSTER;
    folders(context).into_iter().filter(move |folder| is_argocds || !folder.of_argocd)
}

/// The destination of folders whose objects all say their namespace, or have none.
fn own_namespace(context: &Context<'_>) -> String {
    let first = namespaces::of_addons(context).into_iter().next();
    first.map_or_else(|| "default".to_owned(), |(name, _)| name)
}

fn folders(context: &Context<'_>) -> Vec<Folder> {
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

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    argocd_values::emit(context, files);
    credentials::seed(context, files);
    for folder in folders(context) {
        let path = format!("platform/{}", folder.name);
        let names: List = folder.files.iter().map(|(name, _)| name.as_str()).collect();
        files.generated(
            format!("{path}/kustomization.yaml"),
            document(folder.about, &argocd::kustomization(names)),
        );
        // A name without a text is a folder, whose files are others'.
        for (name, text) in folder.files.into_iter().filter(|(_, text)| !text.is_empty()) {
            files.generated(format!("{path}/{name}"), text);
        }
    }
    let here = Target {
        path: "platform/applications".to_owned(),
        suffix: String::new(),
        server: IN_CLUSTER,
    };
    let names = applications(context, &here, files);
    let resources = names.iter().map(|name| format!("applications/{name}"));
    let resources = resources.fold(
        List::new().item("../projects/platform").note("In the order in which they are synced."),
        List::item,
    );
    files.generated(
        "platform/kustomization.yaml",
        document("The add-ons of a cluster.", &argocd::kustomization(resources)),
    );
    for environment in &context.platform.environments {
        if environment.cluster != IN_CLUSTER {
            remote(context, &environment.name, &environment.cluster, files);
        }
    }
}

/// The add-ons of an environment whose cluster is not Argo CD's own.
fn remote(context: &Context<'_>, environment: &str, server: &str, files: &mut Files<'_>) {
    let path = format!("clusters/{environment}/platform");
    let target = Target { path: path.clone(), suffix: format!("-{environment}"), server };
    let names = applications(context, &target, files);
    let resources =
        names.into_iter().fold(List::new().item("../../../projects/platform"), List::item);
    files.generated(
        format!("{path}/kustomization.yaml"),
        document(
            &format!("The add-ons of the cluster of {environment}."),
            &argocd::kustomization(resources),
        ),
    );
}

/// Where Applications are written, and which cluster they are about.
struct Target<'s> {
    path: String,
    suffix: String,
    server: &'s str,
}

/// Writes the Applications and returns the names of their files in the order of their waves.
fn applications(context: &Context<'_>, target: &Target<'_>, files: &mut Files<'_>) -> Vec<String> {
    let folders = folders_for(context, target.server).map(|folder| {
        let source = argocd::folder(context, &format!("platform/{}", folder.name));
        let about = folder.about.to_owned();
        (folder.name, folder.wave, about, source, folder.namespace, Vec::new(), false)
    });
    let addons = addons(context).into_iter().map(|addon| {
        let namespace = addon.namespaces.first().cloned().unwrap_or_default();
        let source = Map::new()
            .put("repoURL", context.mirrors.url(&addon.chart.repository))
            .put("chart", addon.chart.chart.as_str())
            .put("targetRevision", addon.chart.version.as_str())
            .put(
                "helm",
                Map::new().put("releaseName", addon.name).put_filled("valuesObject", addon.values),
            );
        (addon.name, addon.wave, addon.about, source, namespace, addon.sync_options, true)
    });
    let mut all: Vec<_> = folders.chain(addons).collect();
    all.sort_by_key(|(_, wave, ..)| *wave as u8);
    let mut names = Vec::new();
    for (name, wave, about, source, namespace, sync_options, cascade) in all {
        let application = Application {
            name: format!("{name}{}", target.suffix),
            wave,
            project: "platform".to_owned(),
            source,
            server: target.server.to_owned(),
            namespace,
            automated: true,
            cascade,
            sync_options,
        };
        let file = format!("{name}.yaml");
        files.generated(
            format!("{}/{file}", target.path),
            document(&about, &application.object(context)),
        );
        names.push(file);
    }
    names
}
