//! Selecting resources: by anchored patterns of their identity, and by labels and annotations, whose selectors
//! are read in `marks`.

use regex::Regex;

use crate::decode::Fields;
use crate::identity::{Gvk, Id};
use crate::marks::Marks;
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
    /// What the labels must be; why that cannot be read is said where somebody asks, as in kustomize.
    labels: Result<Marks, String>,
    annotations: Result<Marks, String>,
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
            labels: Marks::parse(&fields.text("labelSelector")?),
            annotations: Marks::parse(&fields.text("annotationSelector")?),
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
            && self.fits_labels(resource)?
            && self.fits_annotations(resource)?)
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

    /// Whether it says anything of labels or annotations.
    pub(crate) fn has_marks(&self) -> bool {
        let says = |marks: &Result<Marks, String>| !matches!(marks, Ok(Marks::None));
        says(&self.labels) || says(&self.annotations)
    }

    fn fits_labels(&self, resource: &Resource) -> Result<bool, String> {
        Ok(self.labels.as_ref()?.fit(&resource.strings("labels")))
    }

    fn fits_annotations(&self, resource: &Resource) -> Result<bool, String> {
        Ok(self.annotations.as_ref()?.fit(&resource.strings("annotations")))
    }

    /// Whether labels and annotations fit; both are asked for.
    pub(crate) fn fits_marks(&self, resource: &Resource) -> Result<bool, String> {
        let annotations = self.fits_annotations(resource)?;
        Ok(self.fits_labels(resource)? && annotations)
    }
}
