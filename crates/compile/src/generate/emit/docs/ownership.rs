//! `docs/ownership.md`: who may edit what, and what the next `generate` does with it.

use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code};

pub(super) fn page(context: &Context<'_>) -> String {
    let application = &context.platform.application;
    let mut page = Page::new("Who owns which line");
    page.text(
        "Most files here are generated, and all of them may be edited: what was changed by hand, by a \
         pipeline or by Renovate stays when they are generated again.",
    );
    page.table(&["files", "edit them", "`mainstay generate`"]);
    let config = code(&application.config);
    let payload = code(&application.payload);
    let chart = code(&format!("{}/", application.chart));
    let rows: [[&str; 3]; 7] = [
        [
            "`mainstay.yaml`",
            "yes: what the platform is",
            "reads it; a dispatch changes only what differs from the dispatch before it",
        ],
        [
            &payload,
            "yes, where no pipeline hands in new ones",
            "reads it; `--from` or a dispatch replaces it whole, with the apps that were added in it",
        ],
        ["`overlays/*/custom/`, files of your own", "yes", "never touches them"],
        [&config, "yes: pipelines write `image.tag` there", "merges it value by value"],
        ["other YAML and JSON", "better in `custom/`, but you may", "merges it value by value"],
        [&chart, "better not: it is the same in every platform", "merges it line by line"],
        ["documents, scripts", "you may", "merges them line by line"],
    ];
    for row in &rows {
        page.row(row);
    }
    page.heading("Conflicts");
    page.text(
        "Where one thing was changed here and by spec or payload, to something else, nobody can know \
         which is meant: `mainstay generate` says where, with both values, and writes nothing at all. \
         Make both the same, or choose: `--keep FILE` keeps what the file has, `--force FILE` takes what \
         is generated.",
    );
    page.text(
        "What you removed stays away, and what you renamed, reordered or commented stays so, until spec or \
         payload change that very thing.",
    );
    page.text(&format!(
        "A payload says everything: an app that was added by hand in {payload} lives until the next payload comes. \
         Ask whoever sends payloads for it; or add it to `services` in {config}, where it stays."
    ));
    page.text(
        "A digest wins over the tag beside it. Where a pipeline wrote the one and the payload brings the other, it is \
         a conflict: together they would be two versions.",
    );
    page.heading("After a merge");
    page.text(
        "Two branches that both ran `mainstay generate` meet in `.mainstay/`, and no half of each is of use there. Take \
         the whole of it from one side, settle the other files as always, and generate again: what the other side \
         changed is worked in.",
    );
    page.block("git checkout HEAD -- .mainstay\nmainstay generate\ngit add --all");
    page.text("Where the merge is committed already, take it from `HEAD^`.");
    page.heading("What was generated last");
    page.text(
        "`.mainstay/base/` holds every file as it was generated last, and `.mainstay/lock.yaml` their \
         hashes. They tell an edit from what was generated: commit them, and leave them alone. \
         `git checkout HEAD -- .mainstay` brings them back.",
    );
    page.finish()
}
