//! The short way: lines as most people write them, from characters to events without tokens.
//!
//! `key: value`, `key:`, `- value` and `- key: value` in block context, with plain, quoted or block
//! scalars, are most of what there is. They are taken here as long as no token waits in the queue;
//! whatever looks different is left where it stands, for the scanner. Both ways keep the same
//! state, so that either may go on after the other, and give the same events.

use std::borrow::Cow;

use super::characters::PLAIN_START;
use super::parser::{Parser, State, empty_scalar, event};
use super::token::{Scan, Token, TokenKind};
use super::{Event, EventKind, NESTING_LIMIT, Scalar};
use crate::ScalarStyle;

/// What was done in the short way: an event, or nothing, and the long way has to be taken.
type Short<'t> = Scan<Option<Event<'t>>>;

impl<'t> Parser<'t> {
    /// Goes to the next token when the short way may be taken there.
    ///
    /// Says in which column that is.
    fn common_line(&mut self) -> Option<i32> {
        let scanner = &mut self.scanner;
        if !scanner.may_skip_tokens() {
            return None;
        }
        scanner.skip_to_next_token();
        if scanner.is_end() {
            return None;
        }
        // `---`, `...` and directives.
        if scanner.at == scanner.line_start && matches!(scanner.byte(), b'-' | b'.' | b'%') {
            return None;
        }
        Some(scanner.column())
    }

    /// Ends the innermost block collection when the next token is less indented.
    fn end_block(&mut self, column: i32, kind: EventKind<'t>) -> Option<Event<'t>> {
        if column >= self.scanner.indent {
            return None;
        }
        self.scanner.pop_indent();
        self.marks.pop();
        self.pop_state();
        let at = self.scanner.at as u32;
        Some(event(kind, at, at))
    }

    /// Where a key of a block map is expected: takes it with its colon, or ends the map.
    pub(super) fn common_key(&mut self) -> Short<'t> {
        if let Some((start, end)) = self.pending_key.take() {
            return Ok(Some(self.take_key(start, end)));
        }
        let Some(column) = self.common_line() else { return Ok(None) };
        if let Some(end) = self.end_block(column, EventKind::MappingEnd) {
            return Ok(Some(end));
        }
        if column != self.scanner.indent || !self.scanner.simple_key_allowed {
            return Ok(None);
        }
        let start = self.scanner.at;
        match self.scanner.plain_key_end() {
            Some(end) => Ok(Some(self.take_key(start, end))),
            None => Ok(None),
        }
    }

    /// Takes a plain key that is known to end with a colon.
    fn take_key(&mut self, start: usize, end: usize) -> Event<'t> {
        self.scanner.at = end + 1;
        self.scanner.simple_key_allowed = false;
        self.state = State::BlockMappingValueAfterColon;
        let text = self.scanner.text.get(start..end).unwrap_or_default();
        plain(Cow::Borrowed(text), start, end)
    }

    /// After the colon of a key: takes the value, or begins it.
    pub(super) fn common_value(&mut self) -> Short<'t> {
        let colon = self.scanner.at;
        while self.scanner.byte() == b' ' {
            self.scanner.at += 1;
        }
        let byte = self.scanner.byte();
        if PLAIN_START[byte as usize] || matches!(byte, b'"' | b'\'' | b'|' | b'>') {
            self.state = State::BlockMappingKey;
            return self.common_scalar(byte).map(Some);
        }
        if !matches!(byte, b'\n' | b'#') {
            return Ok(None);
        }
        let Some(column) = self.common_line() else { return Ok(None) };
        let byte = self.scanner.byte();
        let indent = self.scanner.indent;
        if byte == b'-' && self.scanner.is_blankz_at(self.scanner.at + 1) {
            let at = self.scanner.at as u32;
            if column > indent && self.common_depth() {
                self.states.push(State::BlockMappingKey);
                self.marks.push(at);
                self.scanner.push_indent(column);
                self.state = State::BlockSequenceEntry;
                let kind = EventKind::SequenceStart { flow: false, properties: None };
                return Ok(Some(event(kind, at, at)));
            }
            if column == indent && self.common_depth() {
                self.states.push(State::BlockMappingKey);
                self.state = State::IndentlessSequenceEntry;
                let kind = EventKind::SequenceStart { flow: false, properties: None };
                return Ok(Some(event(kind, at, at + 1)));
            }
            return Ok(None);
        }
        if column <= indent {
            // There is no value when the map ends or another key comes.
            if column == indent {
                let start = self.scanner.at;
                let key = self.scanner.plain_key_end().filter(|_| self.scanner.simple_key_allowed);
                let Some(end) = key else { return Ok(None) };
                self.pending_key = Some((start, end));
            }
            self.state = State::BlockMappingKey;
            return Ok(Some(empty_scalar(colon as u32)));
        }
        Ok(self.common_map(column, State::BlockMappingKey))
    }

    /// Begins a block map where a plain key with its colon stands.
    fn common_map(&mut self, column: i32, after: State) -> Option<Event<'t>> {
        if !self.scanner.simple_key_allowed || !self.common_depth() {
            return None;
        }
        let start = self.scanner.at;
        let end = self.scanner.plain_key_end()?;
        self.pending_key = Some((start, end));
        self.states.push(after);
        self.marks.push(start as u32);
        self.scanner.push_indent(column);
        self.state = State::BlockMappingKey;
        let kind = EventKind::MappingStart { flow: false, properties: None };
        Some(event(kind, start as u32, start as u32))
    }

    fn common_depth(&self) -> bool {
        self.states.len() < NESTING_LIMIT && self.scanner.depth() < NESTING_LIMIT
    }

    /// Takes a scalar that cannot be a key.
    fn common_scalar(&mut self, byte: u8) -> Scan<Event<'t>> {
        let start = self.scanner.at;
        let (text, style, end) = match byte {
            b'|' | b'>' => {
                self.scanner.simple_key_allowed = true;
                let Token { kind, end, .. } = self.scanner.scan_block_scalar()?;
                let TokenKind::Scalar(text, style) = kind else {
                    return Ok(empty_scalar(end));
                };
                (text, style, end as usize)
            }
            b'"' | b'\'' => {
                let (text, style) = self.scanner.scan_quoted_scalar()?;
                (text, style, self.scanner.at)
            }
            _ => {
                let (text, end) = self.scanner.scan_plain_scalar()?;
                (text, ScalarStyle::Plain, end)
            }
        };
        let scalar = Scalar { text, style, properties: None };
        Ok(event(EventKind::Scalar(scalar), start as u32, end as u32))
    }

    /// Where an item of a block list is expected: takes its dash and what follows, or ends the list.
    pub(super) fn common_item(&mut self, indentless: bool) -> Short<'t> {
        let Some(column) = self.common_line() else { return Ok(None) };
        let at = self.scanner.at;
        let dash = self.scanner.byte() == b'-' && self.scanner.is_blankz_at(at + 1);
        if indentless {
            if column != self.scanner.indent || !dash {
                if column > self.scanner.indent || self.scanner.byte() == b'?' {
                    return Ok(None);
                }
                self.pop_state();
                return Ok(Some(event(EventKind::SequenceEnd, at as u32, at as u32)));
            }
        } else if let Some(end) = self.end_block(column, EventKind::SequenceEnd) {
            return Ok(Some(end));
        }
        if !dash || column != self.scanner.indent || !self.scanner.simple_key_allowed {
            return Ok(None);
        }
        // Only what stands on the same line is taken here.
        let mut next = at + 1;
        while self.scanner.byte_at(next) == b' ' {
            next += 1;
        }
        let byte = self.scanner.byte_at(next);
        let scalar = matches!(byte, b'|' | b'>');
        if !PLAIN_START[byte as usize] && !scalar {
            return Ok(None);
        }
        self.scanner.at = next;
        let own =
            if indentless { State::IndentlessSequenceEntry } else { State::BlockSequenceEntry };
        if !scalar {
            let column = self.scanner.column();
            if let Some(map) = self.common_map(column, own) {
                return Ok(Some(map));
            }
            // A plain scalar might still turn out to be a key, in the long way.
            if !self.scanner.plain_scalar_fills_line() {
                self.scanner.at = at;
                return Ok(None);
            }
        }
        self.scanner.simple_key_allowed = false;
        self.state = own;
        self.common_scalar(byte).map(Some)
    }
}

fn plain(text: Cow<'_, str>, start: usize, end: usize) -> Event<'_> {
    let scalar = Scalar { text, style: ScalarStyle::Plain, properties: None };
    event(EventKind::Scalar(scalar), start as u32, end as u32)
}
