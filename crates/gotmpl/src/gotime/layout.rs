//! Cutting a layout into the parts that stand for something and the text between them.

/// What a part of a layout stands for, named after how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// `-07`… or, with `zulu`, `Z07`…
    Offset {
        zulu: bool,
        colon: bool,
        size: OffsetSize,
    },
    /// `.000`: always so many digits.
    Fraction0 {
        digits: usize,
        separator: u8,
    },
    /// `.999`: at most so many digits, none when all are zero.
    Fraction9 {
        digits: usize,
        separator: u8,
    },
}

/// How much of an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OffsetSize {
    Hours,
    Minutes,
    Seconds,
}

/// The offsets after their sign, longest first where one begins another.
const OFFSETS: [(&str, bool, OffsetSize); 5] = [
    ("070000", false, OffsetSize::Seconds),
    ("07:00:00", true, OffsetSize::Seconds),
    ("0700", false, OffsetSize::Minutes),
    ("07:00", true, OffsetSize::Minutes),
    ("07", false, OffsetSize::Hours),
];

/// The text before a part, the part with how it is written, and what follows.
type Cut<'a> = (&'a [u8], Option<(Part, &'a [u8])>, &'a [u8]);

/// Splits off the text before the first part, and the part: text, part with its length, rest.
pub(super) fn next_part(layout: &[u8]) -> Cut<'_> {
    for at in 0..layout.len() {
        let (before, rest) = layout.split_at(at);
        if let Some((skip, part, length)) = part_at(rest) {
            // `_2006` is an underscore before a year.
            let before_end = before.len() + skip;
            let before = layout.get(..before_end).unwrap_or(before);
            let rest = layout.get(before_end..).unwrap_or_default();
            let (written, after) = rest.split_at(length.min(rest.len()));
            return (before, Some((part, written)), after);
        }
    }
    (layout, None, &[])
}

fn lower_follows(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_lowercase)
}

fn part_at(text: &[u8]) -> Option<(usize, Part, usize)> {
    let plain = |part, length| Some((0, part, length));
    match text.first()? {
        b'J' if text.starts_with(b"January") => plain(Part::LongMonth, 7),
        b'J' if text.starts_with(b"Jan") && !lower_follows(text, 3) => plain(Part::Month, 3),
        b'M' if text.starts_with(b"Monday") => plain(Part::LongWeekday, 6),
        b'M' if text.starts_with(b"Mon") && !lower_follows(text, 3) => plain(Part::Weekday, 3),
        b'M' if text.starts_with(b"MST") => plain(Part::ZoneName, 3),
        b'0' => match text.get(1)? {
            b'1' => plain(Part::ZeroMonth, 2),
            b'2' => plain(Part::ZeroDay, 2),
            b'3' => plain(Part::ZeroHour12, 2),
            b'4' => plain(Part::ZeroMinute, 2),
            b'5' => plain(Part::ZeroSecond, 2),
            b'6' => plain(Part::Year, 2),
            b'0' if text.get(2) == Some(&b'2') => plain(Part::ZeroYearDay, 3),
            _ => None,
        },
        b'1' if text.get(1) == Some(&b'5') => plain(Part::Hour, 2),
        b'1' => plain(Part::NumMonth, 1),
        b'2' if text.starts_with(b"2006") => plain(Part::LongYear, 4),
        b'2' => plain(Part::Day, 1),
        b'_' if text.starts_with(b"_2006") => Some((1, Part::LongYear, 4)),
        b'_' if text.starts_with(b"_2") => plain(Part::UnderDay, 2),
        b'_' if text.starts_with(b"__2") => plain(Part::UnderYearDay, 3),
        b'3' => plain(Part::Hour12, 1),
        b'4' => plain(Part::Minute, 1),
        b'5' => plain(Part::Second, 1),
        b'P' if text.starts_with(b"PM") => plain(Part::UpperHalf, 2),
        b'p' if text.starts_with(b"pm") => plain(Part::LowerHalf, 2),
        sign @ (b'-' | b'Z') => {
            let rest = text.get(1..)?;
            let (written, colon, size) =
                OFFSETS.iter().find(|(written, ..)| rest.starts_with(written.as_bytes()))?;
            let part = Part::Offset { zulu: *sign == b'Z', colon: *colon, size: *size };
            plain(part, 1 + written.len())
        }
        separator @ (b'.' | b',') => {
            let digit = *text.get(1).filter(|&&digit| digit == b'0' || digit == b'9')?;
            let digits = text.iter().skip(1).take_while(|&&byte| byte == digit).count();
            if text.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            let separator = *separator;
            let part = if digit == b'0' {
                Part::Fraction0 { digits, separator }
            } else {
                Part::Fraction9 { digits, separator }
            };
            plain(part, 1 + digits)
        }
        _ => None,
    }
}
