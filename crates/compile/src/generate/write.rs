//! The writer of every generated YAML file: readable block style, comments, stable order.
//!
//! A file is built as a [`Map`] with notes and gaps between its keys, never as text around somebody
//! else's values. A scalar is quoted where any reader (YAML 1.1 as Go's and Python's libraries read
//! it, YAML 1.2 core or JSON schema) would take its plain form for something else than a text.

use std::fmt::Write as _;

mod scalar;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text, quoted where a reader needs it.
    Text(String),
    /// A text that is always quoted: what a pipeline replaces must not turn into a number.
    Quoted(String),
    /// A sequence.
    List(List),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order of its lines, with comments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map {
    entries: Vec<(String, Entry)>,
    next: Lead,
}

/// A sequence, with comments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct List {
    items: Vec<Entry>,
    next: Lead,
}

/// What stands before a key or an item: a blank line, a comment.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lead {
    gap: bool,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    lead: Lead,
    value: Yaml,
}

impl Map {
    /// Returns an empty map.
    pub(super) fn new() -> Map {
        Map::default()
    }

    /// Adds a key.
    #[must_use]
    pub(super) fn put(mut self, key: impl Into<String>, value: impl Into<Yaml>) -> Map {
        let lead = std::mem::take(&mut self.next);
        self.entries.push((key.into(), Entry { lead, value: value.into() }));
        self
    }

    /// Adds a key where there is a value; else the comment that was meant for it is dropped too.
    #[must_use]
    pub(super) fn put_some(
        mut self,
        key: impl Into<String>,
        value: Option<impl Into<Yaml>>,
    ) -> Map {
        match value {
            Some(value) => self.put(key, value),
            None => {
                self.next = Lead::default();
                self
            }
        }
    }

    /// Adds a key unless the value is an empty list, map or text.
    #[must_use]
    pub(super) fn put_filled(self, key: impl Into<String>, value: impl Into<Yaml>) -> Map {
        let value = value.into();
        let filled = !value.is_empty();
        self.put_some(key, filled.then_some(value))
    }

    /// Writes a comment before the next key; line breaks make lines.
    #[must_use]
    pub(super) fn note(mut self, text: impl Into<String>) -> Map {
        self.next.note = Some(text.into());
        self
    }

    /// Leaves a blank line before the next key.
    #[must_use]
    pub(super) fn gap(mut self) -> Map {
        self.next.gap = true;
        self
    }

    /// Appends the keys of another map.
    #[must_use]
    pub(super) fn join(mut self, other: Map) -> Map {
        let mut entries = other.entries;
        if let Some((_, first)) = entries.first_mut() {
            first.lead.gap |= self.next.gap;
            if first.lead.note.is_none() {
                first.lead.note = self.next.note.take();
            }
        }
        self.next = Lead::default();
        self.entries.append(&mut entries);
        self
    }

    /// Says whether there is no key.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Yaml> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, entry)| &entry.value)
    }

    /// Returns the keys and values in the order of their lines.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Yaml)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), &entry.value))
    }
}

impl List {
    /// Returns an empty list.
    pub(super) fn new() -> List {
        List::default()
    }

    /// Adds an item.
    #[must_use]
    pub(super) fn item(mut self, value: impl Into<Yaml>) -> List {
        let lead = std::mem::take(&mut self.next);
        self.items.push(Entry { lead, value: value.into() });
        self
    }

    /// Writes a comment before the next item.
    #[must_use]
    pub(super) fn note(mut self, text: impl Into<String>) -> List {
        self.next.note = Some(text.into());
        self
    }

    /// Leaves a blank line before the next item, unless it is the first.
    #[must_use]
    pub(super) fn gap(mut self) -> List {
        self.next.gap = !self.items.is_empty();
        self
    }

    /// Returns the items.
    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Yaml> {
        self.items.iter().map(|entry| &entry.value)
    }

    /// Says whether there is no item.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T: Into<Yaml>> FromIterator<T> for List {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> List {
        values.into_iter().fold(List::new(), List::item)
    }
}

impl<K: Into<String>, V: Into<Yaml>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map {
        entries.into_iter().fold(Map::new(), |map, (key, value)| map.put(key, value))
    }
}

impl Yaml {
    fn is_empty(&self) -> bool {
        match self {
            Yaml::List(list) => list.is_empty(),
            Yaml::Map(map) => map.is_empty(),
            Yaml::Text(text) | Yaml::Quoted(text) => text.is_empty(),
            Yaml::Bool(_) | Yaml::Int(_) => false,
        }
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Yaml {
        Yaml::Bool(value)
    }
}

impl From<i64> for Yaml {
    fn from(value: i64) -> Yaml {
        Yaml::Int(value)
    }
}

impl From<i32> for Yaml {
    fn from(value: i32) -> Yaml {
        Yaml::Int(value.into())
    }
}

impl From<u16> for Yaml {
    fn from(value: u16) -> Yaml {
        Yaml::Int(value.into())
    }
}

impl From<u32> for Yaml {
    fn from(value: u32) -> Yaml {
        Yaml::Int(value.into())
    }
}

impl From<&str> for Yaml {
    fn from(value: &str) -> Yaml {
        Yaml::Text(value.to_owned())
    }
}

impl From<&String> for Yaml {
    fn from(value: &String) -> Yaml {
        Yaml::Text(value.clone())
    }
}

impl From<String> for Yaml {
    fn from(value: String) -> Yaml {
        Yaml::Text(value)
    }
}

impl From<List> for Yaml {
    fn from(value: List) -> Yaml {
        Yaml::List(value)
    }
}

impl From<Map> for Yaml {
    fn from(value: Map) -> Yaml {
        Yaml::Map(value)
    }
}

impl<const N: usize> From<[&str; N]> for Yaml {
    fn from(values: [&str; N]) -> Yaml {
        Yaml::List(values.into_iter().collect())
    }
}

/// Writes a file: a comment at its head (may be empty), then the document.
pub(super) fn document(head: &str, body: &Map) -> String {
    documents(head, [body])
}

/// Writes a file of several documents, with one comment at its head.
pub(super) fn documents<'m>(head: &str, bodies: impl IntoIterator<Item = &'m Map>) -> String {
    let mut out = String::new();
    comment(&mut out, head, 0);
    for (index, body) in bodies.into_iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        if body.is_empty() {
            out.push_str("{}\n");
        } else {
            map(&mut out, body, 0, false);
        }
    }
    out
}

/// Writes `# ` before every line of a comment. What could end a comment early is left out.
fn comment(out: &mut String, text: &str, indent: usize) {
    if text.is_empty() {
        return;
    }
    for line in text.split('\n') {
        let line: String = line.chars().filter(|c| scalar::is_printable(*c)).collect();
        let line = line.trim_end();
        spaces(out, indent);
        out.push_str(if line.is_empty() { "#" } else { "# " });
        out.push_str(line);
        out.push('\n');
    }
}

fn lead(out: &mut String, lead: &Lead, indent: usize) {
    if lead.gap {
        out.push('\n');
    }
    if let Some(note) = &lead.note {
        comment(out, note, indent);
    }
}

fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// Writes the lines of a map. `inline`: the cursor stands behind the dash of a list item, which
/// has written what stands before the first key.
fn map(out: &mut String, map: &Map, indent: usize, inline: bool) {
    for (index, (key, entry)) in map.entries.iter().enumerate() {
        if !(inline && index == 0) {
            lead(out, &entry.lead, indent);
            spaces(out, indent);
        }
        let key = scalar::text(key);
        // A key without `? ` may not be longer than 1024 characters.
        if key.len() > 1000 {
            let _ = writeln!(out, "? {key}");
            spaces(out, indent);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        value(out, &entry.value, indent);
    }
}

/// Writes a value behind its key's colon.
fn value(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::List(items) if !items.is_empty() => {
            out.push('\n');
            list(out, items, indent + 2);
        }
        Yaml::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            map(out, entries, indent + 2, false);
        }
        _ => {
            out.push(' ');
            leaf(out, value, indent);
        }
    }
}

fn list(out: &mut String, list_value: &List, indent: usize) {
    for item in &list_value.items {
        lead(out, &item.lead, indent);
        match &item.value {
            Yaml::Map(entries) if !entries.is_empty() => {
                if let Some((_, first)) = entries.entries.first() {
                    lead(out, &first.lead, indent);
                }
                spaces(out, indent);
                out.push_str("- ");
                map(out, entries, indent + 2, true);
            }
            Yaml::List(items) if !items.is_empty() => {
                spaces(out, indent);
                out.push_str("-\n");
                list(out, items, indent + 2);
            }
            leaf_value => {
                spaces(out, indent);
                out.push_str("- ");
                leaf(out, leaf_value, indent);
            }
        }
    }
}

/// Writes a value that stands on the line where it begins, and ends that line.
fn leaf(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Yaml::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Yaml::Quoted(text) => out.push_str(&scalar::quoted(text)),
        Yaml::Text(text) => match scalar::block(text) {
            Some(block) => {
                out.push_str(block.header);
                for line in block.lines {
                    out.push('\n');
                    if !line.is_empty() {
                        spaces(out, indent + 2);
                        out.push_str(line);
                    }
                }
            }
            None => out.push_str(&scalar::text(text)),
        },
        // Only empty ones come here.
        Yaml::List(_) => out.push_str("[]"),
        Yaml::Map(_) => out.push_str("{}"),
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_a_file_that_a_person_wrote() {
        let body = Map::new().put("kind", "Example").gap().note("Why it is so.\nSecond line.").put(
            "spec",
            Map::new()
                .put("tag", Yaml::Quoted("1.2".to_owned()))
                .put("on", "on")
                .put("empty", Map::new())
                .put("script", "set -e\n\necho hello\n")
                .put(
                    "items",
                    List::new()
                        .item("plain")
                        .note("A map.")
                        .item(Map::new().put("name", "a").put("value", "0x10"))
                        .item(Map::new().note("Inside.").put("name", "b").put("list", ["x"]))
                        .item(List::new().item(1)),
                ),
        );
        let want = r#"# Head.
kind: Example

# Why it is so.
# Second line.
spec:
  tag: "1.2"
  "on": "on"
  empty: {}
  script: |
    set -e

    echo hello
  items:
    - plain
    # A map.
    - name: a
      value: "0x10"
    # Inside.
    - name: b
      list:
        - x
    -
      - 1
"#;
        assert_eq!(document("Head.", &body), want);
    }

    #[test]
    fn a_comment_cannot_break_out_of_its_line() {
        let body = Map::new().note("a\rkind: Evil\u{85}b\u{2028}c\0").put("x", 1);
        assert_eq!(document("", &body), "# akind: Evilbc\nx: 1\n");
    }

    /// Any text, as a key and as a value, is the same text again for every reader.
    #[test]
    fn every_reader_reads_what_was_written() {
        const PARTS: [&str; 44] = [
            "a",
            "Z",
            "0",
            "1",
            "9",
            "_",
            "-",
            ".",
            ":",
            ",",
            " ",
            "#",
            "\n",
            "\t",
            "\r",
            "\"",
            "'",
            "\\",
            "{",
            "}",
            "[",
            "]",
            "&",
            "*",
            "!",
            "|",
            ">",
            "%",
            "@",
            "`",
            "?",
            "=",
            "<",
            "~",
            "+",
            "e",
            "x",
            "o",
            "yes",
            "null",
            "\0",
            "\u{85}",
            "\u{2028}",
            "ü\u{1F600}",
        ];
        let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut next = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % bound as u64).unwrap_or_default()
        };
        for _ in 0..20_000 {
            let count = next(7);
            let text: String = (0..count).map(|_| PARTS[next(PARTS.len())]).collect();
            let body = Map::new().put(format!("k{text}"), text.as_str()).put(
                text.clone(),
                List::new().item(text.as_str()).item(Map::new().put("in", text.as_str())),
            );
            let written = document(&text, &body);
            for schema in [yaml::Schema::Go2, yaml::Schema::Go3, yaml::Schema::Core12] {
                let read = yaml::parse(&written, schema)
                    .unwrap_or_else(|error| panic!("{text:?}: {error:?}\n{written}"));
                let first = read.get(&format!("k{text}"));
                assert_eq!(
                    first.and_then(yaml::Node::as_str),
                    Some(text.as_str()),
                    "{schema:?}\n{written}"
                );
                let second =
                    read.get(&text).unwrap_or_else(|| panic!("{text:?} {schema:?}\n{written}"));
                assert_eq!(
                    second.item(0).and_then(yaml::Node::as_str),
                    Some(text.as_str()),
                    "{written}"
                );
                let inner = second.item(1).and_then(|item| item.get("in"));
                assert_eq!(inner.and_then(yaml::Node::as_str), Some(text.as_str()), "{written}");
            }
        }
    }
}
