//! Names, tags and digests of container images.

use regex::Regex;
use yaml::Value;

use crate::notes;
use crate::select::letters_len;
use crate::specs::{self, Part, Path};

/// Where images were written.
#[derive(Debug, Default)]
pub(crate) struct Wrote {
    /// Everywhere, if somebody will ask.
    pub(crate) all: Option<Vec<Path>>,
    /// Where letters stand that mean something else than a text, where no quotes are round them.
    pub(crate) no_texts: Vec<Path>,
}

/// A change of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) new_name: String,
    pub(crate) new_tag: String,
    pub(crate) tag_suffix: String,
    pub(crate) digest: String,
}

impl Image {
    /// Changes an image where it is the one that is meant, and notes where it was.
    pub(crate) fn update(
        &self,
        value: &mut Value,
        at: &[Part<'_>],
        wrote: &mut Wrote,
    ) -> Result<(), String> {
        if matches!(value, Value::Map(_) | Value::List(_)) {
            return Err("wrong node kind: expected ScalarNode".to_owned());
        }
        let text = manifest::scalar_text(value);
        if !is_matched(&text, &self.name)? {
            return Ok(());
        }
        let (mut name, mut tag, mut digest) = split(&text);
        if !self.new_name.is_empty() {
            name.clone_from(&self.new_name);
        }
        match (self.new_tag.is_empty(), self.digest.is_empty()) {
            (false, false) => (tag, digest) = (self.new_tag.clone(), self.digest.clone()),
            (false, true) => (tag, digest) = (self.new_tag.clone(), String::new()),
            (true, false) => (tag, digest) = (String::new(), self.digest.clone()),
            (true, true) if !self.tag_suffix.is_empty() => {
                tag.push_str(&self.tag_suffix);
                digest.clear();
            }
            (true, true) => {}
        }
        if !tag.is_empty() {
            name = format!("{name}:{tag}");
        }
        if !digest.is_empty() {
            name = format!("{name}@{digest}");
        }
        if let Some(all) = &mut wrote.all {
            all.push(specs::kept(at));
        }
        let may_be_date = name.starts_with(|it: char| it.is_ascii_digit());
        if may_be_date || notes::is_no_text(&name) {
            wrote.no_texts.push(specs::kept(at));
        }
        *value = Value::String(name);
        Ok(())
    }

    /// Changes `containers` and `initContainers` at any depth.
    pub(crate) fn update_containers<'v>(
        &self,
        value: &'v mut Value,
        at: &mut Vec<Part<'v>>,
        wrote: &mut Wrote,
    ) -> Result<(), String> {
        match value {
            Value::List(items) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
                at.push(Part::Index(index));
                self.update_containers(item, at, wrote)?;
                at.pop();
                Ok(())
            }),
            Value::Map(fields) => {
                for (key, field) in fields {
                    at.push(Part::Key(key));
                    if let ("containers" | "initContainers", Value::List(items)) =
                        (key.as_str(), &mut *field)
                    {
                        for (index, item) in items.iter_mut().enumerate() {
                            let Value::Map(fields) = item else { continue };
                            let image = fields.get_mut("image").filter(|it| !it.is_null());
                            let Some(image) = image else { continue };
                            at.extend([Part::Index(index), Part::Key("image")]);
                            self.update(image, at, wrote)?;
                            at.truncate(at.len().saturating_sub(2));
                        }
                    }
                    self.update_containers(field, at, wrote)?;
                    at.pop();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn is_matched(text: &str, name: &str) -> Result<bool, String> {
    if name.chars().all(|it| it.is_ascii_alphanumeric() || "/-_.:@".contains(it)) {
        let rest = letters_len(name, text).and_then(|length| text.get(length..));
        return Ok(rest.is_some_and(is_tag_and_digest));
    }
    let tail = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";
    let expression = Regex::new(&format!("^{name}{tail}"));
    expression.map(|it| it.is_match(text)).map_err(|error| format!("image `{name}`: {error}"))
}

fn is_tag_and_digest(rest: &str) -> bool {
    let fits =
        |text: &str| text.chars().all(|it| it.is_ascii_alphanumeric() || "_.{}-".contains(it));
    let (tag, digest) = match rest.split_once("@sha256:") {
        Some((tag, digest)) => (tag, digest),
        None => (rest, ""),
    };
    fits(digest) && (tag.is_empty() || tag.strip_prefix(':').is_some_and(fits))
}

fn split(text: &str) -> (String, String, String) {
    // A colon before the first slash belongs to the registry.
    let start = text.find('/').filter(|&at| at > 0).unwrap_or(0);
    let tail = text.get(start..).unwrap_or_default();
    let (colon, at) = (tail.find(':'), tail.find('@'));
    let cut = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    match (colon, at) {
        (None, None) => (text.to_owned(), String::new(), String::new()),
        (Some(colon), Some(at)) if colon < at => {
            let (colon, at) = (colon + start, at + start);
            (cut(0, colon), cut(colon + 1, at), cut(at + 1, text.len()))
        }
        (_, Some(at)) => (cut(0, at + start), String::new(), cut(at + start + 1, text.len())),
        (Some(colon), None) => {
            (cut(0, colon + start), cut(colon + start + 1, text.len()), String::new())
        }
    }
}
