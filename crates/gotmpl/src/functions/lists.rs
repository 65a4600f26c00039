//! Lists: making, taking apart, searching.

use std::rc::Rc;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::equal::deep_equal;
use crate::value::{List, ListType, Value};

use super::arguments::{Answer, NIL_POINTER, any, elements, failure, int, nil_list};
use super::cast::{float_to_i64, to_i64};

use Param::{Any, Int};

/// The functions of this file; `must…` fail with the same words as the others.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::variadic("list", &[], Any, list),
    FunctionEntry::variadic("tuple", &[], Any, list),
    FunctionEntry::new("append", &[Any, Any], append),
    FunctionEntry::new("push", &[Any, Any], append),
    FunctionEntry::new("mustAppend", &[Any, Any], append),
    FunctionEntry::new("mustPush", &[Any, Any], append),
    FunctionEntry::new("prepend", &[Any, Any], prepend),
    FunctionEntry::new("mustPrepend", &[Any, Any], prepend),
    FunctionEntry::variadic("concat", &[], Any, concat),
    FunctionEntry::new("first", &[Any], first),
    FunctionEntry::new("mustFirst", &[Any], first),
    FunctionEntry::new("last", &[Any], last),
    FunctionEntry::new("mustLast", &[Any], last),
    FunctionEntry::new("rest", &[Any], rest),
    FunctionEntry::new("mustRest", &[Any], rest),
    FunctionEntry::new("initial", &[Any], initial),
    FunctionEntry::new("mustInitial", &[Any], initial),
    FunctionEntry::new("reverse", &[Any], reverse),
    FunctionEntry::new("mustReverse", &[Any], reverse),
    FunctionEntry::new("uniq", &[Any], uniq),
    FunctionEntry::new("mustUniq", &[Any], uniq),
    FunctionEntry::variadic("without", &[Any], Any, without),
    FunctionEntry::variadic("mustWithout", &[Any], Any, without),
    FunctionEntry::new("has", &[Any, Any], has),
    FunctionEntry::new("mustHas", &[Any, Any], has),
    FunctionEntry::new("compact", &[Any], compact),
    FunctionEntry::new("mustCompact", &[Any], compact),
    FunctionEntry::variadic("slice", &[Any], Any, slice),
    FunctionEntry::variadic("mustSlice", &[Any], Any, slice),
    FunctionEntry::new("chunk", &[Int, Any], chunk),
    FunctionEntry::new("mustChunk", &[Int, Any], chunk),
];

/// Returns the elements of a slice, or the message of the function for another kind.
fn items(
    context: &mut CallContext,
    value: &Value,
    message: &str,
) -> Result<Rc<Vec<Value>>, FunctionError> {
    match elements(value) {
        Some(items) => {
            context.spend(items.len())?;
            Ok(items)
        }
        None if value.is_nil() => failure(NIL_POINTER),
        None => failure(format!("{message} {}", value.kind().name())),
    }
}

fn list(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::list(arguments.to_vec()))
}

fn append(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let old = items(context, any(arguments, 0), "Cannot push on type")?;
    let mut new = Vec::with_capacity(old.len() + 1);
    new.extend(old.iter().cloned());
    new.push(any(arguments, 1).clone());
    Ok(Value::list(new))
}

fn prepend(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let old = items(context, any(arguments, 0), "Cannot prepend on type")?;
    let mut new = Vec::with_capacity(old.len() + 1);
    new.push(any(arguments, 1).clone());
    new.extend(old.iter().cloned());
    Ok(Value::list(new))
}

fn concat(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut new = Vec::new();
    for part in arguments {
        match elements(part) {
            Some(items) => {
                context.spend(items.len())?;
                new.extend(items.iter().cloned());
            }
            None if part.is_nil() => return failure(NIL_POINTER),
            None => return failure(format!("Cannot concat type {} as list", part.kind().name())),
        }
    }
    Ok(if new.is_empty() { nil_list() } else { Value::list(new) })
}

fn first(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_default())
}

fn last(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_default())
}

fn rest(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find rest on type")?;
    Ok(match items.split_first() {
        Some((_, rest)) => Value::list(rest.to_vec()),
        None => nil_list(),
    })
}

fn initial(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find initial on type")?;
    Ok(match items.split_last() {
        Some((_, initial)) => Value::list(initial.to_vec()),
        None => nil_list(),
    })
}

fn reverse(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find reverse on type")?;
    Ok(Value::list(items.iter().rev().cloned().collect()))
}

/// Reports whether an equal value is among the others; equal includes the type.
fn contains(
    context: &mut CallContext,
    haystack: &[Value],
    needle: &Value,
) -> Result<bool, FunctionError> {
    context.spend(haystack.len())?;
    for value in haystack {
        if deep_equal(needle, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find uniq on type")?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        if !contains(context, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot find without on type")?;
    let unwanted = arguments.get(1..).unwrap_or_default();
    let mut kept = Vec::new();
    for item in items.iter() {
        if !contains(context, unwanted, item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn has(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let haystack = any(arguments, 1);
    if haystack.is_nil() {
        return Ok(Value::Bool(false));
    }
    let items = items(context, haystack, "Cannot find has on type")?;
    Ok(Value::Bool(contains(context, &items, any(arguments, 0))?))
}

fn compact(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 0), "Cannot compact on type")?;
    let empty = super::defaults::is_empty;
    Ok(Value::list(items.iter().filter(|item| !empty(item)).cloned().collect()))
}

/// Returns the type of a part of a slice: that of the whole.
fn list_type(value: &Value) -> ListType {
    match value {
        Value::List(list) => list.list_type(),
        Value::Object(object) => {
            object.underlying().map_or(ListType::Any, |plain| list_type(&plain))
        }
        _ => ListType::Any,
    }
}

fn slice(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let whole = any(arguments, 0);
    let items = items(context, whole, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = arguments.get(1).map_or(0, to_i64);
    let end = arguments.get(2).map_or(items.len() as i64, to_i64);
    let range = match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end => items.get(start..end),
        _ => None,
    };
    let Some(part) = range else {
        return failure("reflect.Value.Slice: slice index out of bounds");
    };
    if let Value::Bytes(bytes) = whole {
        let at = usize::try_from(start).unwrap_or(0);
        return Ok(Value::Bytes(bytes.get(at..at + part.len()).unwrap_or_default().into()));
    }
    Ok(Value::List(List::new(list_type(whole), part.to_vec())))
}

fn chunk(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let items = items(context, any(arguments, 1), "Cannot chunk type")?;
    let too_long = || failure("runtime error: makeslice: len out of range");
    let (size, length) = (int(arguments, 0), items.len() as f64);
    // With floats as the original has it, which decides what sizes below 1 do.
    let count = float_to_i64(((length - 1.0) / size as f64).floor() + 1.0);
    if count < 0 {
        return too_long();
    }
    if size < 1 {
        return if count == 0 { Ok(chunks(Vec::new())) } else { too_long() };
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(chunks(items.chunks(size).map(|part| Value::list(part.to_vec())).collect()))
}

fn chunks(parts: Vec<Value>) -> Value {
    Value::List(List::new(ListType::Lists, parts))
}
