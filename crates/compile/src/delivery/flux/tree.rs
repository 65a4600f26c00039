//! Everything of Flux that a repository holds, whoever wrote it: one cluster or several.
//!
//! A cluster begins with the Kustomization that `flux bootstrap` writes, which delivers the folder that it
//! lies in. Where there are several such folders, each is a cluster of its own: the same names mean other
//! objects there.

use std::collections::BTreeSet;
use std::sync::Arc;

use manifest::{Object, Scopes};
use text::Place;
use text::path::{is_below, resolve};
use yaml::Value;

use super::objects::{deploys, is_of_flux};
use super::{Cluster, Rendered, place, roots};
use crate::delivery::{Delivered, Delivery, Engine, Found, Input};

/// Renders all of it.
pub(in crate::delivery) fn everything(input: &Input<'_>, known: &[Found], delivery: &mut Delivery) {
    let of_flux: Vec<&Found> =
        known.iter().filter(|found| found.engine() == Some(Engine::Flux)).collect();
    let folders = clusters(&of_flux);
    if folders.len() < 2 {
        run(input, &of_flux, "", delivery);
        return;
    }
    // Folders of clusters may lie in each other; the innermost counts.
    let home = |found: &&Found| {
        let inside = folders.iter().filter(|folder| is_below(&found.place.file, folder));
        inside.max_by_key(|folder| folder.len())
    };
    let mut delivered: BTreeSet<Arc<str>> = BTreeSet::new();
    for folder in &folders {
        let own: Vec<&Found> =
            of_flux.iter().copied().filter(|found| home(found) == Some(folder)).collect();
        let before = delivery.applications.len();
        run(input, &own, folder, delivery);
        let new = delivery.applications.iter().skip(before);
        let objects = new.flat_map(|it| it.objects.iter().chain(std::iter::once(&it.object)));
        delivered
            .extend(objects.filter(|it| is_of_flux(it)).map(|object| Arc::clone(&object.source)));
    }
    // What no cluster delivers.
    let rest: Vec<&Found> = of_flux
        .iter()
        .copied()
        .filter(|found| home(found).is_none() && !delivered.contains(&found.place.file))
        .collect();
    run(input, &rest, "", delivery);
}

/// Guesses under which address the repository is known: the one that most Kustomizations and HelmReleases
/// read from whose folders are here, and where it stands. What `flux bootstrap` wrote reads the repository
/// that it lies in; where that has no remote (`has_remote`) there is nothing to guess.
pub(in crate::delivery) fn guess_address(
    known: &[&Found],
    input: &Input<'_>,
    has_remote: bool,
) -> Option<(String, Place)> {
    let of_flux = known.iter().filter(|found| is_of_flux(&found.object));
    let is_sync = |found: &&&Found| deploys(&found.object) && roots::is_sync(&found.object);
    let sync = of_flux.clone().find(is_sync);
    if sync.is_some() && !has_remote {
        return None;
    }
    let source = |found: &Found| {
        let spec = found.object.value.get("spec")?;
        let chart = spec.get("chart").and_then(|it| it.get("spec"));
        let holder = if spec.get("sourceRef").is_some() { Some(spec) } else { chart }?;
        let path = holder.get("path").or_else(|| holder.get("chart")).and_then(Value::as_str);
        let folder =
            resolve("", path.unwrap_or_default().trim_start_matches("./").trim_matches('/'));
        let is_here = folder.is_some_and(|folder| !input.tree.list(&folder).is_empty());
        let name = holder.get("sourceRef")?.get("name").and_then(Value::as_str)?;
        is_here.then(|| name.to_owned())
    };
    let users: Vec<String> = match sync {
        Some(sync) => source(sync).into_iter().collect(),
        None => of_flux.clone().filter_map(|found| source(found)).collect(),
    };
    let uses = |name: &str| users.iter().filter(|user| *user == name).count();
    let repositories = of_flux.filter(|found| {
        let url = found.object.at(&["spec", "url"]).and_then(Value::as_str);
        found.object.kind() == "GitRepository"
            && url.is_some_and(|url| input.registry.tree(url).is_none())
    });
    // Of those that are used equally often, the first.
    let mut best: Option<(usize, &Found)> = None;
    for found in repositories {
        let count = uses(found.object.name());
        if count > best.map_or(0, |(most, _)| most) {
            best = Some((count, found));
        }
    }
    let (_, found) = best?;
    let url = found.object.at(&["spec", "url"]).and_then(Value::as_str)?;
    Some((url.to_owned(), found.place.clone()))
}

/// Takes the namespace of their release from objects whose definitions say that they have none.
pub(in crate::delivery) fn lift(scopes: &Scopes, applications: &mut [Delivered]) {
    let is_release = |it: &&mut Delivered| it.object.kind() == "HelmRelease";
    let objects = applications.iter_mut().filter(is_release).flat_map(|it| &mut it.objects);
    let outside = objects.filter(|it| scopes.is_cluster_scoped(it.group(), it.kind()));
    outside.for_each(|it| it.set_namespace(""));
}

/// Returns the folders of clusters.
fn clusters(found: &[&Found]) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for found in found {
        let object = &found.object;
        if !deploys(object) || object.kind() != "Kustomization" || found.parent.is_some() {
            continue;
        }
        let path = object.at(&["spec", "path"]).and_then(Value::as_str).unwrap_or_default();
        let Some(folder) = resolve("", path.trim_start_matches("./").trim_matches('/')) else {
            continue;
        };
        let delivers_itself = !folder.is_empty() && is_below(&found.place.file, &folder);
        if delivers_itself && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders.sort();
    folders
}

/// Renders what one cluster is given, and everything that it leads to.
fn run(input: &Input<'_>, of_flux: &[&Found], name: &str, delivery: &mut Delivery) {
    let mut cluster = Cluster::new(input.tree, Some(&input.registry));
    let own = input.registry.trees.iter().any(|tree| tree.own);
    if let Ok(version) = helm::KubeVersion::parse(&format!("v{}", input.cluster.kube_version)) {
        cluster.options.kube_version = version;
    }
    cluster.options.api_versions.clone_from(&input.cluster.api_versions);
    cluster.options.engine.now.seconds = input.settings.seconds;
    for (name, text) in &input.outside {
        // What cannot be read was told of already.
        let beside = manifest::read(text, name).unwrap_or_default();
        let is_data =
            |it: &Object| it.group().is_empty() && matches!(it.kind(), "ConfigMap" | "Secret");
        cluster.given.extend(beside.into_iter().filter(is_data));
    }
    for found in of_flux {
        // The Kustomization that `flux bootstrap` writes reads the repository that it lies in.
        if !own && deploys(&found.object) && roots::is_sync(&found.object) {
            cluster.here.insert(roots::source_of(&found.object));
        }
        let place = Some(&found.place);
        cluster.take_in(&found.object, roots::NAMESPACE, place, &mut delivery.diagnostics);
    }
    cluster.run(&mut delivery.diagnostics);
    for Rendered { name: unit, delivered: known, is_own, findings } in cluster.delivered {
        let parent = cluster.parents.remove(&unit);
        let Some(unit) = cluster.units.remove(&unit) else { continue };
        let text =
            |key: &str| unit.field(&["kubeConfig", "secretRef", key]).and_then(Value::as_str);
        let elsewhere = text("name").unwrap_or_default().to_owned();
        delivery.applications.push(Delivered {
            name: known.name,
            engine: Engine::Flux,
            place: place::of_object(input.tree, &unit.object),
            object: unit.object,
            parent,
            home: String::new(),
            cluster: if elsewhere.is_empty() { name.to_owned() } else { elsewhere },
            is_own,
            namespace: known.namespace,
            source: known.source,
            step: None,
            objects: known.objects,
            opaque: known.opaque.into_iter().collect(),
            failed: known.failed,
            findings,
        });
    }
}
