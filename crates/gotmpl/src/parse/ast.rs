//! The syntax tree of a file, in one array: nodes name each other by index.

use std::ops::Range;
use std::sync::Arc;

use crate::data::Data;
use crate::fmt::quote::{quote, unquote};

/// Index of a node in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// A piece of the source text.
pub(crate) type Place = Range<u32>;

/// Nodes that belong to another: a piece of the tree's list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nodes {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Nodes {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(crate) fn of(self, ids: &[NodeId]) -> &[NodeId] {
        ids.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// All nodes of one file, with the text they come from.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The name of the file, for messages.
    pub(crate) name: Arc<str>,
    pub(crate) source: Data,
    pub(crate) nodes: Vec<Node>,
    /// The members of all lists, pipelines and commands.
    pub(crate) members: Vec<NodeId>,
}

/// One node and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) position: u32,
    pub(crate) kind: NodeKind,
}

/// What a node is; the names are those of Go's package. Literals are read again where they are used: most
/// templates of a chart are never executed, so that nodes are small and own nothing.
#[derive(Debug)]
pub(crate) enum NodeKind {
    List(Nodes),
    Text(Place),
    Action(NodeId),
    If(Branch),
    Range(Branch),
    With(Branch),
    Template {
        /// With its quotes.
        name: Place,
        pipe: Option<NodeId>,
    },
    Break,
    Continue,
    Pipe {
        variables: Nodes,
        assign: bool,
        commands: Nodes,
    },
    Command(Nodes),
    Bool(bool),
    Dot,
    Nil,
    Number(Place),
    /// A character, with its quotes.
    Character(Place),
    /// With its quotes.
    String(Place),
    /// `.a.b`: the place covers it all, and so each name with its dot before it.
    Field(Place),
    /// `$x` or `$x.a.b`.
    Variable {
        name: Place,
        fields: Place,
    },
    /// `(…).a.b`.
    Chain {
        base: NodeId,
        fields: Place,
    },
    Identifier(Place),
    /// Stands in for a node that is not there.
    End,
}

/// The parts of `if`, `range` and `with`.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) pipe: NodeId,
    pub(crate) list: NodeId,
    pub(crate) else_list: Option<NodeId>,
}

impl Tree {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        static MISSING: Node = Node { position: 0, kind: NodeKind::End };
        self.nodes.get(id.0 as usize).unwrap_or(&MISSING)
    }

    pub(crate) fn kind(&self, id: NodeId) -> &NodeKind {
        &self.node(id).kind
    }

    pub(crate) fn members(&self, nodes: Nodes) -> &[NodeId] {
        nodes.of(&self.members)
    }

    /// Returns what a string literal means; the parser has checked that it can be read.
    pub(crate) fn unquoted(&self, quoted: &Place) -> Vec<u8> {
        unquote(self.slice(quoted)).unwrap_or_default()
    }

    pub(crate) fn slice(&self, place: &Place) -> &[u8] {
        self.source.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// Returns `name:line:column` of a node; columns count bytes from 0, as Go's do.
    pub(crate) fn location(&self, id: NodeId) -> String {
        let position = (self.node(id).position as usize).min(self.source.len());
        let before = self.source.get(..position).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = match memchr::memrchr(b'\n', before) {
            Some(newline) => position - newline - 1,
            None => position,
        };
        format!("{}:{line}:{column}", self.name)
    }

    /// Returns a node as text, in the form that Go's `String` methods give it.
    pub(crate) fn text(&self, id: NodeId) -> String {
        let mut out = Vec::new();
        self.write(&mut out, id);
        String::from_utf8_lossy(&out).into_owned()
    }

    // Recursion is as deep as the parser lets nodes nest.
    fn write(&self, out: &mut Vec<u8>, id: NodeId) {
        match self.kind(id) {
            NodeKind::List(nodes) => {
                for node in self.members(*nodes) {
                    self.write(out, *node);
                }
            }
            NodeKind::Text(place)
            | NodeKind::Field(place)
            | NodeKind::Identifier(place)
            | NodeKind::Number(place)
            | NodeKind::Character(place)
            | NodeKind::String(place) => out.extend_from_slice(self.slice(place)),
            NodeKind::Action(pipe) => {
                out.extend_from_slice(b"{{");
                self.write(out, *pipe);
                out.extend_from_slice(b"}}");
            }
            NodeKind::If(branch) => self.write_branch(out, b"{{if ", branch),
            NodeKind::Range(branch) => self.write_branch(out, b"{{range ", branch),
            NodeKind::With(branch) => self.write_branch(out, b"{{with ", branch),
            NodeKind::Template { name, pipe } => {
                out.extend_from_slice(b"{{template ");
                out.extend_from_slice(quote(&self.unquoted(name)).as_bytes());
                if let Some(pipe) = pipe {
                    out.push(b' ');
                    self.write(out, *pipe);
                }
                out.extend_from_slice(b"}}");
            }
            NodeKind::Break => out.extend_from_slice(b"{{break}}"),
            NodeKind::Continue => out.extend_from_slice(b"{{continue}}"),
            NodeKind::Pipe { variables, assign, commands } => {
                self.write_joined(out, self.members(*variables), b", ");
                if !variables.is_empty() {
                    out.extend_from_slice(if *assign { b" = " } else { b" := " });
                }
                self.write_joined(out, self.members(*commands), b" | ");
            }
            NodeKind::Command(arguments) => {
                for (index, argument) in self.members(*arguments).iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    self.write_operand(out, *argument);
                }
            }
            NodeKind::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            NodeKind::Dot => out.push(b'.'),
            NodeKind::Nil => out.extend_from_slice(b"nil"),
            NodeKind::Variable { name, fields } => {
                out.extend_from_slice(self.slice(name));
                out.extend_from_slice(self.slice(fields));
            }
            NodeKind::Chain { base, fields } => {
                self.write_operand(out, *base);
                out.extend_from_slice(self.slice(fields));
            }
            NodeKind::End => out.extend_from_slice(b"{{end}}"),
        }
    }

    fn write_operand(&self, out: &mut Vec<u8>, id: NodeId) {
        let parenthesized = matches!(self.kind(id), NodeKind::Pipe { .. });
        if parenthesized {
            out.push(b'(');
        }
        self.write(out, id);
        if parenthesized {
            out.push(b')');
        }
    }

    fn write_joined(&self, out: &mut Vec<u8>, ids: &[NodeId], between: &[u8]) {
        for (index, id) in ids.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(between);
            }
            self.write(out, *id);
        }
    }

    fn write_branch(&self, out: &mut Vec<u8>, head: &[u8], branch: &Branch) {
        out.extend_from_slice(head);
        self.write(out, branch.pipe);
        out.extend_from_slice(b"}}");
        self.write(out, branch.list);
        if let Some(else_list) = branch.else_list {
            out.extend_from_slice(b"{{else}}");
            self.write(out, else_list);
        }
        out.extend_from_slice(b"{{end}}");
    }
}
