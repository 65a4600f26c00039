//! Which texts go-yaml takes for a point in time, and how Go writes them in JSON.
//!
//! The layouts are `2006-1-2T15:4:5.999999999Z07:00` (or with `t`), `2006-1-2 15:4:5.999999999` and
//! `2006-1-2`, read as Go's `time.Parse` does.

/// A point in time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    nanoseconds: u32,
    /// Minutes east of Greenwich.
    offset: i32,
}

/// Says whether go-yaml takes a text for a point in time.
pub(crate) fn is_timestamp(text: &str) -> bool {
    // Every layout has four digits and a dash first.
    text.as_bytes().get(4) == Some(&b'-') && parse(text).is_some()
}

/// Reads a point in time.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let mut at = 4;
    let year = bytes.get(..4)?.iter().try_fold(0, |year, byte| {
        byte.is_ascii_digit().then(|| year * 10 + u32::from(byte - b'0'))
    })?;
    literal(bytes, &mut at, b'-')?;
    let month = one_or_two(bytes, &mut at).filter(|month| (1..=12).contains(month))?;
    literal(bytes, &mut at, b'-')?;
    let day = one_or_two(bytes, &mut at)?;
    if day < 1 || day > days_in(year, month) {
        return None;
    }
    let date =
        Timestamp { year, month, day, hour: 0, minute: 0, second: 0, nanoseconds: 0, offset: 0 };
    let zoned = match bytes.get(at) {
        None => return Some(date),
        Some(b'T' | b't') => true,
        Some(b' ') => false,
        Some(_) => return None,
    };
    at += 1;
    while !zoned && bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    let hour = one_or_two(bytes, &mut at).filter(|&hour| hour < 24)?;
    literal(bytes, &mut at, b':')?;
    let minute = one_or_two(bytes, &mut at).filter(|&minute| minute < 60)?;
    literal(bytes, &mut at, b':')?;
    let second = one_or_two(bytes, &mut at).filter(|&second| second < 60)?;
    let nanoseconds = fraction(bytes, &mut at);
    let offset = if zoned { zone(bytes, &mut at)? } else { 0 };
    (at == bytes.len()).then_some(Timestamp { hour, minute, second, nanoseconds, offset, ..date })
}

impl Timestamp {
    /// Writes it as Go's JSON does (RFC 3339 with as many digits of the second as needed).
    pub(crate) fn json(&self) -> String {
        let Self { year, month, day, hour, minute, second, .. } = self;
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if self.nanoseconds != 0 {
            let digits = format!("{:09}", self.nanoseconds);
            text.push('.');
            text.push_str(digits.trim_end_matches('0'));
        }
        if self.offset == 0 {
            text.push('Z');
        } else {
            let sign = if self.offset < 0 { '-' } else { '+' };
            let minutes = self.offset.unsigned_abs();
            text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
        }
        text
    }
}

fn literal(bytes: &[u8], at: &mut usize, wanted: u8) -> Option<()> {
    (bytes.get(*at) == Some(&wanted)).then(|| *at += 1)
}

fn digit(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'))
}

fn one_or_two(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let first = digit(bytes, *at)?;
    *at += 1;
    Some(match digit(bytes, *at) {
        Some(second) => {
            *at += 1;
            first * 10 + second
        }
        None => first,
    })
}

/// Reads `.5` or `,5`, any number of digits of which nine count.
fn fraction(bytes: &[u8], at: &mut usize) -> u32 {
    if !matches!(bytes.get(*at), Some(b'.' | b',')) || digit(bytes, *at + 1).is_none() {
        return 0;
    }
    *at += 1;
    let (mut nanoseconds, mut digits) = (0, 0);
    while let Some(value) = digit(bytes, *at) {
        *at += 1;
        if digits < 9 {
            nanoseconds = nanoseconds * 10 + value;
            digits += 1;
        }
    }
    nanoseconds * 10u32.pow(9 - digits)
}

/// Reads `Z` or `+02:00`.
fn zone(bytes: &[u8], at: &mut usize) -> Option<i32> {
    let sign = match bytes.get(*at)? {
        b'Z' => {
            *at += 1;
            return Some(0);
        }
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |from: usize| Some(digit(bytes, from)? * 10 + digit(bytes, from + 1)?);
    let (hours, minutes) = (two(*at + 1)?, two(*at + 4)?);
    if bytes.get(*at + 3) != Some(&b':') || hours > 24 || minutes > 60 {
        return None;
    }
    *at += 6;
    i32::try_from(hours * 60 + minutes).ok().map(|offset| sign * offset)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
