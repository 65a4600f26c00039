//! Strings: trimming, cutting, padding, quoting, searching.

use crate::call::{CallContext, FunctionEntry, Param};
use crate::value::{List, ListType, Map, MapType, Str, Value};

use super::arguments::{Answer, any, elements, failure, int, string, text};
use super::print::{append, to_string};
use super::text::{find, push_quoted, replace_all, runes, split};
use super::unicode;

use Param::{Any, Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("hello", &[], |_, _| string("Hello!")),
    FunctionEntry::new("trunc", &[Int, Text], trunc),
    FunctionEntry::new("trim", &[Text], trim),
    FunctionEntry::new("trimAll", &[Text, Text], trim_all),
    FunctionEntry::new("trimall", &[Text, Text], trim_all),
    FunctionEntry::new("trimPrefix", &[Text, Text], trim_prefix),
    FunctionEntry::new("trimSuffix", &[Text, Text], trim_suffix),
    FunctionEntry::new("substr", &[Int, Int, Text], substr),
    FunctionEntry::new("repeat", &[Int, Text], repeat),
    FunctionEntry::new("nospace", &[Text], nospace),
    FunctionEntry::new("contains", &[Text, Text], contains),
    FunctionEntry::new("hasPrefix", &[Text, Text], has_prefix),
    FunctionEntry::new("hasSuffix", &[Text, Text], has_suffix),
    FunctionEntry::variadic("quote", &[], Any, quote),
    FunctionEntry::variadic("squote", &[], Any, squote),
    FunctionEntry::variadic("cat", &[], Any, cat),
    FunctionEntry::new("indent", &[Int, Text], indent),
    FunctionEntry::new("nindent", &[Int, Text], nindent),
    FunctionEntry::new("replace", &[Text, Text, Text], replace),
    FunctionEntry::new("plural", &[Text, Text, Int], plural),
    FunctionEntry::new("toString", &[Any], |_, arguments| {
        Ok(Value::Str(to_string(any(arguments, 0))?))
    }),
    FunctionEntry::new("toStrings", &[Any], |_, arguments| {
        Ok(Value::List(string_list(any(arguments, 0))?))
    }),
    FunctionEntry::new("join", &[Text, Any], join),
    FunctionEntry::new("split", &[Text, Text], |context, arguments| {
        split_map(context, text(arguments, 1), text(arguments, 0), -1)
    }),
    FunctionEntry::new("splitn", &[Text, Int, Text], |context, arguments| {
        split_map(context, text(arguments, 2), text(arguments, 0), int(arguments, 1))
    }),
    FunctionEntry::new("splitList", &[Text, Text], split_list),
    FunctionEntry::new("sortAlpha", &[Any], sort_alpha),
];

fn trunc(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let (count, subject) = (int(arguments, 0), text(arguments, 1));
    let length = subject.len();
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if size >= length {
        return Ok(any(arguments, 1).clone());
    }
    let kept = if count < 0 { subject.get(length - size..) } else { subject.get(..size) };
    string(kept.unwrap_or_default())
}

fn trim(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let trimmed = trim_space(text(arguments, 0));
    if trimmed.len() == text(arguments, 0).len() {
        return Ok(any(arguments, 0).clone());
    }
    string(trimmed)
}

/// Removes white space of any script at both ends.
pub(super) fn trim_space(subject: &[u8]) -> &[u8] {
    trim_where(subject, unicode::is_space)
}

fn trim_where(subject: &[u8], unwanted: impl Fn(char) -> bool) -> &[u8] {
    let mut start = 0;
    let mut end = 0;
    let mut at = 0;
    let mut started = false;
    for (rune, width) in runes(subject) {
        at += width;
        if unwanted(rune) {
            if !started {
                start = at;
            }
        } else {
            started = true;
            end = at;
        }
    }
    subject.get(start..end.max(start)).unwrap_or_default()
}

fn trim_all(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let cut: Vec<char> = runes(text(arguments, 0)).map(|(rune, _)| rune).collect();
    string(trim_where(text(arguments, 1), |rune| cut.contains(&rune)))
}

fn trim_prefix(_: &mut CallContext, arguments: &[Value]) -> Answer {
    match text(arguments, 1).strip_prefix(text(arguments, 0)) {
        Some(rest) => string(rest),
        None => Ok(any(arguments, 1).clone()),
    }
}

fn trim_suffix(_: &mut CallContext, arguments: &[Value]) -> Answer {
    match text(arguments, 1).strip_suffix(text(arguments, 0)) {
        Some(rest) => string(rest),
        None => Ok(any(arguments, 1).clone()),
    }
}

/// Returns `text[start:end]` or Go's message for a range out of bounds.
fn go_slice(subject: &[u8], start: i64, end: i64) -> Answer {
    let length = subject.len() as i64;
    if end < 0 || end > length {
        return failure(if end < 0 {
            format!("runtime error: slice bounds out of range [:{end}]")
        } else {
            format!("runtime error: slice bounds out of range [:{end}] with length {length}")
        });
    }
    if start < 0 {
        return failure(format!("runtime error: slice bounds out of range [{start}:]"));
    }
    if start > end {
        return failure(format!("runtime error: slice bounds out of range [{start}:{end}]"));
    }
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    string(subject.get(range).unwrap_or_default())
}

fn substr(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let (start, end, subject) = (int(arguments, 0), int(arguments, 1), text(arguments, 2));
    let length = subject.len() as i64;
    if start < 0 {
        return go_slice(subject, 0, end);
    }
    if end < 0 || end > length {
        if start > length {
            return failure(format!("runtime error: slice bounds out of range [{start}:{length}]"));
        }
        return go_slice(subject, start, length);
    }
    go_slice(subject, start, end)
}

/// Returns the text repeated, with Go's message for a negative count.
fn repeated(
    context: &mut CallContext,
    subject: &[u8],
    count: i64,
) -> Result<Vec<u8>, crate::call::FunctionError> {
    let Ok(times) = usize::try_from(count) else {
        return failure("strings: negative Repeat count");
    };
    let Some(size) = subject.len().checked_mul(times) else {
        return failure("strings: Repeat output length overflow");
    };
    context.spend(size)?;
    Ok(subject.repeat(if subject.is_empty() { 0 } else { times }))
}

fn repeat(context: &mut CallContext, arguments: &[Value]) -> Answer {
    string(repeated(context, text(arguments, 1), int(arguments, 0))?)
}

fn nospace(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 0);
    // Byte by byte, as the original does: what is not ASCII comes out as Latin-1 read as UTF-8,
    // but only when something was removed.
    let mut kept = String::new();
    let mut removed = false;
    for &byte in subject {
        let rune = char::from(byte);
        if unicode::is_space(rune) {
            removed = true;
        } else {
            kept.push(rune);
        }
    }
    if removed { string(kept) } else { Ok(any(arguments, 0).clone()) }
}

fn contains(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::Bool(find(text(arguments, 1), text(arguments, 0)).is_some()))
}

fn has_prefix(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::Bool(text(arguments, 1).starts_with(text(arguments, 0))))
}

fn has_suffix(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::Bool(text(arguments, 1).ends_with(text(arguments, 0))))
}

fn quote(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::new();
    for value in arguments.iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        match value {
            Value::Str(text) => push_quoted(&mut out, text),
            _ => push_quoted(&mut out, &to_string(value)?),
        }
    }
    string(out)
}

fn squote(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::new();
    for value in arguments.iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.push(b'\'');
        append(&mut out, value)?;
        out.push(b'\'');
    }
    string(out)
}

fn cat(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::new();
    for (index, value) in arguments.iter().filter(|value| !value.is_nil()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        append(&mut out, value)?;
    }
    string(out)
}

fn append_indented(out: &mut Vec<u8>, pad: &[u8], subject: &[u8]) {
    out.extend_from_slice(pad);
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', subject) {
        out.extend_from_slice(subject.get(start..=at).unwrap_or_default());
        out.extend_from_slice(pad);
        start = at + 1;
    }
    out.extend_from_slice(subject.get(start..).unwrap_or_default());
}

fn indented(
    context: &mut CallContext,
    arguments: &[Value],
    out: &mut Vec<u8>,
) -> Result<(), crate::call::FunctionError> {
    let subject = text(arguments, 1);
    let pad = repeated(context, b" ", int(arguments, 0))?;
    let lines = 1 + memchr::memchr_iter(b'\n', subject).count();
    let size = subject.len().saturating_add(lines.saturating_mul(pad.len()));
    context.spend(size)?;
    out.reserve(size);
    append_indented(out, &pad, subject);
    Ok(())
}

fn indent(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::new();
    indented(context, arguments, &mut out)?;
    string(out)
}

fn nindent(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = vec![b'\n'];
    indented(context, arguments, &mut out)?;
    string(out)
}

fn replace(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let (old, new, subject) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    if !old.is_empty() && find(subject, old).is_none() {
        return Ok(any(arguments, 2).clone());
    }
    if new.len() > old.len() {
        // What can come out is bounded before it is made.
        let places = if old.is_empty() {
            subject.len() + 1
        } else {
            memchr::memmem::find_iter(subject, old).count()
        };
        context.spend(places.saturating_mul(new.len()))?;
    }
    context.spend(subject.len())?;
    string(replace_all(subject, old, new))
}

fn plural(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let which = usize::from(int(arguments, 2) != 1);
    Ok(any(arguments, which).clone())
}

/// Returns a value as a `[]string`: lists lose their nils, everything else becomes one string.
pub(super) fn string_list(value: &Value) -> Result<List, crate::call::FunctionError> {
    if let Value::List(list) = value
        && list.list_type().element() == "string"
    {
        return Ok(list.clone());
    }
    let strings = match (elements(value), value) {
        (Some(items), _) => items
            .iter()
            .filter(|item| !item.is_nil())
            .map(|item| to_string(item).map(Value::Str))
            .collect::<Result<_, _>>()?,
        (None, Value::Nil) => Vec::new(),
        (None, _) => vec![Value::Str(to_string(value)?)],
    };
    Ok(List::new(ListType::String, strings))
}

fn join(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let separator = text(arguments, 0);
    let items = string_list(any(arguments, 1))?.items();
    let mut size = separator.len().saturating_mul(items.len());
    for item in items.iter() {
        size = size.saturating_add(item.as_string().map_or(0, |text| text.len()));
    }
    context.spend(size)?;
    let mut out = Vec::with_capacity(size);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        if let Value::Str(text) = item {
            out.extend_from_slice(text);
        }
    }
    string(out)
}

fn split_map(context: &mut CallContext, subject: &[u8], separator: &[u8], limit: i64) -> Answer {
    let pieces = split(subject, separator, limit);
    context.spend(subject.len() + pieces.len())?;
    let entries = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (Str::from(format!("_{index}")), Value::string(piece)))
        .collect();
    Ok(Value::Map(Map::from_entries(MapType::String, entries)))
}

fn split_list(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let subject = text(arguments, 1);
    let pieces = split(subject, text(arguments, 0), -1);
    context.spend(subject.len() + pieces.len())?;
    Ok(Value::strings(pieces))
}

fn sort_alpha(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let value = any(arguments, 0);
    if elements(value).is_none() {
        return Ok(Value::strings([to_string(value)?]));
    }
    let list = string_list(value)?;
    let mut items = list.items().as_ref().clone();
    context.spend(items.len())?;
    items.sort_by(|left, right| left.as_string().cmp(&right.as_string()));
    // A `[]string` is sorted in place: everyone who holds it sees the order.
    list.replace(items);
    Ok(Value::List(list))
}
