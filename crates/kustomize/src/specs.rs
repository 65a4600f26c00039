//! Which fields a transformer looks at, and going there.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use yaml::Value;

use crate::decode::Fields;
use crate::facts::fields::{self, Row};
use crate::identity::{FIRST, Gvk, LAST};

/// A field of some kinds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldSpec {
    pub(crate) gvk: Gvk,
    pub(crate) path: String,
    pub(crate) create: bool,
}

/// Fields that hold the name of something.
#[derive(Clone, Debug)]
pub(crate) struct BackReference {
    pub(crate) gvk: Gvk,
    pub(crate) fields: Vec<FieldSpec>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    pub(crate) name_prefix: Vec<FieldSpec>,
    pub(crate) name_suffix: Vec<FieldSpec>,
    pub(crate) namespace: Vec<FieldSpec>,
    pub(crate) common_labels: Vec<FieldSpec>,
    pub(crate) labels: Vec<FieldSpec>,
    pub(crate) template_labels: Vec<FieldSpec>,
    pub(crate) common_annotations: Vec<FieldSpec>,
    pub(crate) name_reference: Vec<BackReference>,
    pub(crate) var_reference: Vec<FieldSpec>,
    pub(crate) images: Vec<FieldSpec>,
    pub(crate) replicas: Vec<FieldSpec>,
}

impl FieldSpec {
    pub(crate) fn plain(path: &str, create: bool) -> Self {
        Self { gvk: Gvk::default(), path: path.to_owned(), create }
    }

    fn row((group, version, kind, path, create): &Row) -> Self {
        let gvk = Gvk {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            kind: (*kind).to_owned(),
        };
        Self { gvk, path: (*path).to_owned(), create: *create }
    }
}

/// Adds what is not there yet.
pub(crate) fn merge(into: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), String> {
    for spec in more {
        let same = |it: &&FieldSpec| it.path == spec.path && it.gvk.is_selected(&spec.gvk);
        match into.iter().find(same) {
            Some(known) if known.create != spec.create => {
                return Err("conflicting fieldspecs".to_owned());
            }
            Some(_) => {}
            None => into.push(spec.clone()),
        }
    }
    Ok(())
}

impl Config {
    /// Returns what kustomize looks at when nothing else is said.
    pub(crate) fn default_config() -> Arc<Self> {
        static DEFAULT: OnceLock<Arc<Config>> = OnceLock::new();
        Arc::clone(DEFAULT.get_or_init(|| {
            let rows = |rows: &[Row]| rows.iter().map(FieldSpec::row).collect();
            let back = |(group, version, kind, list): &(&str, &str, &str, &[Row])| BackReference {
                gvk: Gvk {
                    group: (*group).to_owned(),
                    version: (*version).to_owned(),
                    kind: (*kind).to_owned(),
                },
                fields: rows(list),
            };
            let mut config = Config {
                name_prefix: rows(fields::NAME_PREFIX),
                name_suffix: rows(fields::NAME_SUFFIX),
                namespace: rows(fields::NAMESPACE),
                common_labels: rows(fields::COMMON_LABELS),
                labels: Vec::new(),
                template_labels: rows(fields::TEMPLATE_LABELS),
                common_annotations: rows(fields::COMMON_ANNOTATIONS),
                name_reference: fields::NAME_REFERENCE.iter().map(back).collect(),
                var_reference: rows(fields::VAR_REFERENCE),
                images: rows(fields::IMAGES),
                replicas: rows(fields::REPLICAS),
            };
            config.sort();
            Arc::new(config)
        }))
    }

    /// Returns its lists of fields.
    pub(crate) fn lists(&mut self) -> [&mut Vec<FieldSpec>; 10] {
        [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ]
    }

    fn sort(&mut self) {
        for list in self.lists() {
            list.sort_by_cached_key(|spec| spec.gvk.order(&FIRST, &LAST));
        }
        self.name_reference.sort_by_cached_key(|it| it.gvk.order(&FIRST, &LAST));
    }

    /// Returns this with what the other adds.
    pub(crate) fn merged(&self, other: &Self) -> Result<Self, String> {
        let (mut merged, mut other) = (self.clone(), other.clone());
        for (into, more) in merged.lists().into_iter().zip(other.lists()) {
            merge(into, more)?;
        }
        for back in other.name_reference {
            merged.add_reference(back)?;
        }
        merged.sort();
        Ok(merged)
    }

    /// Adds fields that hold the names of a kind.
    pub(crate) fn add_reference(&mut self, back: BackReference) -> Result<(), String> {
        match self.name_reference.iter_mut().find(|it| it.gvk == back.gvk) {
            Some(known) => merge(&mut known.fields, &back.fields)?,
            None => self.name_reference.push(back),
        }
        Ok(())
    }
}

/// Reads a list of field specs.
pub(crate) fn read_specs(fields: &Fields<'_>, name: &str) -> Result<Vec<FieldSpec>, String> {
    let mut specs = Vec::new();
    for item in fields.list(name)? {
        let item = Fields::lenient(item, name)?;
        specs.push(FieldSpec {
            gvk: item.gvk()?,
            path: item.text("path")?,
            create: item.flag("create")?,
        });
    }
    Ok(specs)
}

/// What a missing field is made as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    Nothing,
    Map,
    Scalar,
}

/// Sets a value.
pub(crate) type Set<'s> = &'s mut dyn FnMut(&mut Value) -> Result<(), String>;

/// Sets a value at a path.
pub(crate) type SetAt<'s> = &'s mut dyn FnMut(&[Part<'_>], &mut Value) -> Result<(), String>;

/// A step on the way, while it is gone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'p> {
    Key(&'p str),
    Index(usize),
}

impl Part<'_> {
    /// Returns the step, to be kept.
    pub(crate) fn step(self) -> Step {
        match self {
            Part::Key(key) => Step::Key(key.to_owned()),
            Part::Index(index) => Step::Index(index),
        }
    }
}

/// Returns the way so far, to be kept.
pub(crate) fn kept(at: &[Part<'_>]) -> Path {
    at.iter().map(|part| part.step()).collect()
}

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The steps from an object to a value.
pub(crate) type Path = Vec<Step>;

/// Returns the value at a path.
pub(crate) fn at_mut<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Map(fields), Step::Key(key)) => fields.get_mut(key),
        (Value::List(items), Step::Index(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// Goes to a field of a resource and sets what is there, in every item of the lists on the way.
pub(crate) fn apply(
    value: &mut Value,
    gvk: &Gvk,
    spec: &FieldSpec,
    make: Make,
    set: Set<'_>,
) -> Result<(), String> {
    apply_at(value, gvk, spec, make, &mut |_, value| set(value))
}

/// As [`apply`], for whoever knows that the field is one of this kind.
pub(crate) fn apply_selected(
    value: &mut Value,
    gvk: &Gvk,
    path: &str,
    make: Make,
    set: SetAt<'_>,
) -> Result<(), String> {
    let parts = split_path(path, '/');
    go(value, &parts, make, &mut Vec::new(), set)
        .map_err(|error| format!("considering field '{path}' of object {gvk}: {error}"))
}

/// As [`apply`], with the path of what is set.
pub(crate) fn apply_at(
    value: &mut Value,
    gvk: &Gvk,
    spec: &FieldSpec,
    make: Make,
    set: SetAt<'_>,
) -> Result<(), String> {
    if !gvk.is_selected(&spec.gvk) {
        return Ok(());
    }
    let make = if spec.create { make } else { Make::Nothing };
    apply_selected(value, gvk, &spec.path, make, set)
}

/// Splits at a separator; one behind a backslash is part of a name.
pub(crate) fn split_path(path: &str, separator: char) -> Vec<Cow<'_, str>> {
    let path = path.strip_prefix('/').filter(|_| separator == '/').unwrap_or(path);
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    for part in path.split(separator) {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                let last = last.to_mut();
                last.pop();
                last.push(separator);
                last.push_str(part);
            }
            _ => parts.push(Cow::Borrowed(part)),
        }
    }
    parts
}

fn go<'p>(
    value: &mut Value,
    path: &'p [Cow<'_, str>],
    make: Make,
    at: &mut Vec<Part<'p>>,
    set: SetAt<'_>,
) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else { return set(at, value) };
    match value {
        Value::Null => Ok(()),
        Value::List(items) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
            at.push(Part::Index(index));
            go(item, path, make, at, set)?;
            at.pop();
            Ok(())
        }),
        Value::Map(fields) => {
            let name = first.strip_suffix("[]").unwrap_or(first);
            if name.is_empty() {
                return Err("cannot set or create an empty field name".to_owned());
            }
            let sequence = name.len() != first.len();
            let made = if make == Make::Nothing || sequence {
                None
            } else if rest.is_empty() && make == Make::Scalar {
                Some(Value::Null)
            } else {
                Some(crate::resource::empty_map())
            };
            match fields.get_mut(name) {
                Some(field) => {
                    if let (true, Some(made)) = (field.is_null(), made) {
                        *field = made;
                    }
                    at.push(Part::Key(name));
                    go(field, rest, make, at, set)?;
                }
                None => {
                    let Some(mut field) = made else { return Ok(()) };
                    at.push(Part::Key(name));
                    go(&mut field, rest, make, at, set)?;
                    fields.insert(name.to_owned(), field);
                }
            }
            at.pop();
            Ok(())
        }
        _ => Err("expected sequence or mapping node".to_owned()),
    }
}
