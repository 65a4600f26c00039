//! How a text is written as a scalar: plain, in double quotes, or as a literal block.

/// A text as a literal block.
pub(super) struct Block<'t> {
    /// `|` or `|-`.
    pub(super) header: &'static str,
    /// Its lines.
    pub(super) lines: Vec<&'t str>,
}

/// Returns a text on one line: plain where every reader takes it for this text.
pub(super) fn text(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Returns a text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            // Everything else that YAML does not allow as it is lies in the basic plane.
            c => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Returns a text of several lines as a literal block, where a block says exactly that text.
pub(super) fn block(text: &str) -> Option<Block<'_>> {
    if !text.contains('\n') {
        return None;
    }
    let (header, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let first = lines.first().copied().unwrap_or_default();
    let last = lines.last().copied().unwrap_or_default();
    // A first line with spaces would need an indentation indicator, blank lines at the ends other
    // chomping: quotes are clearer.
    let fits = !first.is_empty()
        && !first.starts_with(' ')
        && !last.is_empty()
        && lines.iter().all(|line| {
            line.chars().all(is_printable)
                && (line.is_empty() || line.trim() != "")
                && !line.starts_with('\t')
        });
    fits.then_some(Block { header, lines })
}

/// Says whether YAML lets a character stand as it is on one line, in every version.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        // Line breaks of YAML 1.1, the byte order mark, controls and non-characters.
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => false,
        c => c >= '\u{A0}',
    }
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well =
        first.is_alphanumeric() || matches!(first, '/' | '_' | '.' | '(' | '$' | '+' | ';' | '^');
    starts_well
        && !text.ends_with([' ', ':'])
        && text.chars().all(is_printable)
        && !text.contains(": ")
        && !text.contains(" #")
        && !is_word_with_meaning(text)
        && !looks_like_a_number(text)
}

/// Says whether a text is one of the words that YAML 1.1 or 1.2 readers take for something else.
fn is_word_with_meaning(text: &str) -> bool {
    const WORDS: [&str; 18] = [
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "nan",
        "inf",
        "infinity",
        ".nan",
        ".inf",
        "+.inf",
        "+inf",
        "+infinity",
        ".",
    ];
    text.len() <= 9 && WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Says whether any reader might take a text for a number, a date, or base-sixty digits. Says yes
/// rather too often: quotes do no harm.
fn looks_like_a_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let based = ["0x", "0X", "0o", "0O", "0b", "0B"]
        .iter()
        .find_map(|prefix| unsigned.strip_prefix(prefix));
    if based.is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_hexdigit() || c == b'_')) {
        return true;
    }
    let digits = unsigned.bytes().any(|c| c.is_ascii_digit());
    let number_letters = unsigned.bytes().all(|c| c.is_ascii_digit() || b"_.,:eE+-".contains(&c));
    let dots = unsigned.bytes().filter(|c| *c == b'.').count();
    if digits && number_letters && dots < 2 {
        return true;
    }
    is_date(unsigned.as_bytes())
}

/// Says whether a text begins like `2026-1-2`.
fn is_date(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    for (most, least, separator) in [(4, 4, Some(b'-')), (2, 1, Some(b'-')), (2, 1, None)] {
        let count = rest.iter().take(most).take_while(|c| c.is_ascii_digit()).count();
        if count < least {
            return false;
        }
        rest = rest.get(count..).unwrap_or_default();
        if let Some(separator) = separator {
            if rest.first() != Some(&separator) {
                return false;
            }
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_where_nobody_can_misread_it() {
        for plain in [
            "shop",
            "1.4.2",
            "50m",
            "64Mi",
            "/healthz",
            "https://example.com/a#b",
            "0 3 * * *",
            "ghcr.io/acme/web",
            "30s",
            "a b",
            "ünï",
            "$values/x",
            "v1.21.1",
            "shop.example.com",
            "10.0.0.0/8",
            "0b7ad1c2-93f4-4b1e",
        ] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn quoted_where_some_reader_would() {
        for misread in [
            "",
            "y",
            "No",
            "ON",
            "true",
            "Null",
            "~",
            "1",
            "-1",
            "+1",
            "1.5",
            ".5",
            "1e3",
            "0x1F",
            "0o17",
            "0b1",
            "1_000",
            "12:30:45",
            "2026-11-21",
            "2026-11-21 10:00:00",
            ".inf",
            ".NaN",
            "<<",
            "=",
            "- a",
            "a: b",
            "a:",
            "a #b",
            " a",
            "a ",
            "*a",
            "&a",
            "!a",
            "@a",
            "`a",
            "%a",
            "{a",
            "[a",
            "a\tb",
            "a\u{85}b",
            "#a",
            "?a",
            "|",
            ">",
            "'",
            "\"",
            "---",
            "12e03",
            "1,000",
            "\u{FEFF}a",
            "a\0b",
        ] {
            assert!(text(misread).starts_with('"'), "{misread:?}");
        }
    }

    #[test]
    fn blocks_only_where_they_say_the_same() {
        assert!(block("a\nb\n").is_some());
        assert!(block("a\n\nb").is_some());
        for other in ["a", " a\nb", "\na", "a\n\n", "a\n \nb", "a\r\nb", "a\n\tb"] {
            assert!(block(other).is_none(), "{other:?}");
        }
    }
}
