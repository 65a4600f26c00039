//! ingress-nginx, the ingress controller that was retired in March 2026.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::Map;
use crate::model::{Controller, Exposure, PublicPorts};

use super::{Addon, BINDING, ROLE, images};

pub(super) fn addon(context: &Context<'_>) -> Option<Addon> {
    let ingress = &context.platform.ingress;
    (ingress.controller == Controller::IngressNginx).then(|| Addon {
        name: "ingress-nginx",
        chart: context.catalog.addon("ingress-nginx"),
        namespaces: vec![ingress.namespace.clone()],
        cluster_kinds: &[
            ROLE,
            BINDING,
            ("networking.k8s.io", "IngressClass"),
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ],
        wave: Wave::Controllers,
        about: format!(
            "ingress-nginx, the ingress controller. It was retired in March 2026 and gets no more fixes:\n\
             `ingress.controller: traefik` in mainstay.yaml moves to Traefik.\n\
             k3s' own Traefik must be off: `disable: [traefik]` in /etc/rancher/k3s/config.yaml.{}",
            reached(ingress.exposure)
        ),
        values: Map::new().put("controller", controller(context)),
        sync_options: Vec::new(),
    })
}

fn reached(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::NodePort { public_ports: PublicPorts::Redirect, .. } => {
            "\nAn nftables rule on every node sends ports 80 and 443 to the NodePorts; docs/operations.md has it."
        }
        Exposure::NodePort { public_ports: PublicPorts::External, .. } => {
            "\nA load balancer outside the cluster sends ports 80 and 443 to the NodePorts."
        }
        Exposure::NodePort { public_ports: PublicPorts::None, .. } => {
            "\nOnly the NodePorts are open: nothing listens on 80 and 443."
        }
        Exposure::LoadBalancer | Exposure::HostPort | Exposure::NodePort { .. } => "",
    }
}

fn controller(context: &Context<'_>) -> Map {
    let patch =
        images::registry(context, "registry.k8s.io/ingress-nginx/kube-webhook-certgen", "image");
    let webhook = Map::new().put_filled("patch", Map::new().put_filled("image", patch));
    Map::new()
        .put_filled(
            "image",
            images::registry(context, "registry.k8s.io/ingress-nginx/controller", "image"),
        )
        .put("ingressClassResource", Map::new().put("default", true))
        .join(exposure(context.platform.ingress.exposure))
        .put_filled("admissionWebhooks", webhook)
}

fn exposure(exposure: Exposure) -> Map {
    let host_port = Map::new()
        .put("hostPort", Map::new().put("enabled", true))
        .note("Two pods cannot have one host port: the old one goes first.")
        .put(
            "updateStrategy",
            Map::new().put("rollingUpdate", Map::new().put("maxUnavailable", 1).put("maxSurge", 0)),
        );
    let publish = Map::new()
        .note(
            "The Service has no address; the controller writes those of its nodes into Ingresses.",
        )
        .put("publishService", Map::new().put("enabled", false));
    match exposure {
        Exposure::LoadBalancer => Map::new(),
        Exposure::HostPort => Map::new()
            .put("service", Map::new().put("type", "ClusterIP"))
            .join(publish)
            .join(host_port),
        Exposure::NodePort { http, https, public_ports } => {
            let ports = Map::new().put("http", http).put("https", https);
            let map = Map::new()
                .put("service", Map::new().put("type", "NodePort").put("nodePorts", ports))
                .join(publish);
            if public_ports == PublicPorts::HostPort { map.join(host_port) } else { map }
        }
    }
}
