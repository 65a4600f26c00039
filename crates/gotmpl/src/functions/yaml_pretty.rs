//! `toYamlPretty`: values as go-yaml v3 writes them, with lists indented inside maps and nothing
//! folded.

use crate::value::{MAX_DEPTH, TooDeep, Value};

use super::encoding::base64_encode;
use super::text::valid;

/// Keys of more bytes stand alone behind `? `.
const LONGEST_KEY: usize = 128;
/// What ends a line in YAML 1.1.
const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Returns a value as YAML without the last line break; `None` where Go would fail.
pub(super) fn write(value: &Value) -> Result<String, TooDeep> {
    let mut out = String::new();
    node(&mut out, value, 0, 0)?;
    if out.ends_with('\n') {
        out.pop();
    }
    Ok(out)
}

/// What a value is once pointers and named types are looked through.
enum Shape {
    Scalar(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// The fields of a struct, in Go's order.
    Fields(Vec<(String, Value)>),
}

fn shape(value: &Value, depth: usize) -> Result<Shape, TooDeep> {
    if depth > MAX_DEPTH {
        return Err(TooDeep);
    }
    Ok(match value {
        Value::Nil => Shape::Scalar("null".to_owned()),
        Value::Bool(value) => Shape::Scalar(value.to_string()),
        Value::Int(int) => Shape::Scalar(int.to_string()),
        Value::Float(number) => Shape::Scalar(yaml::yaml_float(*number)),
        Value::Str(text) => Shape::Scalar(scalar(text)),
        Value::Bytes(bytes) => {
            let byte = |byte: &u8| Value::int(i64::from(*byte));
            Shape::List(bytes.iter().map(byte).collect())
        }
        Value::List(list) => Shape::List(list.items().as_ref().clone()),
        Value::Map(map) => Shape::Map(
            map.entries()
                .iter()
                .map(|(key, item)| (valid(key).into_owned(), item.clone()))
                .collect(),
        ),
        Value::Object(object) => {
            if object.type_name() == "time.Duration" {
                return Ok(Shape::Scalar(object.text().unwrap_or_default()));
            }
            if let Some(plain) = object.underlying() {
                return shape(&plain, depth + 1);
            }
            match object.json() {
                // A time stands there without quotes.
                Some(Value::Str(text)) if object.type_name() == "time.Time" => {
                    Shape::Scalar(valid(&text).into_owned())
                }
                Some(plain) => return shape(&plain, depth + 1),
                None => Shape::Fields(
                    object
                        .fields()
                        .into_iter()
                        .map(|(name, item)| (name.to_lowercase(), item))
                        .collect(),
                ),
            }
        }
    })
}

/// A text of one line as a scalar; the empty string stands for a text of several lines.
fn scalar(text: &[u8]) -> String {
    let Ok(plain) = std::str::from_utf8(text) else {
        return format!("!!binary {}", base64_encode(text));
    };
    // The other writer cannot say DEL.
    let unsayable = plain.contains('\x7f');
    let written = if unsayable { "\"".to_owned() } else { yaml::scalar_go2(plain) };
    if !unsayable && (!written.contains('\n') || plain.contains('\n')) {
        return written;
    }
    // It also folds long lines: undo that.
    if written.starts_with('"') {
        let mut unfolded = String::from("\"");
        for character in plain.chars() {
            match character {
                '"' => unfolded.push_str("\\\""),
                '\\' => unfolded.push_str("\\\\"),
                '\t' => unfolded.push_str("\\t"),
                '\x7f' => unfolded.push_str("\\x7F"),
                ' '..='~' => unfolded.push(character),
                _ => {
                    let one = yaml::scalar_go2(&character.to_string());
                    unfolded.push_str(one.trim_matches(['"', '\'']));
                }
            }
        }
        unfolded.push('"');
        return unfolded;
    }
    if written.starts_with('\'') {
        return format!("'{}'", plain.replace('\'', "''"));
    }
    plain.to_owned()
}

fn lines(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => match std::str::from_utf8(text) {
            Ok(text) if text.contains('\n') => Some(text.to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// A text of several lines as a literal block, if that can hold it.
fn literal(text: &str, indent: usize) -> Option<String> {
    let good = |character: char| {
        character == '\n' || character == '\t' || character >= ' ' && character != '\x7f'
    };
    let trailing_space = text.ends_with(' ') || text.contains(" \n");
    if trailing_space || !text.chars().all(|c| good(c) && u32::from(c) < 0x1_0000) {
        return None;
    }
    let mut out = String::from("|");
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    if !text.ends_with('\n') {
        out.push('-');
    } else if text == "\n" || text.ends_with("\n\n") {
        out.push('+');
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    Some(out)
}

fn push_scalar(out: &mut String, value: &Value, written: &str, indent: usize) {
    match lines(value) {
        Some(text) => match literal(&text, indent.max(2)) {
            Some(block) => out.push_str(&block),
            None => out.push_str(&double_quoted(&text)),
        },
        None => out.push_str(written),
    }
    out.push('\n');
}

fn double_quoted(text: &str) -> String {
    let parts: Vec<String> = text
        .split('\n')
        .map(|line| {
            let quoted = scalar(format!("\u{1}{line}").as_bytes());
            quoted.trim_start_matches("\"\\x01").trim_end_matches('"').to_owned()
        })
        .collect();
    format!("\"{}\"", parts.join("\\n"))
}

/// Writes a value that begins where the cursor is; its further lines are indented by `indent`.
fn node(out: &mut String, value: &Value, indent: usize, depth: usize) -> Result<(), TooDeep> {
    let pad = " ".repeat(indent);
    match shape(value, depth)? {
        Shape::Scalar(written) => push_scalar(out, value, &written, indent),
        Shape::List(items) if items.is_empty() => out.push_str("[]\n"),
        Shape::Map(entries) | Shape::Fields(entries) if entries.is_empty() => {
            out.push_str("{}\n");
        }
        Shape::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(&pad);
                }
                out.push_str("- ");
                node(out, item, indent + 2, depth + 1)?;
            }
        }
        Shape::Map(mut entries) => {
            yaml::sort_by_go3_order(&mut entries, |entry| &entry.0);
            map(out, &entries, indent, depth)?;
        }
        Shape::Fields(entries) => map(out, &entries, indent, depth)?,
    }
    Ok(())
}

fn map(
    out: &mut String,
    entries: &[(String, Value)],
    indent: usize,
    depth: usize,
) -> Result<(), TooDeep> {
    let pad = " ".repeat(indent);
    for (index, (key, item)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(&pad);
        }
        // A key of several lines, or a long one, stands alone, and what it leads to begins behind the colon.
        let is_simple = key.len() <= LONGEST_KEY && !key.contains(BREAKS);
        if is_simple {
            out.push_str(&scalar(key.as_bytes()));
        } else {
            out.push_str("? ");
            node(out, &Value::string(key.as_str()), indent + 2, depth + 1)?;
            out.push_str(&pad);
        }
        out.push(':');
        let nested = match shape(item, depth + 1)? {
            Shape::Scalar(_) => false,
            Shape::List(items) => !items.is_empty(),
            Shape::Map(entries) | Shape::Fields(entries) => !entries.is_empty(),
        };
        if nested && is_simple {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
        } else {
            out.push(' ');
        }
        node(out, item, indent + 2, depth + 1)?;
    }
    Ok(())
}
