//! Secrets from a text: what is to be sealed, with everything that is wrong with it.
//!
//! Source: kubeseal's `Seal` and `NewSealedSecret`. Stricter than they are: the kind is looked at, a
//! namespace is never taken from a kubeconfig, and names and keys must be such that a cluster takes them.

use std::sync::Arc;

use indexmap::IndexMap;
use text::{Diagnostic, Place};
use yaml::{Node, Span, Value};
use zeroize::Zeroizing;

use super::documents::Documents;
use crate::codes;
use crate::layout::{CLUSTER_WIDE, NAMESPACE_WIDE, Scope, decode};

/// Annotations that hold a copy of the whole Secret (`StripLastAppliedAnnotations`).
const COPIES: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubecfg.ksonnet.io/last-applied-configuration",
];

/// Fields of `metadata` that go to the template, in the order of Kubernetes' `ObjectMeta`. What a server
/// sets (`uid`, `resourceVersion`, …) and `ownerReferences` stay behind.
const KEPT: &[&str] =
    &["name", "generateName", "namespace", "labels", "annotations", "finalizers", "managedFields"];

/// What to do with a template of Helm.
const RENDER_FIRST: &str =
    "it has template markers: render it first, `helm template … | mainstay seal`";

/// A Secret that can be sealed.
pub struct Secret {
    /// Its name; empty only where that was allowed.
    pub name: String,
    /// Its namespace; empty only where its scope needs none.
    pub namespace: String,
    /// The scope it is to be sealed in.
    pub scope: Scope,
    /// Its metadata for the template, in order.
    pub metadata: IndexMap<String, Value>,
    /// `type`, where it is written.
    pub kind: Option<String>,
    /// `immutable`, where it is written.
    pub immutable: Option<bool>,
    /// Its values, by key; `stringData` wins.
    pub entries: Vec<Entry>,
}

impl Secret {
    /// Returns a Secret with one value and nothing else.
    pub fn of_entry(name: &str, namespace: &str, scope: Scope, entry: Entry) -> Secret {
        let annotations = scoped(IndexMap::new(), Some(scope));
        let metadata = [
            ("name", text_value(name)),
            ("namespace", text_value(namespace)),
            ("annotations", map_value(annotations)),
        ];
        let metadata =
            metadata.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Secret {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            scope,
            metadata: metadata.collect(),
            kind: None,
            immutable: None,
            entries: vec![entry],
        }
    }
}

/// One value.
pub struct Entry {
    /// Its key.
    pub key: String,
    /// The value.
    pub value: Zeroizing<Vec<u8>>,
}

/// What the command line says about the Secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The name that they get.
    pub name: Option<&'a str>,
    /// The namespace that they are of.
    pub namespace: Option<&'a str>,
    /// Whether the namespace replaces another one that is written, instead of being an error.
    pub override_namespace: bool,
    /// The scope, where it is not to be taken from annotations.
    pub scope: Option<Scope>,
    /// Whether a Secret may have no values.
    pub allow_empty: bool,
    /// Whether line ends at the end of values are taken off.
    pub trim: bool,
}

/// Reads the Secrets of a text. Where a finding is an error its Secret is not among them.
pub fn read(file: &Arc<str>, text: &str, options: Options<'_>) -> (Vec<Secret>, Vec<Diagnostic>) {
    let mut reader =
        Reader { file, text, json: false, options, found: Vec::new(), secrets: Vec::new() };
    match Documents::read(text) {
        Ok(mut documents) => {
            reader.json = documents.json;
            documents.nodes.iter().for_each(|node| reader.document(node));
            documents.wipe();
            if reader.secrets.is_empty() && reader.found.is_empty() {
                let place = Place::of_file(file);
                reader.found.push(codes::s102_no_secret("an empty text", place));
            }
        }
        Err(error) => {
            let place = Place::new(file, error.offset..error.offset);
            let is_template = text.contains("{{");
            reader.found.push(codes::s101_unreadable(&error.message, is_template, place));
        }
    }
    (reader.secrets, reader.found)
}

struct Reader<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    /// In JSON a number is no text, and is not taken as one.
    json: bool,
    options: Options<'a>,
    found: Vec<Diagnostic>,
    secrets: Vec<Secret>,
}

impl Reader<'_> {
    fn document(&mut self, node: &Node) {
        if node.is_null() {
            return;
        }
        let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
        let api = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        if kind == "List" || kind == "SecretList" {
            let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
            items.iter().for_each(|item| self.document(item));
            return;
        }
        if kind != "Secret" || api != "v1" {
            let found = match (kind, api) {
                ("", _) => "a document without a `kind`".to_owned(),
                ("Secret", "") => "a Secret without an `apiVersion`".to_owned(),
                _ => format!("`kind: {kind}` of `{api}`"),
            };
            let at = node.get("kind").map_or(node.span, |kind| kind.span);
            self.found.push(codes::s102_no_secret(&found, self.place(start_of(at, kind))));
            return;
        }
        let errors = self.errors();
        let secret = self.secret(node);
        if self.errors() == errors {
            self.secrets.push(secret);
        }
    }

    fn secret(&mut self, node: &Node) -> Secret {
        let at = self.place(Span { start: node.span.start, end: node.span.start });
        let written = node.get("metadata");
        let texts = |field: &str| written.and_then(|metadata| metadata.get(field));
        let annotations = self.texts("annotation", texts("annotations"));
        let labels = self.texts("label", texts("labels"));
        let of_annotations = Scope::of_annotations(|key| {
            annotations.get(key).and_then(|value: &Value| value.as_str())
        });
        // As in kubeseal: `strict` is the default and does not take annotations back.
        let asked = self.options.scope.filter(|scope| *scope != Scope::Strict);
        let scope = asked.unwrap_or(of_annotations);
        let name = self.name(written, &at);
        let namespace = self.namespace(written, scope, &at);
        let entries = self.entries(node, &at);
        let mut metadata = IndexMap::new();
        for field in KEPT {
            let value = match *field {
                "name" => text_value(&name),
                "namespace" => text_value(&namespace),
                "labels" => map_value(labels.clone()),
                "annotations" => map_value(scoped(annotations.clone(), asked)),
                other => written
                    .and_then(|metadata| metadata.get(other))
                    .filter(|value| !value.is_null())
                    .map(Value::from),
            };
            if let Some(value) = value {
                metadata.insert((*field).to_owned(), value);
            }
        }
        Secret {
            name,
            namespace,
            scope,
            metadata,
            kind: self
                .field(node, "type", "a text", Node::as_str)
                .filter(|it| !it.is_empty())
                .map(str::to_owned),
            immutable: self.field(
                node,
                "immutable",
                "`true` or `false`, without quotes",
                Node::as_bool,
            ),
            entries,
        }
    }

    /// Returns a field of the Secret, and says where it is not what it should be: reading over it would lose it.
    fn field<'n, T>(
        &mut self,
        node: &'n Node,
        name: &str,
        wanted: &str,
        read: impl Fn(&'n Node) -> Option<T>,
    ) -> Option<T> {
        let value = node.get(name).filter(|value| !value.is_null())?;
        let found = read(value);
        if found.is_none() {
            let place = self.place(start_of(value.span, ""));
            self.found.push(codes::s107_bad_value(&format!("`{name}`"), wanted, place));
        }
        found
    }

    fn name(&mut self, metadata: Option<&Node>, at: &Place) -> String {
        let written = metadata.and_then(|metadata| metadata.get("name"));
        let place = written.map_or_else(|| at.clone(), |name| self.place(name.span));
        let name = match self.options.name {
            Some(name) => name.to_owned(),
            None if self.is_template(written) => String::new(),
            None => match written.map(|name| self.scalar("its name", name, &place)) {
                // It is said; sealed for another one it would never open.
                Some(None) => return String::new(),
                read => read.flatten().unwrap_or_default(),
            },
        };
        if self.options.name.is_none() && self.is_template(written) {
            let place = self.line_of(place);
            self.found.push(codes::s101_unreadable("its name is a template", true, place));
        } else if name.is_empty() {
            self.found.push(codes::s103_no_name(at.clone()));
        } else if !is_name(&name, 253, true) {
            self.found.push(codes::s111_bad_name("name", &name, place));
        }
        name
    }

    fn namespace(&mut self, metadata: Option<&Node>, scope: Scope, at: &Place) -> String {
        let node = metadata.and_then(|metadata| metadata.get("namespace"));
        let place = node.map_or_else(|| at.clone(), |node| self.place(node.span));
        let replaced = self.options.override_namespace && self.options.namespace.is_some();
        let read = node.filter(|_| !replaced && !self.is_template(node));
        let written = match read.map(|node| self.scalar("its namespace", node, &place)) {
            Some(None) => return String::new(),
            read => read.flatten().unwrap_or_default(),
        };
        let namespace = match self.options.namespace {
            // Whoever merges into a file takes its namespace.
            Some(wanted) if self.options.override_namespace => wanted.to_owned(),
            // As in kubeseal: a value that may be opened anywhere needs no namespace.
            Some(_) if scope == Scope::ClusterWide => written,
            Some(wanted) if written.is_empty() => wanted.to_owned(),
            Some(wanted) if wanted != written => {
                self.found.push(codes::s105_other_namespace(&written, wanted, place));
                return written;
            }
            _ => written,
        };
        if self.is_template(node) {
            let place = self.line_of(place);
            self.found.push(codes::s101_unreadable("its namespace is a template", true, place));
        } else if namespace.is_empty() {
            if scope != Scope::ClusterWide {
                self.found.push(codes::s104_no_namespace(at.clone()));
            }
        } else if !is_name(&namespace, 63, false) {
            self.found.push(codes::s111_bad_name("namespace", &namespace, place));
        }
        namespace
    }

    fn entries(&mut self, node: &Node, at: &Place) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut empty = true;
        for field in ["data", "stringData"] {
            let Some(values) = node.get(field) else { continue };
            let Some(map) = values.as_map() else {
                if !values.is_null() {
                    let place = self.place(start_of(values.span, ""));
                    let of = format!("`{field}`");
                    let wanted = "a map of keys and values";
                    self.found.push(codes::s107_bad_value(&of, wanted, place));
                }
                continue;
            };
            for (key, value) in map {
                empty = false;
                if let Some(entry) = self.entry(field, key, value) {
                    entries.retain(|other| other.key != entry.key);
                    entries.push(entry);
                }
            }
        }
        if empty && !self.options.allow_empty {
            self.found.push(codes::s106_empty(at.clone()));
        }
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries
    }

    fn entry(&mut self, field: &str, key: &Node, value: &Node) -> Option<Entry> {
        let place = self.place(key.span);
        let key = Value::from(key).to_go_string().unwrap_or_default();
        if !is_key(&key) {
            self.found.push(codes::s109_bad_key(&key, place));
            return None;
        }
        let of = format!("the value of `{key}`");
        let text = Zeroizing::new(self.scalar(&of, value, &place)?);
        let bytes = if field == "data" {
            let Ok(bytes) = decode(&text) else {
                let finding = codes::s107_bad_value(&of, "base64", place);
                self.found.push(match text.contains("{{") {
                    true => finding.hint(RENDER_FIRST),
                    false => finding.hint("plain text belongs into `stringData`"),
                });
                return None;
            };
            bytes
        } else {
            text.as_bytes().to_vec()
        };
        let mut value = Zeroizing::new(bytes);
        if field == "stringData" && text.contains("{{") {
            self.found.push(codes::s110_markers(&key, place.clone()));
        }
        if self.options.trim {
            trim(&mut value);
        } else if let Some(what) = line_end(&value) {
            self.found.push(codes::s108_line_end(&key, what, Some(place)));
        }
        Some(Entry { key, value })
    }

    /// Returns labels or annotations, copies of the Secret left out.
    fn texts(&mut self, what: &str, node: Option<&Node>) -> IndexMap<String, Value> {
        let mut texts = IndexMap::new();
        for (key, value) in node.and_then(Node::as_map).unwrap_or_default() {
            let name = Value::from(key).to_go_string().unwrap_or_default();
            if COPIES.contains(&name.as_str()) {
                continue;
            }
            let place = self.place(key.span);
            let of = format!("the {what} `{name}`");
            if let Some(text) = self.scalar(&of, value, &place) {
                texts.insert(name, Value::String(text));
            }
        }
        texts
    }

    /// Returns the text of a value. As in kubeseal a number or truth value without quotes is taken as it is
    /// written, if reading it does not change it (`1.10` would become `1.1`); a cluster would refuse it.
    fn scalar(&mut self, of: &str, value: &Node, place: &Place) -> Option<String> {
        if let Some(text) = value.as_str() {
            return Some(text.to_owned());
        }
        if value.is_null() {
            return Some(String::new());
        }
        let read = Value::from(value).to_go_string().filter(|_| !self.json);
        if read.as_deref() == Some(value.source(self.text)) {
            self.found.push(codes::s112_no_quotes(of, value.type_name(), place.clone()));
            return read;
        }
        let finding = codes::s107_bad_value(of, "a text", place.clone());
        self.found.push(match self.is_template(Some(value)) {
            true => finding.hint(RENDER_FIRST),
            false => finding.hint("put it into quotes"),
        });
        None
    }

    /// Whether a value has template markers; without quotes they are read as maps in maps.
    fn is_template(&self, node: Option<&Node>) -> bool {
        node.is_some_and(|node| node.source(self.text).contains("{{"))
    }

    fn line_of(&self, place: Place) -> Place {
        Place { end: place.start, ..place }
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.file, span.range())
    }

    fn errors(&self) -> usize {
        self.found.iter().filter(|finding| finding.is_error()).count()
    }
}

/// Sets the scope's annotation, and takes those of other scopes off (`UpdateScopeAnnotations`).
fn scoped(
    mut annotations: IndexMap<String, Value>,
    asked: Option<Scope>,
) -> IndexMap<String, Value> {
    if let Some(scope) = asked {
        annotations.retain(|key, _| key != CLUSTER_WIDE && key != NAMESPACE_WIDE);
        if let Some(key) = scope.annotation() {
            annotations.insert(key.to_owned(), Value::String("true".to_owned()));
        }
    }
    annotations
}

fn text_value(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::String(text.to_owned()))
}

/// Returns a map with sorted keys, as Go writes its maps.
fn map_value(mut map: IndexMap<String, Value>) -> Option<Value> {
    map.sort_keys();
    (!map.is_empty()).then_some(Value::Map(map))
}

/// The place of a word, or where a longer value begins: a whole value would be shown line by line.
fn start_of(span: Span, word: &str) -> Span {
    if word.is_empty() { Span { start: span.start, end: span.start } } else { span }
}

/// Says how a value ends that should perhaps not end so. Files (several lines) may.
pub fn line_end(value: &[u8]) -> Option<&'static str> {
    let (body, what) = match value {
        [body @ .., b'\r', b'\n'] => (body, "CR LF, a line end of Windows"),
        [body @ .., b'\n'] => (body, "a line end"),
        [body @ .., b'\r'] => (body, "a CR, half a line end"),
        _ => return None,
    };
    (!body.contains(&b'\n')).then_some(what)
}

/// Takes line ends off the end of a value.
pub fn trim(value: &mut Zeroizing<Vec<u8>>) {
    let end = value.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    value.truncate(end);
}

/// Says whether a text can be a key of a Secret (apimachinery, `IsConfigMapKey`).
pub fn is_key(key: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=253).contains(&key.len())
        && key.bytes().all(letter)
        && key != "."
        && !key.starts_with("..")
}

/// Says whether a text can be a name (RFC 1123: subdomain, or label without dots).
pub fn is_name(name: &str, longest: usize, dots: bool) -> bool {
    let part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty()
            && part.bytes().all(inner)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.len() <= longest && if dots { name.split('.').all(part) } else { part(name) }
}
