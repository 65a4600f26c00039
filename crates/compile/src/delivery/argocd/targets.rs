//! From what a source renders to what Argo CD applies: namespaces, marks, duplicates, hooks.
//!
//! Source: Argo CD, `controller/state.go` (3.2); gitops-engine, `pkg/sync/hook`, `pkg/sync/ignore`.

use std::collections::BTreeMap;

use manifest::{Identity, Object};
use yaml::Value;

use super::tracking::{self, Tracking};

/// The hooks of Argo CD that a sync runs; `Skip` is none, and `PostDelete` waits for the end.
const HOOKS: [&str; 4] = ["PreSync", "Sync", "PostSync", "SyncFail"];
/// The hooks of Helm that Argo CD runs.
const HELM_HOOKS: [&str; 4] = ["pre-install", "pre-upgrade", "post-upgrade", "post-install"];

/// Where an application's objects go.
pub(super) struct Target<'a> {
    /// How objects are told to be the application's.
    pub(super) application: &'a str,
    pub(super) namespace: &'a str,
    pub(super) tracking: Tracking,
}

/// Marks rendered objects.
///
/// # Errors
/// Where one cannot be marked; in words.
pub(super) fn mark(objects: &mut [Object], target: &Target<'_>) -> Result<(), String> {
    objects.iter_mut().try_for_each(|object| {
        tracking::mark(object, target.application, target.namespace, target.tracking)
    })
}

/// What appears several times.
pub(super) struct Repeated {
    pub(super) identity: Identity,
    pub(super) times: usize,
}

/// Settles namespaces, takes the last of objects that are there several times, and leaves out hooks that
/// never run.
pub(super) fn settle(objects: Vec<Object>, target: &Target<'_>) -> (Vec<Object>, Vec<Repeated>) {
    let mut last: BTreeMap<Identity, (usize, usize)> = BTreeMap::new();
    let mut settled: Vec<Option<Object>> = Vec::with_capacity(objects.len());
    for (number, mut object) in objects.into_iter().enumerate() {
        if manifest::is_cluster_scoped(object.group(), object.kind()) {
            lift(&mut object, target);
        } else if object.namespace().is_empty() {
            put_into(&mut object, target.namespace);
        }
        let mut identity = object.identity();
        if identity.name.is_empty()
            && let Some(start) = object.at(&["metadata", "generateName"]).and_then(Value::as_str)
        {
            identity.name = format!("{start}{number}");
        }
        let entry = last.entry(identity).or_insert((number, 0));
        if let Some(before) = settled.get_mut(entry.0) {
            *before = None;
        }
        *entry = (number, entry.1 + 1);
        settled.push(Some(object));
    }
    let repeated = last.into_iter().filter(|(_, (_, times))| *times > 1);
    let repeated = repeated.map(|(identity, (_, times))| Repeated { identity, times }).collect();
    let kept = settled.into_iter().flatten().filter(|object| !is_ignored(object)).collect();
    (kept, repeated)
}

/// Takes the namespace from an object that has none in a cluster; the mark has the application's then.
pub(super) fn lift(object: &mut Object, target: &Target<'_>) {
    if !object.namespace().is_empty() {
        object.set_namespace("");
        let Target { application, namespace, tracking } = *target;
        // It was marked before.
        let _ = tracking::mark(object, application, namespace, tracking);
    }
}

/// Writes the namespace of the destination, also into an object without metadata.
fn put_into(object: &mut Object, namespace: &str) {
    if let Value::Map(fields) = &mut object.value {
        fields.entry("metadata".to_owned()).or_insert_with(|| Value::Map([].into()));
    }
    object.set_namespace(namespace);
}

/// Whether an object is a hook that never runs: Helm's tests and rollbacks, an unknown phase.
fn is_ignored(object: &Object) -> bool {
    is_hook(object) && !runs(object)
}

/// Whether an object is a hook, whatever its phase.
pub(super) fn is_hook(object: &Object) -> bool {
    match object.annotation("argocd.argoproj.io/hook") {
        Some(_) => !is_skipped(object),
        None => object.annotation("helm.sh/hook").is_some_and(|hook| hook != "crd-install"),
    }
}

fn phases<'o>(object: &'o Object, annotation: &str) -> impl Iterator<Item = &'o str> {
    let text = object.annotation(annotation).unwrap_or_default();
    text.split(',').map(str::trim)
}

/// `Skip` alone makes it an object like any other.
fn is_skipped(object: &Object) -> bool {
    let known = |phase: &&str| *phase == "Skip" || HOOKS.contains(phase);
    let known: Vec<&str> = phases(object, "argocd.argoproj.io/hook").filter(known).collect();
    known == ["Skip"]
}

fn runs(object: &Object) -> bool {
    let known = |phase: &str| phase == "Skip" || HOOKS.contains(&phase);
    phases(object, "argocd.argoproj.io/hook").any(known)
        || phases(object, "helm.sh/hook").any(|phase| HELM_HOOKS.contains(&phase))
}
