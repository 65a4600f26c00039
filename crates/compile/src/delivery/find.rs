//! Which objects of a tree are delivery objects, and where they stand.
//!
//! In: the files of a tree. Out: the objects of Argo CD and Flux in them. Files that are no YAML, and
//! the templates of charts, hold none that an engine would see; nothing is said about them.

use std::sync::Arc;

use manifest::Object;
use rayon::prelude::*;
use text::{Diagnostic, Place, World};
use yaml::{Node, Schema, Value};

use super::{Engine, Found, Input, codes};
use crate::documents;

/// Where a repository that mainstay writes keeps what was generated last.
const BASE: &str = ".mainstay/";

/// Returns the engine whose objects are of a group.
pub(super) fn engine(group: &str) -> Option<Engine> {
    match group {
        "argoproj.io" => Some(Engine::ArgoCd),
        "source.toolkit.fluxcd.io"
        | "kustomize.toolkit.fluxcd.io"
        | "helm.toolkit.fluxcd.io"
        | "image.toolkit.fluxcd.io"
        | "notification.toolkit.fluxcd.io"
        | "source.extensions.fluxcd.io" => Some(Engine::Flux),
        _ => None,
    }
}

/// Whether an object of such a group says what is deployed; workflows and rollouts do not.
pub(super) fn is_delivery(object: &Object) -> bool {
    match engine(object.group()) {
        Some(Engine::ArgoCd) => {
            matches!(object.kind(), "Application" | "ApplicationSet" | "AppProject")
        }
        Some(Engine::Flux) => true,
        None => false,
    }
}

/// Returns the delivery objects of a tree, by file.
pub(super) fn in_tree(tree: &dyn World) -> Vec<Found> {
    let files = tree.list("");
    let charts: Vec<&str> =
        files.iter().filter_map(|path| path.strip_suffix("Chart.yaml")).collect();
    let is_template = |path: &str| {
        charts.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with("templates/"))
        })
    };
    let is_data = |path: &&String| {
        let data = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
        // What was generated last is a copy that nothing deploys.
        data && !path.starts_with(BASE) && !is_template(path)
    };
    let candidates: Vec<&String> = files.iter().filter(is_data).collect();
    let found: Vec<Vec<Found>> = candidates
        .par_iter()
        .map(|path| {
            let bytes = tree.read(path).unwrap_or_default();
            let Ok(text) = std::str::from_utf8(&bytes) else { return Vec::new() };
            if !mentions(text) {
                return Vec::new();
            }
            in_text(&Arc::from(path.as_str()), text, &mut Vec::new())
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Whether a text can hold a delivery object at all.
fn mentions(text: &str) -> bool {
    text.contains("argoproj.io/") || text.contains("fluxcd.io/")
}

/// Returns the delivery objects of a text; a text that cannot be read is a finding.
pub(super) fn in_text(
    file: &Arc<str>,
    text: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Found> {
    let nodes = match yaml::parse_all(text, Schema::Go2) {
        Ok(nodes) => nodes,
        Err(error) => {
            let place = Place::new(file, error.offset..error.offset);
            diagnostics.push(codes::d091_unreadable(place, &error.message));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for node in &nodes {
        add(node, text, file, &mut found);
    }
    found
}

fn add(node: &Node, text: &str, file: &Arc<str>, found: &mut Vec<Found>) {
    let field = |name| node.get(name).and_then(Node::as_str).unwrap_or_default();
    let (version, kind) = (field("apiVersion"), field("kind"));
    if kind.ends_with("List")
        && let Some(items) = node.get("items").and_then(Node::as_list)
    {
        items.iter().for_each(|item| add(item, text, file, found));
        return;
    }
    if engine(version.rsplit_once('/').map_or("", |(group, _)| group)).is_none() {
        return;
    }
    let range = node.span.start as usize..node.span.end as usize;
    let object = Object {
        source: Arc::clone(file),
        text: text.get(range).unwrap_or_default().into(),
        value: Value::from(node),
    };
    if !is_delivery(&object) {
        return;
    }
    let name = node.get("metadata").and_then(|it| it.get("name"));
    let place = Place::new(file, name.unwrap_or(node).span.range());
    found.push(Found { object, place, parent: None });
}

/// Returns the place of an object that was rendered: its name in the file that it comes from, or that
/// file.
pub(super) fn place(tree: &dyn World, object: &Object) -> Place {
    let file = &object.source;
    let found = tree.read(file).ok().and_then(|bytes| {
        let text = std::str::from_utf8(&bytes).ok()?;
        let known = in_text(file, text, &mut Vec::new());
        let same =
            |it: &Found| it.object.kind() == object.kind() && it.object.name() == object.name();
        known.into_iter().find(same).map(|it| it.place)
    });
    found.unwrap_or_else(|| Place::of_file(file))
}

/// Returns the place of a part of a delivery object, by keys and positions; as near as it can be told.
pub(super) fn part(input: &Input<'_>, found: &Found, path: &[&str]) -> Place {
    let span = see(input, found, |object| {
        let mut part = object;
        for name in path {
            let next = match name.trim_matches(['[', ']']).parse::<usize>() {
                Ok(number) if part.as_list().is_some() => part.item(number),
                _ => part.get(name),
            };
            let Some(next) = next else { break };
            part = next;
        }
        let is_whole = part.get("kind").is_some() && part.get("metadata").is_some();
        (!is_whole).then_some(part.span)
    });
    match span.flatten() {
        Some(span) => Place::new(&found.place.file, span.range()),
        None => found.place.clone(),
    }
}

/// Shows a delivery object as it was written; `None` where its file cannot be read as such.
pub(super) fn see<T>(input: &Input<'_>, found: &Found, look: impl FnOnce(&Node) -> T) -> Option<T> {
    let outside = input.outside.iter().find(|(name, _)| *name == found.place.file);
    let bytes = match outside {
        Some((_, text)) => Arc::from(text.as_bytes()),
        None => input.tree.read(&found.place.file).ok()?,
    };
    let documents = documents::of(bytes)?;
    let is_around = |node: &&Node| {
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        (start..=end).contains(&found.place.start) && node.get("kind").is_some()
    };
    // The object whose name stands where the place is.
    let mut around = documents.all.iter().filter(is_around).flat_map(|node| {
        let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
        std::iter::once(node).chain(items.iter().filter(is_around))
    });
    around.next_back().map(look)
}
