//! Flux's objects: what every source, Kustomization and HelmRelease of a repository has in common.
//!
//! Facts about their fields: the API types of fluxcd/source-controller (`api/v1`),
//! fluxcd/kustomize-controller (`api/v1`) and fluxcd/helm-controller (`api/v2`). These versions are served
//! by Flux 2.6 and every later one.

use super::Context;
use super::catalog::Chart;
use super::write::{List, Map};

/// Namespace of Flux and of all its objects.
pub(super) const NAMESPACE: &str = "flux-system";
/// The GitRepository of this repository, and the Secret that Flux reads it with. It is the name that
/// `flux bootstrap` gives both.
pub(super) const SOURCE: &str = "flux-system";
/// The Kustomization of the add-ons' releases, which others wait for.
pub(super) const CONTROLLERS: &str = "controllers";

/// How often Flux looks whether the cluster is still as it should be. A push is seen sooner.
const DRIFT_INTERVAL: &str = "10m";
/// How often Flux asks a chart repository. Versions are pinned, so it finds nothing new.
const CHART_INTERVAL: &str = "1h";

/// A Kustomization before it is written.
pub(super) struct Kustomization {
    pub(super) name: String,
    /// The folder, from the repository's own.
    pub(super) path: String,
    /// The Kustomizations that must be ready before.
    pub(super) depends_on: Vec<String>,
    /// Is only ready when everything that it applies is.
    pub(super) wait: bool,
    /// Waits for a person: `flux resume`.
    pub(super) suspended: bool,
    /// Deleting the Kustomization leaves what it applied.
    pub(super) orphans: bool,
}

impl Kustomization {
    /// Writes the object.
    pub(super) fn object(self, context: &Context<'_>) -> Map {
        let retry = context.platform.delivery.root.retry;
        let spec = Map::new()
            .put_filled("dependsOn", named(&self.depends_on))
            .put("interval", DRIFT_INTERVAL)
            .note("After a failure.")
            .put("retryInterval", duration(retry.backoff_seconds.max(30)))
            .put("timeout", "10m")
            .put("path", format!("./{}", self.path))
            .put("sourceRef", Map::new().put("kind", "GitRepository").put("name", SOURCE))
            .put("prune", true);
        let spec = if self.orphans {
            spec.note("Deleting this object leaves the cluster as it is.")
                .put("deletionPolicy", "Orphan")
        } else {
            spec
        };
        let spec = spec.put_some("wait", self.wait.then_some(true));
        let spec = if self.suspended {
            spec.note("A person deploys this: `flux resume kustomization NAME`. The root suspends it again.")
                .put("suspend", true)
        } else {
            spec
        };
        object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", &self.name).put("spec", spec)
    }
}

/// A HelmRelease before it is written.
pub(super) struct HelmRelease {
    pub(super) name: String,
    /// Name of the Helm release.
    pub(super) release: String,
    /// Namespace of the Helm release, which must be there.
    pub(super) namespace: String,
    /// The HelmReleases that must be ready before.
    pub(super) depends_on: Vec<String>,
    /// `chart`, or `chartRef`.
    pub(super) chart: (&'static str, Map),
    pub(super) values: Map,
}

impl HelmRelease {
    /// Writes the object.
    pub(super) fn object(self, context: &Context<'_>) -> Map {
        let (key, chart) = self.chart;
        let interval = duration(context.platform.delivery.root.retry.backoff_seconds.max(30));
        // Flux would otherwise uninstall a first release that failed, claims and all.
        let strategy = || {
            Map::new().put(
                "strategy",
                Map::new().put("name", "RetryOnFailure").put("retryInterval", interval.as_str()),
            )
        };
        let spec = Map::new()
            .put_filled("dependsOn", named(&self.depends_on))
            .put("interval", DRIFT_INTERVAL)
            .put("timeout", "10m")
            .put("releaseName", self.release)
            .put("targetNamespace", self.namespace.as_str())
            .note("Beside the release, where `helm list` looks for it.")
            .put("storageNamespace", self.namespace)
            .put(key, chart)
            .note("A release that failed is tried again; nothing is uninstalled or rolled back.")
            .put("install", strategy().put("crds", "CreateReplace"))
            .put("upgrade", strategy().put("crds", "CreateReplace"))
            .note("Changes by hand in the cluster are undone.")
            .put("driftDetection", Map::new().put("mode", "enabled"))
            .put_filled("values", self.values);
        object("helm.toolkit.fluxcd.io/v2", "HelmRelease", &self.name).put("spec", spec)
    }
}

/// Returns the source of a chart, and how a HelmRelease of the same file refers to it.
pub(super) fn chart(
    context: &Context<'_>,
    name: &str,
    chart: &Chart,
) -> (Map, (&'static str, Map)) {
    let url = context.mirrors.url(&chart.repository);
    if url.starts_with("oci://") {
        let url = format!("{}/{}", url.trim_end_matches('/'), chart.chart);
        let source = object("source.toolkit.fluxcd.io/v1", "OCIRepository", name).put(
            "spec",
            Map::new()
                .put("interval", CHART_INTERVAL)
                .put("url", url)
                .put("ref", Map::new().put("tag", chart.version.as_str()))
                .put(
                    "layerSelector",
                    Map::new()
                        .put("mediaType", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
                        .put("operation", "copy"),
                ),
        );
        let reference = Map::new().put("kind", "OCIRepository").put("name", name);
        return (source, ("chartRef", reference));
    }
    let source = object("source.toolkit.fluxcd.io/v1", "HelmRepository", name)
        .put("spec", Map::new().put("interval", CHART_INTERVAL).put("url", url));
    let spec = Map::new()
        .put("chart", chart.chart.as_str())
        .put("version", chart.version.as_str())
        .put("interval", CHART_INTERVAL)
        .put("sourceRef", Map::new().put("kind", "HelmRepository").put("name", name));
    (source, ("chart", Map::new().put("spec", spec)))
}

/// Returns the chart of a folder of this repository, with its values from files, which are rendered anew
/// at every commit.
pub(super) fn own_chart(folder: &str, value_files: List) -> (&'static str, Map) {
    let spec = Map::new()
        .put("chart", format!("./{}", folder.trim_start_matches("./")))
        .put("sourceRef", Map::new().put("kind", "GitRepository").put("name", SOURCE))
        .put("interval", "1m")
        .note("The values are in the repository too: every commit may change them.")
        .put("reconcileStrategy", "Revision")
        .note("Later files win.")
        .put("valuesFiles", value_files);
    ("chart", Map::new().put("spec", spec))
}

/// Returns an object of Flux, without its spec.
pub(super) fn object(api_version: &str, kind: &str, name: &str) -> Map {
    Map::new()
        .put("apiVersion", api_version)
        .put("kind", kind)
        .put("metadata", Map::new().put("name", name).put("namespace", NAMESPACE))
}

/// Returns a duration as Go reads it.
fn duration(seconds: i64) -> String {
    if seconds != 0 && seconds % 60 == 0 {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    }
}

fn named(names: &[String]) -> List {
    names.iter().map(|name| Map::new().put("name", name.as_str())).collect()
}
