//! The scanner: from characters to tokens, with indentation and simple keys made explicit.
//!
//! A simple key is a key without `?`: whether a token began one is known only when its `:` comes,
//! so tokens wait in a queue as long as one of them might still become a key.

use std::collections::VecDeque;

use super::NESTING_LIMIT;
use super::characters::{BLOCK, PLAIN_START, SPECIAL};
use super::token::{Problem, Scan, Token, TokenKind};

/// What is said of a character that should not have come this far.
pub(super) const CONTROL: &str = "control characters are not allowed";
/// How many characters a simple key may have up to its `:`.
const SIMPLE_KEY_LIMIT: usize = 1024;

/// A place where a simple key may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    /// Whether it must be a key, since nothing else may stand in its column.
    required: bool,
    /// Whether the queue waits for it.
    awaited: bool,
    token_number: usize,
    at: usize,
    column: i32,
}

/// Reads a text token by token.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Where the current line begins.
    pub(super) line_start: usize,
    /// Whether columns are bytes.
    ascii: bool,
    /// Whether there are line breaks beyond ASCII.
    pub(super) exotic_breaks: bool,
    pub(super) carriage_returns: bool,
    pub(super) indent: i32,
    indents: Vec<i32>,
    pub(super) flow_level: usize,
    pub(super) simple_key_allowed: bool,
    /// One for each flow level, and one for the block context.
    simple_keys: Vec<SimpleKey>,
    queue: VecDeque<Token<'t>>,
    /// How many tokens are scanned beyond the next one: yaml.v3 looks ahead for its comments, and
    /// so meets errors earlier.
    pub(super) lookahead: usize,
    /// How many tokens have left the queue.
    taken: usize,
    /// Whether the first token in the queue may be given out.
    ready: bool,
    after_end: bool,
    started: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ascii = text.is_ascii();
        let exotic = ["\u{85}", "\u{2028}", "\u{2029}"];
        let mut scanner = Self {
            text,
            bytes,
            at: 0,
            line_start: 0,
            ascii,
            exotic_breaks: !ascii
                && exotic.iter().any(|mark| memchr::memmem::find(bytes, mark.as_bytes()).is_some()),
            carriage_returns: memchr::memchr(b'\r', bytes).is_some(),
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            queue: VecDeque::with_capacity(16),
            lookahead: 0,
            taken: 0,
            ready: false,
            after_end: false,
            started: false,
        };
        if text.starts_with('\u{feff}') {
            // A second byte order mark is stepped over, but counts as a column.
            scanner.at = '\u{feff}'.len_utf8();
        }
        scanner
    }

    /// Returns the next token without taking it.
    pub(super) fn peek(&mut self) -> Scan<&Token<'t>> {
        self.fill()?;
        self.queue.front().ok_or_else(|| exhausted(self.at))
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Scan<Token<'t>> {
        self.fill()?;
        self.ready = false;
        self.taken += 1;
        self.queue.pop_front().ok_or_else(|| exhausted(self.at))
    }

    /// Scans until it is clear what the first token in the queue is.
    fn fill(&mut self) -> Scan<()> {
        while !self.ready {
            if self.queue.len() > self.lookahead {
                match self.awaited_key() {
                    Some(index) if self.still_possible(index)? => {}
                    _ => {
                        self.ready = true;
                        break;
                    }
                }
            }
            self.fetch_next()?;
        }
        Ok(())
    }

    /// Returns the simple key that the first token in the queue may have begun.
    fn awaited_key(&self) -> Option<usize> {
        let keys = &self.simple_keys;
        // Token numbers only grow from level to level.
        let mut index = match keys.len() {
            1 => 0,
            _ => keys.partition_point(|key| key.token_number < self.taken),
        };
        while let Some(key) = keys.get(index) {
            if key.token_number != self.taken {
                return None;
            }
            if key.awaited {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    /// Says whether a simple key may still get its `:`.
    fn still_possible(&mut self, index: usize) -> Scan<bool> {
        let Some(key) = self.simple_keys.get(index).copied() else { return Ok(false) };
        if !key.possible {
            if let Some(key) = self.simple_keys.get_mut(index) {
                key.awaited = false;
            }
            return Ok(false);
        }
        if !self.after_end && key.at >= self.line_start && self.within_limit(key.at) {
            return Ok(true);
        }
        if key.required {
            return Err(self.problem("could not find expected ':'", key.at));
        }
        if let Some(key) = self.simple_keys.get_mut(index) {
            key.possible = false;
            key.awaited = false;
        }
        Ok(false)
    }

    fn within_limit(&self, from: usize) -> bool {
        let bytes = self.at.saturating_sub(from);
        if bytes <= SIMPLE_KEY_LIMIT {
            return true;
        }
        if self.ascii || bytes > SIMPLE_KEY_LIMIT * 4 {
            return false;
        }
        self.characters(from, self.at) <= SIMPLE_KEY_LIMIT
    }

    fn characters(&self, from: usize, to: usize) -> usize {
        let bytes = self.bytes.get(from..to).unwrap_or_default();
        bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
    }

    /// Returns the column in characters, from 0.
    pub(super) fn column(&self) -> i32 {
        if self.after_end {
            return 0;
        }
        let column = match self.ascii {
            true => self.at - self.line_start,
            false => self.characters(self.line_start, self.at),
        };
        i32::try_from(column).unwrap_or(i32::MAX)
    }

    pub(super) fn byte(&self) -> u8 {
        self.byte_at(self.at)
    }

    /// Returns a byte; after the end that is NUL, which is no allowed character.
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn is_blank_at(&self, at: usize) -> bool {
        matches!(self.byte_at(at), b' ' | b'\t')
    }

    /// Returns how many bytes the line break has that stands somewhere; 0 when none does.
    pub(super) fn break_length(&self, at: usize) -> usize {
        match self.byte_at(at) {
            b'\n' => 1,
            b'\r' if self.byte_at(at + 1) == b'\n' => 2,
            b'\r' => 1,
            0xC2 if self.exotic_breaks && self.byte_at(at + 1) == 0x85 => 2,
            0xE2 if self.exotic_breaks
                && self.byte_at(at + 1) == 0x80
                && matches!(self.byte_at(at + 2), 0xA8 | 0xA9) =>
            {
                3
            }
            _ => 0,
        }
    }

    pub(super) fn is_break_at(&self, at: usize) -> bool {
        self.break_length(at) > 0
    }

    /// Says whether a line break, white space or the end is there.
    pub(super) fn is_blankz_at(&self, at: usize) -> bool {
        match self.byte_at(at) {
            b' ' | b'\t' | b'\n' | b'\r' | 0 => true,
            0xC2 | 0xE2 => self.is_break_at(at),
            _ => false,
        }
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Steps over a line break, if one is here.
    pub(super) fn skip_line(&mut self) -> bool {
        let length = self.break_length(self.at);
        if length == 0 {
            return false;
        }
        self.at += length;
        self.line_start = self.at;
        true
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank_at(self.at) {
            self.at += 1;
        }
    }

    /// Steps over a comment, up to its line break.
    pub(super) fn skip_comment(&mut self) {
        if self.byte() == b'#' {
            self.at = self.line_end(self.at);
        }
    }

    /// Returns where the line ends that a place is in.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let end = match self.carriage_returns {
            false => memchr::memchr(b'\n', rest),
            true => memchr::memchr2(b'\n', b'\r', rest),
        };
        let end = from + end.unwrap_or(rest.len());
        if self.exotic_breaks {
            return (from..end).find(|&at| self.is_break_at(at)).unwrap_or(end);
        }
        end
    }

    /// Says whether `---` or `...` stands at the beginning of this line.
    pub(super) fn at_document_indicator(&self) -> bool {
        self.at == self.line_start
            && matches!(self.byte(), b'-' | b'.')
            && self
                .bytes
                .get(self.at..self.at + 3)
                .is_some_and(|mark| mark == b"---" || mark == b"...")
            && self.is_blankz_at(self.at + 3)
    }

    pub(super) fn problem(&self, message: &'static str, context: usize) -> Box<Problem> {
        Box::new(Problem {
            message: message.into(),
            at: self.at,
            context,
            by_scanner: true,
            after_end: self.after_end,
        })
    }

    pub(super) fn push(&mut self, kind: TokenKind<'t>, start: usize, end: usize) {
        self.queue.push_back(Token { kind, start: start as u32, end: end as u32 });
    }

    fn fetch_next(&mut self) -> Scan<()> {
        if !self.started {
            self.started = true;
            self.push(TokenKind::StreamStart, 0, 0);
            return Ok(());
        }
        self.skip_to_next_token();
        if self.flow_level == 0 {
            self.unroll_indent(self.column());
        }
        let at = self.at;
        if self.is_end() {
            return self.fetch_stream_end();
        }
        let byte = self.byte();
        if at == self.line_start {
            if byte == b'%' {
                return self.fetch_directive();
            }
            if self.at_document_indicator() {
                return self.fetch_document_indicator(byte);
            }
        }
        let flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.indicator(TokenKind::FlowEntry);
                Ok(())
            }
            b'-' if self.is_blankz_at(at + 1) => self.fetch_block_entry(),
            b'?' if flow || self.is_blankz_at(at + 1) => self.fetch_key(),
            b':' if flow || self.is_blankz_at(at + 1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block_scalar()?;
                self.queue.push_back(token);
                Ok(())
            }
            b'\'' | b'"' => {
                let may_be_key = self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.at;
                let (text, style) = self.scan_quoted_scalar()?;
                self.push_scalar(text, style, start, self.at, may_be_key);
                Ok(())
            }
            // What remains of these is followed by something else than white space.
            0 => Err(self.problem(CONTROL, self.at)),
            b'?' | b':' if flow => self.cannot_start(),
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => self.cannot_start(),
            _ => {
                let may_be_key = self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.at;
                let (text, end) = self.scan_plain_scalar()?;
                let may_be_key = may_be_key && end == self.at;
                self.push_scalar(text, crate::ScalarStyle::Plain, start, end, may_be_key);
                Ok(())
            }
        }
    }

    fn cannot_start(&self) -> Scan<()> {
        Err(self.problem("found character that cannot start any token", self.at))
    }

    /// Queues a scalar; where its `:` follows at once in block context, as the key that it is.
    fn push_scalar(
        &mut self,
        text: std::borrow::Cow<'t, str>,
        style: crate::ScalarStyle,
        start: usize,
        end: usize,
        may_be_key: bool,
    ) {
        let kind = TokenKind::Scalar(text, style);
        let is_key = may_be_key
            && self.flow_level == 0
            && self.byte() == b':'
            && start >= self.line_start
            && end - start <= SIMPLE_KEY_LIMIT
            && self.is_blankz_at(self.at + 1);
        if !is_key {
            return self.push(kind, start, end);
        }
        let Some(key) = self.simple_keys.last_mut() else { return };
        key.possible = false;
        key.awaited = false;
        let column = key.column;
        if self.indent < column && self.indents.len() < NESTING_LIMIT {
            self.indents.push(self.indent);
            self.indent = column;
            self.push(TokenKind::BlockMappingStart, start, start);
        } else if self.indent < column {
            // Too deep: the slow way says so.
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = true;
                key.awaited = true;
            }
            return self.push(kind, start, end);
        }
        self.push(TokenKind::Key, start, start);
        self.push(kind, start, end);
        self.simple_key_allowed = false;
        self.indicator(TokenKind::Value);
    }

    /// Steps over one byte and queues its token.
    fn indicator(&mut self, kind: TokenKind<'t>) {
        let start = self.at;
        self.at += 1;
        self.push(kind, start, self.at);
    }

    /// Says whether nothing waits: no token, and no key that must come.
    pub(super) fn may_skip_tokens(&self) -> bool {
        self.queue.is_empty()
            && self.flow_level == 0
            && self.lookahead == 0
            && !self.simple_keys.iter().any(|key| key.possible)
    }

    /// Returns where a plain key ends that begins here, and has its colon right behind it.
    pub(super) fn plain_key_end(&self) -> Option<usize> {
        let rest = self.bytes.get(self.at..)?;
        if !PLAIN_START[*rest.first()? as usize] {
            return None;
        }
        let length = rest.iter().position(|&byte| SPECIAL[byte as usize] & BLOCK != 0)?;
        let is_key = rest.get(length) == Some(&b':')
            && matches!(rest.get(length + 1), Some(b' ' | b'\n'))
            && length <= SIMPLE_KEY_LIMIT;
        is_key.then_some(self.at + length)
    }

    /// Says whether a plain scalar that begins here has no colon in its line.
    pub(super) fn plain_scalar_fills_line(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        matches!(memchr::memchr2(b':', b'\n', rest), Some(end) if rest.get(end) == Some(&b'\n'))
    }

    /// How many block collections are open.
    pub(super) fn depth(&self) -> usize {
        self.indents.len()
    }

    pub(super) fn push_indent(&mut self, column: i32) {
        self.indents.push(self.indent);
        self.indent = column;
    }

    pub(super) fn pop_indent(&mut self) {
        self.indent = self.indents.pop().unwrap_or(-1);
    }

    pub(super) fn skip_to_next_token(&mut self) {
        loop {
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|&&byte| byte == b' ' || (tabs && byte == b'\t'));
            self.at += blanks.count();
            self.skip_comment();
            if !self.skip_line() {
                return;
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Remembers that a simple key may begin here. Says whether it may.
    fn save_simple_key(&mut self) -> Scan<bool> {
        if !self.simple_key_allowed {
            return Ok(false);
        }
        self.remove_simple_key()?;
        let column = if self.flow_level == 0 { self.column() } else { 0 };
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == column,
            awaited: true,
            token_number: self.taken + self.queue.len(),
            at: self.at,
            column,
        };
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        Ok(true)
    }

    /// Forgets the possible key of this level; an error where it had to be one.
    fn remove_simple_key(&mut self) -> Scan<()> {
        let Some(key) = self.simple_keys.last().copied() else { return Ok(()) };
        if key.possible {
            if key.required {
                return Err(self.problem("could not find expected ':'", key.at));
            }
            if let Some(last) = self.simple_keys.last_mut() {
                last.possible = false;
                last.awaited = false;
            }
        }
        Ok(())
    }

    /// Opens a block collection where the column is deeper than the indentation.
    fn roll_indent(
        &mut self,
        column: i32,
        index: Option<usize>,
        kind: TokenKind<'t>,
        at: usize,
    ) -> Scan<()> {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > NESTING_LIMIT {
            return Err(self.too_deep());
        }
        self.insert(kind, index, at);
        Ok(())
    }

    fn too_deep(&self) -> Box<Problem> {
        let context = self.simple_keys.last().map_or(0, |key| key.at);
        let mut problem = self.problem("", context);
        problem.message = format!("exceeded max depth of {NESTING_LIMIT}").into();
        problem
    }

    /// Puts an empty token into the queue; at its end where the place is gone already.
    fn insert(&mut self, kind: TokenKind<'t>, index: Option<usize>, at: usize) {
        let token = Token { kind, start: at as u32, end: at as u32 };
        match index.filter(|&index| index <= self.queue.len()) {
            Some(index) => self.queue.insert(index, token),
            None => self.queue.push_back(token),
        }
    }

    /// Closes the block collections that are deeper than a column.
    fn unroll_indent(&mut self, column: i32) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.at, self.at);
            self.pop_indent();
        }
    }

    fn fetch_stream_end(&mut self) -> Scan<()> {
        // Go begins a new line here if the last one has anything in it.
        if self.at != self.line_start {
            self.after_end = true;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.at, self.at);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_indicator(&mut self, byte: u8) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.at;
        self.at += 3;
        let kind = if byte == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
        self.push(kind, start, self.at);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey {
            token_number: self.taken + self.queue.len(),
            at: self.at,
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        if self.flow_level > NESTING_LIMIT {
            return Err(self.too_deep());
        }
        self.simple_key_allowed = true;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Scan<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let closed = self.simple_keys.pop().unwrap_or_default();
            // An empty collection has the token number of the key that it may begin, and Go's
            // queue stops waiting for that key here: `{}: x` is an error.
            if let Some(outer) = self.simple_keys.last_mut()
                && outer.token_number == closed.token_number
            {
                outer.awaited = false;
            }
        }
        self.simple_key_allowed = false;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(
                    self.problem("block sequence entries are not allowed in this context", self.at)
                );
            }
            let column = self.column();
            self.roll_indent(column, None, TokenKind::BlockSequenceStart, self.at)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.problem("mapping keys are not allowed in this context", self.at));
            }
            let column = self.column();
            self.roll_indent(column, None, TokenKind::BlockMappingStart, self.at)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let level = self.simple_keys.len() - 1;
        if self.still_possible(level)? {
            let key = self.simple_keys.get(level).copied().unwrap_or_default();
            let index = key.token_number.checked_sub(self.taken);
            self.insert(TokenKind::Key, index, key.at);
            self.roll_indent(key.column, index, TokenKind::BlockMappingStart, key.at)?;
            if let Some(key) = self.simple_keys.get_mut(level) {
                key.possible = false;
                key.awaited = false;
            }
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(
                        self.problem("mapping values are not allowed in this context", self.at)
                    );
                }
                let column = self.column();
                self.roll_indent(column, None, TokenKind::BlockMappingStart, self.at)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(TokenKind::Value);
        Ok(())
    }

    fn fetch_anchor(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_anchor()
    }

    fn fetch_tag(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_tag()
    }
}

fn exhausted(at: usize) -> Box<Problem> {
    let message = "did not find expected token".into();
    Box::new(Problem { message, at, context: at, by_scanner: true, after_end: true })
}
