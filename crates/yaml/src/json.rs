//! Strict JSON with places: for files that people write and programs must not guess at.
//!
//! In goes a text, out comes the same [`Node`] as for YAML, or everything that is wrong with the
//! text in words that a person understands. Common slips (trailing comma, comment, single quotes)
//! are named and read over, so that what comes after them is checked as well.
//! It never accepts more than RFC 8259 allows.

use crate::{Error, Kind, Node, ScalarStyle, Span};

/// How deep lists and maps may lie in one another.
pub const NESTING_LIMIT: usize = 128;
/// After so many errors reading stops.
const ERROR_LIMIT: usize = 50;

/// Reads one JSON document, or says all that is wrong with it.
pub fn parse(text: &str) -> Result<Node, Vec<Error>> {
    read(text, false)
}

/// As [`parse`], but a key may occur twice in an object, as for most programs that read JSON: the node has both
/// entries, and the later one counts.
pub fn parse_with_repeats(text: &str) -> Result<Node, Vec<Error>> {
    read(text, true)
}

fn read(text: &str, repeats: bool) -> Result<Node, Vec<Error>> {
    let bytes = text.as_bytes();
    let mut reader = Reader { text, bytes, at: 0, depth: 0, repeats, errors: Vec::new() };
    if text.starts_with('\u{feff}') {
        reader.error("the file begins with a byte order mark; save it as UTF-8 without one", 0);
        reader.at = '\u{feff}'.len_utf8();
    }
    let node = reader.document();
    if reader.errors.is_empty()
        && let Some(node) = node
    {
        return Ok(node);
    }
    let mut errors = reader.errors;
    errors.sort_by_key(|error| error.offset);
    Err(errors)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    /// Whether a key may occur twice in an object.
    repeats: bool,
    errors: Vec<Error>,
}

/// `None` says that the error is told and reading cannot go on.
type Read<T> = Option<T>;

impl Reader<'_> {
    fn document(&mut self) -> Read<Node> {
        self.skip_blanks()?;
        if self.peek().is_none() {
            return self.fail("the file is empty; a JSON value is expected", self.at);
        }
        let node = self.value()?;
        self.skip_blanks()?;
        if self.peek().is_some() {
            let found = self.found();
            return self.fail(format!("expected the end of the file, found {found}"), self.at);
        }
        Some(node)
    }

    fn value(&mut self) -> Read<Node> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.nested(Self::map),
            Some(b'[') => self.nested(Self::list),
            Some(quote @ (b'"' | b'\'')) => {
                let text = self.string(quote)?;
                let mut node = Node::new(Kind::String(text), Span::new(start, self.at));
                node.style = ScalarStyle::DoubleQuoted;
                Some(node)
            }
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            _ => {
                let found = self.found();
                self.fail(format!("expected a value, found {found}"), start)
            }
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Kind>) -> Read<Node> {
        let start = self.at;
        if self.depth == NESTING_LIMIT {
            let message =
                format!("lists and objects are nested deeper than {NESTING_LIMIT} levels");
            return self.fail(message, start);
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        let mut node = Node::new(kind, Span::new(start, self.at));
        node.flow = true;
        Some(node)
    }

    fn list(&mut self) -> Read<Kind> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks()?;
            if self.peek() == Some(b']') {
                self.at += 1;
                return Some(Kind::List(items));
            }
            items.push(self.value()?);
            if self.separator(b']', "list")? {
                return Some(Kind::List(items));
            }
        }
    }

    fn map(&mut self) -> Read<Kind> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        loop {
            self.skip_blanks()?;
            if self.peek() == Some(b'}') {
                self.at += 1;
                return Some(Kind::Map(entries));
            }
            let start = self.at;
            let key = self.key()?;
            let span = Span::new(start, self.at);
            if !seen.insert(key.clone()) && !self.repeats {
                self.error(format!("key `{key}` occurs twice in the same object"), start);
            }
            self.skip_blanks()?;
            if self.peek() != Some(b':') {
                let found = self.found();
                return self
                    .fail(format!("expected `:` after key `{key}`, found {found}"), self.at);
            }
            self.at += 1;
            self.skip_blanks()?;
            let value = self.value()?;
            let mut key = Node::new(Kind::String(key), span);
            key.style = ScalarStyle::DoubleQuoted;
            entries.push((key, value));
            if self.separator(b'}', "object")? {
                return Some(Kind::Map(entries));
            }
        }
    }

    fn key(&mut self) -> Read<String> {
        let start = self.at;
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.string(quote),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let word = self.take_word().to_owned();
                self.error(format!("key `{word}` must be in double quotes"), start);
                Some(word)
            }
            _ => {
                let found = self.found();
                self.fail(format!("expected a key in double quotes or `}}`, found {found}"), start)
            }
        }
    }

    /// Reads `,` or the end; says whether it was the end.
    fn separator(&mut self, end: u8, what: &str) -> Read<bool> {
        self.skip_blanks()?;
        match self.peek() {
            Some(byte) if byte == end => {
                self.at += 1;
                Some(true)
            }
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.skip_blanks()?;
                if self.peek() == Some(end) {
                    let closing = char::from(end);
                    self.error(format!("a comma before `{closing}` is not allowed"), comma);
                }
                Some(false)
            }
            None => {
                let closing = char::from(end);
                self.fail(format!("the file ends inside a {what}; `{closing}` is missing"), self.at)
            }
            Some(_) => {
                let found = self.found();
                let closing = char::from(end);
                self.fail(format!("expected `,` or `{closing}`, found {found}"), self.at)
            }
        }
    }

    fn word(&mut self) -> Read<Node> {
        let start = self.at;
        let word = self.take_word().to_owned();
        let kind = match word.as_str() {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => {
                let message = match word.to_ascii_lowercase().as_str() {
                    lower @ ("null" | "true" | "false") => {
                        format!("`{word}` must be written `{lower}`")
                    }
                    "none" | "nil" | "undefined" => format!("`{word}` must be written `null`"),
                    "nan" | "infinity" => format!("`{word}` is no JSON number"),
                    _ => format!("text `{word}` must be in double quotes"),
                };
                self.error(message, start);
                Kind::String(word)
            }
        };
        Some(Node::new(kind, Span::new(start, self.at)))
    }

    fn take_word(&mut self) -> &str {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let ends = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn number(&mut self) -> Read<Node> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let in_number =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_');
        self.at += rest.iter().position(|byte| !in_number(byte)).unwrap_or(rest.len());
        let written = self.text.get(start..self.at).unwrap_or_default();
        if let Some(message) = number_problem(written) {
            self.error(message, start);
            return Some(Node::new(Kind::Int(0), Span::new(start, self.at)));
        }
        let kind = if let Ok(number) = written.parse::<i64>() {
            // JSON's -0 is a float: the sign would be lost.
            if number == 0 && written.starts_with('-') {
                Kind::Float(-0.0)
            } else {
                Kind::Int(number)
            }
        } else if let Ok(number) = written.parse::<u64>() {
            Kind::Uint(number)
        } else {
            match written.parse::<f64>() {
                Ok(number) if number.is_finite() => Kind::Float(number),
                _ => {
                    self.error(format!("number `{written}` is too large"), start);
                    Kind::Int(0)
                }
            }
        };
        Some(Node::new(kind, Span::new(start, self.at)))
    }

    fn string(&mut self, quote: u8) -> Read<String> {
        let start = self.at;
        if quote == b'\'' {
            self.error("text must be in double quotes, not single quotes", start);
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let special = |byte: &u8| *byte == quote || *byte == b'\\' || *byte < 0x20;
            let Some(length) = rest.iter().position(special) else {
                return self.fail("the closing quote of this text is missing", start);
            };
            text.push_str(self.text.get(self.at..self.at + length).unwrap_or_default());
            self.at += length;
            match self.peek() {
                Some(b'\\') => self.escape(&mut text)?,
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Some(text);
                }
                Some(b'\n' | b'\r') => {
                    return self
                        .fail("the closing quote of this text is missing on its line", start);
                }
                Some(0) => {
                    return self.fail("there is a NUL byte in this text", self.at);
                }
                Some(byte) => {
                    let message = match byte {
                        b'\t' => "a tab in a text must be written `\\t`".to_owned(),
                        _ => format!(
                            "control character U+{byte:04X} must be written `\\u{byte:04x}`"
                        ),
                    };
                    self.error(message, self.at);
                    text.push(char::from(byte));
                    self.at += 1;
                }
                None => return self.fail("the closing quote of this text is missing", start),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Read<()> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                text.push(self.unicode_escape(start)?);
                return Some(());
            }
            _ => {
                let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
                let written = found.map_or(String::new(), String::from);
                self.error(
                    format!("`\\{written}` is no JSON escape; a backslash is `\\\\`"),
                    start,
                );
                return Some(());
            }
        };
        self.at += 1;
        text.push(plain);
        Some(())
    }

    fn unicode_escape(&mut self, start: usize) -> Read<char> {
        let Some(first) = self.four_digits() else {
            return self.fail("`\\u` must be followed by four hexadecimal digits", start);
        };
        if let Some(character) = char::from_u32(first) {
            return Some(character);
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if (0xD800..0xDC00).contains(&first) && rest.starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            if let Some(second @ 0xDC00..0xE000) = self.four_digits() {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Some(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.at = back;
        }
        self.error(
            format!("`\\u{first:04x}` is half of a surrogate pair without the other half"),
            start,
        );
        Some('\u{fffd}')
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Skips white space; names comments and skips them as well.
    fn skip_blanks(&mut self) -> Read<()> {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let length = if rest.starts_with(b"//") || rest.starts_with(b"#") {
                memchr::memchr(b'\n', rest).unwrap_or(rest.len())
            } else if rest.starts_with(b"/*") {
                memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2)
            } else {
                return Some(());
            };
            self.error("comments are not allowed in JSON", self.at);
            self.at += length;
            if self.errors.len() >= ERROR_LIMIT {
                return None;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Returns the words for what stands here.
    fn found(&self) -> String {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the end of the file".to_owned(),
            Some('\0') => "a NUL byte".to_owned(),
            Some(character) if character.is_control() => {
                format!("control character U+{:04X}", u32::from(character))
            }
            Some(character) => format!("`{character}`"),
        }
    }

    fn error(&mut self, message: impl Into<String>, offset: usize) {
        if self.errors.len() < ERROR_LIMIT {
            self.errors.push(Error::at(message, self.text, offset));
        }
    }

    fn fail<T>(&mut self, message: impl Into<String>, offset: usize) -> Read<T> {
        self.error(message, offset);
        None
    }
}

/// Says what is wrong with a number, if something is (RFC 8259, section 6).
fn number_problem(written: &str) -> Option<String> {
    let unsigned = written.strip_prefix('-').unwrap_or(written);
    let digits_of = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits_of(unsigned);
    if written.starts_with('+') {
        return Some(format!("number `{written}` must not begin with `+`"));
    }
    if whole == 0 {
        return Some(match unsigned.strip_prefix('.') {
            Some(_) => format!("number `{written}` needs a digit before the point"),
            None => format!("`{written}` is no JSON number"),
        });
    }
    if whole > 1 && unsigned.starts_with('0') {
        return Some(format!("number `{written}` must not begin with a zero"));
    }
    let mut rest = unsigned.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = digits_of(fraction);
        if digits == 0 {
            return Some(format!("number `{written}` needs a digit after the point"));
        }
        rest = fraction.get(digits..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let digits = digits_of(exponent);
        if digits == 0 {
            return Some(format!("number `{written}` needs digits in its exponent"));
        }
        rest = exponent.get(digits..).unwrap_or_default();
    }
    (!rest.is_empty())
        .then(|| format!("`{written}` is no JSON number; text must be in double quotes"))
}
