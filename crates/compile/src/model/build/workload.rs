//! The parts of a workload, as the payload writes them.

use yaml::Node;

use super::fields::{flag, get, int, int_or, list, quantity, text, text_or, texts, whole};
use crate::model::{
    AccessMode, Affinity, Amounts, Autoscaling, Egress, PortReference, Probe, ProbeAction, Probes,
    Quantity, Resources, SecretReference, SecretSource, SecurityContext, Spread, Toleration,
    Volume, VolumeSource,
};

pub(super) fn amounts(node: &Node) -> Amounts {
    Amounts {
        cpu: quantity(node, "cpu"),
        memory: quantity(node, "memory").map(Quantity::as_bytes),
        ephemeral_storage: quantity(node, "ephemeral-storage").map(Quantity::as_bytes),
    }
}

pub(super) fn resources(node: &Node) -> Resources {
    Resources {
        requests: get(node, "requests").map(amounts).unwrap_or_default(),
        limits: get(node, "limits").map(amounts).unwrap_or_default(),
    }
}

/// Reads an autoscaler; what it does not say comes from `below`, the one it is merged over.
pub(super) fn autoscaling(node: &Node, below: Option<&Autoscaling>) -> Option<Autoscaling> {
    node.as_map()?;
    let number = |key, below: Option<i64>, default| int(node, key).or(below).unwrap_or(default);
    Some(Autoscaling {
        min_replicas: number("minReplicas", below.map(|below| below.min_replicas), 1),
        max_replicas: number("maxReplicas", below.map(|below| below.max_replicas), 1),
        target_cpu_percent: number(
            "targetCPUUtilizationPercentage",
            below.map(|below| below.target_cpu_percent),
            75,
        ),
        target_memory_percent: int(node, "targetMemoryUtilizationPercentage")
            .or(below.and_then(|below| below.target_memory_percent)),
    })
}

pub(super) fn port_reference(node: &Node) -> PortReference {
    let Some(port) = get(node, "port") else { return PortReference::First };
    match (port.as_str(), whole(port)) {
        (Some(name), _) => PortReference::Name(name.to_owned()),
        (None, Some(number)) => PortReference::Number(number),
        (None, None) => PortReference::First,
    }
}

pub(super) fn probes(node: &Node) -> Probes {
    let health = text(node, "health");
    let written = get(node, "probes");
    let read = |kind: &str, by_health: bool| {
        let field = format!("probes.{kind}");
        let own =
            written.and_then(|probes| get(probes, kind)).map(|probe| self::probe(probe, field));
        own.or_else(|| health.as_deref().filter(|_| by_health).map(health_probe))
    };
    Probes {
        readiness: read("readiness", true),
        liveness: read("liveness", true),
        startup: read("startup", false),
    }
}

fn health_probe(path: &str) -> Probe {
    let action = ProbeAction::HttpGet {
        path: path.to_owned(),
        port: PortReference::First,
        https: false,
        headers: Vec::new(),
    };
    Probe {
        action,
        initial_delay_seconds: 0,
        period_seconds: 10,
        timeout_seconds: 1,
        success_threshold: 1,
        failure_threshold: 3,
        field: "health".to_owned(),
    }
}

fn probe(node: &Node, field: String) -> Probe {
    Probe {
        action: action(node),
        initial_delay_seconds: int_or(node, "initialDelaySeconds", 0),
        period_seconds: int_or(node, "periodSeconds", 10),
        timeout_seconds: int_or(node, "timeoutSeconds", 1),
        success_threshold: int_or(node, "successThreshold", 1),
        failure_threshold: int_or(node, "failureThreshold", 3),
        field,
    }
}

fn action(node: &Node) -> ProbeAction {
    if let Some(socket) = get(node, "tcpSocket") {
        return ProbeAction::TcpSocket { port: port_reference(socket) };
    }
    if let Some(exec) = get(node, "exec") {
        return ProbeAction::Exec { command: texts(exec, "command") };
    }
    if let Some(grpc) = get(node, "grpc") {
        return ProbeAction::Grpc { port: port_reference(grpc), service: text(grpc, "service") };
    }
    let request = get(node, "httpGet").unwrap_or(node);
    let headers = list(request, "httpHeaders").iter();
    ProbeAction::HttpGet {
        path: text_or(request, "path", "/"),
        port: port_reference(request),
        https: get(request, "scheme").and_then(Node::as_str) == Some("HTTPS"),
        headers: headers
            .map(|header| (text_or(header, "name", ""), text_or(header, "value", "")))
            .collect(),
    }
}

pub(super) fn secret(node: &Node) -> Option<SecretReference> {
    let manager = |path| SecretSource::Manager { path };
    if let Some(key) = node.as_str() {
        return Some(SecretReference {
            key: key.to_owned(),
            source: manager("/".to_owned()),
            env: Some(key.to_owned()),
            file: None,
        });
    }
    let key = text(node, "key")?;
    let file = text(node, "file");
    let env = text(node, "env").or_else(|| file.is_none().then(|| key.clone()));
    let source = match text(node, "existingSecret") {
        Some(name) => SecretSource::Existing { name },
        None => manager(text_or(node, "path", "/")),
    };
    Some(SecretReference { key, source, env, file })
}

pub(super) fn volume(node: &Node) -> Volume {
    let access_mode = match get(node, "accessMode").and_then(Node::as_str) {
        Some("ReadWriteOncePod") => AccessMode::ReadWriteOncePod,
        Some("ReadOnlyMany") => AccessMode::ReadOnlyMany,
        Some("ReadWriteMany") => AccessMode::ReadWriteMany,
        _ => AccessMode::ReadWriteOnce,
    };
    let size = quantity(node, "size").map(Quantity::as_bytes);
    let source = if get(node, "type").and_then(Node::as_str) == Some("emptyDir") {
        VolumeSource::EmptyDir { size_limit: size, memory: get(node, "medium").is_some() }
    } else if let Some(claim) = text(node, "existingClaim") {
        VolumeSource::Existing { claim, access_mode }
    } else {
        let storage_class = text(node, "storageClass");
        VolumeSource::Persistent {
            size: size.unwrap_or(Quantity::ZERO),
            storage_class,
            access_mode,
        }
    };
    Volume {
        name: text_or(node, "name", ""),
        mount_path: text_or(node, "mountPath", ""),
        source,
        sub_path: text(node, "subPath"),
        read_only: flag(node, "readOnly", false),
    }
}

pub(super) fn egress(node: &Node) -> Egress {
    Egress {
        cidr: text_or(node, "cidr", ""),
        ports: list(node, "ports").iter().filter_map(whole).collect(),
    }
}

pub(super) fn toleration(node: &Node) -> Toleration {
    Toleration {
        key: text(node, "key"),
        exists: get(node, "operator").and_then(Node::as_str) == Some("Exists"),
        value: text(node, "value"),
        effect: text(node, "effect"),
        toleration_seconds: int(node, "tolerationSeconds"),
    }
}

pub(super) fn affinity(node: &Node) -> Affinity {
    let Some(node) = get(node, "affinity") else { return Affinity::default() };
    Affinity {
        spread: match get(node, "spread").and_then(Node::as_str) {
            Some("preferred") => Spread::Preferred,
            Some("required") => Spread::Required,
            _ => Spread::Unset,
        },
        same_node_as: text(node, "sameNodeAs"),
    }
}

pub(super) fn security_context(node: &Node) -> SecurityContext {
    let Some(node) = get(node, "securityContext") else { return SecurityContext::default() };
    SecurityContext {
        run_as_non_root: flag(node, "runAsNonRoot", true),
        run_as_user: int(node, "runAsUser"),
        run_as_group: int(node, "runAsGroup"),
        fs_group: int(node, "fsGroup"),
        read_only_root_filesystem: flag(node, "readOnlyRootFilesystem", true),
        allow_privilege_escalation: flag(node, "allowPrivilegeEscalation", false),
        add_capabilities: texts(node, "addCapabilities"),
        seccomp_unconfined: get(node, "seccompProfile").and_then(Node::as_str)
            == Some("Unconfined"),
    }
}
