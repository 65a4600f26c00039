//! A tree of files whose content can be taken apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

/// A text that begins so is written as it stands, without quotes.
pub(crate) const RAW: char = '\u{1}';

/// A map with this key alone is written as a text: the YAML of its value.
pub(crate) const INLINE: &str = "\u{2}";

/// A file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum File {
    /// YAML documents.
    Documents(Vec<Value>),
    /// Any text.
    Text(String),
}

/// Files by path.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<String, File>,
    /// Whether documents are written with a line for each field, as people mostly do.
    pub(crate) in_blocks: bool,
}

impl Tree {
    /// Returns the texts of the files.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.files.iter().map(|(path, file)| (path.as_str(), text(file, self.in_blocks)))
    }

    /// Whether a chart would have to be rendered.
    pub(crate) fn has_charts(&self) -> bool {
        self.files.keys().any(|path| path.ends_with("/Chart.yaml"))
    }

    /// Writes the files below a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for (path, text) in self.texts() {
            let path = folder.join(path);
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}

fn text(file: &File, in_blocks: bool) -> String {
    match file {
        File::Text(text) => text.clone(),
        File::Documents(documents) => {
            let text = |value: &Value| match in_blocks {
                true => format!("{}\n", block(value, 0).trim_start_matches('\n')),
                false => document(value),
            };
            documents.iter().map(text).collect::<Vec<_>>().join("---\n")
        }
    }
}

/// Writes a document: one line for each field of the outermost map, and for each item of a list there.
fn document(value: &Value) -> String {
    let Value::Object(fields) = value else { return format!("{}\n", flow(value)) };
    let mut out = String::new();
    for (key, value) in fields {
        match value {
            Value::Array(items) if !items.is_empty() => {
                out.push_str(&format!("{key}:\n"));
                for item in items {
                    out.push_str(&format!("- {}\n", flow(item)));
                }
            }
            value => out.push_str(&format!("{key}: {}\n", flow(value))),
        }
    }
    out
}

/// Writes a value behind its key or dash: maps and lists on lines of their own.
fn block(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if !fields.is_empty() && !fields.contains_key(INLINE) => {
            let field = |(key, value): (&String, &Value)| {
                let value = block(value, depth + 1);
                let space = if value.starts_with('\n') || value.is_empty() { "" } else { " " };
                format!("\n{indent}{}:{space}{value}", flow(&Value::String(key.clone())))
            };
            fields.iter().map(field).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            let item = |item: &Value| {
                let text = block(item, depth + 1);
                format!("\n{indent}- {}", text.trim_start())
            };
            items.iter().map(item).collect()
        }
        value => flow(value),
    }
}

/// Writes a value on one line.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => match text.strip_prefix(RAW) {
            Some(raw) => raw.to_owned(),
            None => value.to_string(),
        },
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) if fields.len() == 1 && fields.contains_key(INLINE) => {
            let inner = fields.get(INLINE).map(flow).unwrap_or_default();
            Value::String(inner).to_string()
        }
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                format!("{}: {}", flow(&Value::String(key.clone())), flow(value))
            };
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
