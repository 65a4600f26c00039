//! The documents of a text: YAML, or JSON one after the other, as kubectl and kubeseal take them.

use yaml::{Node, Schema};

/// Documents with places in the whole text.
pub(super) struct Documents {
    pub(super) nodes: Vec<Node>,
    /// Whether they are JSON.
    pub(super) json: bool,
}

/// Why there are none.
pub(super) struct Unreadable {
    /// What is wrong; never a part of the text.
    pub(super) message: String,
    pub(super) offset: usize,
}

impl Documents {
    pub(super) fn read(text: &str) -> Result<Documents, Unreadable> {
        if text.trim_start().starts_with('{')
            && let Some(nodes) = json(text)
        {
            return Ok(Documents { nodes, json: true });
        }
        let nodes = yaml::parse_all(text, Schema::Go2).map_err(|error| Unreadable {
            message: without_quotes(&error.message),
            offset: error.offset,
        })?;
        Ok(Documents { nodes, json: false })
    }

    /// Wipes all texts.
    pub(super) fn wipe(&mut self) {
        self.nodes.iter_mut().for_each(super::wipe);
    }
}

/// Reads JSON documents one after the other; `None` where they are not all JSON.
fn json(text: &str) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut start = 0;
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    while let Some(next) = stream.next() {
        next.ok()?;
        let end = stream.byte_offset();
        let mut node = yaml::json::parse(text.get(start..end)?).ok()?;
        node.shift(u32::try_from(start).ok()?);
        nodes.push(node);
        start = end;
    }
    Some(nodes)
}

/// Errors of the reader quote names from the text (`unknown anchor 'x'`): in a Secret that may be a value.
fn without_quotes(message: &str) -> String {
    message.split(['\'', '"', '`']).step_by(2).collect::<Vec<_>>().join("…")
}
