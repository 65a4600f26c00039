//! Decoding from the tree of a document: anchors, merge keys, and everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::Build;
use super::scalar::{Decoded, decode_scalar, key_text};
use crate::compose::{DEPTH_LIMIT, Document, Id, Written, WrittenKind};
use crate::{Error, Span};

/// What decoding found wrong.
struct Wrong {
    message: String,
    span: Span,
}

/// Decodes a document as go-yaml v2 and then JSON do.
pub(super) fn decode<B: Build>(
    document: &Document<'_>,
    text: &str,
    build: &mut B,
) -> Result<B::Value, Error> {
    let mut decoder = Decoder {
        document,
        build,
        decoded: 1,
        from_aliases: 0,
        expanding: BTreeSet::new(),
        depth: 0,
        later: Vec::new(),
    };
    let value = decoder.value(document.root);
    let value = match decoder.later.into_iter().next() {
        Some(wrong) => value.and(Err(wrong)),
        None => value,
    };
    value.map_err(|wrong| Error::at(wrong.message, text, wrong.span.start as usize))
}

struct Decoder<'d, 't, B> {
    document: &'d Document<'t>,
    build: &'d mut B,
    /// How many values were decoded, and how many of them below an alias.
    decoded: u64,
    from_aliases: u64,
    expanding: BTreeSet<Id>,
    depth: usize,
    /// What is wrong only on the way through JSON, which comes after everything else.
    later: Vec<Wrong>,
}

/// The entries of a map, each with what is wrong in it on the way through JSON.
struct Entries<V> {
    texts: IndexMap<String, (V, Vec<Wrong>)>,
    /// Those whose key JSON cannot have.
    others: IndexMap<String, Wrong>,
}

type Decode<T> = Result<T, Wrong>;

impl<'d, B: Build> Decoder<'d, '_, B> {
    fn value(&mut self, id: Id) -> Decode<B::Value> {
        let node = self.document.node(id);
        self.count(node)?;
        match &node.kind {
            WrittenKind::Scalar(scalar) => {
                let decoded =
                    decode_scalar(scalar).map_err(|message| Wrong { message, span: node.span })?;
                Ok(self.scalar(decoded, node.span))
            }
            WrittenKind::List { items, .. } => {
                let items = items.iter().map(|&item| self.value(item));
                let items = items.collect::<Decode<Vec<_>>>();
                self.depth -= 1;
                let items = items?;
                Ok(self.build.list(items))
            }
            WrittenKind::Map { entries, .. } => {
                let mut map = Entries {
                    texts: IndexMap::with_capacity(entries.len()),
                    others: IndexMap::new(),
                };
                let filled = self.fill(&mut map, entries);
                self.depth -= 1;
                filled?;
                self.later.extend(map.others.into_values());
                let mut made = Vec::with_capacity(map.texts.len());
                for (key, (value, later)) in map.texts {
                    self.later.extend(later);
                    made.push((key, value));
                }
                Ok(self.build.map(made))
            }
            WrittenKind::Alias { target, .. } => {
                self.expand(id, node)?;
                let value = self.value(*target);
                self.expanding.remove(&id);
                self.depth -= 1;
                value
            }
        }
    }

    /// Counts a value, and the depth of those that have others in them.
    fn count(&mut self, node: &Written<'_>) -> Decode<()> {
        self.decoded += 1;
        self.from_aliases += u64::from(!self.expanding.is_empty());
        let excessive = self.from_aliases > 100
            && self.decoded > 1000
            && self.from_aliases as f64 / self.decoded as f64 > allowed_alias_ratio(self.decoded);
        if excessive {
            return Err(wrong("document contains excessive aliasing", node.span));
        }
        if !matches!(node.kind, WrittenKind::Scalar(_)) {
            self.depth += 1;
            if self.depth > 2 * DEPTH_LIMIT {
                return Err(wrong(&format!("exceeded max depth of {DEPTH_LIMIT}"), node.span));
            }
        }
        Ok(())
    }

    fn expand(&mut self, id: Id, node: &Written<'_>) -> Decode<()> {
        if let WrittenKind::Alias { name, .. } = &node.kind
            && !self.expanding.insert(id)
        {
            return Err(wrong(&format!("anchor '{name}' value contains itself"), node.span));
        }
        Ok(())
    }

    fn scalar(&mut self, decoded: Decoded<'_>, span: Span) -> B::Value {
        match decoded {
            Decoded::Null => self.build.null(),
            Decoded::Bool(value) => self.build.bool(value),
            Decoded::Int(value) => self.build.int(value),
            Decoded::Uint(value) => self.build.uint(value),
            Decoded::Float(value) if value.is_finite() => self.build.float(value),
            Decoded::Float(value) => {
                let name = match (value.is_nan(), value > 0.0) {
                    (true, _) => "NaN",
                    (false, true) => "+Inf",
                    (false, false) => "-Inf",
                };
                let message = format!("json: unsupported value: {name}");
                self.later.push(Wrong { message, span });
                self.build.null()
            }
            Decoded::Text(text) => self.build.string(&text),
        }
    }

    /// Puts the entries of a map into one, merged maps included.
    fn fill(&mut self, map: &mut Entries<B::Value>, entries: &[(Id, Id)]) -> Decode<()> {
        for &(key_id, value_id) in entries {
            let key = self.document.node(key_id);
            if key.is_merge_key() {
                self.merge(map, value_id)?;
                continue;
            }
            let text = self.key(key_id)?;
            // What is wrong in a value does not matter when the key comes again.
            let before = self.later.len();
            let value = self.value(value_id)?;
            let later = self.later.split_off(before);
            match text {
                Ok(text) => {
                    map.texts.insert(text, (value, later));
                }
                Err((type_name, key_name)) => {
                    let value = go_syntax(self.document, value_id, 0);
                    let message = format!(
                        "unsupported map key of type: {type_name}, key: {key_name}, value: {value}"
                    );
                    map.others.insert(key_name, Wrong { message, span: key.span });
                }
            }
        }
        Ok(())
    }

    /// Returns the text of a key, or type and value of one that JSON cannot have.
    fn key(&mut self, id: Id) -> Decode<Result<String, (&'static str, String)>> {
        self.count_key(id)?;
        let node = self.document.target(id);
        let WrittenKind::Scalar(scalar) = &node.kind else {
            // What is wrong inside the key comes first.
            self.value(id)?;
            let message = format!("invalid map key: {}", go_syntax(self.document, id, 0));
            return Err(Wrong { message, span: node.span });
        };
        let decoded = decode_scalar(scalar)
            .map_err(|message| Wrong { message, span: self.document.node(id).span })?;
        Ok(key_text(decoded).map(std::borrow::Cow::into_owned))
    }

    fn count_key(&mut self, id: Id) -> Decode<()> {
        let target = self.document.target(id);
        if matches!(target.kind, WrittenKind::Scalar(_)) { self.count(target) } else { Ok(()) }
    }

    fn merge(&mut self, map: &mut Entries<B::Value>, id: Id) -> Decode<()> {
        let node = self.document.node(id);
        let maps = match &node.kind {
            WrittenKind::List { items, .. } => items.as_slice(),
            _ => std::slice::from_ref(&id),
        };
        // Of a list the earlier maps win over the later ones.
        for &merged in maps.iter().rev() {
            let node = self.document.node(merged);
            let target = self.document.target(merged);
            let WrittenKind::Map { entries, .. } = &target.kind else {
                let message = "map merge requires map or sequence of maps as the value";
                return Err(wrong(message, node.span));
            };
            let alias = matches!(node.kind, WrittenKind::Alias { .. });
            let depth = self.depth;
            self.count(node)?;
            if alias {
                self.expand(merged, node)?;
                self.count(target)?;
            }
            self.fill(map, entries)?;
            self.depth = depth;
            if alias {
                self.expanding.remove(&merged);
            }
        }
        Ok(())
    }
}

fn wrong(message: &str, span: Span) -> Wrong {
    Wrong { message: message.to_owned(), span }
}

/// How much of a document may come from aliases: little, when it is large.
fn allowed_alias_ratio(decoded: u64) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    let decoded = decoded as f64;
    0.99 - 0.89 * ((decoded - LOW) / (HIGH - LOW)).clamp(0.0, 1.0)
}

/// Writes a value as Go's `%#v` does.
fn go_syntax(document: &Document<'_>, id: Id, depth: usize) -> String {
    if depth > 32 {
        return "…".to_owned();
    }
    let node = document.target(id);
    match &node.kind {
        WrittenKind::Scalar(scalar) => match decode_scalar(scalar) {
            Ok(Decoded::Null) if depth == 0 => "<nil>".to_owned(),
            Ok(Decoded::Null) | Err(_) => "interface {}(nil)".to_owned(),
            Ok(Decoded::Bool(value)) => value.to_string(),
            Ok(Decoded::Int(value)) => value.to_string(),
            Ok(Decoded::Uint(value)) => format!("{value:#x}"),
            Ok(Decoded::Float(value)) => crate::number::go_syntax_float(value),
            Ok(Decoded::Text(text)) => go_quote(&text),
        },
        WrittenKind::List { items, .. } => {
            let items: Vec<String> =
                items.iter().map(|&item| go_syntax(document, item, depth + 1)).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        WrittenKind::Map { entries, .. } => {
            let syntax = |id| go_syntax(document, id, depth + 1);
            // Nil is sorted before all else, a text by what is in its quotes.
            let order = |key: &str| (key != "interface {}(nil)", key.trim_matches('"').to_owned());
            let entries: BTreeMap<_, _> = entries
                .iter()
                .map(|&(key, value)| (syntax(key), syntax(value)))
                .map(|(key, value)| (order(&key), format!("{key}:{value}")))
                .collect();
            let entries: Vec<String> = entries.into_values().collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
        WrittenKind::Alias { .. } => String::new(),
    }
}

/// `strconv.Quote`.
fn go_quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            other if is_printable(other) => quoted.push(other),
            other => {
                let code = u32::from(other);
                quoted.push_str(&match code {
                    0..0x80 => format!("\\x{code:02x}"),
                    0x80..0x10000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Says whether a character is shown as it is; quotes are asked about elsewhere.
fn is_printable(character: char) -> bool {
    // Rust escapes combining characters as well, but only at the beginning of a text.
    let text: String = ['a', character].iter().collect();
    matches!(character, '"' | '\'') || text.escape_debug().nth(1) != Some('\\')
}
