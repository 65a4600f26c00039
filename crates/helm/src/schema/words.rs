//! Words, quotes and numbers as the library that helm uses prints them.

use std::borrow::Cow;

/// Returns a text in single quotes: Go's `%q` with the quotes turned round.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{B}' => quoted.push_str("\\v"),
            '\u{C}' => quoted.push_str("\\f"),
            c if (c as u32) < 0x20 || c == '\u{7F}' => {
                quoted.push_str(&format!("\\x{:02x}", c as u32));
            }
            c if c.is_control() || is_invisible(c) => {
                let code = c as u32;
                if code < 0x1_0000 {
                    quoted.push_str(&format!("\\u{code:04x}"));
                } else {
                    quoted.push_str(&format!("\\U{code:08x}"));
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// White space other than the blank, and format characters: Go does not call them printable.
fn is_invisible(c: char) -> bool {
    (c != ' ' && c.is_whitespace())
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}')
}

/// Returns quoted names with commas between them.
pub(super) fn quote_all<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name.as_ref())).collect();
    quoted.join(", ")
}

/// Returns a count with commas between thousands.
pub(super) fn count(number: i128) -> String {
    grouped(&number.to_string())
}

/// Returns a float with commas between thousands, or with a written-out power of ten.
pub(super) fn float(number: f64) -> String {
    let text = crate::numbers::shortest(number);
    let Some((digits, exponent)) = text.split_once('e') else {
        return grouped(&text);
    };
    let raised = exponent.chars().filter_map(|c| match c {
        '-' => Some('⁻'),
        '1' => Some('¹'),
        '2' => Some('²'),
        '3' => Some('³'),
        '0' | '4'..='9' => char::from_u32(0x2070 + u32::from(c) - u32::from('0')),
        _ => None,
    });
    let raised: String = raised.collect();
    format!("{digits}×10{raised}")
}

fn grouped(text: &str) -> String {
    let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let mut output = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            output.push(',');
        }
        output.push(digit);
    }
    if !fraction.is_empty() {
        output.push('.');
        output.push_str(fraction);
    }
    output
}

/// Returns a name as a part of a JSON pointer.
pub(super) fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        return Cow::Owned(name.replace('~', "~0").replace('/', "~1"));
    }
    Cow::Borrowed(name)
}

/// Returns a fragment without percent signs.
pub(super) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.first_chunk::<2>().filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns a fragment as it stands in an address.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-_.~$&+:=@".contains(&byte);
        if plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Returns an address relative to another one.
pub(super) fn joined_url(base: &str, url: &str) -> String {
    let has_scheme = url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if has_scheme {
        return url.to_owned();
    }
    let Some((scheme, rest)) = base.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if url.starts_with("//") {
        return format!("{scheme}:{url}");
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if url.starts_with('/') { url.to_owned() } else { format!("{folder}/{url}") };
    format!("{scheme}://{host}{}", crate::paths::clean(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_for_english_readers() {
        assert_eq!(float(1234.5), "1,234.5");
        assert_eq!(float(10_000.0), "10,000");
        assert_eq!(float(123_456_789.0), "1.23456789×10⁰⁸");
        assert_eq!(float(0.00001), "1×10⁻⁰⁵");
        assert_eq!(count(-1_234_567), "-1,234,567");
    }

    #[test]
    fn addresses_are_joined() {
        assert_eq!(joined_url("file:///values.schema.json", "other.json"), "file:///other.json");
        assert_eq!(joined_url("https://a.b/c/d", "../e"), "https://a.b/e");
        assert_eq!(joined_url("https://a.b/c/d", "urn:x"), "urn:x");
    }
}
