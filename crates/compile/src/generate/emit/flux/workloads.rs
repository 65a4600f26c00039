//! `applications/app/<environment>`: the Kustomizations of the overlay and of the workloads, and the
//! HelmReleases that the latter leads to.
//!
//! Helm knows no order between a job and the deployments of one release. So what must be there before
//! them is a release of its own, from the same chart and values: `app.part` chooses.

use crate::generate::flux::{self, HelmRelease, Kustomization};
use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files, value_files};
use crate::model::{Environment, Sync};

use super::platform;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for environment in &context.platform.environments {
        let folder = format!("applications/app/{}", environment.name);
        let mut put = |path: &str, text: String| files.generated(format!("{folder}/{path}"), text);
        put("overlay.yaml", overlay(context, environment));
        put("workloads.yaml", workloads(context, environment, &folder));
        let resources = List::new().item("overlay.yaml").item("workloads.yaml");
        put("kustomization.yaml", document("", &kustomization(resources)));
        put("releases/before.yaml", release(context, environment, Part::Before));
        put("releases/main.yaml", release(context, environment, Part::Main));
        let resources = List::new().item("before.yaml").item("main.yaml");
        put("releases/kustomization.yaml", document("", &kustomization(resources)));
    }
}

/// Which of the chart's objects a release has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What must be there before the deployments are updated.
    Before,
    /// Everything else.
    Main,
}

/// Returns the name of the HelmRelease of an environment's workloads.
pub(in crate::generate::emit) fn name(context: &Context<'_>, environment: &Environment) -> String {
    format!("{}-{}", context.platform.application.name, environment.name)
}

fn before_name(context: &Context<'_>, environment: &Environment) -> String {
    format!("{}-before", name(context, environment))
}

fn overlay_name(context: &Context<'_>, environment: &Environment) -> String {
    format!("{}-overlay", name(context, environment))
}

fn overlay(context: &Context<'_>, environment: &Environment) -> String {
    let object = Kustomization {
        name: overlay_name(context, environment),
        path: format!("overlays/{}", environment.name),
        depends_on: platform::ready(context),
        wait: true,
        suspended: environment.sync == Sync::Manual,
        orphans: true,
    };
    document(
        &format!(
            "The namespace of {}, and the objects that people added in overlays/{}/custom.",
            environment.name, environment.name
        ),
        &object.object(context),
    )
}

fn workloads(context: &Context<'_>, environment: &Environment, folder: &str) -> String {
    let object = Kustomization {
        name: format!("{}-workloads", name(context, environment)),
        path: format!("{folder}/releases"),
        depends_on: vec![overlay_name(context, environment)],
        wait: true,
        suspended: environment.sync == Sync::Manual,
        orphans: true,
    };
    document(
        &format!("The Helm releases of {}, once its namespace is there.", environment.name),
        &object.object(context),
    )
}

fn release(context: &Context<'_>, environment: &Environment, part: Part) -> String {
    let application = &context.platform.application;
    let files = value_files(context.platform, environment);
    let chart_values = format!("{}/values.yaml", application.chart.trim_end_matches('/'));
    let files = std::iter::once(chart_values).chain(files).collect();
    let (name, release, word, about, depends_on) = match part {
        Part::Before => (
            before_name(context, environment),
            format!("{}-before", application.name),
            "before",
            format!(
                "What must be there before the deployments of {} are updated: credentials of the registry,\n\
                 and jobs with `beforeDeployments`. It may be empty.",
                environment.name
            ),
            Vec::new(),
        ),
        Part::Main => (
            name(context, environment),
            application.name.clone(),
            "main",
            format!(
                "All other workloads of {}, rendered by {} from {}.",
                environment.name, application.chart, application.config
            ),
            vec![before_name(context, environment)],
        ),
    };
    let app = Map::new()
        .put("part", word)
        .note("The same in every environment and both parts: it is part of the workloads' labels.")
        .put("instance", application.name.as_str());
    let object = HelmRelease {
        name,
        release,
        namespace: environment.namespace.clone(),
        depends_on,
        chart: flux::own_chart(&application.chart, files),
        values: Map::new().put("app", app),
    };
    document(&about, &object.object(context))
}
