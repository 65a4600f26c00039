//! A customer's dispatch: the few names and the list of apps that make a public base somebody's own.
//!
//! In: the text of a dispatch (`schemas/dispatch.json`), and the spec of a base or of a customer's
//! repository. Out: that spec with the customer's names, domain and environments in it, every other byte
//! as it was, and the payload as a text of its own; and what dispatches said, for the next one (`said`). A base says with `spec.handoff` where customers'
//! repositories are; a repository without it is a customer's already, and takes no other customer's
//! dispatch.
//! Never generates anything: spec and payload go the way that those of a person go.

mod codes;
mod said;
mod specialise;

use text::{Diagnostic, Sources};
use yaml::{Kind as NodeKind, Node};

use crate::generate::{File, Owner, Tree};
use crate::intake::{self, Kind};
use crate::model::{Document, Origin};

pub(crate) use codes::SOURCE as CODES;
pub use said::{PATH, Said};
pub use specialise::{Before, OnBoth, Specialised, specialise};

/// A dispatch that fits its schema.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Name of the customer.
    pub customer: String,
    /// Base domain of all hosts.
    pub domain: String,
    /// Address that Let's Encrypt writes to, if it is to change.
    pub email: Option<String>,
    /// Environments that the platform has; empty where they stay as they are.
    pub environments: Vec<String>,
    /// What changes in `spec.secrets.infisical`: key and value.
    pub infisical: Vec<(String, String)>,
    /// Apps that may go with their volumes.
    pub remove_data: Vec<String>,
    /// The payload, as the text of a file.
    pub payload: String,
    /// The payload where it stands, for places.
    pub in_place: InPlace,
    /// The dispatch's file, for places.
    origin: Origin,
}

/// A payload where it stands in its dispatch: findings about it name the file that its sender has.
#[derive(Clone, Debug)]
pub struct InPlace {
    /// Name of the dispatch's file.
    pub name: String,
    /// Text of the dispatch.
    pub whole: String,
    /// The payload alone, as far from the beginning as it is in the dispatch: blanks stand for the rest.
    pub payload: String,
}

impl InPlace {
    fn of((name, text): (&str, &str), payload: &Node) -> InPlace {
        let span = payload.span.range();
        let blank = |bytes: &str| -> String {
            bytes.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
        };
        let before = blank(text.get(..span.start).unwrap_or_default());
        let payload = before + text.get(span).unwrap_or_default();
        InPlace { name: name.to_owned(), whole: text.to_owned(), payload }
    }
}

impl Dispatch {
    /// The texts that it says of the spec, each with its field.
    fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        let infisical = self.infisical.iter();
        std::iter::once(("domain".to_owned(), self.domain.as_str()))
            .chain(self.email.iter().map(|email| ("email".to_owned(), email.as_str())))
            .chain(infisical.map(|(key, text)| (format!("infisical.{key}"), text.as_str())))
    }
}

/// Puts what dispatches said last into a tree, for the next one.
pub fn record(tree: &mut Tree, said: &Said) {
    // Neither the lock nor the base knows it: it is always as the last dispatch left it.
    let bytes = said.text().into_bytes();
    let file = File { bytes, executable: false, owner: Owner::Input, emitter: "handoff" };
    tree.files.insert(PATH.to_owned(), file);
}

/// Returns the finding about a record of dispatches that cannot be read.
pub fn unreadable(reason: &str) -> Diagnostic {
    codes::g143_record(reason)
}

/// Reads and validates a dispatch, the payload in it included. `None` where something is wrong: the
/// diagnostics say what, with places in the dispatch.
pub fn read(
    (name, text): (&str, &str),
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Dispatch> {
    let mut found = Vec::new();
    let dispatch = read_valid((name, text), sources, &mut found);
    let valid = !found.iter().any(Diagnostic::is_error);
    text::sort(&mut found);
    diagnostics.extend(found);
    dispatch.filter(|_| valid)
}

fn read_valid(
    (name, text): (&str, &str),
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Dispatch> {
    let document = intake::read_document(Kind::Dispatch, (name, text), sources, found)?;
    let origin = Origin::of_file(&document.file, &document.tree);
    let tree = &document.tree;
    let apps = tree.get("deployed_apps")?;
    let payload = Document { file: document.file.clone(), tree: apps.clone().into() };
    found.extend(intake::validate_document(Kind::Payload, &payload, text));
    let word = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
    let words = |key: &str| {
        let items = tree.get(key).and_then(Node::as_list).unwrap_or_default();
        items.iter().filter_map(|item| word(Some(item))).collect()
    };
    let infisical = tree.get("infisical").and_then(Node::as_map).unwrap_or_default();
    Some(Dispatch {
        customer: word(tree.get("customer"))?,
        domain: word(tree.get("domain"))?,
        email: word(tree.get("email")),
        environments: words("environments"),
        infisical: infisical
            .iter()
            .filter_map(|(key, value)| Some((word(Some(key))?, word(Some(value))?)))
            .collect(),
        remove_data: words("remove_data"),
        payload: pretty(apps),
        in_place: InPlace::of((name, text), apps),
        origin,
    })
}

/// Returns a value as the text of a JSON file: two spaces, members in their order.
fn pretty(node: &Node) -> String {
    let mut text = serde_json::to_string_pretty(&json(node)).unwrap_or_default();
    text.push('\n');
    text
}

fn json(node: &Node) -> serde_json::Value {
    use serde_json::Value;
    match &node.kind {
        NodeKind::List(items) => items.iter().map(json).collect(),
        NodeKind::Map(entries) => {
            let entries = entries.iter();
            let entries = entries
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), json(value)));
            Value::Object(entries.collect())
        }
        _ => match yaml::Value::from(node) {
            yaml::Value::Bool(truth) => truth.into(),
            yaml::Value::Int(number) => number.into(),
            yaml::Value::Uint(number) => number.into(),
            yaml::Value::Float(number) => number.into(),
            yaml::Value::String(text) => text.into(),
            _ => Value::Null,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> (Option<Dispatch>, String) {
        let (mut sources, mut found) = (Sources::new(), Vec::new());
        let dispatch = read(("dispatch.json", text), &mut sources, &mut found);
        (dispatch, text::render_all(&found, &sources, false))
    }

    const GOOD: &str = r#"{"version": 1, "customer": "acme", "domain": "acme.example",
        "deployed_apps": [{"image": "ghcr.io/acme/web:1.0.0", "fqdn": "www.acme.example", "port": 8080}]}"#;

    #[test]
    fn the_payload_is_a_text_of_its_own() {
        let (dispatch, found) = read_one(GOOD);
        assert_eq!(found, "");
        let dispatch = dispatch.unwrap();
        assert_eq!(dispatch.customer, "acme");
        // Read by itself, it has the places that it has in the dispatch.
        let InPlace { name, whole, payload } = &dispatch.in_place;
        assert_eq!((name.as_str(), whole.as_str()), ("dispatch.json", GOOD));
        assert!(payload.trim_start().starts_with('[') && payload.ends_with(']'), "{payload}");
        assert_eq!(payload.find("\"image\""), GOOD.find("\"image\""));
        assert!(dispatch.payload.starts_with("[\n  {\n    \"image\": \"ghcr.io/acme/web:1.0.0\","));
    }

    #[test]
    fn a_bad_dispatch_is_refused_with_places() {
        for (good, bad, said) in [
            ("\"acme\"", "\"../acme\"", "dispatch.json:1:28"),
            ("\"version\": 1", "\"version\": 1, \"token\": \"x\"", "dispatch.json:1:16"),
            ("\"port\": 8080", "\"prot\": 8080", "dispatch.json:2:"),
            ("\"port\": 8080", "\"port\": 0", "dispatch.json:2:"),
            ("\"version\": 1", "\"version\": 2", "dispatch.json:1:13"),
        ] {
            let (dispatch, found) = read_one(&GOOD.replacen(good, bad, 1));
            assert!(dispatch.is_none(), "{bad}");
            assert!(found.contains(said), "{bad}: {found}");
        }
        for text in ["", "[]", "{", "null", "{}", "{\"deployed_apps\": 1}"] {
            assert!(read_one(text).0.is_none(), "{text}");
        }
    }
}
