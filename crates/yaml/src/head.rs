//! The few fields of a Kubernetes object that Helm looks at in every document.
//!
//! In goes a document; out comes its head, or exactly the error that decoding would give: the whole
//! document is parsed and every scalar is resolved, but nothing else is built.

mod lines;

use crate::compose::{DEPTH_LIMIT, is_merge_key};
use crate::decode::{Decoded, decode_scalar, key_text};
use crate::events::{EventKind, Input, Parser, Scalar};
use crate::{Error, Value};

/// What a document says that it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`, when it is a text.
    pub api_version: Option<String>,
    /// `kind`, when it is a text.
    pub kind: Option<String>,
    /// `metadata.name`, when it is a text.
    pub name: Option<String>,
    /// `metadata.namespace`, when it is a text.
    pub namespace: Option<String>,
    /// `metadata.annotations` whose values are texts, in the order written.
    pub annotations: Vec<(String, String)>,
    /// Whether the document is a map at all.
    pub is_map: bool,
    /// Whether the document is empty or null.
    pub is_null: bool,
    /// Whether the parts above that are there are what they should be, texts and maps, and no key differs from
    /// theirs only in its case: then nobody needs to look more closely.
    pub is_plain: bool,
}

/// Reads a whole document for errors, as decoding it would, but keeps only its head.
pub fn validate_head(text: impl AsRef<[u8]>) -> Result<Head, Error> {
    let bytes = text.as_ref();
    of_input(&Input::of_bytes(bytes), bytes)
}

/// [`validate_head`] for what is known to be a text.
pub fn validate_head_of_text(text: &str) -> Result<Head, Error> {
    of_input(&Input::of_text(text), text.as_bytes())
}

fn of_input(input: &Input<'_>, bytes: &[u8]) -> Result<Head, Error> {
    if input.broken.is_none()
        && let Some(head) = lines::head_of_lines(&input.text)
    {
        return Ok(head);
    }
    match streamed(&input.text) {
        // What is special, or wrong in a special way, is left to the decoder.
        Ok(None) => Ok(of_value(&Value::decode_go2(bytes)?)),
        Ok(Some(head)) => input.or_broken(Ok(head)),
        Err(error) => input.or_broken(Err(error)),
    }
}

/// Which part of a document one is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Root,
    ApiVersion,
    Kind,
    Metadata,
    Name,
    Namespace,
    Annotations,
    Annotation,
    Other,
}

impl Part {
    /// Returns the part that a key of this one leads to.
    fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "apiVersion") => Self::ApiVersion,
            (Self::Root, "kind") => Self::Kind,
            (Self::Root, "metadata") => Self::Metadata,
            (Self::Metadata, "name") => Self::Name,
            (Self::Metadata, "namespace") => Self::Namespace,
            (Self::Metadata, "annotations") => Self::Annotations,
            (Self::Annotations, _) => Self::Annotation,
            _ => Self::Other,
        }
    }
}

/// An open list or map.
struct Open {
    part: Part,
    /// The part of the value that comes next; `None` where a key comes.
    next: Option<Part>,
    is_list: bool,
}

/// Reads the head while parsing; `None` where the document needs its tree, or is wrong in a way that
/// only decoding words rightly.
fn streamed(text: &str) -> Result<Option<Head>, Error> {
    let mut parser = Parser::new(text);
    let mut head = Head { is_null: true, is_plain: true, ..Head::default() };
    let mut open: Vec<Open> = Vec::with_capacity(16);
    let mut annotation = String::new();
    loop {
        let event = parser.next_event()?;
        match event.kind {
            EventKind::StreamStart | EventKind::DocumentStart { .. } => {}
            EventKind::StreamEnd | EventKind::DocumentEnd { .. } => {
                head.is_plain &= head.is_map;
                return Ok(Some(head));
            }
            EventKind::Alias(_) => return Ok(None),
            EventKind::Scalar(scalar) => {
                if scalar.anchor().is_some() {
                    return Ok(None);
                }
                if let Some(Open { part, next: next @ None, .. }) = open.last_mut() {
                    let Some((below, is_odd)) = read_key(&scalar, *part, &mut annotation) else {
                        return Ok(None);
                    };
                    head.is_plain &= !is_odd;
                    *next = Some(below);
                    continue;
                }
                let Ok(decoded) = decode_scalar(&scalar) else { return Ok(None) };
                if matches!(&decoded, Decoded::Float(value) if !value.is_finite()) {
                    return Ok(None);
                }
                let part = take_part(&mut open);
                if part == Part::Root {
                    head.is_null = matches!(decoded, Decoded::Null);
                } else {
                    head.is_plain &= !matches!(part, Part::Metadata | Part::Annotations);
                    keep(&mut head, part, text_of(decoded), &mut annotation);
                }
            }
            EventKind::SequenceStart { properties, .. }
            | EventKind::MappingStart { properties, .. }
                if properties.as_ref().is_some_and(|properties| properties.anchor.is_some())
                    || open.last().is_some_and(|open| open.next.is_none())
                    || open.len() >= DEPTH_LIMIT =>
            {
                return Ok(None);
            }
            EventKind::SequenceStart { .. } => {
                let part = take_part(&mut open);
                head.is_null = false;
                head.is_plain &= !matches!(part, Part::Metadata | Part::Annotations);
                keep(&mut head, part, None, &mut annotation);
                open.push(Open { part: Part::Other, next: Some(Part::Other), is_list: true });
            }
            EventKind::MappingStart { .. } => {
                let part = take_part(&mut open);
                head.is_null = false;
                head.is_map |= part == Part::Root;
                keep(&mut head, part, None, &mut annotation);
                open.push(Open { part, next: None, is_list: false });
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                open.pop();
            }
        }
    }
}

/// Returns the part of the value that comes now.
fn take_part(open: &mut [Open]) -> Part {
    match open.last_mut() {
        None => Part::Root,
        Some(open) if open.is_list => Part::Other,
        Some(open) => open.next.take().unwrap_or(Part::Other),
    }
}

/// Returns where a key leads; `None` where something special is to be done, or said.
fn read_key(scalar: &Scalar<'_>, part: Part, annotation: &mut String) -> Option<(Part, bool)> {
    if is_merge_key(scalar) {
        return None;
    }
    let key = key_text(decode_scalar(scalar).ok()?).ok()?;
    let below = part.below(&key);
    let is_odd = below == Part::Other && is_odd_key(part, &key);
    if below == Part::Annotation {
        *annotation = key.into_owned();
    }
    Some((below, is_odd))
}

/// Whether Go's JSON decoder, which does not look at case, might take a key for one of the head's.
fn is_odd_key(part: Part, key: &str) -> bool {
    let known: &[&str] = match part {
        Part::Root => &["apiVersion", "kind", "metadata"],
        Part::Metadata => &["name", "annotations"],
        _ => return false,
    };
    !key.is_ascii() || known.iter().any(|known| known.eq_ignore_ascii_case(key))
}

fn text_of(decoded: Decoded<'_>) -> Option<String> {
    match decoded {
        Decoded::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// Keeps the value of a part; of equal keys the last one counts.
fn keep(head: &mut Head, part: Part, text: Option<String>, annotation: &mut String) {
    if matches!(part, Part::ApiVersion | Part::Kind | Part::Name | Part::Annotation) {
        head.is_plain &= text.is_some();
    }
    match part {
        Part::ApiVersion => head.api_version = text,
        Part::Kind => head.kind = text,
        Part::Name => head.name = text,
        Part::Namespace => head.namespace = text,
        Part::Metadata => {
            (head.name, head.namespace) = (None, None);
            head.annotations.clear();
        }
        Part::Annotations => head.annotations.clear(),
        Part::Annotation => {
            head.annotations.retain(|(key, _)| key != annotation);
            if let Some(text) = text {
                head.annotations.push((std::mem::take(annotation), text));
            }
        }
        Part::Root | Part::Other => {}
    }
}

fn of_value(value: &Value) -> Head {
    let text_of = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let metadata = value.get("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let annotations = annotations.and_then(Value::as_map).into_iter().flatten();
    Head {
        api_version: text_of(value.get("apiVersion")),
        kind: text_of(value.get("kind")),
        name: text_of(metadata.and_then(|metadata| metadata.get("name"))),
        namespace: text_of(metadata.and_then(|metadata| metadata.get("namespace"))),
        annotations: annotations
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        is_map: value.as_map().is_some(),
        is_null: value.is_null(),
        is_plain: false,
    }
}
