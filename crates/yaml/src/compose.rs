//! From events to the tree of one document as it is written: anchors known, nothing resolved.

use std::collections::BTreeMap;

use crate::events::{Event, EventKind, Parser, Properties, Scalar};
use crate::{Error, Span};

/// How deep a document may be nested to be made into a tree.
///
/// Far below Go's 10,000, so that whoever walks the tree may recurse.
pub(crate) const DEPTH_LIMIT: usize = 1_000;

/// The number of a node in its document.
pub(crate) type Id = u32;

/// One document.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    nodes: Vec<Written<'t>>,
    pub(crate) root: Id,
}

/// One value as it is written.
#[derive(Debug)]
pub(crate) struct Written<'t> {
    pub(crate) span: Span,
    pub(crate) kind: WrittenKind<'t>,
    pub(crate) properties: Option<Box<Properties<'t>>>,
}

/// What is written.
#[derive(Debug)]
pub(crate) enum WrittenKind<'t> {
    Scalar(Scalar<'t>),
    List { items: Vec<Id>, flow: bool },
    Map { entries: Vec<(Id, Id)>, flow: bool },
    Alias { name: &'t str, target: Id },
}

impl<'t> Document<'t> {
    pub(crate) fn node(&self, id: Id) -> &Written<'t> {
        self.nodes.get(id as usize).expect("because every id is the index of a node")
    }

    /// Returns how many nodes there are; their ids count from 0 in the order written.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Says whether a node lies between brackets or braces.
    pub(crate) fn is_in_flow(&self, id: Id) -> bool {
        let span = self.node(id).span;
        self.nodes.iter().take(id as usize).any(|outer| {
            let flow = match outer.kind {
                WrittenKind::List { flow, .. } | WrittenKind::Map { flow, .. } => flow,
                _ => false,
            };
            flow && outer.span.start <= span.start && span.end <= outer.span.end
        })
    }

    /// Returns the node itself, or that for which it stands.
    pub(crate) fn target(&self, id: Id) -> &Written<'t> {
        match self.node(id).kind {
            WrittenKind::Alias { target, .. } => self.node(target),
            _ => self.node(id),
        }
    }
}

impl Written<'_> {
    pub(crate) fn anchor(&self) -> Option<&str> {
        self.properties.as_ref().and_then(|properties| properties.anchor)
    }

    /// Returns the bytes that it has in the text it was read from.
    pub(crate) fn source<'s>(&self, text: &'s str) -> &'s str {
        text.get(self.span.range()).unwrap_or_default()
    }

    /// Says whether this is the key `<<`.
    pub(crate) fn is_merge_key(&self) -> bool {
        match &self.kind {
            WrittenKind::Scalar(scalar) => is_merge_key(scalar),
            _ => false,
        }
    }
}

/// Says whether this is the key `<<`, written so that it merges.
pub(crate) fn is_merge_key(scalar: &Scalar<'_>) -> bool {
    scalar.text == "<<" && (scalar.is_implicit() || scalar.tag() == Some("tag:yaml.org,2002:merge"))
}

/// What is open while events come in.
enum Open {
    List(Id),
    Map(Id, Option<Id>),
}

/// Reads the next document; `None` at the end of the text.
pub(crate) fn next_document<'t>(parser: &mut Parser<'t>) -> Result<Option<Document<'t>>, Error> {
    let mut document = Document { nodes: Vec::new(), root: 0 };
    let mut anchors: BTreeMap<&'t str, Id> = BTreeMap::new();
    let mut open: Vec<Open> = Vec::new();
    loop {
        let Event { kind, span } = parser.next_event()?;
        let (kind, properties) = match kind {
            EventKind::StreamStart | EventKind::DocumentStart { .. } => continue,
            EventKind::StreamEnd => return Ok(None),
            EventKind::DocumentEnd { .. } => return Ok(Some(document)),
            EventKind::Alias(name) => match anchors.get(name) {
                Some(&target) => (WrittenKind::Alias { name, target }, None),
                None => {
                    let message = format!("unknown anchor '{name}' referenced");
                    return Err(parser.error_at(message, span));
                }
            },
            EventKind::Scalar(mut scalar) => {
                // The tag stays with the scalar as well: its meaning depends on it.
                let properties = scalar.properties.clone();
                if let Some(properties) = &mut scalar.properties {
                    properties.anchor = None;
                }
                (WrittenKind::Scalar(scalar), properties)
            }
            EventKind::SequenceStart { flow, properties } => {
                (WrittenKind::List { items: Vec::new(), flow }, properties)
            }
            EventKind::MappingStart { flow, properties } => {
                (WrittenKind::Map { entries: Vec::new(), flow }, properties)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                if let Some(Open::List(id) | Open::Map(id, _)) = open.pop()
                    && let Some(node) = document.nodes.get_mut(id as usize)
                {
                    node.span.end = span.end.max(node.span.start);
                }
                continue;
            }
        };
        let id = document.nodes.len() as Id;
        let opens = match kind {
            WrittenKind::List { .. } => Some(Open::List(id)),
            WrittenKind::Map { .. } => Some(Open::Map(id, None)),
            WrittenKind::Scalar(_) | WrittenKind::Alias { .. } => None,
        };
        if let Some(anchor) = properties.as_ref().and_then(|properties| properties.anchor) {
            anchors.insert(anchor, id);
        }
        document.nodes.push(Written { span, kind, properties });
        attach(&mut document, &mut open, id);
        if let Some(opens) = opens {
            if open.len() >= DEPTH_LIMIT {
                let message = format!("exceeded max depth of {DEPTH_LIMIT}");
                return Err(parser.error_at(message, span));
            }
            open.push(opens);
        }
    }
}

/// Puts a node into the innermost open one.
fn attach(document: &mut Document<'_>, open: &mut [Open], id: Id) {
    match open.last_mut() {
        None => document.root = id,
        Some(Open::List(list)) => {
            if let Some(WrittenKind::List { items, .. }) =
                document.nodes.get_mut(*list as usize).map(|node| &mut node.kind)
            {
                items.push(id);
            }
        }
        Some(Open::Map(map, key)) => match key.take() {
            None => *key = Some(id),
            Some(key) => {
                if let Some(WrittenKind::Map { entries, .. }) =
                    document.nodes.get_mut(*map as usize).map(|node| &mut node.kind)
                {
                    entries.push((key, id));
                }
            }
        },
    }
}
