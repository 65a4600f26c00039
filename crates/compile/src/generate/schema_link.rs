//! The inputs' links to their schemas: an editor must find the schema in the repository itself.
//!
//! In: the text of an input and where it lies. Out: the same text, its link pointing to the copy in
//! `.mainstay/schemas/`. A link to anything but a file named like the schema is the user's own
//! choice, and stays; so does a text without a link. No other byte changes.

use std::ops::Range;

use crate::intake::Kind;

/// The folder of the schemas.
const FOLDER: &str = ".mainstay/schemas";
/// How a YAML file names its schema, in a comment that editors read.
const COMMENT: &str = "# yaml-language-server: $schema=";

/// Returns the file name of a schema.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Payload => "deployed_apps.schema.json",
        Kind::Spec => "mainstay.schema.json",
        Kind::AppConfig => "app-config.schema.json",
        Kind::Dispatch => "dispatch.json",
    }
}

/// Returns where the copy of a schema is.
pub(super) fn path(kind: Kind) -> String {
    format!("{FOLDER}/{}", name(kind))
}

/// Returns the text of the input at `file`, with its link to the copy.
pub(super) fn resolved(kind: Kind, file: &str, text: &str) -> String {
    let up = "../".repeat(file.matches('/').count());
    let wanted = format!("{up}{}", path(kind));
    let links: Vec<Range<usize>> = comment(text).into_iter().chain(member(text)).collect();
    let mut text = text.to_owned();
    // From the end, so that the places before it stay right.
    for link in links.into_iter().rev() {
        let known = text.get(link.clone()).unwrap_or_default();
        let is_ours = known.rsplit('/').next() == Some(name(kind)) && !known.contains("://");
        if is_ours {
            text.replace_range(link, &wanted);
        }
    }
    text
}

/// The link in a comment of the head.
fn comment(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(link) = line.strip_prefix(COMMENT) {
            let start = at + COMMENT.len();
            return Some(start..start + link.trim_end().len());
        }
        if !line.starts_with('#') && !line.trim().is_empty() {
            return None;
        }
        at += line.len();
    }
    None
}

/// The link in `$schema`, between its quotes.
fn member(text: &str) -> Option<Range<usize>> {
    let document = yaml::parse(text, yaml::Schema::Core12).ok()?;
    let link = document.get("$schema")?;
    let span = link.span.range();
    let written = text.get(span.clone())?;
    // With an escape in it, it is no plain path.
    let inner = written.trim_matches(['"', '\'']);
    (Some(inner) == link.as_str()).then(|| {
        let quote = usize::from(inner.len() < written.len());
        span.start + quote..span.start + quote + inner.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_to_the_schema_of_that_name_is_changed() {
        for (kind, file, text, want) in [
            (
                Kind::Spec,
                "mainstay.yaml",
                "# mine\n# yaml-language-server: $schema=../../schemas/mainstay.schema.json \nkind: P\n",
                "# mine\n# yaml-language-server: $schema=.mainstay/schemas/mainstay.schema.json \nkind: P\n",
            ),
            (
                Kind::Payload,
                "apps/deployed_apps.json",
                "{ \"$schema\":  \"x/deployed_apps.schema.json\", \"apps\": [] }",
                "{ \"$schema\":  \"../.mainstay/schemas/deployed_apps.schema.json\", \"apps\": [] }",
            ),
            (
                Kind::Payload,
                "apps.json",
                "{\"$schema\": \"https://example.com/deployed_apps.schema.json\"}",
                "{\"$schema\": \"https://example.com/deployed_apps.schema.json\"}",
            ),
            (
                Kind::Payload,
                "apps.json",
                "{\"$schema\": \"own.json\"}",
                "{\"$schema\": \"own.json\"}",
            ),
            (Kind::Payload, "apps.json", "[]", "[]"),
            (
                Kind::Spec,
                "mainstay.yaml",
                "kind: P\n# yaml-language-server: $schema=mainstay.schema.json\n",
                "kind: P\n# yaml-language-server: $schema=mainstay.schema.json\n",
            ),
        ] {
            assert_eq!(resolved(kind, file, text), want);
            assert_eq!(resolved(kind, file, want), want, "twice");
        }
    }
}
