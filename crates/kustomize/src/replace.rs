//! Replacements: a value of one resource is written into fields of others.

use manifest::scalar_text;
use yaml::Value;

use crate::decode::Fields;
use crate::embedded;
use crate::field_path::{self, find, is_null, plain, untyped};
use crate::identity::{Gvk, Id};
use crate::notes::{self, Notes, Spelling};
use crate::resource::{Resource, empty_map};
use crate::select::Selector;
use crate::specs::{self, Path};
use crate::written::Mark;

#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
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

/// What is wrong with a replacement that has no source or no targets.
pub(crate) const INCOMPLETE: &str = "replacements must specify a source and at least one target";

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
                        name: source.exact_text("name")?,
                        namespace: source.exact_text("namespace")?,
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
        if (value.is_none() && source.is_none()) || fields.get("targets").is_none() {
            return Err(INCOMPLETE.to_owned());
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

/// What is written: a value, or whatever a field holds at that moment. kustomize keeps the node that it
/// found, so that a source that a target lies in grows with it.
#[derive(Clone, Debug)]
enum Written {
    Value { value: Value, letters: String, notes: Box<Notes> },
    Field { resource: usize, place: Path },
}

impl Written {
    fn value(&self, all: &[Resource]) -> Value {
        match self {
            Self::Value { value, .. } => value.clone(),
            Self::Field { resource, place } => {
                let resource = all.get(*resource);
                let value = resource.and_then(|it| {
                    Some(it.with_notes(place, field_path::at(&it.value, place)?.clone()))
                });
                value.unwrap_or_default()
            }
        }
    }

    /// Returns the letters of a value: kustomize writes them, and not what they mean.
    fn letters(&self, all: &[Resource], value: &Value) -> String {
        match self {
            Self::Value { letters, .. } => letters.clone(),
            Self::Field { resource, place } => all
                .get(*resource)
                .map_or_else(|| scalar_text(value), |it| it.notes.letters(place, value)),
        }
    }

    /// Returns what was noted about the value.
    fn notes(&self, all: &[Resource]) -> Notes {
        match self {
            Self::Value { notes, .. } => Notes::clone(notes),
            Self::Field { resource, place } => {
                all.get(*resource).map(|it| it.notes.below(place)).unwrap_or_default()
            }
        }
    }

    /// Says what a map or list at a place is a copy of once this is written there.
    fn copied(&self, all: &[Resource], target: (usize, &Path)) -> Option<Mark> {
        match self {
            Self::Field { resource, place } if (*resource, place) == target => None,
            Self::Field { resource, place } => {
                let of = all.get(*resource).map(Resource::id)?;
                Some(Mark::Copy(format!("{of} {place:?}")))
            }
            Self::Value { letters, .. } => Some(Mark::Copy(letters.clone())),
        }
    }

    /// Whether the field lies inside the value at a place.
    fn is_inside(&self, index: usize, around: &Path) -> bool {
        matches!(self, Self::Field { resource, place }
            if *resource == index && place.len() > around.len() && place.starts_with(around))
    }
}

pub(crate) fn apply(all: &mut [Resource], replacements: &[Replacement]) -> Result<(), String> {
    for replacement in replacements {
        let mut written = match (&replacement.value, &replacement.source) {
            (Some(text), _) => {
                let notes = Box::new(Notes { untagged: vec![Path::new()], ..Notes::default() });
                let value = untyped(text);
                Written::Value { value, letters: text.clone(), notes }
            }
            (None, Some(source)) => find_source(all, source)?,
            (None, None) => continue,
        };
        for target in &replacement.targets {
            for index in 0..all.len() {
                write_target(all, index, target, &mut written)?;
            }
        }
    }
    Ok(())
}

fn find_source(all: &[Resource], source: &Source) -> Result<Written, String> {
    let wanted = &source.id;
    let fits = |id: &Id| {
        (wanted.name.is_empty() || wanted.name == id.name)
            && (wanted.namespace.is_empty()
                || wanted.effective_namespace() == id.effective_namespace())
            && id.gvk.is_selected(&wanted.gvk)
    };
    let mut found = all.iter().enumerate().filter(|(_, resource)| resource.any_id(fits));
    let words = format!("{wanted}:{}", source.path);
    let (index, resource) = found.next().ok_or_else(|| format!("nothing selected by {words}"))?;
    if found.next().is_some() {
        return Err(format!("multiple matches for selector {words}"));
    }
    let place = field_path::place(&resource.value, &field_path::split(&source.path));
    let place = place.unwrap_or_default();
    let value = if place.is_empty() { None } else { field_path::at(&resource.value, &place) };
    // An empty text is something; nothing behind a key is none.
    let is_nothing = |it: &&Value| match it {
        Value::Null => true,
        Value::Map(fields) => fields.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => resource.notes.blanks.contains(&place),
    };
    let value = value.filter(|it| !is_nothing(it)).ok_or_else(|| {
        format!("fieldPath `{}` is missing for replacement source {wanted}", source.path)
    })?;
    if source.choice.delimiter.is_empty() {
        return Ok(Written::Field { resource: index, place });
    }
    if matches!(value, Value::Map(_) | Value::List(_)) {
        return Err("delimiter option can only be used with scalar nodes".to_owned());
    }
    let text = resource.notes.letters(&place, value);
    let index = usize::try_from(source.choice.index).ok();
    let part = index.and_then(|index| text.split(&source.choice.delimiter).nth(index));
    let part = part.ok_or_else(|| {
        format!("options.index {} is out of bounds for value {text}", source.choice.index)
    })?;
    let (value, letters) = (Value::String(part.to_owned()), part.to_owned());
    Ok(Written::Value { value, letters, notes: Box::new(resource.notes.below(&place)) })
}

fn write_target(
    all: &mut [Resource],
    index: usize,
    target: &Target,
    written: &mut Written,
) -> Result<(), String> {
    let Some(resource) = all.get_mut(index) else { return Ok(()) };
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
        let fail = |error: String| {
            let create = if target.choice.create { "find or create" } else { "find" };
            let error = if error.is_empty() { error } else { format!(": {error}") };
            format!("unable to {create} field \"{path}\" in replacement target{error}")
        };
        let parts = field_path::split(path);
        let value = written.value(all);
        let letters = written.letters(all, &value);
        let create = target.choice.create.then(|| end_of_path(&value));
        let Some(resource) = all.get_mut(index) else { return Ok(()) };
        if resource.has_blank_on(&parts) {
            return Err(fail("nothing is there".to_owned()));
        }
        if embedded::write(&mut resource.value, &parts, (&value, &letters), create.as_ref())
            .map_err(fail)?
        {
            continue;
        }
        // First all fields are found and made, then they are written.
        let mut found = find(&mut resource.value, &parts, create.as_ref()).map_err(fail)?;
        resource.notes.untagged.append(&mut found.chosen);
        if found.places.is_empty() && found.inside == 0 {
            return Err(fail(String::new()));
        }
        for (number, place) in found.places.iter().enumerate() {
            let value = written.value(all);
            let text = written.letters(all, &value);
            let new = written.notes(all);
            let asked = all.get(index).is_some_and(|it| it.written.is_some());
            let copied = if asked { written.copied(all, (index, place)) } else { None };
            if written.is_inside(index, place) {
                let (value, letters, notes) = (value.clone(), text.clone(), Box::new(new.clone()));
                *written = Written::Value { value, letters, notes };
            }
            let Some(resource) = all.get_mut(index) else { return Ok(()) };
            let Some(field) = specs::at_mut(&mut resource.value, place) else { continue };
            let is_untagged = resource.notes.untagged.contains(place);
            let old = match (&*field, found.made.contains(&number)) {
                (Value::Map(_) | Value::List(_), _) => Old::Structure,
                (_, is_new) if is_new || is_untagged => Old::Untagged,
                _ => Old::Typed,
            };
            let text = set(field, &target.choice, (value, text), old)?;
            let value = field.clone();
            match old {
                Old::Structure => {
                    resource.notes.replace(place, new);
                    resource.unshare_below(place);
                    if let Some(mark) = copied {
                        resource.wrote([place.clone()], &mark);
                    }
                }
                Old::Untagged if !is_untagged => resource.notes.untagged.push(place.clone()),
                Old::Typed if value.as_str().is_some_and(notes::is_no_text) => {
                    resource.notes.bare.push(place.clone());
                }
                Old::Typed if value.is_null() => {
                    let blanks = &mut resource.notes.blanks;
                    blanks.retain(|blank| blank != place);
                    if text.is_empty() {
                        blanks.push(place.clone());
                    }
                }
                Old::Untagged | Old::Typed => {}
            }
            let is_scalar = !matches!(value, Value::Map(_) | Value::List(_));
            if is_scalar && (value.is_null() || text != scalar_text(&value)) {
                let path = place.clone();
                resource.notes.spellings.push(Spelling { path, value, text });
            }
        }
    }
    Ok(())
}

/// Returns what is made at the end of a path that a value will be written to.
fn end_of_path(value: &Value) -> Value {
    match value {
        Value::Map(_) => empty_map(),
        Value::List(_) => Value::List(Vec::new()),
        _ => Value::Null,
    }
}

/// What stands where a value is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Old {
    /// A map or a list: the value takes its place, as it is.
    Structure,
    /// A value without a type, as those that were just made: it is what its letters mean.
    Untagged,
    /// A plain value keeps its type and only gets other letters.
    Typed,
}

/// Sets a field to a value with its letters; returns those it has now.
pub(crate) fn set(
    field: &mut Value,
    choice: &Choice,
    (mut value, mut text): (Value, String),
    old: Old,
) -> Result<String, String> {
    if !choice.delimiter.is_empty() {
        if matches!(field, Value::Map(_) | Value::List(_)) {
            return Err("delimiter option can only be used with scalar nodes".to_owned());
        }
        let old = scalar_text(field);
        let mut parts: Vec<String> = old.split(&choice.delimiter).map(str::to_owned).collect();
        match usize::try_from(choice.index) {
            Err(_) => parts.insert(0, text),
            Ok(index) => match parts.get_mut(index) {
                Some(part) => *part = text,
                None => parts.push(text),
            },
        }
        text = parts.join(&choice.delimiter);
        value = Value::String(text.clone());
    }
    *field = match field {
        Value::Map(_) | Value::List(_) => value,
        _ if matches!(old, Old::Untagged) => untyped(&text),
        Value::String(_) => Value::String(text.clone()),
        // Nothing stays nothing, whatever it is written as.
        Value::Null if is_null(&text) => Value::Null,
        Value::Null => Value::String(format!("{MISTYPED}{text}")),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
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
    Ok(text)
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
