//! `platform/network-policies`: default deny for the add-ons' namespaces, and what must get through.
//!
//! The workloads' namespaces have theirs from the chart.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, documents};
use crate::model::{Controller, Tls};

use super::Folder;

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    let platform = context.platform;
    if !platform.policies.default_deny {
        return None;
    }
    let mut files = Vec::new();
    if platform.ingress.controller != Controller::None {
        let namespace = platform.ingress.namespace.as_str();
        files.push(file(context, namespace, ingress_controller(platform.ingress.controller)));
    }
    if platform.tls != Tls::None {
        let namespace = context.catalog.addon("cert-manager").namespace;
        files.push(file(context, &namespace, cert_manager(context)));
    }
    files.retain(|(name, _)| name != "kube-system.yaml");
    (!files.is_empty()).then(|| Folder {
        name: "network-policies",
        about: "Nothing may connect to or from the add-ons but what is listed here.\n\
                kube-system is left to k3s; the workloads' namespaces have theirs from the chart.",
        wave: Wave::Policies,
        files,
        namespace: super::own_namespace(context),
        of_argocd: false,
    })
}

/// What one group of pods may do.
struct Exception {
    name: &'static str,
    ingress: List,
    egress: List,
}

fn file(context: &Context<'_>, namespace: &str, exception: Exception) -> (String, String) {
    let everything = |kinds: &[&str]| {
        Map::new().put("podSelector", Map::new()).put("policyTypes", kinds_list(kinds))
    };
    let mut objects = vec![
        policy(namespace, "default-deny", everything(&["Ingress", "Egress"])),
        policy(
            namespace,
            "allow-dns",
            everything(&["Egress"]).put("egress", List::new().item(dns())),
        ),
        policy(
            namespace,
            exception.name,
            everything(&["Ingress", "Egress"])
                .put("ingress", exception.ingress)
                .put("egress", exception.egress),
        ),
    ];
    let monitors = &context.platform.policies.allow_from_namespaces;
    if !monitors.is_empty() {
        let from: List = monitors.iter().map(|name| in_namespace(name)).collect();
        let rule = List::new().item(Map::new().put("from", from));
        objects.push(policy(
            namespace,
            "allow-from-namespaces",
            everything(&["Ingress"]).put("ingress", rule),
        ));
    }
    (format!("{namespace}.yaml"), documents("", &objects))
}

/// The controller is open to the world and reaches every workload; it also reads the Kubernetes API.
fn ingress_controller(controller: Controller) -> Exception {
    let (ingress, webhook): (&[u16], &[u16]) = match controller {
        Controller::IngressNginx => (&[80, 443], &[8443]),
        Controller::Traefik | Controller::None => (&[8000, 8443], &[]),
    };
    let all: Vec<u16> = ingress.iter().chain(webhook).copied().collect();
    Exception {
        name: "ingress-controller",
        ingress: List::new()
            .note("The ports of the pods behind 80 and 443, from anywhere.")
            .item(Map::new().put("ports", ports(&all))),
        egress: List::new()
            .note("The workloads, whatever port they listen on.")
            .item(
                Map::new()
                    .put("to", List::new().item(Map::new().put("namespaceSelector", Map::new()))),
            )
            .note("The Kubernetes API, on its service port and behind it.")
            .item(Map::new().put("ports", ports(&[443, 6443]))),
    }
}

fn cert_manager(context: &Context<'_>) -> Exception {
    let ingress_namespace = in_namespace(&context.platform.ingress.namespace);
    Exception {
        name: "cert-manager",
        ingress: List::new()
            .note("The API server asks the webhook; it is no pod, so it cannot be named here.")
            .item(Map::new().put("ports", ports(&[10250]))),
        egress: List::new()
            .note("Let's Encrypt, the check of its own challenges, and the Kubernetes API.")
            .item(Map::new().put("ports", ports(&[80, 443, 6443])))
            .note("The same check where a host's address leads back into the cluster.")
            .item(Map::new().put("to", List::new().item(ingress_namespace))),
    }
}

fn policy(namespace: &str, name: &str, spec: Map) -> Map {
    Map::new()
        .put("apiVersion", "networking.k8s.io/v1")
        .put("kind", "NetworkPolicy")
        .put("metadata", Map::new().put("name", name).put("namespace", namespace))
        .put("spec", spec)
}

fn kinds_list(kinds: &[&str]) -> List {
    kinds.iter().copied().collect()
}

fn dns() -> Map {
    let pods = Map::new().put("matchLabels", Map::new().put("k8s-app", "kube-dns"));
    let port = |protocol: &str| Map::new().put("port", 53).put("protocol", protocol);
    Map::new()
        .put("to", List::new().item(in_namespace("kube-system").put("podSelector", pods)))
        .put("ports", List::new().item(port("UDP")).item(port("TCP")))
}

fn in_namespace(name: &str) -> Map {
    let labels = Map::new().put("kubernetes.io/metadata.name", name);
    Map::new().put("namespaceSelector", Map::new().put("matchLabels", labels))
}

fn ports(ports: &[u16]) -> List {
    ports.iter().map(|port| Map::new().put("port", *port).put("protocol", "TCP")).collect()
}
