//! Go's own template functions: comparison, `index`, `slice`, `len`, `print` and escaping.
//!
//! `and` and `or` stop early and are compiled to jumps; `call` has nothing to call.

use std::cmp::Ordering;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::fmt;
use crate::value::{Kind, List, Str, Value};

type Outcome = Result<Value, FunctionError>;

/// The table of these functions.
pub(crate) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::variadic("call", &[Param::Any], Param::Any, call),
    FunctionEntry::variadic("html", &[], Param::Any, html),
    FunctionEntry::variadic("index", &[Param::Any], Param::Any, index),
    FunctionEntry::variadic("slice", &[Param::Any], Param::Any, slice),
    FunctionEntry::variadic("js", &[], Param::Any, js),
    FunctionEntry::new("len", &[Param::Any], len),
    FunctionEntry::new("not", &[Param::Any], not),
    FunctionEntry::variadic("print", &[], Param::Any, print),
    FunctionEntry::variadic("printf", &[Param::String], Param::Any, printf),
    FunctionEntry::variadic("println", &[], Param::Any, println),
    FunctionEntry::variadic("urlquery", &[], Param::Any, urlquery),
    FunctionEntry::variadic("eq", &[Param::Any], Param::Any, eq),
    FunctionEntry::new("ne", &[Param::Any, Param::Any], ne),
    FunctionEntry::new("lt", &[Param::Any, Param::Any], lt),
    FunctionEntry::new("le", &[Param::Any, Param::Any], le),
    FunctionEntry::new("gt", &[Param::Any, Param::Any], gt),
    FunctionEntry::new("ge", &[Param::Any, Param::Any], ge),
];

/// `len` of what was read from a map, where nil is a pointer to nothing.
pub(crate) static LEN_OF_FIELD: FunctionEntry =
    FunctionEntry::new("len", &[Param::Any], len_of_field);

fn fail<T>(message: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError::new(message))
}

/// The compiler puts the text of the first argument in front.
fn call(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    match arguments.get(1) {
        None | Some(Value::Nil) => fail("call of nil"),
        Some(value) => {
            let name = arguments.first().and_then(Value::as_string).cloned().unwrap_or_default();
            fail(format!("non-function {name} of type {}", value.type_name()))
        }
    }
}

/// Sees named types as what they are underneath.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.underlying().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

fn index(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let Some((first, indexes)) = arguments.split_first() else {
        return Ok(Value::Nil);
    };
    if first.is_nil() {
        return fail("index of untyped nil");
    }
    let mut item = first.clone();
    for index in indexes {
        item = match plain(&item) {
            Value::Nil => return fail("index of nil pointer"),
            Value::List(list) => element(index, "slice", list.len(), |at| list.get(at))?,
            Value::Str(ref text) | Value::Bytes(ref text) => {
                element(index, item.kind().name(), text.len(), |at| {
                    text.get(at).map(|byte| {
                        Value::Int(crate::value::Int::new(
                            crate::value::IntKind::Uint8,
                            i64::from(*byte),
                        ))
                    })
                })?
            }
            Value::Map(map) => match index {
                Value::Str(key) => map.get(key).unwrap_or_else(|| {
                    if map.map_type().element() == "string" {
                        Value::string("")
                    } else {
                        Value::Nil
                    }
                }),
                Value::Nil => return fail("value is nil; should be of type string"),
                other => {
                    let got = other.type_name();
                    return fail(format!("value has type {got}; should be string"));
                }
            },
            other => {
                return fail(format!("can't index item of type {}", other.type_name()));
            }
        };
    }
    Ok(item)
}

fn position(index: &Value, limit: usize) -> Result<usize, FunctionError> {
    match index {
        Value::Int(int) => match usize::try_from(int.to_i64()) {
            Ok(at) if at <= limit => Ok(at),
            _ => fail(format!("index out of range: {}", int.to_i64())),
        },
        Value::Nil => fail("cannot index slice/array with nil"),
        other => fail(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn element(
    index: &Value,
    kind: &str,
    length: usize,
    get: impl Fn(usize) -> Option<Value>,
) -> Outcome {
    let at = position(index, length)?;
    match get(at) {
        Some(value) => Ok(value),
        // One past the end passes Go's own check and stops in its reflection.
        None => fail(format!("reflect: {kind} index out of range")),
    }
}

fn slice(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let Some((first, indexes)) = arguments.split_first() else {
        return Ok(Value::Nil);
    };
    let item = plain(first);
    if item.is_nil() {
        return fail("slice of untyped nil");
    }
    if indexes.len() > 3 {
        return fail(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match &item {
        Value::Str(_) if indexes.len() == 3 => return fail("cannot 3-index slice a string"),
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        other => return fail(format!("can't slice item of type {}", other.type_name())),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [start, end, most] = bounds;
    if start > end {
        return fail(format!("invalid slice index: {start} > {end}"));
    }
    if end > most {
        return fail(format!("invalid slice index: {end} > {most}"));
    }
    Ok(match item {
        Value::Str(text) => Value::Str(Str::from(text.get(start..end).unwrap_or_default())),
        Value::Bytes(text) => Value::Bytes(Str::from(text.get(start..end).unwrap_or_default())),
        Value::List(list) => {
            let items = list.items().get(start..end).unwrap_or_default().to_vec();
            Value::List(List::new(list.list_type(), items))
        }
        other => other,
    })
}

fn len(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let item = plain(arguments.first().unwrap_or(&Value::Nil));
    let length = match &item {
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Nil => return fail("reflect: call of reflect.Value.Type on zero Value"),
        other => {
            let name = other.type_name();
            return fail(format!("len of type {}", name.trim_start_matches('*')));
        }
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn len_of_field(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    match arguments.first() {
        Some(Value::Nil) => fail("len of nil pointer"),
        _ => len(context, arguments),
    }
}

fn not(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    Ok(Value::Bool(!arguments.first().is_some_and(Value::truth)))
}

fn print(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    text(context, fmt::sprint(arguments)?)
}

fn println(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    text(context, fmt::sprintln(arguments)?)
}

fn printf(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    match arguments.split_first() {
        Some((Value::Str(format), values)) => text(context, fmt::sprintf(format, values)?),
        _ => Ok(Value::string("")),
    }
}

fn text(context: &mut CallContext, text: Vec<u8>) -> Outcome {
    context.spend(text.len())?;
    Ok(Value::Str(Str::from(text)))
}

/// The groups of kinds that can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Int,
    Uint,
    Float,
    String,
    None,
}

fn basic(value: &Value) -> Basic {
    match value.kind() {
        Kind::Bool => Basic::Bool,
        Kind::Int(kind) if kind.is_unsigned() => Basic::Uint,
        Kind::Int(_) => Basic::Int,
        Kind::Float => Basic::Float,
        Kind::String => Basic::String,
        _ => Basic::None,
    }
}

fn incompatible<T>(left: &Value, right: &Value) -> Result<T, FunctionError> {
    let (left, right) = (left.type_name(), right.type_name());
    fail(format!("incompatible types for comparison: {left} and {right}"))
}

fn equal(left: &Value, right: &Value) -> Result<bool, FunctionError> {
    let (left_kind, right_kind) = (basic(left), basic(right));
    if left_kind != right_kind {
        return match (plain(left), plain(right)) {
            (Value::Int(a), Value::Int(b)) => Ok(a.value() == b.value()),
            (Value::Nil, _) | (_, Value::Nil) => Ok(false),
            _ => incompatible(left, right),
        };
    }
    match (plain(left), plain(right)) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Int(a), Value::Int(b)) => Ok(a.value() == b.value()),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        _ => equal_other(left, right),
    }
}

fn equal_other(left: &Value, right: &Value) -> Result<bool, FunctionError> {
    let show = |value: &Value| -> Result<String, FunctionError> {
        let text = fmt::sprintf(b"%s", std::slice::from_ref(value))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    match (left.is_nil(), right.is_nil()) {
        (true, true) => return Ok(true),
        (true, false) | (false, true) => return Ok(false),
        (false, false) => {}
    }
    if std::mem::discriminant(&left.kind()) != std::mem::discriminant(&right.kind()) {
        return fail(format!(
            "non-comparable types {}: {}, {}: {}",
            show(left)?,
            left.type_name(),
            right.type_name(),
            String::from_utf8_lossy(&fmt::to_text(right)?)
        ));
    }
    match (left, right) {
        (Value::Object(a), Value::Object(b)) if right.kind() == Kind::Pointer => {
            Ok(std::ptr::addr_eq(std::sync::Arc::as_ptr(a), std::sync::Arc::as_ptr(b)))
        }
        (Value::Object(a), Value::Object(b)) if right.kind() == Kind::Struct => {
            Ok(a.is_equal(b.as_ref()))
        }
        _ => fail(format!("non-comparable type {}: {}", show(right)?, right.type_name())),
    }
}

fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, FunctionError> {
    const BAD: &str = "invalid type for comparison";
    let (left_kind, right_kind) = (basic(left), basic(right));
    if left_kind == Basic::None || right_kind == Basic::None {
        return fail(BAD);
    }
    match (plain(left), plain(right)) {
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.value().cmp(&b.value()))),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(&b)),
        (Value::Str(a), Value::Str(b)) => Ok(Some(a.cmp(&b))),
        (Value::Bool(_), Value::Bool(_)) => fail(BAD),
        _ => incompatible(left, right),
    }
}

fn pair(arguments: &[Value]) -> (&Value, &Value) {
    match arguments {
        [left, right, ..] => (left, right),
        _ => (&Value::Nil, &Value::Nil),
    }
}

fn eq(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let Some((first, others)) = arguments.split_first() else {
        return Ok(Value::Nil);
    };
    if others.is_empty() {
        return fail("missing argument for comparison");
    }
    for other in others {
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn ne(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments);
    Ok(Value::Bool(!equal(left, right)?))
}

fn lt(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments);
    Ok(Value::Bool(order(left, right)? == Some(Ordering::Less)))
}

fn le(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments);
    Ok(Value::Bool(matches!(order(left, right)?, Some(Ordering::Less | Ordering::Equal))))
}

// Go defines these two by negation, which shows for NaN.
fn gt(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments);
    Ok(Value::Bool(!matches!(order(left, right)?, Some(Ordering::Less | Ordering::Equal))))
}

fn ge(_: &mut CallContext, arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments);
    Ok(Value::Bool(order(left, right)? != Some(Ordering::Less)))
}

/// The text of the arguments of an escaping function.
fn joined(arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    if let [Value::Str(text)] = arguments {
        return Ok(text.to_vec());
    }
    let shown: Vec<Value> = arguments
        .iter()
        .map(|value| if value.is_nil() { Value::string("<no value>") } else { value.clone() })
        .collect();
    Ok(fmt::sprint(&shown)?)
}

fn html(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    let mut out = Vec::new();
    for byte in joined(arguments)? {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            byte => out.push(byte),
        }
    }
    text(context, out)
}

fn js(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    let source = joined(arguments)?;
    let mut out = Vec::new();
    let mut rest = source.as_slice();
    while let Some(&byte) = rest.first() {
        let (character, width) = fmt::quote::decode_rune(rest);
        match (byte, character) {
            (b'\\' | b'\'' | b'"', _) => out.extend_from_slice(&[b'\\', byte]),
            (b'<' | b'>' | b'&' | b'=' | 0..=0x1f, _) => {
                out.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
            }
            (_, Some(c)) if c.is_ascii() || fmt::quote::is_print(c) => {
                out.extend_from_slice(rest.get(..width).unwrap_or_default());
            }
            // Broken UTF-8 decodes to U+FFFD in Go, which is printable.
            (_, None) => out.extend_from_slice(rest.get(..width).unwrap_or_default()),
            (_, Some(c)) => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(c)).as_bytes());
            }
        }
        rest = rest.get(width..).unwrap_or_default();
    }
    text(context, out)
}

fn urlquery(context: &mut CallContext, arguments: &[Value]) -> Outcome {
    let mut out = Vec::new();
    for byte in joined(arguments)? {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    text(context, out)
}
