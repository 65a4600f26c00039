//! `platform/flux/values.yaml`: how Flux itself is installed, by hand and once.

use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let flux = &context.catalog.flux;
    let controller = |name: &str| {
        let image = context.mirrors.mirrored_image(&format!("ghcr.io/fluxcd/{name}"));
        Map::new().put("create", true).put_some("image", image)
    };
    let waiting = |name: &str| {
        let arguments = List::new().item("--requeue-dependency=5s");
        controller(name).put(
            "container",
            Map::new()
                .note("How soon what waits for something else is looked at again; Flux's own 30 s add up.")
                .put("additionalArgs", arguments),
        )
    };
    let cli = context.mirrors.mirrored_image("ghcr.io/fluxcd/flux-cli");
    let off = || Map::new().put("create", false);
    let body = Map::new()
        .put("sourceController", controller("source-controller"))
        .put("kustomizeController", waiting("kustomize-controller"))
        .put("helmController", waiting("helm-controller"))
        .note("Off until somebody needs them: alerts and webhooks, and new image tags by Flux.")
        .put("notificationController", off())
        .put("imageReflectionController", off())
        .put("imageAutomationController", off())
        .put_filled("cli", Map::new().put_some("image", cli));
    files.generated(
        "platform/flux/values.yaml",
        document(
            &format!(
                "Values of the chart {} {} ({}).\n\
                 Installed by hand, because Flux cannot deploy itself before it is there:\n\
                 README.md, \"Day one\".",
                flux.chart, flux.version, flux.repository
            ),
            &body,
        ),
    );
}
