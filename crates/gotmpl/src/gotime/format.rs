//! Writing a moment with a layout.

use super::layout::{OffsetSize, Part, next_part};
use super::{Time, Weekday};

/// Appends a number padded with zeros to a width; a minus sign does not count.
fn append_number(out: &mut Vec<u8>, number: i64, width: usize) {
    if number < 0 {
        out.push(b'-');
    }
    let digits = number.unsigned_abs().to_string();
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(digits.len())));
    out.extend_from_slice(digits.as_bytes());
}

fn append_offset(out: &mut Vec<u8>, offset: i64, colon: bool, size: OffsetSize) {
    let minutes = (offset / 60).abs();
    out.push(if offset / 60 < 0 { b'-' } else { b'+' });
    append_number(out, minutes / 60, 2);
    if size == OffsetSize::Hours {
        return;
    }
    if colon {
        out.push(b':');
    }
    append_number(out, minutes % 60, 2);
    if size == OffsetSize::Seconds {
        if colon {
            out.push(b':');
        }
        // Go negates the seconds together with the minutes only.
        let seconds = if offset / 60 < 0 { -offset } else { offset };
        append_number(out, seconds % 60, 2);
    }
}

impl Time {
    /// Writes the moment as a layout says.
    pub fn format(&self, layout: &str) -> String {
        // Only whole parts of the layout are replaced, so valid text stays valid.
        String::from_utf8_lossy(&self.format_bytes(layout.as_bytes())).into_owned()
    }

    /// Writes the moment as a layout says; bytes that mean nothing stay as they are.
    pub fn format_bytes(&self, layout: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(layout.len() + 16);
        let mut rest = layout;
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.clock();
        let offset = self.zone.offset_at(self.seconds);
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let half = |upper| match (hour >= 12, upper) {
            (true, true) => "PM",
            (false, true) => "AM",
            (true, false) => "pm",
            (false, false) => "am",
        };
        loop {
            let (text, part, after) = next_part(rest);
            out.extend_from_slice(text);
            let Some((part, _)) = part else { break };
            rest = after;
            match part {
                Part::Year => append_number(&mut out, year.abs() % 100, 2),
                Part::LongYear => append_number(&mut out, year, 4),
                Part::Month => out.extend(month.name().bytes().take(3)),
                Part::LongMonth => out.extend(month.name().bytes()),
                Part::NumMonth => append_number(&mut out, i64::from(month.0), 0),
                Part::ZeroMonth => append_number(&mut out, i64::from(month.0), 2),
                Part::Weekday => out.extend(Weekday::name(self.weekday()).bytes().take(3)),
                Part::LongWeekday => out.extend(Weekday::name(self.weekday()).bytes()),
                Part::Day => append_number(&mut out, day, 0),
                Part::UnderDay => out.extend(format!("{day:>2}").bytes()),
                Part::ZeroDay => append_number(&mut out, day, 2),
                Part::UnderYearDay => out.extend(format!("{:>3}", self.year_day()).bytes()),
                Part::ZeroYearDay => append_number(&mut out, self.year_day(), 3),
                Part::Hour => append_number(&mut out, hour, 2),
                Part::Hour12 => append_number(&mut out, hour12, 0),
                Part::ZeroHour12 => append_number(&mut out, hour12, 2),
                Part::Minute => append_number(&mut out, minute, 0),
                Part::ZeroMinute => append_number(&mut out, minute, 2),
                Part::Second => append_number(&mut out, second, 0),
                Part::ZeroSecond => append_number(&mut out, second, 2),
                Part::UpperHalf => out.extend(half(true).bytes()),
                Part::LowerHalf => out.extend(half(false).bytes()),
                Part::Offset { zulu: true, .. } if offset == 0 => out.push(b'Z'),
                Part::Offset { colon, size, .. } => append_offset(&mut out, offset, colon, size),
                Part::ZoneName => {
                    let name = self.zone.name_at(self.seconds);
                    if name.is_empty() {
                        append_offset(&mut out, offset, false, OffsetSize::Minutes);
                    } else {
                        out.extend(name.bytes());
                    }
                }
                Part::Fraction0 { digits, separator } => {
                    self.append_fraction(&mut out, digits, separator, false);
                }
                Part::Fraction9 { digits, separator } => {
                    self.append_fraction(&mut out, digits, separator, true);
                }
            }
        }
        out
    }

    fn append_fraction(&self, out: &mut Vec<u8>, digits: usize, separator: u8, trim: bool) {
        if trim && (digits == 0 || self.nanoseconds == 0) {
            return;
        }
        let written = format!("{:09}", self.nanoseconds);
        let mut kept = written.get(..digits.min(9)).unwrap_or(&written);
        if trim {
            kept = kept.trim_end_matches('0');
            if kept.is_empty() {
                return;
            }
        }
        out.push(separator);
        out.extend(kept.bytes());
    }
}
