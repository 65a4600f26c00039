//! Putting the characters of a scalar down: styles, folding, escapes, indentation.

use super::Emitter;
use super::analysis::{self, Analysis};

/// Lines longer than this are folded where a space allows it.
const WIDTH: i32 = 80;
const SPACES: &str = "                                                                ";

impl Emitter {
    /// Writes a text in the style that Go would choose.
    pub(super) fn write_string(&mut self, text: &str, analysis: &Analysis, simple_key: bool) {
        let saved = self.indent;
        self.indent = if self.indent < 0 { 2 } else { self.indent + 2 };
        let fold = !simple_key;
        if analysis.multiline && memchr::memchr(b'\n', text.as_bytes()).is_some() {
            if analysis.block_allowed && !simple_key {
                self.write_literal(text, analysis.rare);
            } else {
                self.write_double_quoted(text, fold);
            }
        } else if !analysis::stays_text(text) {
            self.write_double_quoted(text, fold);
        } else if analysis.plain_allowed && !(text.is_empty() && simple_key) {
            self.write_folding(text, analysis, fold, false);
        } else if analysis.single_quoted_allowed {
            self.write_folding(text, analysis, fold, true);
        } else {
            self.write_double_quoted(text, fold);
        }
        self.indent = saved;
    }

    /// Writes a scalar that is no text, such as a number.
    pub(super) fn word(&mut self, word: &str) {
        self.begin_item();
        self.space_before();
        self.put(word);
        self.whitespace = false;
        self.indention = false;
    }

    pub(super) fn write_indicator(
        &mut self,
        indicator: &str,
        needs_space: bool,
        is_whitespace: bool,
        is_indention: bool,
    ) {
        if needs_space {
            self.space_before();
        }
        self.put(indicator);
        self.whitespace = is_whitespace;
        self.indention = self.indention && is_indention;
    }

    /// Goes to the indentation, on a new line where this one has something in it.
    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            let missing = usize::try_from(indent - self.column).unwrap_or(0);
            let spaces = SPACES.get(..missing).unwrap_or(SPACES);
            self.put(spaces);
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn space_before(&mut self) {
        if !self.whitespace {
            self.put(" ");
        }
    }

    /// Appends ASCII text.
    fn put(&mut self, ascii: &str) {
        self.out.push_str(ascii);
        self.column = self.column.saturating_add(i32::try_from(ascii.len()).unwrap_or(i32::MAX));
    }

    /// Appends text of any characters without line breaks.
    fn put_text(&mut self, text: &str, ascii: bool) {
        if ascii {
            return self.put(text);
        }
        self.out.push_str(text);
        let characters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
        self.column = self.column.saturating_add(characters);
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Writes a plain or single-quoted scalar.
    fn write_folding(&mut self, text: &str, analysis: &Analysis, fold: bool, quoted: bool) {
        if quoted {
            self.write_indicator("'", true, false, false);
        } else {
            self.space_before();
        }
        if analysis.multiline {
            self.put_with_breaks(text, fold, quoted);
        } else {
            self.put_words(text, analysis.ascii, fold, quoted);
        }
        if quoted {
            self.write_indicator("'", false, false, false);
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn put_words(&mut self, text: &str, ascii: bool, fold: bool, quoted: bool) {
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
        if !fold || self.column.saturating_add(length) <= WIDTH {
            return self.put_quotable(text, ascii, quoted);
        }
        let bytes = text.as_bytes();
        let mut written = 0;
        let mut after_space = false;
        for at in memchr::memchr_iter(b' ', bytes) {
            self.put_quotable(text.get(written..at).unwrap_or_default(), ascii, quoted);
            // A second space in a row never becomes the fold, nor does the first or last character.
            after_space = (after_space || at == 0) && at == written;
            let edge = quoted && (at == 0 || at + 1 == bytes.len());
            let next_is_space = bytes.get(at + 1) == Some(&b' ');
            if !after_space && !edge && !next_is_space && self.column > WIDTH {
                self.write_indent();
            } else {
                self.put(" ");
            }
            written = at + 1;
            after_space = true;
        }
        self.put_quotable(text.get(written..).unwrap_or_default(), ascii, quoted);
    }

    fn put_quotable(&mut self, text: &str, ascii: bool, quoted: bool) {
        if !quoted {
            return self.put_text(text, ascii);
        }
        let mut written = 0;
        for at in memchr::memchr_iter(b'\'', text.as_bytes()) {
            self.put_text(text.get(written..=at).unwrap_or_default(), ascii);
            self.put("'");
            written = at + 1;
        }
        self.put_text(text.get(written..).unwrap_or_default(), ascii);
    }

    /// The rare scalar with U+2028 or U+2029 in it: these stay, and the next line is indented.
    fn put_with_breaks(&mut self, text: &str, fold: bool, quoted: bool) {
        let (mut spaces, mut breaks) = (false, false);
        for (at, character) in text.char_indices() {
            let rest = text.get(at + character.len_utf8()..).unwrap_or_default();
            if character == ' ' {
                let edge = quoted && (at == 0 || rest.is_empty());
                if fold && !spaces && self.column > WIDTH && !edge && !rest.starts_with(' ') {
                    self.write_indent();
                } else {
                    self.put(" ");
                }
                spaces = true;
            } else if analysis::is_break(character) {
                if !breaks && character == '\n' {
                    self.line_break();
                }
                self.put_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if quoted && character == '\'' {
                    self.put("'");
                }
                self.put_character(character);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }

    fn put_character(&mut self, character: char) {
        self.out.push(character);
        self.column = self.column.saturating_add(1);
    }

    fn put_break(&mut self, character: char) {
        self.out.push(character);
        self.column = 0;
    }

    fn write_double_quoted(&mut self, text: &str, fold: bool) {
        self.write_indicator("\"", true, false, false);
        // Go looks for the byte order mark at the beginning of the text, whatever character it is at.
        let escape_all = text.starts_with('\u{feff}');
        let mut after_space = false;
        for (at, character) in text.char_indices() {
            let escaped = escape_all
                || matches!(character, '"' | '\\')
                || !analysis::is_printable(character)
                || analysis::is_break(character);
            if escaped {
                self.put_escape(character);
                after_space = false;
            } else if character == ' ' {
                let rest = text.get(at + 1..).unwrap_or_default();
                if fold && !after_space && self.column > WIDTH && at > 0 && !rest.is_empty() {
                    self.write_indent();
                    if rest.starts_with(' ') {
                        self.put("\\");
                    }
                } else {
                    self.put(" ");
                }
                after_space = true;
            } else {
                self.put_character(character);
                after_space = false;
            }
        }
        self.write_indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn put_escape(&mut self, character: char) {
        let short = match character {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{a0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            other => {
                let code = u32::from(other);
                let escape = match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                return self.put(&escape);
            }
        };
        self.put(short);
    }

    fn write_literal(&mut self, text: &str, rare: bool) {
        self.write_indicator("|", true, false, false);
        let mut characters = text.chars();
        if text.starts_with(' ') || characters.next().is_some_and(analysis::is_break) {
            self.put("2");
        }
        let mut from_end = text.chars().rev();
        if !from_end.next().is_some_and(analysis::is_break) {
            self.put("-");
        } else if from_end.next().is_none_or(analysis::is_break) {
            self.put("+");
        }
        self.line_break();
        if !rare {
            for line in text.split_inclusive('\n') {
                self.put_literal_line(line.strip_suffix('\n').unwrap_or(line));
                if line.ends_with('\n') {
                    self.line_break();
                }
            }
            self.indention = text.ends_with('\n');
            self.whitespace = true;
            return;
        }
        let mut line_begins = true;
        for line in text.split_inclusive(analysis::is_break) {
            let content = line.trim_end_matches(analysis::is_break);
            self.put_literal_line(content);
            line_begins = content.len() < line.len();
            match line.chars().next_back() {
                Some('\n') => self.line_break(),
                Some(other) if line_begins => self.put_break(other),
                _ => {}
            }
        }
        self.indention = line_begins;
        // As after the `|`: Go leaves this as it was, whatever was written since.
        self.whitespace = true;
    }
}

impl Emitter {
    /// Writes a line of a literal scalar, without its break. The column does not matter there.
    fn put_literal_line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        self.indention = true;
        self.whitespace = true;
        self.write_indent();
        self.out.push_str(line);
        self.column = i32::MAX;
    }
}

/// Returns a text as Go would quote it in block context, on one line where that is possible.
pub fn scalar_go2(text: &str) -> String {
    let mut emitter = Emitter::new();
    emitter.begin_list();
    emitter.string(text);
    emitter.end_list();
    let written = emitter.finish().unwrap_or_default();
    let scalar = written.strip_prefix("- ").unwrap_or(&written);
    scalar.strip_suffix('\n').unwrap_or(scalar).to_owned()
}

/// Returns a text in double quotes, on one line.
pub(crate) fn double_quoted(text: &str) -> String {
    let mut emitter = Emitter::new();
    emitter.write_double_quoted(text, false);
    emitter.out
}

/// Says whether a text may stand without quotes; not whether it is then read as a text.
pub(crate) fn can_be_plain(text: &str, in_flow: bool) -> bool {
    let in_brackets = |c: char| matches!(c, ',' | '?' | '[' | ']' | '{' | '}');
    !text.is_empty()
        && analysis::analyze(text).plain_allowed
        && !(in_flow
            && (text.contains(in_brackets) || text.ends_with(':') || text.starts_with(':')))
}
