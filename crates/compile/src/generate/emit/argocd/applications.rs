//! `applications/app/<environment>`: the one Application of the workloads, and the one of the overlay.

use crate::generate::argocd::{self, Application};
use crate::generate::kustomization::kustomization;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files, value_files};
use crate::model::{Environment, SecretsBackend, Sync};

const SKIP_DRY_RUN: &str = "SkipDryRunOnMissingResource=true";

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for environment in &context.platform.environments {
        let folder = format!("applications/app/{}", environment.name);
        files.generated(format!("{folder}/application.yaml"), app(context, environment));
        files.generated(format!("{folder}/overlay.yaml"), overlay(context, environment));
        let resources = List::new().item("overlay.yaml").item("application.yaml");
        files.generated(
            format!("{folder}/kustomization.yaml"),
            document("", &kustomization(resources)),
        );
    }
}

/// Returns the name of an environment's Application.
pub(in crate::generate::emit) fn name(context: &Context<'_>, environment: &Environment) -> String {
    format!("{}-{}", context.platform.application.name, environment.name)
}

fn app(context: &Context<'_>, environment: &Environment) -> String {
    let application = &context.platform.application;
    // Value files are named from the chart's own folder.
    let up = "../".repeat(application.chart.split('/').filter(|part| !part.is_empty()).count());
    let mut values = List::new();
    for file in value_files(context.platform, environment) {
        values = values.item(format!("{up}{file}"));
    }
    let helm = Map::new()
        .note("The same in every environment: it is part of the workloads' labels.")
        .put("releaseName", application.name.as_str())
        .note("Later files win.")
        .put("valueFiles", values);
    let sync_options = match context.platform.secrets.backend {
        SecretsBackend::InfisicalCsi(_) => vec![(
            SKIP_DRY_RUN,
            "On a new cluster SecretProviderClass is not known before the CSI driver is there.",
        )],
        SecretsBackend::External(_) => vec![(
            SKIP_DRY_RUN,
            "On a new cluster ExternalSecret is not known before its controller is there.",
        )],
        SecretsBackend::None | SecretsBackend::ByHand | SecretsBackend::Sealed => Vec::new(),
    };
    let object = Application {
        name: name(context, environment),
        wave: Wave::App,
        project: environment.name.clone(),
        source: argocd::folder(context, &application.chart).put("helm", helm),
        server: environment.cluster.clone(),
        namespace: environment.namespace.clone(),
        automated: environment.sync == Sync::Automatic,
        cascade: false,
        sync_options,
    };
    document(
        &format!(
            "All workloads of {}, rendered by {} from {}.\n\
             It has no finalizer: deleting it leaves the workloads running.",
            environment.name, application.chart, application.config
        ),
        &object.object(context),
    )
}

fn overlay(context: &Context<'_>, environment: &Environment) -> String {
    let sync_options = match context.platform.secrets.backend {
        SecretsBackend::External(_) => vec![(
            SKIP_DRY_RUN,
            "On a new cluster SecretStore is not known before its controller is there.",
        )],
        _ => Vec::new(),
    };
    let object = Application {
        name: format!("{}-overlay", name(context, environment)),
        wave: Wave::Overlay,
        project: environment.name.clone(),
        source: argocd::folder(context, &format!("overlays/{}", environment.name)),
        server: environment.cluster.clone(),
        namespace: environment.namespace.clone(),
        automated: environment.sync == Sync::Automatic,
        cascade: false,
        sync_options,
    };
    document(
        &format!(
            "The namespace of {}, and the objects that people added in overlays/{}/custom.",
            environment.name, environment.name
        ),
        &object.object(context),
    )
}
