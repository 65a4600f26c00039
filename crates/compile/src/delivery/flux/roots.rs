//! Where Flux begins: the Kustomization that a person applies to a cluster, and the sources beside it.
//!
//! `flux bootstrap` writes it to `clusters/<name>/flux-system/gotk-sync.yaml`; mainstay to
//! `flux-system/<environment>.yaml`.

use std::sync::Arc;

use indexmap::IndexMap;
use manifest::Object;
use text::World;
use text::path::resolve;
use yaml::Value;

use super::objects::{self, Name, Unit, reference};

/// The namespace that Flux's own objects usually lie in.
pub(super) const NAMESPACE: &str = "flux-system";
/// The folder of roots.
const FOLDER: &str = "flux-system";

/// A root.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// The Kustomization.
    pub(super) object: Object,
    /// The other objects of its file.
    pub(super) beside: Vec<Object>,
    /// The source that is this repository.
    pub(super) source: Name,
}

/// Returns the root that leads to a folder; where objects of Flux lie in the folder but no root leads to
/// them, one that is made up. `None` where Flux has nothing to do with the folder.
pub(crate) fn root_of(world: &dyn World, folder: &str, name: &str) -> Option<Root> {
    let mut of_flux = false;
    for file in world.list(FOLDER).into_iter().chain(world.list(folder)) {
        let Some(objects) = read(world, &file) else { continue };
        of_flux |= objects.iter().any(objects::is_of_flux);
        let leads = |object: &&Object| {
            objects::deploys(object)
                && object.kind() == "Kustomization"
                && folder_of(object).as_deref() == Some(folder)
        };
        if let Some(object) = objects.iter().find(leads) {
            return Some(Root {
                source: source_of(object),
                object: object.clone(),
                beside: objects
                    .iter()
                    .filter(|other| !objects::deploys(other) && objects::is_of_flux(other))
                    .cloned()
                    .collect(),
            });
        }
    }
    of_flux.then(|| made_up(folder, name))
}

/// Returns the folders that roots lead to, with the file of each.
pub(crate) fn lead_to(world: &dyn World) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in world.list(FOLDER) {
        for object in read(world, &file).unwrap_or_default() {
            if objects::deploys(&object)
                && let Some(folder) = folder_of(&object)
            {
                found.push((folder, file.clone()));
            }
        }
    }
    found
}

/// Whether a Kustomization is the one that `flux bootstrap` writes.
pub(super) fn is_sync(object: &Object) -> bool {
    object.kind() == "Kustomization" && object.name() == FOLDER && object.namespace() == NAMESPACE
}

/// Returns the source of a Kustomization.
pub(super) fn source_of(object: &Object) -> Name {
    let source = object.at(&["spec", "sourceRef"]).unwrap_or(&Value::Null);
    reference(source, &objects::name_of(object, NAMESPACE).namespace)
}

/// Reads the objects of a file that speaks of Flux.
fn read(world: &dyn World, file: &str) -> Option<Vec<Object>> {
    if !file.ends_with(".yaml") && !file.ends_with(".yml") {
        return None;
    }
    let bytes = world.read(file).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    if !text.contains("toolkit.fluxcd.io/") {
        return None;
    }
    manifest::read(text, file).ok()
}

/// Returns the folder that a Kustomization applies.
fn folder_of(object: &Object) -> Option<String> {
    let path = object.at(&["spec", "path"]).and_then(Value::as_str).unwrap_or_default();
    resolve("", path.trim_start_matches("./").trim_matches('/'))
}

fn made_up(folder: &str, name: &str) -> Root {
    let text = |text: &str| Value::String(text.to_owned());
    let source =
        Name { kind: "GitRepository".into(), namespace: NAMESPACE.into(), name: FOLDER.into() };
    let metadata = IndexMap::from([
        ("name".to_owned(), text(&format!("root-{name}"))),
        ("namespace".to_owned(), text(NAMESPACE)),
    ]);
    let reference = IndexMap::from([
        ("kind".to_owned(), text(&source.kind)),
        ("name".to_owned(), text(&source.name)),
    ]);
    let spec = IndexMap::from([
        ("path".to_owned(), text(folder)),
        ("sourceRef".to_owned(), Value::Map(reference)),
    ]);
    let value = Value::Map(IndexMap::from([
        ("apiVersion".to_owned(), text("kustomize.toolkit.fluxcd.io/v1")),
        ("kind".to_owned(), text("Kustomization")),
        ("metadata".to_owned(), Value::Map(metadata)),
        ("spec".to_owned(), Value::Map(spec)),
    ]));
    let object = Object {
        source: Arc::from(format!("{folder}/kustomization.yaml")),
        text: Arc::from(yaml::to_string_go2(&value)),
        value,
    };
    debug_assert_eq!(Unit::read(&object, NAMESPACE).name.namespace, NAMESPACE);
    Root { object, beside: Vec::new(), source }
}
