//! The values of `charts/app`, put back into the shape of spec and payload.
//!
//! Every value keeps its place. The file's own `overrides` are merged as the chart does.

use yaml::{Kind as NodeKind, Node, Span};

use super::layers::merged;

/// Returns the spec that the file's global half stands for.
pub(super) fn spec(tree: &Node) -> Node {
    let field = |keys: &[&str]| keys.iter().try_fold(tree, |node, key| node.get(key));
    let mut environment = vec![
        entry("name", field(&["app", "environment"]).cloned().unwrap_or_else(|| made("config"))),
        entry("production", Node::new(NodeKind::Bool(true), Span::default())),
        entry("tls", field(&["tls", "enabled"]).cloned().unwrap_or_else(|| flag(false))),
    ];
    let namespace = field(&["app", "namespace"]).filter(|node| node.as_str() != Some(""));
    environment.extend(namespace.map(|node| entry("namespace", node.clone())));
    environment.extend(field(&["env"]).map(|node| entry("env", node.clone())));
    let mut tls =
        vec![entry("mode", made("cert-manager")), entry("email", made("of another file"))];
    tls.extend(field(&["tls", "clusterIssuer"]).map(|node| entry("default", issuer(node))));
    let mut spec = vec![
        entry("environments", list(vec![map(environment, tree.span)])),
        entry("tls", map(tls, tree.span)),
        entry("policies", map(vec![entry("podSecurity", made("privileged"))], tree.span)),
    ];
    spec.extend(field(&["domain"]).map(|node| entry("domain", node.clone())));
    spec.extend(field(&["resourcePresets"]).map(|node| entry("resourcePresets", node.clone())));
    spec.extend(field(&["toggles"]).map(|node| entry("toggles", node.clone())));
    if let (Some(credentials), Some(name), Some(path), Some(key)) = (
        field(&["registryCredentials"]),
        field(&["registryCredentials", "secretName"]),
        field(&["registryCredentials", "path"]).and_then(Node::as_str),
        field(&["registryCredentials", "key"]).and_then(Node::as_str),
    ) {
        let from = made(&format!("infisical:{}/{key}", path.trim_end_matches('/')));
        let pull =
            map(vec![entry("secretName", name.clone()), entry("from", from)], credentials.span);
        spec.push(entry("registry", map(vec![entry("pull", pull)], credentials.span)));
    }
    if let Some(manager) = field(&["secretManager"])
        && manager.get("provider").and_then(Node::as_str) == Some("infisical")
    {
        spec.push(entry("secrets", map(vec![entry("infisical", manager.clone())], manager.span)));
    }
    let metadata = field(&["app"]).cloned().unwrap_or_else(|| map(Vec::new(), tree.span));
    map(vec![entry("metadata", metadata), entry("spec", map(spec, tree.span))], tree.span)
}

/// Returns an issuer by the name that the spec has for it.
fn issuer(node: &Node) -> Node {
    let mut node = node.clone();
    match node.as_str() {
        Some("letsencrypt-staging") => node.kind = NodeKind::String("staging".to_owned()),
        Some("letsencrypt-prod") => node.kind = NodeKind::String("prod".to_owned()),
        _ => {}
    }
    node
}

/// Returns the payload that the file's workloads stand for.
pub(super) fn payload(tree: &Node) -> Node {
    let services = tree.get("services").and_then(Node::as_list).unwrap_or_default();
    let apps = services.iter().filter_map(|service| {
        let name = service.get("name").and_then(Node::as_str).unwrap_or_default();
        let workload = match tree.get("overrides").and_then(|overrides| overrides.get(name)) {
            Some(differing) => merged(service, differing),
            None => service.clone(),
        };
        let enabled = workload.get("enabled").and_then(Node::as_bool).unwrap_or(true);
        enabled.then(|| app(&workload))
    });
    Node::new(NodeKind::List(apps.collect()), tree.span)
}

/// Returns a workload in the shape of the payload.
fn app(workload: &Node) -> Node {
    let mut entries = Vec::new();
    let rename = |entries: &mut Vec<(Node, Node)>, map: &Node, names: &[(&str, &str)]| {
        for (from, to) in names {
            let Some((key, value)) = map.entry(from) else { continue };
            // An empty text is how a value is taken back.
            if value.as_str() != Some("") {
                entries.push((keyed(key, to), value.clone()));
            }
        }
    };
    for (key, value) in workload.as_map().unwrap_or_default() {
        match key.as_str() {
            Some("image") => rename(
                &mut entries,
                value,
                &[
                    ("repository", "image"),
                    ("tag", "tag"),
                    ("digest", "digest"),
                    ("pullPolicy", "imagePullPolicy"),
                ],
            ),
            Some("cronJob") => rename(
                &mut entries,
                value,
                &[
                    ("schedule", "schedule"),
                    ("timeZone", "timeZone"),
                    ("concurrencyPolicy", "concurrencyPolicy"),
                ],
            ),
            Some("job") => rename(
                &mut entries,
                value,
                &[
                    ("backoffLimit", "backoffLimit"),
                    ("activeDeadlineSeconds", "activeDeadlineSeconds"),
                    ("beforeDeployments", "beforeDeployments"),
                ],
            ),
            Some("ingress") => {
                let off = value.get("enabled").and_then(Node::as_bool) == Some(false);
                if !off {
                    rename(&mut entries, value, &[("hosts", "hosts")]);
                    entries
                        .extend(value.entry("tls").map(|(key, tls)| (key.clone(), self::tls(tls))));
                }
            }
            Some("resources" | "resourcePreset") => {}
            Some(
                "enabled"
                | "service"
                | "podDisruptionBudget"
                | "serviceAccount"
                | "preStopSleepSeconds",
            ) => {}
            _ => entries.push((key.clone(), value.clone())),
        }
    }
    if let Some(resources) = resources_of(workload) {
        entries.push(resources);
    }
    // The file cannot say that a workload is meant to be reached from inside only.
    if !entries.iter().any(|(key, _)| key.as_str() == Some("hosts")) {
        entries.push(entry("internal", flag(true)));
    }
    map(entries, workload.span)
}

fn resources_of(workload: &Node) -> Option<(Node, Node)> {
    let written = workload.entry("resources");
    let preset = workload.entry("resourcePreset");
    let (key, _) = written.or(preset)?;
    let own = written.and_then(|(_, resources)| resources.as_map()).unwrap_or_default();
    let mut entries = own.to_vec();
    entries.extend(preset.map(|(key, value)| (keyed(key, "preset"), value.clone())));
    let span = written.or(preset).map_or(workload.span, |(_, value)| value.span);
    Some((keyed(key, "resources"), map(entries, span)))
}

fn tls(node: &Node) -> Node {
    if node.get("enabled").and_then(Node::as_bool) == Some(false) {
        return Node::new(NodeKind::Bool(false), node.span);
    }
    let mut entries = Vec::new();
    if let Some((key, value)) = node.entry("clusterIssuer") {
        entries.push((keyed(key, "issuer"), issuer(value)));
    }
    entries.extend(node.entry("secretName").cloned());
    map(entries, node.span)
}

fn keyed(key: &Node, name: &str) -> Node {
    Node::new(NodeKind::String(name.to_owned()), key.span)
}

fn entry(name: &str, value: Node) -> (Node, Node) {
    (Node::new(NodeKind::String(name.to_owned()), value.span), value)
}

fn map(entries: Vec<(Node, Node)>, span: Span) -> Node {
    Node::new(NodeKind::Map(entries), span)
}

fn list(items: Vec<Node>) -> Node {
    Node::new(NodeKind::List(items), Span::default())
}

fn made(text: &str) -> Node {
    Node::new(NodeKind::String(text.to_owned()), Span::default())
}

fn flag(value: bool) -> Node {
    Node::new(NodeKind::Bool(value), Span::default())
}
