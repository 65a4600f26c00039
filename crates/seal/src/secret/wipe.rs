//! Making values unreadable: in memory once they were used, and in texts that are shown.

use std::ops::Range;

use yaml::{Kind, Node, Span};
use zeroize::Zeroize as _;

use super::documents::Documents;

/// What may be seen of a Secret: the values of these keys at its top and below `metadata`.
const SHOWN: &[&str] = &["apiVersion", "kind", "type", "immutable", "name", "namespace"];

/// Wipes every text of a tree.
pub(crate) fn wipe(node: &mut Node) {
    match &mut node.kind {
        Kind::String(text) => text.zeroize(),
        Kind::List(items) => items.iter_mut().for_each(wipe),
        Kind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            wipe(key);
            wipe(value);
        }),
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {}
    }
}

/// Makes a range of a text unreadable: `…` and spaces, as many bytes as were there, lines kept.
pub fn blot(bytes: &mut [u8], range: Range<usize>) {
    const MARK: &[u8] = "…".as_bytes();
    let Some(part) = bytes.get_mut(range) else { return };
    for line in part.split_mut(|byte| *byte == b'\n') {
        line.fill(b' ');
        if let Some(start) = line.get_mut(..MARK.len()) {
            start.copy_from_slice(MARK);
        }
    }
}

/// Returns the text of Secrets as it may be shown: keys, kind, name and namespace stay, everything else
/// (values, annotations, comments) is blotted out. A text that cannot be read is blotted out as a whole.
pub fn shown(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut kept: Vec<Span> = Vec::new();
    if let Ok(mut documents) = Documents::read(text) {
        for node in &documents.nodes {
            keep(node, true, &mut kept);
        }
        documents.wipe();
    }
    kept.sort();
    let mut at = 0;
    for span in kept {
        let range = span.range();
        if range.start > at {
            blot_between(&mut bytes, at..range.start);
        }
        at = at.max(range.end);
    }
    let end = bytes.len();
    blot_between(&mut bytes, at..end);
    String::from_utf8(bytes).unwrap_or_default()
}

/// Blots what lies between two kept parts, except the marks that make a structure visible.
fn blot_between(bytes: &mut [u8], range: Range<usize>) {
    let Some(part) = bytes.get(range.clone()) else { return };
    let is_mark = |byte: &u8| byte.is_ascii_whitespace() || b":{}[],-".contains(byte);
    let first = part.iter().position(|byte| !is_mark(byte));
    let Some(first) = first else { return };
    let last = part.iter().rposition(|byte| !is_mark(byte)).unwrap_or(first);
    blot(bytes, range.start + first..range.start + last + 1);
}

fn keep(node: &Node, is_top: bool, kept: &mut Vec<Span>) {
    if node.alias {
        return;
    }
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                kept.push(key.span);
                let name = key.as_str().unwrap_or_default();
                let below = value.as_map().is_some() || value.as_list().is_some();
                if below {
                    keep(value, is_top && name == "metadata", kept);
                } else if is_top && SHOWN.contains(&name) {
                    kept.push(value.span);
                }
            }
        }
        Kind::List(items) => items.iter().for_each(|item| keep(item, true, kept)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_keys_and_no_values() {
        let text = "# hunter2\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations: {a: hunter2}\n\
                    data:\n  password: aHVudGVyMg==\nstringData:\n  long: |\n    hunter2\n    hunter2\n  x: hunter2 # hunter2\n";
        let shown = shown(text);
        assert_eq!(shown.len(), text.len());
        assert!(!shown.contains("hunter2") && !shown.contains("aHVu"), "{shown}");
        for kept in ["kind: Secret", "name: db", "password:", "  long:", "annotations: {a:"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        let nested =
            "kind: List\nitems:\n- &x {kind: Secret, data: {a: {b: hunter2}}}\n- *x\n- hunter2\n";
        let shown = super::shown(nested);
        assert!(!shown.contains("hunter2") && shown.contains("kind: Secret"), "{shown}");
        let mut bytes = *b"hunter2";
        blot(&mut bytes, 3..100);
        assert_eq!(&bytes, b"hunter2");
        let broken = "a: hunter2\nb: [hunter2\n";
        let shown = super::shown(broken);
        assert!(!shown.contains("hunter2") && shown.matches('\n').count() == 2, "{shown}");
    }
}
