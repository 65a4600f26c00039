//! Paths to fields as replacements and variables write them: `spec.containers.[name=main].image`.
//!
//! Two ways of following them differ in kustomize: `lookup` leads to one value (`PathGetter`), `find` to
//! all that fit, and makes what is missing (`PathMatcher`, both of sigs.k8s.io/kustomize/kyaml v0.21.1).

use std::collections::BTreeSet;

use manifest::scalar_text;
use regex::Regex;
use yaml::{Node, ScalarStyle, Schema, Value};

use crate::reading::check_new_key;
use crate::resource::empty_map;
use crate::specs::{Path, Step, split_path};

/// Longer paths than this are refused.
const LONGEST: usize = 200;

/// Splits at dots; brackets hold a name or a choice of items together.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut result = Vec::new();
    let mut parts = split_path(path, '.').into_iter().map(std::borrow::Cow::into_owned);
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            result.push(part);
            continue;
        }
        let mut whole = part;
        for next in parts.by_ref() {
            whole.push('.');
            whole.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        if !whole.contains('=') {
            whole = whole.trim_matches(['[', ']']).to_owned();
        }
        result.push(whole);
    }
    result
}

fn choice_of(part: &str) -> Option<(&str, &str)> {
    part.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// Returns the value at a path.
pub(crate) fn lookup<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    let place = place(value, path)?;
    at(value, &place)
}

/// Returns where the value at a path is.
pub(crate) fn place(value: &Value, path: &[String]) -> Option<Path> {
    let mut place = Path::new();
    let mut value = value;
    for part in path {
        let index = match value {
            Value::Map(fields) => {
                value = fields.get(part)?;
                place.push(Step::Key(part.clone()));
                continue;
            }
            Value::List(items) => match choice_of(part) {
                Some((key, text)) => items.iter().position(|item| match key {
                    "" => scalar_text(item) == text,
                    key => item.get(key).is_some_and(|it| scalar_text(it) == text),
                })?,
                None => part.parse().ok()?,
            },
            _ => return None,
        };
        value = value.as_list()?.get(index)?;
        place.push(Step::Index(index));
    }
    Some(place)
}

/// Returns the value at a place.
pub(crate) fn at<'v>(value: &'v Value, place: &[Step]) -> Option<&'v Value> {
    place.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Map(fields), Step::Key(key)) => fields.get(key),
        (Value::List(items), Step::Index(index)) => items.get(*index),
        _ => None,
    })
}

/// What a text means when it is written without quotes, nothing among it.
pub(crate) fn untyped(text: &str) -> Value {
    if is_null(text) { Value::Null } else { plain(text) }
}

/// Whether letters without quotes mean nothing.
pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "null" | "Null" | "NULL" | "~")
}

/// What a text means when it is written without quotes.
pub(crate) fn plain(text: &str) -> Value {
    let whole =
        |node: &Node| node.style == ScalarStyle::Plain && node.span.range() == (0..text.len());
    match yaml::parse(text, Schema::Go3).map(|node| (whole(&node), Value::from(node))) {
        Ok((_, value @ (Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_)))) => {
            value
        }
        // A date is a moment; lines stay lines.
        Ok((true, value @ Value::String(_))) if !text.contains('\n') => value,
        _ => Value::String(text.to_owned()),
    }
}

/// What a path leads to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Where the values are.
    pub(crate) places: Vec<Path>,
    /// Which of them were made.
    pub(crate) made: BTreeSet<usize>,
    /// Where values were made of the choice of an item.
    pub(crate) chosen: Vec<Path>,
    /// How many more there are inside of texts that were read as YAML: in those kustomize changes a copy.
    pub(crate) inside: usize,
}

impl Found {
    /// Notes that the values that were found since there were `before` of them were made.
    fn note_made(&mut self, before: usize) {
        self.made.extend(before..self.places.len());
    }

    fn count(&self) -> usize {
        self.places.len() + self.inside
    }
}

/// Finds every value that a path leads to. With `create`, what is missing on the way is made, and at the
/// end of it `create` itself.
pub(crate) fn find(
    value: &mut Value,
    path: &[String],
    create: Option<&Value>,
) -> Result<Found, String> {
    if path.len() > LONGEST {
        return Err("the path is too deep".to_owned());
    }
    let mut found = Found::default();
    follow(value, path, create, &mut Path::new(), &mut found)?;
    Ok(found)
}

fn follow(
    value: &mut Value,
    path: &[String],
    create: Option<&Value>,
    here: &mut Path,
    found: &mut Found,
) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        found.places.push(here.clone());
        return Ok(());
    };
    let index = index_of(first);
    if index.is_some() || first == "*" || is_choice(first) {
        let Value::List(items) = value else {
            return Err(wrong_kind("SequenceNode", value));
        };
        return match index {
            Some(index) => item(items, index, rest, create, here, found),
            None if first == "*" => {
                for (index, item) in items.iter_mut().enumerate() {
                    step(Step::Index(index), item, rest, create, here, found)?;
                }
                Ok(())
            }
            None => chosen(items, first, rest, create, here, found),
        };
    }
    let fields = match value {
        Value::Map(fields) => fields,
        // What kustomize makes below nothing is lost.
        Value::Null => {
            found.inside += usize::from(create.is_some());
            return Ok(());
        }
        other => return Err(wrong_kind("MappingNode", other)),
    };
    let is_new = !fields.contains_key(first);
    if is_new {
        let Some(last) = create else { return Ok(()) };
        check_new_key(first)?;
        fields.insert(first.clone(), made(rest.first(), last));
    }
    let Some(field) = fields.get_mut(first) else { return Ok(()) };
    let is_scalar = !matches!(field, Value::Map(_) | Value::List(_) | Value::Null);
    if is_scalar && !rest.is_empty() {
        let text = scalar_text(field);
        if text.is_empty() {
            return Err(wrong_kind("MappingNode", field));
        }
        let parsed = yaml::parse(&text, Schema::Go3).map_err(|error| error.go_text())?;
        let inside = find(&mut Value::from(parsed), rest, create)?;
        found.inside += inside.count();
        return Ok(());
    }
    let before = found.places.len();
    step(Step::Key(first.clone()), field, rest, create, here, found)?;
    if is_new {
        found.note_made(before);
    }
    Ok(())
}

fn step(
    step: Step,
    value: &mut Value,
    rest: &[String],
    create: Option<&Value>,
    here: &mut Path,
    found: &mut Found,
) -> Result<(), String> {
    here.push(step);
    follow(value, rest, create, here, found)?;
    here.pop();
    Ok(())
}

/// Follows an index; the one behind the last is made.
fn item(
    items: &mut Vec<Value>,
    index: usize,
    rest: &[String],
    create: Option<&Value>,
    here: &mut Path,
    found: &mut Found,
) -> Result<(), String> {
    let is_new = create.is_some() && index == items.len();
    if let Some(last) = create.filter(|_| is_new) {
        items.push(made(rest.first(), last));
    }
    let count = items.len();
    let item = items
        .get_mut(index)
        .ok_or_else(|| format!("index {index} specified but only {count} elements found"))?;
    let before = found.places.len();
    step(Step::Index(index), item, rest, create, here, found)?;
    if is_new {
        found.note_made(before);
    }
    Ok(())
}

/// Follows `[key=pattern]`; an item that fits is made where there is none.
fn chosen(
    items: &mut Vec<Value>,
    part: &str,
    rest: &[String],
    create: Option<&Value>,
    here: &mut Path,
    found: &mut Found,
) -> Result<(), String> {
    let (key, pattern) = choice_of(part)
        .ok_or("list path element must contain fieldName=fieldValue for element to match")?;
    let literal = pattern.chars().all(|it| it.is_ascii_alphanumeric() || "-_/:".contains(it));
    let regex = match literal {
        true => None,
        false => Some(Regex::new(pattern).map_err(|error| error.to_string())?),
    };
    let fits = |item: &Value| {
        let text = match key {
            "" => scalar_text(item),
            key => match item.get(key) {
                Some(found) => scalar_text(found),
                None => return false,
            },
        };
        regex.as_ref().map_or_else(|| text.contains(pattern), |it| it.is_match(&text))
    };
    let before = found.count();
    // Of an item that is plain itself, the rest of the path means nothing.
    let rest = if key.is_empty() { &[] } else { rest };
    for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| fits(item)) {
        step(Step::Index(index), item, rest, create, here, found)?;
    }
    if found.count() > before || create.is_none() {
        return Ok(());
    }
    let mut made = plain(pattern);
    let mut place = here.clone();
    place.push(Step::Index(items.len()));
    if !key.is_empty() {
        made = Value::Map([(key.to_owned(), made)].into_iter().collect());
        place.push(Step::Key(key.to_owned()));
    }
    found.chosen.push(place);
    step(Step::Index(items.len()), &mut made, rest, create, here, found)?;
    items.push(made);
    Ok(())
}

fn index_of(part: &str) -> Option<usize> {
    part.parse().ok()
}

fn is_choice(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

/// Makes what the next part of a path needs, or the end of the path.
fn made(next: Option<&String>, last: &Value) -> Value {
    match next {
        None => last.clone(),
        Some(next) if is_choice(next) || index_of(next).is_some() => Value::List(Vec::new()),
        Some(_) => empty_map(),
    }
}

pub(crate) fn wrong_kind(expected: &str, value: &Value) -> String {
    let found = match value {
        Value::Map(_) => "MappingNode",
        Value::List(_) => "SequenceNode",
        _ => "ScalarNode",
    };
    format!("wrong node kind: expected {expected} but was {found}")
}
