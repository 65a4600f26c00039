//! The findings of rendering. They are one family, so they share a file; `check::codes` lists
//! their pages.

use manifest::{Identity, Object};
use text::{Code, Diagnostic, Place, Stage};

use super::Delivered;

const fn code(number: u16) -> Code {
    Code::new(Stage::Render, number)
}

fn file(object: &Object) -> Place {
    Place::of_file(&object.source)
}

/// Rendering an Application failed: the engine's own words say why, and where.
pub(super) fn r001_failed(application: &str, source: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(1), format!("application `{application}` cannot be rendered: {reason}"))
        .at(Place::of_file(&source.into()), "")
        .hint("Argo CD would fail in the same way; mend the file that the message names")
}

/// Two descriptions of one object reach the same cluster.
pub(super) fn r002_twice(
    identity: &Identity,
    first: (&Delivered, &Object),
    second: (&Delivered, &Object),
) -> Diagnostic {
    let message = if first.0.name == second.0.name {
        format!("`{identity}` is delivered twice by application `{}`", first.0.name)
    } else {
        format!(
            "`{identity}` is delivered by application `{}` and by `{}`",
            first.0.name, second.0.name
        )
    };
    Diagnostic::error(code(2), message)
        .at(file(second.1), "here")
        .also(file(first.1), "and here")
        .hint("remove one of the two: Argo CD would apply them in turn, for ever")
}

/// Applications lead to each other without end.
pub(super) fn r003_endless(application: &str) -> Diagnostic {
    let message = format!("more than 10,000 applications: `{application}` is not followed");
    Diagnostic::error(code(3), message)
        .hint("look for an Application whose source delivers ever new Applications")
}

/// An object of kind Application that Argo CD would refuse.
pub(super) fn r004_no_application(object: &Object, reason: &str) -> Diagnostic {
    let message = format!("`{}` is no Application that Argo CD accepts: {reason}", object.name());
    Diagnostic::error(code(4), message).at(file(object), "")
}

/// The path of a source does not exist in the repository.
pub(super) fn r005_no_such_path(application: &str, path: &str) -> Diagnostic {
    let message = format!("application `{application}` points to `{path}`, which is not there");
    Diagnostic::error(code(5), message)
        .hint("`spec.source.path` is relative to the root of the repository")
}

/// A value file begins with `$name`, and no source has that `ref`.
pub(super) fn r006_no_such_ref(application: &str, entry: &str) -> Diagnostic {
    let message =
        format!("application `{application}` reads `{entry}`, and no source of it has that `ref`");
    Diagnostic::error(code(6), message).hint("add `ref:` to the source that holds the file")
}

/// A value file is missing.
pub(super) fn r007_no_value_file(application: &str, entry: &str) -> Diagnostic {
    let message = format!("application `{application}` reads `{entry}`, which is not there");
    Diagnostic::error(code(7), message)
        .hint("value files are relative to the chart's folder, or begin with `$ref/`")
}
