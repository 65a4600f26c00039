//! How the values of a parent, of its subcharts and of the user become one tree.
//!
//! Rules: helm v4.3.1 `pkg/chart/common/util/coalesce.go`. Maps are references: tables that helm
//! shares between charts (below the second level of `global`) are shared here as well, so that a
//! template that changes one changes it for the same others.

use gotmpl::{Map, MapType, Str, Value};

use crate::chart::thaw;
use crate::error::{Error, ErrorKind};
use crate::tree::Node;

/// The name of the table that every chart sees.
const GLOBAL: &str = "global";

/// What becomes of null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null deletes what it meets.
    Delete,
    /// Nulls are kept, for a later round.
    Keep,
}

/// Collects helm's warnings.
pub(crate) type Warnings = Vec<String>;

/// Returns the values of a chart and all below it, with those of the user on top.
pub(crate) fn chart_values(
    node: &Node<'_>,
    values: Option<&Map>,
    nulls: Nulls,
    warnings: &mut Warnings,
) -> Result<Map, Error> {
    let values = match values {
        Some(values) => values.deep_copy().map_err(|deep| fail(&deep.to_string()))?,
        None => Map::new(MapType::Any),
    };
    coalesce(node, &values, "", nulls, warnings)?;
    Ok(values)
}

fn coalesce(
    node: &Node<'_>,
    values: &Map,
    prefix: &str,
    nulls: Nulls,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    own_values(node, values, prefix, nulls, warnings);
    for child in &node.children {
        let prefix = join(prefix, &node.name);
        let below = match values.get(child.name.as_bytes()) {
            None => {
                let below = Map::new(MapType::Any);
                values.insert(child.name.as_str(), Value::Map(below.clone()));
                below
            }
            Some(Value::Map(below)) => below,
            Some(other) => {
                return Err(fail(&format!("type mismatch on {}: {}", child.name, as_bool(&other))));
            }
        };
        globals(&below, values, &prefix, warnings);
        coalesce(child, &below, &prefix, nulls, warnings)?;
    }
    Ok(())
}

/// Puts a chart's default values under what is there.
fn own_values(node: &Node<'_>, values: &Map, prefix: &str, nulls: Nulls, warnings: &mut Warnings) {
    let prefix = join(prefix, &node.name);
    let defaults = thaw(node.values.as_ref());
    if values.is_empty() && nulls == Nulls::Keep {
        // Nothing to merge with: the defaults as they are.
        for (key, value) in defaults.entries().iter() {
            values.insert(key.clone(), value.clone());
        }
        return;
    }
    for (key, default) in defaults.entries().iter() {
        match values.get(key) {
            None => match (nulls, default) {
                (Nulls::Delete, Value::Nil) => {}
                (Nulls::Delete, Value::Map(table)) => {
                    remove_nulls(table);
                    values.insert(key.clone(), default.clone());
                }
                _ => values.insert(key.clone(), default.clone()),
            },
            Some(Value::Nil) => {
                if nulls == Nulls::Delete {
                    values.remove(key);
                }
            }
            Some(Value::Map(table)) => match default {
                Value::Map(default) => {
                    let is_child = node.children.iter().any(|child| *key == child.name.as_str());
                    let nulls = if is_child { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Delete {
                        remove_nulls(default);
                    }
                    tables(&table, default, &join_key(&prefix, key), nulls, warnings);
                }
                Value::Nil => {}
                _ => {
                    warnings
                        .push(format!("warning: skipped value for {prefix}.{key}: Not a table."));
                }
            },
            Some(_) => {}
        }
    }
}

/// Hands the global table of a parent down to a chart below it.
fn globals(below: &Map, above: &Map, prefix: &str, warnings: &mut Warnings) {
    let skipped =
        |which: &str| format!("warning: skipping globals because {which} {GLOBAL} is not a table.");
    let target = match below.get(GLOBAL.as_bytes()) {
        None => Map::new(MapType::Any),
        Some(Value::Map(target)) => target,
        Some(_) => {
            warnings.push(skipped("destination"));
            return;
        }
    };
    let source = match above.get(GLOBAL.as_bytes()) {
        None => Map::new(MapType::Any),
        Some(Value::Map(source)) => source,
        Some(_) => {
            warnings.push(skipped("source"));
            return;
        }
    };
    for (key, value) in source.entries().iter() {
        let old = target.get(key);
        match (value, old) {
            (Value::Map(table), None) => {
                target.insert(key.clone(), Value::Map(table.shallow_copy()));
            }
            (Value::Map(table), Some(Value::Map(old))) => {
                // The parent wins, so that the copy of its table is what is merged into.
                let copy = table.shallow_copy();
                tables(&copy, &old, &join_key(prefix, key), Nulls::Keep, warnings);
                target.insert(key.clone(), Value::Map(copy));
            }
            (Value::Map(_), Some(_)) => warnings.push(format!(
                "Conflict: cannot merge map onto non-map for {:?}. Skipping.",
                text(key)
            )),
            (_, Some(Value::Map(_))) => {
                warnings.push(format!("key {key} is table. Skipping"));
            }
            (value, _) => target.insert(key.clone(), value.clone()),
        }
    }
    below.insert(GLOBAL, Value::Map(target));
}

/// Merges one table into another, whose entries win.
pub(crate) fn tables(
    target: &Map,
    source: &Map,
    prefix: &str,
    nulls: Nulls,
    warnings: &mut Warnings,
) {
    let originals = source.entries();
    let had_value = |key: &Str| {
        let found = originals.binary_search_by(|entry| entry.0.cmp(key));
        found.ok().and_then(|at| originals.get(at)).is_some_and(|entry| !entry.1.is_nil())
    };
    for (key, value) in target.entries().iter() {
        if value.is_nil() {
            source.insert(key.clone(), Value::Nil);
        }
    }
    for (key, value) in source.entries().iter() {
        match (target.get(key), value) {
            (Some(Value::Nil), _) if nulls == Nulls::Delete && had_value(key) => {
                target.remove(key);
            }
            (None, value) => target.insert(key.clone(), value.clone()),
            (Some(Value::Map(old)), Value::Map(new)) => {
                tables(&old, new, &join_key(prefix, key), nulls, warnings);
            }
            (Some(_), Value::Map(_)) => warnings.push(format!(
                "warning: cannot overwrite table with non table for {} ({})",
                join_key(prefix, key),
                printed(value)
            )),
            (Some(Value::Map(_)), value) if !value.is_nil() => warnings.push(format!(
                "warning: destination for {} is a table. Ignoring non-table value ({})",
                join_key(prefix, key),
                printed(value)
            )),
            _ => {}
        }
    }
}

/// Removes nulls from a table and all tables in it.
fn remove_nulls(table: &Map) {
    for (key, value) in table.entries().iter() {
        match value {
            Value::Nil => {
                table.remove(key);
            }
            Value::Map(inner) => remove_nulls(inner),
            _ => {}
        }
    }
}

/// Returns the table at a path with dots, or the name that is none.
pub(crate) fn table_at(values: &Map, path: &str) -> Result<Map, String> {
    let mut table = values.clone();
    for name in path.split('.') {
        match table.get(name.as_bytes()) {
            Some(Value::Map(inner)) => table = inner,
            _ => return Err(name.to_owned()),
        }
    }
    Ok(table)
}

/// Returns the value at a path with dots, unless it is a table or not there.
pub(crate) fn value_at(values: &Map, path: &str) -> Option<Value> {
    let value = match path.rsplit_once('.') {
        Some((folder, name)) => table_at(values, folder).ok()?.get(name.as_bytes())?,
        None => values.get(path.as_bytes())?,
    };
    (!matches!(value, Value::Map(_))).then_some(value)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

fn join_key(prefix: &str, key: &Str) -> String {
    join(prefix, &text(key))
}

fn text(key: &Str) -> String {
    key.to_string_lossy().into_owned()
}

/// Returns `%v` for warnings.
pub(crate) fn printed(value: &Value) -> String {
    match value {
        Value::Nil => "<nil>".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => crate::numbers::shortest(*number),
        Value::Str(text) => text.to_string(),
        Value::List(list) => {
            let items: Vec<String> = list.items().iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries = map.entries();
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}:{}", printed(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
        other => other.type_name().into_owned(),
    }
}

/// Returns Go's `%t` of something that is usually no boolean.
fn as_bool(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Nil => "%!t(<nil>)".to_owned(),
        Value::List(list) => {
            let items: Vec<String> = list.items().iter().map(part_as_bool).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries = map.entries();
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("%!t(string={key}):{}", part_as_bool(value)))
                .collect();
            format!("map[{}]", entries.join(" "))
        }
        other => format!("%!t({}={})", other.type_name(), printed(other)),
    }
}

/// Inside lists and maps Go has another word for nil.
fn part_as_bool(value: &Value) -> String {
    if value.is_nil() { "<nil>".to_owned() } else { as_bool(value) }
}

fn fail(message: &str) -> Error {
    Error::new(ErrorKind::Values, message)
}
