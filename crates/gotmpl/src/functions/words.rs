//! Words: case, initials, abbreviating and wrapping.

use crate::call::{CallContext, FunctionEntry, Param};
use crate::value::Value;

use super::arguments::{Answer, any, failure, int, string, text};
use super::text::{find, push_rune, runes};
use super::unicode::{
    is_digit, is_letter, is_lower, is_number, is_punctuation, is_space, is_title, is_upper,
    to_lower, to_title, to_upper,
};

use Param::{Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("upper", &[Text], |_, arguments| map_runes(arguments, to_upper)),
    FunctionEntry::new("lower", &[Text], |_, arguments| map_runes(arguments, to_lower)),
    FunctionEntry::new("title", &[Text], title),
    FunctionEntry::new("untitle", &[Text], untitle),
    FunctionEntry::new("swapcase", &[Text], swapcase),
    FunctionEntry::new("camelcase", &[Text], camelcase),
    FunctionEntry::new("snakecase", &[Text], |_, arguments| {
        string(lower_words(text(arguments, 0), '_'))
    }),
    FunctionEntry::new("kebabcase", &[Text], |_, arguments| {
        string(lower_words(text(arguments, 0), '-'))
    }),
    FunctionEntry::new("initials", &[Text], initials),
    FunctionEntry::new("abbrev", &[Int, Text], abbrev),
    FunctionEntry::new("abbrevboth", &[Int, Int, Text], abbrevboth),
    FunctionEntry::new("wrap", &[Int, Text], |context, arguments| {
        wrapped(context, text(arguments, 1), int(arguments, 0), b"", false)
    }),
    FunctionEntry::new("wrapWith", &[Int, Text, Text], |context, arguments| {
        wrapped(context, text(arguments, 2), int(arguments, 0), text(arguments, 1), true)
    }),
];

/// Maps every rune, as Go's `strings.Map`: bytes that are not UTF-8 become U+FFFD.
fn map_runes(arguments: &[Value], mapping: fn(char) -> char) -> Answer {
    let mut out = Vec::with_capacity(text(arguments, 0).len());
    for (rune, _) in runes(text(arguments, 0)) {
        push_rune(&mut out, mapping(rune));
    }
    string(out)
}

/// Reports what Go's old `strings.Title` takes for the end of a word.
fn is_separator(rune: char) -> bool {
    if rune.is_ascii() {
        return !rune.is_ascii_alphanumeric() && rune != '_';
    }
    !is_letter(rune) && !is_digit(rune) && is_space(rune)
}

fn title(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::with_capacity(text(arguments, 0).len());
    let mut before = ' ';
    for (rune, _) in runes(text(arguments, 0)) {
        push_rune(&mut out, if is_separator(before) { to_title(rune) } else { rune });
        before = rune;
    }
    string(out)
}

fn untitle(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::with_capacity(text(arguments, 0).len());
    let mut start = true;
    for (rune, _) in runes(text(arguments, 0)) {
        if is_space(rune) {
            start = true;
            push_rune(&mut out, rune);
        } else if start {
            start = false;
            push_rune(&mut out, to_lower(rune));
        } else {
            push_rune(&mut out, rune);
        }
    }
    string(out)
}

fn swapcase(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = Vec::with_capacity(text(arguments, 0).len());
    let mut after_space = true;
    for (rune, _) in runes(text(arguments, 0)) {
        let swapped = if is_upper(rune) || is_title(rune) {
            after_space = false;
            to_lower(rune)
        } else if is_lower(rune) {
            // A lower case letter at the start of a word becomes title case.
            let title = std::mem::take(&mut after_space);
            if title { to_title(rune) } else { to_upper(rune) }
        } else {
            after_space = is_space(rune);
            rune
        };
        push_rune(&mut out, swapped);
    }
    string(out)
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || is_space(rune)
}

/// Joins words written with `-`, `_` or spaces, each with a capital: `http_server` to
/// `HttpServer`. Connectors at the ends and doubled ones stay.
fn camelcase(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let all: Vec<char> = runes(text(arguments, 0)).map(|(rune, _)| rune).collect();
    let mut out = String::with_capacity(all.len());
    let leading = all.iter().take_while(|&&rune| is_connector(rune)).count();
    let (connectors, rest) = all.split_at(leading.min(all.len()));
    out.extend(connectors);
    let Some((&first, rest)) = rest.split_first() else {
        // With nothing but connectors the original writes the last one twice.
        out.extend(connectors.last());
        return string(out);
    };
    let mut first_upper = is_upper(first);
    let mut current = to_upper(first);
    for &next in rest {
        let previous = current;
        current = next;
        if is_connector(current) && is_connector(previous) {
            out.push(previous);
            continue;
        }
        if is_connector(previous) {
            first_upper = is_upper(current);
            current = to_upper(current);
        } else {
            // A word in capitals (`GOLANG`) is written with one.
            if first_upper {
                if is_upper(current) {
                    current = to_lower(current);
                } else {
                    first_upper = false;
                }
            }
            out.push(previous);
        }
    }
    out.push(current);
    string(out)
}

/// What a run of runes is, for `snakecase` and `kebabcase`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Letters as the original sees them: Chinese characters are not.
fn is_alphabet(rune: char) -> bool {
    let chinese =
        matches!(u32::from(rune), 0x3400..=0x4d85 | 0x4e00..=0x9fcc | 0x2_0000..=0x2_b81d);
    is_letter(rune) && !chinese
}

/// Decodes the next rune; bytes that are not UTF-8 are passed over and counted.
fn next_valid(subject: &[u8], otherwise: Option<char>) -> (Option<char>, usize) {
    let mut size = 0;
    for (rune, width) in runes(subject) {
        size += width;
        if rune != super::text::REPLACEMENT {
            return (Some(rune), size);
        }
    }
    (otherwise, size)
}

/// Cuts the first word off.
fn next_word(subject: &[u8]) -> (Word, &[u8], &[u8]) {
    let (first, size) = next_valid(subject, None);
    let Some(first) = first else {
        return (Word::Invalid, subject, &[]);
    };
    // The end of a run, and the size of the last rune in it.
    let run = |from: usize, before: char, wanted: &dyn Fn(char) -> bool| {
        let (mut at, mut last) = (from, 0);
        while at < subject.len() {
            let rest = subject.get(at..).unwrap_or_default();
            let (rune, width) = next_valid(rest, Some(before));
            if width == 0 || !rune.is_some_and(wanted) {
                break;
            }
            (at, last) = (at + width, width);
        }
        (at, last)
    };
    let lower = |rune: char| is_alphabet(rune) && !is_upper(rune);
    let (word, end) = if is_connector(first) {
        (Word::Connector, run(size, first, &is_connector).0)
    } else if is_punctuation(first) {
        (Word::Punctuation, run(size, first, &is_punctuation).0)
    } else if is_upper(first) {
        let rest = subject.get(size..).unwrap_or_default();
        let end = match next_valid(rest, Some(first)).0 {
            _ if rest.is_empty() => size,
            Some(second) if is_upper(second) => {
                let (end, last) = run(size, second, &is_upper);
                let after = subject.get(end..).unwrap_or_default();
                let (next, _) = next_valid(after, Some(second));
                // In `HTTPStatus` the `S` belongs to the next word.
                if !after.is_empty() && next.is_some_and(is_alphabet) { end - last } else { end }
            }
            Some(second) if is_alphabet(second) => run(size, second, &lower).0,
            _ => size,
        };
        (Word::Upper, end)
    } else if is_alphabet(first) {
        (Word::Alphabet, run(size, first, &lower).0)
    } else if is_number(first) {
        (Word::Number, run(size, first, &is_number).0)
    } else {
        let other = |rune: char| {
            !(is_connector(rune) || is_alphabet(rune) || is_number(rune) || is_punctuation(rune))
        };
        (Word::Other, run(size, first, &other).0)
    };
    let (word_text, rest) = subject.split_at(end.min(subject.len()));
    (word, word_text, rest)
}

fn push_lower(out: &mut Vec<u8>, word: Word, subject: &[u8], connector: char) {
    if !matches!(word, Word::Upper | Word::Connector) {
        out.extend_from_slice(subject);
        return;
    }
    for (rune, _) in runes(subject) {
        push_rune(out, if is_connector(rune) { connector } else { to_lower_if_upper(rune) });
    }
}

fn to_lower_if_upper(rune: char) -> char {
    if is_upper(rune) { to_lower(rune) } else { rune }
}

/// Writes words in lower case with a connector between them: `HTTPServer2xx` to
/// `http_server_2xx`.
fn lower_words(subject: &[u8], connector: char) -> Vec<u8> {
    let mut out = Vec::with_capacity(subject.len() + 8);
    if subject.is_empty() {
        return out;
    }
    let joins = |word: Word| !matches!(word, Word::Connector | Word::Punctuation);
    let (mut word, mut current, mut rest) = next_word(subject);
    while !rest.is_empty() {
        if word != Word::Connector {
            push_lower(&mut out, word, current, connector);
        }
        let (previous, last) = (word, current);
        (word, current, rest) = next_word(rest);
        match previous {
            Word::Number => {
                while matches!(word, Word::Alphabet | Word::Number) {
                    push_lower(&mut out, word, current, connector);
                    (word, current, rest) = next_word_or_end(rest);
                }
                if word != Word::Invalid && joins(word) {
                    push_rune(&mut out, connector);
                }
            }
            Word::Connector => push_lower(&mut out, previous, last, connector),
            Word::Punctuation => {}
            _ if word != Word::Number => {
                if joins(word) {
                    push_rune(&mut out, connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = current;
                (word, current, rest) = next_word_or_end(rest);
                if word != Word::Alphabet {
                    // `Bld4Floor`: the number belongs to the word before it.
                    push_lower(&mut out, Word::Number, number, connector);
                    if joins(word) {
                        push_rune(&mut out, connector);
                    }
                } else {
                    // `HTTP2xx`: the number begins a word.
                    push_rune(&mut out, connector);
                    push_lower(&mut out, Word::Number, number, connector);
                    while matches!(word, Word::Alphabet | Word::Number) {
                        push_lower(&mut out, word, current, connector);
                        (word, current, rest) = next_word_or_end(rest);
                    }
                    if word != Word::Invalid && joins(word) {
                        push_rune(&mut out, connector);
                    }
                }
            }
        }
    }
    push_lower(&mut out, word, current, connector);
    out
}

fn next_word_or_end(subject: &[u8]) -> (Word, &[u8], &[u8]) {
    if subject.is_empty() { (Word::Invalid, &[], &[]) } else { next_word(subject) }
}

fn initials(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let mut out = String::new();
    let mut gap = true;
    // Byte by byte, as the original does.
    for &byte in text(arguments, 0) {
        let rune = char::from(byte);
        if is_space(rune) {
            gap = true;
        } else if std::mem::take(&mut gap) {
            out.push(rune);
        }
    }
    string(out)
}

fn slice(subject: &[u8], from: i64, to: i64) -> &[u8] {
    let at = |place: i64| usize::try_from(place).unwrap_or(0);
    subject.get(at(from)..at(to)).unwrap_or_default()
}

/// Shortens to a width, with `...` at the end, and at the start if the offset lies further in.
fn abbreviate(subject: &[u8], offset: i64, width: i64) -> Option<Vec<u8>> {
    let length = subject.len() as i64;
    if subject.is_empty() || length <= width {
        return Some(subject.to_vec());
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    let dots = b"...".as_slice();
    if offset <= 4 {
        return Some([slice(subject, 0, width - 3), dots].concat());
    }
    if width < 7 {
        return None;
    }
    if offset + width - 3 < length {
        let inner = abbreviate(slice(subject, offset, length), 0, width - 3)?;
        return Some([dots, &inner].concat());
    }
    Some([dots, slice(subject, length - (width - 3), length)].concat())
}

fn abbrev(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let width = int(arguments, 0);
    if width < 4 {
        return Ok(any(arguments, 1).clone());
    }
    string(abbreviate(text(arguments, 1), 0, width).unwrap_or_default())
}

fn abbrevboth(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let (offset, width) = (int(arguments, 0), int(arguments, 1));
    if width < 4 || offset > 0 && width < 7 {
        return Ok(any(arguments, 2).clone());
    }
    string(abbreviate(text(arguments, 2), offset, width).unwrap_or_default())
}

/// Breaks a line at spaces so that no line is wider than `width`; long words are cut or left.
fn wrapped(
    context: &mut CallContext,
    subject: &[u8],
    width: i64,
    line_break: &[u8],
    cut_long_words: bool,
) -> Answer {
    let line_break = if line_break.is_empty() { b"\n" } else { line_break };
    let width = usize::try_from(width.max(1)).unwrap_or(1);
    let mut out = Vec::with_capacity(subject.len());
    let mut at = 0;
    while subject.len() - at > width {
        if subject.get(at) == Some(&b' ') {
            at += 1;
            continue;
        }
        let line = subject.get(at..at + width + 1).unwrap_or_default();
        let (end, next) = if let Some(space) = memchr::memrchr(b' ', line) {
            (at + space, at + space + 1)
        } else if cut_long_words {
            (at + width, at + width)
        } else {
            match find(subject.get(at + width..).unwrap_or_default(), b" ") {
                Some(space) => (at + width + space, at + width + space + 1),
                None => {
                    out.extend_from_slice(subject.get(at..).unwrap_or_default());
                    at = subject.len();
                    break;
                }
            }
        };
        context.spend(1 + line_break.len())?;
        out.extend_from_slice(subject.get(at..end).unwrap_or_default());
        out.extend_from_slice(line_break);
        at = next;
    }
    if at > subject.len() {
        return failure("wrap went past the end");
    }
    out.extend_from_slice(subject.get(at..).unwrap_or_default());
    string(out)
}
