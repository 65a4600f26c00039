//! `infra/AGENTS.md`: the rules of this folder for coding agents. The one at the top, if there is one, is the
//! application's own.

use crate::generate::emit::markdown::{Page, code};
use crate::generate::{Context, Files};
use crate::model::Kustomization;

use super::delivery;

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    files.generated("infra/AGENTS.md", page(context, app));
}

fn page(context: &Context<'_>, app: &Kustomization) -> String {
    let mut page = Page::new("Rules for agents");
    let branches: Vec<String> = app
        .promotions
        .iter()
        .map(|promotion| {
            format!("{} ({})", code(&promotion.branch), promotion.environments.join(", "))
        })
        .collect();
    page.text(&format!(
        "What Kubernetes runs of {}. A commit on one of these branches reaches clusters by itself: {}. README.md here \
         says what is where.",
        code(&app.name),
        branches.join(", ")
    ));
    changes(context, app, &mut page);
    page.heading("Never");
    for rule in [
        "Write a secret's value into a file, a commit message or a log.",
        "Write a tag into an overlay by hand where the pipeline does, unless a person asks for it: then as \
         [docs/promotion.md](../docs/promotion.md) says under \"By hand\". Environments of one branch get one tag, in one commit.",
        "Write the registry into an overlay: once the base has another `newName`, an overlay's `name` no longer matches.",
        "Edit `.mainstay/`, or delete it. `git checkout HEAD -- .mainstay` brings it back.",
        "Change the cluster with kubectl: Argo CD undoes it. Reading is fine. `infra/application.yaml` is the one file that \
         is applied, by a person.",
        "Use `mainstay generate --force` unless a person has said so for that file.",
        "Push with `--force`. Take out a line because a check fails on it.",
    ] {
        page.item(rule);
    }
    page.heading("Before every commit");
    page.block("scripts/validate.sh");
    page.item(
        "It must succeed. `mainstay check` says the same with places and remedies; `mainstay explain CODE` says what a \
         finding means.",
    );
    page.item("A conflict of `mainstay generate` writes nothing. Show both values to a person; do not choose.");
    page.item("A commit of the pipeline says `[skip ci]`; one of yours does where it writes a tag, and never else.");
    if let Some((_, label)) = delivery::preview(context) {
        page.item(&format!(
            "A preview runs a pull request with the label {}: set it only where one is asked for.",
            code(label)
        ));
    }
    page.finish()
}

fn changes(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    let folder = &app.folder;
    let others = delivery::other_branches(context);
    let merged = match others.is_empty() {
        true => String::new(),
        false => {
            format!("; merged into {} too, where the environment follows it", others.join(", "))
        }
    };
    page.heading("Change");
    page.table(&["to", "edit"]);
    for (to, edit) in [
        ("roll out a version", "nothing: push to the environment's branch".to_owned()),
        ("roll it back", "nothing: [docs/rollback.md](../docs/rollback.md)".to_owned()),
        ("change all environments", code(&format!("{folder}/base/"))),
        (
            "change one environment only",
            format!(
                "{}, or its entry in `mainstay.yaml`",
                code(&format!("{folder}/overlays/<environment>/"))
            ),
        ),
        ("pull from another registry", code(&format!("{folder}/registry/image.yaml"))),
        (
            "add an environment, change what all of it is",
            match super::lists_promotions(context) {
                true => "`mainstay.yaml`, a new one also in `ci.promote.byBranch`, then run `mainstay generate`",
                false => "`mainstay.yaml`, then run `mainstay generate`",
            }
            .to_owned()
                + &merged
                + ". Nothing follows `infra/application.yaml`: a person applies it, README.md says how",
        ),
        (
            "remove an environment",
            match super::lists_promotions(context) {
                true => {
                    "its entry in `mainstay.yaml` and its name in `ci.promote.byBranch`, then run `mainstay generate`; the \
                     rest as for a new one"
                }
                false => {
                    "its entry in `mainstay.yaml`, then run `mainstay generate`; the rest as for a new one"
                }
            }
                .to_owned(),
        ),
    ] {
        page.row(&[to, &edit]);
    }
}
