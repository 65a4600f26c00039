//! Which bytes belong to which member of a list or map: its lines, its comments, the blank line above.
//!
//! In: a text and a collection read from it. Out: byte offsets. In block style a member owns the comment
//! lines directly above it and the deeper comments directly below it; a comment that a blank line
//! separates from both neighbours belongs to nobody. Never changes anything.

use crate::edit::EditError;
use crate::{Kind, Node, ScalarStyle};

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub enum Slot<'n> {
    /// It is the whole document.
    Root(&'n Node),
    /// It is the value of the entry with this number, counted from 0, of a map.
    Entry(&'n Node, usize),
    /// It is the item with this number of a list.
    Item(&'n Node, usize),
}

impl<'n> Slot<'n> {
    /// Returns the value.
    pub fn value(&self) -> Option<&'n Node> {
        match self {
            Slot::Root(node) => Some(node),
            Slot::Entry(map, index) => Some(&map.as_map()?.get(*index)?.1),
            Slot::Item(list, index) => list.as_list()?.get(*index),
        }
    }

    /// Returns the key of an entry.
    pub fn key(&self) -> Option<&'n Node> {
        match self {
            Slot::Entry(map, index) => Some(&map.as_map()?.get(*index)?.0),
            _ => None,
        }
    }

    /// Says whether it stands between brackets or braces.
    pub(super) fn in_flow(&self) -> bool {
        match self {
            Slot::Root(_) => false,
            Slot::Entry(outer, _) | Slot::Item(outer, _) => outer.flow,
        }
    }
}

/// Returns why a layout is left alone.
pub(super) fn refused(message: &str) -> EditError {
    EditError::Refused(message.to_owned())
}

/// Returns the offset of the first byte of the line that holds `at`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Returns the offset of the line break of the line that holds `at`, or the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline)
}

/// Returns the offset of the line below the one that holds `at`.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    (line_end(text, at) + 1).min(text.len())
}

/// Returns how many bytes stand before `at` in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// Returns the line that begins at `at`, without its line break.
fn line(text: &str, at: usize) -> &str {
    text.get(at..line_end(text, at)).unwrap_or_default()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the number of members.
pub(super) fn len(collection: &Node) -> usize {
    match &collection.kind {
        Kind::List(items) => items.len(),
        Kind::Map(entries) => entries.len(),
        _ => 0,
    }
}

/// Returns the offset behind the last byte of a value.
pub(super) fn value_end(text: &str, node: &Node) -> usize {
    let last = match &node.kind {
        _ if node.alias || node.flow => None,
        Kind::List(items) => items.last().map(|item| value_end(text, item)),
        Kind::Map(entries) => {
            entries.last().map(|(key, value)| value_end(text, value).max(key.span.end as usize))
        }
        _ => None,
    };
    if let Some(last) = last {
        return last;
    }
    if !matches!(node.style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return node.span.end as usize;
    }
    // Blank lines below a block scalar are not part of it, unless it keeps them.
    let source = node.source(text);
    let header = source.lines().next().unwrap_or_default();
    match header.split('#').next().unwrap_or_default().contains('+') {
        true => node.span.start as usize + source.trim_end_matches(' ').len().max(1) - 1,
        false => node.span.start as usize + source.trim_end().len(),
    }
}

/// The members of a block collection and where their lines are.
#[derive(Debug)]
pub(super) struct Block<'t> {
    text: &'t str,
    /// Offset of each member's key or dash.
    pub(super) starts: Vec<usize>,
    /// Offset behind each member's last byte, comments behind it not counted.
    pub(super) ends: Vec<usize>,
    /// Bytes before a key or dash in its line.
    pub(super) column: usize,
    is_root: bool,
}

impl<'t> Block<'t> {
    /// Returns the layout of a block collection with at least one member.
    pub(super) fn of(text: &'t str, slot: Slot<'_>) -> Result<Block<'t>, EditError> {
        let node = slot.value().ok_or_else(|| refused("there is nothing"))?;
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        match &node.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    if key.anchor.is_some() || key.tag.is_some() || key.alias {
                        return Err(refused("a key has an anchor, a tag, or is an alias"));
                    }
                    starts.push(key.span.start as usize);
                    ends.push(value_end(text, value).max(key.span.end as usize));
                }
            }
            Kind::List(items) => {
                let first = node.span.start as usize;
                let column = column(text, first);
                for item in items {
                    let dash = match ends.last() {
                        None => first,
                        Some(&end) => dash(text, end, item.span.start as usize, column)?,
                    };
                    if text.as_bytes().get(dash) != Some(&b'-') {
                        return Err(refused("the dash of an item was not found"));
                    }
                    starts.push(dash);
                    ends.push(value_end(text, item).max(dash + 1));
                }
            }
            _ => return Err(refused("it is no list or map")),
        }
        let first = starts.first().copied().unwrap_or_default();
        let column = column(text, first);
        for (index, &start) in starts.iter().enumerate() {
            let before = text.get(line_start(text, start)..start).unwrap_or_default();
            let alone = before.bytes().all(|byte| byte == b' ');
            let compact = index == 0 && before.bytes().all(|byte| matches!(byte, b' ' | b'-'));
            if !(alone && before.len() == column || compact) {
                return Err(refused("a key or an item does not begin a line of its own"));
            }
        }
        let is_root = matches!(slot, Slot::Root(_));
        Ok(Block { text, starts, ends, column, is_root })
    }

    /// Says whether the first member stands behind a dash, in the dash's line.
    pub(super) fn is_compact(&self) -> bool {
        let first = self.start(0);
        let before = self.text.get(line_start(self.text, first)..first).unwrap_or_default();
        before.contains('-')
    }

    pub(super) fn start(&self, index: usize) -> usize {
        self.starts.get(index).copied().unwrap_or(self.text.len())
    }

    pub(super) fn end(&self, index: usize) -> usize {
        self.ends.get(index).copied().unwrap_or(self.text.len())
    }

    /// Returns where the lines below a member begin: behind its last line and the deeper comments there.
    pub(super) fn after(&self, index: usize) -> usize {
        let mut at = next_line(self.text, self.end(index));
        let mut seen = at;
        while seen < self.text.len() {
            let line = line(self.text, seen);
            if !line.trim().is_empty() {
                if !is_comment(line) || indent_of(line) <= self.column {
                    break;
                }
                at = next_line(self.text, seen);
            }
            seen = next_line(self.text, seen);
        }
        at
    }

    /// Returns where the comments directly above a member begin, or its own line.
    pub(super) fn lead(&self, index: usize) -> usize {
        let start = self.start(index);
        if index == 0 && (self.is_compact() || self.is_root) {
            return if self.is_compact() { start } else { line_start(self.text, start) };
        }
        let floor = if index == 0 { 0 } else { self.after(index - 1) };
        let mut at = line_start(self.text, start);
        while at > floor {
            let above = line_start(self.text, at - 1);
            if above < floor || !is_comment(line(self.text, above)) {
                break;
            }
            at = above;
        }
        at
    }

    /// Returns where what goes with a member begins: as [`Self::lead`], and blank lines above that.
    pub(super) fn before(&self, index: usize) -> usize {
        let mut at = self.lead(index);
        if index == 0 {
            return at;
        }
        let floor = self.after(index - 1);
        while at > floor {
            let above = line_start(self.text, at - 1);
            if above < floor || !line(self.text, above).trim().is_empty() {
                break;
            }
            at = above;
        }
        at
    }
}

/// Returns the dash of an item that begins at or before `item`, in a line below `end`.
fn dash(text: &str, end: usize, item: usize, column: usize) -> Result<usize, EditError> {
    let mut at = next_line(text, end);
    while at <= item && at < text.len() {
        let line = line(text, at);
        if indent_of(line) == column && line.get(column..).is_some_and(|rest| rest.starts_with('-'))
        {
            return Ok(at + column);
        }
        at = next_line(text, at);
    }
    Err(refused("the dash of an item was not found"))
}

/// The members of a flow collection.
#[derive(Debug)]
pub(super) struct Flow {
    /// Offset of each member, anchors and tags included.
    pub(super) starts: Vec<usize>,
    /// Offset behind each member.
    pub(super) ends: Vec<usize>,
    /// Offset behind the comma that follows each member, where there is one.
    pub(super) commas: Vec<Option<usize>>,
}

impl Flow {
    /// Returns the layout of a flow collection.
    pub(super) fn of(text: &str, node: &Node) -> Flow {
        let spans: Vec<(usize, usize)> = match &node.kind {
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, value)| {
                    (key.span.start as usize, value_end(text, value).max(key.span.end as usize))
                })
                .collect(),
            Kind::List(items) => {
                items.iter().map(|item| (item.span.start as usize, value_end(text, item))).collect()
            }
            _ => Vec::new(),
        };
        let mut flow = Flow { starts: Vec::new(), ends: Vec::new(), commas: Vec::new() };
        let mut from = node.span.start as usize + 1;
        for &(start, end) in &spans {
            flow.starts.push(skip_blank(text, from).min(start));
            flow.ends.push(end);
            let comma = skip_blank(text, end);
            let comma = (text.as_bytes().get(comma) == Some(&b',')).then_some(comma + 1);
            flow.commas.push(comma);
            from = comma.unwrap_or(end);
        }
        flow
    }
}

/// Skips white space and comments.
fn skip_blank(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' if at == 0 || matches!(bytes.get(at - 1), Some(b' ' | b'\t' | b'\n')) => {
                at = next_line(text, at);
            }
            _ => break,
        }
    }
    at
}
