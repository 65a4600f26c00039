//! The parser: from tokens to events.

use std::borrow::Cow;

use super::scanner::Scanner;
use super::token::{Problem, Scan, Token, TokenKind};
use super::{Event, EventKind, NESTING_LIMIT, Properties, Scalar};
use crate::{Error, ScalarStyle, Span, error};

/// What the parser expects next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    StreamStart,
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    BlockMappingValueAfterColon,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Which of Go's libraries words the errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// go-yaml v2.
    #[default]
    Go2,
    /// yaml.v3.
    Go3,
}

/// Reads a text event by event.
#[derive(Debug)]
pub struct Parser<'t> {
    pub(super) scanner: Scanner<'t>,
    dialect: Dialect,
    pub(super) state: State,
    pub(super) states: Vec<State>,
    /// Where the open collections began.
    pub(super) marks: Vec<u32>,
    /// The first key of a map that began in the short way.
    pub(super) pending_key: Option<(usize, usize)>,
    /// Handles and what they stand for.
    tag_directives: Vec<(String, String)>,
}

impl<'t> Parser<'t> {
    /// Returns a parser of a text that has only characters which YAML allows; [`super::parse`] checks.
    pub fn new(text: &'t str) -> Self {
        Self {
            scanner: Scanner::new(text),
            dialect: Dialect::Go2,
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            pending_key: None,
            tag_directives: Vec::new(),
        }
    }

    /// Returns the parser with its errors worded as another library does.
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self.scanner.lookahead = if dialect == Dialect::Go3 { 2 } else { 0 };
        self
    }

    /// Returns the next event; after the end of the stream that event for ever.
    pub fn next_event(&mut self) -> Result<Event<'t>, Error> {
        self.advance().map_err(|problem| self.explain(&problem))
    }

    /// Returns an error of the one who reads the events.
    pub(crate) fn error_at(&self, message: String, span: Span) -> Error {
        let offset = span.start as usize;
        let (line, column) = error::line_and_column(self.scanner.bytes, offset);
        Error { message, offset, line, column }
    }

    /// Words an error as Go does.
    fn explain(&self, problem: &Problem) -> Error {
        let bytes = self.scanner.bytes;
        let at = line_number(bytes, problem.at) + usize::from(problem.after_end);
        let context = line_number(bytes, problem.context);
        // Go counts lines from 0, and adds one only for what the scanner noticed.
        let add = usize::from(problem.by_scanner);
        let line = match (self.dialect, at, context) {
            (_, 0, 0) => 0,
            (Dialect::Go2, 0, context) => context,
            (Dialect::Go2, at, _) | (Dialect::Go3, at, 0) => at + add,
            (Dialect::Go3, _, context) => context + add,
        };
        let message = match line {
            0 => problem.message.to_string(),
            _ => format!("line {line}: {}", problem.message),
        };
        let (line, column) = error::line_and_column(bytes, problem.at);
        Error { message, offset: problem.at, line, column }
    }

    fn advance(&mut self) -> Scan<Event<'t>> {
        match self.state {
            State::StreamStart => {
                self.scanner.take()?;
                self.state = State::ImplicitDocumentStart;
                Ok(event(EventKind::StreamStart, 0, 0))
            }
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirstEntry => {
                self.enter()?;
                self.block_sequence_entry()
            }
            State::BlockSequenceEntry => match self.common_item(false)? {
                Some(event) => Ok(event),
                None => self.block_sequence_entry(),
            },
            State::IndentlessSequenceEntry => match self.common_item(true)? {
                Some(event) => Ok(event),
                None => self.indentless_sequence_entry(),
            },
            State::BlockMappingFirstKey => {
                self.enter()?;
                self.block_mapping_key()
            }
            State::BlockMappingKey => match self.common_key()? {
                Some(event) => Ok(event),
                None => self.block_mapping_key(),
            },
            State::BlockMappingValue => self.block_mapping_value(),
            State::BlockMappingValueAfterColon => {
                let colon = self.scanner.at as u32;
                match self.common_value()? {
                    Some(event) => Ok(event),
                    None => self.block_mapping_node_after(colon, State::BlockMappingKey),
                }
            }
            State::FlowSequenceFirstEntry => {
                self.enter()?;
                self.flow_sequence_entry(true)
            }
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequenceEntryMappingKey => self.flow_sequence_entry_mapping_key(),
            State::FlowSequenceEntryMappingValue => self.flow_sequence_entry_mapping_value(),
            State::FlowSequenceEntryMappingEnd => {
                let start = self.scanner.peek()?.start;
                self.state = State::FlowSequenceEntry;
                Ok(event(EventKind::MappingEnd, start, start))
            }
            State::FlowMappingFirstKey => {
                self.enter()?;
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                let start = self.scanner.peek()?.start;
                self.state = State::FlowMappingKey;
                Ok(empty_scalar(start))
            }
            State::End => {
                let end = self.scanner.bytes.len() as u32;
                Ok(event(EventKind::StreamEnd, end, end))
            }
        }
    }

    pub(super) fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Takes the token that begins a collection.
    fn enter(&mut self) -> Scan<()> {
        let token = self.scanner.take()?;
        self.marks.push(token.start);
        Ok(())
    }

    /// Returns the error that a token is where it must not be.
    fn unexpected(&mut self, message: &'static str, in_collection: bool) -> Box<Problem> {
        let context = if in_collection { self.marks.last().copied() } else { None };
        let end = self.scanner.bytes.len();
        let (at, after_end) = match self.scanner.peek() {
            Ok(token) => {
                let at = token.start as usize;
                let closing = matches!(token.kind, TokenKind::StreamEnd | TokenKind::BlockEnd);
                (at, closing && at == end && self.scanner.line_start != end)
            }
            Err(problem) => return problem,
        };
        Box::new(Problem {
            message: message.into(),
            at,
            context: context.unwrap_or(0) as usize,
            by_scanner: false,
            after_end,
        })
    }

    fn document_start(&mut self, implicit: bool) -> Scan<Event<'t>> {
        while !implicit && matches!(self.scanner.peek()?.kind, TokenKind::DocumentEnd) {
            self.scanner.take()?;
        }
        let token = self.scanner.peek()?;
        let start = token.start;
        match token.kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                Ok(event(EventKind::StreamEnd, start, start))
            }
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective(_)
            | TokenKind::DocumentStart => self.explicit_document(start),
            _ if implicit => {
                self.default_tag_directives();
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                Ok(event(EventKind::DocumentStart { implicit: true }, start, start))
            }
            _ => self.explicit_document(start),
        }
    }

    fn explicit_document(&mut self, start: u32) -> Scan<Event<'t>> {
        self.process_directives()?;
        if !matches!(self.scanner.peek()?.kind, TokenKind::DocumentStart) {
            return Err(self.unexpected("did not find expected <document start>", false));
        }
        let token = self.scanner.take()?;
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(event(EventKind::DocumentStart { implicit: false }, start, token.end))
    }

    fn process_directives(&mut self) -> Scan<()> {
        let mut versions = 0;
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::VersionDirective { major, minor } => {
                    let compatible = (*major, *minor) == (1, 1);
                    versions += 1;
                    if versions > 1 {
                        return Err(self.unexpected("found duplicate %YAML directive", false));
                    }
                    if !compatible {
                        return Err(self.unexpected("found incompatible YAML document", false));
                    }
                }
                TokenKind::TagDirective(directive) => {
                    let known = |(handle, _): &(String, String)| *handle == directive.0;
                    if self.tag_directives.iter().any(known) {
                        return Err(self.unexpected("found duplicate %TAG directive", false));
                    }
                    let directive = (**directive).clone();
                    self.tag_directives.push(directive);
                }
                _ => break,
            }
            self.scanner.take()?;
        }
        self.default_tag_directives();
        Ok(())
    }

    fn default_tag_directives(&mut self) {
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tag_directives.iter().any(|(known, _)| known == handle) {
                self.tag_directives.push((handle.to_owned(), prefix.to_owned()));
            }
        }
    }

    fn document_content(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        if matches!(
            token.kind,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ) {
            let start = token.start;
            self.pop_state();
            return Ok(empty_scalar(start));
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        let (start, mut end) = (token.start, token.start);
        let explicit = matches!(token.kind, TokenKind::DocumentEnd);
        if explicit {
            end = self.scanner.take()?.end;
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok(event(EventKind::DocumentEnd { implicit: !explicit }, start, end))
    }

    fn node(&mut self, block: bool, indentless: bool) -> Scan<Event<'t>> {
        // Most values have neither anchor nor tag.
        let properties = match self.scanner.peek()?.kind {
            TokenKind::Anchor(_) | TokenKind::Tag(_) => Some(self.properties()?),
            TokenKind::Alias(name) => {
                let token = self.scanner.take()?;
                self.pop_state();
                return Ok(event(EventKind::Alias(name), token.start, token.end));
            }
            _ => None,
        };
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        let (kind, state) = match token.kind {
            TokenKind::Scalar(..) => {
                self.pop_state();
                let Token { kind: TokenKind::Scalar(text, style), .. } = self.scanner.take()?
                else {
                    return Ok(empty_scalar(start));
                };
                let kind = EventKind::Scalar(Scalar { text, style, properties });
                return Ok(event(kind, start, end));
            }
            TokenKind::BlockEntry if indentless => (
                EventKind::SequenceStart { flow: false, properties },
                State::IndentlessSequenceEntry,
            ),
            TokenKind::FlowSequenceStart => {
                (EventKind::SequenceStart { flow: true, properties }, State::FlowSequenceFirstEntry)
            }
            TokenKind::FlowMappingStart => {
                (EventKind::MappingStart { flow: true, properties }, State::FlowMappingFirstKey)
            }
            TokenKind::BlockSequenceStart if block => (
                EventKind::SequenceStart { flow: false, properties },
                State::BlockSequenceFirstEntry,
            ),
            TokenKind::BlockMappingStart if block => {
                (EventKind::MappingStart { flow: false, properties }, State::BlockMappingFirstKey)
            }
            _ => {
                let Some(properties) = properties else {
                    return Err(self.unexpected_node());
                };
                self.pop_state();
                let after = properties.span.end;
                let mut scalar = empty_scalar(after);
                if let EventKind::Scalar(scalar) = &mut scalar.kind {
                    scalar.properties = Some(properties);
                }
                return Ok(scalar);
            }
        };
        if self.states.len() > NESTING_LIMIT {
            return Err(Box::new(Problem {
                message: format!("exceeded max depth of {NESTING_LIMIT}").into(),
                at: start as usize,
                context: start as usize,
                by_scanner: false,
                after_end: false,
            }));
        }
        self.state = state;
        Ok(event(kind, start, end))
    }

    fn unexpected_node(&mut self) -> Box<Problem> {
        let mut problem = self.unexpected("did not find expected node content", false);
        problem.context = problem.at;
        problem
    }

    /// Takes anchor and tag in either order.
    fn properties(&mut self) -> Scan<Box<Properties<'t>>> {
        let start = self.scanner.peek()?.start;
        let mut properties =
            Properties { span: Span { start, end: start }, ..Properties::default() };
        let mut tag: Option<(Box<(String, String)>, u32)> = None;
        loop {
            match self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if properties.anchor.is_none() => {}
                TokenKind::Tag(_) if tag.is_none() => {}
                _ => break,
            }
            let token = self.scanner.take()?;
            properties.span.end = token.end;
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag(parts) => tag = Some((parts, token.start)),
                _ => break,
            }
        }
        if let Some((parts, at)) = tag {
            let (handle, suffix) = *parts;
            let resolved = if handle.is_empty() {
                Some(suffix)
            } else {
                let directive = self.tag_directives.iter().find(|(known, _)| *known == handle);
                directive.map(|(_, prefix)| format!("{prefix}{suffix}"))
            };
            match resolved.filter(|tag| !tag.is_empty()) {
                Some(tag) => properties.tag = Some(Cow::Owned(tag)),
                None => {
                    return Err(Box::new(Problem {
                        message: "found undefined tag handle".into(),
                        at: at as usize,
                        context: start as usize,
                        by_scanner: false,
                        after_end: false,
                    }));
                }
            }
        }
        Ok(Box::new(properties))
    }

    fn block_sequence_entry(&mut self) -> Scan<Event<'t>> {
        match self.scanner.peek()?.kind {
            TokenKind::BlockEntry => {
                let end = self.scanner.take()?.end;
                if matches!(self.scanner.peek()?.kind, TokenKind::BlockEntry | TokenKind::BlockEnd)
                {
                    self.state = State::BlockSequenceEntry;
                    return Ok(empty_scalar(end));
                }
                self.states.push(State::BlockSequenceEntry);
                self.node(true, false)
            }
            TokenKind::BlockEnd => self.leave(EventKind::SequenceEnd),
            _ => Err(self.unexpected("did not find expected '-' indicator", true)),
        }
    }

    /// Takes the token that ends a collection.
    fn leave(&mut self, kind: EventKind<'t>) -> Scan<Event<'t>> {
        self.pop_state();
        self.marks.pop();
        let token = self.scanner.take()?;
        Ok(event(kind, token.start, token.end))
    }

    fn indentless_sequence_entry(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if !matches!(token.kind, TokenKind::BlockEntry) {
            self.pop_state();
            return Ok(event(EventKind::SequenceEnd, start, start));
        }
        self.scanner.take()?;
        if matches!(
            self.scanner.peek()?.kind,
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        ) {
            self.state = State::IndentlessSequenceEntry;
            return Ok(empty_scalar(end));
        }
        self.states.push(State::IndentlessSequenceEntry);
        self.node(true, false)
    }

    fn block_mapping_key(&mut self) -> Scan<Event<'t>> {
        match self.scanner.peek()?.kind {
            TokenKind::Key => self.block_mapping_node(State::BlockMappingValue),
            TokenKind::BlockEnd => self.leave(EventKind::MappingEnd),
            _ => Err(self.unexpected("did not find expected key", true)),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::Value) {
            let start = token.start;
            self.state = State::BlockMappingKey;
            return Ok(empty_scalar(start));
        }
        self.block_mapping_node(State::BlockMappingKey)
    }

    /// Takes `?` or `:` and what follows it in a block map.
    fn block_mapping_node(&mut self, next: State) -> Scan<Event<'t>> {
        let end = self.scanner.take()?.end;
        self.block_mapping_node_after(end, next)
    }

    /// Reads what follows a `?` or `:` in a block map.
    fn block_mapping_node_after(&mut self, end: u32, next: State) -> Scan<Event<'t>> {
        if matches!(
            self.scanner.peek()?.kind,
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        ) {
            self.state = next;
            return Ok(empty_scalar(end));
        }
        self.states.push(next);
        self.node(true, true)
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Scan<Event<'t>> {
        if !first && !matches!(self.scanner.peek()?.kind, TokenKind::FlowSequenceEnd) {
            if !matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry) {
                return Err(self.unexpected("did not find expected ',' or ']'", true));
            }
            self.scanner.take()?;
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowSequenceEnd => self.leave(EventKind::SequenceEnd),
            TokenKind::Key => {
                let token = self.scanner.take()?;
                self.state = State::FlowSequenceEntryMappingKey;
                let kind = EventKind::MappingStart { flow: true, properties: None };
                Ok(event(kind, token.start, token.end))
            }
            _ => {
                self.states.push(State::FlowSequenceEntry);
                self.node(false, false)
            }
        }
    }

    fn flow_sequence_entry_mapping_key(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        if matches!(
            token.kind,
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd
        ) {
            // As in Go, the token itself is lost here.
            let end = self.scanner.take()?.end;
            self.state = State::FlowSequenceEntryMappingValue;
            return Ok(empty_scalar(end));
        }
        self.states.push(State::FlowSequenceEntryMappingValue);
        self.node(false, false)
    }

    fn flow_sequence_entry_mapping_value(&mut self) -> Scan<Event<'t>> {
        let mut start = self.scanner.peek()?.start;
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            let colon = self.scanner.take()?.end;
            if !matches!(
                self.scanner.peek()?.kind,
                TokenKind::FlowEntry | TokenKind::FlowSequenceEnd
            ) {
                self.states.push(State::FlowSequenceEntryMappingEnd);
                return self.node(false, false);
            }
            start = colon;
        }
        self.state = State::FlowSequenceEntryMappingEnd;
        Ok(empty_scalar(start))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Scan<Event<'t>> {
        if !first && !matches!(self.scanner.peek()?.kind, TokenKind::FlowMappingEnd) {
            if !matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry) {
                return Err(self.unexpected("did not find expected ',' or '}'", true));
            }
            self.scanner.take()?;
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowMappingEnd => self.leave(EventKind::MappingEnd),
            TokenKind::Key => {
                self.scanner.take()?;
                self.flow_mapping_node(State::FlowMappingValue)
            }
            _ => {
                self.states.push(State::FlowMappingEmptyValue);
                self.node(false, false)
            }
        }
    }

    fn flow_mapping_value(&mut self) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::Value) {
            let start = token.start;
            self.state = State::FlowMappingKey;
            return Ok(empty_scalar(start));
        }
        let end = self.scanner.take()?.end;
        if matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
            self.state = State::FlowMappingKey;
            return Ok(empty_scalar(end));
        }
        self.states.push(State::FlowMappingKey);
        self.node(false, false)
    }

    /// Takes the key after `?` in a flow map.
    fn flow_mapping_node(&mut self, next: State) -> Scan<Event<'t>> {
        let token = self.scanner.peek()?;
        if matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd)
        {
            let start = token.start;
            self.state = next;
            return Ok(empty_scalar(start));
        }
        self.states.push(next);
        self.node(false, false)
    }
}

pub(super) fn event(kind: EventKind<'_>, start: u32, end: u32) -> Event<'_> {
    Event { kind, span: Span { start, end } }
}

/// Returns the value that is not written.
pub(super) fn empty_scalar<'t>(at: u32) -> Event<'t> {
    let scalar = Scalar { text: Cow::Borrowed(""), style: ScalarStyle::Plain, properties: None };
    event(EventKind::Scalar(scalar), at, at)
}

/// Returns the number of line breaks before a place.
fn line_number(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    let mut count = 0;
    for (index, byte) in before.iter().enumerate() {
        let next = |offset: usize| bytes.get(index + offset).copied().unwrap_or(0);
        count += usize::from(match byte {
            b'\n' => true,
            b'\r' => next(1) != b'\n',
            0xC2 => next(1) == 0x85,
            0xE2 => next(1) == 0x80 && matches!(next(2), 0xA8 | 0xA9),
            _ => false,
        });
    }
    count
}
