//! Pods, and the templates that they are made from.

use yaml::Value;

use super::{At, Found, list, meant, names, number, text};
use crate::model::Quantity;

/// When the containers of a kind's pods may be started again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    /// Always: of what is to run for ever.
    Always,
    /// On failure or never: of what is to end.
    Ends,
    /// As the pod says.
    Free,
}

/// Checks a pod template: its labels, and the pod.
///
/// `claims` are volumes that the workload makes for each pod.
pub(super) fn template(
    template: &Value,
    at: &At<'_>,
    (restart, claims): (Restart, &[Value]),
    found: &mut Found,
) {
    if let Some(metadata) = template.get("metadata") {
        names::labels(metadata, &at.key("metadata"), found);
    }
    if let Some(spec) = template.get("spec") {
        pod(spec, &at.key("spec"), (restart, claims), found);
    }
}

/// Checks a pod.
pub(super) fn pod(
    pod: &Value,
    at: &At<'_>,
    (restart, claims): (Restart, &[Value]),
    found: &mut Found,
) {
    match restart {
        Restart::Always => found.one_of(pod, at, "restartPolicy", &["Always"]),
        Restart::Free => {
            found.one_of(pod, at, "restartPolicy", &["Always", "OnFailure", "Never"]);
        }
        Restart::Ends if !matches!(text(pod, "restartPolicy"), Some("OnFailure" | "Never")) => {
            found.add(&at.key("restartPolicy"), "must be `OnFailure` or `Never`: a Job has to end");
        }
        Restart::Ends => {}
    }
    let volumes = list(pod, "volumes");
    found.twice(volumes, &at.key("volumes"), "name");
    for (index, volume) in volumes.iter().enumerate() {
        let kinds = volume.as_map().into_iter().flatten();
        let kinds: Vec<&str> = kinds
            .filter(|(key, value)| *key != "name" && !value.is_null())
            .map(|(key, _)| key.as_str())
            .collect();
        if let [first, second, ..] = kinds[..] {
            let why = format!("has `{first}` and `{second}`, which exclude each other");
            found.add(&at.key("volumes").item(index), why);
        }
    }
    if list(pod, "containers").is_empty() {
        found.add(&at.key("containers"), "must have a container");
    }
    let claims = claims.iter().filter_map(|claim| text(claim.get("metadata")?, "name"));
    let own = volumes.iter().filter_map(|volume| text(volume, "name"));
    let volumes: Vec<&str> = own.chain(claims).collect();
    let mut known: Vec<&str> = Vec::new();
    for field in ["initContainers", "containers"] {
        let here = at.key(field);
        for (index, one) in list(pod, field).iter().enumerate() {
            let here = here.item(index);
            if let Some(name) = text(one, "name") {
                if known.contains(&name) {
                    found.add(&here.key("name"), format!("is `{name}`, which is there already"));
                }
                known.push(name);
            }
            container(one, &here, &volumes, found);
            probes(one, &here, found);
            if field == "initContainers" && text(one, "restartPolicy") != Some("Always") {
                for field in PROBES.iter().filter(|field| one.get(field).is_some_and(is_said)) {
                    found.add(
                        &here.key(field),
                        "is only for init containers with `restartPolicy: Always`",
                    );
                }
            }
        }
    }
}

fn container(container: &Value, at: &At<'_>, volumes: &[&str], found: &mut Found) {
    if let Some(name) = text(container, "name")
        && !names::is_label(name)
    {
        found.add(&at.key("name"), "must be at most 63 lower-case letters, digits and `-`");
    }
    if text(container, "image").is_none_or(str::is_empty) {
        found.add(&at.key("image"), "must be said");
    }
    found.one_of(container, at, "imagePullPolicy", &["Always", "IfNotPresent", "Never"]);
    let claims = list(container, "volumeMounts");
    found.twice(claims, &at.key("volumeMounts"), "mountPath");
    for (index, mount) in claims.iter().enumerate() {
        if let Some(name) = text(mount, "name")
            && !volumes.contains(&name)
        {
            let near = meant(name, volumes);
            let here = at.key("volumeMounts");
            let here = here.item(index);
            found.add(
                &here.key("name"),
                format!("is `{name}`, which is no volume of the pod{near}"),
            );
        }
    }
    ports(container, at, found);
    environment(container, at, found);
    resources(container, at, found);
}

fn ports(container: &Value, at: &At<'_>, found: &mut Found) {
    let here = at.key("ports");
    let ports = list(container, "ports");
    found.twice(ports, &here, "name");
    for (index, port) in ports.iter().enumerate() {
        let here = here.item(index);
        if number(port, "containerPort").is_some_and(|port| !(1..=65535).contains(&port)) {
            found.add(&here.key("containerPort"), "must be between 1 and 65535");
        }
        if text(port, "name").is_some_and(|name| !is_port_name(name)) {
            let why = "must be at most 15 lower-case letters, digits and `-`, a letter among them";
            found.add(&here.key("name"), why);
        }
        found.one_of(port, &here, "protocol", PROTOCOLS);
    }
}

/// What a port speaks.
pub(super) const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP"];

/// A name of a port (`IsValidPortName`).
pub(crate) fn is_port_name(name: &str) -> bool {
    name.len() <= 15
        && names::is_label(name)
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && !name.contains("--")
}

fn environment(container: &Value, at: &At<'_>, found: &mut Found) {
    let here = at.key("env");
    for (index, variable) in list(container, "env").iter().enumerate() {
        let here = here.item(index);
        let name = text(variable, "name").unwrap_or_default();
        if !name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=') {
            found.add(&here.key("name"), "must be printable ASCII without `=`");
        }
        let from = variable.get("valueFrom").and_then(Value::as_map).into_iter().flatten();
        let from: Vec<&str> =
            from.filter(|(_, source)| is_said(source)).map(|(key, _)| key.as_str()).collect();
        if let [first, second, ..] = from[..] {
            let why = format!("has `{first}` and `{second}`, which exclude each other");
            found.add(&here.key("valueFrom"), why);
        }
        let has_value = text(variable, "value").is_some_and(|value| !value.is_empty());
        if has_value && variable.get("valueFrom").is_some_and(|from| !from.is_null()) {
            found.add(&here.key("valueFrom"), "excludes `value`");
        }
    }
}

fn resources(container: &Value, at: &At<'_>, found: &mut Found) {
    let Some(resources) = container.get("resources") else { return };
    let here = at.key("resources");
    let amount = |field: &str, name: &str| {
        let value = resources.get(field)?.get(name)?;
        match value {
            Value::String(text) => Quantity::parse(text),
            Value::Int(number) => Some(Quantity::whole(*number)),
            _ => None,
        }
    };
    for field in ["requests", "limits"] {
        for (name, value) in resources.get(field).and_then(Value::as_map).into_iter().flatten() {
            let is_negative = match value {
                Value::Int(number) => *number < 0,
                Value::String(text) => {
                    text.starts_with('-') && amount(field, name) != Some(Quantity::whole(0))
                }
                _ => false,
            };
            if is_negative {
                found.add(&here.key(field).key(name), "must not be negative");
            }
        }
    }
    for (name, _) in resources.get("requests").and_then(Value::as_map).into_iter().flatten() {
        let (request, limit) = (amount("requests", name), amount("limits", name));
        let here = here.key("requests");
        // Devices cannot be shared: what is asked for is what is given.
        let is_device = name.contains('/') && !name.starts_with("kubernetes.io/");
        match (request, limit) {
            (Some(request), Some(limit)) if limit < request => {
                found.add(&here.key(name), format!("is {request}, above the limit of {limit}"));
            }
            (Some(request), Some(limit)) if is_device && limit != request => {
                found.add(
                    &here.key(name),
                    format!("is {request}, and must equal the limit of {limit}"),
                );
            }
            (Some(_), None) if is_device => {
                found.add(&here.key(name), "wants the same amount under `limits`");
            }
            _ => {}
        }
    }
}

const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];

fn is_said(value: &Value) -> bool {
    !value.is_null()
}

fn probes(container: &Value, at: &At<'_>, found: &mut Found) {
    for &field in PROBES {
        let Some(probe) = container.get(field).filter(|probe| is_said(probe)) else { continue };
        let here = at.key(field);
        let ways = ["exec", "httpGet", "tcpSocket", "grpc"];
        let has = |way: &&&str| probe.get(way).is_some_and(is_said);
        match ways.iter().filter(has).collect::<Vec<_>>()[..] {
            [] => found.add(&here, "must say how: `httpGet`, `tcpSocket`, `grpc` or `exec`"),
            [_] => {}
            [first, second, ..] => {
                found.add(&here, format!("has `{first}` and `{second}`, which exclude each other"));
            }
        }
        let exec = probe.get("exec").filter(|exec| is_said(exec));
        if exec.is_some_and(|exec| list(exec, "command").is_empty()) {
            let exec = here.key("exec");
            found.add(&exec.key("command"), "must be said");
        }
        let successes = number(probe, "successThreshold");
        if field != "readinessProbe" && successes.is_some_and(|it| !matches!(it, 0 | 1)) {
            found.add(&here.key("successThreshold"), "must be 1");
        }
    }
}
