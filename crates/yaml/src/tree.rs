//! Reading a text into the spanned tree.

use crate::compose::{self, DEPTH_LIMIT, Document, Id, WrittenKind};
use crate::decode::{Decoded, decode_scalar};
use crate::events::{Dialect, Input, Parser, Scalar};
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
        nodes.iter_mut().for_each(|node| shift(node, skipped as u32));
    }
    Ok(nodes)
}

fn shift(node: &mut Node, by: u32) {
    node.span.start += by;
    node.span.end += by;
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Kind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            shift(key, by);
            shift(value, by);
        }),
        _ => {}
    }
}

fn read_documents(text: &str, schema: Schema, limit: usize) -> Result<Vec<Node>, Error> {
    let dialect = if schema == Schema::Go3 { Dialect::Go3 } else { Dialect::Go2 };
    let mut parser = Parser::new(text).with_dialect(dialect);
    let mut nodes = Vec::new();
    while nodes.len() < limit {
        let Some(document) = compose::next_document(&mut parser)? else { break };
        let mut resolver = Resolver { document: &document, schema, made: 0, open: Vec::new() };
        let node = resolver.node(document.root);
        nodes.push(node.map_err(|(message, at)| Error::at(message, text, at as usize))?);
    }
    Ok(nodes)
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
        let mut node = Node::new(Kind::Null, written.span);
        if let Some(properties) = &written.properties {
            node.tag = properties.tag.as_deref().map(Into::into);
            node.anchor = properties.anchor.map(Into::into);
        }
        match &written.kind {
            WrittenKind::Scalar(scalar) => {
                node.style = scalar.style;
                node.kind = self.scalar(scalar).map_err(|message| (message, written.span.start))?;
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

    fn scalar(&self, scalar: &Scalar<'_>) -> Result<Kind, String> {
        match self.schema {
            Schema::Go2 => decode_scalar(scalar).map(Decoded::into_kind),
            Schema::Go3 => resolve_go3::resolve(scalar),
            Schema::Core12 => {
                let plain = scalar.tag().is_none() && scalar.style == ScalarStyle::Plain;
                Ok(resolve_core::resolve(&scalar.text, scalar.tag(), plain))
            }
        }
    }
}
