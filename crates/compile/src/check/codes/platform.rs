//! The platform: mirrors and projects.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// A mirror replaces an address by something that is none.
///
/// Both sides are beginnings of addresses of the same kind: `https://charts.example.com` by
/// `https://mirror.internal/charts`, `docker.io` by `registry.internal/docker`. A host has a dot or a port in its name, or is `localhost`.
pub(crate) fn c180_mirror(address: &str, mirror: &str, place: Place) -> Diagnostic {
    let (address, mirror) = (printable(address), printable(mirror));
    let message = format!("`{mirror}` cannot take the place of the address `{address}`");
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

/// Argo CD's pages have one host in the clusters of two environments.
///
/// A host has one DNS record. Where each environment has a cluster with an Argo CD of its own, one of them answers
/// there: the others have no pages and no webhook, and ask in vain for a certificate, which Let's Encrypt counts.
///
/// Write `{env}` or `{domain}` into the host: `argocd.{env}.example.com`. Where the environments share one cluster,
/// there is nothing to do.
pub(crate) fn c201_one_ui_host(host: &str, (first, second): (&str, &str), ui: Place) -> Diagnostic {
    let message =
        format!("`{}` is the host of Argo CD's pages in {first} and in {second}", printable(host));
    let rest = host.split_once('.').map_or(host, |(_, rest)| rest);
    Diagnostic::warning(code(201), message)
        .at(ui, "one host")
        .hint(format!("`argocd.{{env}}.{rest}`, where each has a cluster of its own"))
}

/// A key of `delivery` that only Argo CD knows.
///
/// Flux has no pages, no projects and no sync options: the key would do nothing.
pub(crate) fn c198_only_argocd(key: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(198), format!("`{key}` does nothing with Flux"))
        .at(place, "")
        .hint("leave it out, or set `delivery.engine: argocd`")
}

/// A kustomization's environments are written for Argo CD, and the spec asks for Flux.
///
/// Of an app with `render: kustomize` the previews of pull requests and the branches of environments are
/// ApplicationSets, and Flux has none. The overlays themselves are plain kustomizations, which a Kustomization of
/// Flux can name.
pub(crate) fn c127_kustomization_with_flux(engine: Place, render: Place) -> Diagnostic {
    Diagnostic::error(code(127), "an app with `render: kustomize` is delivered by Argo CD only")
        .at(engine, "asks for Flux")
        .also(render, "is a kustomization")
        .hint("set `delivery.engine: argocd`")
}

/// An environment's cluster is not the one that Flux runs in.
///
/// Argo CD deploys to other clusters; Flux runs in each of them, and the root of the environment is
/// applied there.
pub(crate) fn c199_cluster_of_flux(environment: &str, place: Place) -> Diagnostic {
    let message = format!(
        "with Flux, `{}` is deployed by the cluster that it runs in",
        printable(environment)
    );
    Diagnostic::error(code(199), message)
        .at(place, "")
        .hint("leave `cluster` out, and install Flux in that cluster")
}

/// The root Application would point to a folder that is not generated.
///
/// The layout of the repository is fixed: the root of an environment is `clusters/<environment>`.
pub(crate) fn c191_root_path(path: &str, folders: &[String], place: Place) -> Diagnostic {
    let message = format!("`{}` is the folder of no environment", printable(path));
    let found = Diagnostic::error(code(191), message).at(place, "");
    match folders.last() {
        Some(folder) => found.hint(format!("write `{folder}`, or leave it out")),
        None => found,
    }
}

/// There is no catalog of this name.
///
/// A catalog is a dated set of versions that a version of mainstay knows. Another one would quietly be
/// another set of versions.
pub(crate) fn c192_no_catalog(name: &str, known: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(192), format!("there is no catalog `{}`", printable(name)))
        .at(place, "")
        .hint(format!("this mainstay knows `{known}`; leave the key out for the newest"))
}

/// Two environments take hosts as the payload writes them.
///
/// Both are `production`, so both claim the same hosts.
pub(crate) fn c193_two_productions(first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(193), "two environments are `production`: both take the same hosts")
        .at(second, "second")
        .also(first, "first")
        .hint("keep one of them")
}

/// The NodePorts for HTTP and HTTPS are the same.
///
/// Kubernetes refuses such a Service.
pub(crate) fn c194_same_node_port(port: u16, place: Place) -> Diagnostic {
    Diagnostic::error(code(194), format!("HTTP and HTTPS have the same NodePort {port}"))
        .at(place, "")
        .hint("give one of them another port between 30000 and 32767")
}

/// Hosts are wanted, and nothing serves them.
///
/// Without an ingress controller no Ingress is made, and the hosts of the payload lead nowhere.
pub(crate) fn c195_hosts_without_ingress(
    host: &str,
    controller: Place,
    claimed: Place,
) -> Diagnostic {
    let message =
        format!("`{}` and all other hosts lead nowhere: no Ingress is made", printable(host));
    Diagnostic::warning(code(195), message)
        .at(controller, "without an ingress controller")
        .also(claimed, "a host")
        .hint("set `controller: traefik`, or route the hosts by something of your own")
}

/// Services are turned off, and hosts need them.
///
/// An Ingress leads to a Service: `charts/app` refuses hosts without one.
pub(crate) fn c196_hosts_without_services(toggle: Place, claimed: Place) -> Diagnostic {
    Diagnostic::error(code(196), "hosts need the Services that are turned off")
        .at(toggle, "no Service is made")
        .also(claimed, "a host")
        .hint("leave it out, or turn `ingresses` off as well")
}

/// A way to get mainstay is chosen, and what it needs is not said.
///
/// `tooling.install: release` unpacks the archive whose address and SHA-256 stand in `tooling.release`, and
/// `image` runs the container image of `tooling.image`, named with its digest: nothing is installed that is not
/// pinned.
pub(crate) fn c206_nothing_to_install(way: &str, place: Place) -> Diagnostic {
    let found =
        Diagnostic::error(code(206), format!("`tooling.install: {way}` without `tooling.{way}`"))
            .at(place, "");
    match way {
        "release" => found
            .hint("say where the archive lies: `release: {url: https://…, sha256: …}`")
            .hint("`curl -fsSL URL | sha256sum` prints the SHA-256 of one that you trust"),
        _ => found.hint("name the image with its digest: `image: REGISTRY/NAME@sha256:…`"),
    }
}

/// An archive or an image of mainstay is named, and workflows get it in another way.
pub(crate) fn c207_not_installed(way: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(207), format!("`tooling.{way}` does nothing"))
        .at(place, "")
        .hint(format!("set `tooling.install: {way}`, or leave it out"))
}
