//! `templatePatch`: a strategic merge patch over an Application.
//!
//! The types of Argo CD have no lists that merge, so that lists are replaced; only the finalizers of any
//! object do. Source: Argo CD, `applicationset/controllers/template/patch.go` (3.2); Kubernetes'
//! `strategicpatch`.

use indexmap::IndexMap;
use yaml::Value;

use super::super::types;

/// Applies a patch, whose text is YAML.
///
/// # Errors
/// Where it is none, or does not fit an Application; in words.
pub(super) fn apply(application: &Value, text: &str) -> Result<Value, String> {
    let patch = Value::decode_go2(text.as_bytes())
        .map_err(|error| format!("error while converting template to json: {}", error.go_text()))?;
    let changes = match &patch {
        Value::Null => return Ok(application.clone()),
        Value::Map(changes) => changes,
        _ => return Err("invalid templatePatch: it is no map".to_owned()),
    };
    types::decode(&patch, "Application")
        .map_err(|misfit| format!("invalid templatePatch: `{}`: {}", misfit.path, misfit.reason))?;
    let mut patched = application.clone();
    merge(&mut patched, changes, "")?;
    // The project is not for a patch to change.
    let project = application.get("spec").and_then(|spec| spec.get("project")).cloned();
    if let (Some(project), Value::Map(fields)) = (project, &mut patched)
        && let Some(Value::Map(spec)) = fields.get_mut("spec")
    {
        spec.insert("project".to_owned(), project);
    }
    Ok(patched)
}

fn merge(target: &mut Value, changes: &IndexMap<String, Value>, path: &str) -> Result<(), String> {
    match changes.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            let kept = changes.iter().filter(|(key, _)| *key != "$patch");
            *target = Value::Map(kept.map(|(key, value)| (key.clone(), value.clone())).collect());
            return Ok(());
        }
        Some("delete") => {
            *target = Value::Map([].into());
            return Ok(());
        }
        Some("merge") | None => {}
        Some(other) => return Err(format!("Unknown patch type found: {other}")),
    }
    if !matches!(target, Value::Map(_)) {
        *target = Value::Map([].into());
    }
    let Value::Map(fields) = target else { return Ok(()) };
    for (key, change) in changes {
        if key.starts_with('$') {
            continue;
        }
        let below = format!("{path}.{key}");
        match change {
            Value::Null => {
                fields.shift_remove(key);
            }
            Value::Map(inner) => {
                merge(fields.entry(key.clone()).or_insert(Value::Null), inner, &below)?;
            }
            Value::List(items) if below == ".metadata.finalizers" => {
                let known = fields.get(key).and_then(Value::as_list).unwrap_or_default();
                let merged = Value::List(merge_texts(known, items));
                fields.insert(key.clone(), merged);
            }
            other => {
                fields.insert(key.clone(), other.clone());
            }
        }
    }
    Ok(())
}

/// Merges a list that is a set: what the patch adds comes first, what both have stays where it is.
fn merge_texts(known: &[Value], patch: &[Value]) -> Vec<Value> {
    let place = |item: &Value| known.iter().position(|it| it == item);
    let mut ours = known.iter().filter(|item| !patch.contains(item)).peekable();
    let mut merged = Vec::with_capacity(known.len() + patch.len());
    for item in patch {
        while let Some(own) =
            ours.next_if(|own| place(item).is_some_and(|at| place(own) < Some(at)))
        {
            merged.push(own.clone());
        }
        if !merged.contains(item) {
            merged.push(item.clone());
        }
    }
    merged.extend(ours.cloned());
    merged
}
