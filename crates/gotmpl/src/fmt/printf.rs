//! Go's `fmt.Sprintf`: verbs with flags, width, precision and argument numbers.

use crate::value::{TooDeep, Value};

use super::printer::{Flags, Printer};
use super::quote::decode_rune;

/// Go refuses widths and precisions beyond this.
const MAX_WIDTH: i64 = 1_000_000;

struct Format<'a> {
    text: &'a [u8],
    at: usize,
    values: &'a [Value],
    next: usize,
    /// An argument number was used: surplus arguments are no mistake then.
    reordered: bool,
    /// The last argument number was usable.
    good_number: bool,
    after_index: bool,
}

/// Formats values; what does not fit shows in the output as Go shows it.
pub fn sprintf(format: &[u8], values: &[Value]) -> Result<Vec<u8>, TooDeep> {
    let mut out = Vec::with_capacity(format.len() + 16 * values.len());
    let mut this = Format {
        text: format,
        at: 0,
        values,
        next: 0,
        reordered: false,
        good_number: true,
        after_index: false,
    };
    this.run(&mut out)?;
    Ok(out)
}

impl Format<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn run(&mut self, out: &mut Vec<u8>) -> Result<(), TooDeep> {
        let mut reordered = false;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = memchr::memchr(b'%', rest).unwrap_or(rest.len());
            out.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.peek().is_none() {
                break;
            }
            self.at += 1;
            self.verb(out)?;
            reordered = self.reordered;
            // Each verb starts afresh.
            self.reordered = false;
            self.good_number = true;
        }
        if !reordered && self.next < self.values.len() {
            out.extend_from_slice(b"%!(EXTRA ");
            for (index, value) in self.values.iter().skip(self.next).enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                if value.is_nil() {
                    out.extend_from_slice(b"<nil>");
                } else {
                    out.extend_from_slice(value.type_name().as_bytes());
                    out.push(b'=');
                    Printer::new(out).argument(value, 'v')?;
                }
            }
            out.push(b')');
        }
        Ok(())
    }

    fn verb(&mut self, out: &mut Vec<u8>) -> Result<(), TooDeep> {
        let mut flags = Flags::default();
        loop {
            match self.peek() {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                // The usual case: no width or precision.
                Some(byte @ b'a'..=b'z') if self.next < self.values.len() => {
                    self.at += 1;
                    return self.print(out, flags, char::from(byte));
                }
                _ => break,
            }
            self.at += 1;
        }
        self.after_index = false;
        self.argument_number();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.star() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => out.extend_from_slice(b"%!(BADWIDTH)"),
            }
            self.after_index = false;
        } else {
            flags.width = self.digits();
            if self.after_index && flags.width.is_some() {
                self.good_number = false;
            }
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.after_index {
                self.good_number = false;
            }
            self.argument_number();
            if self.peek() == Some(b'*') {
                self.at += 1;
                match self.star() {
                    Some(precision) if precision >= 0 => {
                        flags.precision = usize::try_from(precision).ok();
                    }
                    // A negative precision is none at all.
                    _ => out.extend_from_slice(b"%!(BADPREC)"),
                }
                self.after_index = false;
            } else {
                flags.precision = Some(self.digits().unwrap_or(0));
            }
        }
        if !self.after_index {
            self.argument_number();
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (character, width) = decode_rune(rest);
        if width == 0 {
            out.extend_from_slice(b"%!(NOVERB)");
            return Ok(());
        }
        self.at += width;
        let verb = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        if verb == '%' {
            out.push(b'%');
            return Ok(());
        }
        if !self.good_number {
            out.extend_from_slice(format!("%!{verb}(BADINDEX)").as_bytes());
            return Ok(());
        }
        self.print(out, flags, verb)
    }

    fn print(&mut self, out: &mut Vec<u8>, mut flags: Flags, verb: char) -> Result<(), TooDeep> {
        let Some(value) = self.values.get(self.next) else {
            out.extend_from_slice(format!("%!{verb}(MISSING)").as_bytes());
            return Ok(());
        };
        self.next += 1;
        if verb == 'v' {
            flags.sharp_v = std::mem::take(&mut flags.sharp);
            flags.plus_v = std::mem::take(&mut flags.plus);
        }
        let mut printer = Printer::new(out);
        printer.flags = flags;
        if verb == 'w' {
            // Only Errorf wraps errors.
            return printer.unknown(verb, value);
        }
        printer.argument(value, verb)
    }

    fn digits(&mut self) -> Option<usize> {
        let mut value: Option<i64> = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if value.is_some_and(|value| value > MAX_WIDTH) {
                // Go gives up on the whole rest of the format.
                self.at = self.text.len();
                return None;
            }
            value = Some(value.unwrap_or(0) * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        value.and_then(|value| usize::try_from(value).ok())
    }

    /// Takes the argument that `*` stands for.
    fn star(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        match value {
            Value::Int(int) => {
                let value = i64::try_from(int.value()).ok()?;
                (-MAX_WIDTH..=MAX_WIDTH).contains(&value).then_some(value)
            }
            _ => None,
        }
    }

    /// Reads `[n]`.
    fn argument_number(&mut self) {
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(close) = memchr::memchr(b']', rest) else {
            self.good_number = false;
            self.at += 1;
            return;
        };
        let inside = rest.get(1..close).unwrap_or_default();
        self.at += close + 1;
        let number = std::str::from_utf8(inside).ok().and_then(|text| text.parse::<usize>().ok());
        match number.and_then(|number| number.checked_sub(1)) {
            Some(index) if index < self.values.len() => {
                self.next = index;
                self.after_index = true;
            }
            _ => self.good_number = false,
        }
    }
}
