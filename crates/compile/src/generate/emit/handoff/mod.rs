//! `handoff/`: what an infra repository needs to make customers' repositories from this base: the
//! contract of a dispatch, and the workflow that works one in. Only in a base.

mod page;
mod workflow;

use crate::generate::emit::{install, scripts};
use crate::generate::{Context, Files};
use crate::intake::Kind;
use crate::model::ToolingUse;

/// The page that every base has.
pub(in crate::generate) const README: &str = "handoff/README.md";
/// The files for the infra repository, copied there as they lie here.
const FOLDER: &str = "handoff/infra";

/// The scripts that the workflow calls: short enough to read, and outside of YAML for shellcheck.
const SCRIPTS: &[(&str, &str)] = &[
    ("answer.sh", include_str!("../../../../assets/handoff/answer.sh")),
    ("git.sh", include_str!("../../../../assets/handoff/git.sh")),
    ("push.sh", include_str!("../../../../assets/handoff/push.sh")),
    ("receive.sh", include_str!("../../../../assets/handoff/receive.sh")),
    ("repository.sh", include_str!("../../../../assets/handoff/repository.sh")),
    ("step.sh", include_str!("../../../../assets/handoff/step.sh")),
];
const EXAMPLE: &str = include_str!("../../../../assets/handoff/example.json");

pub(in crate::generate) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let Some(repository) = &context.platform.handoff else { return };
    files.generated(README, page::page(context, repository));
    let folder = format!("{FOLDER}/handoff");
    files.generated(format!("{folder}/dispatch.json"), Kind::Dispatch.schema_text());
    files.generated(format!("{folder}/deployed_apps.schema.json"), Kind::Payload.schema_text());
    files.generated(format!("{folder}/example.json"), EXAMPLE);
    for (name, text) in SCRIPTS {
        files.program(format!("{folder}/{name}"), *text);
    }
    if let Some(script) = install::script(context) {
        files.program(format!("{folder}/install.sh"), script);
    }
    if context.platform.tooling.calls == ToolingUse::Standard {
        // A customer's own script would run beside the token of all customers.
        files.program(format!("{folder}/validate.sh"), scripts::validate(context));
    }
    files.generated(
        format!("{FOLDER}/.github/workflows/customer.yml"),
        workflow::file(context, repository),
    );
}
