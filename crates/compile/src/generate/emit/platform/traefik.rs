//! Traefik, the ingress controller.
//!
//! Facts: chart 39 and later have the redirect under `ports.web.http.redirections`; the chart's
//! schema refuses unknown keys of a port.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::Map;
use crate::model::{Controller, Engine, Exposure, PublicPorts, Tls};

use super::{Addon, BINDING, DEFINITION, ROLE, images};

pub(super) fn addon(context: &Context<'_>) -> Option<Addon> {
    let ingress = &context.platform.ingress;
    (ingress.controller == Controller::Traefik).then(|| Addon {
        name: "traefik",
        chart: context.catalog.addon("traefik"),
        namespaces: vec![ingress.namespace.clone()],
        cluster_kinds: &[DEFINITION, ROLE, BINDING, ("networking.k8s.io", "IngressClass")],
        wave: Wave::Controllers,
        about: "Traefik, the ingress controller.\n\
                k3s brings one of its own, which must be off: `disable: [traefik]` in /etc/rancher/k3s/config.yaml."
            .to_owned(),
        values: values(context),
        sync_options: Vec::new(),
    })
}

fn values(context: &Context<'_>) -> Map {
    let exposure = context.platform.ingress.exposure;
    Map::new()
        .put("global", Map::new().put("checkNewVersion", false).put("sendAnonymousUsage", false))
        .put_filled("image", images::registry(context, "docker.io/traefik", "repository"))
        .put_filled("ports", ports(context))
        .join(service(context, exposure))
        .put(
            "resources",
            Map::new()
                .put("requests", Map::new().put("cpu", "50m").put("memory", "64Mi"))
                .put("limits", Map::new().put("memory", "256Mi")),
        )
}

fn ports(context: &Context<'_>) -> Map {
    let ingress = &context.platform.ingress;
    // Without TLS there is nothing to be sent to.
    let redirects = ingress.redirect_to_https && context.platform.tls != Tls::None;
    let (http, https) = match ingress.exposure {
        Exposure::LoadBalancer => (Map::new(), Map::new()),
        Exposure::HostPort => (Map::new().put("hostPort", 80), Map::new().put("hostPort", 443)),
        Exposure::NodePort { http, https, public_ports } => {
            let both = public_ports == PublicPorts::HostPort;
            (
                Map::new().put("nodePort", http).put_some("hostPort", both.then_some(80)),
                Map::new().put("nodePort", https).put_some("hostPort", both.then_some(443)),
            )
        }
    };
    let redirect = Map::new().put(
        "redirections",
        Map::new().put(
            "entryPoint",
            Map::new()
                .put("to", "websecure")
                .put("scheme", "https")
                .put("permanent", true)
                .note("Below every route, so that hosts without TLS and ACME challenges keep HTTP.")
                .put("priority", 1),
        ),
    );
    let web = http.put_some("http", redirects.then_some(redirect));
    Map::new().put_filled("web", web).put_filled("websecure", https)
}

/// How the controller is reached, and what address it writes into Ingresses: without one Argo CD
/// never calls them healthy.
fn service(context: &Context<'_>, exposure: Exposure) -> Map {
    let (kind, host_ports) = match exposure {
        Exposure::LoadBalancer => return Map::new(),
        Exposure::HostPort => ("ClusterIP", true),
        Exposure::NodePort { public_ports, .. } => {
            ("NodePort", public_ports == PublicPorts::HostPort)
        }
    };
    let endpoint = Map::new()
        .put("publishedService", Map::new().put("enabled", false))
        .put("ingressEndpoint", Map::new().put("hostname", context.platform.domain.as_str()));
    let map = Map::new()
        .put("service", Map::new().put("spec", Map::new().put("type", kind)))
        .note(match context.platform.delivery.engine {
            Engine::ArgoCd => {
                "The Service has no address to publish; Argo CD waits until every Ingress has one."
            }
            Engine::Flux => "The Service has no address to publish.",
        })
        .put("providers", Map::new().put("kubernetesIngress", endpoint));
    if !host_ports {
        return map;
    }
    map.note("Two pods cannot have one host port: the old one goes first.").put(
        "updateStrategy",
        Map::new().put("rollingUpdate", Map::new().put("maxUnavailable", 1).put("maxSurge", 0)),
    )
}
