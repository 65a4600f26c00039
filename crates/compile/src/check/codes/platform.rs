//! The platform: mirrors and projects.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// A mirror replaces an address by something that is none.
///
/// Both sides are beginnings of addresses of the same kind: `https://charts.example.com` by
/// `https://mirror.internal/charts`, `docker.io` by `registry.internal/docker`.
pub(crate) fn c180_mirror(address: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` cannot take the place of the address", printable(address));
    Diagnostic::error(code(180), message).at(place, "").hint(
        "write an address of the same kind: with a scheme for Git and charts, without for images",
    )
}

/// A project's allow-list does not have the platform's own repository.
///
/// Argo CD would refuse every Application of the project.
pub(crate) fn c181_allow_list(repository: &str, project: &str, list: Place) -> Diagnostic {
    let message = format!("project `{project}` does not allow the platform's repository");
    Diagnostic::error(code(181), message)
        .at(list, "")
        .hint(format!("add `{}`", printable(repository)))
}

/// A project belongs to no environment.
///
/// A project is called like an environment, or `platform` for the add-ons.
pub(crate) fn c182_unknown_project(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(182), format!("project `{}` belongs to no environment", printable(name)))
        .at(place, "")
        .hint("call it like an environment, or `platform`")
}

/// A project does not allow the namespace of its environment.
///
/// Argo CD would refuse to write there.
pub(crate) fn c183_namespace(namespace: &str, project: &str, list: Place) -> Diagnostic {
    let message = format!("project `{project}` does not allow the namespace `{namespace}`");
    Diagnostic::error(code(183), message).at(list, "").hint(format!("add `{namespace}`"))
}

/// Argo CD's pages have a host, and there is nothing that serves it.
///
/// `delivery.ui` needs an ingress controller of the platform.
pub(crate) fn c184_ui_without_ingress(place: Place) -> Diagnostic {
    Diagnostic::error(code(184), "`delivery.ui` needs an ingress controller")
        .at(place, "")
        .hint("set `ingress.controller: traefik`, or leave `delivery.ui` out")
}

/// An app claims the host of Argo CD's pages.
///
/// Requests would reach one of the two, and which one is decided by the ingress controller.
pub(crate) fn c185_host_of_ui(host: &str, app: &str, ui: Place, claimed: Place) -> Diagnostic {
    let message =
        format!("`{}` is the host of Argo CD's pages and of `{}`", printable(host), printable(app));
    Diagnostic::error(code(185), message)
        .at(claimed, "claimed by the app")
        .also(ui, "claimed by Argo CD")
        .hint("give one of them another host")
}
