//! Pods that the namespace they go to refuses.
//!
//! In: what an environment delivers, its Namespaces with their labels among it. Out: diagnostics. A namespace
//! that the environment does not deliver is not judged.
//! What a level refuses is decided in `admission`.

use std::collections::BTreeMap;

use manifest::Object;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::{Delivered, place};
use crate::admission::refused_pods;

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("pod_security.rs");

const LABEL: &str = "pod-security.kubernetes.io/enforce";

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
            let Some(level) = levels.get(application.namespace_of(object)) else { continue };
            for refusal in refused_pods(object, level) {
                let place = place::of_field(world, object, &refusal.path);
                diagnostics.push(r057_refused(object, level, &refusal.why, place));
            }
        }
    }
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
