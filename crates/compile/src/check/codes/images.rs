//! Images: references, tags, digests, registries.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// An image has no tag and no digest.
///
/// Container runtimes then take `latest`, which is whatever was pushed last: two pods of one app may
/// run different programs, and nothing in Git says which.
pub(crate) fn c120_no_tag(repository: &str, place: Place) -> Diagnostic {
    let repository = printable(repository);
    Diagnostic::error(code(120), format!("image `{repository}` has no tag"))
        .at(place, "")
        .hint(format!("name the version: `{repository}:1.4.2`"))
}

/// An image is tagged `latest`.
///
/// `latest` is whatever was pushed last: a rollback is impossible, and nothing in Git says what
/// runs. Name a version, or add a digest.
pub(crate) fn c121_latest(repository: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(121), format!("image `{}` is tagged `latest`", printable(repository)))
        .at(place, "")
        .hint("name a version, or add a `digest`")
}

/// An image's tag is the name of a branch or channel.
///
/// What it means changes with every push, and Argo CD sees no change in Git. Name a version, or add
/// a digest.
pub(crate) fn c122_moving_tag(tag: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(122), format!("tag `{}` moves", printable(tag)))
        .at(place, "the name of a branch or channel")
        .hint("name a version, or add a `digest`")
}

/// An image's tag or digest is written twice, differently.
///
/// It may stand in `image` or in a field of its own.
pub(crate) fn c123_two_versions(what: &str, image: Place, field: Place) -> Diagnostic {
    Diagnostic::error(code(123), format!("two different {what}s are written"))
        .at(field, "one here")
        .also(image, "another one here")
        .hint("remove one of the two")
}

/// A text is no image reference.
///
/// A reference is `registry/path:tag@digest`; path and registry in lower case, no scheme.
pub(crate) fn c124_no_reference(image: &str, place: Place, why: &str) -> Diagnostic {
    Diagnostic::error(code(124), format!("`{}` is no image reference: {why}", printable(image)))
        .at(place, "")
        .hint("for example `ghcr.io/acme/web:1.4.2`")
}

/// An image comes from a registry that is not allowed.
///
/// `spec.policies.registries` lists the registries (with or without path) that images may come
/// from. An image without registry is one of `docker.io`.
pub(crate) fn c125_registry(image: &str, place: Place, allowed: Place) -> Diagnostic {
    let message = format!("image `{}` does not come from an allowed registry", printable(image));
    Diagnostic::error(code(125), message)
        .at(place, "")
        .also(allowed, "the registries that are allowed")
        .hint("add its registry to `spec.policies.registries`, or push the image to one of them")
}
