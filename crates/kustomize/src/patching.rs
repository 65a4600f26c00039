//! How a resource takes a patch: what kustomize keeps of quotes, empty fields and its own notes.

use manifest::{
    MergeField, MergeSchema, MergeType, Operation, apply_json_patch, strategic_merge_with,
};
use yaml::Value;

use crate::notes::{self, Quotes};
use crate::reading::check_new_key;
use crate::resource::Resource;
use crate::specs::{self, Path, Step};

impl Resource {
    /// Applies a strategic merge patch; name, namespace and kind stay unless the options allow more.
    pub(crate) fn patch(
        &mut self,
        mut patch: Resource,
        (rename, rekind): (bool, bool),
        schema: Option<&MergeSchema>,
    ) -> Result<(), String> {
        let id = self.id();
        if rename || rekind {
            self.remember();
        }
        self.remove_blanks(schema);
        patch.nullify_blanks();
        let quoted = self.keep_quotes(&mut patch, schema);
        match strategic_merge_with(std::mem::take(&mut self.value), patch.value, schema)? {
            None => self.value = Value::Null,
            Some(value) => {
                self.value = value;
                let numbered = |path: &Path| notes::numbered(&self.value, path);
                self.notes.quoted = quoted.iter().filter_map(numbered).collect();
                self.notes.spellings.append(&mut patch.notes.spellings);
                if !rekind {
                    self.set("kind", id.gvk.kind);
                }
                if !rename {
                    self.set_metadata("name", id.name);
                }
                self.set_metadata("namespace", id.namespace);
            }
        }
        Ok(())
    }

    /// Where a patch has nothing behind a key, it takes the field away.
    fn nullify_blanks(&mut self) {
        for path in &self.notes.blanks {
            if let Some(value) = specs::at_mut(&mut self.value, path) {
                *value = Value::Null;
            }
        }
    }

    /// Turns values of a patch into texts where they take the place of a text in quotes. Returns the paths
    /// of what is in quotes once it is applied, by the names of items.
    fn keep_quotes(&self, patch: &mut Self, schema: Option<&MergeSchema>) -> Vec<Path> {
        let paths = |it: &Self| -> Vec<Path> {
            let paths = it.notes.quoted.iter();
            paths.filter_map(|path| notes::named(&it.value, path)).collect()
        };
        let mut quoted = paths(self);
        let root = MergeType::of(schema, &self.text("apiVersion"), &self.kind());
        let field = Some(MergeField { keys: None, target: root });
        let quotes = Quotes { quoted: &quoted, patch: &patch.notes };
        let mut new = std::mem::take(&mut patch.value);
        quotes.keep((&self.value, &mut Path::new()), (&mut new, &mut Path::new()), field);
        patch.value = new;
        let more = paths(patch);
        quoted.extend(more.into_iter().filter(|path| notes::numbered(&self.value, path).is_none()));
        quoted
    }

    /// Takes blanks away, but not those inside lists that are replaced as a whole.
    fn remove_blanks(&mut self, schema: Option<&MergeSchema>) {
        if self.notes.blanks.is_empty() {
            return;
        }
        let root = MergeType::of(schema, &self.text("apiVersion"), &self.kind());
        for path in std::mem::take(&mut self.notes.blanks) {
            let Some((last, above)) = path.split_last() else { continue };
            let mut field = Some(MergeField { keys: None, target: root });
            let reached = path.iter().all(|step| match step {
                Step::Key(key) => {
                    field = field.and_then(|it| it.target).and_then(|it| it.field(key));
                    true
                }
                Step::Index(_) => {
                    let merges = field.is_some_and(|it| it.keys.is_some());
                    field = field.map(|it| MergeField { keys: None, target: it.target });
                    merges
                }
            });
            match (specs::at_mut(&mut self.value, above), last) {
                (Some(Value::Map(fields)), Step::Key(key))
                    if reached && fields.get(key).is_some_and(is_nothing) =>
                {
                    fields.shift_remove(key);
                }
                _ => {}
            }
        }
    }

    /// Applies operations of a JSON patch. kustomize keeps its own notes in annotations, so that there are
    /// some where there are none; afterwards annotations are texts.
    pub(crate) fn patch_json(&mut self, operations: &[Operation]) -> Result<(), String> {
        const NOTE: &str = "internal.config.kubernetes.io/previousNames";
        self.forget_nodes();
        let noted = self.is_noted();
        if noted {
            let mut pairs = self.strings("annotations");
            pairs.push((NOTE.to_owned(), "x".to_owned()));
            self.set_strings("annotations", pairs);
        }
        apply_json_patch(&mut self.value, operations)?;
        as_floats(&mut self.value);
        if noted {
            let mut pairs = self.strings("annotations");
            if !pairs.iter().any(|(key, _)| key == NOTE) {
                // kustomize puts its own notes back, but not those about where things come from.
                self.origin = None;
                self.transformations.clear();
            }
            pairs.retain(|(key, _)| key != NOTE);
            self.set_strings("annotations", pairs);
        }
        Ok(())
    }

    /// Returns the patch with the labels or annotations that kustomize copied as texts: both where it
    /// has several targets, annotations where it may change names or kinds.
    pub(crate) fn with_texts(&self, keys: &[&str]) -> Result<Self, String> {
        let mut copy = self.clone();
        for key in keys {
            let key = *key;
            let found = self.value.get("metadata").and_then(|it| it.get(key));
            let Some(found) = found.and_then(Value::as_map) else { continue };
            let blank = |name: &str| {
                self.notes.blanks.iter().any(|path| {
                    matches!(path.as_slice(), [Step::Key(a), Step::Key(b), Step::Key(c)]
                        if a == "metadata" && b == key && c == name)
                })
            };
            let text = |(name, value): (&String, &Value)| {
                check_new_key(name)?;
                let text = match value {
                    _ if blank(name) => String::new(),
                    Value::Null => "null".to_owned(),
                    Value::List(_) | Value::Map(_) => String::new(),
                    value => {
                        let place = ["metadata", key, name].map(|it| Step::Key(it.to_owned()));
                        self.notes.letters(&place, value)
                    }
                };
                Ok((name.clone(), text))
            };
            let pairs = found.iter().map(text).collect::<Result<Vec<_>, String>>()?;
            copy.set_strings(key, pairs);
            copy.notes.blanks.retain(|path| {
                !matches!(path.as_slice(), [Step::Key(a), Step::Key(b), ..]
                    if a == "metadata" && b == key)
            });
        }
        Ok(copy)
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Gives whole numbers the digits that are left of them as floating-point numbers: kustomize reads JSON so.
fn as_floats(value: &mut Value) {
    let digits = |number: f64| {
        let text = number.to_string();
        let small = text.parse().map(Value::Int);
        small.or_else(|_| text.parse().map(Value::Uint)).unwrap_or(Value::Float(number))
    };
    match value {
        Value::Int(number) if number.unsigned_abs() > 1 << 53 => *value = digits(*number as f64),
        Value::Uint(number) => *value = digits(*number as f64),
        Value::List(items) => items.iter_mut().for_each(as_floats),
        Value::Map(fields) => fields.values_mut().for_each(as_floats),
        _ => {}
    }
}
