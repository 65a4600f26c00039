//! Go's view of text: runes of bytes that may be invalid, quoting, number spelling.

use std::borrow::Cow;

/// What Go puts in place of a byte that is not UTF-8.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// The runes of a text, each with the number of bytes it stands for; a byte that is not part of
/// valid UTF-8 is U+FFFD of width 1.
#[derive(Debug, Clone)]
pub(crate) struct Runes<'a> {
    rest: &'a [u8],
}

/// Returns the runes of a text.
pub(crate) fn runes(text: &[u8]) -> Runes<'_> {
    Runes { rest: text }
}

impl Iterator for Runes<'_> {
    type Item = (char, usize);

    fn next(&mut self) -> Option<(char, usize)> {
        let &first = self.rest.first()?;
        let (rune, width) = if first < 0x80 {
            (char::from(first), 1)
        } else {
            let longest = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            };
            self.rest
                .get(..longest)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .and_then(|text| text.chars().next())
                .map_or((REPLACEMENT, 1), |rune| (rune, longest))
        };
        self.rest = self.rest.get(width..).unwrap_or_default();
        Some((rune, width))
    }
}

/// Appends a rune as UTF-8.
pub(crate) fn push_rune(out: &mut Vec<u8>, rune: char) {
    out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Returns the text with every invalid byte replaced by U+FFFD, as Go's `[]rune` conversion and
/// its JSON encoder do.
pub(crate) fn valid(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(runes(text).map(|(rune, _)| rune).collect()),
    }
}

/// Appends a text in double quotes, as Go's `%q` writes it.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    crate::fmt::quote::quote_into(out, text, b'"', false);
}

/// Returns a text in double quotes, as Go's `%q` writes it.
pub(crate) fn go_quote(text: &[u8]) -> String {
    crate::fmt::quote::quote(text)
}

/// Returns a number as Go's `%v` writes a `float64`.
pub(crate) fn float_text(number: f64) -> String {
    crate::fmt::float::format_float(number, b'g', None)
}

/// Returns the shortest digits that stand for the number, as `d.ddd` with its power of ten.
pub(crate) fn scientific(number: f64) -> (String, i32) {
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa.to_owned(), exponent.parse().unwrap_or(0)),
        None => (text, 0),
    }
}

/// Returns the place of a text within another.
pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}

/// Cuts a text at each separator, as Go's `strings.SplitN`: an empty separator cuts between runes,
/// and `limit` is the number of pieces at most, or negative for all.
pub(crate) fn split<'a>(text: &'a [u8], separator: &[u8], limit: i64) -> Vec<&'a [u8]> {
    if limit == 0 {
        return Vec::new();
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    if separator.is_empty() {
        let mut rest = text;
        for (_, width) in runes(text) {
            if pieces.len() + 1 == limit {
                break;
            }
            let (piece, after) = rest.split_at(width.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(rest);
        }
        return pieces;
    }
    let mut start = 0;
    for at in memchr::memmem::find_iter(text, separator) {
        if pieces.len() + 1 == limit {
            break;
        }
        pieces.push(text.get(start..at).unwrap_or_default());
        start = at + separator.len();
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

/// Replaces every occurrence, as Go's `strings.ReplaceAll`: an empty text to find is found before
/// every rune and at the end.
pub(crate) fn replace_all(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    if old.is_empty() {
        out.extend_from_slice(new);
        let mut rest = text;
        for (_, width) in runes(text) {
            let (piece, after) = rest.split_at(width.min(rest.len()));
            out.extend_from_slice(piece);
            out.extend_from_slice(new);
            rest = after;
        }
        return out;
    }
    let mut start = 0;
    for at in memchr::memmem::find_iter(text, old) {
        out.extend_from_slice(text.get(start..at).unwrap_or_default());
        out.extend_from_slice(new);
        start = at + old.len();
    }
    out.extend_from_slice(text.get(start..).unwrap_or_default());
    out
}
