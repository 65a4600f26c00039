//! The inside of actions: pipelines, commands and operands.

use super::ast::{NodeId, NodeKind, Nodes, Place};
use super::lex::{Token, TokenKind};
use super::{Failure, Parser, Result_, fail, number};
use crate::fmt::quote::quote;

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result_<NodeId> {
        let start = self.peek_non_space().start;
        let mark = self.open.len();
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
                    self.declare(token);
                    break;
                }
                TokenKind::Char if self.value(next) == b"," => {
                    self.next_non_space();
                    self.declare(token);
                    if context == "range" && self.open.len() - mark < 2 {
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
        let variables = self.members_since(mark);
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
                    let command = self.command()?;
                    self.open.push(command);
                }
                _ => return self.unexpected(token, context),
            }
        }
        let commands = self.members_since(mark);
        self.check_pipeline(commands, context)?;
        Ok(self.add(start, NodeKind::Pipe { variables, assign, commands }))
    }

    fn declare(&mut self, token: Token) {
        self.variables.push(self.value(token));
        let place = self.place(token);
        let fields = place.end..place.end;
        let variable = self.add(token.start, NodeKind::Variable { name: place, fields });
        self.open.push(variable);
    }

    fn check_pipeline(&self, commands: Nodes, context: &str) -> Result_<()> {
        if commands.is_empty() {
            return fail(format!("missing value for {context}"));
        }
        for (index, command) in commands.of(&self.members).iter().enumerate().skip(1) {
            let first = match self.kind(*command) {
                Some(NodeKind::Command(arguments)) => arguments.of(&self.members).first().copied(),
                _ => None,
            };
            if let Some(
                NodeKind::Bool(_)
                | NodeKind::Dot
                | NodeKind::Nil
                | NodeKind::Number(_)
                | NodeKind::Character(_)
                | NodeKind::String(_),
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
        let start = self.peek_non_space().start;
        let mark = self.open.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.open.push(operand);
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
        let arguments = self.members_since(mark);
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
            fields.end = token.end;
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
                | NodeKind::String(_)
                | NodeKind::Number(_)
                | NodeKind::Character(_)
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
            Some(
                NodeKind::Number(place) | NodeKind::Character(place) | NodeKind::String(place),
            ) => self.source.get(place.start as usize..place.end as usize).unwrap_or_default(),
            _ => b".",
        }
    }

    fn term(&mut self) -> Result_<Option<NodeId>> {
        let token = self.next_non_space();
        let start = token.start;
        let place = self.place(token);
        let value = self.value(token);
        let kind = match token.kind {
            TokenKind::Identifier => {
                if !std::str::from_utf8(value).is_ok_and(self.is_function) {
                    return fail(format!("function {} not defined", quote(value)));
                }
                NodeKind::Identifier(place)
            }
            TokenKind::Dot => NodeKind::Dot,
            TokenKind::Nil => NodeKind::Nil,
            TokenKind::Variable => {
                if !self.variables.contains(&value) {
                    return fail(format!("undefined variable {}", quote(value)));
                }
                let fields = place.end..place.end;
                NodeKind::Variable { name: place, fields }
            }
            TokenKind::Field => NodeKind::Field(place),
            TokenKind::Bool => NodeKind::Bool(value == b"true"),
            TokenKind::CharConstant => {
                number::character(value).map_err(Failure)?;
                NodeKind::Character(place)
            }
            TokenKind::Complex => return fail("complex numbers are not supported"),
            TokenKind::Number => {
                if !matches!(value, [b'0'..=b'9']) {
                    number::number(value).map_err(Failure)?;
                }
                NodeKind::Number(place)
            }
            TokenKind::LeftParen => {
                self.enter()?;
                let pipe = self.pipeline("parenthesized pipeline", TokenKind::RightParen)?;
                self.nesting -= 1;
                return Ok(Some(pipe));
            }
            TokenKind::String | TokenKind::RawString => {
                self.check_quoted(token)?;
                NodeKind::String(place)
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(self.add(start, kind)))
    }
}
