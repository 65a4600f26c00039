//! Names of apps and environments, and fields that do not belong together.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;
use crate::intake::schema::words;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// Two apps have the same name.
///
/// The name is the name of the workload, of its Service and of everything else that belongs to it,
/// so two of them in one namespace would be one. An app without `name` is called like the last part
/// of its image.
///
/// Give one of them a `name` of its own.
pub(crate) fn c101_duplicate_name(name: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(101), format!("two apps are called `{}`", printable(name)))
        .at(second, "second")
        .also(first, "first")
        .hint("give one of them another `name`")
}

/// A name is no DNS label.
///
/// Names of Services and host names are DNS labels: lower-case letters, digits and `-`, beginning
/// with a letter and ending with a letter or digit. An app's name has at most 52 characters, because
/// Kubernetes adds eleven to the name of a CronJob. A Service's name cannot begin with a digit.
pub(crate) fn c102_no_label(name: &str, place: Place, suggestion: &str) -> Diagnostic {
    let message = if name.is_empty() {
        "no name can be made of this image".to_owned()
    } else {
        format!("`{}` cannot be the name of an app", printable(name))
    };
    Diagnostic::error(code(102), message).at(place, "").hint(format!(
        "write `name` with lower-case letters, digits and `-`, beginning with a letter: `{suggestion}`"
    ))
}

/// A field means nothing for this kind of workload.
///
/// A `deployment` runs for ever, a `cronjob` on a schedule, a `job` once per version. Replicas,
/// hosts and autoscaling belong to deployments; schedules to cronjobs; `beforeDeployments` to jobs.
/// The field would be ignored, so it is an error.
pub(crate) fn c103_not_for_kind(field: &str, kind: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(103), format!("`{field}` means nothing for a {kind}"))
        .at(place, "")
        .hint("remove it, or choose another `type`")
}

/// An app says something about an environment that the platform does not have.
///
/// The keys of `environments` are the names of `spec.environments` in mainstay.yaml.
pub(crate) fn c104_unknown_environment(
    name: &str,
    place: Place,
    meant: Option<&str>,
) -> Diagnostic {
    let found =
        Diagnostic::error(code(104), format!("there is no environment `{}`", printable(name)))
            .at(place, "");
    match meant {
        Some(meant) => found.hint(format!("did you mean `{meant}`?")),
        None => found.hint("add it to `spec.environments` of mainstay.yaml, or remove it here"),
    }
}

/// Two environments have the same name.
///
/// The name is the folder of an environment in the repository.
pub(crate) fn c105_duplicate_environment(name: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(105), format!("two environments are called `{}`", printable(name)))
        .at(second, "second")
        .also(first, "first")
        .hint("rename one of them")
}

/// Two environments use the same namespace of the same cluster.
///
/// They would fight over every object, each undoing what the other did. Left out, the namespace is
/// `<platform>-<environment>`, which is different for each.
pub(crate) fn c106_shared_namespace(
    namespace: &str,
    (first_name, first): (&str, Place),
    (second_name, second): (&str, Place),
) -> Diagnostic {
    let message = format!(
        "`{first_name}` and `{second_name}` use the same namespace `{namespace}` of one cluster"
    );
    Diagnostic::error(code(106), message)
        .at(second, "second")
        .also(first, "first")
        .hint("give one of them another `namespace` or another `cluster`")
}

/// `overrides` names a workload that is not there.
///
/// The keys of `overrides` are the names of `services`. The chart refuses to render with another.
pub(crate) fn c107_unknown_workload(name: &str, place: Place, meant: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(code(107), format!("there is no workload `{}`", printable(name)))
        .at(place, "");
    match meant {
        Some(meant) => found.hint(format!("did you mean `{meant}`?")),
        None => found.hint("remove it, or add the workload to `services`"),
    }
}

/// An environment's workloads would go into a namespace that belongs to the cluster or to an add-on.
///
/// The environment's namespace gets a default-deny network policy, a quota and Pod Security labels.
/// In `kube-system`, `argocd` or the namespace of an add-on they would stop what runs there.
///
/// Left out, the namespace is `<platform>-<environment>`.
pub(crate) fn c108_taken_namespace(namespace: &str, whose: &str, place: Place) -> Diagnostic {
    let message = format!("the namespace `{}` belongs to {whose}", printable(namespace));
    Diagnostic::error(code(108), message)
        .at(place, "")
        .hint("give the workloads a namespace of their own, or leave it out")
}

/// An app is called like something that mainstay makes beside the apps.
///
/// Where pull credentials come from the secret manager, the chart adds a pod of this name that holds
/// them in each namespace; `registry.pull.secretName` names it.
pub(crate) fn c109_reserved_name(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(109), format!("`{name}` is the name of a pod of mainstay's own"))
        .at(place, "")
        .hint("give the app another `name`")
}

/// A value file has a list of workloads of its own.
///
/// Helm merges maps and replaces lists: with `services` in an overlay the workloads of
/// `config/app-config.yaml` that are not in the overlay's list are not deployed in that environment, and Argo CD
/// removes them where they run.
///
/// Write what differs under `overrides`, by the workload's name; `enabled: false` there leaves one out.
pub(crate) fn c126_services_replaced(place: Place, lost: &[String]) -> Diagnostic {
    let most = 3;
    let mut names: Vec<String> = lost.iter().take(most).map(|name| format!("`{name}`")).collect();
    if lost.len() > most {
        names.push(format!("{} more", lost.len() - most));
    }
    let names = words::all_of(&names);
    Diagnostic::warning(
        code(126),
        format!("this list replaces the one before it: {names} not deployed"),
    )
    .at(place, "")
    .hint("write what differs under `overrides`, by the workload's name")
}

/// An app runs in no environment.
///
/// Nothing of it is written. Where it is to come back, leave out `enabled: false` of one environment.
pub(crate) fn c159_nowhere(name: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(159), format!("`{}` runs in no environment", printable(name)))
        .at(place, "off in all of them")
        .hint("remove the app, or leave it on somewhere")
}

/// The namespace of an environment has too long a name.
///
/// It is a label of DNS, so 63 characters at most; left out, it is the app's name, `-` and the environment's.
pub(crate) fn c169_long_namespace(namespace: &str, place: Place) -> Diagnostic {
    let message = format!("the namespace `{}` has more than 63 characters", printable(namespace));
    Diagnostic::error(code(169), message)
        .at(place, format!("{} characters", namespace.len()))
        .hint("choose a shorter name, or write `namespace`")
}
