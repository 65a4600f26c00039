//! `handoff/README.md`: how to set up the infra repository, and the contract of a dispatch.

use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code};

pub(super) fn page(context: &Context<'_>, repository: &str) -> String {
    let mut page = Page::new("The hand-off");
    page.text(&format!(
        "This repository is a public base. A form hands a customer's names, domain and apps to an infra repository; \
         a workflow there makes the customer's private repository from this base, at {}, and brings it up to date \
         with every later dispatch. Everything for that workflow is in `handoff/infra`.",
        code(&context.mirrors.url(repository))
    ));
    page.heading("Set up the infra repository");
    page.step("Copy the workflow and its scripts, and commit them:");
    page.block("cp -R handoff/infra/. ../infra-repository/");
    page.step(
        "Give it the secret `GITOPS_TOKEN`: a token (better, one of a GitHub App) that may read and write the \
         contents of the customers' repositories and create nothing. The empty repositories are made where the \
         servers are made.",
    );
    page.step(
        "Where the caller wants to be told, set the variable `HANDOFF_ANSWER_URL`, and the secret \
         `HANDOFF_ANSWER_TOKEN` that is sent with it.",
    );
    page.step(
        "Copy them again after each `mainstay upgrade` of this base, before customers' repositories are upgraded: a \
         repository that a newer mainstay wrote is refused by an older one. Renovate follows the actions in \
         `.github/workflows` there, where it is switched on.",
    );
    contract(&mut page);
    page.heading("What the run does");
    for step in [
        "takes the dispatch as it came, and holds it against `handoff/dispatch.json`",
        "clones the customer's repository (no program of it is run here); where that is empty, this base, with a \
         history of its own",
        "generates: what pipelines, Renovate and people changed meanwhile stays, and a conflict writes nothing",
        "checks the result, every environment rendered",
        "commits and pushes; a push is never forced",
        "answers",
    ] {
        page.step(step);
    }
    page.text(
        "Dispatches of one customer run one after the other, those of different customers side by side. Of those that \
         wait, GitHub keeps the newest and cancels the others before they begin: they send no answer, their runs say \
         `cancelled`, and a `remove_data` of theirs has to be said again. Where two meet all the same, the second push \
         is refused: nothing is lost, and the caller sends it again.",
    );
    failures(&mut page);
    conflicts(&mut page);
    page.finish()
}

fn contract(page: &mut Page) {
    page.heading("The dispatch");
    page.text(
        "A `repository_dispatch` of the type `customer`; its `client_payload` fits `handoff/dispatch.json`, and \
         `handoff/example.json` is one. GitHub takes ten fields and 64 KB at most. The token may write the \
         contents of the infra repository, and nothing else.",
    );
    page.block(
        "jq --compact-output '{event_type: \"customer\", client_payload: .}' handoff/infra/handoff/example.json |\n\
         \x20 curl --fail --request POST --header \"Authorization: Bearer $TOKEN\" \\\n\
         \x20   --data-binary @- \"https://api.github.com/repos/$INFRA/dispatches\"",
    );
    page.table(&["field", "becomes"]);
    for (field, becomes) in [
        ("`customer`", "`metadata.name`: namespaces, projects and the repository are named by it"),
        ("`domain`", "`spec.domain`"),
        ("`email`", "`spec.tls.email`"),
        ("`environments`", "`spec.environments`: their roots, projects and overlays"),
        ("`infisical`", "`spec.secrets.infisical`: addresses and ids, never a secret"),
        (
            "`deployed_apps`",
            "`deployed_apps.json`, and from there everything in docs/infra-integration.md",
        ),
        (
            "`remove_data`",
            "apps that may go with their volumes; without it such an app is refused, not removed",
        ),
        ("`request`", "the name of the run, the commit's message and the answer"),
    ] {
        page.row(&[field, becomes]);
    }
    page.text(
        "A dispatch says everything about the apps: one that is missing is removed, also one that somebody added to \
         `deployed_apps.json` of the customer's repository. Of `mainstay.yaml` it changes what it says otherwise than the \
         dispatch before it (`.mainstay/dispatch.yaml`); what a person changed there stays, and where both changed one \
         value nothing is written. `customer` never changes.",
    );
}

fn failures(page: &mut Page) {
    page.heading("How the caller learns of a failure");
    page.text(
        "The run fails, its summary has the findings with their places in the dispatch, and the answer (the same as \
         the last step prints) has them too:",
    );
    page.fenced(
        "json",
        "{\n  \"customer\": \"acme\",\n  \"request\": \"2026-11-28.1\",\n  \"result\": \"failure\",\n  \
         \"run\": \"https://github.com/…/actions/runs/…\",\n  \"commit\": \"\",\n  \
         \"words\": \"Check the dispatch failed with 2: …\"\n}",
    );
    page.text("Without an answer, as of a run that was cancelled while it waited, the run is found by its name:");
    page.block(
        "gh run list --repo \"$INFRA\" --workflow customer.yml --json displayTitle,conclusion,url \\\n\
         \x20 --jq '.[] | select(.displayTitle == \"customer acme, request 2026-11-28.1\")'",
    );
}

fn conflicts(page: &mut Page) {
    page.heading("Settle a conflict");
    page.text(
        "What a person and the dispatch both changed (G101, G142 and their like) is settled in a clone of the \
         customer's repository. The dispatch stands in the summary of the run; keep it as `dispatch.json` beside the \
         clone. Edit what the finding points at so that both say the same; or take one side, for each file that is named:",
    );
    page.block(
        "mainstay generate --dispatch ../dispatch.json --keep config/app-config.yaml\n\
         mainstay check\n\
         git add --all\n\
         git commit --message 'Settle the dispatch'\n\
         git push",
    );
    page.text(
        "`--force FILE` takes what the dispatch says, and drops what was edited in that file. The same dispatch changes \
         nothing after that.",
    );
}
