//! Applications that are delivered as a kustomization.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;
use crate::model::{RegistryKind, registry_host};

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// A key says something about a kustomization, and the application is none.
///
/// `branch` and `lifetime` of an environment, `builds` and `promote` of `ci`, `port` and `health` of an
/// application belong to `apps: [{name: …, render: kustomize}]`. Apps of a payload say the like
/// themselves.
pub(crate) fn c186_not_for_config(key: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(186), format!("`{key}` means nothing without `render: kustomize`"))
        .at(place, "")
        .hint("remove it, or set `render: kustomize` in `spec.apps`")
}

/// The payload lists apps, and the application is a kustomization.
///
/// A kustomization is described by the spec alone; the apps of a payload would be nowhere.
pub(crate) fn c187_payload_unused(place: Place) -> Diagnostic {
    Diagnostic::error(code(187), "a kustomization has no apps from a payload")
        .at(place, "it would run nowhere")
        .hint("leave the payload out, or remove `render: kustomize`")
}

/// The namespace of a preview has no number, or that of another environment has one.
///
/// `{{number}}` is the number of the pull request. Without it all previews would share a namespace; an
/// environment that stays has no pull request.
pub(crate) fn c188_number(environment: &str, has: bool, place: Place) -> Diagnostic {
    let environment = printable(environment);
    if has {
        Diagnostic::error(
            code(188),
            format!("`{environment}` stays, and its namespace has a number"),
        )
        .at(place, "")
        .hint("remove `{{number}}`, or add `lifetime: {pr: {label: preview}}`")
    } else {
        Diagnostic::error(code(188), format!("all previews of `{environment}` share a namespace"))
            .at(place, "")
            .hint("put the pull request's number into it: `namespace: shop-pr-{{number}}`")
    }
}

/// There are two environments of previews.
///
/// Each pull request would be deployed twice, under one name.
pub(crate) fn c189_two_previews(first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(189), "two environments are previews")
        .at(second, "second")
        .also(first, "first")
        .hint("keep one of them")
}

/// An environment follows one branch and is promoted on another.
///
/// The pipeline would write a tag where nobody looks.
pub(crate) fn c190_other_branch(
    (environment, branch, follows): (&str, &str, Place),
    (promoted, place): (&str, Place),
) -> Diagnostic {
    let message = format!(
        "`{}` follows the branch `{}`, and is promoted on `{}`",
        printable(environment),
        printable(branch),
        printable(promoted)
    );
    Diagnostic::error(code(190), message)
        .at(place, "promoted here")
        .also(follows, "follows this one")
        .hint(format!("move it below `{}`", printable(branch)))
}

/// The spec asks for secrets in a way that nothing is generated for.
///
/// An application with `render: kustomize` lists the Secrets that its container reads:
/// `apps: [{name: shop, render: kustomize, secrets: [{name: db, keys: [PASSWORD]}]}]`. `external-secrets` and
/// `infisical-csi` bring what is listed, and nothing else; with `sealed-secrets` they are sealed into the overlays, with
/// `kubernetes` people make them. Pulumi ESC's environments are written for the apps of a payload only.
pub(crate) fn c208_no_such_secrets(
    backend: &str,
    without_list: Option<&str>,
    place: Place,
) -> Diagnostic {
    let found = |message: String| {
        Diagnostic::error(code(208), message).at(place, "nothing is generated for it")
    };
    match without_list.map(printable) {
        None => found(format!("`{backend}` brings no secrets to a kustomization"))
            .hint("seal them: `secrets: {backend: sealed-secrets}`, and `mainstay seal NAME --env ENVIRONMENT KEY`")
            .hint("or `external-secrets`, which reads them from a secret manager"),
        Some(app) => found(format!("`{backend}` has nothing to bring: `{app}` reads no Secrets"))
            .hint("list them: `secrets: [{name: db, keys: [PASSWORD]}]` beside `render: kustomize`")
            .hint("or remove it"),
    }
}

/// A kustomization's Secret is listed twice.
///
/// Each entry of `apps[].secrets` is one object; two of one name and namespace cannot be built. List all its keys in one
/// entry.
pub(crate) fn c209_secret_twice(name: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(209), format!("the Secret `{}` is listed twice", printable(name)))
        .at(second, "second")
        .also(first, "first")
        .hint("write the `keys` of both into one")
}

/// Environments that are promoted together run different versions.
///
/// The pipeline writes one version into the overlays of all environments of a branch, in one commit: what was
/// tried in the first is what runs in the others. Here somebody wrote another one into an overlay.
pub(crate) fn c204_other_version(
    (environment, version, place): (&str, &str, Place),
    (first, meant, other): (&str, &str, Place),
    branch: &str,
) -> Diagnostic {
    let [environment, version, first, meant] = [environment, version, first, meant].map(printable);
    let message = format!("`{environment}` runs `{version}`, and `{first}` runs `{meant}`");
    Diagnostic::warning(code(204), message)
        .at(place, "")
        .also(other, "promoted together with it")
        .hint(format!("write the same version into both, or push to `{}`", printable(branch)))
}

/// Environments pull the image from another registry than the pipeline pushes to.
///
/// `registry/image.yaml` says where all overlays pull from, `registry.repository` of the spec where the pipeline pushes. A
/// version that is pushed from now on is not where the environments look for it, and their pods wait in
/// `ImagePullBackOff`. Where that is meant, as with a cache that pulls through, `mirrors` of the spec says it, and nothing
/// is found.
pub(crate) fn c210_other_registry(
    (pulled, place): (&str, Place),
    (pushed, origin): (&str, Option<Place>),
) -> Diagnostic {
    let [pulled, pushed] = [pulled, pushed].map(printable);
    let message = format!("environments pull `{pulled}`, and the pipeline pushes `{pushed}`");
    let found = Diagnostic::warning(code(210), message).at(place, "pulled from here");
    match origin {
        Some(origin) => found.also(origin, "pushed there"),
        None => found,
    }
    .hint(format!(
        "write `registry: {{kind: {}, repository: {pulled}}}` into `mainstay.yaml`, and run `mainstay generate`",
        RegistryKind::of_host(registry_host(&pulled)).name()
    ))
    .hint(format!("or, where it is a mirror of that one, `mirrors: {{{pushed}: {pulled}}}`"))
}

/// The kind of the registry is not that of its host.
///
/// `registry.kind` says what the registry is, `registry.repository` where it is. The pipeline of a kustomization logs in by
/// the host: to GitHub's with its own token, to Amazon's with a key of AWS, to any other with `REGISTRY_USERNAME` and
/// `REGISTRY_PASSWORD` of the repository on GitHub.
pub(crate) fn c211_other_kind(kind: RegistryKind, host: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` is not the kind of `{}`", kind.name(), printable(host));
    Diagnostic::warning(code(211), message)
        .at(place, "")
        .hint(format!("write `kind: {}`", RegistryKind::of_host(host).name()))
}

/// An entry of `images` matches no image.
///
/// kustomize compares the name with the images as the resources of the overlay have them, and says nothing where
/// there is none: the tag goes nowhere. The usual reason is a base that maps the image to another registry: the
/// overlay then sees the new name, and its entry still has the old one. Map the registry after the overlays, as
/// the generated `registry` does, and leave the name in the base alone.
pub(crate) fn c205_no_such_image(
    name: &str,
    there: &std::collections::BTreeSet<String>,
    place: Place,
) -> Diagnostic {
    let found = Diagnostic::error(code(205), format!("no image is called `{}`", printable(name)))
        .at(place, "this entry changes nothing");
    match there.iter().take(3).map(|it| format!("`{}`", printable(it))).collect::<Vec<_>>() {
        names if names.is_empty() => found.hint("nothing here has a container"),
        names => found.hint(format!("the base has {}", names.join(", "))),
    }
}
