//! The built-in transformers.

use manifest::{MergeSchema, Operation, read_json_patch};
use yaml::Value;

use crate::hash;
use crate::identity::Gvk;
use crate::images::{Image, Wrote};
use crate::merging;
use crate::namespaces::{self, Subjects};
use crate::reading;
use crate::replace::{self, Replacement};
use crate::resource::{self, Resource};
use crate::select::Selector;
use crate::specs::{self, FieldSpec, Make};
use crate::written::Mark;

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
        /// Whether resources remember who they were before.
        remember: bool,
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
    /// Adds a value to fields, or to the paths that they hold.
    AddValue {
        value: String,
        targets: Vec<(Option<Selector>, String, usize)>,
    },
    /// Adds the hash of their content to names.
    Hash,
}

/// Says whether the text of a patch is a list of operations, and reads what it is.
pub(crate) fn read_patch(
    text: &str,
    target: Option<Selector>,
    (rename, rekind): (bool, bool),
    source: &str,
    marked: bool,
) -> Result<Transformer, String> {
    let text = text.trim();
    let operations = match text {
        "" => Err("empty json patch operations".to_owned()),
        text => read_json_patch(text),
    };
    match (reading::patches(text.as_bytes(), marked), operations) {
        (Ok(patches), _) => {
            Ok(Transformer::Merge { patches, target, rename, rekind, source: source.to_owned() })
        }
        (Err(_), Ok(operations)) => match target {
            Some(target) => Ok(Transformer::Operations { operations, target, remember: true }),
            None => Err(format!("must specify a target for JSON patch {source}")),
        },
        (Err(error), Err(_)) => {
            let error = error.message;
            Err(format!("unable to parse SM or JSON patch from {source}: {error}"))
        }
    }
}

/// Applies a transformer to all resources.
pub(crate) fn apply(
    transformer: &Transformer,
    all: &mut Vec<Resource>,
    schema: Option<&MergeSchema>,
) -> Result<(), String> {
    match transformer {
        Transformer::Merge { patches, target, rename, rekind, source } => {
            let allowed = (*rename, *rekind);
            merging::merge(all, patches, target.as_ref(), allowed, source, schema)?;
        }
        Transformer::Operations { operations, target, remember } => {
            for resource in all.iter_mut() {
                if target.selects(resource)? {
                    if *remember {
                        resource.remember();
                    }
                    resource.patch_json(operations)?;
                }
            }
        }
        Transformer::Namespace { name, specs, unset_only, subjects } => {
            namespaces::namespace(all, name, specs, *unset_only, *subjects)?;
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
                resource.make_annotations();
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
                let all = resource.written.is_some().then(Vec::new);
                let mut wrote = Wrote { all, ..Wrote::default() };
                let at = &mut Vec::new();
                image.update_containers(&mut resource.value, at, &mut wrote)?;
                for spec in specs {
                    let set: specs::SetAt<'_> =
                        &mut |at, value| image.update(value, at, &mut wrote);
                    specs::apply_at(&mut resource.value, &gvk, spec, Make::Nothing, set)?;
                }
                wrote.no_texts.iter().for_each(|place| resource.untype(place));
                resource.wrote(wrote.all.into_iter().flatten(), &Mark::Untyped);
            }
        }
        Transformer::Replacements(replacements) => replace::apply(all, replacements)?,
        Transformer::AddValue { value, targets } => {
            for (target, path, position) in targets {
                for resource in all.iter_mut() {
                    let meant = target.as_ref().map_or(Ok(true), |it| it.selects(resource))?;
                    if !meant {
                        continue;
                    }
                    match path.as_str() {
                        "metadata/namespace" => namespaces::namespace_of(resource, value)?,
                        _ => {
                            add_value(&mut resource.value, path, value, *position)?;
                            let parts = specs::split_path(path, '/').into_iter();
                            let place = parts.map(|it| specs::Step::Key(it.into_owned())).collect();
                            resource.wrote([place], &Mark::Untyped);
                        }
                    }
                }
            }
        }
        Transformer::Hash => {
            for resource in all.iter_mut().filter(|it| it.needs_hash) {
                let name = format!("{}-{}", resource.metadata("name"), hash::suffix(resource)?);
                resource.remember();
                resource.set_metadata("name", name);
            }
        }
    }
    all.retain(|resource| !resource.is_empty());
    all.iter_mut().for_each(Resource::settle);
    Ok(())
}

pub(crate) fn set_text(value: &mut Value, text: &str) -> Result<(), String> {
    if matches!(value, Value::Map(_) | Value::List(_)) {
        return Err("wrong node kind: expected ScalarNode".to_owned());
    }
    *value = Value::String(text.to_owned());
    Ok(())
}

/// Puts a value into a field, or at a position (from 1) into the path that the field holds.
fn add_value(at: &mut Value, path: &str, value: &str, position: usize) -> Result<(), String> {
    let parts = specs::split_path(path, '/');
    let mut at = at;
    for part in parts {
        if at.is_null() {
            *at = resource::empty_map();
        }
        let Value::Map(fields) = at else {
            return Err(format!("wrong node kind on the way to '{path}': expected MappingNode"));
        };
        at = fields.entry(part.into_owned()).or_default();
    }
    let mut text = value.to_owned();
    if position > 0 {
        let old = manifest::scalar_text(at);
        let (root, rest) = match old.strip_prefix('/') {
            Some(rest) => ("/", rest),
            None => ("", old.as_str()),
        };
        let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        parts.insert((position - 1).min(parts.len()), value);
        text = format!("{root}{}", parts.join("/"));
    }
    set_text(at, &text)
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
    let own: Vec<&FieldSpec> = specs.iter().filter(|it| gvk.is_selected(&it.gvk)).collect();
    for (key, text) in pairs {
        let mut made: Vec<specs::Path> = Vec::new();
        let mut wrote = resource.written.is_some().then(Vec::new);
        for &spec in &own {
            specs::apply_at(&mut resource.value, &gvk, spec, Make::Map, &mut |path, value| {
                let Value::Map(fields) = value else {
                    return Err("wrong node kind: expected MappingNode".to_owned());
                };
                let place = || {
                    let key = specs::Step::Key(key.clone());
                    path.iter().map(|part| part.step()).chain([key]).collect()
                };
                if !fields.contains_key(key) {
                    reading::check_new_key(key)?;
                    made.push(place());
                }
                if let Some(wrote) = &mut wrote {
                    wrote.push(place());
                }
                fields.insert(key.clone(), Value::String(text.clone()));
                Ok(())
            })?;
        }
        resource.wrote(wrote.into_iter().flatten(), &Mark::Text);
        resource.settle();
        resource.share(made, text);
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
            if !resource.had_name(name)
                || !resource.any_id(|id| id.name == name && id.gvk.is_selected(&spec.gvk))
            {
                continue;
            }
            found = true;
            let gvk = resource.gvk();
            let mut wrote = resource.written.is_some().then(Vec::new);
            specs::apply_at(&mut resource.value, &gvk, spec, Make::Scalar, &mut |at, value| {
                *value = Value::Int(count);
                if let Some(wrote) = &mut wrote {
                    wrote.push(specs::kept(at));
                }
                Ok(())
            })?;
            resource.wrote(wrote.into_iter().flatten(), &Mark::Number);
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
