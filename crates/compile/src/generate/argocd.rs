//! Argo CD's objects: what every Application and AppProject of a repository has in common.
//!
//! Facts about their fields: `pkg/apis/application/v1alpha1/types.go` of argoproj/argo-cd.

use super::Context;
use super::wave::Wave;
use super::write::{List, Map, Yaml};

/// Namespace of Argo CD and of all its objects.
pub(super) const NAMESPACE: &str = "argocd";
/// The API server of the cluster that Argo CD itself runs in.
pub(crate) const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// An Application before it is written.
pub(super) struct Application {
    pub(super) name: String,
    pub(super) wave: Wave,
    pub(super) project: String,
    pub(super) source: Map,
    pub(super) server: String,
    pub(super) namespace: String,
    /// Deploys commits by itself.
    pub(super) automated: bool,
    /// Deleting the Application deletes what it deployed.
    pub(super) cascade: bool,
    /// Sync options beside the spec's own, each with the reason, which may be empty.
    pub(super) sync_options: Vec<(&'static str, &'static str)>,
}

impl Application {
    /// Writes the object.
    pub(super) fn object(self, context: &Context<'_>) -> Map {
        let annotations: Map = annotation(self.wave)
            .map(|wave| ("argocd.argoproj.io/sync-wave", Yaml::Quoted(wave.to_owned())))
            .into_iter()
            .collect();
        let finalizers: List =
            self.cascade.then_some("resources-finalizer.argocd.argoproj.io").into_iter().collect();
        Map::new()
            .put("apiVersion", "argoproj.io/v1alpha1")
            .put("kind", "Application")
            .put(
                "metadata",
                Map::new()
                    .put("name", self.name)
                    .put("namespace", NAMESPACE)
                    .put_filled("annotations", annotations)
                    .put_filled("finalizers", finalizers),
            )
            .put(
                "spec",
                Map::new()
                    .put("project", self.project)
                    .put("source", self.source)
                    .put(
                        "destination",
                        Map::new().put("server", self.server).put("namespace", self.namespace),
                    )
                    .put("syncPolicy", sync_policy(context, self.automated, &self.sync_options)),
            )
    }
}

/// Returns the sync wave of an Application. Argo CD goes on to the next one when a child is applied, or
/// healthy where `platform/argocd/values.yaml` teaches it to look.
fn annotation(wave: Wave) -> Option<&'static str> {
    match wave {
        Wave::Projects => Some("-10"),
        Wave::Namespaces => Some("-5"),
        Wave::Policies => Some("-4"),
        Wave::Controllers => Some("-3"),
        Wave::CustomResources => Some("-2"),
        Wave::Overlay => Some("-1"),
        Wave::App => None,
    }
}

fn sync_policy(context: &Context<'_>, automated: bool, options: &[(&str, &str)]) -> Map {
    let root = &context.platform.delivery.root;
    let list = options.iter().fold(List::new(), |list, (option, reason)| {
        let list = if reason.is_empty() { list } else { list.note(*reason) };
        list.item(*option)
    });
    let own =
        root.sync_options.iter().filter(|own| options.iter().all(|(option, _)| option != own));
    let list = own.fold(list, List::item);
    let map = if automated {
        Map::new().put("automated", Map::new().put("prune", true).put("selfHeal", true))
    } else {
        Map::new().note("No `automated`: a person syncs this environment.")
    };
    map.put_filled("syncOptions", list).put(
        "retry",
        Map::new().put("limit", root.retry.limit).put(
            "backoff",
            Map::new()
                .put("duration", duration(root.retry.backoff_seconds))
                .put("factor", 2)
                .put("maxDuration", duration(root.retry.max_backoff_seconds)),
        ),
    )
}

fn duration(seconds: i64) -> String {
    if seconds != 0 && seconds % 60 == 0 {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    }
}

/// Returns the source for a folder of this repository.
pub(super) fn folder(context: &Context<'_>, path: &str) -> Map {
    Map::new()
        .put("repoURL", context.repository.as_str())
        .put("targetRevision", context.platform.delivery.root.branch.as_str())
        .put("path", path)
}

/// Returns an AppProject.
pub(super) fn project(
    name: &str,
    description: &str,
    source_repos: List,
    destinations: List,
    cluster_resources: &[(&str, &str)],
) -> Map {
    let cluster_resources: List = cluster_resources
        .iter()
        .map(|(group, kind)| Map::new().put("group", *group).put("kind", *kind))
        .collect();
    Map::new()
        .put("apiVersion", "argoproj.io/v1alpha1")
        .put("kind", "AppProject")
        .put(
            "metadata",
            Map::new().put("name", name).put("namespace", NAMESPACE).put(
                "annotations",
                Map::new().put_some(
                    "argocd.argoproj.io/sync-wave",
                    annotation(Wave::Projects).map(|wave| Yaml::Quoted(wave.to_owned())),
                ),
            ),
        )
        .put(
            "spec",
            Map::new()
                .put("description", description)
                .note("Applications of this project may read these repositories …")
                .put("sourceRepos", source_repos)
                .note("… write to these namespaces …")
                .put("destinations", destinations)
                .note("… and create these kinds outside of a namespace.")
                .put("clusterResourceWhitelist", cluster_resources),
        )
}
