//! Writing the new value in the place and the style of the old one.

use super::compose::{Document, Id, WrittenKind};
use super::{EditError, Path};
use crate::events::Scalar;
use crate::{Kind, ScalarStyle, Span, Value, decode, emit, number, resolve_core, resolve_go3};

/// Returns which bytes are replaced, and by what.
pub(super) fn replacement(
    text: &str,
    document: &Document<'_>,
    id: Id,
    path: &Path,
    new: &Value,
) -> Result<(Span, String), EditError> {
    let node = document.node(id);
    let refuse = |message: String| Err(EditError::Refused(message));
    let scalar = match &node.kind {
        WrittenKind::Scalar(scalar) => scalar,
        WrittenKind::Alias { name, .. } => {
            return refuse(format!("`{path}` is `*{name}`; change what is anchored `&{name}`"));
        }
        WrittenKind::List { .. } => return refuse(format!("`{path}` is a list")),
        WrittenKind::Map { .. } => return refuse(format!("`{path}` is a map")),
    };
    let in_flow = document.is_in_flow(id);
    if node.span.is_empty() {
        let before = text.get(..node.span.start as usize).unwrap_or_default();
        // After `key:`, `-` or an anchor; not for the `{key}` that has no colon.
        if !before.ends_with([':', '-']) && node.properties.is_none() {
            return refuse(format!("`{path}` has no place for a value; write `: ` there first"));
        }
        return Ok((node.span, format!(" {}", one_line(new, ScalarStyle::Plain, in_flow))));
    }
    let written = match (scalar.style, new) {
        (ScalarStyle::Literal | ScalarStyle::Folded, Value::String(new)) => {
            block(node.span.range(), text, scalar.style, new)
        }
        _ => None,
    };
    match written {
        Some(written) => Ok((node.span, written)),
        None if matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded) => {
            let written = one_line(new, ScalarStyle::Plain, in_flow);
            Ok((node.span, written + line_end(node.source(text))))
        }
        None => Ok((node.span, one_line(new, scalar.style, in_flow))),
    }
}

/// Says whether a scalar has a value by every rule that may be used to read it.
pub(super) fn reads_as(scalar: &Scalar<'_>, new: &Value) -> bool {
    let kinds = [
        decode::decode_scalar(scalar).ok().map(decode::Decoded::into_kind),
        resolve_go3::resolve(scalar).ok(),
        Some(resolve_core::resolve(
            &scalar.text,
            scalar.tag(),
            scalar.tag().is_none() && scalar.style == ScalarStyle::Plain,
        )),
    ];
    kinds.iter().all(|kind| match (kind, new) {
        (Some(Kind::Null), Value::Null) => true,
        (Some(Kind::Bool(a)), Value::Bool(b)) => a == b,
        (Some(Kind::String(a)), Value::String(b)) => a == b,
        (Some(kind), Value::Int(_) | Value::Uint(_) | Value::Float(_)) => {
            let read = match kind {
                Kind::Int(value) => Some(*value as f64),
                Kind::Uint(value) => Some(*value as f64),
                Kind::Float(value) => Some(*value),
                _ => None,
            };
            read.is_some() && read == new.as_f64()
        }
        _ => false,
    })
}

/// Writes a value without line breaks.
pub(super) fn one_line(new: &Value, style: ScalarStyle, in_flow: bool) -> String {
    let text = match new {
        Value::String(text) => text,
        Value::Null => return "null".to_owned(),
        Value::Bool(value) => return value.to_string(),
        Value::Int(value) => return value.to_string(),
        Value::Uint(value) => return value.to_string(),
        Value::Float(value) => return number::yaml_float(*value),
        Value::List(_) | Value::Map(_) => return String::new(),
    };
    let one_line = !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    match style {
        ScalarStyle::SingleQuoted if one_line => format!("'{}'", text.replace('\'', "''")),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => emit::double_quoted(text),
        _ if emit::can_be_plain(text, in_flow) => {
            let scalar = Scalar { text: text.into(), style: ScalarStyle::Plain, properties: None };
            match reads_as(&scalar, new) {
                true => text.clone(),
                false => emit::double_quoted(text),
            }
        }
        _ => emit::double_quoted(text),
    }
}

/// Writes a literal or folded scalar below its `|` or `>`; `None` where that cannot hold the text.
pub(super) fn block(
    range: std::ops::Range<usize>,
    text: &str,
    style: ScalarStyle,
    new: &str,
) -> Option<String> {
    let source = text.get(range)?;
    let (header, body) = source.split_once('\n')?;
    let line_break = if header.ends_with('\r') { "\r\n" } else { "\n" };
    let header = header.trim_end_matches('\r');
    let content = new.trim_end_matches('\n');
    let breaks = new.len() - content.len();
    let printable = content.chars().all(|c| c == '\n' || !c.is_control());
    if !printable || content.is_empty() || breaks > 1 || content.starts_with([' ', '\n', '\t']) {
        return None;
    }
    let indent: String = body
        .lines()
        .find(|line| !line.trim().is_empty())?
        .chars()
        .take_while(|&c| c == ' ')
        .collect();
    let folded = style == ScalarStyle::Folded && !content.contains('\n');
    let mut written = String::from(if folded { ">" } else { "|" });
    if breaks == 0 {
        written.push('-');
    }
    // A comment after the indicators stays; an indentation indicator is no longer needed.
    written.push_str(header.trim_start_matches(|c: char| "|>+-".contains(c) || c.is_ascii_digit()));
    for line in content.split('\n') {
        written.push_str(line_break);
        if !line.is_empty() {
            written.push_str(&indent);
        }
        written.push_str(line);
    }
    // The blank lines below a scalar belong to it, and stay.
    let tail = body.trim_end_matches(['\n', '\r', ' ']).len();
    Some(written + body.get(tail..)?)
}

/// Returns the line breaks at the end of a block scalar.
pub(super) fn line_end(source: &str) -> &str {
    source.get(source.trim_end_matches(['\n', '\r']).len()..).unwrap_or_default()
}
