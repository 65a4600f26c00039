//! Values as JSON, as Go's encoder writes them.

use crate::value::{MAX_DEPTH, TooDeep, Value};

use super::text::float_text;
use super::text::runes;

/// Why a value cannot be JSON.
#[derive(Debug)]
pub(super) enum JsonError {
    /// Infinity or not a number.
    Unsupported(f64),
    /// Nested without end.
    TooDeep,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JsonError::Unsupported(number) => {
                write!(f, "json: unsupported value: {}", float_text(*number))
            }
            JsonError::TooDeep => write!(f, "{TooDeep}"),
        }
    }
}

/// How to write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Whether `<`, `>` and `&` are escaped.
    pub(super) escape_html: bool,
    /// Whether every element has a line of its own, indented by two spaces.
    pub(super) pretty: bool,
}

/// Returns a value as JSON.
pub(super) fn write(value: &Value, style: Style) -> Result<Vec<u8>, JsonError> {
    let mut writer = Writer { out: Vec::new(), style, depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    style: Style,
    depth: usize,
}

impl Writer {
    fn put(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    fn value(&mut self, value: &Value) -> Result<(), JsonError> {
        match value {
            Value::Nil => self.put(b"null"),
            Value::Bool(true) => self.put(b"true"),
            Value::Bool(false) => self.put(b"false"),
            Value::Int(int) => self.put(int.to_string().as_bytes()),
            Value::Float(number) => match yaml::json_float(*number) {
                Some(text) => self.put(text.as_bytes()),
                None => return Err(JsonError::Unsupported(*number)),
            },
            Value::Str(text) => self.string(text),
            Value::Bytes(bytes) => self.string(super::encoding::base64_encode(bytes).as_bytes()),
            Value::List(list) if list.is_nil() => self.put(b"null"),
            Value::List(list) => {
                let items = list.items();
                self.container(b"[]", items.len(), |writer, index| match items.get(index) {
                    Some(item) => writer.value(item),
                    None => Ok(()),
                })?;
            }
            Value::Map(map) if map.is_nil() => self.put(b"null"),
            Value::Map(map) => {
                let entries = map.entries();
                self.container(b"{}", entries.len(), |writer, index| match entries.get(index) {
                    Some((key, item)) => writer.member(key, item),
                    None => Ok(()),
                })?;
            }
            Value::Object(object) => match object.json() {
                Some(plain) => {
                    self.deeper()?;
                    self.value(&plain)?;
                    self.depth -= 1;
                }
                None => {
                    let fields = object.json_fields();
                    self.container(b"{}", fields.len(), |writer, index| match fields.get(index) {
                        Some((name, item)) => writer.member(name.as_bytes(), item),
                        None => Ok(()),
                    })?;
                }
            },
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonError::TooDeep) } else { Ok(()) }
    }

    fn container(
        &mut self,
        brackets: &[u8; 2],
        length: usize,
        mut element: impl FnMut(&mut Writer, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let [open, close] = *brackets;
        self.out.push(open);
        self.deeper()?;
        for index in 0..length {
            if index > 0 {
                self.out.push(b',');
            }
            self.line();
            element(self, index)?;
        }
        self.depth -= 1;
        if length > 0 {
            self.line();
        }
        self.out.push(close);
        Ok(())
    }

    fn line(&mut self) {
        if self.style.pretty {
            self.out.push(b'\n');
            self.out.extend(std::iter::repeat_n(b' ', 2 * self.depth));
        }
    }

    fn member(&mut self, key: &[u8], item: &Value) -> Result<(), JsonError> {
        self.string(key);
        self.put(if self.style.pretty { b": " } else { b":" });
        self.value(item)
    }

    fn string(&mut self, text: &[u8]) {
        let html = self.style.escape_html;
        let plain = |byte: u8| {
            (b' '..0x80).contains(&byte)
                && !matches!(byte, b'"' | b'\\')
                && !(html && matches!(byte, b'<' | b'>' | b'&'))
        };
        self.out.push(b'"');
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.iter().take_while(|&&byte| plain(byte)).count();
            let (start, after) = rest.split_at(length);
            self.put(start);
            let Some((rune, width)) = runes(after).next() else { break };
            match rune {
                '"' => self.put(b"\\\""),
                '\\' => self.put(b"\\\\"),
                '\x08' => self.put(b"\\b"),
                '\x0c' => self.put(b"\\f"),
                '\n' => self.put(b"\\n"),
                '\r' => self.put(b"\\r"),
                '\t' => self.put(b"\\t"),
                '\u{2028}' | '\u{2029}' | '<' | '>' | '&' | '\0'..='\x1f' => {
                    self.put(format!("\\u{:04x}", u32::from(rune)).as_bytes());
                }
                // A byte that is not UTF-8 comes out as U+FFFD.
                _ => super::text::push_rune(&mut self.out, rune),
            }
            rest = after.get(width..).unwrap_or_default();
        }
        self.out.push(b'"');
    }
}
