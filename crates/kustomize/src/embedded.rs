//! JSON and YAML that is the text of a field, written back in the form that it had.

use yaml::{Kind, Node, Schema, Value};

/// Writes JSON with two spaces for each level, keys sorted, as Go's `json.MarshalIndent` does.
pub(crate) fn indented_json(value: &Value) -> String {
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

/// Writes the scalars that changed into the YAML that was there; what is made new stands at the end of
/// its map. The text is as kustomize would write it where it was indented as kustomize does.
pub(crate) fn yaml(text: &str, new: &Value) -> Result<String, String> {
    let old = yaml::parse(text, Schema::Go3).map_err(|error| error.go_text())?;
    let mut changes = Vec::new();
    collect(text, &old, new, &mut changes)?;
    let mut out = text.to_owned();
    changes.sort_by_key(|(range, _): &(std::ops::Range<usize>, String)| range.start);
    for (range, replacement) in changes.into_iter().rev() {
        out.replace_range(range, &replacement);
    }
    Ok(out.trim().to_owned())
}

fn collect(
    text: &str,
    old: &Node,
    new: &Value,
    changes: &mut Vec<(std::ops::Range<usize>, String)>,
) -> Result<(), String> {
    match (&old.kind, new) {
        (Kind::Map(entries), Value::Map(fields)) => {
            for (key, value) in entries {
                if let Some(new) = key.as_str().and_then(|key| fields.get(key)) {
                    collect(text, value, new, changes)?;
                }
            }
            let more = fields.iter().filter(|(name, _)| old.get(name).is_none());
            let more = Value::Map(more.map(|(name, it)| (name.clone(), it.clone())).collect());
            if fields.len() > entries.len() {
                let first = entries.first().map(|(key, _)| key.span.range().start);
                changes.push(behind(text, old, first, &more)?);
            }
            Ok(())
        }
        (Kind::List(items), Value::List(values)) if items.len() == values.len() => {
            items.iter().zip(values).try_for_each(|(old, new)| collect(text, old, new, changes))
        }
        (_, new) if Value::from(old.clone()) == *new => Ok(()),
        (Kind::Map(_) | Kind::List(_), _) | (_, Value::Map(_) | Value::List(_)) => {
            Err("a list or map inside YAML text is not written".to_owned())
        }
        (_, new) => {
            let written = match (old.style, new) {
                (yaml::ScalarStyle::DoubleQuoted, Value::String(text)) => {
                    crate::hash::json(&Value::String(text.clone()))
                }
                (yaml::ScalarStyle::SingleQuoted, Value::String(text)) => {
                    format!("'{}'", text.replace('\'', "''"))
                }
                (_, new) => {
                    let text = yaml::write_go2(new).map_err(|error| error.to_string())?;
                    text.trim_end().to_owned()
                }
            };
            changes.push((old.span.range(), written));
            Ok(())
        }
    }
}

/// Returns where a block map ends, and the lines that add fields to it.
fn behind(
    text: &str,
    map: &Node,
    first: Option<usize>,
    more: &Value,
) -> Result<(std::ops::Range<usize>, String), String> {
    let fail = || "a new field inside this YAML text is not written".to_owned();
    let before = first.and_then(|first| text.get(..first)).ok_or_else(fail)?;
    let indent = before.rsplit('\n').next().unwrap_or(before);
    let whole = text.get(map.span.range()).ok_or_else(fail)?;
    // A map in braces, or one that begins behind a dash, is written on in another way.
    if whole.starts_with('{') || !indent.trim().is_empty() {
        return Err(fail());
    }
    let end = map.span.range().start + whole.trim_end().len();
    let line = text.get(end..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
    let end = end + line.trim_end().len();
    let written = yaml::write_go2(more).map_err(|error| error.to_string())?;
    let lines = written.lines().map(|line| format!("\n{indent}{line}"));
    Ok((end..end, lines.collect()))
}
