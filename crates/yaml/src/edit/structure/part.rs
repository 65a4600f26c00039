//! A value taken out of one text, to be put into another: its lines with their comments, or one line.

use super::layout::{Block, Slot, line_end, line_start, refused};
use crate::edit::EditError;
use crate::edit::render;
use crate::{Kind, Node, ScalarStyle, Value};

/// An entry or item of another text.
#[derive(Clone, Copy, Debug)]
pub struct Part<'n> {
    /// The text that it stands in.
    pub text: &'n str,
    /// Where it stands there.
    pub slot: Slot<'n>,
}

impl Part<'_> {
    pub(super) fn value(&self) -> Result<&Node, EditError> {
        self.slot.value().ok_or_else(|| refused("there is nothing to put there"))
    }

    /// Returns its lines without indentation: blank line and comments above it first, where wanted.
    pub(super) fn lines(&self, with_lead: bool) -> Result<Vec<String>, EditError> {
        let (outer, index) = match self.slot {
            Slot::Entry(outer, index) | Slot::Item(outer, index) if !outer.flow => (outer, index),
            Slot::Item(..) => return Ok(vec![format!("- {}", self.one_line(false)?)]),
            _ => return Ok(vec![self.in_flow(false)?]),
        };
        let block = Block::of(self.text, Slot::Root(outer))?;
        let (start, end) = (block.start(index), line_end(self.text, block.end(index)));
        let own = line_start(self.text, start);
        let mut lines = Vec::new();
        if with_lead && index > 0 {
            let lead = block.lead(index);
            if block.before(index) < lead {
                lines.push(String::new());
            }
            let above = self.text.get(lead..own).unwrap_or_default();
            lines.extend(above.lines().map(|line| line.trim().to_owned()));
        }
        for (number, line) in self.text.get(start..end).unwrap_or_default().lines().enumerate() {
            let spaces = line.len() - line.trim_start_matches(' ').len();
            let cut = if number == 0 { 0 } else { spaces.min(block.column) };
            lines.push(line.get(cut..).unwrap_or_default().trim_end_matches('\r').to_owned());
        }
        Ok(lines)
    }

    /// Returns the value in one line of flow style.
    pub(super) fn one_line(&self, json: bool) -> Result<String, EditError> {
        let node = self.value()?;
        Ok(if json { dedented(self.text, node.span.range()) } else { inline(self.text, node) })
    }

    /// Returns `key: value` or the item, as it stands between brackets or braces.
    pub(super) fn in_flow(&self, json: bool) -> Result<String, EditError> {
        let value = self.one_line(json)?;
        Ok(match self.slot.key() {
            Some(key) => format!("{}: {value}", key.source(self.text)),
            None => value,
        })
    }
}

/// Returns some bytes with the indentation of their first line taken off the others.
fn dedented(text: &str, range: std::ops::Range<usize>) -> String {
    let start = line_start(text, range.start);
    let first = text.get(start..).unwrap_or_default();
    let indent = first.len() - first.trim_start_matches(' ').len();
    let mut lines = text.get(range).unwrap_or_default().lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        out.push('\n');
        out.push_str(line.get(spaces.min(indent)..).unwrap_or_default());
    }
    out
}

/// Writes a value in one line of flow style.
fn inline(text: &str, node: &Node) -> String {
    match &node.kind {
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(text, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", inline(text, key), inline(text, value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => {
            let quoted =
                matches!(node.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
            let source = node.source(text);
            match quoted && !source.contains('\n') {
                true => source.to_owned(),
                false => render::one_line(&Value::from(node), ScalarStyle::Plain, true),
            }
        }
    }
}
