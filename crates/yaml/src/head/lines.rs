//! The quickest way to a head: lines as templates print them, looked at one after the other.
//!
//! Takes block maps and block lists whose keys, dashes and scalars stand where everybody puts them, without
//! events or tokens. Whatever looks different, or might be wrong, makes it give up: then the parser has to
//! say what it is. What it does take, the parser takes too, and finds the same head in it.

use memchr::{memchr, memchr2, memchr3, memmem};

use super::{Head, Part, is_odd_key, keep};
use crate::events::PLAIN_START;
use crate::resolve_go2::{Scalar, resolve_plain};

/// How deep lists and maps may lie in each other before the parser takes over.
const MAX_DEPTH: usize = 200;
/// A key has at most 1,024 characters.
const MAX_KEY: usize = 1_000;

/// Reads the head of a document of common lines; `None` where the parser has to look.
///
/// The text has no byte order mark and no control characters.
pub(super) fn head_of_lines(text: &str) -> Option<Head> {
    let bytes = text.as_bytes();
    if memchr(b'\r', bytes).is_some() {
        return None;
    }
    // Line breaks beyond ASCII.
    let breaks = ["\u{85}", "\u{2028}", "\u{2029}", "\u{feff}"];
    if !text.is_ascii() && breaks.iter().any(|it| memmem::find(bytes, it.as_bytes()).is_some()) {
        return None;
    }
    let lines = Lines {
        text,
        at: 0,
        line_end: 0,
        begun: false,
        open: Vec::with_capacity(24),
        value: None,
        plain: None,
        head: Head { is_map: true, is_plain: true, ..Head::default() },
        annotation: String::new(),
    };
    lines.read()
}

/// An open list or map.
struct Open {
    column: usize,
    /// `None` for a list.
    part: Option<Part>,
}

/// A plain scalar that may go on in the next line.
struct Plain {
    /// Lines that are more indented than this belong to it.
    column: usize,
    /// Whether it is a part of the head.
    counts: bool,
}

struct Lines<'t> {
    text: &'t str,
    at: usize,
    /// Where the line ends that was taken last.
    line_end: usize,
    begun: bool,
    open: Vec<Open>,
    /// What the value is that has to come now: nothing stood behind its key or dash yet.
    value: Option<Part>,
    plain: Option<Plain>,
    head: Head,
    annotation: String,
}

impl<'t> Lines<'t> {
    fn read(mut self) -> Option<Head> {
        while let Some((column, rest)) = self.line() {
            match rest.as_bytes().first() {
                None => continue,
                Some(b'\t') => return None,
                Some(b'#') => {
                    self.plain = None;
                    continue;
                }
                Some(b'-') if column == 0 && rest.starts_with("---") => return None,
                Some(_) => {}
            }
            match self.plain.take() {
                Some(plain) if column > plain.column => {
                    if plain.counts || plain_end(rest)? < rest.len() {
                        return None;
                    }
                    self.plain = Some(plain);
                }
                _ => self.entry(column, rest)?,
            }
        }
        self.begun.then_some(self.head)
    }

    /// Takes the next line: how far it is indented, and what stands there.
    fn line(&mut self) -> Option<(usize, &'t str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = rest.get(..end)?;
        self.line_end = self.at + end;
        self.at = self.line_end + 1;
        let column = spaces(line);
        Some((column, line.get(column..)?))
    }

    /// Takes a line with dashes, a key, a value, or some of these.
    fn entry(&mut self, mut column: usize, mut rest: &'t str) -> Option<()> {
        let mut list = None;
        while rest.starts_with("- ") {
            self.item(column)?;
            list = Some(column);
            let width = 1 + spaces(rest.get(1..)?);
            column += width;
            rest = rest.get(width..)?;
        }
        let Some(colon) = key_end(rest)? else {
            // Only what follows a dash may be no key.
            let list = list.filter(|_| !rest.is_empty())?;
            self.value = None;
            return self.scalar(rest, list, Part::Other);
        };
        let part = self.key(column, rest.get(..colon)?)?;
        let rest = rest.get(colon + 1..)?;
        let value = rest.get(spaces(rest)..)?;
        if value.is_empty() || value.starts_with('#') {
            self.value = Some(part);
            keep(&mut self.head, part, None, &mut self.annotation);
            return Some(());
        }
        self.scalar(value, column, part)
    }

    /// Closes what is more indented; what was still waiting for its value there has none.
    fn close(&mut self, column: usize, and_list: bool) {
        while let Some(top) = self.open.last()
            && (top.column > column || and_list && top.column == column && top.part.is_none())
        {
            self.open.pop();
            self.value = None;
        }
    }

    /// Begins an item of a list.
    fn item(&mut self, column: usize) -> Option<()> {
        self.close(column, false);
        let top = self.open.last()?;
        let goes_on = top.column == column && top.part.is_none();
        if !goes_on {
            let part = self.value?;
            self.not_plain_if(matches!(part, Part::Metadata | Part::Annotations));
            self.push(column, None)?;
        }
        self.value = Some(Part::Other);
        Some(())
    }

    /// Begins an entry of a map; returns which part its value is.
    fn key(&mut self, column: usize, key: &str) -> Option<Part> {
        self.close(column, true);
        match self.open.last() {
            Some(Open { column: same, part: Some(_) }) if *same == column => {}
            Some(_) => {
                let part = self.value?;
                self.push(column, Some(part))?;
            }
            // The outermost map is the first thing there is.
            None if self.begun => return None,
            None => {
                self.begun = true;
                self.push(column, Some(Part::Root))?;
            }
        }
        self.value = None;
        let part = self.open.last()?.part?;
        let text = match key.as_bytes().first()? {
            b'"' | b'\'' => key.get(1..key.len() - 1)?,
            _ if resolve_plain(key) != Scalar::Text => return None,
            _ => key,
        };
        let below = part.below(text);
        self.not_plain_if(below == Part::Other && is_odd_key(part, text));
        if below == Part::Annotation {
            text.clone_into(&mut self.annotation);
        }
        Some(below)
    }

    fn push(&mut self, column: usize, part: Option<Part>) -> Option<()> {
        self.open.push(Open { column, part });
        (self.open.len() <= MAX_DEPTH).then_some(())
    }

    fn not_plain_if(&mut self, is_odd: bool) {
        self.head.is_plain &= !is_odd;
    }

    /// Takes the value of a key, or an item; `column` is that of the map or list that it is in.
    fn scalar(&mut self, rest: &'t str, column: usize, part: Part) -> Option<()> {
        let counts = part != Part::Other;
        self.not_plain_if(matches!(part, Part::Metadata | Part::Annotations));
        let bytes = rest.as_bytes();
        let text = match (bytes.first()?, bytes.get(1)) {
            (quote @ (b'"' | b'\''), _) => {
                let Some((end, is_literal)) = quoted_end(rest, *quote) else {
                    let start = self.line_end - rest.len();
                    return (!counts).then(|| self.quoted_lines(start, *quote, column))?;
                };
                if !is_blank_or_comment(rest.get(end..)?) {
                    return None;
                }
                if counts && !is_literal {
                    return None;
                }
                rest.get(1..end - 1)
            }
            (b'|' | b'>', _) if !counts && matches!(rest.get(1..)?, "" | "-" | "+") => {
                return self.block_scalar(column);
            }
            (b'{', _) if !counts && rest == "{}" => None,
            (b'[', _) if !counts && rest == "[]" => None,
            (first, second) if starts_plain(*first, second.copied()) => {
                let end = plain_end(rest)?;
                let text = rest.get(..end)?.trim_end_matches(' ');
                // A comment ends it for good.
                self.plain = (end == rest.len()).then_some(Plain { column, counts });
                match resolve_plain(text) {
                    Scalar::Text | Scalar::Timestamp => Some(text),
                    Scalar::Float(value) if !value.is_finite() => return None,
                    _ => None,
                }
            }
            _ => return None,
        };
        if counts {
            keep(&mut self.head, part, text.map(str::to_owned), &mut self.annotation);
        }
        Some(())
    }

    /// Steps over a quoted scalar of several lines, which are more indented than `column`.
    fn quoted_lines(&mut self, start: usize, quote: u8, column: usize) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            let found = at + memchr3(quote, b'\\', b'\n', bytes.get(at..)?)?;
            at = match (*bytes.get(found)?, bytes.get(found + 1)) {
                (b'\n', _) => {
                    let line = self.text.get(found + 1..)?;
                    let indent = spaces(line);
                    match line.as_bytes().get(indent)? {
                        b'\n' => {}
                        b'\t' => return None,
                        _ if indent <= column => return None,
                        _ => {}
                    }
                    found + 1 + indent
                }
                (b'\\', _) if quote == b'\'' => found + 1,
                (b'\\', Some(b'\n')) => found + 1,
                (b'\\', Some(b'"' | b'\\' | b'n' | b't')) => found + 2,
                (b'\\', _) => return None,
                (_, Some(b'\'')) if quote == b'\'' => found + 2,
                _ => {
                    self.at = found + 1;
                    let (blanks, after) = self.line().unwrap_or_default();
                    let ends = after.is_empty() || blanks > 0 && after.starts_with('#');
                    return ends.then_some(());
                }
            };
        }
    }

    /// Steps over the lines of a block scalar that stands in a map or list of this column.
    fn block_scalar(&mut self, column: usize) -> Option<()> {
        let mut indent = None;
        let mut blank = 0;
        loop {
            let before = self.at;
            let Some((spaces, rest)) = self.line() else { return Some(()) };
            let Some(first) = rest.as_bytes().first() else {
                if indent.is_none() {
                    blank = blank.max(spaces);
                }
                continue;
            };
            match indent {
                Some(indent) if spaces >= indent => {}
                None if spaces > column && *first != b'\t' && blank <= spaces => {
                    indent = Some(spaces);
                }
                None if spaces > column => return None,
                _ if *first == b'\t' => return None,
                _ => {
                    self.at = before;
                    return Some(());
                }
            }
        }
    }
}

fn spaces(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b' ').count()
}

fn is_blank_or_comment(text: &str) -> bool {
    let blanks = spaces(text);
    let rest = text.get(blanks..).unwrap_or_default();
    rest.is_empty() || blanks > 0 && rest.starts_with('#')
}

fn starts_plain(first: u8, second: Option<u8>) -> bool {
    PLAIN_START[first as usize]
        || (first == b'-'
            && second.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// Returns where the colon stands that ends a key; the inner `None` means that there is no key, the outer one
/// that it is hard to say.
fn key_end(line: &str) -> Option<Option<usize>> {
    let bytes = line.as_bytes();
    let end = match *bytes.first()? {
        quote @ (b'"' | b'\'') => match quoted_end(line, quote)? {
            (end, is_literal) if bytes.get(end) == Some(&b':') => {
                is_literal.then_some(end).filter(|end| *end > 2)?
            }
            // A blank before the colon is allowed.
            (end, _) if line.get(end..)?.trim_start_matches(' ').starts_with(':') => return None,
            _ => return Some(None),
        },
        b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'/' | b'$' => {
            let is_simple = |byte: &u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-' | b'$')
            };
            bytes.iter().take_while(|byte| is_simple(byte)).count()
        }
        _ => return Some(None),
    };
    let is_key = bytes.get(end) == Some(&b':')
        && matches!(bytes.get(end + 1), None | Some(b' '))
        && end <= MAX_KEY;
    Some(is_key.then_some(end))
}

/// Returns where a quoted scalar ends on its line, and whether it is exactly what stands in its quotes.
fn quoted_end(line: &str, quote: u8) -> Option<(usize, bool)> {
    let bytes = line.as_bytes();
    let mut at = 1;
    let mut is_literal = true;
    loop {
        let found = at + memchr2(quote, b'\\', bytes.get(at..)?)?;
        match (*bytes.get(found)?, bytes.get(found + 1)) {
            (b'\\', _) if quote == b'\'' => at = found + 1,
            (b'\\', Some(b'"' | b'\\' | b'n' | b't')) => (at, is_literal) = (found + 2, false),
            (b'\\', _) => return None,
            (_, Some(b'\'')) if quote == b'\'' => (at, is_literal) = (found + 2, false),
            _ => return Some((found + 1, is_literal)),
        }
    }
}

/// Returns where a plain scalar ends on its line: at its end, or before a comment.
fn plain_end(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr3(b':', b'#', b'\t', bytes.get(at..)?) {
        let found = at + found;
        match (*bytes.get(found)?, bytes.get(found + 1)) {
            (b':', None | Some(b' ' | b'\t')) | (b'\t', _) => return None,
            (b'#', _) if found == 0 || bytes.get(found - 1) == Some(&b' ') => return Some(found),
            _ => at = found + 1,
        }
    }
    Some(bytes.len())
}
