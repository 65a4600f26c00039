//! The annotations in which kustomize keeps its notes during a build.
//!
//! Here the notes are fields of a [`Resource`]. This module says how they would read as annotations, for
//! whoever copies the metadata of a resource, and takes such annotations out of what is written at the
//! end. It never decides what is noted.

use manifest::scalar_text;
use yaml::Value;

use crate::resource::{Behavior, Resource, empty_map};
use crate::specs::Step;

/// The domain of the notes (`konfig.ConfigAnnoDomain` of sigs.k8s.io/kustomize/api v0.21.1).
const DOMAIN: &str = "internal.config.kubernetes.io/";

/// The notes that kustomize takes out at the end (`resource.BuildAnnotations`).
const INTERNAL: [&str; 16] = [
    "previousKinds",
    "previousNames",
    "prefixes",
    "suffixes",
    "previousNamespaces",
    "allowNameChange",
    "allowKindChange",
    "refBy",
    "generatorBehavior",
    "needsHashSuffix",
    "path",
    "index",
    "seqindent",
    "id",
    "annotations-migration-resource-id",
    "helm-generated",
];

const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

impl Resource {
    /// Whether kustomize keeps notes about it in its annotations.
    pub(crate) fn is_noted(&self) -> bool {
        self.generated
            || self.from_chart
            || self.origin.is_some()
            || !(self.previous.is_empty() && self.prefixes.is_empty() && self.suffixes.is_empty())
    }

    /// Makes the annotations in which kustomize has its notes.
    pub(crate) fn make_annotations(&mut self) {
        if self.is_noted()
            && let Value::Map(fields) = &mut self.value
            && let Some(Value::Map(metadata)) = fields.get_mut("metadata")
        {
            metadata.entry("annotations".to_owned()).or_insert_with(empty_map);
        }
    }

    /// Returns a value of it, the field at `place`, as kustomize would see it: in `metadata` and its
    /// `annotations` the notes are there.
    pub(crate) fn with_notes(&self, place: &[Step], value: Value) -> Value {
        let is_key = |step: &Step, name: &str| matches!(step, Step::Key(key) if key == name);
        let annotations = match place {
            [step] if is_key(step, "metadata") => false,
            [first, step] if is_key(first, "metadata") && is_key(step, "annotations") => true,
            _ => return value,
        };
        let notes = self.notes();
        if notes.is_empty() {
            return value;
        }
        let mut pairs = self.strings("annotations");
        pairs.retain(|(key, _)| !notes.iter().any(|(name, _)| name == key));
        pairs.extend(notes);
        pairs.sort_unstable();
        let pairs = pairs.into_iter().map(|(key, text)| (key, Value::String(text)));
        let pairs = Value::Map(pairs.collect());
        match value {
            Value::Map(mut metadata) if !annotations => {
                metadata.insert("annotations".to_owned(), pairs);
                Value::Map(metadata)
            }
            _ => pairs,
        }
    }

    /// Returns the notes as annotations.
    fn notes(&self) -> Vec<(String, String)> {
        let mut notes = Vec::new();
        let mut note = |name: &str, text: String| {
            if !text.is_empty() {
                notes.push((format!("{DOMAIN}{name}"), text));
            }
        };
        let past = |part: fn(&crate::resource::Previous) -> &str| {
            self.previous.iter().map(part).collect::<Vec<_>>().join(",")
        };
        note("previousKinds", past(|it| &it.kind));
        note("previousNames", past(|it| &it.name));
        note("previousNamespaces", past(|it| &it.namespace));
        note("prefixes", self.prefixes.join(","));
        note("suffixes", self.suffixes.join(","));
        if self.generated && self.behavior != Behavior::Unspecified {
            note("generatorBehavior", self.behavior.name().to_owned());
        }
        if self.needs_hash {
            note("needsHashSuffix", "enabled".to_owned());
        }
        if self.from_chart {
            note("helm-generated", "true".to_owned());
        }
        if let Some(origin) = &self.origin {
            notes.push((ORIGIN.to_owned(), origin.clone()));
        }
        if !self.transformations.is_empty() {
            notes.push((TRANSFORMATIONS.to_owned(), self.transformations()));
        }
        notes
    }

    /// Returns the steps that changed it, as a list in YAML.
    fn transformations(&self) -> String {
        let item = |text: &String| {
            let lines: Vec<&str> = text.lines().collect();
            format!("- {}\n", lines.join("\n  "))
        };
        self.transformations.iter().map(item).collect()
    }

    /// Returns the labels or annotations as texts.
    pub(crate) fn strings(&self, key: &str) -> Vec<(String, String)> {
        let found = self.value.get("metadata").and_then(|it| it.get(key)).and_then(Value::as_map);
        let text = |(name, value): (&String, &Value)| {
            let place = || ["metadata", key, name].map(|it| Step::Key(it.to_owned()));
            // kustomize takes the letters of nulls and dates, and of lists and maps, which have none.
            let text = match value {
                Value::List(_) | Value::Map(_) => String::new(),
                Value::Null => self.notes.null(&place()),
                value if self.notes.spellings.is_empty() => scalar_text(value),
                value => self.notes.letters(&place(), value),
            };
            (name.clone(), text)
        };
        found.into_iter().flatten().map(text).collect()
    }

    /// Takes out what only builds use, and puts in where things come from.
    pub(crate) fn finish(&mut self, origins: bool, transformations: bool) {
        let mut pairs = self.strings("annotations");
        pairs.retain(|(key, _)| {
            let internal = key.strip_prefix(DOMAIN);
            !internal.is_some_and(|name| INTERNAL.contains(&name))
                && !matches!(
                    key.as_str(),
                    "config.kubernetes.io/path"
                        | "config.kubernetes.io/index"
                        | "config.k8s.io/id"
                        | ORIGIN
                        | TRANSFORMATIONS
                )
        });
        if let (true, Some(origin)) = (origins, &self.origin) {
            pairs.push((ORIGIN.to_owned(), origin.clone()));
        }
        if transformations && !self.transformations.is_empty() {
            pairs.push((TRANSFORMATIONS.to_owned(), self.transformations()));
        }
        self.set_strings("annotations", pairs);
        // Where there is none, as in a list without items, kustomize leaves what its own notes stood in.
        if let Value::Map(fields) = &mut self.value {
            fields.entry("metadata".to_owned()).or_insert_with(empty_map);
        }
    }
}
