//! Reading a moment with a layout.

use std::fmt;

use super::civil::{MONTHS, WEEKDAYS, days_in_month, is_leap};
use super::duration::{leading_number, quote};
use super::layout::{OffsetSize, Part, next_part};
use super::{Month, Time, Zone};

/// Why a text does not fit a layout; the words are Go's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTimeError {
    message: String,
}

impl fmt::Display for ParseTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseTimeError {}

/// What has been read so far; `None` is not mentioned.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: i64,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    zone_name: Vec<u8>,
}

/// How reading one part fails.
enum Failure {
    /// The text is not of the form.
    Bad,
    /// A number is out of its range; what is left of the text then.
    Range(&'static str),
}

type Step<'a, T> = Result<(T, &'a [u8]), Failure>;

fn digit(text: &[u8], at: usize) -> Option<i64> {
    text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'))
}

/// Reads one or two digits, exactly two when `fixed`.
fn number(text: &[u8], fixed: bool) -> Step<'_, i64> {
    let first = digit(text, 0).ok_or(Failure::Bad)?;
    match digit(text, 1) {
        Some(second) => Ok((first * 10 + second, text.get(2..).unwrap_or_default())),
        None if fixed => Err(Failure::Bad),
        None => Ok((first, text.get(1..).unwrap_or_default())),
    }
}

/// Reads one to three digits, exactly three when `fixed`.
fn number3(text: &[u8], fixed: bool) -> Step<'_, i64> {
    let mut value = 0;
    let mut length = 0;
    while length < 3
        && let Some(digit) = digit(text, length)
    {
        value = value * 10 + digit;
        length += 1;
    }
    if length == 0 || fixed && length != 3 {
        return Err(Failure::Bad);
    }
    Ok((value, text.get(length..).unwrap_or_default()))
}

/// Reads a signed number that must fill the text, as Go's `atoi`.
fn whole_number(text: &[u8]) -> Result<i64, Failure> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    match leading_number(digits) {
        Some((value, [])) => {
            let value = value as i64;
            Ok(if negative { value.wrapping_neg() } else { value })
        }
        _ => Err(Failure::Bad),
    }
}

/// Reads a name of a table, without regard to case; its place.
fn name<'a>(text: &'a [u8], table: &[&str], length: Option<usize>) -> Step<'a, i64> {
    for (at, full) in table.iter().enumerate() {
        let wanted = full.as_bytes();
        let wanted = wanted.get(..length.unwrap_or(wanted.len())).unwrap_or(wanted);
        if let Some(start) = text.get(..wanted.len())
            && start.eq_ignore_ascii_case(wanted)
        {
            return Ok((at as i64, text.get(wanted.len()..).unwrap_or_default()));
        }
    }
    Err(Failure::Bad)
}

/// Skips the text between two parts; a run of spaces fits any run of spaces.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some((&wanted, rest)) = prefix.split_first() {
        if wanted == b' ' {
            if value.first().is_some_and(|&byte| byte != b' ') {
                return Err(value);
            }
            prefix = prefix.trim_ascii_start_spaces();
            value = value.trim_ascii_start_spaces();
            continue;
        }
        match value.split_first() {
            Some((&byte, after)) if byte == wanted => value = after,
            _ => return Err(value),
        }
        prefix = rest;
    }
    Ok(value)
}

trait Spaces {
    fn trim_ascii_start_spaces(&self) -> &Self;
}

impl Spaces for [u8] {
    fn trim_ascii_start_spaces(&self) -> &[u8] {
        let spaces = self.iter().take_while(|&&byte| byte == b' ').count();
        self.get(spaces..).unwrap_or_default()
    }
}

/// Reads `.123` of so many bytes as nanoseconds.
fn nanoseconds(text: &[u8], length: usize) -> Result<i64, Failure> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Failure::Bad);
    }
    let length = length.min(10);
    let mut value = whole_number(text.get(1..length).ok_or(Failure::Bad)?)?;
    if value < 0 {
        return Err(Failure::Range("fractional second"));
    }
    for _ in length..10 {
        value *= 10;
    }
    Ok(value)
}

fn in_range(value: i64, range: std::ops::Range<i64>, what: &'static str) -> Result<i64, Failure> {
    if range.contains(&value) { Ok(value) } else { Err(Failure::Range(what)) }
}

impl Fields {
    /// Reads one part; returns the text after it. A range failure counts from `after`.
    fn read<'a>(
        &mut self,
        part: Part,
        text: &'a [u8],
        layout: &[u8],
        after: &mut &'a [u8],
    ) -> Result<(), Failure> {
        let under = |text: &'a [u8]| text.strip_prefix(b" ").unwrap_or(text);
        match part {
            Part::Year => {
                let (digits, rest) = text.split_at_checked(2).ok_or(Failure::Bad)?;
                *after = rest;
                let year = whole_number(digits)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Part::LongYear => {
                let (digits, rest) = text.split_at_checked(4).ok_or(Failure::Bad)?;
                if digit(text, 0).is_none() {
                    return Err(Failure::Bad);
                }
                *after = rest;
                self.year = whole_number(digits)?;
            }
            Part::Month | Part::LongMonth => {
                let length = (part == Part::Month).then_some(3);
                let (month, rest) = name(text, &MONTHS, length)?;
                *after = rest;
                self.month = Some(month + 1);
            }
            Part::NumMonth | Part::ZeroMonth => {
                let (month, rest) = number(text, part == Part::ZeroMonth)?;
                *after = rest;
                self.month = Some(in_range(month, 1..13, "month")?);
            }
            Part::Weekday | Part::LongWeekday => {
                let length = (part == Part::Weekday).then_some(3);
                *after = name(text, &WEEKDAYS, length)?.1;
            }
            Part::Day | Part::UnderDay | Part::ZeroDay => {
                let text = if part == Part::UnderDay { under(text) } else { text };
                let (day, rest) = number(text, part == Part::ZeroDay)?;
                *after = rest;
                self.day = Some(day);
            }
            Part::UnderYearDay | Part::ZeroYearDay => {
                let fixed = part == Part::ZeroYearDay;
                let text = if fixed { text } else { under(under(text)) };
                let (day, rest) = number3(text, fixed)?;
                *after = rest;
                self.year_day = Some(day);
            }
            Part::Hour => {
                let (hour, rest) = number(text, false)?;
                *after = rest;
                self.hour = in_range(hour, 0..24, "hour")?;
            }
            Part::Hour12 | Part::ZeroHour12 => {
                let (hour, rest) = number(text, part == Part::ZeroHour12)?;
                *after = rest;
                self.hour = in_range(hour, 0..13, "hour")?;
            }
            Part::Minute | Part::ZeroMinute => {
                let (minute, rest) = number(text, part == Part::ZeroMinute)?;
                *after = rest;
                self.minute = in_range(minute, 0..60, "minute")?;
            }
            Part::Second | Part::ZeroSecond => {
                let (second, rest) = number(text, part == Part::ZeroSecond)?;
                *after = rest;
                self.second = in_range(second, 0..60, "second")?;
                self.read_unasked_fraction(rest, layout, after)?;
            }
            Part::UpperHalf | Part::LowerHalf => {
                let (half, rest) = text.split_at_checked(2).ok_or(Failure::Bad)?;
                *after = rest;
                match (half, part) {
                    (b"PM", Part::UpperHalf) | (b"pm", Part::LowerHalf) => self.pm = true,
                    (b"AM", Part::UpperHalf) | (b"am", Part::LowerHalf) => self.am = true,
                    _ => return Err(Failure::Bad),
                }
            }
            Part::Offset { zulu, colon, size } => match text.strip_prefix(b"Z") {
                Some(rest) if zulu => {
                    *after = rest;
                    self.utc = true;
                }
                _ => self.read_offset(text, colon, size, after)?,
            },
            Part::ZoneName => {
                if let Some(rest) = text.strip_prefix(b"UTC") {
                    *after = rest;
                    self.utc = true;
                } else {
                    let length = zone_name_length(text).ok_or(Failure::Bad)?;
                    let (name, rest) = text.split_at_checked(length).ok_or(Failure::Bad)?;
                    *after = rest;
                    self.zone_name = name.to_vec();
                }
            }
            Part::Fraction0 { digits, .. } => {
                let (_, rest) = text.split_at_checked(1 + digits).ok_or(Failure::Bad)?;
                self.nanoseconds = nanoseconds(text, 1 + digits)?;
                *after = rest;
            }
            Part::Fraction9 { .. } => {
                if matches!(text.first(), Some(b'.' | b',')) && digit(text, 1).is_some() {
                    let digits = text.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
                    self.nanoseconds = nanoseconds(text, 1 + digits)?;
                    *after = text.get(1 + digits..).unwrap_or_default();
                } else {
                    *after = text;
                }
            }
        }
        Ok(())
    }

    /// A fraction may follow the seconds even if the layout has none.
    fn read_unasked_fraction<'a>(
        &mut self,
        text: &'a [u8],
        layout: &[u8],
        after: &mut &'a [u8],
    ) -> Result<(), Failure> {
        if !matches!(text.first(), Some(b'.' | b',')) || digit(text, 1).is_none() {
            return Ok(());
        }
        let next = next_part(layout).1.map(|(part, _)| part);
        if matches!(next, Some(Part::Fraction0 { .. } | Part::Fraction9 { .. })) {
            return Ok(());
        }
        let digits = text.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
        self.nanoseconds = nanoseconds(text, 1 + digits)?;
        *after = text.get(1 + digits..).unwrap_or_default();
        Ok(())
    }

    fn read_offset<'a>(
        &mut self,
        text: &'a [u8],
        colon: bool,
        size: OffsetSize,
        after: &mut &'a [u8],
    ) -> Result<(), Failure> {
        let (length, minutes_at, seconds_at) = match (size, colon) {
            (OffsetSize::Hours, _) => (3, None, None),
            (OffsetSize::Minutes, false) => (5, Some(3), None),
            (OffsetSize::Minutes, true) => (6, Some(4), None),
            (OffsetSize::Seconds, false) => (7, Some(3), Some(5)),
            (OffsetSize::Seconds, true) => (9, Some(4), Some(7)),
        };
        let (written, rest) = text.split_at_checked(length).ok_or(Failure::Bad)?;
        let colon_at = |at: Option<usize>| match at {
            Some(at) if colon => written.get(at - 1) == Some(&b':'),
            _ => true,
        };
        if !colon_at(minutes_at) || !colon_at(seconds_at) {
            return Err(Failure::Bad);
        }
        *after = rest;
        let two = |at: Option<usize>| match at {
            Some(at) => number(written.get(at..at + 2).unwrap_or_default(), true).map(|n| n.0),
            None => Ok(0),
        };
        let hours = two(Some(1));
        let minutes = if hours.is_ok() { two(minutes_at) } else { Ok(0) };
        let seconds = if minutes.is_ok() { two(seconds_at) } else { Ok(0) };
        let (hours, minutes, seconds) = (hours?, minutes?, seconds?);
        // Offsets of 24 hours and 60 minutes do get written.
        in_range(hours, 0..25, "time zone offset hour")?;
        in_range(minutes, 0..61, "time zone offset minute")?;
        in_range(seconds, 0..61, "time zone offset second")?;
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = match written.first() {
            Some(b'+') => Some(offset),
            Some(b'-') => Some(-offset),
            _ => return Err(Failure::Bad),
        };
        Ok(())
    }

    /// Turns a day of the year into month and day.
    fn settle_year_day(&mut self) -> Result<(), &'static str> {
        let Some(mut year_day) = self.year_day else { return Ok(()) };
        let leap_day = is_leap(self.year) && year_day == 31 + 29;
        if is_leap(self.year) && year_day > 31 + 29 {
            year_day -= 1;
        }
        if !(1..=365).contains(&year_day) {
            return Err(": day-of-year out of range");
        }
        let (mut month, mut day) = (2, 29);
        if !leap_day {
            (month, day) = (1, year_day);
            // The year 1 stands for any year without a leap day.
            while day > days_in_month(1, Month(month)) {
                day -= days_in_month(1, Month(month));
                month += 1;
            }
        }
        let month = i64::from(month);
        if self.month.is_some_and(|given| given != month) {
            return Err(": day-of-year does not match month");
        }
        if self.day.is_some_and(|given| given != day) {
            return Err(": day-of-year does not match day");
        }
        (self.month, self.day) = (Some(month), Some(day));
        Ok(())
    }
}

/// Returns the length of a zone abbreviation at the start.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest));
    }
    if matches!(text.first(), Some(b'+' | b'-')) {
        return Some(signed_offset_length(text)).filter(|&length| length > 0);
    }
    match text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        3 => Some(3),
        4 if text.get(3) == Some(&b'T') || text.starts_with(b"WITA") => Some(4),
        5 if text.get(4) == Some(&b'T') => Some(5),
        _ => None,
    }
}

/// Returns the length of `+3` or `-23` at the start, 0 when there is none.
fn signed_offset_length(text: &[u8]) -> usize {
    let Some((b'-' | b'+', digits)) = text.split_first() else { return 0 };
    match leading_number(digits) {
        Some((value, rest)) if rest.len() < digits.len() && value <= 23 => text.len() - rest.len(),
        _ => 0,
    }
}

impl Time {
    /// Reads a moment as a layout says; without a zone in the text it is in `local`.
    pub fn parse(layout: &[u8], value: &[u8], local: &Zone) -> Result<Time, ParseTimeError> {
        let error = |element: &[u8], rest: &[u8], message: &str| ParseTimeError {
            message: if message.is_empty() {
                format!(
                    "parsing time {} as {}: cannot parse {} as {}",
                    quote(value),
                    quote(layout),
                    quote(rest),
                    quote(element)
                )
            } else {
                format!("parsing time {}{message}", quote(value))
            },
        };
        let mut fields = Fields::default();
        let mut rest = value;
        let mut layout_rest = layout;
        loop {
            let (prefix, part, after_part) = next_part(layout_rest);
            rest = skip(rest, prefix).map_err(|rest| error(prefix, rest, ""))?;
            let Some((part, written)) = part else {
                if !rest.is_empty() {
                    return Err(error(b"", rest, &format!(": extra text: {}", quote(rest))));
                }
                break;
            };
            layout_rest = after_part;
            let hold = rest;
            let mut after = hold;
            match fields.read(part, hold, layout_rest, &mut after) {
                Ok(()) => rest = after,
                Err(Failure::Bad) => return Err(error(written, hold, "")),
                Err(Failure::Range(what)) => {
                    return Err(error(written, after, &format!(": {what} out of range")));
                }
            }
        }
        if fields.pm && fields.hour < 12 {
            fields.hour += 12;
        } else if fields.am && fields.hour == 12 {
            fields.hour = 0;
        }
        fields.settle_year_day().map_err(|message| error(b"", rest, message))?;
        let month = fields.month.unwrap_or(1);
        let day = fields.day.unwrap_or(1);
        let last = days_in_month(fields.year, Month(u8::try_from(month).unwrap_or(1)));
        if !(1..=last).contains(&day) {
            return Err(error(b"", rest, ": day out of range"));
        }
        let date = (fields.year, month, day);
        let clock = (fields.hour, fields.minute, fields.second);
        let at = |zone: Zone| Time::from_civil(date, clock, fields.nanoseconds, zone);
        if fields.utc {
            return Ok(at(Zone::Utc));
        }
        let name = String::from_utf8_lossy(&fields.zone_name);
        if let Some(offset) = fields.offset {
            let mut time = at(Zone::Utc);
            time.seconds = time.seconds.wrapping_sub(offset);
            let known = local.offset_at(time.seconds) == offset
                && (name.is_empty() || local.name_at(time.seconds) == name);
            let offset = i32::try_from(offset).unwrap_or(0);
            time.zone = if known {
                local.clone()
            } else {
                Zone::Fixed { name: name.as_ref().into(), offset }
            };
            return Ok(time);
        }
        if !name.is_empty() {
            let time = at(Zone::Utc);
            let offset = local.offset_at(time.seconds);
            if local.name_at(time.seconds.wrapping_sub(offset)) == name {
                let seconds = time.seconds.wrapping_sub(offset);
                return Ok(Time { seconds, zone: local.clone(), ..time });
            }
            // A zone of unknown offset, but for `GMT+3`.
            let hours = match fields.zone_name.get(..3) {
                Some(b"GMT") if fields.zone_name.len() > 3 => {
                    whole_number(fields.zone_name.get(3..).unwrap_or_default()).unwrap_or(0)
                }
                _ => 0,
            };
            let offset = i32::try_from(hours * 3600).unwrap_or(0);
            // As in Go the clock is read as UTC even then: `GMT+3` only changes how it is shown.
            return Ok(Time { zone: Zone::Fixed { name: name.as_ref().into(), offset }, ..time });
        }
        Ok(at(local.clone()))
    }
}
