//! The namespace transformer: which resources and which subjects of role bindings get the namespace.

use std::collections::HashSet;

use yaml::Value;

use crate::identity::Gvk;
use crate::resource::Resource;
use crate::specs::{self, FieldSpec, Make, Path, Step};
use crate::transform::set_text;
use crate::written::Mark;

/// What subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subjects {
    Default,
    None,
    All,
}

/// Sets the namespaces of resources that live in one, and of what names one.
pub(crate) fn namespace(
    all: &mut [Resource],
    name: &str,
    specs: &[FieldSpec],
    unset_only: bool,
    subjects: Subjects,
) -> Result<(), String> {
    if name.is_empty() {
        return Ok(());
    }
    let mut set = |value: &mut Value| {
        if unset_only && !manifest::scalar_text(value).is_empty() {
            return Ok(());
        }
        set_text(value, name)
    };
    for resource in all.iter_mut().filter(|it| !it.from_chart) {
        resource.remember();
        let gvk = resource.gvk();
        let binding = is_binding(&gvk);
        if !gvk.is_cluster_scoped() {
            let spec = FieldSpec::plain("metadata/namespace", true);
            let written = &mut resource.written;
            specs::apply(&mut resource.value, &gvk, &spec, Make::Scalar, &mut |value| {
                let is_kept = unset_only && !manifest::scalar_text(value).is_empty();
                if let (false, Some(written)) = (is_kept, written.as_deref_mut()) {
                    written.put(place(), Mark::Text);
                }
                set(value)
            })?;
        }
        if binding {
            subjects_of(resource, subjects, &mut set)?;
        }
        let is_core = resource.text("apiVersion") == "v1";
        for spec in specs {
            let skipped = spec.path == "metadata/namespace"
                || (spec.path == "metadata/name" && !is_core)
                || (binding
                    && spec.path == "subjects/namespace"
                    && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding"));
            if !skipped {
                specs::apply(&mut resource.value, &gvk, spec, Make::Scalar, &mut set)?;
            }
        }
    }
    let mut seen = HashSet::new();
    for resource in all.iter() {
        if !seen.insert(resource.id().effective()) {
            let id = resource.id();
            return Err(format!("namespace transformation produces ID conflict: {id}"));
        }
    }
    Ok(())
}

/// Where resources have their namespace.
fn place() -> Path {
    ["metadata", "namespace"].iter().map(|key| Step::Key((*key).to_owned())).collect()
}

fn is_binding(gvk: &Gvk) -> bool {
    matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
}

/// Sets the namespaces of a role binding's subjects.
fn subjects_of(
    resource: &mut Resource,
    subjects: Subjects,
    set: &mut dyn FnMut(&mut Value) -> Result<(), String>,
) -> Result<(), String> {
    let Value::Map(fields) = &mut resource.value else { return Ok(()) };
    let Some(Value::List(items)) = fields.get_mut("subjects") else { return Ok(()) };
    for subject in items.iter_mut() {
        let text = |key| subject.get(key).and_then(Value::as_str);
        let meant = match subjects {
            Subjects::None => false,
            Subjects::Default => text("name") == Some("default"),
            Subjects::All => text("kind") == Some("ServiceAccount"),
        };
        if let (true, Value::Map(fields)) = (meant, subject) {
            set(fields.entry("namespace".to_owned()).or_default())?;
        }
    }
    Ok(())
}

/// Sets the namespace of a resource that has one, and of the subjects that are called `default`.
pub(crate) fn namespace_of(resource: &mut Resource, name: &str) -> Result<(), String> {
    let gvk = resource.gvk();
    let mut set = |value: &mut Value| set_text(value, name);
    if !gvk.is_cluster_scoped() {
        let spec = FieldSpec::plain("metadata/namespace", true);
        specs::apply(&mut resource.value, &gvk, &spec, Make::Scalar, &mut set)?;
        resource.wrote([place()], &Mark::Text);
    }
    match is_binding(&gvk) {
        true => subjects_of(resource, Subjects::Default, &mut set),
        false => Ok(()),
    }
}
