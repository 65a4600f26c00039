//! Pods that the namespace they go to refuses.
//!
//! In: what an environment delivers, its Namespaces with their labels among it. Out: diagnostics. A namespace
//! that the environment does not deliver is not judged.
//!
//! Source: Kubernetes' documentation, "Pod Security Standards" (the controls of Baseline and Restricted).

use std::collections::BTreeMap;

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::pods::{self, Pod};
use super::{Delivered, place};
use crate::check::security::BASELINE;

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("pod_security.rs");

const LABEL: &str = "pod-security.kubernetes.io/enforce";

/// Kinds of volumes that Restricted lets a pod have.
const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Reports pods that their namespace refuses.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let objects = || applications.iter().flat_map(|application| &application.objects);
    let levels: BTreeMap<&str, &str> = objects()
        .filter(|object| object.kind() == "Namespace" && object.group().is_empty())
        .filter_map(|object| {
            let level = object.at(&["metadata", "labels", LABEL]).and_then(Value::as_str)?;
            Some((object.name(), level))
        })
        .collect();
    for application in applications {
        for object in &application.objects {
            let Some(pod) = pods::of(object) else { continue };
            let Some(level) = levels.get(application.namespace_of(object)) else { continue };
            for (way, what) in refused(&pod, level) {
                let place = place::of_field(world, object, &way);
                diagnostics.push(r057_refused(object, level, &what, place));
            }
        }
    }
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// Returns what a level refuses in a pod, with the way to it.
fn refused(pod: &Pod<'_>, level: &str) -> Vec<(Vec<Step>, String)> {
    let mut found = Vec::new();
    if !matches!(level, "baseline" | "restricted") {
        return found;
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if is_true(pod.spec, field) {
            found.push((pod.way(&[field]), format!("`{field}: true`")));
        }
    }
    let volumes = pod.spec.get("volumes").and_then(Value::as_list).unwrap_or_default();
    for (index, volume) in volumes.iter().enumerate() {
        let kinds = volume.as_map().into_iter().flatten();
        let kind = kinds.map(|(key, _)| key.as_str()).find(|key| *key != "name");
        let bad = kind.filter(|kind| {
            *kind == "hostPath" || (level == "restricted" && !VOLUMES.contains(kind))
        });
        if let Some(kind) = bad {
            let mut way = pod.way(&["volumes"]);
            way.push(Step::Item(index));
            found.push((way, format!("a volume of the kind `{kind}`")));
        }
    }
    let of_pod = pod.spec.get("securityContext");
    for (way, container) in pod.containers() {
        let own = container.get("securityContext");
        let at = |field: &str| {
            let mut way = way.clone();
            way.extend(["securityContext", field].map(|key| Step::Key(key.to_owned())));
            way
        };
        if own.is_some_and(|own| is_true(own, "privileged")) {
            found.push((at("privileged"), "`privileged: true`".to_owned()));
        }
        let ports = container.get("ports").and_then(Value::as_list).unwrap_or_default();
        if ports.iter().any(|port| matches!(port.get("hostPort"), Some(Value::Int(1..)))) {
            let mut way = way.clone();
            way.push(Step::Key("ports".to_owned()));
            found.push((way, "a `hostPort`".to_owned()));
        }
        let capabilities = own.and_then(|own| own.get("capabilities"));
        let names = |field: &str| {
            let list = capabilities.and_then(|it| it.get(field)).and_then(Value::as_list);
            list.unwrap_or_default().iter().filter_map(Value::as_str).collect::<Vec<_>>()
        };
        for name in names("add") {
            let allowed = match level {
                "restricted" => name == "NET_BIND_SERVICE",
                _ => BASELINE.contains(&name),
            };
            if !allowed {
                found.push((at("capabilities"), format!("the capability `{name}`")));
            }
        }
        if level == "restricted" {
            let says = |context: Option<&Value>, field: &str| context?.get(field).cloned();
            let either = |field: &str| says(own, field).or_else(|| says(of_pod, field));
            if either("runAsNonRoot") != Some(Value::Bool(true)) {
                found.push((at("runAsNonRoot"), "pods without `runAsNonRoot: true`".to_owned()));
            }
            if says(own, "allowPrivilegeEscalation") != Some(Value::Bool(false)) {
                let what = "containers without `allowPrivilegeEscalation: false`".to_owned();
                found.push((at("allowPrivilegeEscalation"), what));
            }
            if !names("drop").contains(&"ALL") {
                let what = "containers that do not drop the capabilities `ALL`".to_owned();
                found.push((at("capabilities"), what));
            }
            let seccomp = either("seccompProfile");
            let kind = seccomp.as_ref().and_then(|it| it.get("type")).and_then(Value::as_str);
            if !matches!(kind, Some("RuntimeDefault" | "Localhost")) {
                let what = "pods without a `seccompProfile`".to_owned();
                found.push((at("seccompProfile"), what));
            }
        }
    }
    found
}

/// A namespace refuses the pods of a workload.
///
/// The Namespace has the label `pod-security.kubernetes.io/enforce`. The workload itself is admitted, and its
/// pods never are: it stays without any, and only its events say why.
fn r057_refused(object: &Object, level: &str, what: &str, place: Place) -> Diagnostic {
    let message =
        format!("`{level}` namespaces refuse {what} ({} `{}`)", object.kind(), object.name());
    Diagnostic::error(code(57), message)
        .at(place, "")
        .hint("change it, or put the workload into a namespace of another level")
}
