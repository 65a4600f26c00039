//! The findings about a dispatch that fits its schema and still cannot be taken.

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
