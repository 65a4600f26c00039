//! Splits template text into tokens, as Go's text/template/parse does: one at a time, on demand.

use memchr::memmem::Finder;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Error,
    Eof,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    // Keywords from here on.
    Dot,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl TokenKind {
    pub(crate) fn is_keyword(self) -> bool {
        use TokenKind::*;
        matches!(
            self,
            Dot | Block
                | Break
                | Continue
                | Define
                | Else
                | End
                | If
                | Nil
                | Range
                | Template
                | With
        )
    }
}

/// One token, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The scanner.
#[derive(Debug)]
pub(crate) struct Lexer<'a> {
    source: &'a [u8],
    position: usize,
    start: usize,
    paren_depth: usize,
    inside_action: bool,
    /// The message of the last error token; after an error there are no more tokens.
    pub(crate) error: String,
    failed: bool,
    left_delim: Finder<'static>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(source: &'a [u8]) -> Lexer<'a> {
        Lexer {
            source,
            position: 0,
            start: 0,
            paren_depth: 0,
            inside_action: false,
            error: String::new(),
            failed: false,
            left_delim: Finder::new(b"{{"),
        }
    }

    /// Returns the line that a token starts on; only messages ask for it.
    pub(crate) fn line(&self, token: Token) -> usize {
        let before = self.source.get(..token.start as usize).unwrap_or(self.source);
        1 + memchr::memchr_iter(b'\n', before).count()
    }

    /// Returns the next token.
    pub(crate) fn next_token(&mut self) -> Token {
        if self.failed {
            return self.token(TokenKind::Eof, self.start);
        }
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    fn rest(&self) -> &'a [u8] {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn emit(&mut self, kind: TokenKind) -> Token {
        let token = self.token(kind, self.position);
        self.start = self.position;
        token
    }

    fn token(&self, kind: TokenKind, end: usize) -> Token {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Token { kind, start: offset(self.start), end: offset(end) }
    }

    fn fail(&mut self, message: impl Into<String>) -> Token {
        self.error = message.into();
        self.failed = true;
        self.token(TokenKind::Error, self.position)
    }

    /// Skips what lies between start and position.
    fn ignore(&mut self) {
        self.start = self.position;
    }

    fn text(&mut self) -> Token {
        loop {
            let rest = self.rest();
            let Some(found) = self.left_delim.find(rest) else {
                self.position = self.source.len();
                if self.position == self.start {
                    return self.emit(TokenKind::Eof);
                }
                return self.emit(TokenKind::Text);
            };
            if found > 0 {
                let text = rest.get(..found).unwrap_or_default();
                let after = rest.get(found + 2..).unwrap_or_default();
                let kept = if has_left_trim(after) { trim_end(text).len() } else { found };
                self.position += kept;
                let token = self.emit(TokenKind::Text);
                self.position += found - kept;
                self.ignore();
                if kept > 0 {
                    return token;
                }
            }
            let trim = if has_left_trim(self.rest().get(2..).unwrap_or_default()) { 2 } else { 0 };
            let after = self.rest().get(2 + trim..).unwrap_or_default();
            if !after.starts_with(b"/*") {
                self.position += 2;
                let token = self.emit(TokenKind::LeftDelim);
                self.inside_action = true;
                self.position += trim;
                self.ignore();
                self.paren_depth = 0;
                return token;
            }
            self.position += 2 + trim;
            self.ignore();
            // From the opening of the comment on: "/*/" does not close itself.
            let Some(end) = memchr::memmem::find(after.get(2..).unwrap_or_default(), b"*/") else {
                return self.fail("unclosed comment");
            };
            self.position += 2 + end + 2;
            let Some(trimmed) = right_delim(self.rest()) else {
                return self.fail("comment ends before closing delimiter");
            };
            self.skip_right_delim(trimmed);
            self.ignore();
        }
    }

    fn skip_right_delim(&mut self, trimmed: bool) {
        self.position += if trimmed { 4 } else { 2 };
        if trimmed {
            let rest = self.rest();
            self.position += rest.len() - trim_start(rest).len();
        }
    }

    fn close_action(&mut self, trimmed: bool) -> Token {
        if trimmed {
            self.position += 2;
            self.ignore();
        }
        self.position += 2;
        let token = self.emit(TokenKind::RightDelim);
        if trimmed {
            let rest = self.rest();
            self.position += rest.len() - trim_start(rest).len();
            self.ignore();
        }
        self.inside_action = false;
        token
    }

    fn inside_action(&mut self) -> Token {
        let rest = self.rest();
        if let Some(trimmed) = right_delim(rest) {
            if self.paren_depth == 0 {
                return self.close_action(trimmed);
            }
            return self.fail("unclosed left paren");
        }
        let Some(&first) = rest.first() else {
            return self.fail("unclosed action");
        };
        let second = rest.get(1).copied();
        match first {
            b' ' | b'\t' | b'\r' | b'\n' => self.space(),
            b'=' => self.single(TokenKind::Assign),
            b':' => {
                if second != Some(b'=') {
                    return self.fail("expected :=");
                }
                self.position += 2;
                self.emit(TokenKind::Declare)
            }
            b'|' => self.single(TokenKind::Pipe),
            b'"' => self.quoted(b'"', TokenKind::String, "unterminated quoted string"),
            b'\'' => self.quoted(b'\'', TokenKind::CharConstant, "unterminated character constant"),
            b'`' => {
                let Some(end) = memchr::memchr(b'`', rest.get(1..).unwrap_or_default()) else {
                    return self.fail("unterminated raw quoted string");
                };
                self.position += end + 2;
                self.emit(TokenKind::RawString)
            }
            b'$' => {
                self.position += 1;
                self.field_or_variable(TokenKind::Variable)
            }
            b'.' if !second.is_some_and(|byte| byte.is_ascii_digit()) && second.is_some() => {
                self.position += 1;
                self.field_or_variable(TokenKind::Field)
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' => self.number(),
            b'(' => {
                self.paren_depth += 1;
                self.single(TokenKind::LeftParen)
            }
            b')' => {
                if self.paren_depth == 0 {
                    return self.fail("unexpected right paren");
                }
                self.paren_depth -= 1;
                self.single(TokenKind::RightParen)
            }
            _ => {
                let (character, width) = decode(rest);
                if is_alphanumeric(character) {
                    self.identifier()
                } else if character.is_some_and(|c| c.is_ascii_graphic()) {
                    self.single(TokenKind::Char)
                } else {
                    self.position += width;
                    let shown = unicode_name(character);
                    self.fail(format!("unrecognized character in action: {shown}"))
                }
            }
        }
    }

    fn single(&mut self, kind: TokenKind) -> Token {
        self.position += 1;
        self.emit(kind)
    }

    fn space(&mut self) -> Token {
        let rest = self.rest();
        let mut count = rest.len() - trim_start(rest).len();
        // The last space may belong to a trimming delimiter.
        let from_last = rest.get(count.saturating_sub(1)..).unwrap_or_default();
        if has_right_trim(from_last)
            && from_last.get(2..).is_some_and(|rest| rest.starts_with(b"}}"))
        {
            if count == 1 {
                return self.close_action(true);
            }
            count -= 1;
        }
        self.position += count;
        self.emit(TokenKind::Space)
    }

    fn quoted(&mut self, quote: u8, kind: TokenKind, unterminated: &str) -> Token {
        let mut bytes = self.rest().iter().copied().enumerate().skip(1);
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' if matches!(bytes.next(), Some((_, escaped)) if escaped != b'\n') => {}
                b'\\' | b'\n' => break,
                byte if byte == quote => {
                    self.position += at + 1;
                    return self.emit(kind);
                }
                _ => {}
            }
        }
        self.fail(unterminated)
    }

    fn identifier(&mut self) -> Token {
        self.skip_alphanumeric();
        let word = self.source.get(self.start..self.position).unwrap_or_default();
        if let Some(token) = self.bad_terminator() {
            return token;
        }
        let kind = match word {
            b"block" => TokenKind::Block,
            b"break" => TokenKind::Break,
            b"continue" => TokenKind::Continue,
            b"define" => TokenKind::Define,
            b"else" => TokenKind::Else,
            b"end" => TokenKind::End,
            b"if" => TokenKind::If,
            b"nil" => TokenKind::Nil,
            b"range" => TokenKind::Range,
            b"template" => TokenKind::Template,
            b"with" => TokenKind::With,
            b"true" | b"false" => TokenKind::Bool,
            _ => TokenKind::Identifier,
        };
        self.emit(kind)
    }

    fn field_or_variable(&mut self, kind: TokenKind) -> Token {
        if self.at_terminator() {
            return self.emit(if kind == TokenKind::Field { TokenKind::Dot } else { kind });
        }
        self.skip_alphanumeric();
        if let Some(token) = self.bad_terminator() {
            return token;
        }
        self.emit(kind)
    }

    fn skip_alphanumeric(&mut self) {
        loop {
            let rest = self.rest();
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            let word = rest.iter().take_while(|byte| is_word(byte)).count();
            self.position += word;
            match rest.get(word) {
                Some(byte) if !byte.is_ascii() => {
                    let (character, width) = decode(self.rest());
                    if !is_alphanumeric(character) {
                        return;
                    }
                    self.position += width;
                }
                _ => return,
            }
        }
    }

    fn bad_terminator(&mut self) -> Option<Token> {
        if self.at_terminator() {
            return None;
        }
        let (character, width) = decode(self.rest());
        self.position += width;
        let shown = unicode_name(character);
        Some(self.fail(format!("bad character {shown}")))
    }

    fn at_terminator(&self) -> bool {
        match self.rest().first() {
            None => true,
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            Some(b'}') => self.rest().starts_with(b"}}"),
            Some(_) => false,
        }
    }

    fn number(&mut self) -> Token {
        let mut good = self.scan_number();
        let mut kind = TokenKind::Number;
        if good && matches!(self.rest().first(), Some(b'+' | b'-')) {
            good = self.scan_number()
                && self.position.checked_sub(1).and_then(|at| self.source.get(at)) == Some(&b'i');
            kind = TokenKind::Complex;
        }
        if good {
            return self.emit(kind);
        }
        let text = self.source.get(self.start..self.position).unwrap_or_default();
        let shown = crate::fmt::quote::quote(text);
        self.fail(format!("bad number syntax: {shown}"))
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let found = self.rest().first().is_some_and(|byte| valid.contains(byte));
        self.position += usize::from(found);
        found
    }

    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits: &[u8] = b"0123456789_";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = b"0123456789abcdefABCDEF_";
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(b".") {
            while self.accept(digits) {}
        }
        let exponent: &[u8] = match digits.len() {
            11 => b"eE",
            23 => b"pP",
            _ => b"",
        };
        if self.accept(exponent) {
            self.accept(b"+-");
            while self.accept(b"0123456789_") {}
        }
        self.accept(b"i");
        let (character, width) = decode(self.rest());
        if is_alphanumeric(character) {
            self.position += width;
            return false;
        }
        true
    }
}

/// Reports whether a right delimiter starts here, and if so whether it trims.
fn right_delim(text: &[u8]) -> Option<bool> {
    if text.starts_with(b"}}") {
        return Some(false);
    }
    let trims = has_right_trim(text) && text.get(2..).is_some_and(|rest| rest.starts_with(b"}}"));
    trims.then_some(true)
}

fn has_left_trim(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn has_right_trim(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn trim_start(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| is_space(**byte)).count();
    text.get(spaces..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let spaces = text.iter().rev().take_while(|byte| is_space(**byte)).count();
    text.get(..text.len() - spaces).unwrap_or_default()
}

/// Returns the first character (none for the end of text, U+FFFD for broken UTF-8) and its width.
fn decode(text: &[u8]) -> (Option<char>, usize) {
    match text.first() {
        None => (None, 0),
        Some(byte) if byte.is_ascii() => (Some(char::from(*byte)), 1),
        Some(_) => {
            let (character, width) = crate::fmt::quote::decode_rune(text);
            (Some(character.unwrap_or(char::REPLACEMENT_CHARACTER)), width)
        }
    }
}

fn is_alphanumeric(character: Option<char>) -> bool {
    character.is_some_and(|c| c == '_' || c.is_alphanumeric())
}

/// Writes a character as Go's `%#U` does; the end of text counts as U+FFFFFFFFFFFFFFFF there.
fn unicode_name(character: Option<char>) -> String {
    match character {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(c) if crate::fmt::quote::is_print(c) => format!("U+{:04X} '{c}'", u32::from(c)),
        Some(c) => format!("U+{:04X}", u32::from(c)),
    }
}
