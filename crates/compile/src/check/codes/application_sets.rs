//! Parameters of ApplicationSets.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Delivery, number)
}

/// An ApplicationSet names a parameter that none of its generators gives.
///
/// Without `goTemplate` the text `{{name}}` stays as it is, and an Application of that name is made;
/// with it the value is `<no value>`, or the whole set stops under `missingkey=error`. A pull request's
/// parameters are `number`, `head_sha`, `head_short_sha` (eight digits) and the like, without anything
/// in front.
pub(crate) fn d001_unknown_parameter(
    name: &str,
    meant: Option<&str>,
    go: bool,
    place: Place,
) -> Diagnostic {
    let found = Diagnostic::error(
        code(1),
        format!("no generator of this ApplicationSet gives `{}`", printable(name)),
    )
    .at(place, "");
    match meant {
        Some(meant) => found.hint(format!("write `{}`", written(meant, go))),
        None => found.hint("name a parameter of its generators, or add this one to them"),
    }
}

/// A parameter is written as the other kind of templating wants it.
///
/// With `goTemplate: true` a parameter has a dot in front, without it has none.
pub(crate) fn d002_other_templating(name: &str, go: bool, place: Place) -> Diagnostic {
    let because = if go { "with" } else { "without" };
    Diagnostic::error(code(2), format!("`{}` is not replaced like this", printable(name)))
        .at(place, "")
        .hint(format!("{because} `goTemplate: true` it is written `{}`", written(name, go)))
}

fn written(name: &str, go: bool) -> String {
    let dot = if go { "." } else { "" };
    format!("{{{{{dot}{name}}}}}")
}
