//! The findings of rendering. They are one family, so they share a file; `check::codes` lists
//! their pages.

use manifest::{Identity, Object};
use text::{Code, Diagnostic, Missing, Place, Stage};

use super::project::Rule;

/// Returns the code of a finding of this stage.
pub(super) const fn code(number: u16) -> Code {
    Code::new(Stage::Render, number)
}

/// The source of an Application cannot be rendered: the engine's own words say why, and where.
///
/// Applications that fail for the same reason are one finding.
pub(super) fn r001_failed(
    place: Place,
    application: &str,
    source: &str,
    reason: &str,
) -> Diagnostic {
    Diagnostic::error(code(1), format!("`{source}` cannot be rendered: {}", reason.trim_end()))
        .at(place, format!("for application `{application}`"))
        .hint("Argo CD would fail in the same way; mend the file that the message names")
}

/// Two descriptions of one object reach the same cluster.
pub(super) fn r002_twice(
    identity: &Identity,
    first: (&str, Place),
    second: (&str, Place),
) -> Diagnostic {
    let message = if first.0 == second.0 {
        format!("`{identity}` is delivered twice by application `{}`", first.0)
    } else {
        format!("`{identity}` is delivered by application `{}` and by `{}`", first.0, second.0)
    };
    Diagnostic::error(code(2), message)
        .at(second.1, "here")
        .also(first.1, "and here")
        .hint("remove one of the two: Argo CD would apply them in turn, for ever")
}

/// Applications lead to each other without end.
pub(super) fn r003_endless(application: &str) -> Diagnostic {
    let message = format!("more than 10,000 applications: `{application}` is not followed");
    Diagnostic::error(code(3), message)
        .hint("look for an Application whose source delivers ever new Applications")
}

/// An object of kind Application that Argo CD would refuse.
pub(super) fn r004_no_application(place: Place, object: &Object, reason: &str) -> Diagnostic {
    let message = format!("`{}` is no Application that Argo CD accepts: {reason}", object.name());
    Diagnostic::error(code(4), message).at(place, "")
}

/// The path of a source does not exist in the repository.
pub(super) fn r005_no_such_path(
    place: Place,
    application: &str,
    path: &str,
    missing: &Missing,
) -> Diagnostic {
    let why = why(missing);
    let found =
        Diagnostic::error(code(5), format!("application `{application}` points to `{path}`{why}"))
            .at(place, "")
            .hint("`spec.source.path` is relative to the root of the repository");
    match path.starts_with("..") {
        true => found,
        false => found.hint(lost(path)),
    }
}

/// A value file begins with `$name`, and no source has that `ref`.
pub(super) fn r006_no_such_ref(place: Place, application: &str, entry: &str) -> Diagnostic {
    let message =
        format!("application `{application}` reads `{entry}`, and no source of it has that `ref`");
    Diagnostic::error(code(6), message)
        .at(place, "")
        .hint("add `ref:` to the source that holds the file")
}

/// A value file is missing, or is no file that Argo CD would read.
pub(super) fn r007_no_value_file(
    place: Place,
    application: &str,
    (entry, path): (&str, Option<&str>),
    missing: &Missing,
) -> Diagnostic {
    let why = why(missing);
    let found =
        Diagnostic::error(code(7), format!("application `{application}` reads `{entry}`{why}"))
            .at(place, "")
            .hint("value files are relative to the chart's folder, or begin with `$ref/`");
    match path {
        Some(path) => found.hint(lost(path)),
        None => found,
    }
}

/// How a path comes back that somebody removed.
fn lost(path: &str) -> String {
    format!("if it was generated and is lost, `mainstay generate --force {path}` brings it back")
}

/// An Application reads a repository that its project does not allow.
///
/// `sourceRepos` of the AppProject is the allow-list; in it `*` does not cross a slash. Argo CD would
/// not sync the Application.
pub(super) fn r008_source(rule: &Rule<'_>, repository: &str, has_spec: bool) -> Diagnostic {
    let message = format!(
        "application `{}` reads `{repository}`, which project `{}` does not allow",
        rule.application,
        rule.project.name()
    );
    Diagnostic::error(code(8), message)
        .at(rule.project_place.clone(), "its `sourceRepos` does not have it")
        .hint(match has_spec {
            true => "add it to `sourceRepos`, or to `spec.delivery.projects` of mainstay.yaml",
            false => "add it to `sourceRepos`",
        })
}

/// An Application delivers a kind that its project does not allow.
///
/// Kinds outside of namespaces must be in `clusterResourceWhitelist` of the AppProject. Argo CD would
/// sync nothing of the Application.
pub(super) fn r009_kind(
    rule: &Rule<'_>,
    object: &Object,
    place: Place,
    cluster_scoped: bool,
) -> Diagnostic {
    let identity = object.identity();
    let message = format!(
        "application `{}` delivers `{identity}`, a kind that project `{}` does not allow",
        rule.application,
        rule.project.name()
    );
    let group = if identity.group.is_empty() { "\"\"" } else { &identity.group };
    let hint = if cluster_scoped {
        format!("add `{{group: {group}, kind: {}}}` to `clusterResourceWhitelist`", identity.kind)
    } else {
        "`namespaceResourceWhitelist` and `namespaceResourceBlacklist` decide about it".to_owned()
    };
    Diagnostic::error(code(9), message)
        .at(place, "")
        .also(rule.project_place.clone(), "the project")
        .hint(hint)
}

/// An Application delivers into a namespace or cluster that its project does not allow.
///
/// `destinations` of the AppProject lists the clusters and namespaces. Argo CD would sync nothing of
/// the Application.
pub(super) fn r010_destination(
    rule: &Rule<'_>,
    object: Option<(&Object, Place)>,
    destination: Where<'_>,
) -> Diagnostic {
    let what = object.as_ref().map_or_else(
        || "goes".to_owned(),
        |(object, _)| format!("delivers `{}`", object.identity()),
    );
    let (destination, kind) = match destination {
        Where::Cluster(cluster) => (format!("to cluster `{cluster}`"), "cluster"),
        Where::Namespace(namespace) => (format!("into namespace `{namespace}`"), "namespace"),
    };
    let message = format!(
        "application `{}` {what} {destination}, which project `{}` does not allow",
        rule.application,
        rule.project.name()
    );
    let found = Diagnostic::error(code(10), message);
    let project = rule.project_place.clone();
    let found = match object {
        Some((_, place)) => found.at(place, "").also(project, "the project"),
        None => found.at(project, "its `destinations` does not have it"),
    };
    found.hint(format!("choose another {kind}, or add this one to `destinations`"))
}

/// What of a destination a project does not allow.
#[derive(Clone, Copy)]
pub(super) enum Where<'a> {
    Cluster(&'a str),
    Namespace(&'a str),
}

/// What follows the name of something that cannot be read.
fn why(missing: &Missing) -> String {
    match missing {
        Missing::NotFound => ", which is not there".to_owned(),
        other => format!(": {other}"),
    }
}

/// No root leads to an environment.
///
/// A cluster is bootstrapped by one file of `apps/root` (Argo CD) or `flux-system` (Flux), which points to the environment's folder below
/// `clusters/`. Without it nothing of the environment is deployed.
pub(super) fn r011_no_root(environment: &str, folder: &str, roots: &str) -> Diagnostic {
    let what = if roots == "apps/root" { "Application" } else { "Kustomization" };
    Diagnostic::error(code(11), format!("no {what} in `{roots}` leads to `{folder}`"))
        .hint(format!("bring it back with `git checkout -- {roots}`, or remove `{environment}`"))
}

/// An Application belongs to a project that the repository does not have.
///
/// Argo CD syncs nothing of it. `default` is there by itself; any other AppProject is an object like the
/// rest.
pub(super) fn r012_no_project(
    place: Place,
    application: &str,
    project: &str,
    has_spec: bool,
) -> Diagnostic {
    let message =
        format!("application `{application}` belongs to project `{project}`, which is not there");
    Diagnostic::error(code(12), message).at(place, "").hint(match has_spec {
        true => "name a project of `projects/`, or add an AppProject of this name",
        false => "name a project that is there, or add an AppProject of this name",
    })
}

/// A file of plain objects cannot be read.
///
/// Argo CD applies the files of a folder as they are, and syncs nothing of it where one of them is no YAML or
/// holds something that is no object.
pub(super) fn r013_unreadable(place: Place, error: &manifest::ReadError) -> Diagnostic {
    let message = format!("`{}` cannot be read: {}", error.source, error.message);
    Diagnostic::error(code(13), message)
        .at(place, "")
        .hint("Argo CD would sync nothing of its folder; mend the file, or name it so that it is no manifest")
}
