//! Files of a tree that are read through a kustomization: its resources are objects only as it makes them,
//! and its patches are never objects.
//!
//! In: the files of a tree, and the delivery objects as their files have them. Out: the same without what
//! kustomizations change, and what those make of it. An overlay that an application delivers is built once
//! more for it; then what the application delivers stands for this.
//! Never says that a kustomization is broken: what deploys it does.

use std::collections::{BTreeMap, BTreeSet};

use kustomize::{FILES, LoadRestrictor, Options, Reorder};
use rayon::prelude::*;
use text::World;
use text::path::resolve;
use yaml::Value;

use super::{Found, find};

/// Fields that name what is taken in and change nothing.
const PLAIN: [&str; 5] = ["apiVersion", "kind", "metadata", "resources", "bases"];

/// A kustomization of the tree, as far as it names files.
#[derive(Default)]
struct Names {
    /// Files that it takes in.
    resources: Vec<String>,
    /// Folders of other kustomizations that it takes in.
    below: Vec<String>,
    /// Files that it changes others with.
    patches: Vec<String>,
    /// Whether it changes anything.
    changes: bool,
    /// Whether it can only be part of another.
    is_component: bool,
}

/// Returns the delivery objects of a tree, of those that stand in its files.
pub(super) fn settle(tree: &dyn World, files: &[String], found: Vec<Found>) -> Vec<Found> {
    let all = read(tree, files);
    if all.is_empty() {
        return found;
    }
    let resources: BTreeSet<&str> =
        all.values().flat_map(|names| names.resources.iter().map(String::as_str)).collect();
    let patches: BTreeSet<&str> =
        all.values().flat_map(|names| names.patches.iter().map(String::as_str)).collect();
    let mut found = found;
    found.retain(|found| {
        let file = &*found.place.file;
        !patches.contains(file) || resources.contains(file)
    });
    let with_objects: BTreeSet<&str> = found.iter().map(|found| &*found.place.file).collect();
    // The outermost kustomizations, with the files below each that hold delivery objects.
    let inner: BTreeSet<&str> =
        all.values().flat_map(|names| names.below.iter().map(String::as_str)).collect();
    let mut plain: BTreeSet<&str> = BTreeSet::new();
    let mut changed: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for (folder, names) in &all {
        if inner.contains(folder.as_str()) || names.is_component {
            continue;
        }
        let (files, changes) = reach(&all, folder);
        let files: BTreeSet<&str> =
            files.into_iter().filter(|file| with_objects.contains(file)).collect();
        match changes {
            false => plain.extend(files),
            true if files.is_empty() => {}
            true => changed.push((folder.as_str(), files)),
        }
    }
    let built: Vec<Option<Vec<Found>>> =
        changed.par_iter().map(|(folder, _)| build(tree, folder)).collect();
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    let mut made = Vec::new();
    for ((_, files), built) in changed.iter().zip(built) {
        if let Some(built) = built {
            covered.extend(files);
            made.extend(built);
        }
    }
    let covered: BTreeSet<String> = covered.difference(&plain).map(|it| (*it).to_owned()).collect();
    found.retain(|found| !covered.contains(&*found.place.file));
    made.retain(|found: &Found| covered.contains(&*found.object.source));
    found.extend(made);
    found.sort_by(|a, b| a.place.file.cmp(&b.place.file).then(a.place.start.cmp(&b.place.start)));
    found
}

/// Returns the files that a kustomization takes in, itself or through others, and whether anything on the
/// way changes them.
fn reach<'a>(all: &'a BTreeMap<String, Names>, folder: &'a str) -> (BTreeSet<&'a str>, bool) {
    let mut files = BTreeSet::new();
    let mut changes = false;
    let mut seen = BTreeSet::from([folder]);
    let mut waiting = vec![folder];
    while let Some(names) = waiting.pop().and_then(|folder| all.get(folder)) {
        changes |= names.changes;
        files.extend(names.resources.iter().map(String::as_str));
        waiting.extend(names.below.iter().map(String::as_str).filter(|it| seen.insert(it)));
    }
    (files, changes)
}

fn build(tree: &dyn World, folder: &str) -> Option<Vec<Found>> {
    let options = Options {
        load_restrictor: LoadRestrictor::None,
        reorder: Reorder::None,
        ..Options::default()
    };
    let built = kustomize::build(tree, folder, &options).ok()?;
    let objects = built.objects.into_iter().filter(find::is_delivery);
    let found = objects.map(|object| {
        let place = find::place(tree, &object);
        Found { object, place, parent: None, is_built: true }
    });
    Some(found.collect())
}

/// Reads the kustomizations of a tree, by their folders.
fn read(tree: &dyn World, files: &[String]) -> BTreeMap<String, Names> {
    let kustomizations: BTreeMap<&str, &str> = files
        .iter()
        .filter_map(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            FILES.contains(&name).then_some((folder, path.as_str()))
        })
        .collect();
    let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let one = |(folder, path): (&&str, &&str)| {
        let value = Value::decode_go2(&tree.read(path).ok()?).ok()?;
        let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if !matches!(value, Value::Map(_))
            || !(version.is_empty() || version.starts_with("kustomize.config.k8s.io/"))
        {
            return None;
        }
        let is_there = |file: &str| files.contains(file);
        let is_kustomization = |folder: &str| kustomizations.contains_key(folder);
        Some(((*folder).to_owned(), names(&value, folder, &is_there, &is_kustomization)))
    };
    kustomizations.iter().filter_map(one).collect()
}

fn names(
    value: &Value,
    folder: &str,
    is_there: &dyn Fn(&str) -> bool,
    is_kustomization: &dyn Fn(&str) -> bool,
) -> Names {
    let mut names = Names {
        changes: value
            .as_map()
            .is_some_and(|fields| fields.keys().any(|key| !PLAIN.contains(&key.as_str()))),
        is_component: value.get("kind").and_then(Value::as_str) == Some("Component"),
        ..Names::default()
    };
    let list = |field: &str| value.get(field).and_then(Value::as_list).unwrap_or_default();
    for field in ["resources", "bases", "components"] {
        for entry in list(field).iter().filter_map(Value::as_str) {
            let Some(path) = resolve(folder, entry.trim_end_matches('/')) else { continue };
            if is_there(&path) {
                names.resources.push(path);
            } else if is_kustomization(&path) {
                names.below.push(path);
            }
        }
    }
    let texts = ["patchesStrategicMerge", "configurations", "crds", "transformers", "validators"];
    let named = ["patches", "patchesJson6902", "replacements"];
    let texts = texts.iter().flat_map(|field| list(field)).filter_map(Value::as_str);
    let paths = named.iter().flat_map(|field| list(field));
    let paths = paths.filter_map(|entry| entry.get("path").and_then(Value::as_str));
    let patches = texts.chain(paths).filter_map(|entry| resolve(folder, entry));
    names.patches.extend(patches.filter(|path| is_there(path)));
    names
}

#[cfg(test)]
mod tests {
    use testkit::MemoryWorld;

    use super::*;

    #[test]
    fn what_an_overlay_makes_stands_for_its_files() {
        let application = |name: &str| {
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\n"
            )
        };
        let world = MemoryWorld::new()
            .file("base/kustomization.yaml", "resources: [web.yaml]\n")
            .file("base/web.yaml", application("web"))
            .file("dev/kustomization.yaml", "namePrefix: dev-\nresources: [../base]\n")
            .file("prod/kustomization.yaml", "patches: [{path: p.yaml}]\nresources: [../base]\n")
            .file("prod/p.yaml", application("web"))
            .file("broken/kustomization.yaml", "resources: [none.yaml]\nnamePrefix: x-\n")
            .file("alone.yaml", application("alone"));
        let found = find::in_tree(&world, &mut Vec::new());
        let names: Vec<(&str, &str)> =
            found.iter().map(|it| (it.object.name(), &*it.place.file)).collect();
        assert_eq!(
            names,
            [("alone", "alone.yaml"), ("dev-web", "base/web.yaml"), ("web", "base/web.yaml")]
        );
    }
}
