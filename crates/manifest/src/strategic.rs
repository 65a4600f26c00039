//! Strategic merge patches, as kustomize's kyaml applies them (`yaml/merge2` and `yaml/walk` of
//! sigs.k8s.io/kustomize/kyaml v0.21.1): new items of lists come first.

use indexmap::IndexMap;
use yaml::Value;

use crate::{MergeField, MergeKeys, MergeSchema, MergeType};

const DIRECTIVE: &str = "$patch";

/// Deeper patches than this are refused.
const DEEPEST: usize = 500;

/// Returns the text of a scalar, as it would be compared; empty for everything else.
pub fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Uint(number) => number.to_string(),
        Value::Float(number) => yaml::yaml_float(*number),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// Merges a patch into an object; `None` is an object that the patch deletes.
///
/// # Errors
/// Where the patch puts a list, map or plain value where another of them is, or a directive is
/// unknown.
pub fn strategic_merge(object: Value, patch: Value) -> Result<Option<Value>, String> {
    strategic_merge_with(object, patch, None)
}

/// As [`strategic_merge`], by the schema that is given instead of Kubernetes' own.
///
/// # Errors
/// As [`strategic_merge`].
pub fn strategic_merge_with(
    object: Value,
    patch: Value,
    schema: Option<&MergeSchema>,
) -> Result<Option<Value>, String> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let of = |value: &Value| (text(value, "apiVersion"), text(value, "kind"));
    let (mut version, mut kind) = of(&object);
    if version.is_empty() || kind.is_empty() {
        (version, kind) = of(&patch);
    }
    let schema = MergeField { keys: None, target: MergeType::of(schema, &version, &kind) };
    let walked = walk(Some(object), Patch::Own(patch), Some(schema), 0)?;
    Ok(walked.map(|(value, _)| value))
}

/// What is merged into a part of the object.
enum Patch {
    /// The patch says nothing about it.
    Nothing,
    /// The part came from the patch: it is merged with itself, which takes nulls and directives out.
    Same,
    /// This part of the patch.
    Own(Value),
}

impl Patch {
    fn value(&self) -> Option<&Value> {
        match self {
            Patch::Own(value) => Some(value),
            Patch::Nothing | Patch::Same => None,
        }
    }
}

/// What came out, and whether it is the object's own part rather than the patch's.
type Walked = Option<(Value, bool)>;

fn walk(
    dest: Option<Value>,
    patch: Patch,
    schema: Option<MergeField<'_>>,
    depth: usize,
) -> Result<Walked, String> {
    if depth > DEEPEST {
        return Err("a patch is nested too deeply".to_owned());
    }
    let present = |value: Option<&Value>| value.is_some_and(|it| !it.is_null());
    let first = if present(dest.as_ref()) { dest.as_ref() } else { patch.value() };
    match first {
        Some(Value::Map(_)) | Some(Value::Null) | None => {
            check_kind(&dest, &patch, "MappingNode", |it| matches!(it, Value::Map(_)))?;
            walk_map(dest, patch, schema, depth)
        }
        Some(Value::List(_)) => {
            check_kind(&dest, &patch, "SequenceNode", |it| matches!(it, Value::List(_)))?;
            match schema.and_then(|schema| schema.keys.map(|keys| (keys, schema.target))) {
                Some((keys, items)) => walk_list(dest, patch, keys, items, depth),
                None => Ok(either(dest, patch)),
            }
        }
        Some(_) => {
            let scalar = |it: &Value| !matches!(it, Value::Map(_) | Value::List(_));
            check_kind(&dest, &patch, "ScalarNode", scalar)?;
            Ok(either(dest, patch))
        }
    }
}

/// Returns the patch's value where it has one; null takes the value away.
fn either(dest: Option<Value>, patch: Patch) -> Walked {
    match patch {
        Patch::Own(Value::Null) => None,
        Patch::Own(patch) => Some((patch, false)),
        Patch::Nothing | Patch::Same => dest.filter(|it| !it.is_null()).map(|dest| (dest, true)),
    }
}

fn check_kind(
    dest: &Option<Value>,
    patch: &Patch,
    expected: &str,
    fits: impl Fn(&Value) -> bool,
) -> Result<(), String> {
    for value in [dest.as_ref(), patch.value()].into_iter().flatten() {
        if !value.is_null() && !fits(value) {
            let found = match value {
                Value::Map(_) => "MappingNode",
                Value::List(_) => "SequenceNode",
                _ => "ScalarNode",
            };
            return Err(format!("wrong node kind: expected {expected} but was {found}"));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

fn directive_of(value: &Value) -> Result<Directive, String> {
    match scalar_text(value).as_str() {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => Err(format!("unknown patch strategy '{other}'")),
    }
}

/// Takes the directive out of a map.
fn take_map_directive(patch: &mut Value) -> Result<Directive, String> {
    let Value::Map(fields) = patch else { return Ok(Directive::Merge) };
    match fields.get(DIRECTIVE) {
        None => Ok(Directive::Merge),
        Some(value) => {
            let directive = directive_of(value)?;
            fields.shift_remove(DIRECTIVE);
            Ok(directive)
        }
    }
}

/// Takes an item that is only a directive out of a list.
fn take_list_directive(patch: &mut Value) -> Result<Directive, String> {
    let Value::List(items) = patch else { return Ok(Directive::Merge) };
    let Some(item) = items.iter().find(|item| item.get(DIRECTIVE).is_some()) else {
        return Ok(Directive::Merge);
    };
    if item.as_map().is_some_and(|fields| fields.len() > 1) {
        return Ok(Directive::Merge);
    }
    let directive = item.get(DIRECTIVE).map_or(Ok(Directive::Merge), directive_of)?;
    let text = item.get(DIRECTIVE).map(scalar_text).unwrap_or_default();
    set_element(items, None, &[DIRECTIVE], &[text]);
    Ok(directive)
}

fn walk_map(
    dest: Option<Value>,
    patch: Patch,
    schema: Option<MergeField<'_>>,
    depth: usize,
) -> Result<Walked, String> {
    let target = schema.and_then(|schema| schema.target);
    let (chosen, own, patch) = match (dest, patch) {
        (None, Patch::Nothing | Patch::Same) => return Ok(None),
        // A null that the patch says nothing about stays.
        (Some(Value::Null), Patch::Nothing) => return Ok(Some((Value::Null, true))),
        (Some(Value::Null), Patch::Same) | (Some(_), Patch::Own(Value::Null)) => return Ok(None),
        (Some(dest), Patch::Nothing) => (dest, true, Patch::Nothing),
        (None | Some(Value::Null), Patch::Own(mut patch)) => {
            // Nobody asks whether the directive of something new is one: an unknown one stays.
            if take_map_directive(&mut patch) == Ok(Directive::Delete) {
                return Ok(None);
            }
            (patch, false, Patch::Same)
        }
        (Some(mut dest), Patch::Same) => match take_map_directive(&mut dest)? {
            Directive::Delete => return Ok(None),
            Directive::Replace | Directive::Merge => (dest, true, Patch::Same),
        },
        (Some(dest), Patch::Own(mut patch)) => match take_map_directive(&mut patch)? {
            Directive::Delete => return Ok(None),
            Directive::Replace => (patch, false, Patch::Same),
            Directive::Merge => (dest, true, Patch::Own(patch)),
        },
    };
    let Value::Map(mut fields) = chosen else { return Ok(None) };
    let (mut changes, same) = match patch {
        Patch::Own(Value::Map(changes)) => (changes, false),
        Patch::Own(_) => return Ok(None),
        Patch::Same => (IndexMap::new(), true),
        Patch::Nothing => (IndexMap::new(), false),
    };
    let mut keys: Vec<String> = fields.keys().cloned().collect();
    keys.extend(changes.keys().filter(|key| !fields.contains_key(*key)).cloned());
    keys.sort_unstable();
    for key in keys {
        let field = target.and_then(|target| target.field(&key));
        let patch = match changes.swap_remove(&key) {
            Some(change) => Patch::Own(change),
            None if same => Patch::Same,
            // Below this no list merges, so nothing would change.
            None if field.is_none() => continue,
            None => Patch::Nothing,
        };
        let old = fields.get_mut(&key).map(std::mem::take);
        match walk(old, patch, field, depth + 1)? {
            Some((value, kept)) if !value.is_null() || kept => {
                fields.insert(key, value);
            }
            _ => {
                fields.shift_remove(&key);
            }
        }
    }
    Ok(Some((Value::Map(fields), own)))
}

fn walk_list(
    dest: Option<Value>,
    patch: Patch,
    keys: MergeKeys<'_>,
    item: Option<MergeType<'_>>,
    depth: usize,
) -> Result<Walked, String> {
    let (chosen, own, patch) = match (dest, patch) {
        (None | Some(Value::Null), Patch::Own(patch)) => (patch, false, Patch::Same),
        (None | Some(Value::Null), _) | (Some(_), Patch::Own(Value::Null)) => return Ok(None),
        (Some(dest), Patch::Nothing) => (dest, true, Patch::Nothing),
        (Some(mut dest), Patch::Same) => match take_list_directive(&mut dest)? {
            Directive::Delete => return Ok(None),
            Directive::Replace | Directive::Merge => (dest, true, Patch::Same),
        },
        (Some(dest), Patch::Own(mut patch)) => match take_list_directive(&mut patch)? {
            Directive::Delete => return Ok(None),
            Directive::Replace => (patch, false, Patch::Same),
            Directive::Merge => (dest, true, Patch::Own(patch)),
        },
    };
    let Value::List(mut dest) = chosen else { return Ok(None) };
    let (patch, same) = match patch {
        Patch::Own(Value::List(patch)) => (patch, false),
        Patch::Own(_) => return Ok(None),
        Patch::Same => (Vec::new(), true),
        Patch::Nothing => (Vec::new(), false),
    };
    let mut keys = keys.names();
    if keys.is_empty() {
        keys.push("");
    }
    let mut values = Vec::new();
    for element in patch.iter().chain(&dest) {
        let found = element_values(element, &keys);
        if !values.contains(&found) {
            values.push(found);
        }
    }
    if keys.len() > 1 {
        merge_values(&mut values);
    }
    let schema = Some(MergeField { keys: None, target: item });
    let mut merged = Vec::new();
    let mut last_keys = Vec::new();
    for index in 0..values.len() {
        let Some(these) = values.get(index) else { continue };
        let (valid_keys, valid_values) = valid_keys(&values, these, &keys);
        let (match_keys, match_values) =
            valid_keys_of(std::slice::from_ref(&valid_values), &valid_values, &valid_keys);
        let place = dest.iter().position(|it| is_element(it, &match_keys, &match_values));
        let change = match patch.iter().find(|it| is_element(it, &match_keys, &match_values)) {
            Some(change) => Patch::Own(change.clone()),
            None if same => Patch::Same,
            None => Patch::Nothing,
        };
        let old = place.and_then(|place| dest.get(place)).cloned();
        last_keys.clone_from(&valid_keys);
        let value = match walk(old, change, schema, depth + 1)? {
            Some((value, kept)) if !is_empty(&value) => {
                let value = with_keys(value, &valid_keys, &valid_values);
                if let (true, Some(slot)) = (kept, place.and_then(|place| dest.get_mut(place))) {
                    slot.clone_from(&value);
                }
                value
            }
            _ => {
                // Merged with itself, an item loses its directive before it is looked for.
                if let (true, Some(slot)) = (same, place.and_then(|place| dest.get_mut(place))) {
                    take_map_directive(slot)?;
                }
                set_element(&mut dest, None, &valid_keys, &valid_values);
                continue;
            }
        };
        set_element(&mut merged, Some(value), &valid_keys, &valid_values);
    }
    if values.is_empty() {
        return Ok(Some((Value::List(dest), own)));
    }
    append(&mut merged, dest, &last_keys);
    Ok(Some((Value::List(merged), own)))
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_map().is_some_and(IndexMap::is_empty)
}

fn with_keys(mut value: Value, keys: &[&str], values: &[String]) -> Value {
    if let Value::Map(fields) = &mut value {
        for (key, text) in keys.iter().zip(values) {
            if !text.is_empty() && !fields.contains_key(*key) {
                let plain = yaml::parse(text, yaml::Schema::Go3).map(Value::from);
                let plain = plain.unwrap_or_else(|_| Value::String(text.clone()));
                fields.insert((*key).to_owned(), plain);
            }
        }
    }
    value
}

fn element_values(element: &Value, keys: &[&str]) -> Vec<String> {
    let of = |key: &&str| match *key {
        "" => scalar_text(element),
        key => element.get(key).map(scalar_text).unwrap_or_default(),
    };
    keys.iter().map(of).collect()
}

/// Whether an item has all these values; an empty key is the item itself.
fn is_element(element: &Value, keys: &[&str], values: &[String]) -> bool {
    keys.iter().zip(values).all(|(key, text)| match *key {
        "" => !matches!(element, Value::Map(_) | Value::List(_)) && scalar_text(element) == *text,
        key => element.get(key).is_some_and(|it| written_text(it) == *text),
    })
}

fn valid_keys<'k>(
    all: &[Vec<String>],
    values: &[String],
    keys: &[&'k str],
) -> (Vec<&'k str>, Vec<String>) {
    valid_keys_of(all, values, keys)
}

/// Leaves out the keys that no item has.
fn valid_keys_of<'k>(
    all: &[Vec<String>],
    values: &[String],
    keys: &[&'k str],
) -> (Vec<&'k str>, Vec<String>) {
    let used = |index: usize| all.iter().any(|it| it.get(index).is_some_and(|it| !it.is_empty()));
    if !(0..keys.len()).any(used) {
        return (keys.to_vec(), values.to_vec());
    }
    let kept = (0..keys.len()).filter(|&index| used(index));
    let pair = |index: usize| Some((*keys.get(index)?, values.get(index)?.clone()));
    kept.filter_map(pair).unzip()
}

/// Gives items that agree in one key and lack the other the same values.
fn merge_values(values: &mut [Vec<String>]) {
    for left in 0..values.len() {
        for right in 0..values.len() {
            let (Some(one), Some(two)) = (values.get(left), values.get(right)) else { continue };
            if let Some(both) = agreed(one, two) {
                if let Some(slot) = values.get_mut(left) {
                    slot.clone_from(&both);
                }
                if let Some(slot) = values.get_mut(right) {
                    *slot = both;
                }
            }
        }
    }
}

fn agreed(left: &[String], right: &[String]) -> Option<Vec<String>> {
    let mut common = false;
    let mut both = Vec::new();
    for (one, two) in left.iter().zip(right) {
        if one == two {
            common = true;
        } else if !one.is_empty() && !two.is_empty() {
            return None;
        }
        both.push(if one.is_empty() { two.clone() } else { one.clone() });
    }
    common.then_some(both)
}

/// Puts an item in the place of those with the same keys, or at the end; `None` removes them.
fn set_element(items: &mut Vec<Value>, element: Option<Value>, keys: &[&str], values: &[String]) {
    let by_field = keys.iter().any(|key| !key.is_empty());
    let mut matched = false;
    let mut kept = Vec::with_capacity(items.len() + 1);
    for item in items.drain(..) {
        if is_empty(&item) {
            continue;
        }
        if by_field && !matches!(item, Value::Map(_)) {
            kept.push(item);
            continue;
        }
        let same = keys.iter().enumerate().all(|(index, key)| match (values.get(index), *key) {
            // An item that lacks a key is looked for by those before it.
            (None, _) => !values.is_empty(),
            (Some(text), "") => scalar_text(&item) == *text,
            (Some(text), key) => {
                item.get(key).is_some_and(|it| text.is_empty() || written_text(it) == *text)
            }
        });
        if !same {
            if !values.is_empty() {
                kept.push(item);
            }
            continue;
        }
        matched = true;
        kept.extend(element.clone());
    }
    if !matched {
        kept.extend(element);
    }
    *items = kept;
}

/// Returns the letters of a scalar; those of a null are looked for as well.
fn written_text(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { scalar_text(value) }
}

fn append(list: &mut Vec<Value>, rest: Vec<Value>, keys: &[&str]) {
    for element in rest {
        if keys.first().is_none_or(|key| key.is_empty()) {
            let text = scalar_text(&element);
            set_element(list, Some(element), &[""], &[text]);
            continue;
        }
        let mut values = Vec::new();
        for key in keys {
            match element.get(key) {
                None => list.push(element.clone()),
                Some(value) => values.push(written_text(value)),
            }
        }
        if keys.len() > 1 {
            set_element(list, None, keys, &values);
        }
        set_element(list, Some(element), keys, &values);
    }
}
