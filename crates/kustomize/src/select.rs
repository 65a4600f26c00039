//! Selecting resources: anchored patterns, label and annotation selectors.

use regex::Regex;

use crate::decode::Fields;
use crate::identity::{Gvk, Id};
use crate::resource::Resource;

/// A pattern that must fit the whole text; an empty one fits all.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Any,
    /// Characters, where a dot stands for any.
    Letters(String),
    Expression(Regex),
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::Any);
        }
        if text.chars().all(|it| it.is_ascii_alphanumeric() || "/-_.:@".contains(it)) {
            return Ok(Self::Letters(text.to_owned()));
        }
        let expression = Regex::new(&format!("^(?:{text})$"));
        expression.map(Self::Expression).map_err(|error| format!("error parsing regexp: {error}"))
    }

    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Letters(letters) => {
                letters_len(letters, text).is_some_and(|length| length == text.len())
            }
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// Returns how many bytes at the beginning of a text fit letters.
pub(crate) fn letters_len(letters: &str, text: &str) -> Option<usize> {
    let mut rest = text.chars();
    for letter in letters.chars() {
        let found = rest.next()?;
        if found != letter && (letter != '.' || found == '\n') {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

/// What a patch or replacement is for.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    names_nothing: bool,
    labels: String,
    annotations: String,
}

impl Selector {
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, String> {
        let texts = ["group", "version", "kind", "name", "namespace"];
        let texts = texts.map(|name| fields.exact_text(name));
        let [group, version, kind, name, namespace] = texts;
        let (group, version, kind, name, namespace) = (group?, version?, kind?, name?, namespace?);
        let names_nothing =
            [&group, &version, &kind, &name, &namespace].iter().all(|it| it.is_empty());
        Ok(Self {
            group: Pattern::new(&group)?,
            version: Pattern::new(&version)?,
            kind: Pattern::new(&kind)?,
            name: Pattern::new(&name)?,
            namespace: Pattern::new(&namespace)?,
            names_nothing,
            labels: fields.text("labelSelector")?,
            annotations: fields.text("annotationSelector")?,
        })
    }

    fn fits_gvk(&self, gvk: &Gvk) -> bool {
        self.group.fits(&gvk.group) && self.version.fits(&gvk.version) && self.kind.fits(&gvk.kind)
    }

    /// Whether a patch with this target is for the resource.
    pub(crate) fn selects(&self, resource: &Resource) -> Result<bool, String> {
        let (now, then) = (resource.id(), resource.original_id());
        let both = |fits: &dyn Fn(&Id) -> bool| fits(&now) || fits(&then);
        Ok(both(&|id| self.namespace.fits(id.effective_namespace()))
            && both(&|id| self.name.fits(&id.name))
            && self.fits_gvk(&now.gvk)
            && self.fits_marks(resource)?)
    }

    /// Whether one of the identities that a resource had fits.
    pub(crate) fn fits_any(&self, ids: &[Id]) -> bool {
        let fits = |id: &Id| {
            self.fits_gvk(&id.gvk) && self.name.fits(&id.name) && self.namespace.fits(&id.namespace)
        };
        ids.iter().any(fits)
    }

    /// Whether a rejection by identity fits.
    pub(crate) fn rejects(&self, ids: &[Id]) -> bool {
        !self.names_nothing && self.fits_any(ids)
    }

    pub(crate) fn has_marks(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    pub(crate) fn fits_marks(&self, resource: &Resource) -> Result<bool, String> {
        Ok(fits_set(&self.labels, &resource.strings("labels"))?
            && fits_set(&self.annotations, &resource.strings("annotations"))?)
    }
}

/// Whether a set of labels fits a selector as kubectl writes it.
fn fits_set(selector: &str, set: &[(String, String)]) -> Result<bool, String> {
    let mut rest = selector.trim();
    let value =
        |key: &str| set.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    while !rest.is_empty() {
        // A comma inside brackets does not end a requirement.
        let mut depth = 0;
        let end = rest.find(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            letter == ',' && depth == 0
        });
        let (this, next) = match end {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        rest = next.trim_start_matches(',').trim_start();
        if !fits_requirement(this.trim(), &value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn fits_requirement<'v>(
    text: &str,
    value: &impl Fn(&str) -> Option<&'v str>,
) -> Result<bool, String> {
    let fail = || format!("unable to parse requirement: {text}");
    if let Some(open) = text.find('(') {
        let (head, list) = text.split_at(open);
        let list = list.strip_prefix('(').and_then(|it| it.strip_suffix(')')).ok_or_else(fail)?;
        let words: Vec<&str> = head.split_whitespace().collect();
        let among =
            |key: &str| value(key).is_some_and(|own| list.split(',').any(|it| it.trim() == own));
        return match words.as_slice() {
            [key, "in"] => Ok(among(key)),
            [key, "notin"] => Ok(!among(key)),
            _ => Err(fail()),
        };
    }
    if let Some((key, wanted)) = text.split_once("!=") {
        return Ok(value(key.trim()) != Some(wanted.trim()));
    }
    if let Some((key, wanted)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(value(key.trim()) == Some(wanted.trim()));
    }
    match text.strip_prefix('!') {
        Some(key) => Ok(value(key.trim()).is_none()),
        None => Ok(value(text).is_some()),
    }
}
