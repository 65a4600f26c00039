//! JSON patches (RFC 6902), with the answers of the Go library that kustomize uses.

use yaml::Value;

/// One operation of a JSON patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    name: String,
    path: Option<String>,
    from: Option<String>,
    value: Option<Value>,
}

/// Reads the operations of a patch from its text: JSON where it begins with a bracket, else YAML.
///
/// # Errors
/// Where it is neither, or no list of maps.
pub fn read_json_patch(text: &str) -> Result<Vec<Operation>, String> {
    let value = match text.starts_with('[') {
        true => {
            let node = yaml::json::parse_with_repeats(text);
            let first = |errors: Vec<yaml::Error>| {
                let error = errors.first().map(|error| error.message.clone());
                error.unwrap_or_else(|| "it is no JSON".to_owned())
            };
            node.map(Value::from).map_err(first)?
        }
        false => Value::decode_go2(text.as_bytes()).map_err(|error| error.go_text())?,
    };
    json_patch_operations(&value)
}

/// Reads the operations of a patch.
///
/// # Errors
/// Where it is no list of maps.
pub fn json_patch_operations(patch: &Value) -> Result<Vec<Operation>, String> {
    let Some(items) = patch.as_list() else {
        return Err("a JSON patch must be a list of operations".to_owned());
    };
    let read = |item: &Value| {
        let fields = item.as_map().ok_or("an operation of a JSON patch must be a map")?;
        let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Operation {
            name: text("op").unwrap_or_else(|| "unknown".to_owned()),
            path: text("path"),
            from: text("from"),
            value: fields.get("value").cloned(),
        })
    };
    items.iter().map(read).collect::<Result<_, &str>>().map_err(str::to_owned)
}

/// Applies operations in their order.
///
/// # Errors
/// Where a path does not exist or a test fails.
pub fn apply_json_patch(document: &mut Value, operations: &[Operation]) -> Result<(), String> {
    for operation in operations {
        let name = operation.name.as_str();
        if !matches!(name, "add" | "remove" | "replace" | "move" | "copy" | "test") {
            return Err(format!("Unexpected kind: {name}"));
        }
        let missing = || format!("{name} operation failed to decode path: missing value");
        let path = operation.path.as_deref().ok_or_else(missing)?;
        let value = || operation.value.clone().unwrap_or_default();
        let from = || match operation.from.as_deref() {
            Some("") => Err(format!(
                "{name} operation does not apply: doc is missing from path: : missing value"
            )),
            Some(from) => Ok(from),
            None => Err(format!(
                "{name} operation failed to decode from: operation, missing from field: missing value"
            )),
        };
        match operation.name.as_str() {
            "add" => add(document, path, value())?,
            "remove" => {
                remove(document, path)?;
            }
            "replace" => replace(document, path, value())?,
            "move" => {
                let moved = remove(document, from()?)?;
                add(document, path, moved)?;
            }
            "copy" => {
                let copied = get(document, from()?).map_err(|error| format!("copy {error}"))?;
                add(document, path, copied)?;
            }
            "test" => {
                let found = find_mut(document, path, true)?.map(|it| it.clone());
                let same = found.unwrap_or_default() == value();
                if !same {
                    return Err(format!("testing value {path} failed: test failed"));
                }
            }
            other => return Err(format!("Unexpected kind: {other}")),
        }
    }
    Ok(())
}

fn decode(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Splits a path into the parent's and the last part.
fn split(path: &str) -> Result<(&str, String), String> {
    let (parent, last) = path.rsplit_once('/').ok_or_else(|| missing_path(path))?;
    Ok((parent, decode(last)))
}

fn missing_path(path: &str) -> String {
    format!("doc is missing path: \"{path}\": missing value")
}

fn position(part: &str, length: usize) -> Option<usize> {
    if let Some(back) = part.strip_prefix('-').and_then(|digits| digits.parse::<usize>().ok()) {
        return length.checked_sub(back);
    }
    part.parse().ok()
}

fn find_mut<'v>(
    document: &'v mut Value,
    path: &str,
    last: bool,
) -> Result<Option<&'v mut Value>, String> {
    let mut found = document;
    if path.is_empty() {
        return Ok(Some(found));
    }
    let Some(parts) = path.strip_prefix('/') else { return Err(missing_path(path)) };
    for part in parts.split('/') {
        let part = decode(part);
        let next = match found {
            Value::Map(fields) => fields.get_mut(&part),
            Value::List(items) => {
                position(&part, items.len()).and_then(|index| items.get_mut(index))
            }
            _ => None,
        };
        match next {
            Some(next) => found = next,
            None if last => return Ok(None),
            None => return Err(missing_path(path)),
        }
    }
    Ok(Some(found))
}

/// Sets a value: in a map it need not be there before, as in the Go library.
fn replace(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        if !matches!(value, Value::Map(_) | Value::List(_)) {
            return Err("replace operation value must be object or array".to_owned());
        }
        *document = value;
        return Ok(());
    }
    let (parent, last) = split(path)?;
    let missing = || format!("replace operation does not apply: {}", missing_path(path));
    match find_mut(document, parent, true)?.ok_or_else(missing)? {
        Value::Map(fields) => {
            fields.insert(last, value);
        }
        Value::List(items) => {
            let found = position(&last, items.len()).and_then(|index| items.get_mut(index));
            *found.ok_or_else(missing)? = value;
        }
        _ => return Err(missing()),
    }
    Ok(())
}

/// Returns a copy of a value: null where a map does not have it, as in the Go library.
fn get(document: &mut Value, path: &str) -> Result<Value, String> {
    let (parent, last) = split(path)?;
    let missing = || format!("operation does not apply: {}", missing_path(path));
    match find_mut(document, parent, true)?.ok_or_else(missing)? {
        Value::Map(fields) => Ok(fields.get(&last).cloned().unwrap_or_default()),
        Value::List(items) => {
            let found = position(&last, items.len()).and_then(|index| items.get(index));
            found.cloned().ok_or_else(missing)
        }
        _ => Err(missing()),
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let (parent, last) = split(path)?;
    let missing = || format!("add operation does not apply: {}", missing_path(path));
    match find_mut(document, parent, true)?.ok_or_else(missing)? {
        Value::Map(fields) => {
            fields.insert(last, value);
        }
        Value::List(items) => {
            if last == "-" {
                items.push(value);
                return Ok(());
            }
            let index = match last.strip_prefix('-') {
                // From the end, and one more than there are.
                Some(_) => position(&last, items.len() + 1),
                None => last.parse().ok(),
            };
            let index = index.filter(|&index| index <= items.len()).ok_or_else(|| {
                format!("add operation does not apply: Unable to access invalid index: {last}: invalid index referenced")
            })?;
            items.insert(index, value);
        }
        _ => return Err(missing()),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let (parent, last) = split(path)?;
    let missing = || {
        format!(
            "remove operation does not apply: Unable to remove nonexistent key: {last}: missing value"
        )
    };
    let removed = match find_mut(document, parent, true)? {
        Some(Value::Map(fields)) => fields.shift_remove(&last),
        Some(Value::List(items)) => position(&last, items.len())
            .filter(|&index| index < items.len())
            .map(|index| items.remove(index)),
        _ => None,
    };
    removed.ok_or_else(missing)
}
