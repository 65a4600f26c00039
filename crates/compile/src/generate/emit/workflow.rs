//! `.github/workflows/validate.yml`: checks every push and pull request.

use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};
use crate::model::ToolingUse;

use super::install;

/// The runner that workflows ask for.
pub(super) const RUNNER: &str = "ubuntu-24.04";
/// Installs what checks objects and files with the standard tools.
pub(super) const CHECKERS: &str =
    "pipx install kubernetes-validate==1.37.0\npipx install check-jsonschema==0.39.0\n";

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    if !context.platform.ci.github_actions {
        return;
    }
    let workflow = Map::new()
        .put("name", "validate")
        .put(
            "on",
            Map::new()
                .put("pull_request", Map::new())
                .put("push", Map::new().put("branches", branches(context))),
        )
        .gap()
        .note("A newer commit makes the run of an older one pointless.")
        .put(
            "concurrency",
            Map::new().put("group", "validate-${{ github.ref }}").put("cancel-in-progress", true),
        )
        .gap()
        .note("Each job asks for what it needs.")
        .put("permissions", Map::new())
        .gap()
        .put("jobs", Map::new().put("validate", job(context)));
    files.generated(
        ".github/workflows/validate.yml",
        document("Nothing reaches a cluster that does not render and pass its schemas.", &workflow),
    );
    files.generated(".github/zizmor.yml", zizmor());
}

fn branches(context: &Context<'_>) -> List {
    let mut branches = vec![context.platform.repository.branch.as_str()];
    let root = context.platform.delivery.root.branch.as_str();
    if !branches.contains(&root) {
        branches.push(root);
    }
    branches.into_iter().collect()
}

fn job(context: &Context<'_>) -> Map {
    let checkout = Map::new()
        .put("uses", context.catalog.action("actions/checkout"))
        .put("with", Map::new().put("persist-credentials", false));
    let mut steps = List::new().item(checkout);
    // Only what somebody asked for is fetched: a step that needs a published mainstay must not be
    // there by default.
    let asked = context.platform.origin.has("spec.tooling.install");
    if asked && context.platform.tooling.calls == ToolingUse::Mainstay {
        steps = install::steps(context, install::SCRIPT, str::to_owned, steps);
        steps = steps.item(step("Render and check every environment", "mainstay check"));
    }
    steps = steps
        .note("helm and kubectl are on the runner; the two checkers are not.")
        .item(step("Install the checkers", CHECKERS))
        .item(step("Validate with the standard tools", "scripts/validate.sh"));
    Map::new()
        .put("name", "Render and check")
        .put("runs-on", RUNNER)
        .put("timeout-minutes", 15)
        .put("permissions", Map::new().put("contents", "read"))
        .put("steps", steps)
}

fn step(name: &str, run: &str) -> Map {
    Map::new().put("name", name).put("run", run)
}

pub(super) fn zizmor() -> String {
    let policies = Map::new().put("*", "ref-pin");
    let rule = Map::new().put("config", Map::new().put("policies", policies));
    document(
        "For zizmor, which looks for holes in workflows: actions are pinned to a major version here, \
         and Renovate raises it.",
        &Map::new().put("rules", Map::new().put("unpinned-uses", rule)),
    )
}
