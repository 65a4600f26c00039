//! Hosts, paths, TLS, and how requests get in.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

const fn platform_code(number: u16) -> Code {
    Code::new(Stage::Platform, number)
}

/// Two apps claim the same host and path.
///
/// Only one of them would get the requests, and which one depends on the ingress controller. Hosts
/// are compared as they are in each environment, after the rule of mainstay.yaml was applied.
///
/// Give one of the apps another host or another path.
pub(crate) fn c110_same_host(
    (host, path, environment): (&str, &str, &str),
    (first_app, first): (&str, Place),
    (second_app, second): (&str, Place),
) -> Diagnostic {
    let message = format!(
        "`{first_app}` and `{second_app}` both claim `{}` in {environment}",
        printable(&format!("{host}{path}"))
    );
    Diagnostic::error(code(110), message)
        .at(second, format!("claimed by `{second_app}`"))
        .also(first, format!("claimed by `{first_app}`"))
        .hint("give one of them another host or other `paths`")
}

/// One host in two environments.
///
/// A host has one DNS record, so that one cluster gets all its requests: the other environment's app is never
/// reached, and its certificate cannot be renewed over HTTP-01. On one cluster, both environments' Ingresses
/// claim the host, and which one gets a request depends on the ingress controller.
///
/// Give each environment a host of its own, or leave the host out where the app has none.
pub(crate) fn c197_host_of_two_environments(
    host: &str,
    (first_environment, first): (&str, Place),
    (second_environment, second): (&str, Place),
    one_cluster: bool,
) -> Diagnostic {
    let message =
        format!("host `{}` is in {first_environment} and in {second_environment}", printable(host));
    let found = match one_cluster {
        true => Diagnostic::error(code(197), format!("{message}, on one cluster")),
        false => Diagnostic::warning(code(197), message),
    };
    let found = found.at(second.clone(), format!("claimed in {second_environment}"));
    let found = match first == second {
        true => found,
        false => found.also(first, format!("claimed in {first_environment}")),
    };
    found.hint("give each environment a host of its own")
}

/// A host lies outside the platform's domain.
///
/// That may be meant. But the host does not follow the platform's DNS record, and outside
/// production the environment's rule replaces it by the app's name.
pub(crate) fn c111_outside_domain(host: &str, domain: &str, place: Place) -> Diagnostic {
    let message = format!("host `{}` is not under the domain `{domain}`", printable(host));
    Diagnostic::warning(code(111), message)
        .at(place, "")
        .hint("make sure that its DNS record points to the cluster")
}

/// A host with a wildcard wants a certificate that HTTP-01 cannot give.
///
/// Let's Encrypt gives certificates for `*.example.com` over DNS-01 only. Name the hosts one by
/// one, turn TLS off for this app, or name a ClusterIssuer of your own in `tls.issuer`.
pub(crate) fn c112_wildcard(host: &str, place: Place) -> Diagnostic {
    let message = format!("no certificate for `{}` can be had over HTTP-01", printable(host));
    Diagnostic::error(code(112), message)
        .at(place, "")
        .hint("name the hosts one by one, or a ClusterIssuer of your own in `tls.issuer`")
}

/// A host is no host name.
///
/// Each part between dots has 1 to 63 lower-case letters, digits and `-`, and neither begins nor
/// ends with `-`. The whole has at most 253 characters. A rule such as `{host}.{env}.{domain}` can
/// make a long name of a short one.
pub(crate) fn c113_no_host(host: &str, environment: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` is no host name (in {environment})", printable(host));
    let found = Diagnostic::error(code(113), message).at(place, "");
    match host.parse::<std::net::IpAddr>() {
        Ok(_) => found.hint("an Ingress takes names only: make a DNS record for this address"),
        Err(_) => found,
    }
}

/// Nothing can reach an app.
///
/// It has ports but neither a host nor `internal: true`. Other apps could reach it, but nobody said
/// that they should: a host may have been forgotten.
pub(crate) fn c114_unreachable(app: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(code(114), format!("nothing outside can reach `{}`", printable(app)))
        .at(place, "has ports, but no host")
        .hint("give it an `fqdn`, or say `internal: true`")
}

/// An app has hosts and says that it is internal.
///
/// One of the two is wrong: `internal: true` says that only other apps reach it.
pub(crate) fn c115_internal_host(app: &str, internal: Place, host: Place) -> Diagnostic {
    Diagnostic::error(code(115), format!("`{}` is internal and has a host", printable(app)))
        .at(host, "reached from outside")
        .also(internal, "not reached from outside")
        .hint("remove one of the two")
}

/// An app wants TLS and there is no issuer.
///
/// Certificates come from cert-manager, which the platform uses when `spec.tls.email` is given,
/// because Let's Encrypt wants an address.
pub(crate) fn c116_no_issuer(place: Place) -> Diagnostic {
    Diagnostic::error(code(116), "TLS is wanted, but the platform has no issuer")
        .at(place, "")
        .hint("write `tls: {email: you@example.com}` into `spec` of mainstay.yaml")
}

/// cert-manager is chosen without an e-mail address.
///
/// Let's Encrypt registers an account by it, and writes to it before a certificate ends.
pub(crate) fn c117_no_email(place: Place) -> Diagnostic {
    Diagnostic::error(code(117), "`tls.mode` is `cert-manager`, but `tls.email` is missing")
        .at(place, "")
        .hint("write `email: you@example.com` under `spec.tls`")
}

/// An issuer is used that is not made.
///
/// `spec.tls.issuers` says which Let's Encrypt issuers are made. Any name but `staging` and `prod`
/// means a ClusterIssuer that you make yourself.
pub(crate) fn c118_issuer_not_made(issuer: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(118), format!("the issuer `{issuer}` is used but not made"))
        .at(place, "")
        .hint(format!("add `{issuer}` to `spec.tls.issuers`"))
}

/// Two apps keep different certificates in one Secret.
///
/// cert-manager writes the certificate of each Ingress into the Secret that it names; two Ingresses
/// with different hosts would overwrite each other's for ever.
pub(crate) fn c119_shared_certificate(
    secret: &str,
    (first_app, first): (&str, Place),
    (second_app, second): (&str, Place),
) -> Diagnostic {
    let message = format!(
        "`{first_app}` and `{second_app}` keep different certificates in the Secret `{secret}`"
    );
    Diagnostic::error(code(119), message)
        .at(second, "second")
        .also(first, "first")
        .hint("give one of them another `tls.secretName`")
}

/// ingress-nginx is retired.
///
/// It gets no fixes since March 2026, security fixes included. It still works, and the platform is
/// made as you say. `spec.ingress.controller: traefik` is the default; k3s brings it along.
pub(crate) fn p110_retired(place: Place) -> Diagnostic {
    Diagnostic::warning(platform_code(110), "ingress-nginx was retired in March 2026")
        .at(place, "gets no security fixes")
        .hint("set `controller: traefik`")
}

/// HTTP-01 certificates are wanted, and nothing listens on port 80.
///
/// Let's Encrypt proves a host by a request to port 80. With `service: nodeport` the controller
/// listens on a high port only, so every certificate would stay pending. Say in
/// `ingress.publicPorts` how port 80 reaches it: `hostport` (the controller's pods listen on it),
/// `redirect` (an nftables rule on the node) or `external` (a load balancer outside).
pub(crate) fn p111_no_port_80(service: Place, tls: Place) -> Diagnostic {
    Diagnostic::error(
        platform_code(111),
        "HTTP-01 certificates are wanted, but nothing listens on port 80",
    )
    .at(service, "reached on a high port only")
    .also(tls, "asks for certificates")
    .hint("add `publicPorts: hostport` (or `redirect`, `external`) under `spec.ingress`")
}

pub(crate) fn p111_no_controller(controller: Place, tls: Place) -> Diagnostic {
    Diagnostic::error(
        platform_code(111),
        "HTTP-01 certificates are wanted, but no ingress controller answers on port 80",
    )
    .at(controller, "no ingress controller")
    .also(tls, "asks for certificates")
    .hint("set `controller: traefik`, or `tls: {mode: none}` where something else ends TLS")
}

/// An app claims one host and path twice.
pub(crate) fn c149_claimed_again(claim: &str, first: Place, second: Place) -> Diagnostic {
    let found = Diagnostic::warning(code(149), format!("`{}` is claimed twice", printable(claim)));
    let same = first == second;
    let found = found.at(second, if same { "" } else { "again" });
    let found = if same { found } else { found.also(first, "first") };
    found.hint("remove one of the two")
}

/// An issuer is nearly one of mainstay's own.
///
/// `staging` and `prod` are those of Let's Encrypt that mainstay makes; any other name is a ClusterIssuer
/// that somebody else makes.
pub(crate) fn c168_issuer_mistyped(name: &str, meant: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` is neither `staging` nor `prod`", printable(name));
    Diagnostic::warning(code(168), message)
        .at(place, "taken for a ClusterIssuer of your own")
        .hint(format!("did you mean `{meant}`?"))
}
