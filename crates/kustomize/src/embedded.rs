//! JSON and YAML that is the text of a field: a value is written into it, and the rest stays in the form that
//! it had.

use std::ops::Range;

use manifest::scalar_text;
use yaml::{Kind, Node, ScalarStyle, Schema, Value, scalar_go2};

use crate::field_path::{self, find, lookup};
use crate::flow;
use crate::replace::{Choice, Old, mistyped, set};
use crate::specs::{self, Path, Step};

/// Writes into JSON or YAML that is the text of a field; says whether that could be done. The path to the
/// text leads to one field.
pub(crate) fn write(
    resource: &mut Value,
    parts: &[String],
    written: (&Value, &str),
    create: Option<&Value>,
) -> Result<bool, String> {
    let is_text = |count: &usize| {
        let found = parts.get(..*count).and_then(|parts| lookup(resource, parts));
        found.is_some_and(|it| {
            !matches!(it, Value::Map(_) | Value::List(_))
                && yaml::parse(&scalar_text(it), Schema::Go3).is_ok()
        })
    };
    let Some(count) = (1..parts.len()).find(is_text) else { return Ok(false) };
    let (outer, inner) = parts.split_at(count);
    let Some(place) = field_path::place(resource, outer) else { return Ok(false) };
    let Some(Value::String(text)) = specs::at_mut(resource, &place) else { return Ok(false) };
    let Some(change) = inside(text, inner, written, create) else { return Ok(false) };
    *text = if !text.trim_start().starts_with(['{', '[']) {
        yaml(text, &change)?
    } else if text.contains('\n') && text.contains("  ") {
        indented_json(&change.new)
    } else {
        crate::hash::json(&change.new)
    };
    Ok(true)
}

/// Returns the JSON or YAML of a text with the value written into it, where that can be done.
fn inside<'c>(
    text: &str,
    path: &[String],
    (value, letters): (&Value, &'c str),
    create: Option<&Value>,
) -> Option<Change<'c>> {
    let node = yaml::parse(text, Schema::Go3).ok()?;
    let mut new = Value::from(node.clone());
    let found = find(&mut new, path, create).ok()?;
    for (number, place) in found.places.iter().enumerate() {
        let field = specs::at_mut(&mut new, place)?;
        let is_untagged = found.made.contains(&number) || found.chosen.contains(place);
        let old = if is_untagged { Old::Untagged } else { Old::Typed };
        let written = (value.clone(), letters.to_owned());
        let letters = set(field, &Choice::default(), written, old).ok()?;
        if field.is_null() && letters.is_empty() && flow::is_around(&node, place) {
            *field = Value::String(String::new());
        }
    }
    // Where something else stands in a field's place, kustomize cannot make JSON of it.
    let is_json = text.trim_start().starts_with(['{', '[']);
    let is_nowhere = found.places.is_empty() && found.inside == 0;
    if is_nowhere || is_json && mistyped(&new).is_some() {
        return None;
    }
    Some(Change { new, letters, places: found.places })
}

/// Writes JSON with two spaces for each level, keys sorted, as Go's `json.MarshalIndent` does.
fn indented_json(value: &Value) -> String {
    let mut out = String::new();
    indented(value, 0, &mut out);
    out
}

fn indented(value: &Value, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                indented(item, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Value::Map(fields) if !fields.is_empty() => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                out.push_str(&crate::hash::json(&Value::String(key.clone())));
                out.push_str(": ");
                if let Some(value) = fields.get(key) {
                    indented(value, depth + 1, out);
                }
            }
            line(depth, out);
            out.push('}');
        }
        value => out.push_str(&crate::hash::json(value)),
    }
}

/// What was written into a text.
struct Change<'c> {
    /// The YAML or JSON with the value.
    new: Value,
    /// The letters of the value.
    letters: &'c str,
    /// Where it was written.
    places: Vec<Path>,
}

/// Writes the scalars that changed into the YAML that was there; what is made new stands at the end of
/// its map. The text is as kustomize would write it where it was indented as kustomize does.
fn yaml(text: &str, change: &Change<'_>) -> Result<String, String> {
    let old = yaml::parse(text, Schema::Go3).map_err(|error| error.go_text())?;
    let mut writer = Writer { text, change, edits: Vec::new() };
    writer.collect(&old, &change.new, &mut Path::new(), false)?;
    let mut edits = writer.edits;
    let mut out = text.to_owned();
    edits.sort_by_key(|(range, _): &(Range<usize>, String)| range.start);
    for (range, replacement) in edits.into_iter().rev() {
        out.replace_range(range, &replacement);
    }
    Ok(out.trim().to_owned())
}

struct Writer<'w> {
    text: &'w str,
    change: &'w Change<'w>,
    edits: Vec<(Range<usize>, String)>,
}

impl Writer<'_> {
    fn collect(
        &mut self,
        old: &Node,
        new: &Value,
        here: &mut Path,
        in_flow: bool,
    ) -> Result<(), String> {
        let in_flow = in_flow || old.flow;
        match (&old.kind, new) {
            (Kind::Map(entries), Value::Map(fields)) => {
                for (key, value) in entries {
                    let Some(key) = key.as_str() else { continue };
                    let Some(new) = fields.get(key) else { continue };
                    here.push(Step::Key(key.to_owned()));
                    self.collect(value, new, here, in_flow)?;
                    here.pop();
                }
                let more = fields.iter().filter(|(name, _)| old.get(name).is_none());
                let more = Value::Map(more.map(|(name, it)| (name.clone(), it.clone())).collect());
                if fields.len() > entries.len() {
                    let first = entries.first().map(|(key, _)| key.span.range().start);
                    let edit = match in_flow {
                        true => self.in_braces(old, &more, here)?,
                        false => self.behind(old, first, &more, here)?,
                    };
                    self.edits.push(edit);
                }
                Ok(())
            }
            (Kind::List(items), Value::List(values)) if items.len() == values.len() => {
                for (index, (old, new)) in items.iter().zip(values).enumerate() {
                    here.push(Step::Index(index));
                    self.collect(old, new, here, in_flow)?;
                    here.pop();
                }
                Ok(())
            }
            (_, new) if Value::from(old.clone()) == *new && !self.change.places.contains(here) => {
                Ok(())
            }
            (Kind::Map(_) | Kind::List(_), _) | (_, Value::Map(_) | Value::List(_)) => {
                Err("a list or map inside YAML text is not written".to_owned())
            }
            (_, new) => {
                let written = self.scalar(old, new, in_flow);
                let range = old.span.range();
                let before = self.text.get(..range.start).unwrap_or_default();
                let is_close = range.is_empty() && !before.ends_with([' ', '\n']);
                let space = if is_close && !written.is_empty() { " " } else { "" };
                self.edits.push((range, format!("{space}{written}")));
                Ok(())
            }
        }
    }

    /// Returns a scalar that takes the place of another: kustomize keeps quotes, and the type with other
    /// letters.
    fn scalar(&self, old: &Node, new: &Value, in_flow: bool) -> String {
        let letters = self.change.letters;
        let (old, new) = match (tag_of(old, self.text), new) {
            (_, Value::String(text)) if old.style == ScalarStyle::DoubleQuoted => {
                return crate::hash::json(&Value::String(text.clone()));
            }
            (_, Value::String(text)) if old.style == ScalarStyle::SingleQuoted => {
                return quoted(text);
            }
            ("str", Value::String(text)) => return scalar_go2(text),
            (old, _) => (old, yaml::parse(letters, Schema::Go3)),
        };
        let written = plain(letters, in_flow);
        match new {
            Ok(new) if tag_of(&new, letters) == old => written,
            _ => format!("!!{old} {written}").trim_end().to_owned(),
        }
    }

    /// Returns where a map in braces ends, and the fields that are added to it.
    fn in_braces(
        &self,
        map: &Node,
        more: &Value,
        here: &mut Path,
    ) -> Result<(Range<usize>, String), String> {
        let fail = || "a list or map in braces inside YAML text is not written".to_owned();
        let whole = self.text.get(map.span.range()).ok_or_else(fail)?;
        let inside = whole.strip_suffix('}').filter(|it| it.starts_with('{')).ok_or_else(fail)?;
        let end = map.span.range().start + inside.trim_end().len();
        let fields = self.fields(more, here).ok_or_else(fail)?;
        let comma = if inside.trim() == "{" { "" } else { ", " };
        Ok((end..map.span.range().end - 1, format!("{comma}{fields}")))
    }
    /// Returns the fields of a map that was made on the way to the value, as they are written in braces;
    /// none where the value is a map or a list itself.
    fn fields(&self, made: &Value, here: &mut Path) -> Option<String> {
        let mut fields = Vec::new();
        for (key, value) in made.as_map()? {
            here.push(Step::Key(key.clone()));
            let value = match value {
                _ if self.change.places.contains(here) => {
                    is_scalar(value).then(|| plain(self.change.letters, true))?
                }
                Value::Map(_) => format!("{{{}}}", self.fields(value, here)?),
                _ => return None,
            };
            here.pop();
            fields.push(format!("{}: {value}", plain(key, true)));
        }
        Some(fields.join(", "))
    }

    /// Returns where a block map ends, and the lines that add fields to it.
    fn behind(
        &self,
        map: &Node,
        first: Option<usize>,
        more: &Value,
        here: &Path,
    ) -> Result<(Range<usize>, String), String> {
        let fail = || "a new field inside this YAML text is not written".to_owned();
        let before = first.and_then(|first| self.text.get(..first)).ok_or_else(fail)?;
        let indent = before.rsplit('\n').next().unwrap_or(before);
        let whole = self.text.get(map.span.range()).ok_or_else(fail)?;
        // A map that begins behind a dash is written on in another way.
        if !indent.trim().is_empty() {
            return Err(fail());
        }
        let end = map.span.range().start + whole.trim_end().len();
        let rest = self.text.get(end..);
        let line = rest.and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let end = end + line.trim_end().len();
        let mut written = yaml::write_go2(more).map_err(|error| error.to_string())?;
        // The value stands at the end, and has its own letters.
        let mut place = here.clone();
        let leaf = last_of(more, &mut place);
        let is_date = leaf.as_str().is_some_and(|it| it != self.change.letters);
        if self.change.places.contains(&place)
            && (is_date || is_scalar(leaf) && leaf.as_str().is_none())
        {
            let value = yaml::write_go2(leaf).map_err(|error| error.to_string())?;
            if let Some(line) = written.trim_end().strip_suffix(value.trim_end()) {
                written = format!("{line}{}", self.change.letters);
            }
        }
        let lines = written.lines().map(|line| format!("\n{indent}{}", line.trim_end()));
        Ok((end..end, lines.collect()))
    }
}

/// Returns what is written last of a value, and makes the path lead there.
fn last_of<'v>(value: &'v Value, place: &mut Path) -> &'v Value {
    let last = match value {
        Value::Map(fields) => fields.last().map(|(key, value)| (Step::Key(key.clone()), value)),
        Value::List(items) => items.last().map(|value| (Step::Index(items.len() - 1), value)),
        _ => None,
    };
    let Some((step, last)) = last else { return value };
    place.push(step);
    last_of(last, place)
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Map(_) | Value::List(_))
}

/// Returns the type of a scalar, as YAML's own tags name it.
fn tag_of(node: &Node, text: &str) -> &'static str {
    match node.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "bool",
        Kind::Int(_) | Kind::Uint(_) => "int",
        Kind::Float(_) => "float",
        _ => {
            let written = text.get(node.span.range()).unwrap_or_default();
            let is_date = node.style == ScalarStyle::Plain
                && written.starts_with(|it: char| it.is_ascii_digit())
                && yaml::parse(&format!("!!timestamp {written}"), Schema::Go3).is_ok();
            if is_date { "timestamp" } else { "str" }
        }
    }
}

/// Returns letters without quotes, whatever they mean, unless they cannot stand so.
fn plain(letters: &str, in_flow: bool) -> String {
    if letters.is_empty() {
        return if in_flow { quoted(letters) } else { String::new() };
    }
    if in_flow && letters.contains([',', '?', '[', ']', '{', '}', ':']) {
        return quoted(letters);
    }
    let written = scalar_go2(letters);
    let is_plain = yaml::parse(letters, Schema::Go3)
        .is_ok_and(|it| it.style == ScalarStyle::Plain && it.span.range() == (0..letters.len()));
    if is_plain && written.starts_with('"') { letters.to_owned() } else { written }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
