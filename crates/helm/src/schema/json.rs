//! JSON as a flat list of nodes that point into the text: one pass, no allocation per value.
//!
//! A `values.schema.json` can be large while few of its branches are looked at, so that strings
//! and numbers are decoded only where they are needed.

use std::borrow::Cow;

use gotmpl::Data;

/// How deep values may nest; Go's decoder stops at the same depth.
const MAX_DEPTH: usize = 10_000;

/// A place in the list of nodes.
pub(super) type Node = u32;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    Number,
    String,
    /// A string with escapes, to be decoded.
    Escaped,
    List,
    Object,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    /// The text without quotes; for lists and objects unused.
    start: u32,
    end: u32,
    /// The node after this one and all that is inside it.
    next: Node,
}

/// A parsed document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    text: Data,
    nodes: Vec<Entry>,
}

impl Document {
    /// Parses a text; the error is in Go's words.
    pub(super) fn parse(text: &Data) -> Result<Document, String> {
        if u32::try_from(text.len()).is_err() {
            return Err("the schema is too large".to_owned());
        }
        let mut parser = Parser { text, at: 0, nodes: Vec::with_capacity(text.len() / 12) };
        parser.document()?;
        let nodes = parser.nodes;
        Ok(Document { text: text.clone(), nodes })
    }

    /// The outermost value.
    pub(super) const ROOT: Node = 0;

    pub(super) fn kind(&self, node: Node) -> Kind {
        self.nodes.get(node as usize).map_or(Kind::Null, |entry| entry.kind)
    }

    /// The node's own text: a number's or a string's (without quotes, escapes as written).
    pub(super) fn raw(&self, node: Node) -> &str {
        let bytes = self
            .nodes
            .get(node as usize)
            .and_then(|entry| self.text.get(entry.start as usize..entry.end as usize))
            .unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// A string's value; `None` for anything else.
    pub(super) fn string(&self, node: Node) -> Option<Cow<'_, str>> {
        match self.kind(node) {
            Kind::String => Some(Cow::Borrowed(self.raw(node))),
            Kind::Escaped => {
                let quoted = format!("\"{}\"", self.raw(node));
                Some(Cow::Owned(serde_json::from_str(&quoted).unwrap_or_default()))
            }
            _ => None,
        }
    }

    pub(super) fn boolean(&self, node: Node) -> Option<bool> {
        match self.kind(node) {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn next(&self, node: Node) -> Node {
        self.nodes.get(node as usize).map_or(Node::MAX, |entry| entry.next)
    }

    /// Whether the second node is the first or inside it.
    pub(super) fn holds(&self, outer: Node, inner: Node) -> bool {
        outer <= inner && inner < self.next(outer)
    }

    /// The items of a list; nothing for anything else.
    pub(super) fn items(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        let end = if self.kind(node) == Kind::List { self.next(node) } else { 0 };
        let mut at = node + 1;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let item = at;
                at = self.next(at);
                item
            })
        })
    }

    /// The members of an object, as written; nothing for anything else.
    pub(super) fn members(&self, node: Node) -> impl Iterator<Item = (Node, Node)> + '_ {
        let end = if self.kind(node) == Kind::Object { self.next(node) } else { 0 };
        let mut at = node + 1;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let (key, value) = (at, at + 1);
                at = self.next(value);
                (key, value)
            })
        })
    }

    /// The last member of that name, as Go's decoder keeps it.
    pub(super) fn get(&self, node: Node, name: &str) -> Option<Node> {
        self.members(node)
            .filter(|(key, _)| match self.kind(*key) {
                Kind::String => self.raw(*key) == name,
                _ => self.string(*key).is_some_and(|key| key == name),
            })
            .last()
            .map(|(_, value)| value)
    }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    nodes: Vec<Entry>,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(), String> {
        std::str::from_utf8(self.text).map_err(|_| "invalid UTF-8 in JSON text".to_owned())?;
        // The open lists and objects; what is inside them follows them in the list of nodes.
        let mut open: Vec<Node> = Vec::new();
        loop {
            let began = self.value()?;
            if let Some(node) = began {
                open.push(node);
                if open.len() > MAX_DEPTH {
                    return Err("exceeded max depth".to_owned());
                }
            }
            // Close what ends here, then find the next value.
            let mut fresh = began.is_some();
            loop {
                let Some(&node) = open.last() else {
                    self.space();
                    return match self.text.get(self.at) {
                        None => Ok(()),
                        Some(_) => Err("invalid character after top-level value".to_owned()),
                    };
                };
                let object = self.nodes.get(node as usize).is_some_and(|n| n.kind == Kind::Object);
                let close = if object { b'}' } else { b']' };
                self.space();
                let byte = self.peek()?;
                if byte == close {
                    self.at += 1;
                    open.pop();
                    let next = self.here();
                    if let Some(entry) = self.nodes.get_mut(node as usize) {
                        entry.next = next;
                    }
                    fresh = false;
                    continue;
                }
                if !fresh {
                    if byte != b',' {
                        let place = if object { "object key:value pair" } else { "array element" };
                        return Err(self.unexpected(&format!("after {place}")));
                    }
                    self.at += 1;
                    self.space();
                }
                if object {
                    self.key()?;
                }
                break;
            }
        }
    }

    fn here(&self) -> Node {
        // The text's length fits, and there are fewer nodes than bytes.
        Node::try_from(self.nodes.len()).unwrap_or(Node::MAX)
    }

    fn key(&mut self) -> Result<(), String> {
        if self.peek()? != b'"' {
            return Err(self.unexpected("looking for beginning of object key string"));
        }
        self.quoted()?;
        self.space();
        if self.peek()? != b':' {
            return Err(self.unexpected("after object key"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a value, or the beginning of a list or object, whose node it returns.
    fn value(&mut self) -> Result<Option<Node>, String> {
        self.space();
        let kind = match self.peek()? {
            b'{' => Kind::Object,
            b'[' => Kind::List,
            b'"' => {
                self.quoted()?;
                return Ok(None);
            }
            b't' => return self.word(b"true", Kind::True),
            b'f' => return self.word(b"false", Kind::False),
            b'n' => return self.word(b"null", Kind::Null),
            b'-' | b'0'..=b'9' => return self.number(),
            _ => return Err(self.unexpected("looking for beginning of value")),
        };
        let node = self.here();
        self.push(kind, self.at, self.at + 1);
        self.at += 1;
        Ok(Some(node))
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let next = self.here() + 1;
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.nodes.push(Entry { kind, start: place(start), end: place(end), next });
    }

    fn quoted(&mut self) -> Result<(), String> {
        let start = self.at + 1;
        let mut at = start;
        let mut kind = Kind::String;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.text.len();
                return Err("unexpected EOF".to_owned());
            };
            at += found;
            if self.text.get(at) == Some(&b'"') {
                break;
            }
            kind = Kind::Escaped;
            at += 2;
        }
        let inside = self.text.get(start..at).unwrap_or_default();
        // Looked at as a whole first, which a compiler turns into vector instructions.
        if inside.iter().fold(false, |found, byte| found | (*byte < 0x20)) {
            self.at = start + inside.iter().take_while(|byte| **byte >= 0x20).count();
            return Err(self.unexpected("in string literal"));
        }
        if kind == Kind::Escaped {
            let quoted = self.text.get(start - 1..=at).unwrap_or_default();
            if serde_json::from_slice::<String>(quoted).is_err() {
                return Err("invalid character in string escape code".to_owned());
            }
        }
        self.push(kind, start, at);
        self.at = at + 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Option<Node>, String> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
            self.at += same;
            let word = String::from_utf8_lossy(word);
            return Err(self.unexpected(&format!("in literal {word}")));
        }
        self.push(kind, self.at, self.at + word.len());
        self.at += word.len();
        Ok(None)
    }

    fn number(&mut self) -> Result<Option<Node>, String> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(None)
    }

    fn digits(&mut self, place: &str) -> Result<(), String> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            self.peek()?;
            return Err(self.unexpected(place));
        }
        self.at += count;
        Ok(())
    }

    fn space(&mut self) {
        // Most of a schema that people can read is indentation.
        const INDENT: &[u8] = b"        ";
        while self.text.get(self.at..).is_some_and(|rest| rest.starts_with(INDENT)) {
            self.at += INDENT.len();
        }
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<u8, String> {
        let end = if self.nodes.is_empty() { "EOF" } else { "unexpected EOF" };
        self.text.get(self.at).copied().ok_or_else(|| end.to_owned())
    }

    fn unexpected(&self, place: &str) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let text = std::str::from_utf8(rest).unwrap_or_default();
        match text.chars().next() {
            Some('\'') => format!("invalid character '\\'' {place}"),
            Some('"') => format!("invalid character '\"' {place}"),
            Some(c) => format!("invalid character '{}' {place}", c.escape_default()),
            None => "unexpected EOF".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Kind};
    use gotmpl::Data;

    fn parse(text: &str) -> Result<Document, String> {
        Document::parse(&Data::from(text.as_bytes().to_vec()))
    }

    #[test]
    fn members_and_items_are_found() {
        let document = parse(r#" {"a": [1, {"b": null}, []], "c\n": "d", "a2": {}, "c": true} "#)
            .expect("it is JSON");
        let list = document.get(Document::ROOT, "a").expect("a is there");
        let kinds: Vec<Kind> = document.items(list).map(|item| document.kind(item)).collect();
        assert_eq!(kinds, [Kind::Number, Kind::Object, Kind::List]);
        let escaped = document.get(Document::ROOT, "c\n").expect("c is there");
        assert_eq!(document.string(escaped).as_deref(), Some("d"));
        assert_eq!(document.members(Document::ROOT).count(), 4);
    }

    #[test]
    fn errors_are_gos() {
        for (text, want) in [
            ("", "EOF"),
            ("Type", "invalid character 'T' looking for beginning of value"),
            ("{", "unexpected EOF"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\": 1,}", "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{} x", "invalid character after top-level value"),
            ("tru", "unexpected EOF"),
            ("trux", "invalid character 'x' in literal true"),
            ("\"a", "unexpected EOF"),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(want), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
