//! Whether a delivery object has the fields of its kind: unknown ones, wrong types, and what is missing.
//!
//! In: an object. Out: what is wrong with its `spec`, each with the way to the field. The fields are the table
//! `fields.txt`; API versions that it does not have are left alone.
//! Argo CD's Applications and sets have a table of their own (`argocd/types.txt`), as Go's types decide
//! about them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use manifest::Object;
use manifest::fields::Step;
use yaml::Value;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The way to it.
    pub(super) path: Vec<Step>,
    pub(super) what: What,
}

/// How a field is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// There is none of this name; the API server drops it. One that may be meant.
    Unknown(Option<&'static str>),
    /// The API server refuses the object; its words.
    Refused(String),
}

/// The type of a field.
#[derive(Clone, Debug)]
enum Shape {
    /// A text; one of these where there are any.
    Text(Vec<&'static str>),
    Bool,
    Int,
    Number,
    IntOrText,
    Raw,
    List(Box<Shape>),
    Map(Box<Shape>),
    Object(Vec<Field>),
}

#[derive(Clone, Debug)]
struct Field {
    name: &'static str,
    shape: Shape,
    is_required: bool,
}

/// Returns what is wrong with an object; nothing where its kind is not in the table.
pub(super) fn misfits(object: &Object) -> Vec<Misfit> {
    static TABLE: OnceLock<BTreeMap<&'static str, Vec<Field>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| read(include_str!("fields.txt")));
    let kind = format!("{} {}", object.api_version(), object.kind());
    let Some(fields) = table.get(kind.as_str()) else { return Vec::new() };
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    for field in fields {
        walk.field(field, object.value.get(field.name));
    }
    if object.kind() == "HelmRelease"
        && let Some(spec) = object.value.get("spec")
        && spec.get("chart").is_some() == spec.get("chartRef").is_some()
    {
        walk.path.push(Step::Key("spec".to_owned()));
        walk.refuse("either chart or chartRef must be set".to_owned());
    }
    walk.found
}

struct Walk {
    path: Vec<Step>,
    found: Vec<Misfit>,
}

impl Walk {
    fn field(&mut self, field: &Field, value: Option<&Value>) {
        self.path.push(Step::Key(field.name.to_owned()));
        match value {
            None if field.is_required => self.refuse("Required value".to_owned()),
            None => {}
            // The API server takes a null out before it looks, unless it is required.
            Some(Value::Null) if field.is_required => self.refuse("Required value".to_owned()),
            Some(Value::Null) => {}
            Some(value) => self.value(&field.shape, value),
        }
        self.path.pop();
    }

    fn value(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Raw, _)
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Int | Shape::Number | Shape::IntOrText, Value::Int(_) | Value::Uint(_))
            | (Shape::Number, Value::Float(_))
            | (Shape::IntOrText, Value::String(_)) => {}
            (Shape::Int, Value::Float(number)) if number.fract() == 0.0 => {}
            (Shape::Text(allowed), Value::String(text)) => {
                if !allowed.is_empty() && !allowed.contains(&text.as_str()) {
                    let allowed: Vec<String> =
                        allowed.iter().map(|it| format!("\"{it}\"")).collect();
                    self.refuse(format!(
                        "Unsupported value: \"{}\": supported values: {}",
                        crate::intake::printable(text),
                        allowed.join(", ")
                    ));
                }
            }
            (Shape::List(shape), Value::List(items)) => {
                for (number, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(number));
                    self.value(shape, item);
                    self.path.pop();
                }
            }
            (Shape::Map(shape), Value::Map(entries)) => {
                for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                    self.path.push(Step::Key(key.clone()));
                    self.value(shape, value);
                    self.path.pop();
                }
            }
            (Shape::Object(fields), Value::Map(entries)) => {
                for key in entries.keys() {
                    if fields.iter().all(|field| field.name != key) {
                        let near = text::nearest(key, fields.iter().map(|field| field.name));
                        self.path.push(Step::Key(key.clone()));
                        let path = self.path.clone();
                        self.found.push(Misfit { path, what: What::Unknown(near) });
                        self.path.pop();
                    }
                }
                for field in fields {
                    self.field(field, entries.get(field.name));
                }
            }
            (shape, value) => {
                let (found, wanted) = (type_of(value), wanted(shape));
                self.refuse(format!("Invalid value: \"{found}\": must be of type {wanted}"));
            }
        }
    }

    fn refuse(&mut self, reason: String) {
        self.found.push(Misfit { path: self.path.clone(), what: What::Refused(reason) });
    }
}

/// Returns the word that the API server has for what a value is.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Uint(_) => "integer",
        Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn wanted(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(_) => "string",
        Shape::Bool => "boolean",
        Shape::Int => "integer",
        Shape::Number => "number",
        Shape::IntOrText => "integer or string",
        Shape::List(_) => "array",
        Shape::Raw | Shape::Map(_) | Shape::Object(_) => "object",
    }
}

/// Reads the table.
fn read(text: &'static str) -> BTreeMap<&'static str, Vec<Field>> {
    let lines: Vec<&'static str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let mut table = BTreeMap::new();
    let mut rest = lines.as_slice();
    while let Some((kind, below)) = rest.split_first() {
        let (fields, behind) = block(below, 1);
        table.insert(*kind, fields);
        rest = behind;
    }
    table
}

/// Reads the fields of one depth, and returns them with the lines behind.
fn block<'l>(mut lines: &'l [&'static str], depth: usize) -> (Vec<Field>, &'l [&'static str]) {
    let mut fields = Vec::new();
    while let Some((line, below)) = lines.split_first() {
        let own = (line.len() - line.trim_start().len()) / 2;
        if own < depth {
            break;
        }
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or("raw"));
        let (inner, behind) = block(below, depth + 1);
        let shape = shape_of(kind, inner);
        fields.push(Field { name, shape, is_required: words.next().is_some() });
        lines = behind;
    }
    (fields, lines)
}

fn shape_of(kind: &'static str, inner: Vec<Field>) -> Shape {
    if let Some(rest) = kind.strip_prefix("[]") {
        return Shape::List(Box::new(shape_of(rest, inner)));
    }
    if let Some(rest) = kind.strip_prefix("{}") {
        return Shape::Map(Box::new(shape_of(rest, inner)));
    }
    match kind.split_once('=') {
        Some((_, allowed)) => Shape::Text(allowed.split('|').collect()),
        None => match kind {
            "s" => Shape::Text(Vec::new()),
            "b" => Shape::Bool,
            "i" => Shape::Int,
            "n" => Shape::Number,
            "is" => Shape::IntOrText,
            "o" => Shape::Object(inner),
            _ => Shape::Raw,
        },
    }
}

#[cfg(test)]
mod tests {
    use manifest::fields::path_text;

    use super::*;

    #[test]
    fn fields_are_those_of_the_definitions() {
        let object = |kind: &str, spec: &str| {
            let text = format!("{{apiVersion: {kind}, metadata: {{name: x}}, spec: {spec}}}");
            Object {
                source: "x.yaml".into(),
                text: "".into(),
                value: Value::decode_go2(text.as_bytes()).unwrap(),
            }
        };
        let kustomization = "kustomize.toolkit.fluxcd.io/v1, kind: Kustomization";
        let release = "helm.toolkit.fluxcd.io/v2, kind: HelmRelease";
        for (kind, spec, want) in [
            (
                kustomization,
                "{interval: 5, path: ./a, prune: 'yes', sourceRef: {kind: GitRepository, name: g}}",
                "spec.interval: Invalid value: \"integer\": must be of type string; \
                 spec.prune: Invalid value: \"string\": must be of type boolean",
            ),
            (
                kustomization,
                "{pathh: x, sourceRef: {kind: Git, name: g}, patches: [{}]}",
                "spec.pathh: path?; spec.interval: Required value; spec.patches[0].patch: Required \
                 value; spec.prune: Required value; spec.sourceRef.kind: Unsupported value: \"Git\": \
                 supported values: \"OCIRepository\", \"GitRepository\", \"Bucket\", \
                 \"ExternalArtifact\"",
            ),
            (
                release,
                "{interval: 1m, values: {a: {b: 1}}}",
                "spec: either chart or chartRef must be set",
            ),
            ("kustomize.toolkit.fluxcd.io/v1beta2, kind: Kustomization", "{x: y}", ""),
        ] {
            let found: Vec<String> = misfits(&object(kind, spec))
                .into_iter()
                .map(|misfit| match misfit.what {
                    What::Unknown(near) => {
                        format!("{}: {}?", path_text(&misfit.path), near.unwrap_or_default())
                    }
                    What::Refused(reason) => format!("{}: {reason}", path_text(&misfit.path)),
                })
                .collect();
            assert_eq!(found.join("; "), want, "{spec}");
        }
    }
}
