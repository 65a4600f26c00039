//! Reads template text into a syntax tree, with Go's grammar and Go's error messages.
//!
//! Text and the names of the known functions go in; the tree and the templates defined in it come
//! out. Nesting is bounded by [`MAX_NESTING`], so that neither this nor the passes over the tree
//! can use up the stack.

pub(crate) mod ast;
pub(crate) mod lex;
pub(crate) mod number;
mod pipeline;

use std::sync::Arc;

use ast::{Branch, Node, NodeId, NodeKind, Nodes, Place, Tree};
use lex::{Lexer, Token, TokenKind};

use crate::data::Data;
use crate::error::ParseError;
use crate::fmt::quote::{decode_rune, quote, unquote};

/// How deep parentheses and blocks may nest (Go allows 10,000 and any number).
pub(crate) const MAX_NESTING: usize = 400;

/// A parsed file.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) tree: Tree,
    /// The templates in it, by name: the file itself is one.
    pub(crate) templates: Vec<(Vec<u8>, NodeId)>,
}

/// Parses a file.
///
/// `body_name` is the name of the template that the text outside of definitions makes, which is
/// the name of the file too.
pub(crate) fn parse(
    name: &str,
    source: &Data,
    is_function: fn(&str) -> bool,
) -> Result<Parsed, ParseError> {
    if u32::try_from(source.len()).is_err() {
        return Err(ParseError::new(name, 1, "template is larger than 4 GiB"));
    }
    let eof = Token { kind: TokenKind::Eof, start: 0, end: 0 };
    let mut parser = Parser {
        lexer: Lexer::new(source),
        source,
        is_function,
        tokens: [eof; 3],
        peeked: 0,
        nodes: Vec::with_capacity(source.len() / 24),
        members: Vec::with_capacity(source.len() / 48),
        open: Vec::new(),
        templates: Vec::new(),
        variables: vec![&b"$"[..]],
        action: None,
        range_depth: 0,
        nesting: 0,
    };
    match parser.file(name) {
        Ok(()) => {
            let Parser { nodes, members, templates, .. } = parser;
            let tree = Tree { name: Arc::from(name), source: source.clone(), nodes, members };
            Ok(Parsed { tree, templates })
        }
        Err(Failure(message)) => {
            let line = parser.lexer.line(parser.tokens[0]);
            Err(ParseError::new(name, line, message))
        }
    }
}

/// Reports whether a template has nothing but blanks and comments in it.
pub(crate) fn is_empty(tree: &Tree, node: NodeId) -> bool {
    is_empty_list(&tree.nodes, &tree.members, &tree.source, node)
}

fn is_empty_list(nodes: &[Node], members: &[NodeId], source: &[u8], id: NodeId) -> bool {
    let Some(Node { kind: NodeKind::List(children), .. }) = nodes.get(id.0 as usize) else {
        return false;
    };
    let mut children = children.of(members).iter();
    children.all(|child| match nodes.get(child.0 as usize).map(|node| &node.kind) {
        Some(NodeKind::Text(place)) => {
            let text = source.get(place.start as usize..place.end as usize).unwrap_or_default();
            is_blank(text)
        }
        _ => false,
    })
}

/// Go's `bytes.TrimSpace` leaves nothing.
fn is_blank(text: &[u8]) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let (character, width) = decode_rune(rest);
        if !character.is_some_and(char::is_whitespace) {
            return false;
        }
        rest = rest.get(width..).unwrap_or_default();
    }
    true
}

/// The message of an error; the line is that of the token last read.
struct Failure(String);

type Result_<T> = Result<T, Failure>;

fn fail<T>(message: impl Into<String>) -> Result_<T> {
    Err(Failure(message.into()))
}

/// What ended a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListEnd {
    End,
    Else,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    source: &'a [u8],
    is_function: fn(&str) -> bool,
    // The three tokens of lookahead that Go has, used in the same way: messages depend on it.
    tokens: [Token; 3],
    peeked: usize,
    nodes: Vec<Node>,
    members: Vec<NodeId>,
    /// The members of what is being read: they move to `members` when it ends.
    open: Vec<NodeId>,
    templates: Vec<(Vec<u8>, NodeId)>,
    variables: Vec<&'a [u8]>,
    /// The delimiter that began the present action.
    action: Option<Token>,
    range_depth: usize,
    nesting: usize,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Token {
        if self.peeked > 0 {
            self.peeked -= 1;
        } else {
            self.tokens[0] = self.lexer.next_token();
        }
        self.tokens.get(self.peeked).copied().unwrap_or(self.tokens[0])
    }

    fn backup(&mut self) {
        self.peeked += 1;
    }

    fn peek(&mut self) -> Token {
        if self.peeked == 0 {
            self.peeked = 1;
            self.tokens[0] = self.lexer.next_token();
        }
        self.tokens.get(self.peeked - 1).copied().unwrap_or(self.tokens[0])
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.backup();
        token
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result_<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(token, context) }
    }

    fn value(&self, token: Token) -> &'a [u8] {
        self.source.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn place(&self, token: Token) -> Place {
        token.start..token.end
    }

    /// Makes what was opened since then the members of one node.
    fn members_since(&mut self, mark: usize) -> Nodes {
        let start = index(self.members.len());
        self.members.extend(self.open.drain(mark..));
        Nodes { start, end: index(self.members.len()) }
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result_<T> {
        if token.kind == TokenKind::Error {
            let message = &self.lexer.error;
            let line = match self.action.map(|action| self.lexer.line(action)) {
                Some(line) if line != self.lexer.line(token) => line,
                _ => return fail(message.clone()),
            };
            let joint = if message.ends_with(" action") { "" } else { " in action" };
            return fail(format!("{message}{joint} started at {}:{line}", "\u{0}NAME"));
        }
        fail(format!("unexpected {} in {context}", self.describe(token)))
    }

    fn describe(&self, token: Token) -> String {
        let value = self.value(token);
        match token.kind {
            TokenKind::Eof => "EOF".to_owned(),
            kind if kind.is_keyword() => format!("<{}>", String::from_utf8_lossy(value)),
            _ if value.len() > 10 => {
                let mut shown = 0;
                for _ in 0..10 {
                    shown += decode_rune(value.get(shown..).unwrap_or_default()).1;
                }
                format!("{}...", quote(value.get(..shown).unwrap_or_default()))
            }
            _ => quote(value),
        }
    }

    fn add(&mut self, position: u32, kind: NodeKind) -> NodeId {
        let id = NodeId(index(self.nodes.len()));
        self.nodes.push(Node { position, kind });
        id
    }

    fn enter(&mut self) -> Result_<()> {
        if self.nesting >= MAX_NESTING {
            return fail("max expression depth exceeded");
        }
        self.nesting += 1;
        Ok(())
    }

    fn file(&mut self, name: &str) -> Result_<()> {
        let start = self.peek().start;
        loop {
            let token = self.peek();
            if token.kind == TokenKind::Eof {
                break;
            }
            if token.kind == TokenKind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == TokenKind::Define {
                    self.definition().map_err(|failure| named(&failure, name))?;
                    continue;
                }
                // Two tokens back: the delimiter goes before the one already in place.
                self.tokens[1] = delim;
                self.peeked = 2;
            }
            match self.text_or_action().map_err(|failure| named(&failure, name))? {
                Ok(node) => self.open.push(node),
                Err(ListEnd::End) => return fail("unexpected {{end}}"),
                Err(ListEnd::Else) => return fail("unexpected {{else}}"),
            }
        }
        let nodes = self.members_since(0);
        let list = self.add(start, NodeKind::List(nodes));
        self.add_template(name.as_bytes().to_vec(), list)
    }

    fn add_template(&mut self, name: Vec<u8>, list: NodeId) -> Result_<()> {
        let empty = is_empty_list(&self.nodes, &self.members, self.source, list);
        match self.templates.iter().position(|(known, _)| *known == name) {
            None => self.templates.push((name, list)),
            Some(at) => {
                let known = self.templates.get(at).map_or(list, |template| template.1);
                if is_empty_list(&self.nodes, &self.members, self.source, known) {
                    if let Some(template) = self.templates.get_mut(at) {
                        template.1 = list;
                    }
                } else if !empty {
                    let shown = quote(&name);
                    return fail(format!("template: multiple definition of template {shown}"));
                }
            }
        }
        Ok(())
    }

    fn definition(&mut self) -> Result_<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, CONTEXT);
        }
        let name = self.unquoted(token)?;
        self.expect(TokenKind::RightDelim, CONTEXT)?;
        let (list, end) = self.separate_list()?;
        if end == ListEnd::Else {
            return fail(format!("unexpected {{{{else}}}} in {CONTEXT}"));
        }
        self.add_template(name, list)
    }

    /// Reads the body of `define` or `block`: it sees no variables and no loop around it.
    fn separate_list(&mut self) -> Result_<(NodeId, ListEnd)> {
        let variables = std::mem::replace(&mut self.variables, vec![&b"$"[..]]);
        let range_depth = std::mem::take(&mut self.range_depth);
        let action = self.action.take();
        let result = self.item_list();
        if result.is_ok() {
            self.action = action;
        }
        self.variables = variables;
        self.range_depth = range_depth;
        result
    }

    fn item_list(&mut self) -> Result_<(NodeId, ListEnd)> {
        self.enter()?;
        let start = self.peek_non_space().start;
        let mark = self.open.len();
        while self.peek_non_space().kind != TokenKind::Eof {
            match self.text_or_action()? {
                Ok(node) => self.open.push(node),
                Err(end) => {
                    self.nesting -= 1;
                    let nodes = self.members_since(mark);
                    return Ok((self.add(start, NodeKind::List(nodes)), end));
                }
            }
        }
        fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result_<Result<NodeId, ListEnd>> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::Text => {
                let place = self.place(token);
                Ok(Ok(self.add(token.start, NodeKind::Text(place))))
            }
            TokenKind::LeftDelim => {
                self.action = Some(token);
                let result = self.action()?;
                self.action = None;
                Ok(result)
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self) -> Result_<Result<NodeId, ListEnd>> {
        let token = self.next_non_space();
        let start = token.start;
        Ok(Ok(match token.kind {
            TokenKind::Block => self.block_control()?,
            TokenKind::Break => self.loop_control(start, NodeKind::Break, "{{break}}")?,
            TokenKind::Continue => self.loop_control(start, NodeKind::Continue, "{{continue}}")?,
            TokenKind::Else => {
                let next = self.peek_non_space();
                if !matches!(next.kind, TokenKind::If | TokenKind::With) {
                    self.expect(TokenKind::RightDelim, "else")?;
                }
                return Ok(Err(ListEnd::Else));
            }
            TokenKind::End => {
                self.expect(TokenKind::RightDelim, "end")?;
                return Ok(Err(ListEnd::End));
            }
            TokenKind::If => self.control(TokenKind::If)?,
            TokenKind::Range => self.control(TokenKind::Range)?,
            TokenKind::With => self.control(TokenKind::With)?,
            TokenKind::Template => self.template_control()?,
            _ => {
                self.backup();
                let start = self.peek().start;
                let pipe = self.pipeline("command", TokenKind::RightDelim)?;
                self.add(start, NodeKind::Action(pipe))
            }
        }))
    }

    fn loop_control(&mut self, start: u32, kind: NodeKind, shown: &str) -> Result_<NodeId> {
        let token = self.next_non_space();
        if token.kind != TokenKind::RightDelim {
            return self.unexpected(token, shown);
        }
        if self.range_depth == 0 {
            return fail(format!("{shown} outside {{{{range}}}}"));
        }
        Ok(self.add(start, kind))
    }

    fn control(&mut self, keyword: TokenKind) -> Result_<NodeId> {
        let context = match keyword {
            TokenKind::Range => "range",
            TokenKind::With => "with",
            _ => "if",
        };
        self.enter()?;
        let visible = self.variables.len();
        let pipe = self.pipeline(context, TokenKind::RightDelim)?;
        self.range_depth += usize::from(keyword == TokenKind::Range);
        let (list, end) = self.item_list()?;
        self.range_depth -= usize::from(keyword == TokenKind::Range);
        let mut else_list = None;
        if end == ListEnd::Else {
            if keyword != TokenKind::Range && self.peek().kind == keyword {
                // `else if` and `else with` are a nested block that shares the `end`.
                let start = self.next().start;
                let nested = self.control(keyword)?;
                let mark = self.open.len();
                self.open.push(nested);
                let nodes = self.members_since(mark);
                else_list = Some(self.add(start, NodeKind::List(nodes)));
            } else {
                let (list, end) = self.item_list()?;
                if end != ListEnd::End {
                    return fail("expected end; found {{else}}");
                }
                else_list = Some(list);
            }
        }
        self.variables.truncate(visible);
        self.nesting -= 1;
        let start = self.nodes.get(pipe.0 as usize).map_or(0, |node| node.position);
        let branch = Branch { pipe, list, else_list };
        let kind = match keyword {
            TokenKind::Range => NodeKind::Range(branch),
            TokenKind::With => NodeKind::With(branch),
            _ => NodeKind::If(branch),
        };
        Ok(self.add(start, kind))
    }

    fn block_control(&mut self) -> Result_<NodeId> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let (name, quoted) = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, TokenKind::RightDelim)?;
        let (list, end) = self.separate_list()?;
        if end == ListEnd::Else {
            return fail(format!("unexpected {{{{else}}}} in {CONTEXT}"));
        }
        self.add_template(name, list)?;
        Ok(self.add(token.start, NodeKind::Template { name: quoted, pipe: Some(pipe) }))
    }

    fn template_control(&mut self) -> Result_<NodeId> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let (_, name) = self.template_name(token, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != TokenKind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, TokenKind::RightDelim)?);
        }
        Ok(self.add(token.start, NodeKind::Template { name, pipe }))
    }

    fn template_name(&mut self, token: Token, context: &str) -> Result_<(Vec<u8>, Place)> {
        match token.kind {
            TokenKind::String | TokenKind::RawString => {
                Ok((self.unquoted(token)?, self.place(token)))
            }
            _ => self.unexpected(token, context),
        }
    }

    /// Checks that a string literal can be read.
    fn check_quoted(&self, token: Token) -> Result_<()> {
        let is_plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'\\' | b'\n');
        if token.kind == TokenKind::RawString || self.value(token).iter().all(is_plain) {
            return Ok(());
        }
        self.unquoted(token).map(|_| ())
    }

    fn unquoted(&self, token: Token) -> Result_<Vec<u8>> {
        unquote(self.value(token)).ok_or_else(|| Failure("invalid syntax".to_owned()))
    }
}

/// Puts the file's name into a message that needs it.
fn named(failure: &Failure, name: &str) -> Failure {
    Failure(failure.0.replace("\u{0}NAME", name))
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
