//! The little language of `--set`, `--set-string`, `--set-json`, `--set-file`, `--set-literal`:
//! `a.b[0].c=value,d={x,y}`.
//!
//! Values are set in the given map. Holes that an index leaves in a list are nil. Types: `--set`
//! gives booleans, nil and `int64`, everything else is a string; `--set-json` gives JSON's types.

use gotmpl::{Map, MapType, Value};

use crate::values::from_json;

/// The largest index of a list.
const MAX_INDEX: i64 = 65_536;
/// How many dots a name may have.
const MAX_NESTED_NAMES: usize = 30;

/// Applies a `--set` argument; the error is in helm's words.
pub(crate) fn parse(text: &str, values: &Map) -> Result<(), String> {
    Parser::new(text, Style::Typed).run(values)
}

/// Applies a `--set-string` argument.
pub(crate) fn parse_text(text: &str, values: &Map) -> Result<(), String> {
    Parser::new(text, Style::Text).run(values)
}

/// Applies a `--set-json` argument of the form `key=json,…`.
pub(crate) fn parse_json(text: &str, values: &Map) -> Result<(), String> {
    Parser::new(text, Style::Json).run(values)
}

/// Applies a `--set-file` argument; `files` hold what the paths name.
pub(crate) fn parse_file(
    text: &str,
    values: &Map,
    files: &[(String, Vec<u8>)],
) -> Result<(), String> {
    Parser::new(text, Style::File(files)).run(values)
}

/// Applies a `--set-literal` argument: everything behind the first `=` is the value.
pub(crate) fn parse_literal(text: &str, values: &Map) -> Result<(), String> {
    Parser::new(text, Style::Literal).run(values)
}

#[derive(Clone, Copy, PartialEq)]
enum Style<'a> {
    Typed,
    Text,
    Json,
    File(&'a [(String, Vec<u8>)]),
    Literal,
}

struct Parser<'a> {
    style: Style<'a>,
    text: Vec<char>,
    at: usize,
}

/// Why reading stopped: the end of the text, which is no failure for the whole, or a failure.
enum Stop {
    End,
    Fail(String),
}

fn fail<T>(message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Fail(message.into()))
}

impl<'a> Parser<'a> {
    fn new(text: &str, style: Style<'a>) -> Parser<'a> {
        Parser { style, text: text.chars().collect(), at: 0 }
    }

    fn run(mut self, values: &Map) -> Result<(), String> {
        loop {
            match self.key(values, 0) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::Fail(message)) => return Err(message),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Reads up to one of the `stop` characters, which is taken too; `None` in place of it is the
    /// end of the text.
    fn until(&mut self, stop: &str) -> (String, Option<char>) {
        let mut read = String::new();
        while let Some(c) = self.next() {
            if stop.contains(c) {
                return (read, Some(c));
            }
            if c == '\\' && self.style != Style::Literal {
                match self.next() {
                    Some(escaped) => read.push(escaped),
                    None => break,
                }
            } else {
                read.push(c);
            }
        }
        (read, None)
    }

    fn key(&mut self, values: &Map, nested: usize) -> Result<(), Stop> {
        let stop = if self.style == Style::Literal { "=[." } else { "=[,." };
        let (name, last) = self.until(stop);
        match last {
            None if name.is_empty() => Err(Stop::End),
            None => fail(format!("key {name:?} has no value")),
            Some('[') => {
                let index = self.index()?;
                let list = match values.get(name.as_bytes()) {
                    None => Vec::new(),
                    Some(Value::List(list)) => list.items().to_vec(),
                    Some(other) => {
                        return fail(format!(
                            "unable to parse key: interface conversion: interface {{}} is {}, \
                             not []interface {{}}",
                            go_dynamic_type(&other)
                        ));
                    }
                };
                let (list, result) = self.item(list, index, nested);
                set(values, &name, list.map_or(Value::Nil, Value::list));
                result
            }
            Some('=') => self.value(values, &name),
            Some('.') => {
                let nested = nested + 1;
                if nested > MAX_NESTED_NAMES {
                    return fail(format!(
                        "value name nested level is greater than maximum supported nested level \
                         of {MAX_NESTED_NAMES}"
                    ));
                }
                let inner = match values.get(name.as_bytes()) {
                    None => Map::new(MapType::Any),
                    Some(Value::Map(inner)) => inner,
                    Some(other) => {
                        return fail(format!(
                            "unable to parse key: interface conversion: interface {{}} is {}, \
                             not map[string]interface {{}}",
                            go_dynamic_type(&other)
                        ));
                    }
                };
                let result = self.key(&inner, nested);
                if result.is_ok() && inner.is_empty() {
                    return fail(format!("key map {name:?} has no value"));
                }
                if !inner.is_empty() {
                    set(values, &name, Value::Map(inner));
                }
                result
            }
            Some(_) => {
                set(values, &name, Value::from(""));
                fail(format!("key {name:?} has no value (cannot end with ,)"))
            }
        }
    }

    /// Reads what follows the `=` of a name.
    fn value(&mut self, values: &Map, name: &str) -> Result<(), Stop> {
        match self.style {
            Style::Literal => {
                let (value, _) = self.until("");
                set(values, name, Value::from(value));
                Ok(())
            }
            Style::Json => {
                let value = self.json()?;
                set(values, name, value);
                Ok(())
            }
            Style::Typed | Style::Text | Style::File(_) => {
                if self.peek().is_none() {
                    set(values, name, Value::from(""));
                    return Err(Stop::End);
                }
                if self.peek() == Some('{') {
                    let list = self.braces()?;
                    set(values, name, Value::list(list));
                    return Ok(());
                }
                let (text, _) = self.until(",");
                match self.read(text) {
                    Ok(value) => {
                        set(values, name, value);
                        Ok(())
                    }
                    Err(stop) => {
                        set(values, name, Value::Nil);
                        Err(stop)
                    }
                }
            }
        }
    }

    /// Reads what follows the `]` of an index. The list comes back also where reading failed:
    /// helm keeps what was set until then.
    fn item(
        &mut self,
        list: Vec<Value>,
        index: i64,
        nested: usize,
    ) -> (Option<Vec<Value>>, Result<(), Stop>) {
        if index < 0 {
            return (Some(list), fail(format!("negative {index} index not allowed")));
        }
        let (name, last) = self.until("[.=");
        if !name.is_empty() {
            // Go prints a list of characters here.
            let quoted: Vec<String> = name.chars().map(|c| format!("{c:?}")).collect();
            let message = format!("unexpected data at end of array index: [{}]", quoted.join(" "));
            return (Some(list), fail(message));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let value = match last {
            None => return (Some(list), Err(Stop::End)),
            Some('=') => match self.item_value() {
                Ok(value) => value,
                Err(stop) => return (Some(list), Err(stop)),
            },
            Some('[') => {
                let next = match self.index() {
                    Ok(next) => next,
                    Err(stop) => return (Some(list), Err(stop)),
                };
                let inner = match list.get(at) {
                    None | Some(Value::Nil) => Vec::new(),
                    Some(Value::List(inner)) => inner.items().to_vec(),
                    Some(other) => {
                        let message = format!(
                            "unable to parse key: interface conversion: interface {{}} is {}, \
                             not []interface {{}}",
                            go_dynamic_type(other)
                        );
                        return (Some(list), fail(message));
                    }
                };
                let (inner, result) = self.item(inner, next, nested);
                if let Err(stop) = result {
                    return (Some(list), Err(stop));
                }
                inner.map_or(Value::Nil, Value::list)
            }
            Some(_) => {
                let inner = match list.get(at) {
                    Some(Value::Map(inner)) => inner.clone(),
                    _ => Map::new(MapType::Any),
                };
                if let Err(stop) = self.key(&inner, nested) {
                    let mut list = list;
                    if let Some(place) = list.get_mut(at) {
                        *place = Value::Map(inner);
                    }
                    return (Some(list), Err(stop));
                }
                Value::Map(inner)
            }
        };
        set_index(list, index, value)
    }

    fn item_value(&mut self) -> Result<Value, Stop> {
        match self.style {
            Style::Literal => Ok(Value::from(self.until("").0)),
            Style::Json => self.json(),
            Style::Typed | Style::Text | Style::File(_) => match self.peek() {
                None => Ok(Value::from("")),
                Some('{') => Ok(Value::list(self.braces()?)),
                Some(_) => {
                    let (text, _) = self.until(",");
                    self.read(text)
                }
            },
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let (digits, last) = self.until("]");
        if last.is_none() {
            // Go wraps its end of file here and finds it again outside: no failure.
            return Err(Stop::End);
        }
        let number = digits.strip_prefix('+').unwrap_or(&digits);
        match number.parse::<i64>() {
            Ok(index) if !number.starts_with('+') => Ok(index),
            Err(error) if is_out_of_range(&error) => fail(format!(
                "error parsing index: strconv.Atoi: parsing {digits:?}: value out of range"
            )),
            _ => fail(format!(
                "error parsing index: strconv.Atoi: parsing {digits:?}: invalid syntax"
            )),
        }
    }

    /// Reads `{a,b}` and a comma behind it.
    fn braces(&mut self) -> Result<Vec<Value>, Stop> {
        self.at += 1;
        let mut list = Vec::new();
        loop {
            let (text, last) = self.until(",}");
            match last {
                None => return fail("list must terminate with '}'"),
                Some('}') => {
                    if self.peek() == Some(',') {
                        self.at += 1;
                    }
                    list.push(self.read(text)?);
                    return Ok(list);
                }
                Some(_) => list.push(self.read(text)?),
            }
        }
    }

    /// Reads one JSON value and the comma behind it; nothing at all is nil.
    fn json(&mut self) -> Result<Value, Stop> {
        if self.nothing_follows() {
            return Ok(Value::Nil);
        }
        let rest: String = self.text.get(self.at..).unwrap_or_default().iter().collect();
        let mut stream = serde_json::Deserializer::from_str(&rest).into_iter::<serde_json::Value>();
        let value = match stream.next() {
            Some(Ok(value)) => from_json(&value),
            Some(Err(error)) => return fail(error.to_string()),
            None => return Ok(Value::Nil),
        };
        let used = rest.get(..stream.byte_offset()).unwrap_or_default();
        self.at += used.chars().count();
        self.nothing_follows();
        Ok(value)
    }

    /// Skips blanks, and the comma or the end if that comes next: then nothing follows.
    fn nothing_follows(&mut self) -> bool {
        loop {
            match self.peek() {
                None => return true,
                Some(',') => {
                    self.at += 1;
                    return true;
                }
                Some(c) if c.is_whitespace() => self.at += 1,
                Some(_) => return false,
            }
        }
    }

    fn read(&self, text: String) -> Result<Value, Stop> {
        match self.style {
            Style::Typed => Ok(typed(text)),
            Style::File(files) => match files.iter().find(|(path, _)| *path == text) {
                Some((_, content)) => Ok(Value::string(content.as_slice())),
                None => fail(format!("open {text}: no such file or directory")),
            },
            Style::Text | Style::Json | Style::Literal => Ok(Value::from(text)),
        }
    }
}

fn is_out_of_range(error: &std::num::ParseIntError) -> bool {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    matches!(error.kind(), PosOverflow | NegOverflow)
}

fn typed(text: String) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::Nil;
    }
    if text == "0" {
        return Value::int64(0);
    }
    // A leading zero keeps a number a string: `007`.
    if !text.starts_with('0')
        && let Ok(number) = text.parse::<i64>()
    {
        return Value::int64(number);
    }
    Value::from(text)
}

fn set(values: &Map, name: &str, value: Value) {
    if !name.is_empty() {
        values.insert(name, value);
    }
}

fn set_index(
    mut list: Vec<Value>,
    index: i64,
    value: Value,
) -> (Option<Vec<Value>>, Result<(), Stop>) {
    if index > MAX_INDEX {
        let message =
            format!("index of {index} is greater than maximum supported index of {MAX_INDEX}");
        return (Some(list), fail(message));
    }
    let at = usize::try_from(index).unwrap_or(0);
    if list.len() <= at {
        list.resize(at + 1, Value::Nil);
    }
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
    (Some(list), Ok(()))
}

/// The type that Go names when a value is taken for something else.
fn go_dynamic_type(value: &Value) -> String {
    match value {
        Value::Nil => "nil".to_owned(),
        other => other.type_name().into_owned(),
    }
}
