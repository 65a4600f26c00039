//! What a scalar means to go-yaml v2, the library behind `sigs.k8s.io/yaml`: YAML 1.1 with Go's
//! own idea of numbers.
//!
//! In go the text of a scalar and its tag, out comes the value or, for a tag that the text does not
//! fit, the words of the error.

use crate::timestamp;

/// What a scalar was found to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits `i64`.
    Int(i64),
    /// A whole number that fits only `u64`.
    Uint(u64),
    /// A number with a fraction or exponent.
    Float(f64),
    /// Text as it stands.
    Text,
    /// A point in time.
    Timestamp,
}

/// The prefix that `!!` stands for.
pub(crate) const STANDARD_TAG: &str = "tag:yaml.org,2002:";

/// Finds out what a plain scalar without a tag is.
pub(crate) fn resolve_plain(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match word(text) {
            Scalar::Text => go_float(text, true).map_or(Scalar::Text, Scalar::Float),
            special => special,
        },
        b'+' | b'-' => match word(text) {
            Scalar::Text => number(text),
            special => special,
        },
        b'0'..=b'9' => {
            if timestamp::is_timestamp(text) {
                Scalar::Timestamp
            } else {
                number(text)
            }
        }
        _ => Scalar::Text,
    }
}

/// Finds out what a scalar with a tag is. The tag is in its long form.
pub(crate) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let Some(short) = tag.strip_prefix(STANDARD_TAG) else { return Ok(Scalar::Text) };
    if !matches!(short, "str" | "bool" | "int" | "float" | "null" | "timestamp") {
        return Ok(Scalar::Text);
    }
    if short == "str" {
        return Ok(Scalar::Text);
    }
    let found = match resolve_plain(text) {
        // A timestamp counts only where one is asked for.
        Scalar::Timestamp if short != "timestamp" => number(text),
        other => other,
    };
    let name = tag_name(found);
    if name == short {
        return Ok(found);
    }
    if let ("float", Scalar::Int(value)) = (short, found) {
        return Ok(Scalar::Float(value as f64));
    }
    Err(format!("cannot decode !!{name} `{text}` as a !!{short}"))
}

/// Returns the tag of what was found, without its `!!`.
pub(crate) fn tag_name(found: Scalar) -> &'static str {
    match found {
        Scalar::Null => "null",
        Scalar::Bool(_) => "bool",
        Scalar::Int(_) | Scalar::Uint(_) => "int",
        Scalar::Float(_) => "float",
        Scalar::Text => "str",
        Scalar::Timestamp => "timestamp",
    }
}

/// The words that have a meaning of their own.
fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => Scalar::Text,
    }
}

/// Reads what begins with a digit or a sign.
pub(crate) fn number(text: &str) -> Scalar {
    let shortened;
    let plain = if text.contains('_') {
        shortened = text.replace('_', "");
        shortened.as_str()
    } else {
        text
    };
    if let Some(value) = go_int(plain) {
        return Scalar::Int(value);
    }
    if let Some(value) = go_uint(plain) {
        return Scalar::Uint(value);
    }
    if is_yaml_float(plain)
        && let Some(value) = go_float(plain, false)
    {
        return Scalar::Float(value);
    }
    let binary = match (plain.strip_prefix("0b"), plain.strip_prefix("-0b")) {
        (Some(digits), _) => match signed(digits, 2) {
            Some(value) => return Scalar::Int(value),
            None => unsigned(digits, 2).map(Scalar::Uint),
        },
        (None, Some(digits)) => signed(&format!("-{digits}"), 2).map(Scalar::Int),
        (None, None) => None,
    };
    binary.unwrap_or(Scalar::Text)
}

/// `strconv.ParseInt(text, 0, 64)` for a text without underscores.
pub(crate) fn go_int(text: &str) -> Option<i64> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let size = go_uint(rest)?;
    if negative { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }
}

/// `strconv.ParseUint(text, 0, 64)` for a text without underscores.
pub(crate) fn go_uint(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.first()? != &b'0' {
        return unsigned(text, 10);
    }
    let base = match bytes.get(1) {
        None => return Some(0),
        Some(b'b' | b'B') if bytes.len() > 2 => 2,
        Some(b'o' | b'O') if bytes.len() > 2 => 8,
        Some(b'x' | b'X') if bytes.len() > 2 => 16,
        Some(_) => return unsigned(text.get(1..)?, 8),
    };
    unsigned(text.get(2..)?, base)
}

/// Digits only: no sign, unlike Rust's own.
fn unsigned(digits: &str, base: u32) -> Option<u64> {
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}

/// Digits with one sign at most.
fn signed(digits: &str, base: u32) -> Option<i64> {
    i64::from_str_radix(digits, base).ok()
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
pub(crate) fn is_yaml_float(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(at);
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if whole == 0 && fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    } else if whole == 0 {
        return false;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

/// `strconv.ParseFloat`: too large is no number. Go lets single underscores stand between digits.
pub(crate) fn go_float(text: &str, underscores: bool) -> Option<f64> {
    let shortened;
    let plain = if underscores && text.contains('_') {
        let bytes = text.as_bytes();
        let digit = |index: Option<usize>| {
            index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit)
        };
        let between = |(at, _)| digit(usize::checked_sub(at, 1)) && digit(Some(at + 1));
        if !text.match_indices('_').all(between) {
            return None;
        }
        shortened = text.replace('_', "");
        shortened.as_str()
    } else {
        text
    };
    if !is_yaml_float(plain) {
        return None;
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}
