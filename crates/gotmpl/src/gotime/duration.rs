//! Durations: nanoseconds, spelled as in `1h2m3.5s`.

use std::fmt;

/// A length of time in nanoseconds, negative or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration(pub i64);

/// Why a text is not a duration; the words are Go's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationError {
    message: String,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DurationError {}

/// Quotes as Go's time package does: bytes outside ASCII become `\x..`.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

fn unit(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        // The micro sign and the Greek letter mu.
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

const LIMIT: u64 = 1 << 63;

/// Reads digits; `None` when they exceed 2^63.
pub(super) fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut number: u64 = 0;
    let mut at = 0;
    while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
        if number > LIMIT / 10 {
            return None;
        }
        number = number * 10 + u64::from(digit - b'0');
        if number > LIMIT {
            return None;
        }
        at += 1;
    }
    Some((number, text.get(at..).unwrap_or_default()))
}

/// Reads the digits after a point; those that no longer fit are skipped.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let mut number: u64 = 0;
    let mut scale = 1.0;
    let mut full = false;
    let mut at = 0;
    while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
        at += 1;
        if full {
            continue;
        }
        if number > (LIMIT - 1) / 10 {
            full = true;
            continue;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > LIMIT {
            full = true;
            continue;
        }
        number = next;
        scale *= 10.0;
    }
    (number, scale, text.get(at..).unwrap_or_default())
}

impl Duration {
    /// Reads a duration such as `-1.5h` or `1h15m30.918s`.
    pub fn parse(text: &[u8]) -> Result<Duration, DurationError> {
        let error = |what: &str| DurationError { message: format!("time: {what} {}", quote(text)) };
        let invalid = || error("invalid duration");
        let (negative, mut rest) = match text.split_first() {
            Some((b'-', rest)) => (true, rest),
            Some((b'+', rest)) => (false, rest),
            _ => (false, text),
        };
        if rest == b"0" {
            return Ok(Duration(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: u64 = 0;
        while let Some(&first) = rest.first() {
            if first != b'.' && !first.is_ascii_digit() {
                return Err(invalid());
            }
            let (mut value, after) = leading_number(rest).ok_or_else(invalid)?;
            let mut digits = after.len() != rest.len();
            rest = after;
            let (mut fraction, mut scale) = (0, 1.0);
            if let Some(after_point) = rest.strip_prefix(b".") {
                let (number, factor, after) = leading_fraction(after_point);
                digits |= after.len() != after_point.len();
                (fraction, scale, rest) = (number, factor, after);
            }
            if !digits {
                return Err(invalid());
            }
            let length =
                rest.iter().take_while(|&&byte| byte != b'.' && !byte.is_ascii_digit()).count();
            if length == 0 {
                return Err(error("missing unit in duration"));
            }
            let (name, after) = rest.split_at(length);
            rest = after;
            let unit = unit(name)
                .ok_or_else(|| error(&format!("unknown unit {} in duration", quote(name))))?;
            if value > LIMIT / unit {
                return Err(invalid());
            }
            value *= unit;
            if fraction > 0 {
                // As Go: with a float, which is exact enough for fractions of hours.
                value += (fraction as f64 * (unit as f64 / scale)) as u64;
                if value > LIMIT {
                    return Err(invalid());
                }
            }
            total = total.wrapping_add(value);
            if total > LIMIT {
                return Err(invalid());
            }
        }
        if negative {
            return Ok(Duration((total as i64).wrapping_neg()));
        }
        i64::try_from(total).map(Duration).map_err(|_| invalid())
    }

    /// Returns the duration rounded toward zero to a multiple of another.
    pub fn truncate(self, multiple: Duration) -> Duration {
        if multiple.0 <= 0 { self } else { Duration(self.0 - self.0 % multiple.0) }
    }

    /// Returns the duration rounded to the nearest multiple of another, halves away from zero.
    pub fn round(self, multiple: Duration) -> Duration {
        if multiple.0 <= 0 {
            return self;
        }
        let rest = (self.0 % multiple.0).unsigned_abs();
        let step = multiple.0.unsigned_abs();
        let down = i128::from(self.0) - i128::from(self.0 % multiple.0);
        let rounded = if rest + rest < step {
            down
        } else {
            down + i128::from(multiple.0) * if self.0 < 0 { -1 } else { 1 }
        };
        let bounded = rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Duration(i64::try_from(bounded).unwrap_or(0))
    }

    /// Returns the duration in units of so many nanoseconds, as Go's `Seconds`, `Hours`… do.
    pub fn in_units(self, unit: i64) -> f64 {
        if unit == 0 {
            return 0.0;
        }
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (unit, name) = match total {
            0 => return f.write_str("0s"),
            1..=999 => (1, "ns"),
            1_000..=999_999 => (1_000, "µs"),
            1_000_000..=999_999_999 => (1_000_000, "ms"),
            _ => (1_000_000_000, "s"),
        };
        let mut whole = total / unit;
        if unit == 1_000_000_000 {
            let hours = whole / 3_600;
            if hours > 0 {
                write!(f, "{hours}h")?;
            }
            if whole >= 60 {
                write!(f, "{}m", whole / 60 % 60)?;
            }
            whole %= 60;
        }
        write!(f, "{whole}")?;
        let fraction = total % unit;
        if fraction > 0 {
            let width = unit.ilog10() as usize;
            let digits = format!("{fraction:0width$}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str(name)
    }
}
