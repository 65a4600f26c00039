//! The infra repository's workflow: dispatch → repository → generate → check → push → answer.

use crate::generate::Context;
use crate::generate::emit::{install, workflow};
use crate::generate::write::{List, Map, document};
use crate::model::ToolingUse;

/// The customer whose turn it is.
const CUSTOMER: &str = "${{ github.event.client_payload.customer || inputs.customer }}";
/// The one secret: may read and write the customers' repositories.
const TOKEN: &str = "${{ secrets.GITOPS_TOKEN }}";

pub(super) fn file(context: &Context<'_>, repository: &str) -> String {
    let concurrency =
        Map::new().put("group", format!("customer-{CUSTOMER}")).put("cancel-in-progress", false);
    let variables = Map::new()
        .put("BASE", context.repository.as_str())
        .put("REPOSITORY", context.mirrors.url(repository))
        .put("BRANCH", context.platform.repository.branch.as_str())
        .put("CUSTOMER", CUSTOMER);
    let workflow = Map::new()
        .put("name", "customer")
        .note("The caller finds its run by these words.")
        .put(
            "run-name",
            format!(
                "customer {CUSTOMER}, request ${{{{ github.event.client_payload.request || 'by hand' }}}}"
            ),
        )
        .put("on", on())
        .gap()
        .note("One after the other for each customer. Of those that wait only the newest stays: a\ndispatch says everything, so it is enough. One that is cancelled so sends no answer.")
        .put("concurrency", concurrency)
        .gap()
        .note("Each job asks for what it needs.")
        .put("permissions", Map::new())
        .gap()
        .put("env", variables)
        .gap()
        .put("jobs", Map::new().put("customer", job(context)));
    document(
        "A customer's repository, made from the public base or brought up to date with a dispatch.\n\
         No expression stands in a script: what comes from outside comes as a variable or a file.",
        &workflow,
    )
}

fn on() -> Map {
    let input = |description: &str| {
        Map::new().put("description", description).put("required", true).put("type", "string")
    };
    let inputs = Map::new()
        .put("customer", input("Name of the customer, as in the dispatch"))
        .put("dispatch", input("The dispatch, JSON (handoff/dispatch.json is its schema)"));
    Map::new()
        .put("repository_dispatch", Map::new().put("types", List::new().item("customer")))
        .put("workflow_dispatch", Map::new().put("inputs", inputs))
}

fn job(context: &Context<'_>) -> Map {
    let mainstay = context.platform.tooling.calls == ToolingUse::Mainstay;
    let checkout = Map::new()
        .put("uses", context.catalog.action("actions/checkout"))
        .put("with", Map::new().put("persist-credentials", false));
    let receive = told("Take the dispatch", "handoff/receive.sh").put(
        "env",
        Map::new().put("DISPATCH", "${{ inputs.dispatch || toJSON(github.event.client_payload) }}"),
    );
    let mut steps = List::new().item(checkout).item(receive);
    // Nothing but mainstay generates; what it hands over is checked by whichever tools are wanted.
    steps = install::steps(
        context,
        "handoff/install.sh",
        |line| format!("handoff/step.sh 'Install mainstay' {line}"),
        steps,
    );
    if !mainstay {
        steps = steps
            .note("helm and kubectl are on the runner; the two checkers are not.")
            .item(step("Install the checkers", &checkers()));
    }
    let [check, prove] = if mainstay {
        [
            "mainstay check --dispatch \"$RUNNER_TEMP/dispatch.json\"",
            "mainstay check --file \"$RUNNER_TEMP/repository\"",
        ]
    } else {
        [
            "check-jsonschema --schemafile handoff/dispatch.json \"$RUNNER_TEMP/dispatch.json\"",
            // Not the repository's own script: whoever may push there would get the token.
            "handoff/validate.sh -C \"$RUNNER_TEMP/repository\"",
        ]
    };
    let generate = "mainstay generate --dispatch \"$RUNNER_TEMP/dispatch.json\" \\\n  --file \"$RUNNER_TEMP/repository\"";
    let token = || Map::new().put("TOKEN", TOKEN);
    let steps = steps
        .item(told("Check the dispatch", check))
        .item(told("Get the repository", "handoff/repository.sh").put("env", token()))
        .item(told("Generate", generate))
        .item(told("Check the repository", prove))
        .item(told("Push", "handoff/push.sh").put("env", token()))
        .item(
            step("Answer", "handoff/answer.sh").put("if", "always()").put(
                "env",
                Map::new()
                    .put("ADDRESS", "${{ vars.HANDOFF_ANSWER_URL }}")
                    .put("TOKEN", "${{ secrets.HANDOFF_ANSWER_TOKEN }}")
                    .put("RESULT", "${{ job.status }}")
                    .put(
                        "RUN",
                        "${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}",
                    ),
            ),
        );
    Map::new()
        .put("name", "Generate and push")
        .put("runs-on", workflow::RUNNER)
        .put("timeout-minutes", 20)
        .put("permissions", Map::new().put("contents", "read"))
        .put("steps", steps)
}

fn step(name: &str, run: &str) -> Map {
    Map::new().put("name", name).put("run", run)
}

/// The lines that install the checkers, each of which says why it failed.
fn checkers() -> String {
    workflow::CHECKERS
        .lines()
        .map(|line| format!("handoff/step.sh 'Install the checkers' {line}\n"))
        .collect()
}

/// A step whose failure reaches the caller in its own words.
fn told(name: &str, command: &str) -> Map {
    step(name, &format!("handoff/step.sh '{name}' \\\n  {command}\n"))
}
