//! The objects of the cluster beside those that `mainstay render` printed, one by one, field by field.

use std::fmt;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::cluster::{by_identity, fed, list};
use super::compare::{differences, fields};
use super::place::Lab;

/// What was compared and found equal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub objects: usize,
    pub fields: usize,
    /// Hooks that ran and went.
    pub hooks: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { objects, fields, hooks } = self;
        write!(to, "{objects} objects with {fields} fields are in the cluster as rendered")?;
        if *hooks > 0 {
            write!(to, ", {hooks} hooks ran and went")?;
        }
        Ok(())
    }
}

/// Compares; each difference is an error. What the engine says it delivers must be among ours too.
pub(super) fn compare(lab: &Lab, ours: &[Value]) -> Result<Count> {
    let count = there(lab, ours)?;
    let known: Vec<String> = ours.iter().map(short).collect();
    let unknown: Vec<String> =
        delivered(lab).into_iter().filter(|name| !known.contains(name)).collect();
    ensure!(
        unknown.is_empty(),
        "the engine delivers them, and we do not print them:\n{}",
        unknown.join("\n")
    );
    Ok(count)
}

/// Whether objects are in the cluster with every field of theirs; each difference is an error.
pub(super) fn there(lab: &Lab, ours: &[Value]) -> Result<Count> {
    let asked = json!({"apiVersion": "v1", "kind": "List", "items": ours});
    let mut get = lab.kubectl();
    get.args(["get", "--ignore-not-found", "--output", "json", "--filename", "-"]);
    let told = fed(&mut get, &serde_json::to_vec(&asked)?)?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let mut told: Value = serde_json::from_slice(&told.stdout)?;
    let items = told.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
    let theirs = by_identity(items.unwrap_or_default());
    let mut count = Count::default();
    let mut faults = Vec::new();
    for (name, object) in by_identity(ours.to_vec()) {
        match theirs.get(&name) {
            Some(there) => {
                count.objects += 1;
                count.fields += fields(&object);
                let found = differences(&object, there);
                faults.extend(found.into_iter().map(|it| format!("{name}{it}")));
            }
            None if is_hook(&object) => count.hooks += 1,
            None => faults.push(format!("{name}: is not in the cluster")),
        }
    }
    ensure!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
    Ok(count)
}

/// What Argo CD or Flux say that they deliver.
fn delivered(lab: &Lab) -> Vec<String> {
    let mut found = Vec::new();
    // A cluster without an engine does not know its kinds.
    for application in list(lab, "applications.argoproj.io").unwrap_or_default() {
        let resources = application.pointer("/status/resources").and_then(Value::as_array);
        for resource in resources.into_iter().flatten() {
            let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
            let (kind, group) = (text("kind"), text("group"));
            found.push(format!("{kind}.{group} {}/{}", text("namespace"), text("name")));
        }
    }
    for kind in
        ["kustomizations.kustomize.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io"]
    {
        for owner in list(lab, kind).unwrap_or_default() {
            let entries = owner.pointer("/status/inventory/entries").and_then(Value::as_array);
            for entry in entries.into_iter().flatten() {
                let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
                // Colons of names are written as two underlines (`cli-utils`, `ObjMetadata`).
                let parts: Vec<&str> = id.rsplitn(3, '_').collect();
                if let [kind, group, place] = parts.as_slice()
                    && let Some((namespace, name)) = place.split_once('_')
                {
                    found.push(format!("{kind}.{group} {namespace}/{}", name.replace("__", ":")));
                }
            }
        }
    }
    found
}

fn short(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
    format!("{}.{group} {}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

fn is_hook(object: &Value) -> bool {
    let marks = object.pointer("/metadata/annotations").and_then(Value::as_object);
    let hooks = ["helm.sh/hook", "argocd.argoproj.io/hook"];
    marks.is_some_and(|marks| hooks.iter().any(|hook| marks.contains_key(*hook)))
}
