//! JSON as values, as Go's decoder reads it, with its errors in its words.

use crate::value::{MAX_DEPTH, Map, MapType, Str, Value};

use super::text::{push_rune, runes};

const UNEXPECTED_END: &str = "unexpected end of JSON input";

/// What a whole text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Anything.
    Any,
    /// A map, or null.
    Map,
    /// A list, or null.
    List,
}

/// What came of reading: the value, and what is wrong with it.
///
/// A text that is no JSON has only an error; a number too large leaves a 0 and an error.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) value: Option<Value>,
    pub(super) error: Option<String>,
}

/// Reads a text.
pub(super) fn read(text: &[u8], target: Target) -> Outcome {
    let mut reader =
        Reader { text, at: 0, depth: 0, path: String::new(), in_list: false, number_error: None };
    let value = match reader.document() {
        Ok(value) => value,
        Err(error) => return Outcome { value: None, error: Some(error) },
    };
    let mismatch = |what: &str, wanted: &str| Outcome {
        value: None,
        error: Some(format!("json: cannot unmarshal {what} into Go value of type {wanted}")),
    };
    let wanted = match target {
        Target::Any => "",
        Target::Map if matches!(value, Value::Map(_) | Value::Nil) => "",
        Target::List if matches!(value, Value::List(_) | Value::Nil) => "",
        Target::Map => "map[string]interface {}",
        Target::List => "[]interface {}",
    };
    if !wanted.is_empty() {
        return match &value {
            Value::Map(_) => mismatch("object", wanted),
            Value::List(_) => mismatch("array", wanted),
            Value::Bool(_) => mismatch("bool", wanted),
            Value::Str(_) => mismatch("string", wanted),
            _ => mismatch("number", wanted),
        };
    }
    Outcome { value: Some(value), error: reader.number_error }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// Where in the value we are, for errors about numbers.
    path: String,
    /// Whether the innermost container is a list.
    in_list: bool,
    number_error: Option<String>,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn document(&mut self) -> Read<Value> {
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.invalid("after top-level value"));
        }
        Ok(value)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Go's words for the character here being wrong.
    fn invalid(&self, place: &str) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match runes(rest).next() {
            None => UNEXPECTED_END.to_owned(),
            Some((super::text::REPLACEMENT, 1)) => {
                let byte = rest.first().copied().unwrap_or_default();
                format!("invalid character '\\x{byte:x}' {place}")
            }
            Some((rune, _)) => {
                let mut shown = Vec::new();
                crate::fmt::quote::escape_rune(&mut shown, rune, b'\'', false);
                format!("invalid character '{}' {place}", String::from_utf8_lossy(&shown))
            }
        }
    }

    fn value(&mut self) -> Read<Value> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Err(UNEXPECTED_END.to_owned()) };
        match byte {
            b'n' => self.literal("null", Value::Nil),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'"' => Ok(Value::string(self.string()?)),
            b'-' | b'0'..=b'9' => self.number(),
            b'{' | b'[' => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("exceeded max depth".to_owned());
                }
                let outer = std::mem::replace(&mut self.in_list, byte == b'[');
                let value = if byte == b'{' { self.map() } else { self.list() };
                self.in_list = outer;
                self.depth -= 1;
                value
            }
            _ => Err(self.invalid("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Read<Value> {
        for wanted in word.bytes() {
            match self.peek() {
                Some(byte) if byte == wanted => self.at += 1,
                _ => {
                    let expecting = char::from(wanted);
                    let place = format!("in literal {word} (expecting '{expecting}')");
                    return Err(self.invalid(&place));
                }
            }
        }
        Ok(value)
    }

    fn digits(&mut self) -> Read<()> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.invalid("in numeric literal"));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        let written = std::str::from_utf8(written).unwrap_or_default();
        let number = written.parse::<f64>().unwrap_or(0.0);
        if number.is_finite() {
            return Ok(Value::Float(number));
        }
        let into = if self.path.is_empty() {
            "Go value".to_owned()
        } else if self.in_list {
            self.path.clone()
        } else {
            format!("Go struct field {}", self.path)
        };
        self.number_error.get_or_insert_with(|| {
            format!("json: cannot unmarshal number {written} into {into} of type float64")
        });
        Ok(Value::Float(0.0))
    }

    fn map(&mut self) -> Read<Value> {
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(Map::new(MapType::Any)));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.invalid("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.invalid("after object key"));
            }
            self.at += 1;
            let path = self.path.len();
            self.path.push('.');
            self.path.push_str(&String::from_utf8_lossy(&key));
            let value = self.value()?;
            self.path.truncate(path);
            entries.push((Str::from(key), value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Map(Map::from_entries(MapType::Any, entries)));
                }
                _ => return Err(self.invalid("after object key:value pair")),
            }
        }
    }

    fn list(&mut self) -> Read<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            let path = self.path.len();
            self.path.push_str(&format!(".{}", items.len()));
            items.push(self.value()?);
            self.path.truncate(path);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                _ => return Err(self.invalid("after array element")),
            }
        }
    }

    fn string(&mut self) -> Read<Vec<u8>> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = |byte: &u8| (b' '..0x80).contains(byte) && !matches!(byte, b'"' | b'\\');
            let length = rest.iter().take_while(|byte| plain(byte)).count();
            let (start, after) = rest.split_at(length);
            out.extend_from_slice(start);
            self.at += length;
            match after.first() {
                None => return Err(UNEXPECTED_END.to_owned()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(0..=0x1f) => return Err(self.invalid("in string")),
                Some(_) => {
                    if let Some((rune, width)) = runes(after).next() {
                        push_rune(&mut out, rune);
                        self.at += width;
                    }
                }
            }
        }
    }

    fn four_digits(&self, at: usize) -> Option<u32> {
        let digits = std::str::from_utf8(self.text.get(at..at + 4)?).ok()?;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| hex)
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Read<()> {
        let simple = match self.text.get(self.at + 1) {
            None => return Err(UNEXPECTED_END.to_owned()),
            Some(letter @ (b'"' | b'\\' | b'/')) => *letter,
            Some(b'b') => b'\x08',
            Some(b'f') => b'\x0c',
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(out),
            Some(_) => return Err(self.invalid_escape(2)),
        };
        out.push(simple);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut Vec<u8>) -> Read<()> {
        let Some(first) = self.four_digits(self.at + 2) else {
            let rest = self.text.get(self.at + 2..).unwrap_or_default();
            let cut = rest.len() < 4 && rest.iter().all(u8::is_ascii_hexdigit);
            return Err(if cut { UNEXPECTED_END.to_owned() } else { self.invalid_escape(6) });
        };
        self.at += 6;
        let mut rune = char::from_u32(first);
        if (0xd800..0xdc00).contains(&first)
            && self.text.get(self.at..self.at + 2) == Some(b"\\u")
            && let Some(second) = self.four_digits(self.at + 2)
            && (0xdc00..0xe000).contains(&second)
        {
            self.at += 6;
            rune = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        }
        // Half a pair comes out as U+FFFD.
        push_rune(out, rune.unwrap_or(super::text::REPLACEMENT));
        Ok(())
    }

    fn invalid_escape(&self, length: usize) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let shown = rest.get(..length).unwrap_or(rest);
        let plain = std::str::from_utf8(shown).ok().filter(|text| {
            text.chars().all(|c| c != '`' && !c.is_whitespace() && crate::fmt::quote::is_print(c))
        });
        match plain {
            Some(text) => format!("invalid escape sequence `{text}` in string"),
            None => format!("invalid escape sequence {} in string", super::text::go_quote(shown)),
        }
    }
}
