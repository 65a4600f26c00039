//! What the letters of a resource tell beyond its values.
//!
//! kustomize keeps the nodes that it read: their quotes, the letters of their numbers, and whether
//! anything is written at all. This module keeps what of that changes a result, and decides when a value
//! that a patch brings becomes a text because the value that it takes the place of is in quotes. It
//! never reads a file and never merges.

use manifest::{MergeField, MergeKeys, scalar_text};
use yaml::{Kind, Node, ScalarStyle, Schema, Value};

use crate::specs::{Part, Path, Step, kept};

/// How a null is written mostly.
const NULL: &str = "null";

/// How a number, a date, a boolean or a null is written.
#[derive(Clone, Debug)]
pub(crate) struct Spelling {
    pub(crate) path: Path,
    pub(crate) value: Value,
    pub(crate) text: String,
}

/// What was noted about one resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// Where nothing at all is written behind a key: kustomize's merges take that away.
    pub(crate) blanks: Vec<Path>,
    /// Numbers, dates, booleans and nulls that are not written as they would be printed.
    pub(crate) spellings: Vec<Spelling>,
    /// Texts in quotes, or in lines of their own.
    pub(crate) quoted: Vec<Path>,
    /// Texts without quotes that YAML 1.1 would read as something else, like `yes`.
    pub(crate) bare: Vec<Path>,
    /// Values without a type, as replacements make them: they are what their letters mean.
    pub(crate) untagged: Vec<Path>,
    /// Maps and lists that are written in braces or brackets.
    pub(crate) flow: Vec<Path>,
}

impl Notes {
    /// Notes what there is to say about a value that is no map and no list.
    pub(crate) fn scalar(&mut self, node: &Node, at: &[Part<'_>], text: &str) {
        match node.kind {
            Kind::String(_) if node.style != ScalarStyle::Plain => self.quoted.push(kept(at)),
            Kind::String(ref value) if is_switch(value) => self.bare.push(kept(at)),
            // A date is read as a moment; other texts without quotes are what they say.
            Kind::String(ref value) if !node.alias => {
                let written = text.get(node.span.range()).unwrap_or_default();
                let is_date = written.starts_with(|it: char| it.is_ascii_digit());
                if is_date && written != value && !written.contains('\n') {
                    let value = Value::String(value.clone());
                    let text = written.to_owned();
                    self.spellings.push(Spelling { path: kept(at), value, text });
                }
            }
            Kind::Null if !node.alias => {
                let written = text.get(node.span.range()).unwrap_or_default();
                if written != NULL {
                    let text = written.to_owned();
                    self.spellings.push(Spelling { path: kept(at), value: Value::Null, text });
                }
            }
            Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) if !node.alias => {
                let value = Value::from(node.clone());
                let written = text.get(node.span.range()).unwrap_or_default();
                if written != scalar_text(&value) {
                    let text = written.to_owned();
                    self.spellings.push(Spelling { path: kept(at), value, text });
                }
            }
            _ => {}
        }
    }

    /// Returns what was noted about an item of the list `items`.
    pub(crate) fn item(&self, index: usize) -> Self {
        self.below(&[Step::Key("items".to_owned()), Step::Index(index)])
    }

    /// Returns what was noted about the value at a place and what is in it, by paths from there.
    pub(crate) fn below(&self, place: &[Step]) -> Self {
        let inside = |path: &Path| path.strip_prefix(place).map(<[Step]>::to_vec);
        let spelling = |it: &Spelling| Some(Spelling { path: inside(&it.path)?, ..it.clone() });
        Self {
            blanks: self.blanks.iter().filter_map(inside).collect(),
            spellings: self.spellings.iter().filter_map(spelling).collect(),
            quoted: self.quoted.iter().filter_map(inside).collect(),
            bare: self.bare.iter().filter_map(inside).collect(),
            untagged: self.untagged.iter().filter_map(inside).collect(),
            flow: self.flow.iter().filter_map(inside).collect(),
        }
    }

    /// Forgets what was noted about the value at a place; notes what is known of the one that is there now.
    pub(crate) fn replace(&mut self, place: &[Step], new: Self) {
        let below = |path: &Path| [place, path].concat();
        let spelling = |it: Spelling| Spelling { path: below(&it.path), ..it };
        self.spellings.retain(|it| !it.path.starts_with(place));
        self.spellings.extend(new.spellings.into_iter().map(spelling));
        for (all, new) in [
            (&mut self.blanks, new.blanks),
            (&mut self.quoted, new.quoted),
            (&mut self.bare, new.bare),
            (&mut self.untagged, new.untagged),
            (&mut self.flow, new.flow),
        ] {
            all.retain(|path| !path.starts_with(place));
            all.extend(new.iter().map(below));
        }
    }

    /// Returns the letters of a value: as they were read, where it is still that value.
    pub(crate) fn letters(&self, path: &[Step], value: &Value) -> String {
        let mut known = self.spellings.iter().rev();
        let known = known.find(|it| it.path == path && it.value == *value);
        known.map_or_else(|| scalar_text(value), |it| it.text.clone())
    }

    /// Returns the letters of a null; those that the build made are written in full.
    pub(crate) fn null(&self, path: &[Step]) -> String {
        let mut known = self.spellings.iter().rev();
        match known.find(|it| it.path == path && it.value.is_null()) {
            Some(known) => known.text.clone(),
            None if self.blanks.iter().any(|blank| blank == path) => String::new(),
            None => NULL.to_owned(),
        }
    }
}

/// Whether a text is a truth value of YAML 1.1 alone.
fn is_switch(text: &str) -> bool {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    text.len() <= 3 && ["y", "n", "yes", "no", "on", "off"].into_iter().any(is) && is_no_text(text)
}

/// Returns a path in which items are called by their names, which last when others come before them.
pub(crate) fn named(value: &Value, path: &[Step]) -> Option<Path> {
    let mut value = value;
    let mut result = Path::with_capacity(path.len());
    for step in path {
        value = match (value, step) {
            (Value::Map(fields), Step::Key(key)) => {
                result.push(step.clone());
                fields.get(key)?
            }
            (Value::List(items), Step::Index(index)) => {
                let item = items.get(*index)?;
                result.push(item_step(item, *index));
                item
            }
            _ => return None,
        };
    }
    Some(result)
}

/// Returns the path that [`named`] made a name of.
pub(crate) fn numbered(value: &Value, path: &[Step]) -> Option<Path> {
    let mut value = value;
    let mut result = Path::with_capacity(path.len());
    for step in path {
        value = match (value, step) {
            (Value::Map(fields), Step::Key(key)) => {
                result.push(step.clone());
                fields.get(key)?
            }
            (Value::List(items), step) => {
                let index = match step {
                    Step::Index(index) => *index,
                    Step::Key(_) => items.iter().position(|it| item_step(it, 0) == *step)?,
                };
                result.push(Step::Index(index));
                items.get(index)?
            }
            _ => return None,
        };
    }
    Some(result)
}

pub(crate) fn item_step(item: &Value, index: usize) -> Step {
    match item.get("name") {
        Some(Value::String(name)) => Step::Key(name.clone()),
        _ => Step::Index(index),
    }
}

/// Turns values of a patch into texts where they take the place of a text in quotes: kustomize keeps the
/// quotes of the old value and the letters of the new one.
pub(crate) struct Quotes<'n> {
    /// The texts in quotes of the object, by [`named`] paths.
    pub(crate) quoted: &'n [Path],
    /// Its texts that look like none and are not in quotes, by such paths.
    pub(crate) bare: &'n [Path],
    /// What was noted about the patch.
    pub(crate) patch: &'n Notes,
}

impl Quotes<'_> {
    /// Goes through object and patch together; the paths are those of the two values.
    pub(crate) fn keep(
        &self,
        (object, at): (&Value, &mut Path),
        (patch, patch_at): (&mut Value, &mut Path),
        field: Option<MergeField<'_>>,
    ) {
        match (object, patch) {
            (Value::Map(old), Value::Map(new)) => {
                let directive = new.get("$patch").map(scalar_text);
                if directive.is_some_and(|it| it != "merge") {
                    return;
                }
                for (key, value) in new {
                    let Some(old) = old.get(key) else { continue };
                    let field = field.and_then(|it| it.target).and_then(|it| it.field(key));
                    at.push(Step::Key(key.clone()));
                    patch_at.push(Step::Key(key.clone()));
                    self.keep((old, at), (value, patch_at), field);
                    at.pop();
                    patch_at.pop();
                }
            }
            (Value::List(old), Value::List(new)) => {
                let Some(field) = field else { return };
                let Some(keys) = field.keys.map(MergeKeys::names) else { return };
                let replaced = |it: &Value| {
                    it.get("$patch").is_some_and(|_| it.as_map().is_some_and(|it| it.len() == 1))
                };
                if new.iter().any(replaced) {
                    return;
                }
                let inner = Some(MergeField { keys: None, target: field.target });
                for (index, item) in new.iter_mut().enumerate() {
                    let Some(place) = old.iter().position(|old| same_item(old, item, &keys)) else {
                        continue;
                    };
                    let Some(old) = old.get(place) else { continue };
                    at.push(item_step(old, place));
                    patch_at.push(Step::Index(index));
                    self.keep((old, at), (item, patch_at), inner);
                    at.pop();
                    patch_at.pop();
                }
            }
            (
                Value::String(old),
                new @ (Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_)),
            ) if self.quoted.contains(at) || (is_no_text(old) && !self.bare.contains(at)) => {
                *new = Value::String(self.patch.letters(patch_at, new));
            }
            // A date keeps its letters, too.
            (Value::String(_), new @ Value::String(_))
                if !self.patch.spellings.is_empty() && self.quoted.contains(at) =>
            {
                *new = Value::String(self.patch.letters(patch_at, new));
            }
            _ => {}
        }
    }
}

/// Where a value without a type stands that a merge goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The merge sets it anew, as it is: kustomize puts quotes round it.
    Kept,
    /// The patch has something else for it, or takes it away.
    Replaced,
    /// The merge does not look at it.
    Beyond,
}

impl Reach {
    /// Follows a path through object and patch as a merge does.
    pub(crate) fn of(
        path: &[Step],
        (object, patch): (&Value, &Value),
        root: Option<MergeField<'_>>,
    ) -> Self {
        let (mut object, mut patch, mut field) = (object, Some(patch), root);
        for step in path {
            let next = match step {
                Step::Key(key) => {
                    field = field.and_then(|it| it.target).and_then(|it| it.field(key));
                    patch = patch.and_then(|it| it.get(key));
                    object.get(key)
                }
                Step::Index(index) => {
                    let Some(keys) = field.and_then(|it| it.keys).map(MergeKeys::names) else {
                        return if patch.is_some() { Self::Replaced } else { Self::Beyond };
                    };
                    field = field.map(|it| MergeField { keys: None, target: it.target });
                    let item = object.as_list().and_then(|items| items.get(*index));
                    // An item without a key is taken over as it is.
                    if item.is_some_and(|item| keys.iter().all(|key| item.get(key).is_none())) {
                        return Self::Beyond;
                    }
                    // Of several of one name, the merge looks at the first, and the last stays.
                    let before = object.as_list().into_iter().flatten().take(*index);
                    if item
                        .is_some_and(|item| before.into_iter().any(|it| same_item(it, item, &keys)))
                    {
                        return Self::Beyond;
                    }
                    let items = patch.and_then(Value::as_list).into_iter().flatten();
                    patch = item.and_then(|old| {
                        let mut same = items.filter(|new| same_item(old, new, &keys));
                        same.next()
                    });
                    item
                }
            };
            let Some(next) = next else { return Self::Replaced };
            object = next;
        }
        match (path.last(), patch) {
            (_, Some(_)) => Self::Replaced,
            (Some(Step::Key(_)), None) => Self::Kept,
            _ => Self::Beyond,
        }
    }
}

/// Takes a step into an object and into the patch beside it, as a merge does: returns what is there in each of
/// them, and nothing where the step leads into a list that the merge takes as a whole.
pub(crate) fn merge_step<'v>(
    step: &Step,
    (object, patch): (&'v Value, &'v Value),
    field: &mut Option<MergeField<'_>>,
) -> Option<(Option<&'v Value>, Option<&'v Value>)> {
    match step {
        Step::Key(key) => {
            *field = field.and_then(|it| it.target).and_then(|it| it.field(key));
            Some((object.get(key), patch.get(key)))
        }
        Step::Index(index) => {
            let keys = field.and_then(|it| it.keys).map(MergeKeys::names)?;
            *field = field.map(|it| MergeField { keys: None, target: it.target });
            let item = object.as_list().and_then(|items| items.get(*index));
            let mut items = patch.as_list().into_iter().flatten();
            Some((item, item.and_then(|old| items.find(|new| same_item(old, new, &keys)))))
        }
    }
}

/// Whether a merge puts a list or map of the patch in the place of one that a path leads through.
pub(crate) fn is_gone(
    path: &[Step],
    (object, patch): (&Value, &Value),
    root: Option<MergeField<'_>>,
) -> bool {
    let (mut object, mut patch, mut field) = (object, patch, root);
    for step in path {
        let directive = patch.get("$patch").map(scalar_text);
        if directive.is_some_and(|it| it != "merge") {
            return true;
        }
        let Some((next, new)) = merge_step(step, (object, patch), &mut field) else { return true };
        let (Some(next), Some(new)) = (next, new) else { return false };
        (object, patch) = (next, new);
    }
    false
}

/// Whether kustomize puts quotes round a text, where it makes one, because YAML 1.1 would not read it as one.
pub(crate) fn is_no_text(text: &str) -> bool {
    // Most are words.
    let is_word = text.starts_with(|it: char| it.is_alphabetic()) && !text.contains(':');
    if text.is_empty() || text.contains('\n') || (is_word && text.len() > "false".len()) {
        return false;
    }
    yaml::parse(text, Schema::Go2).is_ok_and(|it| !matches!(it.kind, Kind::String(_)))
}

pub(crate) fn same_item(old: &Value, new: &Value, keys: &[&str]) -> bool {
    let mut known = keys.iter().filter_map(|key| Some((key, new.get(key)?))).peekable();
    known.peek().is_some()
        && known
            .all(|(key, new)| old.get(key).is_some_and(|old| scalar_text(old) == scalar_text(new)))
}
