//! `docs/credentials.md`: the ledger of credentials.

use crate::generate::Context;
use crate::generate::credentials;
use crate::generate::emit::markdown::{Page, code};

pub(super) fn page(context: &Context<'_>) -> String {
    let mut page = Page::new("Credentials");
    page.text(
        "Every credential of this platform: what it may do, where it is, who needs it, how it is replaced. No value is in \
         this repository in plain text. Replace one when somebody who knew it leaves, when it may have been seen, and before it ends.",
    );
    let all = credentials::of(context.platform);
    page.table(&["credential", "what it is for", "what it may do", "where it is", "who needs it"]);
    for credential in &all {
        page.row(&[
            &code(&credential.name),
            &credential.what,
            &credential.scope,
            &credential.place,
            &credential.wanted_by,
        ]);
    }
    page.heading("Replacing one");
    page.text(
        "`mainstay secrets rotate NAME` makes anew what needs no one else, and says for all others what is written here. \
         A credential that was in Git once, sealed or not, stays in its history: replacing it means a new value at its issuer.",
    );
    for credential in &all {
        page.item(&format!("{}: {}", code(&credential.name), credential.rotate.join(" ")));
    }
    page.finish()
}
