//! Which objects of a tree are delivery objects, and where they stand.
//!
//! In: the files of a tree. Out: the objects of Argo CD and Flux in them. The templates of charts hold none that
//! an engine would see, and nothing is said about them; a file that cannot be read and looks as if it held one is
//! a finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use manifest::Object;
use manifest::fields::{Step, path_text};
use rayon::prelude::*;
use text::{Diagnostic, Place, Severity, World};
use yaml::{Node, Schema, Value};

use super::{Engine, Found, Input, codes, fields};
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

/// Returns the delivery objects of a tree, by file; a file that cannot be read and looks as if it held one is
/// a finding.
pub(super) fn in_tree(tree: &dyn World, diagnostics: &mut Vec<Diagnostic>) -> Vec<Found> {
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
    let found: Vec<(Vec<Found>, Vec<Diagnostic>)> = candidates
        .par_iter()
        .map(|path| {
            let bytes = tree.read(path).unwrap_or_default();
            let file: Arc<str> = Arc::from(path.as_str());
            let mut findings = Vec::new();
            let found = match std::str::from_utf8(&bytes) {
                Ok(text) if !mentions(text) => Vec::new(),
                Ok(text) => {
                    let found = in_text(&file, text, &mut findings);
                    findings.retain(|finding| !finding.is_error() || looks_like_one(text));
                    if is_for_another_program(text) {
                        findings.iter_mut().for_each(|it| it.severity = Severity::Warning);
                    }
                    found
                }
                Err(error) => {
                    let reason = no_utf8(&bytes, error.valid_up_to());
                    let place = Place::of_file(&file);
                    findings.extend(reason.map(|reason| codes::d091_unreadable(place, &reason)));
                    Vec::new()
                }
            };
            (found, findings)
        })
        .collect();
    let mut all = Vec::new();
    for (found, findings) in found {
        all.extend(found);
        diagnostics.extend(findings);
    }
    super::kustomized::settle(tree, &files, all)
}

/// Returns why a file is no UTF-8, where it was meant to hold a delivery object.
fn no_utf8(bytes: &[u8], valid: usize) -> Option<String> {
    let pair: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let line = bytes.iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
            let reason = format!("line {line} is no UTF-8");
            return looks_like_one(&String::from_utf8_lossy(bytes)).then_some(reason);
        }
    };
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().skip(1).map(|unit| pair(*unit)).collect();
    looks_like_one(&String::from_utf16_lossy(&units))
        .then(|| "it is written in UTF-16, not in UTF-8".to_owned())
}

/// Whether a text that cannot be read was meant to hold a delivery object: a line says its API version.
fn looks_like_one(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches(['-', ' ', '\t', '{', '"', '\'', ',', '[']);
        let version = line.strip_prefix("apiVersion");
        version.is_some_and(|it| it.contains("argoproj.io/") || it.contains("toolkit.fluxcd.io/"))
    })
}

/// Whether a text is a template that another program fills.
fn is_for_another_program(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
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
        add(node, text, file, &mut found, diagnostics);
    }
    found
}

fn add(
    node: &Node,
    text: &str,
    file: &Arc<str>,
    found: &mut Vec<Found>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let field = |name| node.get(name).and_then(Node::as_str).unwrap_or_default();
    let (version, kind) = (field("apiVersion"), field("kind"));
    if kind.ends_with("List")
        && let Some(items) = node.get("items").and_then(Node::as_list)
    {
        items.iter().for_each(|item| add(item, text, file, found, diagnostics));
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
    found.push(Found { object, place, parent: None, is_built: false });
    keys_twice(node, file, diagnostics);
}

/// Reports keys that stand twice in a map.
fn keys_twice(node: &Node, file: &Arc<str>, diagnostics: &mut Vec<Diagnostic>) {
    for item in node.as_list().unwrap_or_default() {
        keys_twice(item, file, diagnostics);
    }
    let mut seen: BTreeMap<&str, &Node> = BTreeMap::new();
    for (key, value) in node.as_map().unwrap_or_default() {
        keys_twice(value, file, diagnostics);
        let Some(name) = key.as_str() else { continue };
        if let Some(first) = seen.insert(name, key) {
            let place = |node: &Node| Place::new(file, node.span.range());
            diagnostics.push(codes::d094_key_twice(place(key), place(first), name));
        }
    }
}

/// Returns the place of an object that was rendered: its name in the file that it comes from, or that
/// file.
pub(super) fn place(tree: &dyn World, object: &Object) -> Place {
    let file = &object.source;
    let found = tree.read(file).ok().and_then(documents::of).and_then(|documents| {
        let is_it = |node: &&Node| {
            let kind = node.get("kind").and_then(Node::as_str);
            let name = documents::name(node).and_then(Node::as_str);
            kind == Some(object.kind()) && name == Some(object.name())
        };
        let items = || {
            let lists = documents.all.iter().filter_map(|node| node.get("items")?.as_list());
            lists.flatten().find(is_it)
        };
        let node = documents.named(object.name()).find(is_it).or_else(items)?;
        Some(Place::new(file, documents::name(node)?.span.range()))
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

/// Returns the place of the key that a path ends with; as near as it can be told.
pub(super) fn key(input: &Input<'_>, found: &Found, path: &[Step]) -> Place {
    let Some((Step::Key(last), before)) = path.split_last() else { return found.place.clone() };
    let span = see(input, found, |object| {
        let mut part = object;
        for step in before {
            part = match step {
                Step::Item(number) => part.item(*number),
                Step::Key(name) => part.get(name),
            }?;
        }
        part.entry(last).map(|(key, _)| key.span)
    });
    match span.flatten() {
        Some(span) => Place::new(&found.place.file, span.range()),
        None => found.place.clone(),
    }
}

/// Returns what is wrong with the fields of an object: `refused` makes the finding of what the API server
/// does not take.
pub(super) fn misfits(
    tree: &dyn World,
    object: &Object,
    refused: impl Fn(Place, &str, &str) -> Diagnostic,
) -> Vec<Diagnostic> {
    let found = fields::misfits(object).into_iter().map(|misfit| {
        let place = crate::render::place::of_field(tree, object, &misfit.path);
        let path = path_text(&misfit.path);
        match misfit.what {
            fields::What::Unknown(near) => codes::d093_unknown_field(place, object, &path, near),
            fields::What::Refused(reason) => refused(place, &path, &reason),
        }
    });
    found.collect()
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
