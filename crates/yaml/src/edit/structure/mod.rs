//! Changing which entries a map and which items a list has, and whole values, byte-exactly.
//!
//! In: a text, the nodes read from it, and for each changed collection the members that it shall have:
//! some of its own in their order, and new ones taken from another text. Out: the text with only those
//! lines changed. New members get the indentation, line ends and style (block, flow, JSON) of their
//! neighbours; what goes takes its comments along. Before the result is given it is read again, and must
//! say what the caller says it must. It never moves or reformats what stays.

mod layout;
mod part;

pub use layout::Slot;
pub use part::Part;

use super::{EditError, render};
use crate::{Kind, Node, ScalarStyle, Schema, Value};
use layout::{Block, Flow, column, line_end, line_start, next_line, refused, value_end};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
}

/// A member that a collection shall have.
#[derive(Clone, Copy, Debug)]
pub enum Member<'n> {
    /// The one with this number, counted from 0; in ascending order.
    Kept(usize),
    /// A new one.
    New(Part<'n>),
}

/// Changes of one text, to be made at once.
#[derive(Debug)]
pub struct Edits<'t> {
    text: &'t str,
    syntax: Syntax,
    line_break: &'static str,
    splices: Vec<Splice>,
}

#[derive(Debug)]
struct Splice {
    start: usize,
    end: usize,
    text: String,
}

impl<'t> Edits<'t> {
    /// Returns no changes of a text, which is without a byte order mark.
    pub fn new(text: &'t str, syntax: Syntax) -> Self {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, syntax, line_break, splices: Vec::new() }
    }

    /// Says whether nothing was changed yet.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    fn splice(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.splices.push(Splice { start, end, text: text.into() });
    }

    fn get(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn is_json(&self) -> bool {
        self.syntax == Syntax::Json
    }

    /// Replaces the value in a place; a single value keeps quotes and block style where it can.
    ///
    /// # Errors
    /// [`EditError::Refused`] where the place is written so that it cannot be changed safely.
    pub fn replace(&mut self, slot: Slot<'_>, new: Part<'_>) -> Result<(), EditError> {
        let node = slot.value().ok_or_else(|| refused("there is nothing to replace"))?;
        let value = new.value()?;
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        if self.is_json() {
            let text = self.indented(&new.one_line(true)?, start);
            self.splice(start, end, text);
            return Ok(());
        }
        let is_block = |style| matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let collection = |node: &Node| matches!(node.kind, Kind::List(_) | Kind::Map(_));
        let in_block = |node: &Node| collection(node) && !node.flow;
        let in_flow = slot.in_flow();
        if !in_flow && (in_block(value) || is_block(value.style) && !is_block(node.style)) {
            let (first, rest) = rest_of(&new.lines(false)?, new.slot)?;
            return self.rewrite(slot, &first, rest);
        }
        if collection(value) {
            let text = new.one_line(false)?;
            return match in_block(node) {
                true => self.rewrite(slot, &text, Vec::new()),
                false => self.put_inline(node, &text),
            };
        }
        let scalar = Value::from(value);
        if in_block(node) {
            let text = render::one_line(&scalar, value.style, in_flow);
            return self.rewrite(slot, &text, Vec::new());
        }
        if is_block(node.style) && !node.alias {
            let block = match &scalar {
                Value::String(text) => {
                    render::block(node.span.range(), self.text, node.style, text)
                }
                _ => None,
            };
            let text = block.unwrap_or_else(|| {
                let line = render::one_line(&scalar, ScalarStyle::Plain, in_flow);
                line + render::line_end(node.source(self.text))
            });
            self.splice(start, end, text);
            return Ok(());
        }
        let quoted = matches!(node.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let same_type = std::mem::discriminant(&node.kind) == std::mem::discriminant(&value.kind);
        let style = match quoted && same_type && !node.alias {
            true => node.style,
            // A text in the place of a number, or the reverse, is written as it came.
            false if is_block(value.style) => ScalarStyle::DoubleQuoted,
            false => value.style,
        };
        self.put_inline(node, &render::one_line(&scalar, style, in_flow))
    }

    /// Puts a text of one line in the place of a value that is written in one piece.
    fn put_inline(&mut self, node: &Node, text: &str) -> Result<(), EditError> {
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        if start == end {
            let before = self.get(0, start);
            if !before.ends_with([':', '-']) && node.anchor.is_none() && node.tag.is_none() {
                return Err(refused("there is no place for a value; write `: ` there first"));
            }
            self.splice(start, end, format!(" {text}"));
        } else {
            self.splice(start, end, text);
        }
        Ok(())
    }

    /// Writes the lines of a block value anew, `first` behind its key or dash. A comment behind the key
    /// or a single value stays behind the first line.
    fn rewrite(&mut self, slot: Slot<'_>, first: &str, rest: Vec<String>) -> Result<(), EditError> {
        let node = slot.value().ok_or_else(|| refused("there is nothing to replace"))?;
        let (outer, index) = match slot {
            Slot::Entry(outer, index) | Slot::Item(outer, index) => (outer, index),
            Slot::Root(_) => return Err(refused("a whole document cannot be replaced")),
        };
        let block = Block::of(self.text, Slot::Root(outer))?;
        let from = match slot.key() {
            None => block.start(index) + 1,
            Some(key) => {
                let at = key.span.end as usize;
                let colon = self.get(at, line_end(self.text, at)).find(':');
                at + colon.ok_or_else(|| refused("the colon of a key was not found"))? + 1
            }
        };
        let end = line_end(self.text, block.end(index).max(from));
        let is_block_value = matches!(node.kind, Kind::List(_) | Kind::Map(_)) && !node.flow
            || matches!(node.style, ScalarStyle::Literal | ScalarStyle::Folded);
        let behind = match is_block_value {
            true if slot.key().is_none() => "",
            true => self.get(from, line_end(self.text, from)),
            false => self.get(value_end(self.text, node).max(from), end),
        };
        let comment = behind.find('#').map_or("", |at| behind.get(at..).unwrap_or_default());
        let comment = comment.trim_end();
        let carriage = if self.get(from, end).ends_with('\r') { "\r" } else { "" };
        let mut text = String::new();
        if !first.is_empty() {
            text.push(' ');
            text.push_str(first);
        }
        if !comment.is_empty() {
            text.push_str(&format!(" {comment}"));
        }
        for line in rest {
            text.push_str(self.line_break);
            if !line.is_empty() {
                text.push_str(&" ".repeat(block.column));
                text.push_str(&line);
            }
        }
        text.push_str(carriage);
        self.splice(from, end, text);
        Ok(())
    }

    /// Gives a collection these members.
    ///
    /// # Errors
    /// [`EditError::Refused`] where the collection is written so that it cannot be changed safely.
    pub fn members(&mut self, slot: Slot<'_>, members: &[Member<'_>]) -> Result<(), EditError> {
        let node = slot.value().ok_or_else(|| refused("there is no list or map"))?;
        if node.alias {
            return Err(refused("it is an alias of a value that stands elsewhere"));
        }
        let count = layout::len(node);
        let in_flow = slot.in_flow();
        let empties = members.is_empty();
        let brackets = match &node.kind {
            Kind::List(_) => ("[", "]"),
            Kind::Map(_) => ("{", "}"),
            _ => match members.first() {
                Some(Member::New(Part { slot: Slot::Item(..), .. })) => ("[", "]"),
                _ => ("{", "}"),
            },
        };
        if count > 0 && (node.flow || in_flow) {
            return self.flow_members(node, members, brackets);
        }
        if count > 0 {
            return match empties {
                true => self.emptied(slot, node, brackets),
                false => self.block_members(slot, members),
            };
        }
        if empties {
            return Ok(());
        }
        // Nothing was in it: `[]`, `{}` or no value at all.
        if in_flow || self.is_json() {
            let inside = self.joined(members)?;
            let text = format!("{}{inside}{}", brackets.0, brackets.1);
            return self.put_inline(node, &text);
        }
        let lines = block_lines(members)?;
        match slot {
            Slot::Root(_) => {
                let text = lines.join(self.line_break);
                self.splice(node.span.start as usize, node.span.end as usize, text);
                Ok(())
            }
            Slot::Item(..) => {
                let mut lines = lines.into_iter();
                let first = lines.next().unwrap_or_default();
                self.rewrite(slot, &first, lines.map(|line| indented_by(&line, 2)).collect())
            }
            Slot::Entry(..) => {
                let lines = lines.iter().map(|line| indented_by(line, 2)).collect();
                self.rewrite(slot, "", lines)
            }
        }
    }

    fn emptied(
        &mut self,
        slot: Slot<'_>,
        node: &Node,
        brackets: (&str, &str),
    ) -> Result<(), EditError> {
        let text = format!("{}{}", brackets.0, brackets.1);
        if let Slot::Root(_) = slot {
            let start = line_start(self.text, node.span.start as usize);
            let end = line_end(self.text, value_end(self.text, node));
            self.splice(start, end, text);
            return Ok(());
        }
        self.rewrite(slot, &text, Vec::new())
    }

    fn block_members(&mut self, slot: Slot<'_>, members: &[Member<'_>]) -> Result<(), EditError> {
        let block = Block::of(self.text, slot)?;
        let count = block.starts.len();
        let kept: Vec<usize> = members.iter().filter_map(Member::kept).collect();
        if kept.is_empty() {
            // All are new: in the place of the first of the old ones.
            let end = line_end(self.text, block.end(count - 1));
            let lines = block_lines(members)?;
            let mut text = String::new();
            for (number, line) in lines.iter().enumerate() {
                if number > 0 {
                    text.push_str(self.line_break);
                    text.push_str(&indented_by(line, block.column));
                } else {
                    text.push_str(line);
                }
            }
            if self.get(block.start(0), end).ends_with('\r') {
                text.push('\r');
            }
            self.splice(block.start(0), end, text);
            return Ok(());
        }
        let first_kept = kept.first().copied().unwrap_or_default();
        let mut gone: Vec<usize> = (0..count).filter(|index| !kept.contains(index)).collect();
        if kept.len() > 32 {
            let kept: std::collections::BTreeSet<usize> = kept.iter().copied().collect();
            gone = (0..count).filter(|index| !kept.contains(index)).collect();
        }
        if block.is_compact() && first_kept > 0 {
            self.remove_compact(&block, first_kept);
            gone.retain(|&index| index > first_kept);
        }
        for index in gone {
            let mut end = block.after(index);
            while index == 0 && self.get(end, line_end(self.text, end)).trim().is_empty() {
                // Nothing is above it: the blank line below would begin the collection.
                let next = next_line(self.text, end);
                if next == end {
                    break;
                }
                end = next;
            }
            self.splice(block.before(index), end, "");
        }
        let is_map = matches!(slot.value().map(|node| &node.kind), Some(Kind::Map(_)));
        let mut last: Option<usize> = None;
        for member in members {
            match member {
                Member::Kept(index) => last = Some(*index),
                Member::New(part) => {
                    // The order of a map means nothing: what would be first goes behind the first.
                    let behind = last.or(is_map.then_some(first_kept));
                    self.insert_lines(&block, behind, first_kept, part)?;
                }
            }
        }
        Ok(())
    }

    /// Removes the members before `first_kept`, the first of which stands behind a dash.
    fn remove_compact(&mut self, block: &Block<'_>, first_kept: usize) {
        let last_end = line_end(self.text, block.end(first_kept - 1));
        let (start, next) = (block.start(0), block.start(first_kept));
        if self.get(last_end, next).trim().is_empty() {
            self.splice(start, next, "");
        } else {
            // Comments stand between: they stay, below a dash that is alone in its line.
            let carriage = self.get(start, last_end).ends_with('\r');
            let before = self.get(0, start);
            let start = before.trim_end_matches(' ').len();
            self.splice(start, last_end, if carriage { "\r" } else { "" });
        }
    }

    fn insert_lines(
        &mut self,
        block: &Block<'_>,
        behind: Option<usize>,
        first_kept: usize,
        part: &Part<'_>,
    ) -> Result<(), EditError> {
        let at = match behind {
            Some(index) => block.after(index),
            None if block.is_compact() => {
                return Err(refused("a first item would be put behind a dash of another list"));
            }
            None => block.lead(first_kept),
        };
        let mut lines = part.lines(true)?;
        if behind.is_none() && lines.first().is_some_and(String::is_empty) {
            lines.remove(0);
        }
        let mut text = String::new();
        let unended = at == self.text.len() && !self.text.ends_with('\n');
        if unended {
            text.push_str(self.line_break);
        }
        for line in &lines {
            text.push_str(&indented_by(line, block.column));
            text.push_str(self.line_break);
        }
        if unended {
            text.truncate(text.len() - self.line_break.len());
        }
        self.splice(at, at, text);
        Ok(())
    }

    fn flow_members(
        &mut self,
        node: &Node,
        members: &[Member<'_>],
        brackets: (&str, &str),
    ) -> Result<(), EditError> {
        let flow = Flow::of(self.text, node);
        let count = flow.starts.len();
        let kept: Vec<usize> = members.iter().filter_map(Member::kept).collect();
        let start = |index: usize| flow.starts.get(index).copied().unwrap_or_default();
        let end = |index: usize| flow.ends.get(index).copied().unwrap_or_default();
        let comma = |index: usize| flow.commas.get(index).copied().flatten();
        let own_lines = |at: usize| self.get(line_start(self.text, at), at).trim().is_empty();
        let multi_line = own_lines(start(0));
        let indent = if multi_line { column(self.text, start(0)) } else { 0 };
        let line_break = self.line_break;
        let between = match multi_line {
            true => format!(",{line_break}{}", " ".repeat(indent)),
            false => ", ".to_owned(),
        };
        if kept.is_empty() {
            let mut texts = Vec::new();
            for member in members {
                if let Member::New(part) = member {
                    let text = part.in_flow(self.is_json())?;
                    texts.push(indented_lines(&text, indent, line_break));
                }
            }
            if texts.is_empty() {
                let (start, end) = (node.span.start as usize, node.span.end as usize);
                self.splice(start, end, format!("{}{}", brackets.0, brackets.1));
            } else {
                self.splice(start(0), end(count - 1), texts.join(&between));
            }
            return Ok(());
        }
        // Removals: a run with a kept member behind it goes up to that one, a run at the end from the
        // end of the kept one before it.
        let mut index = 0;
        let mut removals = Vec::new();
        while index < count {
            if kept.binary_search(&index).is_ok() {
                index += 1;
                continue;
            }
            let first = index;
            while index < count && kept.binary_search(&index).is_err() {
                index += 1;
            }
            if index < count {
                let all = self.get(end(index - 1), start(index));
                let until = match all.contains('#') {
                    true => comma(index - 1).unwrap_or(end(index - 1)),
                    false => start(index),
                };
                removals.push((start(first), until));
            } else {
                // A comment behind the comma belongs to what stays; the comma may stay with it.
                let from = match self.get(end(first - 1), start(first)).contains('#') {
                    true => start(first),
                    false => end(first - 1),
                };
                removals.push((from, end(count - 1)));
            }
        }
        let last_kept = kept.last().copied().unwrap_or_default();
        let mut insertions = Vec::new();
        let mut last: Option<usize> = None;
        for member in members {
            match member {
                Member::Kept(index) => last = Some(*index),
                Member::New(part) => {
                    let text = part.in_flow(self.is_json())?;
                    let text = indented_lines(&text, indent, line_break);
                    let first_kept = kept.first().copied().unwrap_or_default();
                    insertions.push(match last {
                        None => (start(first_kept), format!("{text}{between}")),
                        Some(index) if index == last_kept => (end(index), between.clone() + &text),
                        Some(index) => (start(index + 1), format!("{text}{between}")),
                    });
                }
            }
        }
        for (at, text) in insertions {
            self.splice(at, at, text);
        }
        for (start, end) in removals {
            self.splice(start, end, "");
        }
        Ok(())
    }

    fn joined(&self, members: &[Member<'_>]) -> Result<String, EditError> {
        let mut texts = Vec::new();
        for member in members {
            if let Member::New(part) = member {
                texts.push(part.in_flow(self.is_json())?);
            }
        }
        Ok(texts.join(", "))
    }

    /// Indents the lines below the first like the line that holds `at`.
    fn indented(&self, text: &str, at: usize) -> String {
        let start = line_start(self.text, at);
        let line = self.get(start, at);
        let indent = line.len() - line.trim_start_matches(' ').len();
        indented_lines(text, indent, self.line_break)
    }

    /// Puts a document behind the one that `node` is the root of.
    pub fn insert_document(&mut self, behind: &Node, lines: &str) {
        let at = document_end(self.text, behind);
        let unended = !self.get(0, at).ends_with('\n');
        let mut text = if unended { self.line_break.to_owned() } else { String::new() };
        text.push_str("---");
        for line in lines.trim_matches('\n').split('\n') {
            text.push_str(self.line_break);
            text.push_str(line);
        }
        text.push_str(self.line_break);
        self.splice(at, at, text);
    }

    /// Removes a document with its separator.
    pub fn remove_document(&mut self, node: &Node) {
        let (start, end) = (document_start(self.text, node), document_end(self.text, node));
        // Of the first document the separator behind it goes, so that the next begins the file.
        let end = match start == 0 {
            true => next_line(self.text, end),
            false => end,
        };
        self.splice(start, end, "");
    }

    /// Makes the changes and returns the text.
    ///
    /// # Errors
    /// [`EditError::Refused`] if the text, read again, would not say `expected`, document by document.
    pub fn finish(mut self, expected: &[Value]) -> Result<String, EditError> {
        // Stable: what was inserted deeper comes before what is inserted behind it.
        self.splices.sort_by_key(|splice| (splice.start, splice.end));
        let mut edited = String::with_capacity(self.text.len() + 256);
        let mut at = 0;
        for splice in &self.splices {
            if splice.start < at {
                return Err(refused("two changes would touch the same bytes"));
            }
            edited.push_str(self.get(at, splice.start));
            edited.push_str(&splice.text);
            at = splice.end;
        }
        edited.push_str(self.get(at, self.text.len()));
        let broken = || refused("the file could not be read afterwards");
        let read: Vec<Value> = match self.syntax {
            Syntax::Json => {
                let node = crate::json::parse(&edited).map_err(|_| broken())?;
                vec![Value::from(node)]
            }
            Syntax::Yaml => crate::parse_all(&edited, Schema::Core12)
                .map_err(|_| broken())?
                .iter()
                .map(Value::from)
                .collect(),
        };
        match read == expected {
            true => Ok(edited),
            false => Err(refused("another value would change with it")),
        }
    }
}

impl Member<'_> {
    fn kept(&self) -> Option<usize> {
        match self {
            Member::Kept(index) => Some(*index),
            Member::New(_) => None,
        }
    }
}

/// Returns the bytes of a document: from its separator, or the beginning, to the next one.
pub fn document<'t>(text: &'t str, node: &Node) -> &'t str {
    let all = text.get(document_start(text, node)..document_end(text, node)).unwrap_or_default();
    match all.strip_prefix("---") {
        Some(rest) => rest.trim_start_matches([' ', '\r', '\n']),
        None => all,
    }
}

/// Returns the bytes of a value, without the comments and blank lines below a block.
pub fn source<'t>(text: &'t str, node: &Node) -> &'t str {
    text.get(node.span.start as usize..value_end(text, node)).unwrap_or_default()
}

fn is_separator(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\t']))
}

fn document_start(text: &str, node: &Node) -> usize {
    let mut at = line_start(text, node.span.start as usize);
    loop {
        if is_separator(text.get(at..line_end(text, at)).unwrap_or_default()) || at == 0 {
            return at;
        }
        at = line_start(text, at - 1);
    }
}

fn document_end(text: &str, node: &Node) -> usize {
    let mut at = next_line(text, value_end(text, node));
    while at < text.len() && !is_separator(text.get(at..line_end(text, at)).unwrap_or_default()) {
        at = next_line(text, at);
    }
    at
}

/// Splits the lines of a part behind its key or dash: what follows it in its line, and the lines below.
fn rest_of(lines: &[String], slot: Slot<'_>) -> Result<(String, Vec<String>), EditError> {
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let rest = match slot.key() {
        None => first.strip_prefix('-'),
        Some(key) => {
            let behind = first.get(key.span.range().len()..).unwrap_or_default();
            behind.trim_start().strip_prefix(':')
        }
    };
    let rest = rest.ok_or_else(|| refused("the new value could not be taken apart"))?;
    Ok((rest.trim().to_owned(), lines.get(1..).unwrap_or_default().to_vec()))
}

fn block_lines(members: &[Member<'_>]) -> Result<Vec<String>, EditError> {
    let mut lines = Vec::new();
    for member in members {
        if let Member::New(part) = member {
            let mut own = part.lines(true)?;
            if lines.is_empty() && own.first().is_some_and(String::is_empty) {
                own.remove(0);
            }
            lines.extend(own);
        }
    }
    // The first line takes the place behind a key or dash, so no comment may be it.
    while lines.first().is_some_and(|line| line.starts_with('#')) {
        lines.remove(0);
    }
    Ok(lines)
}

fn indented_by(line: &str, spaces: usize) -> String {
    if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(spaces)) }
}

fn indented_lines(text: &str, indent: usize, line_break: &str) -> String {
    let mut lines = text.split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push_str(line_break);
        out.push_str(&indented_by(line, indent));
    }
    out
}
