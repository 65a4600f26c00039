//! Replacements: a value of one resource is written into fields of others.

use manifest::scalar_text;
use regex::Regex;
use yaml::{Schema, Value};

use crate::decode::Fields;
use crate::identity::{Gvk, Id};
use crate::resource::{Resource, empty_map};
use crate::select::Selector;
use crate::specs::split_path;

#[derive(Clone, Debug, Default)]
struct Choice {
    delimiter: String,
    index: i64,
    create: bool,
}

#[derive(Clone, Debug)]
struct Source {
    id: Id,
    path: String,
    choice: Choice,
}

#[derive(Clone, Debug)]
struct Target {
    select: Selector,
    reject: Vec<Selector>,
    paths: Vec<String>,
    choice: Choice,
}

/// A value and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    value: Option<String>,
    source: Option<Source>,
    targets: Vec<Target>,
}

impl Replacement {
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        let fields = Fields::lenient(value, "replacements")?;
        let choice = |fields: &Fields<'_>| -> Result<Choice, String> {
            let null = Value::Null;
            let options = Fields::lenient(fields.get("options").unwrap_or(&null), "options")?;
            Ok(Choice {
                delimiter: options.text("delimiter")?,
                index: options.number("index")?,
                create: options.flag("create")?,
            })
        };
        let source = match fields.get("source") {
            None => None,
            Some(source) => {
                let source = Fields::lenient(source, "source")?;
                let path = source.text("fieldPath")?;
                Some(Source {
                    id: Id {
                        gvk: source.gvk()?,
                        name: source.text("name")?,
                        namespace: source.text("namespace")?,
                    },
                    path: if path.is_empty() { "metadata.name".to_owned() } else { path },
                    choice: choice(&source)?,
                })
            }
        };
        let mut targets = Vec::new();
        for target in fields.list("targets")? {
            let target = Fields::lenient(target, "targets")?;
            let select = target.get("select").ok_or("target must specify resources to select")?;
            let reject = target.list("reject")?.iter();
            let mut paths = target.texts("fieldPaths")?;
            if paths.is_empty() {
                paths.push("metadata.name".to_owned());
            }
            targets.push(Target {
                select: Selector::read(&Fields::lenient(select, "select")?)?,
                reject: reject
                    .map(|it| Selector::read(&Fields::lenient(it, "reject")?))
                    .collect::<Result<_, String>>()?,
                paths,
                choice: choice(&target)?,
            });
        }
        let value = match fields.get("sourceValue") {
            None => None,
            Some(_) => Some(fields.text("sourceValue")?),
        };
        if (value.is_none() && source.is_none()) || targets.is_empty() {
            return Err("replacements must specify a source and at least one target".to_owned());
        }
        if value.is_some() && source.is_some() {
            return Err("value and resource selectors are mutually exclusive".to_owned());
        }
        Ok(Self { value, source, targets })
    }
}

/// Begins a text that stands where a number or truth value was.
pub(crate) const MISTYPED: char = '\0';

/// Whether a replacement left such a text.
pub(crate) fn mistyped(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.strip_prefix(MISTYPED),
        Value::List(items) => items.iter().find_map(mistyped),
        Value::Map(fields) => fields.values().find_map(mistyped),
        _ => None,
    }
}

pub(crate) fn apply(all: &mut [Resource], replacements: &[Replacement]) -> Result<(), String> {
    for replacement in replacements {
        let value = match (&replacement.value, &replacement.source) {
            (Some(text), _) => plain(text),
            (None, Some(source)) => find_source(all, source)?,
            (None, None) => continue,
        };
        for target in &replacement.targets {
            for resource in all.iter_mut() {
                write_target(resource, target, &value)?;
            }
        }
    }
    Ok(())
}

/// What a text means when it is written without quotes.
fn plain(text: &str) -> Value {
    match yaml::parse(text, Schema::Go3).map(Value::from) {
        Ok(value @ (Value::Bool(_) | Value::Int(_) | Value::Float(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn find_source(all: &[Resource], source: &Source) -> Result<Value, String> {
    let wanted = &source.id;
    let fits = |id: &Id| {
        (wanted.name.is_empty() || wanted.name == id.name)
            && (wanted.namespace.is_empty()
                || wanted.effective_namespace() == id.effective_namespace())
            && id.gvk.is_selected(&wanted.gvk)
    };
    let mut found = all.iter().filter(|resource| resource.any_id(fits));
    let words = format!("{wanted}:{}", source.path);
    let resource = found.next().ok_or_else(|| format!("nothing selected by {words}"))?;
    if found.next().is_some() {
        return Err(format!("multiple matches for selector {words}"));
    }
    let value = lookup(&resource.value, &split_smart(&source.path));
    let is_nothing = |it: &&Value| match it {
        Value::Null => true,
        Value::Map(fields) => fields.is_empty(),
        Value::List(items) => items.is_empty(),
        other => scalar_text(other).is_empty(),
    };
    let value = value.filter(|it| !is_nothing(it)).ok_or_else(|| {
        format!("fieldPath `{}` is missing for replacement source {wanted}", source.path)
    })?;
    if source.choice.delimiter.is_empty() {
        return Ok(value.clone());
    }
    if matches!(value, Value::Map(_) | Value::List(_)) {
        return Err("delimiter option can only be used with scalar nodes".to_owned());
    }
    let text = scalar_text(value);
    let index = usize::try_from(source.choice.index).ok();
    let part = index.and_then(|index| text.split(&source.choice.delimiter).nth(index));
    let part = part.ok_or_else(|| {
        format!("options.index {} is out of bounds for value {text}", source.choice.index)
    })?;
    Ok(Value::String(part.to_owned()))
}

fn write_target(resource: &mut Resource, target: &Target, value: &Value) -> Result<(), String> {
    if !target.select.fits_marks(resource)? {
        return Ok(());
    }
    for reject in &target.reject {
        if reject.has_marks() && reject.fits_marks(resource)? {
            return Ok(());
        }
    }
    let mut ids = vec![resource.id()];
    ids.extend(resource.previous_ids());
    if target.reject.iter().any(|it| it.rejects(&ids)) || !target.select.fits_any(&ids) {
        return Ok(());
    }
    resource.replaced = true;
    for path in &target.paths {
        let parts = split_smart(path);
        let fail = |error: String| {
            let create = if target.choice.create { "find or create" } else { "find" };
            let error = if error.is_empty() { error } else { format!(": {error}") };
            format!("unable to {create} field \"{path}\" in replacement target{error}")
        };
        let count = walk(&mut resource.value, &parts, &target.choice, value, 0).map_err(fail)?;
        if count == 0 {
            return Err(fail(String::new()));
        }
    }
    Ok(())
}

/// Splits at dots; brackets hold a name or a choice of items together.
pub(crate) fn split_smart(path: &str) -> Vec<String> {
    let mut result = Vec::new();
    let mut parts = split_path(path, '.').into_iter();
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
    path.iter().try_fold(value, |value, part| match value {
        Value::Map(fields) => fields.get(part),
        Value::List(items) => match choice_of(part) {
            Some((key, text)) => items.iter().find(|item| match key {
                "" => scalar_text(item) == text,
                key => item.get(key).is_some_and(|it| scalar_text(it) == text),
            }),
            None => items.get(part.parse::<usize>().ok()?),
        },
        _ => None,
    })
}

fn made(next: Option<&String>, value: &Value) -> Value {
    match next {
        None => match value {
            Value::Map(_) => empty_map(),
            Value::List(_) => Value::List(Vec::new()),
            _ => Value::Null,
        },
        Some(next) if choice_of(next).is_some() || next == "*" || next.parse::<usize>().is_ok() => {
            Value::List(Vec::new())
        }
        Some(_) => empty_map(),
    }
}

/// Writes to every field that the path leads to, and says how many there were.
fn walk(
    at: &mut Value,
    path: &[String],
    choice: &Choice,
    value: &Value,
    depth: usize,
) -> Result<usize, String> {
    if depth > 200 {
        return Err("the path is too deep".to_owned());
    }
    let Some((first, rest)) = path.split_first() else {
        return set(at, choice, value).map(|()| 1);
    };
    let inner = |it: &mut Value| walk(it, rest, choice, value, depth + 1);
    if let Value::List(items) = at {
        if let Ok(index) = first.parse::<usize>() {
            if index == items.len() && choice.create {
                items.push(made(rest.first(), value));
            }
            let count = items.len();
            let item = items.get_mut(index).ok_or_else(|| {
                format!("index {index} specified but only {count} elements found")
            })?;
            return inner(item);
        }
        if first == "*" {
            return items.iter_mut().try_fold(0, |sum, item| Ok(sum + inner(item)?));
        }
        let Some((key, pattern)) = choice_of(first) else {
            return Err("wrong node kind: expected MappingNode but was SequenceNode".to_owned());
        };
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
        let mut sum = 0;
        for item in items.iter_mut().filter(|item| fits(item)) {
            sum += inner(item)?;
        }
        if sum == 0 && choice.create {
            let mut item = plain(pattern);
            if !key.is_empty() {
                let mut fields = indexmap::IndexMap::new();
                fields.insert(key.to_owned(), item);
                item = Value::Map(fields);
            }
            sum += inner(&mut item)?;
            items.push(item);
        }
        return Ok(sum);
    }
    match at {
        Value::Map(fields) => match fields.get_mut(first) {
            Some(field) if !rest.is_empty() => match field {
                Value::String(text) => structured(text, rest, choice, value, depth),
                field => inner(field),
            },
            Some(field) => inner(field),
            None if choice.create => {
                crate::reading::check_new_key(first)?;
                let mut field = made(rest.first(), value);
                let count = inner(&mut field)?;
                fields.insert(first.clone(), field);
                Ok(count)
            }
            None => Ok(0),
        },
        _ => Err("wrong node kind: expected MappingNode but was ScalarNode".to_owned()),
    }
}

/// Writes into JSON or YAML that is the text of a field.
fn structured(
    text: &mut String,
    path: &[String],
    choice: &Choice,
    value: &Value,
    depth: usize,
) -> Result<usize, String> {
    let mut inside =
        yaml::parse(text, Schema::Go3).map(Value::from).map_err(|error| error.go_text())?;
    if !matches!(inside, Value::Map(_) | Value::List(_)) {
        return Err("wrong node kind: expected MappingNode but was ScalarNode".to_owned());
    }
    let whole = Choice { delimiter: String::new(), ..choice.clone() };
    let count = walk(&mut inside, path, &whole, value, depth + 1)?;
    if count == 0 {
        return Err("unable to find field in structured data".to_owned());
    }
    *text = if !text.trim_start().starts_with(['{', '[']) {
        crate::embedded::yaml(text, &inside)?
    } else if text.contains('\n') && text.contains("  ") {
        crate::embedded::indented_json(&inside)
    } else {
        crate::hash::json(&inside)
    };
    Ok(count)
}

fn set(field: &mut Value, choice: &Choice, value: &Value) -> Result<(), String> {
    let mut value = value.clone();
    if !choice.delimiter.is_empty() {
        if matches!(field, Value::Map(_) | Value::List(_)) {
            return Err("delimiter option can only be used with scalar nodes".to_owned());
        }
        let old = scalar_text(field);
        let mut parts: Vec<String> = old.split(&choice.delimiter).map(str::to_owned).collect();
        let new = scalar_text(&value);
        match usize::try_from(choice.index) {
            Err(_) => parts.insert(0, new),
            Ok(index) => match parts.get_mut(index) {
                Some(part) => *part = new,
                None => parts.push(new),
            },
        }
        value = Value::String(parts.join(&choice.delimiter));
    }
    // A plain value keeps its type and only gets another text.
    *field = match field {
        Value::Map(_) | Value::List(_) => value,
        Value::String(_) => Value::String(scalar_text(&value)),
        Value::Null => match value {
            Value::Map(_) | Value::List(_) => value,
            other => plain(&scalar_text(&other)),
        },
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            let text = scalar_text(&value);
            let new = plain(&text);
            let same = matches!(
                (&*field, &new),
                (Value::Bool(_), Value::Bool(_))
                    | (Value::Float(_), Value::Float(_) | Value::Int(_))
                    | (Value::Int(_) | Value::Uint(_), Value::Int(_) | Value::Uint(_))
            );
            // kustomize keeps the type, and fails when it writes: unless something else is put there.
            if same { new } else { Value::String(format!("{MISTYPED}{text}")) }
        }
    };
    Ok(())
}

/// Returns the kind and version that an object reference names.
pub(crate) fn reference(fields: &Fields<'_>) -> Result<Gvk, String> {
    let mut gvk = fields.gvk()?;
    let api_version = fields.text("apiVersion")?;
    if !api_version.is_empty() {
        let named = Gvk::new(&api_version, "");
        if !named.group.is_empty() {
            gvk.group = named.group;
        }
        gvk.version = named.version;
    }
    Ok(gvk)
}
