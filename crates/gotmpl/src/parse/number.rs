//! Go's number literals, with every type they could be used as.

use crate::fmt::quote::{Unit, quote, unquote_char};

/// A number literal: which types it fits, and its value in each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    /// What the literal is where nothing asks for a type.
    pub(crate) ideal: Ideal,
}

/// The type a literal has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Ideal {
    Float(f64),
    Int(i64),
    /// An integer that only fits `uint64`: an error where it is evaluated.
    #[default]
    Overflow,
}

/// Reads a character constant with its quotes.
pub(crate) fn character(text: &[u8]) -> Result<Number, String> {
    let (unit, tail) = unquote_char(text.get(1..).unwrap_or_default(), b'\'')
        .ok_or_else(|| "invalid syntax".to_owned())?;
    if tail != b"'" {
        let shown = String::from_utf8_lossy(text);
        return Err(format!("malformed character constant: {shown}"));
    }
    let code = match unit {
        Unit::Byte(byte) => u32::from(byte),
        Unit::Char(c) => u32::from(c),
    };
    Ok(Number {
        int: Some(i64::from(code)),
        uint: Some(u64::from(code)),
        float: Some(f64::from(code)),
        ideal: Ideal::Int(i64::from(code)),
    })
}

/// Reads an integer or float literal.
pub(crate) fn number(text: &[u8]) -> Result<Number, String> {
    let shown = quote(text);
    let text = std::str::from_utf8(text).map_err(|_| format!("illegal number syntax: {shown}"))?;
    if text.ends_with('i') {
        return Err(format!("complex numbers are not supported: {text}"));
    }
    let mut number = Number::default();
    let (negative, magnitude) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), parse_unsigned(rest)),
        None => (false, parse_unsigned(text)),
    };
    if let Some(value) = magnitude {
        // Go's ParseUint takes no sign at all.
        if !text.starts_with(['+', '-']) {
            number.uint = Some(value);
        }
        number.int = match negative {
            false => i64::try_from(value).ok(),
            true => i64::try_from(-i128::from(value)).ok(),
        };
        if number.int == Some(0) {
            number.uint = Some(0);
        }
    }
    let looks_float = text.contains(['.', 'e', 'E', 'p', 'P']);
    number.float = match (number.int, number.uint) {
        (Some(int), _) => Some(int as f64),
        (None, Some(uint)) => Some(uint as f64),
        (None, None) => {
            let value =
                parse_float(text).ok_or_else(|| format!("illegal number syntax: {shown}"))?;
            if !looks_float {
                return Err(format!("integer overflow: {shown}"));
            }
            // An integral float serves as an integer where one is wanted.
            if value.fract() == 0.0 && (-9.3e18..9.2e18).contains(&value) {
                number.int = Some(value as i64);
            }
            if value.fract() == 0.0 && (0.0..1.8e19).contains(&value) {
                number.uint = Some(value as u64);
            }
            Some(value)
        }
    };
    let hexadecimal_int = text.len() > 2
        && (text.starts_with("0x") || text.starts_with("0X"))
        && !text.contains(['p', 'P']);
    number.ideal = match number {
        Number { float: Some(value), .. } if looks_float && !hexadecimal_int => Ideal::Float(value),
        Number { int: Some(value), .. } => Ideal::Int(value),
        _ => Ideal::Overflow,
    };
    Ok(number)
}

/// Go's `strconv.ParseUint` with base 0.
fn parse_unsigned(text: &str) -> Option<u64> {
    let (base, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, text.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, text.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, text.get(2..)?),
        [b'0', _, ..] => (8, text.get(1..)?),
        _ => (10, text),
    };
    if !underscores_fit(text) {
        return None;
    }
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(&digits, base).ok()
}

/// Reports whether every underscore stands between digits, or between a base prefix and a digit.
fn underscores_fit(text: &str) -> bool {
    if !text.contains('_') {
        return true;
    }
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut previous = '^';
    let mut rest = text;
    let mut hexadecimal = false;
    if let [b'0', prefix, ..] = text.as_bytes()
        && matches!(prefix, b'x' | b'X' | b'b' | b'B' | b'o' | b'O')
    {
        // The prefix counts as a digit.
        previous = '0';
        hexadecimal = matches!(prefix, b'x' | b'X');
        rest = text.get(2..).unwrap_or_default();
    }
    for c in rest.chars() {
        if c.is_ascii_digit() || (hexadecimal && c.is_ascii_hexdigit()) {
            previous = '0';
        } else if c == '_' {
            if previous != '0' {
                return false;
            }
            previous = '_';
        } else {
            if previous == '_' {
                return false;
            }
            previous = '!';
        }
    }
    previous != '_'
}

/// Go's `strconv.ParseFloat`, of what a literal may look like.
fn parse_float(text: &str) -> Option<f64> {
    if !underscores_fit(text) {
        return None;
    }
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text.as_str()),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => parse_hexadecimal_float(hexadecimal)?,
        None => digits.parse().ok()?,
    };
    if !value.is_finite() {
        return None;
    }
    Some(if negative { -value } else { value })
}

/// Reads `1.8p3`; exact while the digits fit 64 bits, which is more than a float has.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if mantissa.is_empty() || mantissa == "." || digits.len() > 16 {
        return None;
    }
    let value = if digits.is_empty() { 0 } else { u64::from_str_radix(digits, 16).ok()? };
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    Some(value as f64 * 2f64.powi(shift))
}
