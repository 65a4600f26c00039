//! Numbers out of anything: Go's `strconv` parsers and the rules of spf13/cast on top.

use crate::value::Value;

fn lower(byte: u8) -> u8 {
    byte | 0x20
}

/// Reports whether underscores stand only between digits, as in Go source.
fn underscores_fit(number: &[u8]) -> bool {
    let number = match number.split_first() {
        Some((b'+' | b'-', rest)) => rest,
        _ => number,
    };
    let prefix = match (number.first(), number.get(1).map(|&byte| lower(byte))) {
        (Some(b'0'), Some(letter @ (b'b' | b'o' | b'x'))) => Some(letter),
        _ => None,
    };
    let hex = prefix == Some(b'x');
    let mut last = if prefix.is_some() { b'0' } else { b'^' };
    for &byte in number.iter().skip(if prefix.is_some() { 2 } else { 0 }) {
        let digit = byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit();
        last = match (digit, byte, last) {
            (true, ..) => b'0',
            (false, b'_', b'0') => b'_',
            (false, b'_', _) | (false, _, b'_') => return false,
            (false, ..) => b'!',
        };
    }
    last != b'_'
}

/// Reads an integer as Go's `strconv.ParseInt(text, base, 64)`; base 0 looks at the prefix.
pub(super) fn parse_int(text: &[u8], base: u32) -> Option<i64> {
    let (negative, unsigned) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let (mut radix, mut digits) = (base, unsigned);
    if base == 0 {
        radix = 10;
        if let Some((b'0', rest)) = unsigned.split_first() {
            let letter = rest.first().map(|&byte| lower(byte));
            let long = unsigned.len() >= 3;
            (radix, digits) = match letter {
                Some(b'b') if long => (2, rest.get(1..)?),
                Some(b'o') if long => (8, rest.get(1..)?),
                Some(b'x') if long => (16, rest.get(1..)?),
                _ => (8, rest),
            };
        }
    }
    if unsigned.is_empty() {
        return None;
    }
    let mut underscores = false;
    let mut number: u64 = 0;
    for &byte in digits {
        if byte == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(byte).to_digit(radix)?;
        number = number.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))?;
    }
    if underscores && !underscores_fit(unsigned) {
        return None;
    }
    if negative { 0i64.checked_sub_unsigned(number) } else { i64::try_from(number).ok() }
}

/// Reads a decimal integer as Go's `strconv.Atoi` when its error is not looked at: what is too large
/// becomes the nearest number, what is none becomes 0.
pub(super) fn nearest_int(text: &[u8]) -> i64 {
    if let Some(number) = parse_int(text, 10) {
        return number;
    }
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        0
    } else if negative {
        i64::MIN
    } else {
        i64::MAX
    }
}

/// Reads a float as Go's `strconv.ParseFloat(text, 64)`; numbers too large are refused.
pub(super) fn parse_float(text: &[u8]) -> Option<f64> {
    let (sign, unsigned) = match text.split_first()? {
        (b'-', rest) => (-1.0, rest),
        (b'+', rest) => (1.0, rest),
        _ => (1.0, text),
    };
    if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        return Some(sign * f64::INFINITY);
    }
    if text.eq_ignore_ascii_case(b"nan") {
        return Some(f64::NAN);
    }
    if unsigned.contains(&b'_') && !underscores_fit(unsigned) {
        return None;
    }
    let plain: Vec<u8> = unsigned.iter().copied().filter(|&byte| byte != b'_').collect();
    let hex = plain.first() == Some(&b'0') && plain.get(1).is_some_and(|&byte| lower(byte) == b'x');
    let number = if hex && plain.len() > 2 {
        parse_hex_float(plain.get(2..)?)?
    } else {
        // Rust's parser reads the same decimal forms, and a few words that are no numbers.
        let decimal = plain
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
        let signed = matches!(plain.first(), Some(b'+' | b'-'));
        if !decimal || signed {
            return None;
        }
        std::str::from_utf8(&plain).ok()?.parse::<f64>().ok()?
    };
    number.is_finite().then_some(sign * number)
}

/// Reads what follows `0x`: hexadecimal digits with a point, and a power of two.
fn parse_hex_float(text: &[u8]) -> Option<f64> {
    let mark = text.iter().position(|&byte| lower(byte) == b'p')?;
    let (digits, exponent) = text.split_at_checked(mark)?;
    let exponent = exponent.get(1..)?;
    let unsigned = match exponent.split_first()? {
        (b'+' | b'-', rest) => rest,
        _ => exponent,
    };
    if unsigned.is_empty() || !unsigned.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let power = std::str::from_utf8(exponent).ok()?.parse::<i64>().unwrap_or(i64::from(i32::MAX));
    let power = if exponent.first() == Some(&b'-') { -power.abs() } else { power };
    let (mut mantissa, mut shift, mut seen, mut point) = (0u64, 0i64, false, false);
    for &byte in digits {
        if byte == b'.' && !point {
            point = true;
            continue;
        }
        let digit = u64::from(char::from(byte).to_digit(16)?);
        seen = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | digit;
            shift -= if point { 4 } else { 0 };
        } else {
            // Beyond 60 bits only the rounding can still depend on a digit.
            mantissa |= u64::from(digit != 0);
            shift += if point { 0 } else { 4 };
        }
    }
    if !seen {
        return None;
    }
    let power = (power.clamp(-100_000, 100_000) + shift).clamp(-100_000, 100_000);
    let mut number = mantissa as f64;
    // In steps, because 2^power alone may not be a number.
    let mut left = power;
    while left != 0 && number != 0.0 && number.is_finite() {
        let step = left.clamp(-1_000, 1_000);
        number *= 2f64.powi(i32::try_from(step).ok()?);
        left -= step;
    }
    Some(number)
}

/// Removes `.0`, `.00`… at the end, as cast does before it reads an integer.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|&&byte| byte == b'0').count();
    let before = text.len() - zeros;
    match text.get(..before) {
        Some([whole @ .., b'.']) if zeros > 0 => whole,
        _ => text,
    }
}

/// Converts a float as Go does on the usual machines: what does not fit is the smallest integer.
pub(super) fn float_to_i64(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// The named integer types that count as `int`: months and weekdays.
fn calendar_number(value: &Value) -> Option<i64> {
    match value {
        Value::Object(object) if matches!(object.type_name(), "time.Month" | "time.Weekday") => {
            match object.underlying() {
                Some(Value::Int(int)) => Some(int.to_i64()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the integer that a value is or says; 0 when it says none.
pub(super) fn to_i64(value: &Value) -> i64 {
    match value {
        Value::Int(int) => int.to_i64(),
        Value::Float(number) => float_to_i64(*number),
        Value::Bool(value) => i64::from(*value),
        Value::Str(text) => parse_int(trim_zero_decimal(text), 0).unwrap_or(0),
        _ => calendar_number(value).unwrap_or(0),
    }
}

/// Returns the float that a value is or says; 0 when it says none.
pub(super) fn to_f64(value: &Value) -> f64 {
    match value {
        Value::Int(int) => int.to_f64(),
        Value::Float(number) => *number,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Str(text) => parse_float(text).unwrap_or(0.0),
        _ => calendar_number(value).unwrap_or(0) as f64,
    }
}
