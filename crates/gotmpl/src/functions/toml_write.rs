//! `toToml`: values as BurntSushi's TOML library writes them.

use crate::value::{MAX_DEPTH, TooDeep, Value};

use super::text::{float_text, valid};

/// Returns a value as TOML, or the library's error.
pub(super) fn write(value: &Value) -> Result<String, String> {
    let mut writer = Writer { out: String::new() };
    match value {
        Value::List(list) if list.is_nil() => return Ok("[]".to_owned()),
        Value::Map(map) if map.is_nil() => return Ok(String::new()),
        _ => {}
    }
    match view(value)? {
        View::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        View::Map(entries) => writer.table(&[], &entries)?,
        View::List(items) if is_table_list(&items)? => {
            return Err("toml: top-level values must be Go maps or structs".to_owned());
        }
        _ => writer.element(value, 0)?,
    }
    Ok(writer.out)
}

/// A value as TOML sees it.
enum View {
    Nil,
    Scalar(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\x1f' | '\x7f' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = float_text(number);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

fn view(value: &Value) -> Result<View, String> {
    Ok(match value {
        Value::Nil => View::Nil,
        Value::Bool(value) => View::Scalar(value.to_string()),
        Value::Int(int) => View::Scalar(int.to_string()),
        Value::Float(number) => View::Scalar(float(*number)),
        Value::Str(text) => View::Scalar(quoted(&valid(text))),
        Value::Bytes(bytes) => {
            View::List(bytes.iter().map(|&byte| Value::int(i64::from(byte))).collect())
        }
        Value::List(list) if list.is_nil() => View::Nil,
        Value::Map(map) if map.is_nil() => View::Nil,
        Value::List(list) => View::List(list.items().as_ref().clone()),
        Value::Map(map) => View::Map(
            map.entries()
                .iter()
                .map(|(key, item)| (valid(key).into_owned(), item.clone()))
                .collect(),
        ),
        Value::Object(object) => {
            if object.type_name() == "time.Duration" {
                return Ok(View::Scalar(quoted(&object.text().unwrap_or_default())));
            }
            if let Some(plain) = object.underlying() {
                // A nil map, which is left out.
                let is_nil = object.json().is_some_and(|json| json.is_nil());
                return if is_nil { Ok(View::Nil) } else { view(&plain) };
            }
            match object.json() {
                // A date stands there without quotes.
                Some(Value::Str(text)) if object.type_name() == "time.Time" => {
                    View::Scalar(valid(&text).into_owned())
                }
                Some(plain) => return view(&plain),
                None => View::Map(
                    object
                        .fields()
                        .into_iter()
                        .map(|(name, item)| (name.to_owned(), item))
                        .collect(),
                ),
            }
        }
    })
}

/// Reports whether a list has nothing but tables, which is written in a form of its own.
fn is_table_list(items: &[Value]) -> Result<bool, String> {
    let mut tables = !items.is_empty();
    for item in items {
        match view(item)? {
            View::Nil => return Err("toml: cannot encode array with nil element".to_owned()),
            View::Map(_) => {}
            View::List(inner) => {
                // Looked at for its own errors.
                is_table_list(&inner)?;
                tables = false;
            }
            View::Scalar(_) => tables = false,
        }
    }
    Ok(tables)
}

fn key_text(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

fn path_text(path: &[String]) -> String {
    let parts: Vec<String> = path.iter().map(|key| key_text(key)).collect();
    parts.join(".")
}

struct Writer {
    out: String,
}

impl Writer {
    fn line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, path: &[String]) {
        self.out.push_str(&"  ".repeat(path.len().saturating_sub(1)));
    }

    fn table(&mut self, path: &[String], entries: &[(String, Value)]) -> Result<(), String> {
        if path.len() > MAX_DEPTH {
            return Err(TooDeep.to_string());
        }
        let (direct, tables) = split(entries)?;
        for (key, item) in direct {
            if matches!(view(item)?, View::Nil) {
                continue;
            }
            let path = [path, std::slice::from_ref(key)].concat();
            self.indent(&path);
            self.out.push_str(&key_text(key));
            self.out.push_str(" = ");
            self.element(item, path.len())?;
            self.line();
        }
        for (key, item) in tables {
            let path = [path, std::slice::from_ref(key)].concat();
            match view(item)? {
                View::Map(entries) => {
                    if path.len() == 1 {
                        self.line();
                    }
                    self.indent(&path);
                    self.out.push_str(&format!("[{}]", path_text(&path)));
                    self.line();
                    self.table(&path, &entries)?;
                }
                View::List(items) => {
                    for item in &items {
                        self.line();
                        self.indent(&path);
                        self.out.push_str(&format!("[[{}]]", path_text(&path)));
                        self.line();
                        if let View::Map(entries) = view(item)? {
                            self.table(&path, &entries)?;
                        }
                    }
                }
                View::Nil | View::Scalar(_) => {}
            }
        }
        Ok(())
    }

    fn element(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(TooDeep.to_string());
        }
        match view(value)? {
            View::Nil => {}
            View::Scalar(written) => self.out.push_str(&written),
            View::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.element(item, depth + 1)?;
                }
                self.out.push(']');
            }
            View::Map(entries) => {
                let (direct, tables) = split(&entries)?;
                self.out.push('{');
                self.members(&direct, !tables.is_empty(), depth)?;
                self.members(&tables, false, depth)?;
                self.out.push('}');
            }
        }
        Ok(())
    }

    fn members(
        &mut self,
        members: &[&(String, Value)],
        more: bool,
        depth: usize,
    ) -> Result<(), String> {
        for (index, (key, item)) in members.iter().enumerate() {
            if matches!(view(item)?, View::Nil) {
                continue;
            }
            self.out.push_str(&key_text(key));
            self.out.push_str(" = ");
            self.element(item, depth + 1)?;
            if more || index + 1 < members.len() {
                self.out.push_str(", ");
            }
        }
        Ok(())
    }
}

type Members<'a> = Vec<&'a (String, Value)>;

/// Plain values come before tables and lists of tables.
fn split(entries: &[(String, Value)]) -> Result<(Members<'_>, Members<'_>), String> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for entry in entries {
        let table = match view(&entry.1)? {
            View::Map(_) => true,
            View::List(items) => is_table_list(&items)?,
            View::Nil | View::Scalar(_) => false,
        };
        if table { tables.push(entry) } else { direct.push(entry) }
    }
    Ok((direct, tables))
}
