//! What the tests of this crate share: finding the recorded answers, and printing JSON as Go does.

use std::path::PathBuf;

use yaml::{Kind, Node, Value};

/// Returns a folder of recorded answers; `None` where it is not there, which is said.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let folder = PathBuf::from(root).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("MAINSTAY_REQUIRE_CORPUS").is_none(), "{name} is not in {root}");
    println!("left out: {name} is not in {root}");
    None
}

/// Returns the value that `toJson` sees: every number is a float, and helm drops nulls of maps.
pub(crate) fn as_values(value: Value, drop_nulls: bool) -> Value {
    match value {
        Value::Int(number) => Value::Float(number as f64),
        Value::Uint(number) => Value::Float(number as f64),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| as_values(item, false)).collect())
        }
        Value::Map(map) => {
            let entries = map.into_iter().filter(|(_, value)| !(drop_nulls && value.is_null()));
            Value::Map(entries.map(|(key, value)| (key, as_values(value, drop_nulls))).collect())
        }
        other => other,
    }
}

/// Prints JSON as Go's `encoding/json` does.
pub(crate) fn go_json(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) => yaml::json_float(*value).unwrap_or_else(|| "null".to_owned()),
        Value::String(text) => go_string(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(go_json).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", go_string(key), go_json(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

fn go_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Reads a file of cases, which is JSON.
pub(crate) fn cases(path: &std::path::Path) -> Node {
    let text = std::fs::read_to_string(path).expect("because the file of cases is there");
    yaml::json::parse(&text).unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()))
}

/// Returns the text of a field.
pub(crate) fn text<'n>(node: &'n Node, field: &str) -> &'n str {
    node.get(field).and_then(Node::as_str).unwrap_or_else(|| panic!("no text `{field}`"))
}

/// Returns the items of a field.
pub(crate) fn items<'n>(node: &'n Node, field: &str) -> &'n [Node] {
    match &node.get(field).unwrap_or_else(|| panic!("no list `{field}`")).kind {
        Kind::List(items) => items,
        _ => panic!("`{field}` is no list"),
    }
}
