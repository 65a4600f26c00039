//! Which ways of writing a text are open to it.

use crate::resolve_go2::{Scalar, resolve_plain};

/// What was found out about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Analysis {
    pub(super) multiline: bool,
    pub(super) plain_allowed: bool,
    pub(super) single_quoted_allowed: bool,
    pub(super) block_allowed: bool,
    pub(super) ascii: bool,
    /// Whether there is anything besides printable ASCII and line feeds.
    pub(super) rare: bool,
}

/// Means something at the beginning, or before or after white space.
const INDICATOR: u8 = 1;
const LINE_FEED: u8 = 2;
/// Other control characters, and the beginning of characters beyond ASCII.
const RARE: u8 = 4;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b':' | b'#' => INDICATOR,
            b' '..=b'~' => 0,
            b'\n' => LINE_FEED,
            _ => RARE,
        };
        byte += 1;
    }
    class
};

/// Analyzes a text for block context.
pub(super) fn analyze(text: &str) -> Analysis {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else {
        return Analysis {
            multiline: false,
            plain_allowed: true,
            single_quoted_allowed: true,
            block_allowed: false,
            ascii: true,
            rare: false,
        };
    };
    let classes = bytes.iter().fold(0, |classes, &byte| classes | CLASS[byte as usize]);
    let rare = classes & RARE != 0;
    let leading_space = first == b' ';
    let trailing_space = last == b' ';
    let lines = match (rare, classes & LINE_FEED != 0) {
        (true, _) => Lines::of(text),
        (false, true) => Lines::of_ascii(bytes),
        (false, false) => Lines::default(),
    };
    let quoted_only = lines.space_break || lines.special;
    // Texts of several lines are never plain, whatever is in them.
    let plain_allowed = !(leading_space
        || trailing_space
        || lines.multiline
        || quoted_only
        || has_indicators(text, first, classes & INDICATOR != 0));
    Analysis {
        multiline: lines.multiline,
        plain_allowed,
        single_quoted_allowed: !(lines.break_space || quoted_only),
        block_allowed: !(trailing_space || quoted_only),
        ascii: !rare || text.is_ascii(),
        rare,
    }
}

/// Says whether something in a text would be taken for more than text.
fn has_indicators(text: &str, first: u8, inside: bool) -> bool {
    let bytes = text.as_bytes();
    let blank = |at: usize| matches!(bytes.get(at), None | Some(b' ' | b'\t'));
    let at_start = match first {
        b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' => true,
        b'?' | b':' => blank(1),
        b'-' => blank(1) || text.starts_with("---"),
        b'.' => text.starts_with("..."),
        _ => false,
    };
    at_start
        || inside
            && memchr::memchr2_iter(b':', b'#', bytes).skip_while(|&at| at == 0).any(|at| {
                match bytes.get(at) {
                    Some(b':') => blank(at + 1),
                    _ => blank_or_break_before(bytes, at),
                }
            })
}

/// Says whether a plain scalar of this text would be read back as the text.
pub(super) fn stays_text(text: &str) -> bool {
    matches!(resolve_plain(text), Scalar::Text) && !is_sexagesimal(text)
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`: numbers to base 60 of YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || !unsigned.contains(':') {
        return false;
    }
    let in_number = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    let mut parts = unsigned.split(':');
    if !parts.next().is_some_and(|whole| whole.bytes().all(in_number)) {
        return false;
    }
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let sixty = match (parts.peek(), part.split_once('.')) {
            (None, Some((sixty, fraction))) if fraction.bytes().all(in_number) => sixty,
            _ => part,
        };
        let fits = match sixty.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// What line breaks and unusual characters mean for the style.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    multiline: bool,
    /// A space follows a break.
    break_space: bool,
    /// A break follows a space.
    space_break: bool,
    /// Something needs an escape.
    special: bool,
}

impl Lines {
    /// For a text of nothing but printable ASCII and line feeds.
    fn of_ascii(bytes: &[u8]) -> Self {
        let mut lines = Self { multiline: true, ..Self::default() };
        for at in memchr::memchr_iter(b'\n', bytes) {
            lines.break_space |= bytes.get(at + 1) == Some(&b' ');
            lines.space_break |= at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b' ');
        }
        lines
    }

    fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let (mut previous_space, mut previous_break) = (false, false);
        for character in text.chars() {
            lines.special |= !is_printable(character);
            let (space, is_break) = (character == ' ', is_break(character));
            lines.multiline |= is_break;
            lines.break_space |= space && previous_break;
            lines.space_break |= is_break && previous_space;
            (previous_space, previous_break) = (space, is_break);
        }
        lines
    }
}

/// What go-yaml v2 writes without an escape.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{A0}'..='\u{FFFF}')
        && !matches!(character, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// What libyaml calls a line break.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn blank_or_break_before(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    matches!(before.last(), Some(b' ' | b'\t' | b'\n' | b'\r'))
        || before.ends_with(&[0xC2, 0x85])
        || before.ends_with(&[0xE2, 0x80, 0xA8])
        || before.ends_with(&[0xE2, 0x80, 0xA9])
}
