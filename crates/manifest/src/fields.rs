//! Whether an object has the fields of its kind, as an API server with strict validation asks.
//!
//! In: an object as a value. Out: unknown fields, wrong types and what is missing, each with its way
//! from the root. Only Kubernetes' own kinds are known; what a definition of somebody else describes is
//! [`Verdict::Foreign`].
//!
//! Source: Kubernetes' OpenAPI documents, in `data/kubernetes-fields.txt` (see
//! `xtask/src/kubernetes_fields.rs`): `k GROUP/VERSION KIND TYPE`, and for each type in turn its fields
//! as `name=letter`, required ones as `name!=letter`. Letters: text, integer, number, boolean, base64
//! (y), text or integer (p), quantity, anything (o), list of, map of, `#type`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use yaml::Value;

const DATA: &str = include_str!("../data/kubernetes-fields.txt");

/// Objects that are nested deeper are not looked at below.
const DEEPEST: usize = 100;

/// What is known about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its kind is none of Kubernetes' own.
    Foreign,
    /// Its group is Kubernetes' own, but no version conformed to serves this version and kind.
    NotServed {
        /// The versions in which the kind is served.
        served: Vec<&'static str>,
        /// The kind of this version that is spelled nearly so.
        near: Option<&'static str>,
    },
    /// Its faults; none if it is sound.
    Known(Vec<Fault>),
}

/// One fault of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The way to it, from the root.
    pub path: Vec<Step>,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// A step to a field or an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a map.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The kind has no such field; the nearest one that it has.
    Unknown(Option<&'static str>),
    /// The value is of another type than wanted.
    Type {
        /// What is wanted, in words.
        wanted: &'static str,
        /// What is there, in words.
        found: &'static str,
    },
    /// A field is missing.
    Missing(&'static str),
    /// A text does not have the form that is wanted.
    Form(&'static str),
}

/// Returns a way as a person writes it: `spec.containers[0].image`.
pub fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Item(number) => text.push_str(&format!("[{number}]")),
        }
    }
    text
}

impl Fault {
    /// Returns the way as a person writes it: `spec.containers[0].image`.
    pub fn path_text(&self) -> String {
        path_text(&self.path)
    }
}

/// Returns what every Kubernetes serves: version with group, and kind. What has to be switched on first
/// (alpha and beta) is left out.
pub fn served() -> impl Iterator<Item = (&'static str, &'static str)> {
    let stable = |version: &str| !version.contains("alpha") && !version.contains("beta");
    table().kinds.keys().copied().filter(move |(version, _)| stable(version))
}

/// Returns what is known about an object.
pub fn verdict(object: &Value) -> Verdict {
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    let table = table();
    let Some(&number) = table.kinds.get(&(version, kind)) else {
        let group = version.rsplit_once('/').map_or("", |(group, _)| group);
        if !table.groups.contains(&group) {
            return Verdict::Foreign;
        }
        let others = table.kinds.keys().filter(|(_, known)| *known == kind);
        let same_version = table.kinds.keys().filter(|(known, _)| *known == version);
        return Verdict::NotServed {
            served: others.map(|(version, _)| *version).collect(),
            near: text::nearest(kind, same_version.map(|(_, kind)| *kind)),
        };
    };
    let mut walk = Walk { table, path: Vec::new(), faults: Vec::new() };
    walk.fields(object, number);
    Verdict::Known(walk.faults)
}

/// What a value has to be.
#[derive(Clone, Debug)]
enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    Base64,
    TextOrInteger,
    Quantity,
    Anything,
    List(Box<Shape>),
    Map(Box<Shape>),
    Type(usize),
}

struct Field {
    name: &'static str,
    required: bool,
    shape: Shape,
}

struct Table {
    kinds: BTreeMap<(&'static str, &'static str), usize>,
    groups: Vec<&'static str>,
    types: Vec<Vec<Field>>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { kinds: BTreeMap::new(), groups: Vec::new(), types: Vec::new() };
        for line in DATA.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("k") => {
                    if let (Some(version), Some(kind), Some(Ok(number))) =
                        (words.next(), words.next(), words.next().map(str::parse))
                    {
                        table.kinds.insert((version, kind), number);
                        table.groups.push(version.rsplit_once('/').map_or("", |(group, _)| group));
                    }
                }
                Some("t") => table.types.push(words.filter_map(field).collect()),
                _ => {}
            }
        }
        table
    })
}

fn field(word: &'static str) -> Option<Field> {
    let (name, shape) = word.split_once('=')?;
    let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
    Some(Field { name, required, shape: shape_of(shape) })
}

fn shape_of(letters: &str) -> Shape {
    let (first, rest) = letters.split_at(letters.len().min(1));
    match first {
        "s" => Shape::Text,
        "i" => Shape::Integer,
        "n" => Shape::Number,
        "b" => Shape::Boolean,
        "y" => Shape::Base64,
        "p" => Shape::TextOrInteger,
        "q" => Shape::Quantity,
        "[" => Shape::List(Box::new(shape_of(rest))),
        "{" => Shape::Map(Box::new(shape_of(rest))),
        "#" => rest.parse().map_or(Shape::Anything, Shape::Type),
        _ => Shape::Anything,
    }
}

struct Walk {
    table: &'static Table,
    path: Vec<Step>,
    faults: Vec<Fault>,
}

impl Walk {
    fn fault(&mut self, kind: FaultKind) {
        self.faults.push(Fault { path: self.path.clone(), kind });
    }

    fn fields(&mut self, value: &Value, number: usize) {
        let Some(fields) = self.table.types.get(number) else { return };
        for (key, value) in value.as_map().into_iter().flatten() {
            self.path.push(Step::Key(key.clone()));
            match fields.iter().find(|field| field.name == key) {
                Some(field) => self.value(value, &field.shape),
                None => {
                    let near = text::nearest(key, fields.iter().map(|field| field.name));
                    self.fault(FaultKind::Unknown(near));
                }
            }
            self.path.pop();
        }
        for field in fields.iter().filter(|field| field.required) {
            if value.get(field.name).is_none() {
                self.fault(FaultKind::Missing(field.name));
            }
        }
    }

    fn value(&mut self, value: &Value, shape: &Shape) {
        // Null is as if the field were not there.
        if matches!(value, Value::Null) || self.path.len() > DEEPEST {
            return;
        }
        let wanted = match (shape, value) {
            (Shape::Anything, _)
            | (Shape::Text | Shape::TextOrInteger, Value::String(_))
            | (Shape::Integer | Shape::TextOrInteger, Value::Int(_) | Value::Uint(_))
            | (Shape::Number | Shape::Quantity, Value::Int(_) | Value::Uint(_) | Value::Float(_))
            | (Shape::Boolean, Value::Bool(_)) => return,
            (Shape::Integer | Shape::TextOrInteger, Value::Float(number))
                if number.fract() == 0.0 =>
            {
                return;
            }
            (Shape::Base64, Value::String(text)) => {
                if !is_base64(text) {
                    self.fault(FaultKind::Form("base64 (plain text belongs under `stringData`)"));
                }
                return;
            }
            (Shape::Quantity, Value::String(text)) => {
                if !is_quantity(text) {
                    self.fault(FaultKind::Form("a quantity such as `250m` or `64Mi`"));
                }
                return;
            }
            (Shape::List(inner), Value::List(items)) => {
                for (number, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(number));
                    self.value(item, inner);
                    self.path.pop();
                }
                return;
            }
            (Shape::Map(inner), Value::Map(entries)) => {
                for (key, value) in entries {
                    self.path.push(Step::Key(key.clone()));
                    self.value(value, inner);
                    self.path.pop();
                }
                return;
            }
            (Shape::Type(number), Value::Map(_)) => return self.fields(value, *number),
            (Shape::Text | Shape::Base64, _) => "a text",
            (Shape::Integer, _) => "a whole number",
            (Shape::Number, _) => "a number",
            (Shape::Boolean, _) => "`true` or `false`",
            (Shape::TextOrInteger, _) => "a text or a whole number",
            (Shape::Quantity, _) => "a quantity",
            (Shape::List(_), _) => "a list",
            (Shape::Map(_) | Shape::Type(_), _) => "a map",
        };
        self.fault(FaultKind::Type { wanted, found: name_of(value) });
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

/// Whether Go's standard decoder takes a text; it skips line ends.
fn is_base64(text: &str) -> bool {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let body = letters.strip_suffix(b"==").or_else(|| letters.strip_suffix(b"="));
    letters.len().is_multiple_of(4)
        && body
            .unwrap_or(&letters)
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Whether a text is a quantity (apimachinery, `pkg/api/resource`, the grammar of `Quantity`).
fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || number.len() - digits > 1 {
        return false;
    }
    match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti"
        | "Pi" | "Ei" => true,
        other => other.strip_prefix(['e', 'E']).is_some_and(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, want) in [
            ("64Mi", true),
            ("0.5", true),
            ("1e3", true),
            ("12E", true),
            ("64mb", false),
            ("", false),
            ("1.2.3", false),
        ] {
            assert_eq!(is_quantity(text), want, "{text}");
        }
        for (text, want) in
            [("YWJj", true), ("", true), ("YWI=", true), ("abc", false), ("a b=", false)]
        {
            assert_eq!(is_base64(text), want, "{text}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        let table = table();
        assert!(table.kinds.len() > 100 && table.types.len() > 500, "{}", table.types.len());
        assert!(table.kinds.values().all(|&number| number < table.types.len()));
        fn known(shape: &Shape, types: usize) -> bool {
            match shape {
                Shape::List(inner) | Shape::Map(inner) => known(inner, types),
                Shape::Type(number) => *number < types,
                _ => true,
            }
        }
        let fields = table.types.iter().flatten();
        fields.for_each(|field| assert!(known(&field.shape, table.types.len()), "{}", field.name));
    }
}
