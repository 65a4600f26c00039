//! Reading a text into the spanned tree.

use crate::compose::{self, DEPTH_LIMIT, Document, Id, WrittenKind};
use crate::decode::{Decoded, decode_scalar};
use crate::events::{Dialect, Event, EventKind, Input, Parser, Properties, Scalar};
use crate::{Error, Kind, Node, ScalarStyle, resolve_core, resolve_go3};

/// How many nodes the aliases of a document may make of it.
const NODE_LIMIT: usize = 4_000_000;

/// Which rules say what a plain scalar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// go-yaml v2, which `sigs.k8s.io/yaml` uses: YAML 1.1 (`yes` is true).
    Go2,
    /// yaml.v3, which reads kustomize's resources.
    Go3,
    /// The core schema of YAML 1.2.
    Core12,
}

/// Reads the first document; an empty text is null.
///
/// Merge keys are left as they are written; [`crate::Value`] applies them.
pub fn parse(text: &str, schema: Schema) -> Result<Node, Error> {
    let mut nodes = read(text, schema, 1)?;
    Ok(nodes.pop().unwrap_or_else(empty))
}

/// Reads every document.
pub fn parse_all(text: &str, schema: Schema) -> Result<Vec<Node>, Error> {
    read(text, schema, usize::MAX)
}

fn empty() -> Node {
    Node::new(Kind::Null, crate::Span::default())
}

fn read(text: &str, schema: Schema, limit: usize) -> Result<Vec<Node>, Error> {
    let input = Input::of_text(text);
    let skipped = text.len() - input.text.len().min(text.len());
    let read = read_documents(&input.text, schema, limit);
    let mut nodes = input.or_broken(read)?;
    if skipped > 0 && input.broken.is_none() {
        // The places are those in the text that was given, mark and all.
        nodes.iter_mut().for_each(|node| node.shift(skipped as u32));
    }
    Ok(nodes)
}

fn parser(text: &str, schema: Schema) -> Parser<'_> {
    let dialect = if schema == Schema::Go3 { Dialect::Go3 } else { Dialect::Go2 };
    Parser::new(text).with_dialect(dialect)
}

fn read_documents(text: &str, schema: Schema, limit: usize) -> Result<Vec<Node>, Error> {
    if let Some(nodes) = streamed(text, schema, limit)? {
        return Ok(nodes);
    }
    let mut parser = parser(text, schema);
    let mut nodes = Vec::new();
    while nodes.len() < limit {
        let Some(document) = compose::next_document(&mut parser)? else { break };
        let mut resolver = Resolver { document: &document, schema, made: 0, open: Vec::new() };
        let node = resolver.node(document.root);
        nodes.push(node.map_err(|(message, at)| Error::at(message, text, at as usize))?);
    }
    Ok(nodes)
}

/// Makes nodes while parsing; `None` where a document has aliases, or a scalar that its tag does not
/// fit (what is wrong with the rest of the document comes first then).
fn streamed(text: &str, schema: Schema, limit: usize) -> Result<Option<Vec<Node>>, Error> {
    let mut parser = parser(text, schema);
    let mut nodes = Vec::new();
    let mut open: Vec<(Node, Option<Node>)> = Vec::new();
    loop {
        let Event { kind, span } = parser.next_event()?;
        let node = match kind {
            EventKind::StreamStart | EventKind::DocumentStart { .. } => continue,
            EventKind::StreamEnd => return Ok(Some(nodes)),
            EventKind::DocumentEnd { .. } if nodes.len() >= limit => return Ok(Some(nodes)),
            EventKind::DocumentEnd { .. } => continue,
            EventKind::Alias(_) => return Ok(None),
            EventKind::Scalar(scalar) => {
                let Ok(kind) = resolve_scalar(&scalar, schema) else { return Ok(None) };
                let mut node = with_properties(Node::new(kind, span), scalar.properties.as_deref());
                node.style = scalar.style;
                node
            }
            EventKind::SequenceStart { flow, properties } => {
                let node = Node { flow, ..Node::new(Kind::List(Vec::new()), span) };
                open.push((with_properties(node, properties.as_deref()), None));
                continue;
            }
            EventKind::MappingStart { flow, properties } => {
                let node = Node { flow, ..Node::new(Kind::Map(Vec::new()), span) };
                open.push((with_properties(node, properties.as_deref()), None));
                continue;
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                let Some((mut node, _)) = open.pop() else { continue };
                node.span.end = span.end.max(node.span.start);
                node
            }
        };
        if open.len() > DEPTH_LIMIT {
            let message = format!("exceeded max depth of {DEPTH_LIMIT}");
            return Err(parser.error_at(message, span));
        }
        match open.last_mut() {
            None => nodes.push(node),
            Some((Node { kind: Kind::List(items), .. }, _)) => items.push(node),
            Some((Node { kind: Kind::Map(entries), .. }, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
            Some(_) => {}
        }
    }
}

fn with_properties(mut node: Node, properties: Option<&Properties<'_>>) -> Node {
    if let Some(properties) = properties {
        node.tag = properties.tag.as_deref().map(Into::into);
        node.anchor = properties.anchor.map(Into::into);
    }
    node
}

fn resolve_scalar(scalar: &Scalar<'_>, schema: Schema) -> Result<Kind, String> {
    match schema {
        Schema::Go2 => decode_scalar(scalar).map(Decoded::into_kind),
        Schema::Go3 => resolve_go3::resolve(scalar),
        Schema::Core12 => {
            let plain = scalar.tag().is_none() && scalar.style == ScalarStyle::Plain;
            Ok(resolve_core::resolve(&scalar.text, scalar.tag(), plain))
        }
    }
}

/// Makes nodes of what is written.
struct Resolver<'d, 't> {
    document: &'d Document<'t>,
    schema: Schema,
    made: usize,
    /// The nodes that are being made; an alias to one of them would never end.
    open: Vec<Id>,
}

type Resolve<T> = Result<T, (String, u32)>;

impl Resolver<'_, '_> {
    fn node(&mut self, id: Id) -> Resolve<Node> {
        let document = self.document;
        let written = document.node(id);
        self.made += 1;
        if self.made > NODE_LIMIT {
            return Err(("document contains excessive aliasing".to_owned(), written.span.start));
        }
        if self.open.len() > DEPTH_LIMIT {
            let message = format!("exceeded max depth of {DEPTH_LIMIT}");
            return Err((message, written.span.start));
        }
        let node = Node::new(Kind::Null, written.span);
        let mut node = with_properties(node, written.properties.as_deref());
        match &written.kind {
            WrittenKind::Scalar(scalar) => {
                node.style = scalar.style;
                node.kind = resolve_scalar(scalar, self.schema)
                    .map_err(|message| (message, written.span.start))?;
            }
            WrittenKind::List { items, flow } => {
                node.flow = *flow;
                self.open.push(id);
                let items = items.iter().map(|&item| self.node(item)).collect::<Resolve<_>>()?;
                self.open.pop();
                node.kind = Kind::List(items);
            }
            WrittenKind::Map { entries, flow } => {
                node.flow = *flow;
                self.open.push(id);
                let entries = entries
                    .iter()
                    .map(|&(key, value)| Ok((self.node(key)?, self.node(value)?)))
                    .collect::<Resolve<_>>()?;
                self.open.pop();
                node.kind = Kind::Map(entries);
            }
            WrittenKind::Alias { name, target } => {
                if self.open.contains(target) {
                    let message = format!("anchor '{name}' value contains itself");
                    return Err((message, written.span.start));
                }
                node = self.node(*target)?;
                node.span = written.span;
                node.alias = true;
                node.anchor = None;
            }
        }
        Ok(node)
    }
}
