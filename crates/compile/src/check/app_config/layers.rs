//! Several value files as one, as Helm merges them.
//!
//! Each file's bytes get a stretch of one long text to themselves, so that a value still knows where
//! it was written after its file was merged with others; [`Layers::in_files`] leads back.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources};
use yaml::{Kind as NodeKind, Node};

use crate::check::plaintext;
use crate::intake::{Format, parse_document};
use crate::model::Document;

/// Maps within maps beyond this are taken from the later file as they are.
const DEPTH_LIMIT: usize = 64;

/// Merged value files.
pub(super) struct Layers {
    /// The values of all files, later ones over earlier ones, with places in `text`.
    pub(super) document: Document,
    /// The texts of all files, one after the other.
    pub(super) text: String,
    /// Lists of workloads that a later file puts in the place of an earlier one's: the names that are lost.
    pub(super) replaced: Vec<(Place, Vec<String>)>,
    /// Where each file begins in `text`.
    files: Vec<(usize, Arc<str>)>,
}

impl Layers {
    /// Reads and merges value files; `None` where one of them cannot be read. A file that says
    /// nothing is no fault, unless it is the only one.
    pub(super) fn read(
        files: &[(&str, &str)],
        sources: &mut Sources,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Layers> {
        let mut merged_text = String::new();
        let mut begins = Vec::new();
        let mut tree: Option<Node> = None;
        let mut replaced = Vec::new();
        let mut readable = true;
        for (name, text) in files {
            let file = sources.add(*name, *text);
            let begin = merged_text.len();
            match parse_document(Format::Yaml, &file, text) {
                Ok(None) if files.len() > 1 => {}
                Ok(None) => found.push(crate::intake::empty(&file)),
                Ok(Some(mut read)) => {
                    // What is shown of a file must not show its secrets.
                    if let Some(masked) = plaintext::mask(text, &read) {
                        sources.add(*name, masked);
                    }
                    read.apply_merge_keys();
                    read.shift(u32::try_from(begin).unwrap_or(u32::MAX));
                    replaced.extend(tree.as_ref().and_then(|below| lost(below, &read)));
                    tree = Some(match tree {
                        Some(below) => merged(&below, &read),
                        None => read,
                    });
                }
                Err(faults) => {
                    readable = false;
                    found.extend(faults);
                }
            }
            begins.push((begin, file));
            merged_text.push_str(text);
            // No place ends where the next file begins.
            merged_text.push('\n');
        }
        let tree = tree.filter(|_| readable)?;
        let document = Document { file: Arc::from(""), tree: Arc::new(tree) };
        Some(Layers { document, text: merged_text, replaced, files: begins })
    }

    /// Gives findings about the merged values the places in the files.
    pub(super) fn in_files(&self, found: &mut [Diagnostic]) {
        for finding in found {
            let labels = finding.primary.iter_mut().chain(&mut finding.secondary);
            let patch = finding.patch.iter_mut().map(|patch| &mut patch.place);
            for place in labels.map(|label| &mut label.place).chain(patch) {
                *place = self.in_file(place);
            }
        }
    }

    fn in_file(&self, place: &Place) -> Place {
        // A place that names a file is of none of these: the spec's, for one.
        if !place.file.is_empty() {
            return place.clone();
        }
        let at = self.files.partition_point(|(begin, _)| *begin <= place.start);
        let Some((begin, file)) = at.checked_sub(1).and_then(|last| self.files.get(last)) else {
            return place.clone();
        };
        Place::new(file, place.start - begin..place.end.saturating_sub(*begin))
    }
}

/// Merges maps key by key; everything else replaces, and null takes a value back, as in Helm.
pub(super) fn merged(base: &Node, over: &Node) -> Node {
    merged_below(base, over, 0)
}

fn merged_below(base: &Node, over: &Node, depth: usize) -> Node {
    let (NodeKind::Map(below), NodeKind::Map(above)) = (&base.kind, &over.kind) else {
        return over.clone();
    };
    if depth > DEPTH_LIMIT {
        return over.clone();
    }
    let mut entries = below.clone();
    for (key, value) in above {
        let known = entries.iter().position(|(known, _)| known.kind == key.kind);
        match known.and_then(|at| entries.get_mut(at)) {
            Some((known_key, known)) => {
                // A value is where it was written last.
                known_key.span = key.span;
                *known = merged_below(known, value, depth + 1);
            }
            None => entries.push((key.clone(), value.clone())),
        }
    }
    entries.retain(|(_, value)| !value.is_null());
    let mut node = base.clone();
    node.kind = NodeKind::Map(entries);
    node
}

/// Returns the workloads that are lost where a file has a list of its own: Helm does not merge lists.
fn lost(below: &Node, own: &Node) -> Option<(Place, Vec<String>)> {
    let names = |tree: &Node| -> Option<Vec<String>> {
        let names = tree.get("services")?.as_list()?.iter();
        Some(names.filter_map(|it| it.get("name")?.as_str().map(str::to_owned)).collect())
    };
    let (mut before, own_names) = (names(below)?, names(own)?);
    before.retain(|name| !own_names.contains(name));
    let (key, _) = own.entry("services")?;
    (!before.is_empty()).then(|| (Place::new(&Arc::from(""), key.span.range()), before))
}
