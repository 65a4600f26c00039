//! `merge` and `mergeOverwrite`, by the rules of mergo 1.0.
//!
//! A value counts as unset when it is empty (0, "", false, an empty list or map), so `merge`
//! replaces it. Maps on both sides are merged into the one on the left; what only the right side
//! has is put in as it is, and from then on shared by both.

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::{MAX_DEPTH, Map, MapType, TooDeep, Value};

use super::arguments::{Answer, any, as_dict};

use Param::Dict;

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::variadic("merge", &[Dict], Dict, |context, arguments| {
        merge_all(context, arguments, false)
    }),
    FunctionEntry::variadic("mustMerge", &[Dict], Dict, |context, arguments| {
        merge_all(context, arguments, false)
    }),
    FunctionEntry::variadic("mergeOverwrite", &[Dict], Dict, |context, arguments| {
        merge_all(context, arguments, true)
    }),
    FunctionEntry::variadic("mustMergeOverwrite", &[Dict], Dict, |context, arguments| {
        merge_all(context, arguments, true)
    }),
];

fn merge_all(context: &mut CallContext, arguments: &[Value], overwrite: bool) -> Answer {
    let target = as_dict(any(arguments, 0)).unwrap_or_else(|| Map::new(MapType::Any));
    for source in arguments.iter().skip(1).filter_map(as_dict) {
        merge(context, &target, &source, overwrite, 0)?;
    }
    Ok(match any(arguments, 0) {
        Value::Nil => Value::Map(target),
        given => super::dicts::as_plain(given),
    })
}

fn is_unset(value: &Value) -> bool {
    // Pointers count as what they point to, and a struct is never empty.
    super::defaults::is_empty(value)
}

fn merge(
    context: &mut CallContext,
    target: &Map,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), FunctionError> {
    if depth >= MAX_DEPTH {
        return Err(TooDeep.into());
    }
    if target.is_same(source) {
        return Ok(());
    }
    let entries = source.entries();
    context.spend(entries.len())?;
    for (key, new) in entries.iter() {
        if new.is_nil() {
            if overwrite {
                target.insert(key.clone(), Value::Nil);
            }
            continue;
        }
        let old = target.get(key);
        let old_map = old.as_ref().and_then(as_dict);
        if let (Some(old_map), Some(new_map)) = (&old_map, as_dict(new)) {
            merge(context, old_map, &new_map, overwrite, depth + 1)?;
            // Two maps that were both empty: the new one takes the place of the old one.
            if !old_map.is_empty() {
                continue;
            }
        }
        if overwrite || old.as_ref().is_none_or(is_unset) {
            target.insert(key.clone(), new.clone());
        }
    }
    Ok(())
}
