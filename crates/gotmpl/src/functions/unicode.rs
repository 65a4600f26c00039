//! Go's `unicode` package: categories and simple case mappings of single runes.
//!
//! Rust's own predicates follow derived properties and full mappings (`ß` to `SS`), Go's follow
//! general categories and one-to-one mappings; the differences are settled here.

use std::sync::LazyLock;

use regex::Regex;

/// A general category beyond ASCII, looked up in the tables of the `regex` crate.
fn category(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("because the pattern is a constant that names a category")
}

fn matches(table: &LazyLock<Regex>, rune: char) -> bool {
    table.is_match(rune.encode_utf8(&mut [0; 4]))
}

static UPPER: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{Lu}$"));
static LOWER: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{Ll}$"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{Lt}$"));
static LETTER: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{L}$"));
static DIGIT: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{Nd}$"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{N}$"));
static PUNCTUATION: LazyLock<Regex> = LazyLock::new(|| category(r"^\p{P}$"));

/// Reports whether Go takes the rune for an upper case letter.
pub(crate) fn is_upper(rune: char) -> bool {
    if rune.is_ascii() { rune.is_ascii_uppercase() } else { matches(&UPPER, rune) }
}

/// Reports whether Go takes the rune for a lower case letter.
pub(crate) fn is_lower(rune: char) -> bool {
    if rune.is_ascii() { rune.is_ascii_lowercase() } else { matches(&LOWER, rune) }
}

/// Reports whether Go takes the rune for a title case letter.
pub(crate) fn is_title(rune: char) -> bool {
    !rune.is_ascii() && matches(&TITLE, rune)
}

/// Reports whether the rune is a letter.
pub(crate) fn is_letter(rune: char) -> bool {
    if rune.is_ascii() { rune.is_ascii_alphabetic() } else { matches(&LETTER, rune) }
}

/// Reports whether the rune is a decimal digit of any script.
pub(crate) fn is_digit(rune: char) -> bool {
    if rune.is_ascii() { rune.is_ascii_digit() } else { matches(&DIGIT, rune) }
}

/// Reports whether the rune is a number of any kind.
pub(crate) fn is_number(rune: char) -> bool {
    if rune.is_ascii() { rune.is_ascii_digit() } else { matches(&NUMBER, rune) }
}

/// Reports whether the rune is punctuation.
pub(crate) fn is_punctuation(rune: char) -> bool {
    if rune.is_ascii() {
        // Go leaves the ASCII symbols out.
        rune.is_ascii_punctuation()
            && !matches!(rune, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
    } else {
        matches(&PUNCTUATION, rune)
    }
}

/// Reports whether the rune is white space.
pub(crate) fn is_space(rune: char) -> bool {
    // The same set in Go and Rust: the property White_Space.
    rune.is_whitespace()
}

/// Returns the one lower case rune.
pub(crate) fn to_lower(rune: char) -> char {
    let mut mapped = rune.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        // The dotted capital I: the only one whose full mapping is longer.
        _ => 'i',
    }
}

/// Returns the one upper case rune.
pub(crate) fn to_upper(rune: char) -> char {
    let mut mapped = rune.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        // Greek with iota subscript has a one-rune form; the rest (`ß`, ligatures) stay.
        _ => match u32::from(rune) {
            code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => {
                char::from_u32(code + 8).unwrap_or(rune)
            }
            code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(code + 9).unwrap_or(rune),
            _ => rune,
        },
    }
}

/// Returns the one title case rune.
pub(crate) fn to_title(rune: char) -> char {
    match u32::from(rune) {
        0x1c4..=0x1c6 => '\u{1c5}',
        0x1c7..=0x1c9 => '\u{1c8}',
        0x1ca..=0x1cc => '\u{1cb}',
        0x1f1..=0x1f3 => '\u{1f2}',
        // Georgian letters are their own title case.
        0x10d0..=0x10fa | 0x10fd..=0x10ff => rune,
        _ => to_upper(rune),
    }
}
