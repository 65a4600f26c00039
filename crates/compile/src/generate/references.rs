//! References to an environment that would be removed.
//!
//! In: the paths that would go, the repository. Out: a finding for each path in a YAML file that stays
//! which leads to one of them.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources, World};
use yaml::{Kind, Node, Schema};

use super::{Owner, Tree, codes};

/// Returns a finding for each reference to what would be removed of `overlays/<environment>/`.
pub(super) fn to_removed(
    removed: &[&str],
    tree: &Tree,
    world: &dyn World,
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let environment = |path: &str| -> Option<String> {
        let (name, _) = path.strip_prefix("overlays/")?.split_once('/')?;
        let stays = tree.files.keys().any(|path| path.starts_with(&format!("overlays/{name}/")));
        (!stays).then(|| name.to_owned())
    };
    let mut gone: Vec<String> = removed.iter().filter_map(|path| environment(path)).collect();
    gone.dedup();
    if gone.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for path in world.list("") {
        let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        let own = path.starts_with(".mainstay/");
        let untouched = tree.files.get(&path).is_some_and(|file| {
            file.owner == Owner::Generated && world.read(&path).as_deref() == Ok(&*file.bytes)
        });
        let goes = removed.contains(&path.as_str())
            || gone.iter().any(|name| path.starts_with(&format!("overlays/{name}/")));
        if !is_yaml || own || untouched || goes {
            continue;
        }
        let Ok(bytes) = world.read(&path) else { continue };
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        if !gone.iter().any(|name| text.contains(name.as_str())) {
            continue;
        }
        let Ok(documents) = yaml::parse_all(text, Schema::Core12) else { continue };
        // A generated file is as it will be: what it refers to now is no reference any more.
        let later = tree.files.get(&path).filter(|file| file.owner == Owner::Generated);
        let later = later.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut texts = Vec::new();
        documents.iter().for_each(|document| collect(document, &mut texts));
        for node in texts {
            let Some(reference) = node.as_str() else { continue };
            let Some(name) = gone.iter().find(|name| leads_to(folder, reference, name)) else {
                continue;
            };
            // What mainstay wrote itself goes with the environment.
            let generated = world
                .read(&super::base::path(&path))
                .is_ok_and(|base| String::from_utf8_lossy(&base).contains(reference));
            if generated && later.as_ref().is_none_or(|later| !later.contains(reference)) {
                continue;
            }
            let file: Arc<str> = sources.add(path.as_str(), text);
            let at = Place::new(&file, node.span.range());
            found.push(codes::g131_referred(name, reference, at));
        }
    }
    found
}

fn collect<'n>(node: &'n Node, out: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| collect(item, out)),
        Kind::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, out)),
        Kind::String(_) if !node.alias => out.push(node),
        _ => {}
    }
}

/// Says whether a text is a path into `overlays/<name>`: from its own folder, or from the repository.
fn leads_to(folder: &str, reference: &str, name: &str) -> bool {
    if reference.contains([' ', '\n']) || !reference.contains(name) {
        return false;
    }
    let wanted = format!("overlays/{name}");
    let below = |path: &str| path == wanted || path.starts_with(&format!("{wanted}/"));
    let from_top = reference.trim_start_matches("$values/").trim_start_matches('/');
    below(from_top) || joined(folder, reference).is_some_and(|path| below(&path))
}

/// Returns a path from a folder as one from the repository.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
