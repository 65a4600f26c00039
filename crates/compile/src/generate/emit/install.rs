//! How workflows get mainstay: the step of a workflow, and the script that it calls.
//!
//! In: `spec.tooling`. Out: steps, and `scripts/install-mainstay.sh` where one is needed. Always pinned: a version
//! of the package, an archive with its SHA-256, an image with its digest. Never a script from the network.

use crate::generate::write::{List, Map};
use crate::generate::{Context, Files};
use crate::model::{Install, ToolingUse};

/// The script of a platform's own repository.
pub(super) const SCRIPT: &str = "scripts/install-mainstay.sh";

const RELEASE: &str = include_str!("../../../assets/install/release.sh");
const IMAGE: &str = include_str!("../../../assets/install/image.sh");

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let is_called = context.platform.ci.github_actions
        && context.platform.tooling.calls == ToolingUse::Mainstay;
    if let Some(script) = script(context).filter(|_| is_called) {
        files.program(SCRIPT, script);
    }
}

/// Returns the script that brings mainstay; `None` where no script is needed.
pub(super) fn script(context: &Context<'_>) -> Option<String> {
    let tooling = &context.platform.tooling;
    match tooling.install {
        Install::Cargo | Install::None => None,
        Install::Release => {
            let release = tooling.release.as_ref()?;
            Some(RELEASE.replace("@url@", &release.url).replace("@sha256@", &release.sha256))
        }
        Install::Image => Some(IMAGE.replace("@image@", tooling.image.as_ref()?)),
    }
}

/// Adds the steps that bring mainstay; none where the runner has it. `script` is where the script lies, and
/// the command may be wrapped.
pub(super) fn steps(
    context: &Context<'_>,
    script: &str,
    wrap: fn(&str) -> String,
    steps: List,
) -> List {
    match context.platform.tooling.install {
        Install::None => steps,
        Install::Cargo => built(context, wrap, steps),
        Install::Release | Install::Image => {
            steps.item(Map::new().put("name", "Install mainstay").put("run", wrap(script)))
        }
    }
}

/// Built by the runner, once for each version.
fn built(context: &Context<'_>, wrap: fn(&str) -> String, steps: List) -> List {
    let version = env!("CARGO_PKG_VERSION");
    let with = Map::new()
        .put("path", "~/.cargo/bin/mainstay")
        .put("key", format!("mainstay-{version}-${{{{ runner.os }}}}-${{{{ runner.arch }}}}"));
    let cached = Map::new()
        .put("id", "mainstay")
        .put("name", "Find mainstay as it was built before")
        .put("uses", context.catalog.action("actions/cache"))
        .put("with", with);
    let built = Map::new()
        .put("name", "Install mainstay")
        .put("if", "steps.mainstay.outputs.cache-hit != 'true'")
        .put("run", wrap(&format!("cargo install --locked --version {version} mainstay")));
    steps
        .item(cached)
        .note(
            "This trusts whoever publishes the package `mainstay`: its build runs here.\n\
             `tooling.install` in mainstay.yaml asked for it.",
        )
        .item(built)
}
