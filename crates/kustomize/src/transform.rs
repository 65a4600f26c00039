//! The built-in transformers.

use std::collections::BTreeSet;

use manifest::{Operation, apply_json_patch, json_patch_operations};
use yaml::Value;

use crate::identity::{Gvk, Id};
use crate::images::Image;
use crate::replace::{self, Replacement};
use crate::resource::{self, Resource};
use crate::select::Selector;
use crate::specs::{self, FieldSpec, Make};

/// What subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subjects {
    Default,
    None,
    All,
}

/// A built-in transformer with its settings.
#[derive(Clone, Debug)]
pub(crate) enum Transformer {
    Merge {
        patches: Vec<Resource>,
        target: Option<Selector>,
        rename: bool,
        rekind: bool,
        source: String,
    },
    Operations {
        operations: Vec<Operation>,
        target: Selector,
    },
    Namespace {
        name: String,
        specs: Vec<FieldSpec>,
        unset_only: bool,
        subjects: Subjects,
    },
    Prefix {
        prefix: String,
        specs: Vec<FieldSpec>,
    },
    Suffix {
        suffix: String,
        specs: Vec<FieldSpec>,
    },
    Entries {
        pairs: Vec<(String, String)>,
        specs: Vec<FieldSpec>,
    },
    Replicas {
        name: String,
        count: i64,
        specs: Vec<FieldSpec>,
    },
    Images {
        image: Image,
        specs: Vec<FieldSpec>,
    },
    Replacements(Vec<Replacement>),
}

/// Says whether the text of a patch is a list of operations, and reads what it is.
pub(crate) fn read_patch(
    text: &str,
    target: Option<Selector>,
    rename: bool,
    rekind: bool,
    source: &str,
) -> Result<Transformer, String> {
    let text = text.trim();
    let operations = match text {
        "" => Err("empty json patch operations".to_owned()),
        text => Value::decode_go2(text.as_bytes())
            .map_err(|error| error.go_text())
            .and_then(|value| json_patch_operations(&value)),
    };
    match (resource::read(text.as_bytes()), operations) {
        (Ok(patches), _) => {
            Ok(Transformer::Merge { patches, target, rename, rekind, source: source.to_owned() })
        }
        (Err(_), Ok(operations)) => match target {
            Some(target) => Ok(Transformer::Operations { operations, target }),
            None => Err(format!("must specify a target for JSON patch {source}")),
        },
        (Err(error), Err(_)) => {
            Err(format!("unable to parse SM or JSON patch from {source}: {error}"))
        }
    }
}

/// Applies a transformer to all resources.
pub(crate) fn apply(transformer: &Transformer, all: &mut Vec<Resource>) -> Result<(), String> {
    match transformer {
        Transformer::Merge { patches, target, rename, rekind, source } => {
            merge(all, patches, target.as_ref(), (*rename, *rekind), source)?;
        }
        Transformer::Operations { operations, target } => {
            for resource in all.iter_mut() {
                if target.selects(resource)? {
                    resource.remember();
                    apply_json_patch(&mut resource.value, operations)?;
                }
            }
        }
        Transformer::Namespace { name, specs, unset_only, subjects } => {
            namespace(all, name, specs, *unset_only, *subjects)?;
        }
        Transformer::Prefix { prefix, specs } => {
            affix(
                all,
                specs,
                |resource| resource.prefixes.push(prefix.clone()),
                |name| format!("{prefix}{name}"),
            )?;
        }
        Transformer::Suffix { suffix, specs } => {
            affix(
                all,
                specs,
                |resource| resource.suffixes.push(suffix.clone()),
                |name| format!("{name}{suffix}"),
            )?;
        }
        Transformer::Entries { pairs, specs } => {
            for resource in all.iter_mut() {
                entries(resource, pairs, specs)?;
            }
        }
        Transformer::Replicas { name, count, specs } => replicas(all, name, *count, specs)?,
        Transformer::Images { image, specs } => {
            for resource in all.iter_mut() {
                let gvk = resource.gvk();
                if gvk.kind == "CustomResourceDefinition" {
                    continue;
                }
                image.update_containers(&mut resource.value)?;
                for spec in specs {
                    specs::apply(&mut resource.value, &gvk, spec, Make::Nothing, &mut |value| {
                        image.update(value)
                    })?;
                }
            }
        }
        Transformer::Replacements(replacements) => replace::apply(all, replacements)?,
    }
    all.retain(|resource| !resource.is_empty());
    Ok(())
}

fn merge(
    all: &mut [Resource],
    patches: &[Resource],
    target: Option<&Selector>,
    (rename, rekind): (bool, bool),
    source: &str,
) -> Result<(), String> {
    if let Some(target) = target {
        if patches.len() > 1 {
            return Err(format!(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {source}"
            ));
        }
        let Some(patch) = patches.first() else { return Ok(()) };
        for resource in all.iter_mut() {
            if target.selects(resource)? {
                let mut patch = patch.clone();
                patch.set("apiVersion", resource.text("apiVersion"));
                resource.patch(patch.value, rename, rekind)?;
            }
        }
        return Ok(());
    }
    for patch in patches {
        let wanted = patch.id();
        let found = find_one(all, &wanted).map_err(|error| {
            format!("no resource matches strategic merge patch {wanted}: {error}")
        })?;
        if let Some(resource) = all.get_mut(found) {
            resource.patch(patch.value.clone(), rename, rekind)?;
        }
    }
    Ok(())
}

fn find_one(all: &[Resource], wanted: &Id) -> Result<usize, String> {
    let same = |(_, resource): &(usize, &Resource)| {
        !resource.is_empty() && resource.any_id(|id| wanted.same(id))
    };
    let mut found = all.iter().enumerate().filter(same).map(|(index, _)| index);
    let fail = |many: &str| {
        format!("{many} matches for Id {wanted}; failed to find unique target for patch {wanted}")
    };
    let first = found.next().ok_or_else(|| fail("no"))?;
    match found.next() {
        None => Ok(first),
        Some(_) => Err(fail("multiple")),
    }
}

fn set_text(value: &mut Value, text: &str) -> Result<(), String> {
    if matches!(value, Value::Map(_) | Value::List(_)) {
        return Err("wrong node kind: expected ScalarNode".to_owned());
    }
    *value = Value::String(text.to_owned());
    Ok(())
}

fn namespace(
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
    for resource in all.iter_mut() {
        resource.remember();
        let gvk = resource.gvk();
        let binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if !gvk.is_cluster_scoped() {
            let spec = FieldSpec::plain("metadata/namespace", true);
            specs::apply(&mut resource.value, &gvk, &spec, Make::Scalar, &mut set)?;
        }
        if let (true, Value::Map(fields)) = (binding, &mut resource.value)
            && let Some(Value::List(items)) = fields.get_mut("subjects")
        {
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
    let mut seen = BTreeSet::new();
    for resource in all.iter() {
        let id = resource.id();
        if !seen.insert(key(&id)) {
            return Err(format!("namespace transformation produces ID conflict: {id}"));
        }
    }
    Ok(())
}

/// Returns a text that is the same for the same identity.
pub(crate) fn key(id: &Id) -> String {
    format!("{}\n{}\n{}", id.gvk, id.effective_namespace(), id.name)
}

fn affix(
    all: &mut [Resource],
    specs: &[FieldSpec],
    note: impl Fn(&mut Resource),
    change: impl Fn(&str) -> String,
) -> Result<(), String> {
    for resource in all.iter_mut() {
        let original = resource.original_id().gvk;
        let skipped = matches!(original.kind.as_str(), "CustomResourceDefinition" | "Namespace")
            || (original.kind == "APIService" && original.group == "apiregistration.k8s.io");
        if skipped {
            continue;
        }
        for spec in specs {
            if !original.is_selected(&spec.gvk) {
                continue;
            }
            if spec.path == "metadata/name" {
                note(resource);
                resource.remember();
            }
            let gvk = resource.gvk();
            specs::apply(&mut resource.value, &gvk, spec, Make::Scalar, &mut |value| {
                let text = change(&manifest::scalar_text(value));
                set_text(value, &text)
            })?;
        }
    }
    Ok(())
}

/// Adds labels or annotations.
pub(crate) fn entries(
    resource: &mut Resource,
    pairs: &[(String, String)],
    specs: &[FieldSpec],
) -> Result<(), String> {
    let gvk = resource.gvk();
    if pairs.is_empty() {
        return Ok(());
    }
    for spec in specs {
        specs::apply(&mut resource.value, &gvk, spec, Make::Map, &mut |value| match value {
            Value::Map(fields) => {
                for (key, text) in pairs {
                    fields.insert(key.clone(), Value::String(text.clone()));
                }
                Ok(())
            }
            _ => Err("wrong node kind: expected MappingNode".to_owned()),
        })?;
    }
    Ok(())
}

fn replicas(
    all: &mut [Resource],
    name: &str,
    count: i64,
    specs: &[FieldSpec],
) -> Result<(), String> {
    let mut found = false;
    for spec in specs {
        for resource in all.iter_mut() {
            if !resource.any_id(|id| id.name == name && id.gvk.is_selected(&spec.gvk)) {
                continue;
            }
            found = true;
            let gvk = resource.gvk();
            specs::apply(&mut resource.value, &gvk, spec, Make::Scalar, &mut |value| {
                *value = Value::Int(count);
                Ok(())
            })?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<String> = specs.iter().map(|spec| Gvk::to_string(&spec.gvk)).collect();
    Err(format!(
        "resource with name {name} does not match a config with the following GVK [{}]",
        kinds.join(" ")
    ))
}
