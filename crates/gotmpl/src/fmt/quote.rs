//! Go's strconv quoting and unquoting, and its view of UTF-8.

/// Returns the first character of a text, `None` for broken UTF-8, and how many bytes it takes.
pub fn decode_rune(text: &[u8]) -> (Option<char>, usize) {
    let Some(&first) = text.first() else {
        return (None, 0);
    };
    let width = match first {
        0x00..=0x7f => return (Some(char::from(first)), 1),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (None, 1),
    };
    match text.get(..width).and_then(|bytes| std::str::from_utf8(bytes).ok()) {
        Some(valid) => (valid.chars().next(), width),
        None => (None, 1),
    }
}

/// Reports whether Go prints a character as it is (`strconv.IsPrint`).
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() || c == ' ';
    }
    // Rust's own escaping of strings rests on the same Unicode categories; a letter goes first
    // because it escapes combining marks only at the start.
    let mut buffer = [b'a'; 5];
    let width = c.encode_utf8(&mut buffer[1..]).len();
    let shown = buffer.get(..=width).and_then(|bytes| std::str::from_utf8(bytes).ok());
    shown.is_some_and(|shown| shown.escape_debug().nth(1) != Some('\\'))
}

/// Returns a text in double quotes, as `strconv.Quote` does.
pub fn quote(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    quote_into(&mut out, text, b'"', false);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends a text in quotes (all escapes are ASCII, all else is valid UTF-8).
pub(crate) fn quote_into(out: &mut Vec<u8>, text: &[u8], quote: u8, ascii_only: bool) {
    out.push(quote);
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && !rest.is_empty()
    {
        let plain = rest
            .iter()
            .take_while(|b| matches!(b, b' '..=b'~') && **b != quote && **b != b'\\')
            .count();
        out.extend_from_slice(rest.get(..plain).unwrap_or_default());
        at += plain;
        let rest = rest.get(plain..).unwrap_or_default();
        let (character, width) = decode_rune(rest);
        if width == 0 {
            break;
        }
        at += width;
        match character {
            Some(c) => escape_rune(out, c, quote, ascii_only),
            None => {
                out.extend_from_slice(b"\\x");
                push_hex(out, u32::from(rest.first().copied().unwrap_or_default()), 2);
            }
        }
    }
    out.push(quote);
}

/// Appends one character, escaped where it needs to be.
pub(crate) fn escape_rune(out: &mut Vec<u8>, c: char, quote: u8, ascii_only: bool) {
    let code = u32::from(c);
    if code == u32::from(quote) || c == '\\' {
        out.push(b'\\');
        out.push(code as u8);
        return;
    }
    if is_print(c) && (c.is_ascii() || !ascii_only) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return;
    }
    let simple = match c {
        '\x07' => Some(b'a'),
        '\x08' => Some(b'b'),
        '\x0c' => Some(b'f'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\x0b' => Some(b'v'),
        _ => None,
    };
    out.push(b'\\');
    match simple {
        Some(letter) => out.push(letter),
        None if code < 0x20 || code == 0x7f => {
            out.push(b'x');
            push_hex(out, code, 2);
        }
        None if code < 0x1_0000 => {
            out.push(b'u');
            push_hex(out, code, 4);
        }
        None => {
            out.push(b'U');
            push_hex(out, code, 8);
        }
    }
}

fn push_hex(out: &mut Vec<u8>, value: u32, digits: usize) {
    out.extend_from_slice(format!("{value:0digits$x}").as_bytes());
}

/// Reports whether a text can stand in backquotes unchanged (`strconv.CanBackquote`).
pub(crate) fn can_backquote(text: &[u8]) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let (character, width) = decode_rune(rest);
        rest = rest.get(width..).unwrap_or_default();
        match character {
            None | Some('\u{feff}' | '`' | '\x7f') => return false,
            Some(c) if c < ' ' && c != '\t' => return false,
            Some(_) => {}
        }
    }
    true
}

/// Returns the text of a Go string literal with its quotes; `None` if the literal is not valid.
pub(crate) fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (quote, body) = match literal {
        [quote @ (b'"' | b'`'), body @ .., end] if quote == end => (*quote, body),
        _ => return None,
    };
    if quote == b'`' {
        // Go drops carriage returns from raw strings.
        if memchr::memchr(b'\r', body).is_none() {
            return Some(body.to_vec());
        }
        return Some(body.iter().copied().filter(|byte| *byte != b'\r').collect());
    }
    if memchr::memchr2(b'\\', b'\n', body).is_none() {
        // Broken UTF-8 becomes U+FFFD in Go: its loop decodes and encodes each character.
        return Some(match std::str::from_utf8(body) {
            Ok(_) => body.to_vec(),
            Err(_) => go_lossy(body),
        });
    }
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let (unit, tail) = unquote_char(rest, quote)?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = tail;
    }
    Some(out)
}

fn go_lossy(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (character, width) = decode_rune(rest);
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(width..).unwrap_or_default();
    }
    out
}

/// One element of a literal: an escape may stand for a byte that is no character.
pub(crate) enum Unit {
    Byte(u8),
    Char(char),
}

/// Reads one character or escape sequence of a literal, and returns what follows it.
pub(crate) fn unquote_char(text: &[u8], quote: u8) -> Option<(Unit, &[u8])> {
    let (&first, tail) = text.split_first()?;
    if first == quote && (quote == b'"' || quote == b'\'') || first == b'\n' {
        return None;
    }
    if first != b'\\' {
        let (character, width) = decode_rune(text);
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        return Some((Unit::Char(character), text.get(width..).unwrap_or_default()));
    }
    let (&escape, tail) = tail.split_first()?;
    let unit = match escape {
        b'a' => Unit::Char('\x07'),
        b'b' => Unit::Char('\x08'),
        b'f' => Unit::Char('\x0c'),
        b'n' => Unit::Char('\n'),
        b'r' => Unit::Char('\r'),
        b't' => Unit::Char('\t'),
        b'v' => Unit::Char('\x0b'),
        b'\\' => Unit::Char('\\'),
        b'\'' | b'"' if escape == quote => Unit::Char(char::from(escape)),
        b'x' => {
            let (value, tail) = read_digits(tail, 2, 16)?;
            return Some((Unit::Byte(u8::try_from(value).ok()?), tail));
        }
        b'u' | b'U' => {
            let (value, tail) = read_digits(tail, if escape == b'u' { 4 } else { 8 }, 16)?;
            return Some((Unit::Char(char::from_u32(value)?), tail));
        }
        b'0'..=b'7' => {
            let (value, tail) = read_digits(text.get(1..).unwrap_or_default(), 3, 8)?;
            return Some((Unit::Byte(u8::try_from(value).ok()?), tail));
        }
        _ => return None,
    };
    Some((unit, tail))
}

fn read_digits(text: &[u8], count: usize, base: u32) -> Option<(u32, &[u8])> {
    let (digits, tail) = text.split_at_checked(count)?;
    let mut value: u32 = 0;
    for digit in digits {
        value = value.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?)?;
    }
    Some((value, tail))
}
