//! From bytes to text: encodings, and the characters that YAML does not allow.

use std::borrow::Cow;

use crate::Error;

/// Go's library reads its input in pieces of this size and checks each when it comes to it.
const CHUNK: usize = 512;

/// A text that may be scanned, up to where it stops being one.
#[derive(Debug)]
pub(crate) struct Input<'t> {
    /// The text, without a byte order mark at its beginning.
    pub(crate) text: Cow<'t, str>,
    /// What is wrong right after it, if the input did not end there.
    pub(crate) broken: Option<Error>,
}

impl<'t> Input<'t> {
    /// Finds out the encoding and checks the characters.
    pub(crate) fn of_bytes(bytes: &'t [u8]) -> Self {
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Self::of_utf16(bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::of_text(text),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let text = std::str::from_utf8(valid).unwrap_or_default();
                let message = utf8_problem(bytes.get(error.valid_up_to()..).unwrap_or_default());
                let mut input = Self::of_text(text);
                if input.broken.is_none() {
                    let text = input.text.into_owned();
                    input = Self::broken_at(text.into(), text_end(bytes, valid), message);
                }
                input
            }
        }
    }

    /// Checks the characters of a text.
    pub(crate) fn of_text(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match first_control(text) {
            None => Self { text: Cow::Borrowed(text), broken: None },
            Some(at) => {
                Self::broken_at(Cow::Borrowed(text), at, "control characters are not allowed")
            }
        }
    }

    /// Keeps the pieces before the one with the fault.
    fn broken_at(text: Cow<'t, str>, at: usize, message: &str) -> Self {
        let error = Error::at(message, &text, at);
        let mut begin = 0;
        while begin + CHUNK <= at {
            let mut next = begin + CHUNK;
            while !text.is_char_boundary(next.min(text.len())) {
                next -= 1;
            }
            begin = next;
        }
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..begin).unwrap_or_default()),
            Cow::Owned(mut text) => {
                text.truncate(begin);
                Cow::Owned(text)
            }
        };
        Self { text, broken: Some(error) }
    }

    fn of_utf16(bytes: &[u8]) -> Self {
        let little = bytes.starts_with(b"\xFF\xFE");
        let (pairs, rest) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
        let units = pairs
            .iter()
            .map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
        let mut text = String::with_capacity(bytes.len() / 2);
        let mut problem = None;
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(character) => text.push(character),
                Err(error) => {
                    let low = error.unpaired_surrogate() >= 0xDC00;
                    problem = Some(match low {
                        true => "unexpected low surrogate area",
                        false => "expected low surrogate area",
                    });
                    break;
                }
            }
        }
        if problem.is_none() && !rest.is_empty() {
            problem = Some("incomplete UTF-16 character");
        }
        let control = first_control(&text).map(|at| (at, "control characters are not allowed"));
        let at_end = problem.map(|message| (text.len(), message));
        match control.or(at_end) {
            None => Self { text: Cow::Owned(text), broken: None },
            Some((at, message)) => Self::broken_at(Cow::Owned(text), at, message),
        }
    }
}

/// Returns where the valid text ends, counted without the byte order mark.
fn text_end(bytes: &[u8], valid: &[u8]) -> usize {
    let mark = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    valid.len() - mark.min(valid.len())
}

/// Returns Go's words for the broken character at the beginning of some bytes.
fn utf8_problem(bytes: &[u8]) -> &'static str {
    let Some(&first) = bytes.first() else { return "incomplete UTF-8 octet sequence" };
    let width = match first {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    if bytes.len() < width {
        return "incomplete UTF-8 octet sequence";
    }
    let trailing = bytes.get(1..width).unwrap_or_default();
    if trailing.iter().any(|byte| byte & 0xC0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let lead = u32::from(first) & (0x7F >> width);
    let value = trailing.iter().fold(lead, |value, byte| value << 6 | u32::from(byte & 0x3F));
    match (width, value) {
        (2, 0..0x80) | (3, 0..0x800) | (4, 0..0x10000) => "invalid length of a UTF-8 sequence",
        _ => "invalid Unicode character",
    }
}

/// Returns the place of the first character that YAML does not allow.
fn first_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // Most texts have nothing that even might be one.
    let suspect = |byte: &u8| {
        (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
            || matches!(byte, 0x7F | 0xC2 | 0xEF)
    };
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = from + find(rest, suspect)?;
        let character = text.get(at..).and_then(|rest| rest.chars().next())?;
        let allowed = matches!(character, '\t' | '\n' | '\r' | '\u{85}')
            || !(character.is_control() || matches!(character, '\u{FFFE}' | '\u{FFFF}'));
        if !allowed {
            return Some(at);
        }
        from = at + character.len_utf8();
    }
}

/// `position`, in blocks that a compiler can turn into vector instructions.
fn find(bytes: &[u8], wanted: impl Fn(&u8) -> bool) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<64>();
    let clean = blocks
        .iter()
        .take_while(|block| !block.iter().fold(false, |found, byte| found | wanted(byte)))
        .count()
        * 64;
    bytes.get(clean..)?.iter().position(wanted).map(|at| clean + at)
}

impl Input<'_> {
    /// Puts the fault of the input in place of what reading only its good beginning gave.
    ///
    /// Go meets the fault when it comes there; what was wrong or complete before that stays.
    pub(crate) fn or_broken<T>(&self, read: Result<T, Error>) -> Result<T, Error> {
        let Some(broken) = &self.broken else { return read };
        match read {
            Err(error) if error.offset + 4 < self.text.len() => Err(error),
            _ => Err(broken.clone()),
        }
    }
}
