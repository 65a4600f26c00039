//! Where an object, or a source of an Application, stands in the repository.
//!
//! In: what was rendered, and the files. Out: a place, as exact as can be told: objects keep the
//! name of their file, but kustomize may have renamed them and helm made them.
//! Only findings ask.

use std::sync::Arc;

use manifest::Object;
use manifest::fields::Step;
use text::{Place, World};
use yaml::Node;

use super::Delivered;
use super::application::Application;
use crate::documents;

/// What of an Application is meant.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    /// Where a source's objects come from: its `chart`, or its `path`.
    Source,
    /// The project that it belongs to.
    Project,
    /// One of its value files.
    ValueFile(&'a str),
}

/// Returns the place of an object: its name, in the file that it comes from.
pub(crate) fn of_object(world: &dyn World, object: &Object) -> Place {
    let found = find_object(world, object, |document| Some(documents::name(document)?.span));
    found.unwrap_or_else(|| file(world, object))
}

/// Returns the file of an object. A chart's templates are named for the chart, wherever it lies.
fn file(world: &dyn World, object: &Object) -> Place {
    let in_charts = format!("charts/{}", object.source);
    match world.read(&object.source).is_err() && world.read(&in_charts).is_ok() {
        true => Place::of_file(&Arc::from(in_charts)),
        false => Place::of_file(&object.source),
    }
}

/// Returns the place of a field of an object: its key, in the file that it comes from; that of the
/// nearest parent where a patch or a template brought the field.
pub(crate) fn of_field(world: &dyn World, object: &Object, path: &[Step]) -> Place {
    let found = find_object(world, object, |document| {
        let mut node = document;
        let mut span = documents::name(document)?.span;
        for step in path {
            let next = match step {
                Step::Key(key) => node.entry(key).map(|(key, value)| (key, value)),
                Step::Item(number) => node.item(*number).map(|item| (item, item)),
            };
            let Some((key, value)) = next else { break };
            span = key.span;
            node = value;
        }
        Some(span)
    });
    found.unwrap_or_else(|| file(world, object))
}

/// Says whether a document is what an object was made of: the same kind, name and namespace. Never of a
/// Secret: the line that would be shown could have its values.
fn is_object(document: &Node, object: &Object) -> Option<()> {
    if object.kind() == "Secret" {
        return None;
    }
    let metadata = document.get("metadata")?;
    let text = |node: &Node, key| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let namespace = text(metadata, "namespace").unwrap_or_default();
    let is_it = document.get("kind")?.as_str() == Some(object.kind())
        && text(metadata, "name").as_deref() == Some(object.name())
        // An engine puts objects that say no namespace into its own.
        && (namespace.is_empty() || namespace == object.namespace());
    is_it.then_some(())
}

/// Returns the place of a field of an object, or that of a text among the values that a chart made it with: what
/// a chart made has no line of its own.
pub(super) fn of_field_or_value(
    world: &dyn World,
    application: &Delivered,
    (object, path): (&Object, &[Step]),
    text: &str,
) -> Place {
    let place = of_field(world, object, path);
    if place.end > 0 {
        return place;
    }
    of_value(world, &application.value_files, text).unwrap_or(place)
}

/// Returns the place where a text stands as a value in the last of some value files that has it.
fn of_value(world: &dyn World, files: &[String], wanted: &str) -> Option<Place> {
    files.iter().rev().find_map(|file| {
        find(world, &Arc::from(file.as_str()), |document| scalar(document, wanted))
    })
}

/// Looks for a text among the values of a document.
fn scalar(node: &Node, wanted: &str) -> Option<yaml::Span> {
    if node.as_str() == Some(wanted) {
        return Some(node.span);
    }
    let mut values = node.as_map().unwrap_or_default().iter().map(|(_, value)| value);
    let mut items = node.as_list().unwrap_or_default().iter();
    values.find_map(|it| scalar(it, wanted)).or_else(|| items.find_map(|it| scalar(it, wanted)))
}

/// Returns the place of a part of an Application's source, by the source's number.
pub(super) fn of_source(
    world: &dyn World,
    application: &Application,
    number: usize,
    part: Part<'_>,
) -> Place {
    let found = find(world, &application.file, |document| {
        let name = document.get("metadata")?.get("name")?;
        if document.get("kind")?.as_str() != Some("Application")
            || name.as_str() != Some(&application.name)
        {
            return None;
        }
        let spec = document.get("spec")?;
        let source = match spec.get("sources").and_then(|several| several.item(number)) {
            Some(source) => source,
            None => spec.get("source")?,
        };
        let part = match part {
            Part::Project => spec.get("project"),
            Part::Source => source.get("chart").or_else(|| source.get("path")),
            Part::ValueFile(file) => {
                let files = source.get("helm")?.get("valueFiles")?.as_list()?;
                files.iter().find(|entry| entry.as_str() == Some(file))
            }
        };
        Some(part.unwrap_or(name).span)
    });
    found.unwrap_or_else(|| Place::of_file(&application.file))
}

/// Looks for the document that an object was made of, and for something in it.
fn find_object(
    world: &dyn World,
    object: &Object,
    wanted: impl Fn(&Node) -> Option<yaml::Span>,
) -> Option<Place> {
    let documents = documents::of(world.read(&object.source).ok()?)?;
    let mut same = documents.named(object.name()).filter(|it| is_object(it, object).is_some());
    let span = same.find_map(wanted)?;
    Some(Place::new(&object.source, span.range()))
}

/// Looks through the documents of a file.
fn find(
    world: &dyn World,
    file: &Arc<str>,
    wanted: impl Fn(&Node) -> Option<yaml::Span>,
) -> Option<Place> {
    let documents = documents::of(world.read(file).ok()?)?;
    documents.all.iter().find_map(wanted).map(|span| Place::new(file, span.range()))
}
