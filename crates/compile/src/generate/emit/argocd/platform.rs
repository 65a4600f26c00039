//! `platform/applications`: an Application for each add-on and for each folder of plain objects.
//!
//! They are the same for every environment that Argo CD reaches as its own cluster, so they stand once.
//! An environment on another cluster has them again in `clusters/<environment>/platform`, with that
//! cluster as their destination.

use crate::generate::argocd::{self, Application, IN_CLUSTER};
use crate::generate::emit::platform::{addons, folders_for};
use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
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
        document("The add-ons of a cluster.", &kustomization(resources)),
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
            &kustomization(resources),
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
    let here = folders_for(context, target.server).filter(|folder| !folder.is_per_environment());
    let folders = here.map(|folder| {
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
    all.sort_by_key(|(_, wave, ..)| *wave);
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
