//! `docs/infra-integration.md`: how a pipeline feeds the repository.

use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code};

pub(super) fn page(context: &Context<'_>) -> String {
    let application = &context.platform.application;
    let mut page = Page::new("Infra integration");
    page.text(&format!(
        "A pipeline that knows which apps are wanted hands over {}; this repository says how they run.",
        code(&application.payload)
    ));
    page.heading("From the payload to the cluster");
    page.step(&format!("The pipeline writes the new payload: {}.", code(&application.payload)));
    page.step("`mainstay generate` brings the repository up to date. It names files that were edited since, and leaves them.");
    page.step("`mainstay check` (or `scripts/validate.sh`) renders every environment and checks every object.");
    page.step(&format!("Commit and push: {} does the rest.", context.engine()));
    page.block("mainstay generate --from deployed_apps.json && mainstay check && git add --all && git commit --message 'apps: …' && git push");
    page.heading("What becomes what");
    page.table(&["payload", "here"]);
    for (payload, here) in [
        ("`image`, `tag`, `digest`", "`services[].image`"),
        (
            "`fqdn`, `hosts`, `paths`",
            "`services[].ingress.hosts`; another environment's in its overlay",
        ),
        ("`replicas`, `autoscaling`", "`services[].replicas`, `services[].autoscaling`"),
        ("`resources`", "`services[].resources` or `resourcePreset`"),
        ("`port`, `ports`, `health`, `probes`", "`services[].ports`, `services[].probes`"),
        ("`env`", "`services[].env`"),
        ("`secrets`", "`services[].secrets`: references, never values"),
        ("`environments.<name>`", "`overrides.<app>` in `overlays/<name>/values.yaml`"),
    ] {
        page.row(&[payload, here]);
    }
    page.heading("Patch points");
    page.item(&format!(
        "{}: versions, edited by pipelines at `services[].image.tag`",
        code(&application.config)
    ));
    page.item("`overlays/<environment>/custom/values.yaml`: values of one environment");
    page.item("`overlays/<environment>/custom/kustomization.yaml`: objects of your own");
    page.item("`platform/applications/*.yaml`: versions and values of the add-ons");
    page.finish()
}
