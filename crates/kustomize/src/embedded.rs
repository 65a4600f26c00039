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
    collect(&old, new, &mut changes)?;
    let mut out = text.to_owned();
    changes.sort_by_key(|(range, _): &(std::ops::Range<usize>, String)| range.start);
    for (range, replacement) in changes.into_iter().rev() {
        out.replace_range(range, &replacement);
    }
    Ok(out.trim().to_owned())
}

fn collect(
    old: &Node,
    new: &Value,
    changes: &mut Vec<(std::ops::Range<usize>, String)>,
) -> Result<(), String> {
    match (&old.kind, new) {
        (Kind::Map(entries), Value::Map(fields)) => {
            for (key, value) in entries {
                if let Some(new) = key.as_str().and_then(|key| fields.get(key)) {
                    collect(value, new, changes)?;
                }
            }
            match fields.len() == entries.len() {
                true => Ok(()),
                false => Err("a new field inside YAML text is not written".to_owned()),
            }
        }
        (Kind::List(items), Value::List(values)) if items.len() == values.len() => {
            items.iter().zip(values).try_for_each(|(old, new)| collect(old, new, changes))
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
