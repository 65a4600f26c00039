//! How a resource takes a patch: what kustomize keeps of quotes, empty fields and its own notes.

use manifest::{
    MergeField, MergeSchema, MergeType, Operation, apply_json_patch, strategic_merge_with,
};
use yaml::Value;

use crate::field_path;
use crate::notes::{self, Quotes, Reach};
use crate::reading::check_new_key;
use crate::resource::{Resource, Shared};
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
        let mut blanks = self.remove_blanks(&patch.value, schema);
        let shared = self.keep_shared(&patch.value, schema);
        patch.nullify_blanks(self, schema);
        let bare = self.keep_bare(&patch, schema);
        let quoted = self.keep_quotes(&mut patch, schema);
        let untagged = self.quote_untagged(&patch.value, schema);
        let flow = self.keep_flow(&patch, schema);
        let brought = patch.notes.blanks.iter();
        blanks.extend(brought.filter_map(|path| notes::named(&patch.value, path)));
        let kept = self.written.is_some().then(|| patch.value.clone());
        match strategic_merge_with(std::mem::take(&mut self.value), patch.value, schema)? {
            None => self.value = Value::Null,
            Some(value) => {
                self.value = value;
                let numbered = |paths: Vec<Path>| -> Vec<Path> {
                    let paths = paths.iter();
                    paths.filter_map(|path| notes::numbered(&self.value, path)).collect()
                };
                self.notes.quoted = numbered(quoted);
                self.notes.bare = numbered(bare);
                self.notes.untagged = numbered(untagged);
                self.notes.flow = numbered(flow);
                self.notes.blanks = numbered(blanks);
                self.notes
                    .blanks
                    .retain(|path| field_path::at(&self.value, path).is_some_and(is_nothing));
                self.renumber_shared(shared);
                self.notes.spellings.append(&mut patch.notes.spellings);
                if !rekind {
                    self.set("kind", id.gvk.kind);
                }
                if !rename {
                    self.set_metadata("name", id.name);
                }
                self.set_metadata("namespace", id.namespace);
                if let Some(kept) = kept {
                    self.wrote_patch(&kept, patch.written.as_deref(), schema);
                }
            }
        }
        Ok(())
    }

    /// Where a patch has nothing behind a key, it takes the field away, if the merge gets there.
    fn nullify_blanks(&mut self, object: &Self, schema: Option<&MergeSchema>) {
        let root = object.root(schema);
        for path in &self.notes.blanks {
            if Reach::of(path, (&self.value, &object.value), root) == Reach::Beyond {
                continue;
            }
            if let Some(value) = specs::at_mut(&mut self.value, path) {
                *value = Value::Null;
            }
        }
    }

    /// What its own fields are to a merge.
    pub(crate) fn root<'s>(&self, schema: Option<&'s MergeSchema>) -> Option<MergeField<'s>> {
        let target = MergeType::of(schema, &self.text("apiVersion"), &self.kind());
        Some(MergeField { keys: None, target })
    }

    /// Turns values without a type into texts where the merge goes over them, and YAML 1.1 would not read
    /// them as texts. Returns the paths of the others, by the names of items.
    fn quote_untagged(&mut self, patch: &Value, schema: Option<&MergeSchema>) -> Vec<Path> {
        let mut others = Vec::new();
        let root = self.root(schema);
        for path in std::mem::take(&mut self.notes.untagged) {
            let reach = Reach::of(&path, (&self.value, patch), root);
            if matches!(reach, Reach::Replaced) {
                // Without a type it is no null to a merge, and neither a map nor a list.
                let new = field_path::at(patch, &path);
                if matches!(new, Some(Value::Map(_) | Value::List(_)))
                    && let Some(value @ Value::Null) = specs::at_mut(&mut self.value, &path)
                {
                    *value = Value::String(String::new());
                }
                continue;
            }
            let letters = field_path::at(&self.value, &path).map(|it| match it {
                Value::Null => self.notes.null(&path),
                other => self.notes.letters(&path, other),
            });
            match letters {
                Some(text) if matches!(reach, Reach::Kept) && notes::is_no_text(&text) => {
                    if let Some(value) = specs::at_mut(&mut self.value, &path) {
                        *value = Value::String(text);
                    }
                }
                _ => others.extend(notes::named(&self.value, &path)),
            }
        }
        others
    }

    /// Returns the paths of texts that look like none and have no quotes once the patch is applied, by the
    /// names of items: the merge puts quotes round those that it goes over, or adds.
    fn keep_bare(&self, patch: &Self, schema: Option<&MergeSchema>) -> Vec<Path> {
        let root = self.root(schema);
        let (object, other) = (&self.value, &patch.value);
        let old = self.notes.bare.iter();
        let old = old.filter(|path| Reach::of(path, (object, other), root) == Reach::Beyond);
        let looks = |path: &&Path| {
            let value = field_path::at(other, path).and_then(Value::as_str);
            value.is_some_and(notes::is_no_text)
        };
        // What takes the place of something has quotes where that had some.
        let new = patch.notes.quoted.iter().filter(looks);
        let new = new.filter(|path| Reach::of(path, (other, object), root) == Reach::Replaced);
        let bare = patch.notes.bare.iter();
        let bare = bare.filter(|path| Reach::of(path, (other, object), root) != Reach::Kept);
        let new = new.chain(bare).filter_map(|path| notes::named(other, path));
        old.filter_map(|path| notes::named(object, path)).chain(new).collect()
    }

    /// Turns values of a patch into texts where they take the place of a text in quotes. Returns the paths
    /// of what is in quotes once it is applied, by the names of items.
    fn keep_quotes(&self, patch: &mut Self, schema: Option<&MergeSchema>) -> Vec<Path> {
        let paths = |it: &Self| -> Vec<Path> {
            let paths = it.notes.quoted.iter();
            paths.filter_map(|path| notes::named(&it.value, path)).collect()
        };
        let mut quoted = paths(self);
        let bare = self.notes.bare.iter().chain(&self.notes.untagged);
        let bare: Vec<Path> = bare.filter_map(|path| notes::named(&self.value, path)).collect();
        let field = self.root(schema);
        let quotes = Quotes { quoted: &quoted, bare: &bare, patch: &patch.notes };
        let mut new = std::mem::take(&mut patch.value);
        quotes.keep((&self.value, &mut Path::new()), (&mut new, &mut Path::new()), field);
        patch.value = new;
        let more = paths(patch);
        quoted.extend(more.into_iter().filter(|path| notes::numbered(&self.value, path).is_none()));
        quoted
    }

    /// Returns the paths of values that are one node, by the names of items, without those in lists that the
    /// patch replaces as a whole: it brings nodes of its own.
    fn keep_shared(&self, patch: &Value, schema: Option<&MergeSchema>) -> Vec<Shared> {
        if self.shared.is_empty() {
            return Vec::new();
        }
        let root = self.root(schema);
        let stays = |path: &&Path| !notes::is_gone(path, (&self.value, patch), root);
        let kept = self.shared.iter().map(|(paths, text)| {
            let paths = paths.iter().filter(stays);
            (paths.filter_map(|path| notes::named(&self.value, path)).collect(), text.clone())
        });
        kept.collect()
    }

    fn renumber_shared(&mut self, shared: Vec<Shared>) {
        let value = &self.value;
        let found = shared.into_iter().map(|(paths, text)| {
            let paths: Vec<Path> =
                paths.iter().filter_map(|path| notes::numbered(value, path)).collect();
            (paths, text)
        });
        self.shared = found.filter(|(paths, _)| paths.len() > 1).collect();
    }

    /// Takes blanks away, but not those inside lists: returns these, by the names of items, where the patch
    /// does not replace them.
    fn remove_blanks(&mut self, patch: &Value, schema: Option<&MergeSchema>) -> Vec<Path> {
        if self.notes.blanks.is_empty() {
            return Vec::new();
        }
        let mut beyond = Vec::new();
        let root = self.root(schema);
        for path in std::mem::take(&mut self.notes.blanks) {
            let Some((last, above)) = path.split_last() else { continue };
            if Reach::of(&path, (&self.value, patch), root) == Reach::Beyond {
                beyond.extend(notes::named(&self.value, &path));
                continue;
            }
            let reached = Reach::of(&path, (&self.value, &Value::Null), root) == Reach::Kept;
            match (specs::at_mut(&mut self.value, above), last) {
                (Some(Value::Map(fields)), Step::Key(key))
                    if reached && fields.get(key).is_some_and(is_nothing) =>
                {
                    fields.shift_remove(key);
                }
                _ => {}
            }
        }
        beyond
    }

    /// Applies operations of a JSON patch. kustomize keeps its own notes in annotations, so that there are
    /// some where there are none; afterwards annotations are texts.
    pub(crate) fn patch_json(&mut self, operations: &[Operation]) -> Result<(), String> {
        const NOTE: &str = "internal.config.kubernetes.io/previousNames";
        self.write_flow();
        self.forget_nodes();
        let noted = self.is_noted();
        if noted {
            match self.annotations_mut() {
                Some(found) => {
                    found.insert(NOTE.to_owned(), Value::String("x".to_owned()));
                }
                None => self.set_strings("annotations", vec![(NOTE.to_owned(), "x".to_owned())]),
            }
        }
        apply_json_patch(&mut self.value, operations)?;
        if let Some(written) = &mut self.written {
            written.put_json();
        }
        as_floats(&mut self.value);
        for value in self.annotations_mut().into_iter().flat_map(|it| it.values_mut()) {
            // Their texts have the letters of floating-point numbers.
            match value {
                Value::Int(number) => *value = Value::Float(*number as f64),
                Value::Uint(number) => *value = Value::Float(*number as f64),
                _ => {}
            }
        }
        if self.kind().is_empty() {
            return Err("it leaves no kind".to_owned());
        }
        if noted {
            let mut pairs = self.strings("annotations");
            if !pairs.iter().any(|(key, _)| key == NOTE) {
                // kustomize puts its own notes back, but not those about where things come from.
                self.origin = None;
                self.transformations.clear();
            }
            pairs.retain(|(key, _)| key != NOTE);
            self.set_strings("annotations", pairs);
        } else {
            let pairs = self.strings("annotations");
            self.set_strings("annotations", pairs);
        }
        self.note_empty();
        Ok(())
    }

    fn annotations_mut(&mut self) -> Option<&mut indexmap::IndexMap<String, Value>> {
        let Value::Map(fields) = &mut self.value else { return None };
        let Value::Map(metadata) = fields.get_mut("metadata")? else { return None };
        match metadata.get_mut("annotations")? {
            Value::Map(found) => Some(found),
            _ => None,
        }
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
            let is_elsewhere = |path: &Path| {
                !matches!(path.as_slice(), [Step::Key(a), Step::Key(b), ..]
                    if a == "metadata" && b == key)
            };
            copy.notes.blanks.retain(is_elsewhere);
            copy.notes.bare.retain(is_elsewhere);
            if let Some(written) = &mut copy.written {
                written.forget(&["metadata", key].map(|it| Step::Key(it.to_owned())));
            }
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
