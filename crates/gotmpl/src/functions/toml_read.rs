//! `fromToml`: TOML 1.0 as values, as BurntSushi's TOML library reads it.
//!
//! Values and types are the library's; of its errors the common ones have its words.

use crate::gotime::{Time, Zone};
use crate::value::{List, ListType, MAX_DEPTH, Map, MapType, Value};

use super::cast::{parse_float, parse_int};
use super::dates::time_value;

/// Returns the document as a map, or what is wrong with it.
pub(super) fn read(text: &[u8]) -> Result<Value, String> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Err("toml: line 1: invalid UTF-8 byte".to_owned());
    };
    let root = Map::new(MapType::Any);
    let mut reader = Reader { rest: text, whole: text, last_key: String::new(), depth: 0 };
    let mut table = root.clone();
    let mut defined: Vec<Vec<String>> = Vec::new();
    loop {
        reader.skip_blank();
        if reader.rest.is_empty() {
            return Ok(Value::Map(root));
        }
        if let Some(after) = reader.rest.strip_prefix("[[") {
            reader.rest = after;
            let path = reader.path()?;
            reader.expect("]]")?;
            // Tables below a new element may be defined again.
            defined.retain(|other| !(other.len() > path.len() && other.starts_with(&path)));
            table = reader.list_table(&root, &path)?;
        } else if let Some(after) = reader.rest.strip_prefix('[') {
            reader.rest = after;
            let path = reader.path()?;
            reader.expect("]")?;
            if defined.contains(&path) {
                return reader.defined_already(&path);
            }
            table = reader.descend(&root, &path)?;
            defined.push(path);
        } else {
            reader.pair(&table)?;
        }
        reader.end_of_line()?;
    }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
    last_key: String,
    depth: usize,
}

type Read<T> = Result<T, String>;

impl<'a> Reader<'a> {
    fn error<T>(&self, message: &str) -> Read<T> {
        let at = self.whole.len() - self.rest.len();
        let before = self.whole.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let key = if self.last_key.is_empty() {
            String::new()
        } else {
            format!(" (last key \"{}\")", self.last_key)
        };
        Err(format!("toml: line {line}{key}: {message}"))
    }

    /// An error about the next character, or the end.
    fn expected<T>(&self, what: &str) -> Read<T> {
        match self.rest.chars().next() {
            None => self.error(&format!("unexpected EOF; expected {what}")),
            Some(found) => self.error(&format!("expected {what} but found {found:?} instead")),
        }
    }

    fn defined_already<T>(&self, path: &[String]) -> Read<T> {
        self.error(&format!("Key '{}' has already been defined.", path.join(".")))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_comment(&mut self) {
        if self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(end);
        }
    }

    fn skip_blank(&mut self) {
        loop {
            let before = self.rest.len();
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.skip_comment();
            if self.rest.len() == before {
                return;
            }
        }
    }

    fn expect(&mut self, text: &str) -> Read<()> {
        self.skip_space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.expected(&format!("'{text}'")),
        }
    }

    fn end_of_line(&mut self) -> Read<()> {
        self.skip_space();
        self.skip_comment();
        if self.rest.is_empty() || self.rest.starts_with(['\n', '\r']) {
            return Ok(());
        }
        let found = self.rest.chars().next().unwrap_or(' ');
        self.error(&format!(
            "expected a top-level item to end with a newline, comment, or EOF, but got {found:?} instead"
        ))
    }

    fn path(&mut self) -> Read<Vec<String>> {
        let mut path = Vec::new();
        loop {
            self.skip_space();
            let key = match self.rest.chars().next() {
                Some('"') => self.basic_string()?,
                Some('\'') => self.literal_string()?,
                _ => {
                    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    let length = self.rest.find(|c| !bare(c)).unwrap_or(self.rest.len());
                    if length == 0 {
                        return self.expected("a key");
                    }
                    self.take(length).to_owned()
                }
            };
            path.push(key);
            self.skip_space();
            match self.rest.strip_prefix('.') {
                Some(rest) => self.rest = rest,
                None => return Ok(path),
            }
        }
    }

    /// Goes down to the table of a path and makes what is missing.
    fn descend(&self, from: &Map, path: &[String]) -> Read<Map> {
        let mut table = from.clone();
        for key in path {
            let next = match table.get(key.as_bytes()) {
                Some(Value::Map(map)) => map,
                Some(Value::List(list)) => match list.items().last() {
                    Some(Value::Map(map)) => map.clone(),
                    _ => return self.defined_already(path),
                },
                Some(_) => return self.defined_already(path),
                None => {
                    let map = Map::new(MapType::Any);
                    table.insert(key.as_str(), Value::Map(map.clone()));
                    map
                }
            };
            table = next;
        }
        Ok(table)
    }

    /// Adds a table to the list of tables at a path.
    fn list_table(&self, root: &Map, path: &[String]) -> Read<Map> {
        let Some((last, before)) = path.split_last() else { return self.expected("a key") };
        let parent = self.descend(root, before)?;
        let map = Map::new(MapType::Any);
        let mut items = match parent.get(last.as_bytes()) {
            None => Vec::new(),
            Some(Value::List(list)) if list.list_type() == ListType::Maps => {
                list.items().as_ref().clone()
            }
            Some(_) => return self.defined_already(path),
        };
        items.push(Value::Map(map.clone()));
        parent.insert(last.as_str(), Value::List(List::new(ListType::Maps, items)));
        Ok(map)
    }

    fn pair(&mut self, table: &Map) -> Read<()> {
        let path = self.path()?;
        if !self.rest.starts_with('=') {
            return self.expected("key separator '='");
        }
        self.take(1);
        self.last_key = path.join(".");
        self.skip_space();
        let value = self.value()?;
        let Some((last, before)) = path.split_last() else { return Ok(()) };
        let parent = self.descend(table, before)?;
        if parent.contains(last.as_bytes()) {
            return self.defined_already(&path);
        }
        parent.insert(last.as_str(), value);
        Ok(())
    }

    fn value(&mut self) -> Read<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error("nested too deeply");
        }
        let value = match self.rest.chars().next() {
            Some('"') => self.basic_string().map(Value::from),
            Some('\'') => self.literal_string().map(Value::from),
            Some('[') => self.list(),
            Some('{') => self.inline_table(),
            _ => self.plain(),
        };
        self.depth -= 1;
        value
    }

    fn plain(&mut self) -> Read<Value> {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '#');
        let mut length = self.rest.find(ends).unwrap_or(self.rest.len());
        // A date and a time may have a space between them.
        let after = self.rest.get(length..).unwrap_or_default();
        let word = self.rest.get(..length).unwrap_or_default();
        if word.len() == 10 && word.as_bytes().get(4) == Some(&b'-') && after.starts_with(' ') {
            let time = after.get(1..).unwrap_or_default();
            if time.as_bytes().first().is_some_and(u8::is_ascii_digit)
                && time.as_bytes().get(2) == Some(&b':')
            {
                length += 1 + time.find(ends).unwrap_or(time.len());
            }
        }
        let word = self.rest.get(..length).unwrap_or_default();
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "" => return self.expected("value"),
            _ => match number(word).or_else(|| date(word)) {
                Some(value) => value,
                None => return self.error(&format!("expected value but found {word:?} instead")),
            },
        };
        self.take(length);
        Ok(value)
    }

    fn list(&mut self) -> Read<Value> {
        self.take(1);
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            if self.rest.starts_with(']') {
                self.take(1);
                return Ok(Value::list(items));
            }
            items.push(self.value()?);
            self.skip_blank();
            if self.rest.starts_with(',') {
                self.take(1);
            } else if !self.rest.starts_with(']') {
                return self.expected("a comma (',') or array terminator (']')");
            }
        }
    }

    fn inline_table(&mut self) -> Read<Value> {
        self.take(1);
        let table = Map::new(MapType::Any);
        loop {
            self.skip_blank();
            if self.rest.starts_with('}') {
                self.take(1);
                return Ok(Value::Map(table));
            }
            self.pair(&table)?;
            self.skip_blank();
            if self.rest.starts_with(',') {
                self.take(1);
            } else if !self.rest.starts_with('}') {
                return self.expected("a comma or an inline table terminator '}'");
            }
        }
    }

    fn literal_string(&mut self) -> Read<String> {
        let quote = if self.rest.starts_with("'''") { "'''" } else { "'" };
        self.take(quote.len());
        let Some(mut end) = self.rest.find(quote) else {
            return self.error("unexpected EOF; expected \"'\"");
        };
        if quote.len() == 1 && self.rest.get(..end).unwrap_or_default().contains('\n') {
            return self.error("strings cannot contain newlines");
        }
        // Up to two quotes may stand before the closing ones.
        let spare = |rest: &str, end: usize| rest.as_bytes().get(end + 3) == Some(&b'\'');
        while quote.len() == 3 && spare(self.rest, end) {
            end += 1;
        }
        let text = self.take(end);
        self.take(quote.len());
        let text = if quote.len() == 3 { without_first_break(text) } else { text };
        Ok(text.to_owned())
    }

    fn basic_string(&mut self) -> Read<String> {
        let long = self.rest.starts_with("\"\"\"");
        self.take(if long { 3 } else { 1 });
        if long {
            self.rest = without_first_break(self.rest);
        }
        let mut out = String::new();
        loop {
            let Some(character) = self.rest.chars().next() else {
                return self.error("unexpected EOF; expected '\"'");
            };
            match character {
                '"' if !long => {
                    self.take(1);
                    return Ok(out);
                }
                '"' if self.rest.starts_with("\"\"\"") && !self.rest.starts_with("\"\"\"\"") => {
                    self.take(3);
                    return Ok(out);
                }
                '\\' => self.escape(&mut out, long)?,
                '\n' if !long => return self.error("strings cannot contain newlines"),
                _ => {
                    self.take(character.len_utf8());
                    out.push(character);
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String, long: bool) -> Read<()> {
        self.take(1);
        let Some(letter) = self.rest.chars().next() else {
            return self.error("unexpected EOF; expected '\"'");
        };
        if long && letter.is_whitespace() {
            let line = self.rest.find('\n').unwrap_or(self.rest.len());
            if self.rest.get(..line).unwrap_or_default().trim().is_empty() {
                self.rest = self.rest.trim_start();
                return Ok(());
            }
        }
        self.take(letter.len_utf8());
        let digits = match letter {
            'b' => return push(out, '\x08'),
            't' => return push(out, '\t'),
            'n' => return push(out, '\n'),
            'f' => return push(out, '\x0c'),
            'r' => return push(out, '\r'),
            'e' => return push(out, '\x1b'),
            '"' | '\\' => return push(out, letter),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return self.error(&format!("invalid escape character {letter:?}")),
        };
        let code = self.take(digits);
        match u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
            Some(character) if code.len() == digits => push(out, character),
            _ => self.error(&format!("escaped character '\\{letter}{code}' is not valid UTF-8")),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "so that the callers can end with it")]
fn push(out: &mut String, character: char) -> Read<()> {
    out.push(character);
    Ok(())
}

fn without_first_break(text: &str) -> &str {
    let text = text.strip_prefix('\r').filter(|rest| rest.starts_with('\n')).unwrap_or(text);
    text.strip_prefix('\n').unwrap_or(text)
}

fn number(word: &str) -> Option<Value> {
    let unsigned = word.trim_start_matches(['+', '-']);
    match unsigned {
        "inf" => return parse_float(word.as_bytes()).map(Value::Float),
        "nan" => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || word.len() - unsigned.len() > 1 {
        return None;
    }
    let prefixed = ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix));
    let leading_zero = !prefixed
        && unsigned.len() > 1
        && unsigned.starts_with('0')
        && unsigned.as_bytes().get(1).is_some_and(|b| b.is_ascii_digit() || *b == b'_');
    if leading_zero || unsigned.ends_with('_') {
        return None;
    }
    if let Some(whole) = parse_int(word.as_bytes(), 0) {
        return Some(Value::int64(whole));
    }
    let float = unsigned.bytes().all(|b| b.is_ascii_digit() || b"._eE+-".contains(&b));
    let bad_point = unsigned.ends_with('.') || unsigned.contains(".e") || unsigned.contains(".E");
    if !float || bad_point || !unsigned.contains(['.', 'e', 'E']) {
        return None;
    }
    parse_float(word.as_bytes()).map(Value::Float)
}

/// A date, a time or both; without an offset they are in zones that only have names.
fn date(word: &str) -> Option<Value> {
    let text = word.replace([' ', 't'], "T").replace('z', "Z");
    let local = |name: &str| Zone::Fixed { name: name.into(), offset: 0 };
    let forms: [(&[u8], Zone); 4] = [
        (b"2006-01-02T15:04:05.999999999Z07:00", local("")),
        (b"2006-01-02T15:04:05.999999999", local("datetime-local")),
        (b"2006-01-02", local("date-local")),
        (b"15:04:05.999999999", local("time-local")),
    ];
    forms
        .iter()
        .find_map(|(layout, zone)| Time::parse(layout, text.as_bytes(), zone).ok())
        .map(time_value)
}
