//! `platform/network-policies`: default deny for the add-ons' namespaces, and what must get through.
//!
//! The workloads' namespaces have theirs from the chart.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, documents};
use crate::model::{Controller, Infisical, SecretsBackend, Tls};

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
    if let SecretsBackend::InfisicalCsi(infisical) = &platform.secrets.backend {
        files.push(("infisical.yaml".to_owned(), infisical_provider(context, infisical)));
    }
    (!files.is_empty()).then(|| Folder {
        name: "network-policies",
        about: "Nothing may connect to or from the add-ons but what is listed here.\n\
                kube-system is left to k3s, but for what asks Infisical; the workloads' namespaces have\n\
                theirs from the chart.",
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

/// The label of the provider's pods; `secrets_store.rs` puts it there.
pub(super) const INFISICAL_POD: (&str, &str) = ("network-policy", "infisical");

/// The CSI provider may ask Infisical, outside of the cluster, and nobody else.
fn infisical_provider(context: &Context<'_>, infisical: &Infisical) -> String {
    let (host, port) = host_and_port(&infisical.url);
    let rule = Map::new();
    let rule = match host.parse::<std::net::IpAddr>() {
        Ok(address) => {
            let cidr = format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
            let block = Map::new().put("ipBlock", Map::new().put("cidr", cidr));
            rule.put("to", List::new().item(block))
        }
        // A policy knows addresses only, and those of a host name change.
        Err(_) => rule,
    };
    let (key, value) = INFISICAL_POD;
    let spec = Map::new()
        .put("podSelector", Map::new().put("matchLabels", Map::new().put(key, value)))
        .put("policyTypes", kinds_list(&["Egress"]))
        .put(
            "egress",
            List::new()
                .item(dns())
                .note(format!("{host}, by its port."))
                .item(rule.put("ports", ports(&[port]))),
        );
    let namespace = context.catalog.addon("infisical-csi-provider").namespace;
    documents("", &[policy(&namespace, "infisical-csi-provider", spec)])
}

/// Returns the host of an address, and its port.
fn host_and_port(url: &str) -> (&str, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let standard = if scheme == "http" { 80 } else { 443 };
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').unwrap_or((rest, ""));
        let port = after.strip_prefix(':').and_then(|port| port.parse().ok());
        return (host, port.unwrap_or(standard));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap_or(standard)),
        None => (authority, standard),
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

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn the_port_of_an_address_is_known() {
        for (url, want) in [
            ("https://secrets.example.com", ("secrets.example.com", 443)),
            ("http://secrets.example.com/api", ("secrets.example.com", 80)),
            ("https://secrets.example.com:8443/", ("secrets.example.com", 8443)),
            ("https://10.1.2.3", ("10.1.2.3", 443)),
            ("https://[2001:db8::1]:8443", ("2001:db8::1", 8443)),
            ("https://[2001:db8::1]/x", ("2001:db8::1", 443)),
        ] {
            assert_eq!(host_and_port(url), want, "{url}");
        }
    }
}
