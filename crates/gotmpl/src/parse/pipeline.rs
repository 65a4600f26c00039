//! The inside of actions: pipelines, commands and operands.

use super::ast::{NodeId, NodeKind, Place};
use super::lex::{Token, TokenKind};
use super::{Failure, Parser, Result_, fail, number, position};
use crate::fmt::quote::quote;

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result_<NodeId> {
        let start = position(self.peek_non_space().start);
        let mut variables = Vec::new();
        let mut assign = false;
        while let token = self.peek_non_space()
            && token.kind == TokenKind::Variable
        {
            self.next();
            // A blank after the variable matters if it turns out to be an operand.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    assign = next.kind == TokenKind::Assign;
                    self.next_non_space();
                    variables.push(self.declare(token));
                    break;
                }
                TokenKind::Char if self.value(next) == b"," => {
                    self.next_non_space();
                    variables.push(self.declare(token));
                    if context == "range" && variables.len() < 2 {
                        match self.peek_non_space().kind {
                            TokenKind::Variable | TokenKind::RightDelim | TokenKind::RightParen => {
                                continue;
                            }
                            _ => return fail("range can only initialize variables"),
                        }
                    }
                    return fail(format!("too many declarations in {context}"));
                }
                _ if after.kind == TokenKind::Space => {
                    self.tokens[1] = after;
                    self.tokens[2] = token;
                    self.peeked = 3;
                    break;
                }
                _ => {
                    self.tokens[1] = token;
                    self.peeked = 2;
                    break;
                }
            }
        }
        let mut commands = Vec::new();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Bool
                | TokenKind::CharConstant
                | TokenKind::Complex
                | TokenKind::Dot
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::Nil
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParen => {
                    self.backup();
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(token, context),
            }
        }
        self.check_pipeline(&commands, context)?;
        Ok(self.add(start, NodeKind::Pipe { variables, assign, commands }))
    }

    fn declare(&mut self, token: Token) -> NodeId {
        self.variables.push(self.value(token).to_vec());
        let place = self.place(token);
        let fields = place.end..place.end;
        self.add(position(token.start), NodeKind::Variable { name: place, fields })
    }

    fn check_pipeline(&self, commands: &[NodeId], context: &str) -> Result_<()> {
        if commands.is_empty() {
            return fail(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let first = match self.kind(*command) {
                Some(NodeKind::Command(arguments)) => arguments.first().copied(),
                _ => None,
            };
            if let Some(
                NodeKind::Bool(_)
                | NodeKind::Dot
                | NodeKind::Nil
                | NodeKind::Number { .. }
                | NodeKind::String { .. },
            ) = first.and_then(|first| self.kind(first))
            {
                return fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    fn kind(&self, id: NodeId) -> Option<&NodeKind> {
        self.nodes.get(id.0 as usize).map(|node| &node.kind)
    }

    fn command(&mut self) -> Result_<NodeId> {
        let start = position(self.peek_non_space().start);
        let mut arguments = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                arguments.push(operand);
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => continue,
                TokenKind::RightDelim | TokenKind::RightParen => self.backup(),
                TokenKind::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            break;
        }
        if arguments.is_empty() {
            return fail("empty command");
        }
        Ok(self.add(start, NodeKind::Command(arguments)))
    }

    fn operand(&mut self) -> Result_<Option<NodeId>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != TokenKind::Field {
            return Ok(Some(term));
        }
        let mut fields: Place = self.place(first);
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            fields.end = position(token.end);
        }
        // Go gives the whole the place of the second name.
        let start = fields.start;
        let kind = match self.kind(term) {
            Some(NodeKind::Field(place)) => NodeKind::Field(place.start..fields.end),
            Some(NodeKind::Variable { name, .. }) => {
                NodeKind::Variable { name: name.clone(), fields }
            }
            Some(
                NodeKind::Bool(_)
                | NodeKind::String { .. }
                | NodeKind::Number { .. }
                | NodeKind::Nil
                | NodeKind::Dot,
            ) => {
                let shown = quote(self.term_text(term));
                return fail(format!("unexpected . after term {shown}"));
            }
            _ => NodeKind::Chain { base: term, fields },
        };
        Ok(Some(self.add(start, kind)))
    }

    fn term_text(&self, term: NodeId) -> &[u8] {
        match self.kind(term) {
            Some(NodeKind::Bool(true)) => b"true",
            Some(NodeKind::Bool(false)) => b"false",
            Some(NodeKind::Nil) => b"nil",
            Some(NodeKind::Number { text: place, .. } | NodeKind::String { quoted: place, .. }) => {
                self.source.get(place.start as usize..place.end as usize).unwrap_or_default()
            }
            _ => b".",
        }
    }

    fn term(&mut self) -> Result_<Option<NodeId>> {
        let token = self.next_non_space();
        let start = position(token.start);
        let place = self.place(token);
        let value = self.value(token);
        let kind = match token.kind {
            TokenKind::Identifier => {
                let name = String::from_utf8_lossy(value);
                if !(self.is_function)(&name) {
                    return fail(format!("function {} not defined", quote(value)));
                }
                NodeKind::Identifier(place)
            }
            TokenKind::Dot => NodeKind::Dot,
            TokenKind::Nil => NodeKind::Nil,
            TokenKind::Variable => {
                if !self.variables.iter().any(|variable| variable == value) {
                    return fail(format!("undefined variable {}", quote(value)));
                }
                let fields = place.end..place.end;
                NodeKind::Variable { name: place, fields }
            }
            TokenKind::Field => NodeKind::Field(place),
            TokenKind::Bool => NodeKind::Bool(value == b"true"),
            TokenKind::CharConstant => {
                let value = number::character(value).map_err(Failure)?;
                NodeKind::Number { text: place, value }
            }
            TokenKind::Complex => return fail("complex numbers are not supported"),
            TokenKind::Number => {
                let value = number::number(value).map_err(Failure)?;
                NodeKind::Number { text: place, value }
            }
            TokenKind::LeftParen => {
                self.enter()?;
                let pipe = self.pipeline("parenthesized pipeline", TokenKind::RightParen)?;
                self.nesting -= 1;
                return Ok(Some(pipe));
            }
            TokenKind::String | TokenKind::RawString => {
                let text = self.unquoted(token)?;
                NodeKind::String { quoted: place, text }
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.add(start, kind)))
    }
}
