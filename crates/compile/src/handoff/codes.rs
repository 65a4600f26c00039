//! The findings about a dispatch that fits its schema and still cannot be taken.

use std::sync::Arc;

use text::{Code, Diagnostic, Place, Stage};

/// This file, for its pages.
pub(crate) const SOURCE: &str = include_str!("codes.rs");

const fn code(number: u16) -> Code {
    Code::new(Stage::Generate, number)
}

/// A dispatch is for another customer than the repository.
///
/// A repository without `spec.handoff` is a customer's own, and `metadata.name` is the customer. A dispatch
/// for another would put that customer's apps into it.
///
/// Take the dispatch to its own repository. A customer's name does not change: a new name is a new
/// customer.
pub(super) fn g140_customer(wanted: &str, found: &str, at: Place, spec: Place) -> Diagnostic {
    Diagnostic::error(
        code(140),
        format!("the dispatch is for customer `{wanted}`, and this repository is `{found}`'s"),
    )
    .at(at, "another customer")
    .also(spec, "this repository")
    .hint("take it to that customer's repository, or to the base to make a new one")
}

/// The spec has no place for what a dispatch says.
///
/// A dispatch changes values of `mainstay.yaml`, and no other byte. Where the spec is written so that this
/// cannot be done safely (a value that is anchored and used elsewhere), nothing is changed.
///
/// Write the value out in `mainstay.yaml`.
pub(super) fn g141_no_place(what: &str, spec: Place) -> Diagnostic {
    Diagnostic::error(code(141), format!("`{what}` of the spec cannot take what the dispatch says"))
        .at(spec, "here")
        .hint("write it out: `key: value`, without anchors")
}

/// A person and a dispatch changed one value of the spec.
///
/// What dispatches said last is kept in `.mainstay/dispatch.yaml`. A value of `mainstay.yaml` that differs from it
/// was changed by a person, and stays as long as dispatches say what they said. Here this one says something
/// else, and nobody can know which is meant: nothing at all is written. Without that file nothing is known, and
/// every value that differs has to be decided once.
///
/// Make both the same; or choose: `--keep mainstay.yaml` keeps what is there, `--force mainstay.yaml` takes all
/// that the dispatch says.
pub(super) fn g142_both(
    what: &str,
    [found, wanted, last]: [Option<&str>; 3],
    at: Place,
    spec: Place,
) -> Diagnostic {
    let shown =
        |value: Option<&str>| value.map_or("nothing".to_owned(), |text| format!("`{text}`"));
    let message = match last {
        Some(_) => format!("`{what}` was changed in mainstay.yaml and by the dispatch"),
        None => {
            format!("`{what}` differs from the dispatch, and what the last one said is not known")
        }
    };
    let label = match last {
        Some(_) => format!("{} here; was {} in the last dispatch", shown(found), shown(last)),
        None => format!("{} here", shown(found)),
    };
    Diagnostic::error(code(142), message)
        .at(spec, label)
        .also(at, format!("{} in this dispatch", shown(wanted)))
        .hint("`--keep mainstay.yaml` keeps what mainstay.yaml has, here and wherever both changed one value")
        .hint("`--force mainstay.yaml` takes all that the dispatch says; what was changed by hand there is gone")
}

/// What dispatches said last cannot be read.
///
/// `.mainstay/dispatch.yaml` tells what a dispatch changes from what a person changed. It belongs into git.
///
/// Bring it back: `git checkout HEAD -- .mainstay/dispatch.yaml`. Without it (remove it) every value of
/// `mainstay.yaml` that differs from the dispatch has to be decided once.
pub(super) fn g143_record(reason: &str) -> Diagnostic {
    let file: Arc<str> = Arc::from(super::PATH);
    Diagnostic::error(code(143), format!("`{file}` cannot be read: {reason}"))
        .at(Place::of_file(&file), "")
        .hint(format!("bring it back: `git checkout HEAD -- {file}`"))
}
