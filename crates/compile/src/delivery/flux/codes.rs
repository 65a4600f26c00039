//! The findings about Flux's objects.

use manifest::Object;
use text::{Code, Diagnostic, Missing, Place, Stage};

const fn code(number: u16) -> Code {
    Code::new(Stage::Delivery, number)
}

/// An API version of Flux that newer versions no longer serve.
///
/// Flux 2.8 removed `v1beta2` of sources and Kustomizations and `v2beta2` of HelmReleases, 2.9 `v1beta2` of
/// image automation and of notifications. After an upgrade such objects can no longer be applied.
pub(super) fn d051_retired(
    place: Place,
    object: &Object,
    since: &str,
    successor: &str,
) -> Diagnostic {
    let message = format!(
        "`{}` of {} `{}` is not served by Flux {since} and later",
        object.api_version(),
        object.kind(),
        object.name()
    );
    Diagnostic::warning(code(51), message)
        .at(place, "")
        .hint(format!("write `{successor}`; `flux migrate` does it for a whole folder"))
}

/// A source that a Kustomization or a HelmRelease names is not there.
///
/// Flux waits for it, and nothing is deployed. A source without a namespace of its own is looked for in the
/// namespace of what names it.
pub(super) fn d052_no_source(place: Place, what: &str, source: &str) -> Diagnostic {
    Diagnostic::error(code(52), format!("{what} reads from `{source}`, which is not there"))
        .at(place, "")
        .hint("add the source, or name one that is there: kind, name and namespace must fit")
}

/// Kustomizations or HelmReleases wait for each other.
///
/// None of them is ever ready, so none of them is deployed.
pub(super) fn d053_circle(circle: &[(String, Place)]) -> Diagnostic {
    let names: Vec<String> = circle.iter().map(|(name, _)| format!("`{name}`")).collect();
    let first = names.first().cloned().unwrap_or_default();
    let message = format!("`dependsOn` leads in a circle: {} → {first}", names.join(" → "));
    let mut places = circle.iter();
    let mut found = Diagnostic::error(code(53), message);
    if let Some((_, place)) = places.next() {
        found = found.at(place.clone(), "");
    }
    for (name, place) in places {
        found = found.also(place.clone(), format!("`{name}`"));
    }
    found.hint("take one of them out of `dependsOn`")
}

/// `dependsOn` names something that is not there.
///
/// Flux waits for it for ever. A Kustomization can only wait for Kustomizations, a HelmRelease for
/// HelmReleases.
pub(super) fn d054_no_dependency(place: Place, what: &str, dependency: &str) -> Diagnostic {
    Diagnostic::error(code(54), format!("{what} waits for `{dependency}`, which is not there"))
        .at(place, "")
        .hint("add it, or take it out of `dependsOn`")
}

/// The path of a Kustomization or of a chart does not exist in the repository.
pub(super) fn d055_no_path(place: Place, what: &str, path: &str, missing: &Missing) -> Diagnostic {
    let why = match missing {
        Missing::NotFound => ", which does not exist".to_owned(),
        other => format!(": {other}"),
    };
    Diagnostic::error(code(55), format!("{what} points to `{path}`{why}"))
        .at(place, "")
        .hint("the path begins at the root of the repository")
}

/// What Flux would build or render fails.
///
/// The message is the engine's own; Flux would say the same, and keep what it has applied before.
pub(super) fn d056_failed(place: Place, what: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(56), format!("{what} cannot be rendered: {}", reason.trim_end()))
        .at(place, "")
        .hint("Flux would say the same, and keep what it applied before")
}

/// A variable of `postBuild` cannot be replaced.
///
/// Flux replaces `${name}` in every object of a Kustomization that sets variables, scripts in ConfigMaps
/// included. It is strict: a variable without a value and without a default is an error.
pub(super) fn d057_variable(place: Place, what: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(code(57), format!("the variables of {what} cannot be replaced: {reason}"))
        .at(place, "")
        .hint(
            "set it in `substitute`, give it a default (`${name:=value}`), write `$${name}` to keep it, \
             or annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`",
        )
}

/// A file of values that a chart names is not in the repository.
pub(super) fn d058_no_value_file(place: Place, what: &str, file: &str) -> Diagnostic {
    Diagnostic::error(code(58), format!("{what} reads `{file}`, which does not exist"))
        .at(place, "")
        .hint("`valuesFiles` begin at the root of the repository, not at the chart's folder")
}

/// An object says no namespace, and its Kustomization sets none.
///
/// Flux has no default namespace: the whole Kustomization fails.
pub(super) fn d059_no_namespace(place: Place, what: &str, object: &Object) -> Diagnostic {
    let message = format!("`{}` of {what} has no namespace", object.identity());
    Diagnostic::error(code(59), message)
        .at(place, "")
        .hint("set `metadata.namespace`, or `targetNamespace` of the Kustomization")
}

/// Two Kustomizations or HelmReleases have one name.
pub(super) fn d060_one_name(first: Place, second: Place, name: &str) -> Diagnostic {
    Diagnostic::error(code(60), format!("there are two of `{name}`"))
        .at(second, "second")
        .also(first, "first")
        .hint("Flux would follow the one that was applied last: rename one of them")
}

/// A repository leads to more objects of Flux than anybody has.
pub(super) fn d061_endless(place: Place, name: &str) -> Diagnostic {
    Diagnostic::error(
        code(61),
        format!("more than 10,000 objects of Flux: `{name}` is not followed"),
    )
    .at(place, "the last one")
    .hint("look for a Kustomization whose folder delivers ever new ones")
}

/// A Secret is encrypted with SOPS, and its Kustomization decrypts nothing.
///
/// Flux applies the Secret with the encrypted texts in place of the values, without an error.
pub(super) fn d062_encrypted(place: Place, what: &str, object: &Object) -> Diagnostic {
    let message = format!(
        "Secret `{}` is encrypted with SOPS, and {what} has no `decryption`",
        object.name()
    );
    Diagnostic::warning(code(62), message)
        .at(place, "")
        .hint("add `decryption: {provider: sops}` to the Kustomization, with the Secret that holds the key")
}

/// An API version that no Flux serves.
///
/// The API server refuses the object, and with it everything that is applied together with it.
pub(super) fn d063_unknown_version(place: Place, object: &Object, known: &str) -> Diagnostic {
    let message = format!(
        "no Flux serves `{}` of {} `{}`",
        object.api_version(),
        object.kind(),
        object.name()
    );
    Diagnostic::error(code(63), message).at(place, "").hint(format!("write `{known}`"))
}

/// The API server refuses an object of Flux: a field has another type than it should have, or is missing.
///
/// The object is not there at all then, and nothing of what it would deploy. The fields are those of Flux 2.9.
pub(super) fn d064_refused(place: Place, object: &Object, path: &str, reason: &str) -> Diagnostic {
    let message = format!("{} `{}` is refused: `{path}`: {reason}", object.kind(), object.name());
    Diagnostic::error(code(64), message)
        .at(place, "")
        .hint("`flux create … --export` writes one whose fields are right")
}
