//! One app of the payload.

use indexmap::IndexMap;
use yaml::Node;

use super::fields::{
    entries, env, flag, get, int, int_or, list, text, text_map, text_or, texts, whole,
};
use super::workload;
use crate::model::{
    App, Autoscaling, ConcurrencyPolicy, HostPattern, HostsWish, Image, Issuer, Origin, Override,
    Path, PathType, Port, PortReference, Preset, Protocol, PullPolicy, Resources, ResourcesWish,
    Rule, TlsWish, Workload,
};

/// What apps take from the platform when they are read.
pub(super) struct Defaults<'a> {
    /// The port of an app with hosts or a health path but no ports.
    pub(super) port: i64,
    /// The resource presets.
    pub(super) presets: &'a IndexMap<String, Resources>,
}

pub(super) fn app(node: &Node, origin: Origin, defaults: &Defaults<'_>) -> App {
    let image = image(node);
    let name = text(node, "name").unwrap_or_else(|| image.derived_name());
    let workload = kind(node);
    let hosts = hosts(node);
    let autoscaling = get(node, "autoscaling").and_then(|node| workload::autoscaling(node, None));
    let overrides: IndexMap<String, Override> = entries(node, "environments")
        .map(|(name, node)| {
            let origin = origin.part("environments").key(name);
            (name.to_owned(), override_of(node, origin, defaults, autoscaling.as_ref()))
        })
        .collect();
    let mut ports = ports(node);
    let has_hosts = !hosts.hosts.is_empty()
        || overrides.values().any(|differing| !differing.hosts.hosts.is_empty());
    let needs_port = has_hosts || get(node, "health").is_some();
    if ports.is_empty() && needs_port && workload == Workload::Deployment {
        ports.push(http_port(defaults.port));
    }
    App {
        name,
        workload,
        image,
        image_pull_secrets: texts(node, "imagePullSecrets"),
        command: texts(node, "command"),
        args: texts(node, "args"),
        working_dir: text(node, "workingDir"),
        replicas: int(node, "replicas"),
        autoscaling,
        hosts,
        internal: flag(node, "internal", false),
        tls: tls(node),
        ingress_annotations: text_map(node, "ingressAnnotations"),
        ports,
        probes: workload::probes(node),
        resources: resources(node, defaults),
        env: env(node, "env"),
        secrets: list(node, "secrets").iter().filter_map(workload::secret).collect(),
        volumes: list(node, "volumes").iter().map(workload::volume).collect(),
        termination_grace_period_seconds: int_or(node, "terminationGracePeriodSeconds", 30),
        rules: get(node, "rbac").map(rules).unwrap_or_default(),
        egress: list(node, "egress").iter().map(workload::egress).collect(),
        node_selector: text_map(node, "nodeSelector"),
        tolerations: list(node, "tolerations").iter().map(workload::toleration).collect(),
        affinity: workload::affinity(node),
        runtime_class_name: text(node, "runtimeClassName"),
        gpu: int_or(node, "gpu", 0),
        security_context: workload::security_context(node),
        labels: text_map(node, "labels"),
        annotations: text_map(node, "annotations"),
        overrides,
        origin,
    }
}

fn override_of(
    node: &Node,
    origin: Origin,
    defaults: &Defaults<'_>,
    autoscaling: Option<&Autoscaling>,
) -> Override {
    Override {
        enabled: flag(node, "enabled", true),
        tag: text(node, "tag"),
        digest: text(node, "digest"),
        replicas: int(node, "replicas"),
        autoscaling: get(node, "autoscaling").map(|node| workload::autoscaling(node, autoscaling)),
        resources: resources(node, defaults),
        env: env(node, "env"),
        hosts: hosts(node),
        tls: tls(node),
        schedule: text(node, "schedule"),
        origin,
    }
}

fn kind(node: &Node) -> Workload {
    let schedule = text(node, "schedule");
    let default = if schedule.is_some() { "cronjob" } else { "deployment" };
    let backoff_limit = int_or(node, "backoffLimit", 3);
    let active_deadline_seconds = int(node, "activeDeadlineSeconds");
    match text_or(node, "type", default).as_str() {
        "cronjob" => Workload::CronJob {
            schedule: schedule.unwrap_or_default(),
            time_zone: text_or(node, "timeZone", "Etc/UTC"),
            concurrency_policy: match get(node, "concurrencyPolicy").and_then(Node::as_str) {
                Some("Allow") => ConcurrencyPolicy::Allow,
                Some("Replace") => ConcurrencyPolicy::Replace,
                _ => ConcurrencyPolicy::Forbid,
            },
            backoff_limit,
            active_deadline_seconds,
        },
        "job" => Workload::Job {
            before_deployments: flag(node, "beforeDeployments", false),
            backoff_limit,
            active_deadline_seconds,
        },
        _ => Workload::Deployment,
    }
}

fn image(node: &Node) -> Image {
    let mut image = Image::parse(&text_or(node, "image", ""));
    // What is written in a field of its own is what somebody edits.
    image.tag = text(node, "tag").or(image.tag);
    image.digest = text(node, "digest").or(image.digest);
    image.pull_policy = match get(node, "imagePullPolicy").and_then(Node::as_str) {
        Some("Always") => PullPolicy::Always,
        Some("Never") => PullPolicy::Never,
        _ => PullPolicy::IfNotPresent,
    };
    image
}

fn hosts(node: &Node) -> HostsWish {
    let common = paths(node);
    let mut hosts = Vec::new();
    if let Some(host) = text(node, "fqdn") {
        hosts.push(HostPattern { host, paths: common.clone(), field: "fqdn".to_owned() });
    }
    for (index, item) in list(node, "hosts").iter().enumerate() {
        let Some(host) = item.as_str().map(str::to_owned).or_else(|| text(item, "host")) else {
            continue;
        };
        let paths = if get(item, "paths").is_some() { paths(item) } else { common.clone() };
        hosts.push(HostPattern { host, paths, field: format!("hosts.{index}") });
    }
    HostsWish { hosts }
}

fn paths(node: &Node) -> Vec<Path> {
    let written = list(node, "paths").iter().filter_map(|item| {
        Some(Path {
            path: item.as_str().map(str::to_owned).or_else(|| text(item, "path"))?,
            path_type: match get(item, "pathType").and_then(Node::as_str) {
                Some("Exact") => PathType::Exact,
                _ => PathType::Prefix,
            },
            port: workload::port_reference(item),
        })
    });
    let paths: Vec<Path> = written.collect();
    if !paths.is_empty() {
        return paths;
    }
    vec![Path { path: "/".to_owned(), path_type: PathType::Prefix, port: PortReference::First }]
}

fn tls(node: &Node) -> TlsWish {
    let Some(tls) = get(node, "tls") else { return TlsWish::Inherit };
    match tls.as_bool() {
        Some(false) => TlsWish::Off,
        _ => TlsWish::On {
            issuer: text(tls, "issuer").map(|name| Issuer::named(&name)),
            secret_name: text(tls, "secretName"),
        },
    }
}

fn http_port(number: i64) -> Port {
    Port {
        name: "http".to_owned(),
        container_port: number,
        service_port: number,
        protocol: Protocol::Tcp,
    }
}

fn ports(node: &Node) -> Vec<Port> {
    let items = list(node, "ports");
    if items.is_empty() {
        return int(node, "port").map(http_port).into_iter().collect();
    }
    // Only the first TCP port is called http, and only while no other port has the name.
    let mut http_free = !items.iter().any(|item| text(item, "name").as_deref() == Some("http"));
    let mut ports = Vec::with_capacity(items.len());
    for item in items {
        let number = whole(item).unwrap_or_else(|| int_or(item, "containerPort", 0));
        let protocol = match get(item, "protocol").and_then(Node::as_str) {
            Some("UDP") => Protocol::Udp,
            _ => Protocol::Tcp,
        };
        let is_http = protocol == Protocol::Tcp && std::mem::take(&mut http_free);
        let by_default = if is_http { "http".to_owned() } else { format!("port-{number}") };
        ports.push(Port {
            name: text(item, "name").unwrap_or(by_default),
            container_port: number,
            service_port: int_or(item, "servicePort", number),
            protocol,
        });
    }
    ports
}

fn resources(node: &Node, defaults: &Defaults<'_>) -> ResourcesWish {
    let Some(node) = get(node, "resources") else { return ResourcesWish::default() };
    let preset = text(node, "preset")
        .map(|name| Preset { resources: defaults.presets.get(&name).copied(), name });
    ResourcesWish { preset, written: workload::resources(node) }
}

fn rules(node: &Node) -> Vec<Rule> {
    let rules = list(node, "rules").iter().map(|rule| Rule {
        api_groups: texts(rule, "apiGroups"),
        resources: texts(rule, "resources"),
        verbs: texts(rule, "verbs"),
        resource_names: texts(rule, "resourceNames"),
    });
    rules.collect()
}
