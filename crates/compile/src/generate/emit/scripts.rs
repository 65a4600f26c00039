//! `scripts/validate.sh`: the same validation as mainstay's, with the standard tools alone.

use crate::generate::{Context, Files};
use crate::model::Engine;

const VALIDATE: &str = include_str!("../../../assets/validate.sh");

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let application = &context.platform.application;
    let kubernetes = context.catalog.kubernetes.first().map_or("1.33", String::as_str);
    let (roots, folders) = match context.platform.delivery.engine {
        Engine::ArgoCd => ("apps/root", "applications clusters overlays platform projects"),
        Engine::Flux => ("flux-system", "applications clusters overlays platform"),
    };
    let text = VALIDATE
        .replace("@roots@", roots)
        .replace("@folders@", folders)
        .replace("@release@", &application.name)
        .replace("@chart@", &application.chart)
        .replace("@config@", &application.config)
        .replace("@payload@", &application.payload)
        .replace("@kubernetes@", kubernetes);
    files.program("scripts/validate.sh", text);
}
