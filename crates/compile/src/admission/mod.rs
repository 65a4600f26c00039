//! What an API server refuses in objects whose fields and types are right.
//!
//! In: an object of one of Kubernetes' own kinds. Out: what is refused, each with its way from the root.
//! Knows the rules that people trip over; what it does not know, an API server may still refuse. Never
//! refuses what one admits.
//!
//! Source: the answers of the API server of Kubernetes 1.37.1, recorded in `tests/admission/answers.txt`;
//! the rules themselves are `pkg/apis/*/validation` of kubernetes/kubernetes.

mod kinds;
mod names;
mod pod_security;
mod pods;

pub(crate) use kinds::{is_host, is_path};
pub use pod_security::refused_pods;
pub(crate) use pods::is_port_name;

use manifest::Object;
use manifest::fields::Step;
use yaml::Value;

/// Something that an API server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The way to it, from the root.
    pub path: Vec<Step>,
    /// Why, as the end of a sentence that begins with the path.
    pub why: String,
}

/// Returns what an API server would refuse in an object whose fields and types are right.
pub fn refusals(object: &Object) -> Vec<Refusal> {
    let mut found = Found::default();
    names::metadata(object, &mut found);
    kinds::check(object, &mut found);
    found.0
}

/// Where one is, as a list that leads back to the root: only what is refused pays for its path.
#[derive(Clone, Copy)]
struct At<'p> {
    parent: Option<&'p At<'p>>,
    step: Way<'p>,
}

#[derive(Clone, Copy)]
enum Way<'p> {
    Root,
    Key(&'p str),
    Item(usize),
}

impl<'p> At<'p> {
    const ROOT: At<'static> = At { parent: None, step: Way::Root };

    fn key(&'p self, key: &'p str) -> At<'p> {
        At { parent: Some(self), step: Way::Key(key) }
    }

    fn item(&'p self, number: usize) -> At<'p> {
        At { parent: Some(self), step: Way::Item(number) }
    }

    fn path(&self) -> Vec<Step> {
        let mut path = self.parent.map(At::path).unwrap_or_default();
        match self.step {
            Way::Root => {}
            Way::Key(key) => path.push(Step::Key(key.to_owned())),
            Way::Item(number) => path.push(Step::Item(number)),
        }
        path
    }
}

#[derive(Default)]
struct Found(Vec<Refusal>);

impl Found {
    fn add(&mut self, at: &At<'_>, why: impl Into<String>) {
        self.0.push(Refusal { path: at.path(), why: why.into() });
    }

    /// Refuses a text that is none of a few.
    fn one_of(&mut self, value: &Value, at: &At<'_>, key: &str, known: &[&str]) {
        if let Some(text) = text(value, key)
            && !known.contains(&text)
        {
            let why = match known {
                [one] => format!("must be `{one}`"),
                known => format!("must be one of `{}`{}", known.join("`, `"), meant(text, known)),
            };
            self.add(&at.key(key), why);
        }
    }

    /// Refuses the second item of a list that has the same text under a key.
    fn twice(&mut self, items: &[Value], at: &At<'_>, key: &str) {
        for (number, item) in items.iter().enumerate() {
            let same =
                |other: &Value| text(other, key).is_some() && text(other, key) == text(item, key);
            if items[..number].iter().any(same) {
                let name = text(item, key).unwrap_or_default();
                self.add(&at.item(number).key(key), format!("is `{name}`, which is there already"));
            }
        }
    }
}

/// Returns how a sentence goes on where a text is nearly one of a few.
fn meant(text: &str, known: &[&str]) -> String {
    let near = text::nearest(text, known.iter().copied());
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn number(value: &Value, key: &str) -> Option<i64> {
    match value.get(key)? {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}
