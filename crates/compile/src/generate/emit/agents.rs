//! `AGENTS.md`: the README and `docs/ownership.md` for coding agents, as rules.

use super::markdown::{Page, code};
use crate::generate::{Context, Files};
use crate::model::{Engine, SecretsBackend};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    files.generated("AGENTS.md", page(context));
}

fn page(context: &Context<'_>) -> String {
    let application = &context.platform.application;
    let config = code(&application.config);
    let payload = code(&application.payload);
    let mut page = Page::new("Rules for agents");
    page.text(&format!(
        "This repository is deployed as it is: a commit on {} reaches clusters by itself. README.md says what is where.",
        code(&context.platform.repository.branch)
    ));
    page.heading("Change");
    page.table(&["to", "edit"]);
    page.row(&["roll out a version", &format!("`services[].image.tag` in {config}, quoted")]);
    page.row(&["roll it back", "nothing: `git revert`"]);
    page.row(&[
        "add, change or remove an app",
        &format!(
            "{payload}, then run `mainstay generate`; without mainstay, or where a pipeline sends payloads (each \
             replaces the last), `services` in {config}"
        ),
    ]);
    page.row(&[
        "change one environment only",
        "`overlays/<environment>/custom/values.yaml`, under `overrides.<app>`",
    ]);
    page.row(&[
        "add an object",
        "a file in `overlays/<environment>/custom/`, and its name in `kustomization.yaml` there",
    ]);
    page.row(&[
        "change the platform, or add an environment",
        "`mainstay.yaml`, then run `mainstay generate`",
    ]);
    page.row(&[
        "raise an add-on",
        match context.platform.delivery.engine {
            Engine::ArgoCd => "`targetRevision` in `platform/applications/<add-on>.yaml`; Renovate does it by itself",
            Engine::Flux => "`version` in `platform/controllers/<add-on>.yaml`; Renovate does it by itself",
        },
    ]);
    page.heading("Never");
    page.item(match context.platform.secrets.backend {
        SecretsBackend::Sealed => {
            "Write a secret's value into a file, a commit message or a log. Seal it: docs/sealing.md."
        }
        _ => "Write a secret's value into a file, a commit message or a log. Name it: docs/secrets.md.",
    });
    page.item("Edit `.mainstay/`, or delete it. `git checkout HEAD -- .mainstay` brings it back, also in a merge that conflicts there; then `mainstay generate`.");
    page.item(&format!(
        "Edit {}: it is the same in every platform. Use {config} and `custom/`.",
        code(&format!("{}/", application.chart))
    ));
    page.item("Use `mainstay generate --force` or `--remove-data` unless a person has said so for that file or app.");
    page.item(&format!(
        "Change the cluster with kubectl: {} undoes it. Reading is fine.",
        context.engine()
    ));
    page.item("Push with `--force`. Take out a line because a check fails on it.");
    page.heading("Before every commit");
    page.block("scripts/validate.sh");
    page.item("It must succeed. `mainstay check` says the same with places and remedies; `mainstay explain CODE` says what a finding means.");
    page.item("A conflict of `mainstay generate` writes nothing. Show both values to a person; do not choose.");
    page.item("One change a commit; say why in the message.");
    page.finish()
}
