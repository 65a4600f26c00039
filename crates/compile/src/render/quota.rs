//! Quotas that the workloads of their namespace do not fit into.
//!
//! In: what an environment delivers. Out: diagnostics. Counts what runs at once and for long: the most replicas
//! of each workload, without what a rollout adds, and no jobs, so that what is reported never fits. What payload
//! and values need with a rollout is counted there (C136).
//! Says nothing about a namespace into which something goes that is not known here.

use std::collections::BTreeMap;

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::{Delivered, place, pods};
use crate::model::Quantity;

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("quota.rs");

/// What of a pod counts towards which amount of a quota.
const COUNTED: &[(&str, &str, &str)] = &[
    ("requests.cpu", "requests", "cpu"),
    ("requests.memory", "requests", "memory"),
    ("limits.cpu", "limits", "cpu"),
    ("limits.memory", "limits", "memory"),
];

/// Reports quotas that are too small.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let all = || {
        applications.iter().flat_map(|application| {
            application
                .objects
                .iter()
                .map(move |object| (application, application.namespace_of(object), object))
        })
    };
    for (application, namespace, quota) in all() {
        let is_quota = quota.kind() == "ResourceQuota" && quota.group().is_empty();
        // A quota with scopes counts some of the pods only.
        let has_scopes =
            ["scopes", "scopeSelector"].iter().any(|it| quota.at(&["spec", it]).is_some());
        let hides =
            |it: &Delivered| it.namespace == namespace && (it.failed || it.opaque.is_some());
        if !is_quota || has_scopes || applications.iter().any(hides) {
            continue;
        }
        let objects: Vec<&Object> =
            all().filter(|(_, here, _)| *here == namespace).map(|(.., object)| object).collect();
        let needs = needs(&objects);
        let hard = quota.at(&["spec", "hard"]).and_then(Value::as_map);
        let mut short = Vec::new();
        for (name, amount) in hard.into_iter().flatten() {
            if let (Some(need), Some(amount)) = (needs.get(name.as_str()), quantity(amount))
                && amount < *need
            {
                short.push((name.as_str(), amount, *need));
            }
        }
        let Some((name, amount, _)) = short.first() else { continue };
        let way = ["spec", "hard", name].map(|key| Step::Key(key.to_owned()));
        let place =
            place::of_field_or_value(world, application, (quota, &way), &amount.to_string());
        diagnostics.push(r058_quota(namespace, &short, place));
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::parse(text),
        Value::Int(number) => Some(Quantity::whole(*number)),
        _ => None,
    }
}

/// Returns what the workloads of a namespace need while all of them run.
fn needs(objects: &[&Object]) -> BTreeMap<&'static str, Quantity> {
    let mut needs: BTreeMap<&'static str, Quantity> = BTreeMap::new();
    let mut add = |name: &'static str, amount: Quantity| {
        let known = needs.get(name).copied().unwrap_or(Quantity::whole(0));
        needs.insert(name, known.plus(amount));
    };
    let scaled: BTreeMap<(&str, &str), i64> = objects.iter().filter_map(|it| scaled(it)).collect();
    for object in objects {
        let Some(replicas) = replicas(object, &scaled) else { continue };
        let Some(pod) = pods::of(object) else { continue };
        add("pods", Quantity::whole(replicas));
        for (name, field, resource) in COUNTED {
            let containers =
                pod.spec.get("containers").and_then(Value::as_list).unwrap_or_default();
            for container in containers {
                let of = |field| container.get("resources")?.get(field)?.get(resource);
                // A request that nobody wrote is the limit.
                let amount = of(field).or_else(|| of("limits").filter(|_| *field == "requests"));
                if let Some(amount) = amount.and_then(quantity) {
                    add(name, amount.times(replicas));
                }
            }
        }
    }
    needs
}

/// Returns what an autoscaler scales, by kind and name, and to how many pods at most.
fn scaled(object: &Object) -> Option<((&str, &str), i64)> {
    if object.kind() != "HorizontalPodAutoscaler" {
        return None;
    }
    let target = object.at(&["spec", "scaleTargetRef"])?;
    let name = (target.get("kind")?.as_str()?, target.get("name")?.as_str()?);
    match object.at(&["spec", "maxReplicas"])? {
        Value::Int(most) => Some((name, *most)),
        _ => None,
    }
}

/// Returns the most pods of a workload that runs for long; `None` where it is none, or where that is not known.
fn replicas(object: &Object, scaled: &BTreeMap<(&str, &str), i64>) -> Option<i64> {
    let own = match (object.group(), object.kind()) {
        ("apps", "Deployment" | "StatefulSet") => match object.at(&["spec", "replicas"]) {
            Some(Value::Int(number)) => *number,
            _ => 1,
        },
        ("", "Pod") => return Some(1),
        _ => return None,
    };
    Some(scaled.get(&(object.kind(), object.name())).copied().unwrap_or(own))
}

/// A quota is smaller than what the workloads of its namespace need.
///
/// Pods beyond it are never made: only the events of their ReplicaSet say why. A rollout needs more than
/// what is counted here.
fn r058_quota(namespace: &str, short: &[(&str, Quantity, Quantity)], place: Place) -> Diagnostic {
    let short: Vec<String> =
        short.iter().map(|(name, hard, need)| format!("`{name}` {need} of {hard}")).collect();
    let message = format!(
        "the workloads of `{namespace}` do not fit into its quota: they need {}",
        short.join(", ")
    );
    Diagnostic::error(code(58), message)
        .at(place, "")
        .hint("raise the quota, with room for a rollout, or take replicas away")
}
