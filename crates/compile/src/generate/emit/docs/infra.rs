//! `docs/infra-integration.md`: how a pipeline feeds the repository, and what becomes of each field.

use super::fields;
use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code};

pub(super) fn page(context: &Context<'_>) -> String {
    let application = &context.platform.application;
    let payload = code(&application.payload);
    let mut page = Page::new("Infra integration");
    page.text(&format!(
        "A pipeline that knows which apps are wanted hands over {payload}; this repository says how they run.",
    ));
    page.heading("What the pipeline does");
    page.text(
        "In a clone of this repository, with the new payload in `../deployed_apps.json`. Each command fails \
         with a reason, and then nothing is written or pushed:",
    );
    page.block(&format!(
        "mainstay generate --from ../deployed_apps.json\n\
         scripts/validate.sh\n\
         git add --all\n\
         git diff --cached --quiet || git commit --message 'apps: what was asked for'\n\
         git push origin HEAD:{}",
        context.platform.repository.branch
    ));
    page.text(&format!(
        "{} does the rest. What people and pipelines edited in the meantime stays \
         ([who owns which line](ownership.md)). A push that is refused met another one: begin again with a fresh \
         clone, never with `--force`.",
        context.engine()
    ));
    page.text(
        "An app with volumes that the payload no longer names is refused, and nothing is written, until \
         `mainstay generate --remove-data APP` says so; its claims stay in the cluster.",
    );
    if context.platform.handoff.is_some() {
        page.text("This repository is a base: its customers' repositories are made and kept by `handoff/infra`, as [handoff/README.md](../handoff/README.md) says.");
    }
    page.heading("What becomes what");
    page.text(&format!(
        "Fields of an app in {payload}; of its entry in `services` of {}; what they are in the cluster.",
        code(&application.config)
    ));
    page.table(&["payload", "config", "cluster"]);
    for (from, config, object) in fields::rows(context.platform) {
        page.row(&[from, config, object]);
    }
    page.text(
        "What all apps share (domain, issuer, quotas, registry, environments) is not in the payload: it stands in \
         `mainstay.yaml`.",
    );
    page.finish()
}
