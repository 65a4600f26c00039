//! One file: from its text to a validated tree.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources};
use yaml::Node;

use super::codes;
use super::schema::{self, Kind};
use crate::check::plaintext;
use crate::model::Document;

/// So many faults of one file are put into words.
const WORDED: usize = 1000;

/// The language that a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Strict JSON.
    Json,
    /// YAML 1.2.
    Yaml,
}

impl Format {
    /// Returns the language that a file's name says; a payload is JSON unless its name says YAML.
    pub fn of(kind: Kind, name: &str) -> Format {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        match (extension, kind) {
            (_, Kind::Dispatch) => Format::Json,
            (Some("yaml" | "yml"), _) => Format::Yaml,
            (Some("json"), _) | (_, Kind::Payload) => Format::Json,
            _ => Format::Yaml,
        }
    }
}

/// Reads and validates one file. `None` where it cannot be read at all; a document that was read
/// but is not valid is returned too, and the diagnostics say so.
pub fn read_document(
    kind: Kind,
    (name, text): (&str, &str),
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let file = sources.add(name, text);
    let tree = match parse_document(Format::of(kind, name), &file, text) {
        Ok(Some(tree)) => tree,
        Ok(None) => {
            diagnostics.push(codes::i014_empty(&file));
            return None;
        }
        Err(errors) => {
            diagnostics.extend(errors);
            return None;
        }
    };
    // What is shown of the file must not show its secrets.
    if let Some(masked) = plaintext::mask(text, &tree) {
        sources.add(name, masked);
    }
    let document = Document { file, tree: Arc::new(tree) };
    diagnostics.extend(validate_document(kind, &document, text));
    Some(document)
}

/// Returns what a document says against its schema, by place; `text` is what its places are in.
pub(crate) fn validate_document(kind: Kind, document: &Document, text: &str) -> Vec<Diagnostic> {
    let schema = kind.schema();
    let source = codes::Source { file: &document.file, text, schema, kind };
    let faults = schema::validate(schema, &document.tree);
    // A flood is not put into words as a whole: nobody reads more than its beginning.
    let worded = faults.iter().take(WORDED).map(|fault| codes::diagnostic(fault, &source));
    let mut found: Vec<Diagnostic> = worded.collect();
    text::sort(&mut found);
    found.dedup();
    let unworded = faults.len().saturating_sub(WORDED);
    if unworded > 0 {
        let more = unworded + found.len().saturating_sub(super::MOST_FAULTS);
        found.truncate(super::MOST_FAULTS);
        found.push(codes::i012_more(more));
    }
    found
}

/// Returns the one document of a text; `None` where it says nothing.
pub(crate) fn parse_document(
    format: Format,
    file: &Arc<str>,
    text: &str,
) -> Result<Option<Node>, Vec<Diagnostic>> {
    let tree = match format {
        Format::Json => Some(yaml::json::parse(text).map_err(|errors| {
            if is_yaml(text) {
                return vec![codes::i001_yaml_as_json(file, text)];
            }
            let errors = errors.iter();
            errors.map(|error| codes::i001_json(error, file, text)).collect::<Vec<_>>()
        })?),
        Format::Yaml => {
            let documents = yaml::parse_all(text, yaml::Schema::Core12)
                .map_err(|error| vec![codes::i001_yaml(&error, file, text)])?;
            let mut documents = documents.into_iter().filter(|node| !is_nothing(node));
            let first = documents.next();
            if let Some(second) = documents.next() {
                return Err(vec![codes::i013_documents(Place::new(file, second.span.range()))]);
            }
            first
        }
    };
    Ok(tree.filter(|tree| !is_nothing(tree)))
}

/// Whether a text that is no JSON is a list or a map in YAML, as a person would write it.
fn is_yaml(text: &str) -> bool {
    !text.trim_start().starts_with(['[', '{', '"'])
        && yaml::parse_all(text, yaml::Schema::Core12).is_ok_and(|documents| {
            let collection = |node: &Node| node.as_list().is_some() || node.as_map().is_some();
            documents.first().is_some_and(collection)
        })
}

/// Whether a document says nothing: what stands before the first `---` often does.
fn is_nothing(node: &Node) -> bool {
    node.is_null() && node.span.is_empty()
}
