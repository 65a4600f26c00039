//! `scripts/validate.sh`: the same validation as mainstay's, with the standard tools alone.

use crate::generate::{Context, Files};
use crate::model::Engine;

const VALIDATE: &str = include_str!("../../../assets/validate.sh");

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    files.program("scripts/validate.sh", validate(context));
}

/// Returns the script. A base gives it to the infra repository, too.
pub(super) fn validate(context: &Context<'_>) -> String {
    let application = &context.platform.application;
    let kubernetes = context.catalog.kubernetes.first().map_or("1.33", String::as_str);
    let engine = match context.platform.delivery.engine {
        Engine::ArgoCd => Words {
            name: "Argo CD",
            objects: "^kind: Application$",
            roots: "apps/root",
            folders: "applications clusters overlays platform projects",
            workloads: "applications/app/$1/application.yaml",
        },
        Engine::Flux => Words {
            name: "Flux",
            objects: "^apiVersion: (kustomize|helm).toolkit.fluxcd.io/",
            roots: "flux-system",
            folders: "applications clusters overlays platform",
            workloads: "applications/app/$1/releases/main.yaml",
        },
    };
    VALIDATE
        .replace("@engine@", engine.name)
        .replace("@objects@", engine.objects)
        .replace("@roots@", engine.roots)
        .replace("@folders@", engine.folders)
        .replace("@workloads@", engine.workloads)
        .replace("@release@", &application.name)
        .replace("@chart@", &application.chart)
        .replace("@config@", &application.config)
        .replace("@payload@", &application.payload)
        .replace("@kubernetes@", kubernetes)
}

/// What differs between the engines.
struct Words {
    name: &'static str,
    /// By which line objects are known that lead to folders and value files.
    objects: &'static str,
    /// Where those lie that are applied by hand.
    roots: &'static str,
    /// Folders with everything that is deployed.
    folders: &'static str,
    /// The file with the value files of an environment's workloads.
    workloads: &'static str,
}
