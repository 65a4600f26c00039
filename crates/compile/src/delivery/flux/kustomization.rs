//! A Kustomization's objects: the folder's kustomization with the Kustomization's own fields written
//! into it, built, its variables replaced, its common metadata put on.
//!
//! Source of the rules: the behaviour of github.com/fluxcd/pkg/kustomize 1.35 and of
//! kustomize-controller 1.9.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use indexmap::IndexMap;
use kustomize::{FILES, LoadRestrictor, Options, Reason, Reorder};
use manifest::Object;
use text::path::{is_below, join, resolve};
use text::{Missing, World};
use yaml::Value;

use super::Failure;
use super::artifact::Artifact;
use super::objects::{Unit, list, text};
use super::overlay::Overlay;
use super::substitute::{is_name, substitute};

/// The names under which kustomize looks for its file.
/// Annotation or label that keeps an object out.
const RECONCILE: &str = "kustomize.toolkit.fluxcd.io/reconcile";
const SSA: &str = "kustomize.toolkit.fluxcd.io/ssa";
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";
const DECRYPT: &str = "kustomize.toolkit.fluxcd.io/decrypt";

/// Returns the objects before variables are replaced.
pub(super) fn build(world: &Artifact<'_>, unit: &Unit) -> Result<Vec<Object>, Failure> {
    let path = unit.text("path");
    let folder = inside(&path);
    if !folder.is_empty() && world.list(&folder).is_empty() && !world.has_folder(&folder) {
        let missing = match world.read(&folder) {
            Err(link @ Missing::Link { .. }) => link,
            _ => Missing::NotFound,
        };
        return Err(Failure::NoPath(path, missing));
    }
    let (file, mut fields) = read_or_make(world, &folder)?;
    write_in(world, unit, &folder, &mut fields)?;
    let text = yaml::to_string_go2(&Value::Map(fields));
    let files = BTreeMap::from([(file, Arc::from(text.as_bytes()))]);
    let overlay = Overlay { world: Some(world), files };
    let options = Options {
        load_restrictor: LoadRestrictor::None,
        reorder: Reorder::None,
        ..Options::default()
    };
    let built =
        kustomize::build(&overlay, &folder, &options).map_err(|error| match error.reason {
            Reason::Remote => Failure::Opaque(error.to_string()),
            _ => Failure::Wrong(error.to_string()),
        })?;
    Ok(built.objects)
}

/// Returns a path that never leaves the repository: what leads out of it stays at its top.
pub(super) fn inside(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns the path and the fields of a folder's kustomization; one that names every YAML file where
/// there is none.
fn read_or_make(
    world: &dyn World,
    folder: &str,
) -> Result<(String, IndexMap<String, Value>), Failure> {
    for name in FILES {
        let path = join(folder, name);
        let bytes = match world.read(&path) {
            Ok(bytes) => bytes,
            Err(Missing::NotFound | Missing::NotAFile) => continue,
            Err(missing) => return Err(Failure::Wrong(format!("{path}: {missing}"))),
        };
        let value = Value::decode_go2(&bytes)
            .map_err(|error| Failure::Wrong(format!("{path}: {error}")))?;
        let Value::Map(mut fields) = value else {
            return Err(Failure::Wrong(format!("{path}: it is no map")));
        };
        kustomize::drop_unknown(&mut fields);
        if list(fields.get("resources")).is_empty() {
            // An empty kustomization would be refused otherwise.
            let origin = Value::List(vec![Value::String("originAnnotations".into())]);
            fields.insert("buildMetadata".into(), origin);
        }
        return Ok((path, fields));
    }
    let resources = scan(world, folder)?;
    let mut fields = IndexMap::new();
    fields.insert("apiVersion".into(), Value::String("kustomize.config.k8s.io/v1beta1".into()));
    fields.insert("kind".into(), Value::String("Kustomization".into()));
    if resources.is_empty() {
        fields.insert("namespace".into(), Value::String("_placeholder".into()));
    } else {
        fields.insert("resources".into(), Value::List(resources));
    }
    Ok((join(folder, "kustomization.yaml"), fields))
}

/// Returns every YAML file below a folder, and in place of those of a folder with a kustomization the
/// folder itself.
fn scan(world: &dyn World, folder: &str) -> Result<Vec<Value>, Failure> {
    let below =
        |path: &str| path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/').to_owned();
    let mut files: Vec<String> = world.list(folder).iter().map(|path| below(path)).collect();
    files.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    let units: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let (parent, name) = file.rsplit_once('/')?;
            FILES.contains(&name).then(|| parent.to_owned())
        })
        .collect();
    let mut found: Vec<String> = Vec::new();
    for file in &files {
        // The outermost folder counts: what is below belongs to it.
        let mut around: Vec<&String> = units.iter().filter(|unit| is_below(file, unit)).collect();
        around.sort_by_key(|unit| unit.len());
        if let Some(unit) = around.first() {
            if !found.contains(*unit) {
                found.push((*unit).clone());
            }
            continue;
        }
        let name = file.rsplit_once('/').map_or(file.as_str(), |(_, name)| name);
        let known = name.ends_with(".yaml") || name.ends_with(".yml");
        if !known {
            continue;
        }
        let path = join(folder, file);
        let bytes =
            world.read(&path).map_err(|missing| Failure::Wrong(format!("{path}: {missing}")))?;
        let text = String::from_utf8_lossy(&bytes);
        manifest::read(&text, &path)
            .map_err(|error| Failure::Wrong(format!("{path}: {}", error.message)))?;
        found.push(file.clone());
    }
    Ok(found.into_iter().map(|path| Value::String(format!("./{path}"))).collect())
}

/// Writes the Kustomization's own fields into the kustomization.
fn write_in(
    world: &dyn World,
    unit: &Unit,
    folder: &str,
    fields: &mut IndexMap<String, Value>,
) -> Result<(), Failure> {
    for (own, theirs) in [
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ] {
        if let Some(value) = unit.field(&[own]) {
            fields.insert(theirs.to_owned(), value.clone());
        }
    }
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        for patch in list(unit.field(&[key])) {
            let patch = match key {
                "patchesJson6902" => json_patch(patch),
                _ => patch.clone(),
            };
            push(fields, key, patch);
        }
    }
    let ignores = unit.field(&["ignoreMissingComponents"]).and_then(Value::as_bool) == Some(true);
    for component in list(unit.field(&["components"])) {
        let path = component.as_str().unwrap_or_default();
        let is_local = !path.starts_with('/') && !path.contains("://") && !path.starts_with("git@");
        if !is_local {
            let words = format!("component path '{path}' must be local and relative");
            return Err(Failure::Wrong(words));
        }
        let there = resolve(folder, path).is_some_and(|path| !world.list(&path).is_empty());
        if there || !ignores {
            push(fields, "components", component.clone());
        }
    }
    for image in list(unit.field(&["images"])) {
        let known = fields.entry("images".into()).or_insert_with(|| Value::List(Vec::new()));
        let Value::List(known) = known else { continue };
        let name = text(image, "name");
        match known.iter_mut().find(|known| text(known, "name") == name) {
            Some(known) => *known = image.clone(),
            None => known.push(image.clone()),
        }
    }
    if let Some(metadata) = unit.field(&["buildMetadata"]).filter(|it| !list(Some(it)).is_empty()) {
        fields.insert("buildMetadata".into(), metadata.clone());
    }
    Ok(())
}

/// Kustomize takes the operations as a text.
fn json_patch(patch: &Value) -> Value {
    let mut fields = patch.as_map().cloned().unwrap_or_default();
    if let Some(operations) = fields.get("patch").filter(|patch| patch.as_list().is_some()) {
        let text = yaml::to_string_go2(operations);
        fields.insert("patch".into(), Value::String(text));
    }
    Value::Map(fields)
}

fn push(fields: &mut IndexMap<String, Value>, key: &str, value: Value) {
    let known = fields.entry(key.to_owned()).or_insert_with(|| Value::List(Vec::new()));
    match known {
        Value::List(items) => items.push(value),
        other => *other = Value::List(vec![value]),
    }
}

/// Replaces the variables of the objects, where there are any or the strategy says always.
pub(super) fn replace_variables(
    unit: &Unit,
    from: BTreeMap<String, String>,
    objects: &mut [Object],
) -> Result<(), Failure> {
    let mut variables = from;
    if let Some(inline) = unit.field(&["postBuild", "substitute"]).and_then(Value::as_map) {
        for (name, value) in inline {
            let value = value.as_str().unwrap_or_default().replace('\n', "");
            variables.insert(name.clone(), value);
        }
    }
    let always =
        unit.field(&["postBuild", "substituteStrategy"]).and_then(Value::as_str) == Some("Always");
    if variables.is_empty() && !always {
        return Ok(());
    }
    if let Some(name) = variables.keys().find(|name| !is_name(name)) {
        return Err(Failure::Variable(format!("'{name}' is no name of a variable")));
    }
    for object in objects {
        if has(object, SUBSTITUTE, |value| value == "disabled") {
            continue;
        }
        let fail = |reason: &dyn std::fmt::Display| {
            Failure::Variable(format!("{} `{}`: {reason}", object.kind(), object.name()))
        };
        let before = yaml::to_string_go2(&object.value);
        let after = substitute(&before, &variables).map_err(|reason| fail(&reason))?;
        if after == before {
            continue;
        }
        let value = Value::decode_go2(after.as_bytes()).map_err(|error| fail(&error))?;
        if value.as_map().is_none() {
            return Err(fail(&"it is no object any more"));
        }
        *object = Object { source: Arc::clone(&object.source), text: Arc::from(after), value };
    }
    Ok(())
}

/// Puts the Kustomization's metadata on its objects, and leaves out those that want to be.
pub(super) fn finish(unit: &Unit, objects: Vec<Object>) -> Vec<Object> {
    let mut labels = of_metadata(unit, "labels");
    for key in ["name", "namespace"] {
        let value = if key == "name" { &unit.name.name } else { &unit.name.namespace };
        let key = format!("kustomize.toolkit.fluxcd.io/{key}");
        labels.insert(key, Value::String(value.clone()));
    }
    let annotations = of_metadata(unit, "annotations");
    objects
        .into_iter()
        .filter(|object| !marked(object, RECONCILE, "disabled") && !marked(object, SSA, "Ignore"))
        .map(read_as_typed)
        .map(|object| put_on(put_on(object, "labels", &labels), "annotations", &annotations))
        .collect()
}

fn of_metadata(unit: &Unit, key: &str) -> IndexMap<String, Value> {
    let fields = unit.field(&["commonMetadata", key]).and_then(Value::as_map);
    fields.cloned().unwrap_or_default()
}

/// Puts labels or annotations on an object, over its own.
pub(super) fn put_on(mut object: Object, key: &str, entries: &IndexMap<String, Value>) -> Object {
    if entries.is_empty() {
        return object;
    }
    let empty = || Value::Map(IndexMap::new());
    if let Value::Map(fields) = &mut object.value
        && let Value::Map(metadata) = fields.entry("metadata".into()).or_insert_with(empty)
    {
        let known = metadata.entry(key.to_owned()).or_insert_with(empty);
        if known.is_null() {
            *known = empty();
        }
        if let Value::Map(known) = known {
            known.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone())));
            known.sort_keys();
        }
    }
    object.text = Arc::from(yaml::to_string_go2(&object.value));
    object
}

/// Whether a label or annotation of an object has a value, in letters of any size.
fn marked(object: &Object, key: &str, value: &str) -> bool {
    has(object, key, |found| found.eq_ignore_ascii_case(value))
}

fn has(object: &Object, key: &str, fits: impl Fn(&str) -> bool) -> bool {
    ["labels", "annotations"].into_iter().any(|place| {
        let found = object.at(&["metadata", place]).and_then(|it| it.get(key));
        found.and_then(Value::as_str).is_some_and(&fits)
    })
}

/// Takes out of the objects what SOPS encrypted and Flux decrypts, and returns why it is not there.
pub(super) fn take_encrypted(unit: &Unit, objects: &mut Vec<Object>) -> Option<String> {
    unit.field(&["decryption", "provider"])?;
    let stays = |object: &Object| {
        object.value.get("sops").is_none() || marked_annotation(object, DECRYPT, "disabled")
    };
    let taken: Vec<String> = objects
        .iter()
        .filter(|object| !stays(object))
        .map(|object| format!("{} {}", object.kind(), object.name()))
        .collect();
    objects.retain(stays);
    let (verb, it) = match taken.len() {
        0 => return None,
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let names = taken.join(", ");
    Some(format!("{names} {verb} encrypted with SOPS: only the cluster can read {it}"))
}

/// The Secrets that SOPS encrypted and nobody decrypts.
pub(super) fn left_encrypted<'o>(
    unit: &Unit,
    objects: &'o [Object],
) -> impl Iterator<Item = &'o Object> {
    let decrypts = unit.field(&["decryption", "provider"]).is_some();
    objects.iter().filter(move |object| {
        !decrypts && object.value.get("sops").is_some() && object.kind() == "Secret"
    })
}

fn marked_annotation(object: &Object, key: &str, value: &str) -> bool {
    let found = object.at(&["metadata", "annotations"]).and_then(|it| it.get(key));
    found.and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(value))
}

/// An object as Flux hands it on: it reads Kubernetes' own kinds into Go's types first. What `stringData` says
/// is `data` then, a null of `data` is an empty text, and the notes of SOPS are gone.
fn read_as_typed(mut object: Object) -> Object {
    if object.api_version() != "v1" || !matches!(object.kind(), "Secret" | "ConfigMap") {
        return object;
    }
    let is_secret = object.kind() == "Secret";
    let Value::Map(fields) = &mut object.value else { return object };
    let before = fields.clone();
    fields.shift_remove("sops");
    if let Some(Value::Map(data)) = fields.get_mut("data") {
        for value in data.values_mut().filter(|value| value.is_null()) {
            *value = Value::String(String::new());
        }
    }
    let texts = if is_secret { fields.shift_remove("stringData") } else { None };
    if let Some(Value::Map(texts)) = texts {
        let data = fields.entry("data".into()).or_insert_with(|| Value::Map(IndexMap::new()));
        if data.is_null() {
            *data = Value::Map(IndexMap::new());
        }
        if let Value::Map(data) = data {
            for (key, value) in texts {
                let text = value.as_str().unwrap_or_default();
                let text = base64::engine::general_purpose::STANDARD.encode(text);
                data.insert(key, Value::String(text));
            }
            data.sort_keys();
        }
    }
    if *fields != before {
        object.text = Arc::from(yaml::to_string_go2(&object.value));
    }
    object
}
