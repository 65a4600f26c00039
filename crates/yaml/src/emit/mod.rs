//! Writing YAML as Go's `sigs.k8s.io/yaml` does: what `toYaml` and kustomize print.
//!
//! In go values piece by piece, entries of maps already in their order; out comes block YAML with
//! go-yaml v2's quoting, folding at 80 columns and indentation (lists inside maps not indented).
//! Go writes JSON first and reads it back as YAML; what that changes in a text or number, or makes
//! impossible, is the same here. It never writes comments, anchors, tags or flow collections with
//! something in them.

mod analysis;
mod round_trip;
mod write;

use crate::{Error, Value, keys, number};

pub use write::scalar_go2;
pub(crate) use write::{can_be_plain, double_quoted};

/// A list or map that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collection {
    List,
    Map,
}

/// An open collection and what to go back to when it ends.
#[derive(Clone, Copy, Debug)]
struct Frame {
    collection: Collection,
    outer_indent: i32,
    /// Whether something is in it already; until then `[]` or `{}` may still be written.
    opened: bool,
    /// Whether it is the value of a map's key.
    in_map: bool,
}

/// Writes one document, push style.
#[derive(Debug, Default)]
pub struct Emitter {
    out: String,
    frames: Vec<Frame>,
    /// Characters in the line so far.
    column: i32,
    indent: i32,
    /// Whether the last thing written counts as white space.
    whitespace: bool,
    /// Whether only indentation and indicators are in the line.
    indention: bool,
    error: Option<Error>,
}

impl Emitter {
    /// Returns a writer at the beginning of a document.
    pub fn new() -> Self {
        Self::with_buffer(String::new())
    }

    /// Returns a writer that appends to a text, which must be empty or end with a line break.
    pub fn with_buffer(out: String) -> Self {
        Self { out, indent: -1, whitespace: true, indention: true, ..Self::default() }
    }

    /// Opens a map. Its entries follow as a key and a value each.
    pub fn begin_map(&mut self) {
        self.begin(Collection::Map);
    }

    /// Closes the map.
    pub fn end_map(&mut self) {
        self.end();
    }

    /// Opens a list.
    pub fn begin_list(&mut self) {
        self.begin(Collection::List);
    }

    /// Closes the list.
    pub fn end_list(&mut self) {
        self.end();
    }

    /// Writes the key of the next value.
    pub fn key(&mut self, key: &str) {
        self.open_last();
        if let Some(message) = round_trip::key_problem(key) {
            self.fail(message);
        }
        self.write_indent();
        let mut analysis = analysis::analyze(key);
        let read_back = if analysis.rare { self.read_back(key) } else { None };
        if let Some(changed) = &read_back {
            analysis = analysis::analyze(changed);
        }
        let key = read_back.as_deref().unwrap_or(key);
        if key.len() <= 128 && !analysis.multiline {
            self.write_string(key, &analysis, true);
            self.write_indicator(":", false, false, false);
        } else {
            self.write_indicator("?", true, false, true);
            self.write_string(key, &analysis, false);
            self.write_indent();
            self.write_indicator(":", true, false, true);
        }
    }

    /// Writes a text.
    pub fn string(&mut self, text: &str) {
        self.begin_item();
        let mut analysis = analysis::analyze(text);
        let read_back = if analysis.rare { self.read_back(text) } else { None };
        if let Some(changed) = &read_back {
            analysis = analysis::analyze(changed);
        }
        let text = read_back.as_deref().unwrap_or(text);
        self.write_string(text, &analysis, false);
    }

    /// Writes a whole number.
    pub fn int(&mut self, value: i64) {
        self.word(&value.to_string());
    }

    /// Writes a whole number above `i64::MAX`.
    pub fn uint(&mut self, value: u64) {
        self.word(&value.to_string());
    }

    /// Writes any number, as it looks after Go's way through JSON: 1.0 becomes `1`.
    pub fn float(&mut self, value: f64) {
        let Some(json) = number::json_float(value) else {
            let name = match number::yaml_float(value).as_str() {
                ".nan" => "NaN",
                ".inf" => "+Inf",
                _ => "-Inf",
            };
            return self.fail(format!("json: unsupported value: {name}"));
        };
        if let Ok(whole) = json.parse::<i64>() {
            self.int(whole);
        } else if let Ok(whole) = json.parse::<u64>() {
            self.uint(whole);
        } else {
            self.word(&number::yaml_float(value));
        }
    }

    /// Writes a truth value.
    pub fn bool(&mut self, value: bool) {
        self.word(if value { "true" } else { "false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.word("null");
    }

    /// Writes a whole value; its maps are put into Go's order.
    pub fn value(&mut self, value: &Value) {
        write_value(self, value);
    }

    /// Returns the document, ended by a line break, or why Go would not have written it.
    pub fn finish(mut self) -> Result<String, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.indent = 0;
        self.write_indent();
        Ok(self.out)
    }

    fn begin(&mut self, collection: Collection) {
        self.begin_item();
        let in_map = self.frames.last().is_some_and(|outer| outer.collection == Collection::Map);
        let outer_indent = self.indent;
        self.frames.push(Frame { collection, outer_indent, opened: false, in_map });
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if !frame.opened {
            let (open, close) = match frame.collection {
                Collection::List => ("[", "]"),
                Collection::Map => ("{", "}"),
            };
            self.write_indicator(open, true, true, false);
            self.write_indicator(close, false, false, false);
        }
        self.indent = frame.outer_indent;
    }

    /// Indents for the innermost collection when its first item comes.
    fn open_last(&mut self) {
        let indention = self.indention;
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.opened {
            return;
        }
        frame.opened = true;
        // A list right after `key:` is not indented.
        let indentless = frame.collection == Collection::List && frame.in_map && !indention;
        if self.indent < 0 {
            self.indent = 0;
        } else if !indentless {
            self.indent += 2;
        }
    }

    /// Writes what comes before a value: the dash of a list item.
    fn begin_item(&mut self) {
        self.open_last();
        if self.frames.last().is_some_and(|frame| frame.collection == Collection::List) {
            self.write_indent();
            self.write_indicator("-", true, false, true);
        }
    }

    /// Returns the text as it comes back from JSON, when it comes back changed.
    fn read_back(&mut self, text: &str) -> Option<String> {
        match round_trip::read_back(text) {
            Ok(changed) => changed,
            Err(message) => {
                self.fail(message);
                None
            }
        }
    }

    fn fail(&mut self, message: impl Into<String>) {
        if self.error.is_none() {
            self.error = Some(Error { message: message.into(), offset: 0, line: 1, column: 1 });
        }
    }
}

/// Writes a value as `sigs.k8s.io/yaml.Marshal` does, or says why that fails.
pub fn write_go2(value: &Value) -> Result<String, Error> {
    let mut emitter = Emitter::new();
    emitter.value(value);
    emitter.finish()
}

/// Writes a value as `sigs.k8s.io/yaml.Marshal` does; empty where that fails, as helm's `toYaml` is.
pub fn to_string_go2(value: &Value) -> String {
    write_go2(value).unwrap_or_default()
}

/// What is left to write of an open collection.
enum Rest<'v> {
    Items(std::slice::Iter<'v, Value>),
    Entries(std::vec::IntoIter<(&'v str, &'v Value)>),
}

fn write_value(emitter: &mut Emitter, root: &Value) {
    let mut open: Vec<Rest<'_>> = Vec::new();
    let mut next = Some(root);
    loop {
        if let Some(value) = next.take() {
            match value {
                Value::Null => emitter.null(),
                Value::Bool(value) => emitter.bool(*value),
                Value::Int(value) => emitter.int(*value),
                Value::Uint(value) => emitter.uint(*value),
                Value::Float(value) => emitter.float(*value),
                Value::String(text) => emitter.string(text),
                Value::List(items) => {
                    emitter.begin_list();
                    open.push(Rest::Items(items.iter()));
                }
                Value::Map(map) => {
                    emitter.begin_map();
                    let mut entries: Vec<(&str, &Value)> =
                        map.iter().map(|(key, value)| (key.as_str(), value)).collect();
                    keys::sort_by_key_order(&mut entries, |entry| entry.0);
                    open.push(Rest::Entries(entries.into_iter()));
                }
            }
        }
        match open.last_mut() {
            None => return,
            Some(Rest::Items(items)) => match items.next() {
                Some(item) => next = Some(item),
                None => {
                    emitter.end_list();
                    open.pop();
                }
            },
            Some(Rest::Entries(entries)) => match entries.next() {
                Some((key, value)) => {
                    emitter.key(key);
                    next = Some(value);
                }
                None => {
                    emitter.end_map();
                    open.pop();
                }
            },
        }
    }
}
