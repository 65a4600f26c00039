//! The suffix of generated names: ten letters of a hash of what is in them.

use manifest::scalar_text;
use sha2::{Digest, Sha256};
use yaml::Value;

use crate::resource::Resource;

/// Returns the suffix. What was made as one of the two kinds and got another from a patch has none here:
/// kustomize hashes its own memory of such an object, lines and columns of what it read among it.
pub(crate) fn suffix(resource: &Resource) -> Result<String, String> {
    let mut out = String::from("{");
    let kind = resource.kind();
    let (maps, is_secret): (&[&str], bool) = match kind.as_str() {
        "Secret" => (&["data", "stringData"], true),
        "ConfigMap" => (&["data", "binaryData"], false),
        _ => {
            let id = resource.id();
            let message = "its kind was changed, and its name ends in a hash that kustomize makes of its memory";
            return Err(format!("{id}: {message}: generate it with `disableNameSuffixHash: true`"));
        }
    };
    let mut entries: Vec<(String, String)> = vec![
        ("kind".to_owned(), json(&Value::String(kind.clone()))),
        // The real program looks for the name where it never is.
        ("name".to_owned(), "\"\"".to_owned()),
    ];
    for (index, name) in maps.iter().enumerate() {
        match resource.value.get(name) {
            None if index == 0 => entries.push(((*name).to_owned(), "\"\"".to_owned())),
            Some(map @ Value::Map(_)) => {
                let mut out = String::new();
                write(map, Numbers::Floats, &mut out);
                entries.push(((*name).to_owned(), out));
            }
            Some(other) if index == 0 => {
                entries.push(((*name).to_owned(), json(&Value::String(scalar_text(other)))));
            }
            _ => {}
        }
    }
    if is_secret {
        entries.push(("type".to_owned(), json(&Value::String(resource.text("type")))));
    }
    entries.sort();
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&format!("\"{key}\":{value}"));
    }
    out.push('}');
    let digest = Sha256::digest(out.as_bytes());
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let letter = |it| match it {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    Ok(hex.chars().map(letter).collect())
}

/// Writes JSON as Go's `encoding/json` does: keys sorted, HTML's letters escaped.
pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    write(value, Numbers::Exact, &mut out);
    out
}

/// What becomes of whole numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Exact,
    /// What Go's JSON reader leaves of them where it does not know their type.
    Floats,
}

fn write(value: &Value, numbers: Numbers, out: &mut String) {
    match value {
        Value::Int(number) if numbers == Numbers::Floats => {
            out.push_str(&yaml::json_float(*number as f64).unwrap_or_default());
        }
        Value::Uint(number) if numbers == Numbers::Floats => {
            out.push_str(&yaml::json_float(*number as f64).unwrap_or_default());
        }
        Value::Null => out.push_str("null"),
        Value::Float(number) => out.push_str(&yaml::json_float(*number).unwrap_or_default()),
        Value::String(text) => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, numbers, out);
            }
            out.push(']');
        }
        Value::Map(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                if let Some(value) = fields.get(key) {
                    write(value, numbers, out);
                }
            }
            out.push('}');
        }
        other => out.push_str(&scalar_text(other)),
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
