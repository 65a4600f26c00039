//! Scanning scalars: plain, quoted, literal and folded.

use std::borrow::Cow;

use super::characters::{BLOCK, DOUBLE, FLOW, SINGLE, SPECIAL};
use super::scanner::{CONTROL, Scanner};
use super::token::{Scan, Token, TokenKind};
use crate::ScalarStyle;

/// Line breaks that wait to be folded.
#[derive(Default)]
struct Breaks {
    /// The first one, if there was one.
    first: Option<&'static str>,
    /// Those after it.
    more: String,
}

impl Breaks {
    fn push(&mut self, line_break: &'static str) {
        if self.first.is_none() {
            self.first = Some(line_break);
        } else {
            self.more.push_str(line_break);
        }
    }

    /// Appends them: a single one is a space, of several the first goes.
    fn fold_into(&mut self, text: &mut String) {
        match self.first {
            Some("\n") if self.more.is_empty() => text.push(' '),
            Some("\n") | None => text.push_str(&self.more),
            Some(exotic) => {
                text.push_str(exotic);
                text.push_str(&self.more);
            }
        }
        self.first = None;
        self.more.clear();
    }
}

/// Text that is borrowed as long as it stands in the source as it is.
struct Content<'t> {
    text: &'t str,
    /// Where the piece begins that is not copied yet.
    begin: usize,
    copied: Option<String>,
}

impl<'t> Content<'t> {
    fn new(text: &'t str, begin: usize) -> Self {
        Self { text, begin, copied: None }
    }

    /// Copies up to a place and goes on at another.
    fn copy(&mut self, end: usize, next: usize) -> &mut String {
        let piece = self.text.get(self.begin..end).unwrap_or_default();
        self.begin = next;
        let copied = self.copied.get_or_insert_default();
        copied.push_str(piece);
        copied
    }

    fn finish(self, end: usize) -> Cow<'t, str> {
        let piece = self.text.get(self.begin..end).unwrap_or_default();
        match self.copied {
            None => Cow::Borrowed(piece),
            Some(mut copied) => {
                copied.push_str(piece);
                Cow::Owned(copied)
            }
        }
    }
}

impl<'t> Scanner<'t> {
    /// Scans a plain scalar; returns it and where it ends (blanks after it are skipped as well).
    pub(super) fn scan_plain_scalar(&mut self) -> Scan<(Cow<'t, str>, usize)> {
        let start = self.at;
        let indent = self.indent + 1;
        let mut content = Content::new(self.text, start);
        let mut end = start;
        let mut breaks = Breaks::default();
        let mut leading_blanks = false;
        loop {
            if self.byte() == b'#' || self.at_document_indicator() {
                break;
            }
            let begin = self.at;
            self.skip_plain_characters();
            if self.at > begin {
                if leading_blanks {
                    breaks.fold_into(content.copy(end, begin));
                    leading_blanks = false;
                }
                end = self.at;
            }
            if !self.is_blank_at(self.at) && !self.is_break_at(self.at) {
                break;
            }
            loop {
                if self.is_blank_at(self.at) {
                    if leading_blanks
                        && self.byte() == b'\t'
                        && self.at - self.line_start < usize::try_from(indent).unwrap_or(0)
                    {
                        return Err(
                            self.problem("found a tab character that violates indentation", start)
                        );
                    }
                    self.at += 1;
                } else if let Some(line_break) = self.read_line() {
                    breaks.push(line_break);
                    leading_blanks = true;
                } else {
                    break;
                }
            }
            if self.flow_level == 0 && leading_blanks {
                let column = i32::try_from(self.at - self.line_start).unwrap_or(i32::MAX);
                if column < indent {
                    break;
                }
            }
        }
        if leading_blanks {
            self.simple_key_allowed = true;
        }
        Ok((content.finish(end), end))
    }

    /// Steps over the characters of a plain scalar, up to a line break or an indicator, or at least
    /// up to a blank.
    fn skip_plain_characters(&mut self) {
        let mask = if self.flow_level > 0 { FLOW } else { BLOCK };
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let ordinary = rest.iter().position(|&byte| SPECIAL[byte as usize] & mask != 0);
            self.at += ordinary.unwrap_or(rest.len());
            match self.byte() {
                b':' if !self.is_blankz_at(self.at + 1) => self.at += 1,
                0xC2 | 0xE2 if !self.is_break_at(self.at) => self.at += 1,
                b' ' if mask == BLOCK && !self.carriage_returns && !self.exotic_breaks => {
                    return self.skip_plain_line();
                }
                _ => return,
            }
        }
    }

    /// Steps over the rest of a line that belongs to a plain scalar, but not over blanks at its end.
    fn skip_plain_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut line =
            rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or(rest);
        let blank = |byte: Option<&u8>| matches!(byte, None | Some(b' ' | b'\t'));
        let ends = memchr::memchr2_iter(b':', b'#', line).find(|&at| match line.get(at) {
            Some(b':') => blank(line.get(at + 1)),
            _ => blank(at.checked_sub(1).and_then(|before| line.get(before))),
        });
        line = line.get(..ends.unwrap_or(line.len())).unwrap_or(line);
        while let [before @ .., b' ' | b'\t'] = line {
            line = before;
        }
        self.at += line.len();
    }

    /// Steps over a line break and returns what it counts as.
    fn read_line(&mut self) -> Option<&'static str> {
        let at = self.at;
        if !self.skip_line() {
            return None;
        }
        Some(match (self.byte_at(at), self.byte_at(at + 2)) {
            (0xE2, 0xA8) => "\u{2028}",
            (0xE2, _) => "\u{2029}",
            _ => "\n",
        })
    }

    /// Scans `'…'` or `"…"`.
    pub(super) fn scan_quoted_scalar(&mut self) -> Scan<(Cow<'t, str>, ScalarStyle)> {
        let start = self.at;
        let quote = self.byte();
        let single = quote == b'\'';
        let mask = if single { SINGLE } else { DOUBLE };
        self.at += 1;
        let mut content = Content::new(self.text, self.at);
        loop {
            if self.at_document_indicator() {
                return Err(self.problem("found unexpected document indicator", start));
            }
            if self.is_end() {
                return Err(self.problem("found unexpected end of stream", start));
            }
            // Whether a line break has come, be it escaped.
            let mut leading_blanks = false;
            loop {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let ordinary = rest.iter().position(|&byte| SPECIAL[byte as usize] & mask != 0);
                self.at += ordinary.unwrap_or(rest.len());
                match self.byte() {
                    b'\'' if single && self.byte_at(self.at + 1) == b'\'' => {
                        content.copy(self.at + 1, self.at + 2);
                        self.at += 2;
                    }
                    b'\\' if !single => {
                        if self.is_break_at(self.at + 1) {
                            let end = self.at;
                            self.at += 1;
                            self.skip_line();
                            content.copy(end, self.at);
                            leading_blanks = true;
                            break;
                        }
                        self.scan_escape(start, &mut content)?;
                    }
                    0xC2 | 0xE2 if !self.is_break_at(self.at) => self.at += 1,
                    _ => break,
                }
            }
            if self.byte() == quote {
                break;
            }
            if self.byte() == 0 && !self.is_end() {
                return Err(self.problem(CONTROL, start));
            }
            self.fold_quoted(&mut content, leading_blanks);
        }
        let text = content.finish(self.at);
        self.at += 1;
        let style = if single { ScalarStyle::SingleQuoted } else { ScalarStyle::DoubleQuoted };
        Ok((text, style))
    }

    /// Steps over blanks and line breaks inside a quoted scalar, and folds the breaks.
    fn fold_quoted(&mut self, content: &mut Content<'t>, mut leading_blanks: bool) {
        let end = self.at;
        let mut breaks = Breaks::default();
        if leading_blanks {
            // After an escaped break every further one counts.
            breaks.first = Some("");
        }
        loop {
            if self.is_blank_at(self.at) {
                self.at += 1;
            } else if let Some(line_break) = self.read_line() {
                breaks.push(line_break);
                leading_blanks = true;
            } else {
                break;
            }
        }
        if leading_blanks {
            breaks.fold_into(content.copy(end, self.at));
        }
    }

    fn scan_escape(&mut self, start: usize, content: &mut Content<'t>) -> Scan<()> {
        let digits = match self.byte_at(self.at + 1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let Some(character) = short_escape(other) else {
                    return Err(self.problem("found unknown escape character", start));
                };
                content.copy(self.at, self.at + 2).push(character);
                self.at += 2;
                return Ok(());
            }
        };
        let end = self.at;
        self.at += 2;
        let mut value: u32 = 0;
        for index in 0..digits {
            let Some(digit) = char::from(self.byte_at(self.at + index)).to_digit(16) else {
                return Err(self.problem("did not find expected hexdecimal number", start));
            };
            value = value.wrapping_shl(4) | digit;
        }
        let Some(character) = char::from_u32(value) else {
            return Err(self.problem("found invalid Unicode character escape code", start));
        };
        self.at += digits;
        content.copy(end, self.at).push(character);
        Ok(())
    }

    /// Scans `|` or `>` with the lines below it.
    pub(super) fn scan_block_scalar(&mut self) -> Scan<Token<'t>> {
        let start = self.at;
        let literal = self.byte() == b'|';
        self.at += 1;
        let (keep, strip, increment) = self.scan_block_header(start)?;
        self.skip_blanks();
        self.skip_comment();
        if !self.is_end() && !self.is_break_at(self.at) {
            return Err(self.problem("did not find expected comment or line break", start));
        }
        self.skip_line();
        let mut end = self.at;
        let mut indent = increment.map_or(0, |increment| self.indent.max(0) + increment);
        let mut breaks = String::new();
        self.scan_block_breaks(&mut indent, &mut breaks, start, &mut end)?;
        let mut text = String::new();
        let mut line_break: Option<&'static str> = None;
        let mut leading_blank = false;
        while self.column() == indent && !self.is_end() {
            let blank = self.is_blank_at(self.at);
            if !literal && !leading_blank && !blank && line_break == Some("\n") {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(line_break.unwrap_or_default());
            }
            text.push_str(&breaks);
            breaks.clear();
            leading_blank = blank;
            let line_end = self.line_end(self.at);
            text.push_str(self.text.get(self.at..line_end).unwrap_or_default());
            self.at = line_end;
            line_break = self.read_line();
            self.scan_block_breaks(&mut indent, &mut breaks, start, &mut end)?;
        }
        if !strip {
            text.push_str(line_break.unwrap_or_default());
        }
        if keep {
            text.push_str(&breaks);
        }
        let style = if literal { ScalarStyle::Literal } else { ScalarStyle::Folded };
        let kind = TokenKind::Scalar(Cow::Owned(text), style);
        Ok(Token { kind, start: start as u32, end: end as u32 })
    }

    /// Scans chomping and indentation after `|`: whether to keep, whether to strip, and how deep.
    fn scan_block_header(&mut self, start: usize) -> Scan<(bool, bool, Option<i32>)> {
        let (mut keep, mut strip, mut increment) = (false, false, None);
        for _ in 0..2 {
            match self.byte() {
                byte @ (b'+' | b'-') if !keep && !strip => {
                    keep = byte == b'+';
                    strip = byte == b'-';
                }
                b'0' if increment.is_none() => {
                    return Err(self.problem("found an indentation indicator equal to 0", start));
                }
                digit @ b'1'..=b'9' if increment.is_none() => {
                    increment = Some(i32::from(digit - b'0'));
                }
                _ => break,
            }
            self.at += 1;
        }
        Ok((keep, strip, increment))
    }

    /// Steps over indentation and empty lines; finds out the indentation where it is not known (0).
    fn scan_block_breaks(
        &mut self,
        indent: &mut i32,
        breaks: &mut String,
        start: usize,
        end: &mut usize,
    ) -> Scan<()> {
        *end = self.at;
        let mut deepest = 0;
        loop {
            let mut column = self.column();
            let spaces = self.bytes.get(self.at..).unwrap_or_default().iter();
            let spaces = spaces.take_while(|byte| **byte == b' ');
            let spaces = match *indent {
                0 => spaces.count(),
                indent => spaces.take(usize::try_from(indent - column).unwrap_or(0)).count(),
            };
            self.at += spaces;
            column = column.saturating_add(i32::try_from(spaces).unwrap_or(i32::MAX));
            deepest = deepest.max(column);
            if (*indent == 0 || column < *indent) && self.byte() == b'\t' {
                return Err(self.problem(
                    "found a tab character where an indentation space is expected",
                    start,
                ));
            }
            let Some(line_break) = self.read_line() else { break };
            breaks.push_str(line_break);
            *end = self.at;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

/// Returns the character that a one-letter escape stands for.
fn short_escape(letter: u8) -> Option<char> {
    Some(match letter {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
