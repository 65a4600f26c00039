//! Kind by kind: workloads, Services, Ingresses and what scales them.

use manifest::Object;
use yaml::Value;

use super::pods::{self, PROTOCOLS, Restart};
use super::{At, Found, list, names, number, text};
use crate::check::{schedule, security};

/// Checks an object by its kind.
pub(super) fn check(object: &Object, found: &mut Found) {
    let root = At::ROOT;
    let at = root.key("spec");
    let nothing = Value::Null;
    let spec = object.value.get("spec").unwrap_or(&nothing);
    match (object.group(), object.kind()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            workload(spec, &at, found);
        }
        ("batch", "Job") => job(spec, &at, found),
        ("batch", "CronJob") => cron_job(spec, &at, found),
        ("", "Pod") => pods::pod(spec, &at, (Restart::Free, &[]), found),
        ("", "Service") => service(spec, &at, found),
        ("", "ConfigMap" | "Secret") => keys(object, found),
        ("", "PersistentVolumeClaim") => claim(spec, &at, found),
        ("networking.k8s.io", "Ingress") => ingress(spec, &at, found),
        ("networking.k8s.io", "NetworkPolicy") => network_policy(spec, &at, found),
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let least = number(spec, "minReplicas").unwrap_or(1);
            if number(spec, "maxReplicas").is_some_and(|most| most < least) {
                found.add(&at.key("maxReplicas"), format!("is below `minReplicas`, {least}"));
            }
        }
        ("policy", "PodDisruptionBudget") => {
            let says = |key| spec.get(key).is_some_and(|it| !it.is_null());
            if says("minAvailable") && says("maxUnavailable") {
                found.add(&at.key("maxUnavailable"), "excludes `minAvailable`");
            }
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            let reference = object.value.get("roleRef").unwrap_or(&nothing);
            let kinds: &[&str] = match object.kind() {
                "RoleBinding" => &["Role", "ClusterRole"],
                _ => &["ClusterRole"],
            };
            found.one_of(reference, &root.key("roleRef"), "kind", kinds);
        }
        _ => {}
    }
}

fn workload(spec: &Value, at: &At<'_>, found: &mut Found) {
    if number(spec, "replicas").is_some_and(|replicas| replicas < 0) {
        found.add(&at.key("replicas"), "must not be negative");
    }
    if let Some(strategy) = spec.get("strategy") {
        let here = at.key("strategy");
        let rolling = strategy.get("rollingUpdate").filter(|it| !it.is_null());
        found.one_of(strategy, &here, "type", &["RollingUpdate", "Recreate"]);
        if let Some(rolling) = rolling {
            let is_zero = |key: &str| match rolling.get(key) {
                Some(Value::Int(number)) => *number == 0,
                Some(Value::String(text)) => matches!(text.as_str(), "0" | "0%"),
                _ => false,
            };
            if text(strategy, "type") == Some("Recreate") {
                found.add(&here.key("rollingUpdate"), "excludes `type: Recreate`");
            } else if is_zero("maxSurge") && is_zero("maxUnavailable") {
                let here = here.key("rollingUpdate");
                found.add(&here.key("maxUnavailable"), "must not be 0 where `maxSurge` is 0");
            }
        }
    }
    if let Some(strategy) = spec.get("updateStrategy") {
        found.one_of(strategy, &at.key("updateStrategy"), "type", &["RollingUpdate", "OnDelete"]);
    }
    let Some(template) = spec.get("template") else { return };
    let here = at.key("template");
    let labels = template.get("metadata").and_then(|it| it.get("labels"));
    let wanted = spec.get("selector").and_then(|it| it.get("matchLabels")).and_then(Value::as_map);
    let missing = wanted.into_iter().flatten().find(|(key, value)| {
        labels.and_then(|labels| labels.get(key)).and_then(Value::as_str) != value.as_str()
    });
    let selector = spec.get("selector");
    let says = |key| {
        selector.and_then(|it| it.get(key)).is_some_and(|it| match it {
            Value::Map(fields) => !fields.is_empty(),
            Value::List(items) => !items.is_empty(),
            _ => false,
        })
    };
    if !says("matchLabels") && !says("matchExpressions") {
        found.add(&at.key("selector"), "must say which pods are its own");
    }
    if let Some((key, _)) = missing {
        let why =
            format!("asks for the label `{key}`, which the pods of `template` do not have so");
        found.add(&at.key("selector"), why);
    }
    let expressions = selector.map(|it| list(it, "matchExpressions")).unwrap_or_default();
    if let Some(key) =
        expressions.iter().find(|it| !holds(it, labels)).and_then(|it| text(it, "key"))
    {
        let why = format!("asks of the label `{key}` what the pods of `template` do not have");
        found.add(&at.key("selector"), why);
    }
    let claims = list(spec, "volumeClaimTemplates");
    pods::template(template, &here, (Restart::Always, claims), found);
}

/// Whether labels are as an expression of a selector wants them; what is no operator is another fault.
fn holds(expression: &Value, labels: Option<&Value>) -> bool {
    let key = text(expression, "key").unwrap_or_default();
    let label = labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
    let among = |label| list(expression, "values").iter().any(|it| it.as_str() == Some(label));
    match text(expression, "operator") {
        Some("In") => label.is_some_and(among),
        Some("NotIn") => !label.is_some_and(among),
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => true,
    }
}

fn job(spec: &Value, at: &At<'_>, found: &mut Found) {
    if let Some(template) = spec.get("template") {
        pods::template(template, &at.key("template"), (Restart::Ends, &[]), found);
    }
}

fn cron_job(spec: &Value, at: &At<'_>, found: &mut Found) {
    found.one_of(spec, at, "concurrencyPolicy", &["Allow", "Forbid", "Replace"]);
    if let Some(expression) = text(spec, "schedule")
        && let Err(why) = schedule::read(expression)
    {
        found.add(&at.key("schedule"), format!("is no schedule: {why}"));
    }
    if let Some(zone) = text(spec, "timeZone")
        && (zone.is_empty() || !schedule::is_time_zone(zone))
    {
        found.add(&at.key("timeZone"), format!("is `{zone}`, which is no time zone"));
    }
    if let Some(template) = spec.get("jobTemplate").and_then(|it| it.get("spec")) {
        job(template, &at.key("jobTemplate").key("spec"), found);
    }
}

fn service(spec: &Value, at: &At<'_>, found: &mut Found) {
    let kinds = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
    found.one_of(spec, at, "type", &kinds);
    let kind = text(spec, "type").unwrap_or("ClusterIP");
    let ports = list(spec, "ports");
    let here = at.key("ports");
    let is_headless = text(spec, "clusterIP") == Some("None");
    if ports.is_empty() && !is_headless && kind != "ExternalName" {
        found.add(&here, "must have a port");
    }
    if kind == "ExternalName" && text(spec, "externalName").is_none_or(str::is_empty) {
        found.add(&at.key("externalName"), "must be said");
    }
    found.twice(ports, &here, "name");
    for (index, port) in ports.iter().enumerate() {
        let here = here.item(index);
        found.one_of(port, &here, "protocol", PROTOCOLS);
        if text(port, "name").is_some_and(|name| !name.is_empty() && !names::is_label(name)) {
            found.add(&here.key("name"), "must be lower-case letters, digits and `-`");
        }
        if ports.len() > 1 && text(port, "name").is_none_or(str::is_empty) {
            found.add(&here.key("name"), "must be said where there are several ports");
        }
        if number(port, "port").is_some_and(|port| !(1..=65535).contains(&port)) {
            found.add(&here.key("port"), "must be between 1 and 65535");
        }
        if kind == "ClusterIP" && number(port, "nodePort").is_some_and(|port| port != 0) {
            found.add(&here.key("nodePort"), "wants `type: NodePort` or `LoadBalancer`");
        }
        let same = |other: &Value| {
            let speaks = |port| text(port, "protocol").unwrap_or("TCP");
            number(other, "port") == number(port, "port") && speaks(other) == speaks(port)
        };
        if ports[..index].iter().any(same) {
            found.add(&here.key("port"), "is there twice");
        }
    }
}

/// Keys of data are names of files.
fn keys(object: &Object, found: &mut Found) {
    let root = At::ROOT;
    for field in ["data", "binaryData", "stringData"] {
        for (key, _) in object.value.get(field).and_then(Value::as_map).into_iter().flatten() {
            let plain =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            let leads_up = key == "." || key.starts_with("..");
            if key.is_empty() || key.len() > 253 || leads_up || !key.bytes().all(plain) {
                let why = "is no key: at most 253 letters, digits, `-`, `_` and `.`";
                found.add(&root.key(field).key(key), why);
            }
        }
    }
}

fn claim(spec: &Value, at: &At<'_>, found: &mut Found) {
    let modes = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
    let here = at.key("accessModes");
    for (index, mode) in list(spec, "accessModes").iter().enumerate() {
        if mode.as_str().is_some_and(|mode| !modes.contains(&mode)) {
            found.add(&here.item(index), format!("must be one of `{}`", modes.join("`, `")));
        }
    }
    let requests = spec.get("resources").and_then(|it| it.get("requests"));
    if requests.and_then(|it| it.get("storage")).is_none() {
        found.add(&at.key("resources").key("requests"), "must say how much `storage`");
    }
}

/// Whether a path is one that an Ingress matches exactly or by its beginning.
pub(crate) fn is_path(path: &str) -> bool {
    let encoded = ["%2f", "%2F"].iter().any(|slash| path.contains(slash));
    let inner = path.strip_prefix('/');
    inner.is_some_and(|rest| {
        !encoded && !path.contains("//") && !rest.split('/').any(|part| matches!(part, "." | ".."))
    })
}

const HOST: &str = "must be a host name in lower case, and nothing else";

/// Whether a host is one that an Ingress takes: a name in lower case, perhaps below `*.`, and no address.
pub(crate) fn is_host(host: &str) -> bool {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    !is_address && names::is_subdomain(host.strip_prefix("*.").unwrap_or(host))
}

fn ingress(spec: &Value, at: &At<'_>, found: &mut Found) {
    let rules = list(spec, "rules");
    if rules.is_empty() && spec.get("defaultBackend").is_none() {
        found.add(at, "must have `rules` or a `defaultBackend`");
    }
    let here = at.key("tls");
    for (index, tls) in list(spec, "tls").iter().enumerate() {
        let here = here.item(index);
        let here = here.key("hosts");
        for (index, host) in list(tls, "hosts").iter().enumerate() {
            if host.as_str().is_some_and(|host| !is_host(host)) {
                found.add(&here.item(index), HOST);
            }
        }
    }
    let here = at.key("rules");
    for (index, rule) in rules.iter().enumerate() {
        let here = here.item(index);
        if text(rule, "host").is_some_and(|host| !host.is_empty() && !is_host(host)) {
            found.add(&here.key("host"), HOST);
        }
        let http = here.key("http");
        let here = http.key("paths");
        let paths = rule.get("http").map(|http| list(http, "paths")).unwrap_or_default();
        for (index, path) in paths.iter().enumerate() {
            let here = here.item(index);
            found.one_of(path, &here, "pathType", &["Exact", "Prefix", "ImplementationSpecific"]);
            let is_exact = matches!(text(path, "pathType"), Some("Exact" | "Prefix"));
            if is_exact && !is_path(text(path, "path").unwrap_or_default()) {
                found.add(
                    &here.key("path"),
                    "must begin with `/` and have no `//`, `.` or `..` in it",
                );
            }
            let port = path.get("backend").and_then(|it| it.get("service")?.get("port"));
            if port.is_some_and(|port| port.get("name").is_some() && port.get("number").is_some()) {
                let backend = here.key("backend");
                let service = backend.key("service");
                found
                    .add(&service.key("port"), "has `name` and `number`, which exclude each other");
            }
        }
    }
}

fn network_policy(spec: &Value, at: &At<'_>, found: &mut Found) {
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        let here = at.key(direction);
        for (index, rule) in list(spec, direction).iter().enumerate() {
            let here = here.item(index);
            let here = here.key(side);
            for (index, peer) in list(rule, side).iter().enumerate() {
                let block = peer.get("ipBlock").and_then(|block| text(block, "cidr"));
                if block.is_some_and(|block| !security::is_cidr(block)) {
                    let here = here.item(index);
                    let here = here.key("ipBlock");
                    found.add(&here.key("cidr"), "must be a range such as `10.0.0.0/24`");
                }
            }
        }
    }
}
