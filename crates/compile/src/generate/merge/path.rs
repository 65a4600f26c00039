//! Where a value is, and what it is, as a person reads it: `services[name=web].image.tag`.

use yaml::edit::structure;
use yaml::{Kind, Node};

/// One step from the outside in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// The item of a list that has these values.
    Named(Vec<(String, String)>),
    /// The item of a list with this number, counted from 0.
    Index(usize),
    /// The document of this name in a file of several.
    Document(String),
}

/// Writes steps as a path, such as `services[name=web].image.tag`.
pub fn display(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push('.');
                }
                if key.is_empty() || key.contains(['.', '[', ']', '"', '/', ' ']) {
                    out.push_str(&format!("{key:?}"));
                } else {
                    out.push_str(key);
                }
            }
            Step::Named(values) => {
                let pairs: Vec<String> =
                    values.iter().map(|(key, value)| format!("{key}={value}")).collect();
                out.push_str(&format!("[{}]", pairs.join(",")));
            }
            Step::Index(index) => out.push_str(&format!("[{index}]")),
            Step::Document(name) => out.push_str(&format!("{name} ")),
        }
    }
    let trimmed = out.trim_end();
    if trimmed.is_empty() { "the whole document".to_owned() } else { trimmed.to_owned() }
}

/// The most letters of a value in a message.
const MOST: usize = 60;

/// Returns a text in a few words: one line, not longer than a message can bear.
pub(super) fn brief(source: &str) -> String {
    let line = source.trim().lines().map(str::trim).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// Returns a value in a few words: as it is written, a map or list in one line without comments.
pub(super) fn value(text: &str, node: &Node) -> String {
    let mut out = String::new();
    write(text, node, &mut out);
    brief(&out)
}

fn write(text: &str, node: &Node, out: &mut String) {
    // Enough for a message; the rest would be cut.
    if out.len() > 4 * MOST {
        return;
    }
    match &node.kind {
        _ if node.alias => out.push_str(node.source(text)),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(text, item, out);
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(text, key, out);
                out.push_str(": ");
                write(text, value, out);
            }
            out.push('}');
        }
        _ => out.push_str(structure::source(text, node).trim()),
    }
}
