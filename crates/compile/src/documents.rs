//! The documents of a file, for places of findings.
//!
//! In: the bytes of a file. Out: its documents, and which of them bear a name. Findings come in rows, many of them in
//! one file: the file that was looked at last is kept, so that a thousand findings do not read it a thousand times.
//! What is kept never decides anything: the same bytes have the same documents.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use yaml::{Node, Schema};

/// A file that was taken apart.
pub(crate) struct Documents {
    bytes: Arc<[u8]>,
    /// All of them, in order.
    pub(crate) all: Vec<Node>,
    by_name: HashMap<String, Vec<usize>>,
}

thread_local! {
    static LAST: RefCell<Option<Rc<Documents>>> = const { RefCell::new(None) };
}

/// Returns the documents of a file; `None` where it is no YAML.
pub(crate) fn of(bytes: Arc<[u8]>) -> Option<Rc<Documents>> {
    let last = LAST.with_borrow(Clone::clone);
    if let Some(last) = last
        && (Arc::ptr_eq(&last.bytes, &bytes) || last.bytes == bytes)
    {
        return Some(last);
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    let all = yaml::parse_all(text, Schema::Go2).ok()?;
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, document) in all.iter().enumerate() {
        if let Some(name) = name(document).and_then(Node::as_str) {
            by_name.entry(name.to_owned()).or_default().push(number);
        }
    }
    let documents = Rc::new(Documents { bytes, all, by_name });
    LAST.set(Some(Rc::clone(&documents)));
    Some(documents)
}

/// Returns where an object says its name.
pub(crate) fn name(document: &Node) -> Option<&Node> {
    document.get("metadata")?.get("name")
}

impl Documents {
    /// Returns the documents of a name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Node> {
        let numbers = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.all.get(*number))
    }
}
