//! Go's syntax of regular expressions, turned into the one of the `regex` crate.
//!
//! The two agree on what matters (leftmost-first, linear time) but not on the letter: `\d` is
//! ASCII in Go, `[` and `&&` in a class and `{` without numbers are plain characters there, `\<`
//! is an escaped `<`. Every part is written again in a form that means the same to the crate, and
//! what Go refuses is refused with its words.

use std::fmt::Write;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    code: &'static str,
    part: String,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.code, self.part)
    }
}

impl SyntaxError {
    pub(super) fn new(code: &'static str, part: impl Into<String>) -> SyntaxError {
        SyntaxError { code, part: part.into() }
    }
}

type Parsed<T> = Result<T, SyntaxError>;

const MISSING_BRACKET: &str = "missing closing ]";
const INVALID_RANGE: &str = "invalid character class range";
const INVALID_ESCAPE: &str = "invalid escape sequence";
const INVALID_REPEAT: &str = "invalid repeat count";
/// How deep groups may be nested, as in Go.
const NESTING: usize = 1_000;
/// How often something may be repeated, nested repetitions multiplied.
const REPEATS: u64 = 1_000;

/// What is open: the expression itself or a group.
#[derive(Debug, Default)]
struct Frame {
    /// Whether something stands before that a repetition may apply to.
    has_item: bool,
    /// How often the last item repeats its parts.
    last_weight: u64,
    /// The largest of the weights so far.
    weight: u64,
}

impl Frame {
    fn item(&mut self, weight: u64) {
        self.has_item = true;
        self.last_weight = weight;
        self.weight = self.weight.max(weight);
    }
}

struct Translator<'a> {
    whole: &'a str,
    rest: &'a str,
    out: String,
    frames: Vec<Frame>,
}

/// Writes an expression of Go for the `regex` crate.
pub(super) fn translate(expression: &str) -> Parsed<String> {
    let mut translator = Translator {
        whole: expression,
        rest: expression,
        out: String::with_capacity(expression.len() + 16),
        frames: vec![Frame::default()],
    };
    translator.run()?;
    if translator.frames.len() != 1 {
        return Err(SyntaxError::new("missing closing )", expression));
    }
    Ok(translator.out)
}

/// Appends a character so that it stands for itself, in a class or outside.
fn push_literal(out: &mut String, character: char) {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        out.push(character);
    } else {
        push_code(out, character);
    }
}

fn push_code(out: &mut String, character: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
}

/// Returns the ranges of `\d`, `\s` or `\w`.
fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        's' => r"\t\n\x0C\r\x20",
        'w' => "0-9A-Za-z_",
        _ => return None,
    })
}

/// Appends a Perl class, if the text begins with one; returns its length.
fn push_perl_class(out: &mut String, text: &str) -> Option<usize> {
    let letter = text.strip_prefix('\\')?.chars().next()?;
    let ranges = perl_class(letter.to_ascii_lowercase())?;
    let caret = if letter.is_ascii_uppercase() { "^" } else { "" };
    let _ = write!(out, "[{caret}{ranges}]");
    Some(2)
}

/// Appends a class such as `\pL` or `\p{^Greek}`, if the text begins with one; returns its length.
fn push_unicode_class(out: &mut String, text: &str) -> Parsed<Option<usize>> {
    let Some(letter @ ('p' | 'P')) = text.strip_prefix('\\').and_then(|t| t.chars().next()) else {
        return Ok(None);
    };
    let after = text.get(2..).unwrap_or_default();
    let Some(first) = after.chars().next() else {
        // Go reads on past the end here and reports the escape.
        return Err(SyntaxError::new(INVALID_RANGE, text));
    };
    let (name, length) = if first == '{' {
        let end = after.find('}').ok_or_else(|| SyntaxError::new(INVALID_RANGE, text))?;
        (after.get(1..end).unwrap_or_default(), 2 + end + 1)
    } else {
        (after.get(..first.len_utf8()).unwrap_or_default(), 2 + first.len_utf8())
    };
    let mut negated = letter == 'P';
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negated = !negated;
            name
        }
        None => name,
    };
    let class = format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' });
    let known = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !known || regex::Regex::new(&class).is_err() {
        let part = text.get(..length).unwrap_or(text);
        return Err(SyntaxError::new(INVALID_RANGE, part));
    }
    out.push_str(&class);
    Ok(Some(length))
}

/// Reads an escaped character; returns it and its length.
fn escape(text: &str) -> Parsed<(char, usize)> {
    let mut characters = text.char_indices().skip(1).peekable();
    let Some((_, first)) = characters.next() else {
        return Err(SyntaxError::new("trailing backslash at end of expression", ""));
    };
    let after_first = 1 + first.len_utf8();
    let end = |at: usize| text.get(..at).unwrap_or(text);
    let invalid = |at: usize| SyntaxError::new(INVALID_ESCAPE, end(at));
    let code = |value: u32, length: usize| match char::from_u32(value) {
        Some(character) => Ok((character, length)),
        None => Err(invalid(length)),
    };
    let bytes = text.as_bytes();
    match first {
        '0'..='7' => {
            let octal = |at: usize| bytes.get(at).filter(|byte| matches!(byte, b'0'..=b'7'));
            if first != '0' && octal(2).is_none() {
                return Err(invalid(2));
            }
            let mut value = u32::from(first) - u32::from('0');
            let mut length = 2;
            while length < 4
                && let Some(digit) = octal(length)
            {
                value = value * 8 + u32::from(digit - b'0');
                length += 1;
            }
            code(value, length)
        }
        'x' => {
            let Some((at, second)) = characters.next() else { return Err(invalid(2)) };
            if second != '{' {
                let Some((third_at, third)) = characters.next() else {
                    return Err(SyntaxError::new(INVALID_ESCAPE, end(at + second.len_utf8())));
                };
                let length = third_at + third.len_utf8();
                return match (second.to_digit(16), third.to_digit(16)) {
                    (Some(high), Some(low)) => code(high * 16 + low, length),
                    _ => Err(invalid(length)),
                };
            }
            let mut value = 0u32;
            for (digits, (at, character)) in characters.enumerate() {
                let length = at + character.len_utf8();
                if character == '}' {
                    return if digits == 0 { Err(invalid(length)) } else { code(value, length) };
                }
                let Some(digit) = character.to_digit(16) else { return Err(invalid(length)) };
                value = value * 16 + digit;
                if value > u32::from(char::MAX) {
                    return Err(invalid(length));
                }
            }
            Err(invalid(text.len()))
        }
        'a' => Ok(('\x07', 2)),
        'f' => Ok(('\x0c', 2)),
        'n' => Ok(('\n', 2)),
        'r' => Ok(('\r', 2)),
        't' => Ok(('\t', 2)),
        'v' => Ok(('\x0b', 2)),
        _ if first.is_ascii() && !first.is_ascii_alphanumeric() => Ok((first, 2)),
        _ => Err(invalid(after_first)),
    }
}

/// Reads `{2}`, `{2,}` or `{2,5}`: the numbers (none for no upper end) and the length.
///
/// Numbers too large to matter come out as larger than any that is allowed.
fn repeat_count(text: &str) -> Option<(u64, Option<u64>, usize)> {
    fn number(text: &str) -> Option<(u64, &str)> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.split_at_checked(length)?;
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        Some((digits.parse().unwrap_or(u64::MAX), rest))
    }
    let (least, rest) = number(text.strip_prefix('{')?)?;
    let (most, rest) = match rest.strip_prefix(',') {
        None => (Some(least), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (most, rest) = number(rest)?;
            (Some(most), rest)
        }
    };
    let rest = rest.strip_prefix('}')?;
    Some((least, most, text.len() - rest.len()))
}

impl<'a> Translator<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn item(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.item(1);
        }
    }

    fn run(&mut self) -> Parsed<()> {
        // Where the repetition began that stands right before, for `a**`.
        let mut last_repeat: Option<&'a str> = None;
        while let Some(character) = self.rest.chars().next() {
            let before = self.rest;
            let mut repeat = None;
            match character {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.take(1);
                    self.out.push('|');
                    if let Some(frame) = self.frames.last_mut() {
                        frame.has_item = false;
                    }
                }
                '^' | '$' | '.' => {
                    self.take(1);
                    self.out.push(character);
                    self.item();
                }
                '[' => {
                    self.class()?;
                    self.item();
                }
                '*' | '+' | '?' => {
                    self.repeat(1, 1, last_repeat)?;
                    repeat = Some(before);
                }
                '{' => match repeat_count(self.rest) {
                    Some((least, most, length)) => {
                        let bad = least > REPEATS || most.is_some_and(|m| m > REPEATS || least > m);
                        if bad {
                            let part = self.take(length);
                            return Err(SyntaxError::new(INVALID_REPEAT, part));
                        }
                        let factor = most.unwrap_or(least);
                        self.repeat(length, factor, last_repeat)?;
                        repeat = Some(before);
                    }
                    None => self.literal('{'),
                },
                '\\' => self.backslash()?,
                _ => self.literal(character),
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn literal(&mut self, character: char) {
        self.take(character.len_utf8());
        push_literal(&mut self.out, character);
        self.item();
    }

    fn repeat(&mut self, length: usize, factor: u64, last: Option<&'a str>) -> Parsed<()> {
        let before = self.rest;
        let operator = self.take(length);
        let lazy = self.rest.starts_with('?');
        if lazy {
            self.take(1);
        }
        let part = |from: &'a str, rest: &str| {
            from.get(..from.len() - rest.len()).unwrap_or(from).to_owned()
        };
        if let Some(last) = last {
            let part = part(last, self.rest);
            return Err(SyntaxError::new("invalid nested repetition operator", part));
        }
        let rest = self.rest;
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.has_item) else {
            let part = part(before, rest);
            return Err(SyntaxError::new("missing argument to repetition operator", part));
        };
        let weight = frame.last_weight.saturating_mul(factor.max(1));
        if factor >= 2 && weight > REPEATS {
            return Err(SyntaxError::new(INVALID_REPEAT, part(before, rest)));
        }
        frame.item(weight);
        self.out.push_str(operator);
        if lazy {
            self.out.push('?');
        }
        Ok(())
    }

    fn open(&mut self) -> Parsed<()> {
        if self.frames.len() > NESTING {
            return Err(SyntaxError::new("expression nests too deeply", self.whole));
        }
        if !self.rest.starts_with("(?") {
            self.take(1);
            self.out.push('(');
            self.frames.push(Frame::default());
            return Ok(());
        }
        let text = self.rest;
        let name_at = if text.starts_with("(?P<") && text.len() > 4 {
            Some(4)
        } else if text.starts_with("(?<") && text.len() > 3 {
            Some(3)
        } else {
            None
        };
        if let Some(name_at) = name_at {
            let bad = |part: &str| SyntaxError::new("invalid named capture", part);
            let end = text.find('>').ok_or_else(|| bad(text))?;
            let name = text.get(name_at..end).unwrap_or_default();
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(fits) {
                return Err(bad(text.get(..=end).unwrap_or(text)));
            }
            self.take(end + 1);
            // The crate wants names that begin with a letter; the caller takes the mark off.
            let _ = write!(self.out, "(?P<_{name}>");
            self.frames.push(Frame::default());
            return Ok(());
        }
        self.flags()
    }

    /// Reads `(?i)`, `(?s-m:` and the like.
    fn flags(&mut self) -> Parsed<()> {
        let text = self.take(2);
        let start = self.whole.len() - self.rest.len() - text.len();
        let mut written = String::new();
        let (mut negated, mut seen) = (false, false);
        while let Some(character) = self.rest.chars().next() {
            self.take(character.len_utf8());
            match character {
                'i' | 'm' | 's' | 'U' => {
                    written.push(character);
                    seen = true;
                }
                '-' if !negated => {
                    negated = true;
                    seen = false;
                    written.push('-');
                }
                ':' | ')' if !negated || seen => {
                    // Go takes a flag named twice, the crate does not.
                    let flags = distinct_flags(&written);
                    if character == ':' {
                        let _ = write!(self.out, "(?{flags}:");
                        self.frames.push(Frame::default());
                    } else if !flags.is_empty() {
                        let _ = write!(self.out, "(?{flags})");
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        let end = self.whole.len() - self.rest.len();
        let part = self.whole.get(start..end).unwrap_or_default();
        Err(SyntaxError::new("invalid or unsupported Perl syntax", part))
    }

    fn close(&mut self) -> Parsed<()> {
        self.take(1);
        if self.frames.len() < 2 {
            return Err(SyntaxError::new("unexpected )", self.whole));
        }
        if let Some(inner) = self.frames.pop()
            && let Some(outer) = self.frames.last_mut()
        {
            outer.item(inner.weight.max(1));
        }
        self.out.push(')');
        Ok(())
    }

    fn backslash(&mut self) -> Parsed<()> {
        let text = self.rest;
        match text.chars().nth(1) {
            Some('A') => self.anchor(r"\A"),
            Some('z') => self.anchor(r"\z"),
            Some('b') => self.anchor(r"(?-u:\b)"),
            Some('B') => self.anchor(r"(?-u:\B)"),
            Some('C') => {
                let part = self.take(2);
                return Err(SyntaxError::new(INVALID_ESCAPE, part));
            }
            Some('Q') => {
                self.take(2);
                let quoted = self.rest.find(r"\E");
                let literal = self.take(quoted.unwrap_or(self.rest.len()));
                if quoted.is_some() {
                    self.take(2);
                }
                for character in literal.chars() {
                    push_literal(&mut self.out, character);
                    self.item();
                }
            }
            _ => {
                let class = match push_unicode_class(&mut self.out, text)? {
                    Some(length) => Some(length),
                    None => push_perl_class(&mut self.out, text),
                };
                if let Some(length) = class {
                    self.take(length);
                } else {
                    let (character, length) = escape(text)?;
                    self.take(length);
                    push_literal(&mut self.out, character);
                }
                self.item();
            }
        }
        Ok(())
    }

    fn anchor(&mut self, written: &str) {
        self.take(2);
        self.out.push_str(written);
        self.item();
    }

    fn class(&mut self) -> Parsed<()> {
        let whole = self.rest;
        self.take(1);
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.take(1);
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let text = self.rest;
            if text.starts_with(']') && !first {
                break;
            }
            first = false;
            if text.starts_with("[:")
                && let Some(end) = text.get(2..).and_then(|rest| rest.find(":]"))
            {
                let name = self.take(2 + end + 2);
                let inner = name.trim_start_matches("[:").trim_end_matches(":]");
                if !is_posix_class(inner.strip_prefix('^').unwrap_or(inner)) {
                    return Err(SyntaxError::new(INVALID_RANGE, name));
                }
                self.out.push_str(name);
                continue;
            }
            let class = match push_unicode_class(&mut self.out, text)? {
                Some(length) => Some(length),
                None => push_perl_class(&mut self.out, text),
            };
            if let Some(length) = class {
                self.take(length);
                continue;
            }
            let low = self.class_character(whole)?;
            let mut high = low;
            if self.rest.starts_with('-') && self.rest.len() > 1 && !self.rest.starts_with("-]") {
                self.take(1);
                high = self.class_character(whole)?;
                if high < low {
                    let part = text.get(..text.len() - self.rest.len()).unwrap_or(text);
                    return Err(SyntaxError::new(INVALID_RANGE, part));
                }
            }
            push_literal(&mut self.out, low);
            if high != low {
                self.out.push('-');
                push_literal(&mut self.out, high);
            }
        }
        self.take(1);
        self.out.push(']');
        Ok(())
    }

    fn class_character(&mut self, whole: &str) -> Parsed<char> {
        let Some(character) = self.rest.chars().next() else {
            return Err(SyntaxError::new(MISSING_BRACKET, whole));
        };
        if character == '\\' {
            let (character, length) = escape(self.rest)?;
            self.take(length);
            return Ok(character);
        }
        self.take(character.len_utf8());
        Ok(character)
    }
}

fn distinct_flags(written: &str) -> String {
    let (on, off) = written.split_once('-').unwrap_or((written, ""));
    let mut flags = String::new();
    for flag in on.chars() {
        if !flags.contains(flag) && !off.contains(flag) {
            flags.push(flag);
        }
    }
    let mut removed = String::new();
    for flag in off.chars() {
        if !removed.contains(flag) {
            removed.push(flag);
        }
    }
    if !removed.is_empty() {
        flags.push('-');
        flags.push_str(&removed);
    }
    flags
}

fn is_posix_class(name: &str) -> bool {
    matches!(
        name,
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    )
}
