//! The overlays of an application that is delivered as a kustomization: do their image entries reach an image,
//! do environments that are promoted together run the same version, and is it pulled from where it is pushed to?
//!
//! What is looked at are the files as they are, since pipelines and people write into them. What does not build
//! is rendering's to report.

use std::collections::BTreeSet;
use std::sync::Arc;

use text::{Diagnostic, Place, World};
use yaml::{Node, Schema, Value};

use super::Findings;
use super::codes::kustomization as codes;
use crate::model::{Image, Kustomization, Platform};

/// Returns what is wrong in the overlays.
pub fn overlays(platform: &Platform, world: &dyn World) -> Vec<Diagnostic> {
    let mut findings = Findings { found: Vec::new() };
    let Some(app) = &platform.kustomization else { return Vec::new() };
    registry(platform, app, world, &mut findings);
    let overlays: Vec<Overlay> = platform
        .environments
        .iter()
        .filter_map(|environment| Overlay::read(app, &environment.name, world))
        .collect();
    for overlay in &overlays {
        overlay.unreached(world, &mut findings);
    }
    for promotion in &app.promotions {
        let together = || overlays.iter().filter(|it| promotion.environments.contains(&it.name));
        let Some((first, version)) = together().find_map(|it| Some((it, it.version(app)?))) else {
            continue;
        };
        for other in together() {
            let Some(own) = other.version(app).filter(|own| own.value != version.value) else {
                continue;
            };
            findings.add(codes::c204_other_version(
                (&other.name, &own.value, other.place(own.node)),
                (&first.name, &version.value, first.place(version.node)),
                &promotion.branch,
            ));
        }
    }
    findings.done()
}

/// Compares the registry that all overlays pull from with the one that the pipeline pushes to.
fn registry(platform: &Platform, app: &Kustomization, world: &dyn World, findings: &mut Findings) {
    let path = format!("{}/registry/image.yaml", app.folder);
    let Some(node) = app.build.as_ref().and_then(|_| parsed(&path, world)) else { return };
    let Some(name) = node.get("imageTag").and_then(|tag| tag.get("newName")) else { return };
    let Some(pulled) = name.as_str() else { return };
    if pulled == crate::generate::pulled_from(platform, app) {
        return;
    }
    let key = "spec.registry.repository";
    let origin = platform.origin.has(key).then(|| platform.origin.place(key));
    let place = Place::new(&Arc::from(path), name.span.range());
    findings.add(codes::c210_other_registry((pulled, place), (&app.image, origin)));
}

/// Reads a file of the repository; what cannot be read is others' to report.
fn parsed(path: &str, world: &dyn World) -> Option<Node> {
    let text = String::from_utf8(world.read(path).ok()?.to_vec()).ok()?;
    yaml::parse(&text, Schema::Go2).ok()
}

/// An overlay's kustomization.
struct Overlay {
    name: String,
    folder: String,
    file: Arc<str>,
    node: Node,
}

/// What an image entry says about the version.
struct Version<'n> {
    value: String,
    node: &'n Node,
}

impl Overlay {
    fn read(app: &Kustomization, name: &str, world: &dyn World) -> Option<Overlay> {
        let folder = app.overlay(name);
        let path = format!("{folder}/kustomization.yaml");
        let node = parsed(&path, world)?;
        Some(Overlay { name: name.to_owned(), folder, file: path.into(), node })
    }

    fn place(&self, node: &Node) -> Place {
        Place::new(&self.file, node.span.range())
    }

    /// Returns the entries of `images`, with their names.
    fn images(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries = self.node.get("images").and_then(Node::as_list).unwrap_or_default();
        entries.iter().filter_map(|entry| Some((entry.get("name")?.as_str()?, entry)))
    }

    /// Returns the version that the application's image gets here.
    fn version(&self, app: &Kustomization) -> Option<Version<'_>> {
        let (_, entry) = self.images().find(|(name, _)| *name == app.name)?;
        let node = entry.get("digest").or_else(|| entry.get("newTag"))?;
        Some(Version { value: node.as_str()?.to_owned(), node })
    }

    /// Finds entries of `images` that match no image of what the overlay is made of.
    fn unreached(&self, world: &dyn World, findings: &mut Findings) {
        if self.images().next().is_none() {
            return;
        }
        let Some(there) = self.images_below(world) else { return };
        for (name, entry) in self.images().filter(|(name, _)| !there.contains(*name)) {
            let place = self.place(entry.get("name").unwrap_or(entry));
            findings.add(codes::c205_no_such_image(name, &there, place));
        }
    }

    /// Returns the images of the overlay's resources, without tags; nothing where they cannot be known.
    fn images_below(&self, world: &dyn World) -> Option<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for field in ["resources", "components"] {
            for entry in self.node.get(field).and_then(Node::as_list).unwrap_or_default() {
                let path = text::path::resolve(&self.folder, entry.as_str()?)?;
                let objects = match world.read(&path) {
                    Ok(bytes) => manifest::read(&String::from_utf8_lossy(&bytes), &path).ok()?,
                    // A component changes what is there; what it adds cannot be told apart.
                    Err(_) if field == "components" => return None,
                    Err(_) => {
                        kustomize::build(world, &path, &kustomize::Options::default()).ok()?.objects
                    }
                };
                objects.iter().for_each(|object| images_of(&object.value, &mut names));
            }
        }
        Some(names)
    }
}

/// Finds what kustomize takes for images: those of containers, at any depth.
fn images_of(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| images_of(item, names)),
        Value::Map(fields) => {
            for (key, field) in fields {
                images_of(field, names);
                if let ("containers" | "initContainers", Value::List(items)) = (key.as_str(), field)
                {
                    let images = items.iter().filter_map(|it| it.get("image")?.as_str());
                    names.extend(images.map(|image| Image::parse(image).repository));
                }
            }
        }
        _ => {}
    }
}
