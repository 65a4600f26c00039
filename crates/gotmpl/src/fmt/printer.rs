//! Prints one value with one verb and its flags.

use crate::value::{Int, Kind, List, MAX_DEPTH, Map, Object, TooDeep, Value};

use super::float::format_float;
use super::quote;

/// The flags, width and precision of a verb.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: names of fields.
    pub(super) plus_v: bool,
    /// `%#v`: Go syntax.
    pub(super) sharp_v: bool,
}

pub(super) struct Printer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) flags: Flags,
}

impl<'a> Printer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Printer<'a> {
        Printer { out, flags: Flags::default() }
    }

    /// Prints an argument of a print function.
    pub(super) fn argument(&mut self, value: &Value, verb: char) -> Result<(), TooDeep> {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => {
                self.pad(b"<nil>");
                Ok(())
            }
            (Value::Nil, _) => self.bad_verb(verb, None),
            (value, 'T') => {
                let name = value.type_name().into_owned();
                self.string(name.as_bytes());
                Ok(())
            }
            (value, 'p') => self.pointer(value, verb),
            (value, verb) => self.value(value, verb, 0),
        }
    }

    /// Prints what a template action prints: what is behind a pointer, not the pointer.
    pub(super) fn print_indirect(&mut self, value: &Value) -> Result<(), TooDeep> {
        match value {
            Value::Object(object) if object.text().is_none() => match object.pointer_text() {
                Some(text) => {
                    self.out.extend_from_slice(text.as_bytes());
                    Ok(())
                }
                None if object.kind() == Kind::Pointer => self.fields(object.as_ref(), 'v', 0),
                None => self.argument(value, 'v'),
            },
            value => self.argument(value, 'v'),
        }
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) -> Result<(), TooDeep> {
        if depth > MAX_DEPTH {
            return Err(TooDeep);
        }
        match value {
            Value::Nil => {
                self.out.extend_from_slice(if self.flags.sharp_v {
                    b"interface {}(nil)"
                } else {
                    b"<nil>"
                });
                Ok(())
            }
            Value::Bool(truth) => match verb {
                't' | 'v' => {
                    self.pad(if *truth { b"true" } else { b"false" });
                    Ok(())
                }
                _ => self.bad_verb(verb, Some(value)),
            },
            Value::Int(int) => self.integer_verb(*int, verb),
            Value::Float(float) => self.float_verb(*float, verb),
            Value::Str(text) => self.string_verb(text, verb, value),
            Value::Bytes(bytes) => {
                // Go has one path for arguments and another for what is inside of them.
                let type_name = if depth == 0 { "[]byte" } else { "[]uint8" };
                self.bytes_verb(bytes, verb, value, type_name)
            }
            Value::List(list) => self.list(list, list.list_type().name(), verb, depth),
            Value::Map(map) => self.map(map, map.map_type().name(), verb, depth),
            Value::Object(object) => {
                if !self.flags.sharp_v
                    && matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
                    && let Some(text) = object.text()
                {
                    let text = Value::string(text);
                    return self.value(&text, verb, depth);
                }
                match object.underlying() {
                    Some(Value::List(list)) => {
                        return self.list(&list, object.type_name(), verb, depth);
                    }
                    Some(Value::Map(map)) => {
                        return self.map(&map, object.type_name(), verb, depth);
                    }
                    Some(plain) => return self.value(&plain, verb, depth),
                    None => {}
                }
                if object.kind() == Kind::Pointer {
                    if depth > 0 {
                        return self.pointer(value, verb);
                    }
                    self.out.push(b'&');
                }
                self.fields(object.as_ref(), verb, depth + 1)
            }
        }
    }

    fn list(&mut self, list: &List, name: &str, verb: char, depth: usize) -> Result<(), TooDeep> {
        if self.flags.sharp_v {
            self.out.extend_from_slice(name.as_bytes());
            if list.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return Ok(());
            }
        }
        self.out.push(if self.flags.sharp_v { b'{' } else { b'[' });
        for (index, item) in list.items().iter().enumerate() {
            self.separator(index);
            self.value(item, verb, depth + 1)?;
        }
        self.out.push(if self.flags.sharp_v { b'}' } else { b']' });
        Ok(())
    }

    fn map(&mut self, map: &Map, name: &str, verb: char, depth: usize) -> Result<(), TooDeep> {
        if self.flags.sharp_v {
            self.out.extend_from_slice(name.as_bytes());
            if map.is_nil() {
                self.out.extend_from_slice(b"(nil)");
                return Ok(());
            }
            self.out.push(b'{');
        } else {
            self.out.extend_from_slice(b"map[");
        }
        for (index, (key, item)) in map.entries().iter().enumerate() {
            self.separator(index);
            self.value(&Value::Str(key.clone()), verb, depth + 1)?;
            self.out.push(b':');
            self.value(item, verb, depth + 1)?;
        }
        self.out.push(if self.flags.sharp_v { b'}' } else { b']' });
        Ok(())
    }

    fn separator(&mut self, index: usize) {
        if index > 0 {
            self.out.extend_from_slice(if self.flags.sharp_v { b", " } else { b" " });
        }
    }

    fn fields(&mut self, object: &dyn Object, verb: char, depth: usize) -> Result<(), TooDeep> {
        if self.flags.sharp_v {
            self.out.extend_from_slice(object.type_name().trim_start_matches('*').as_bytes());
        }
        self.out.push(b'{');
        for (index, (name, value)) in object.all_fields().into_iter().enumerate() {
            self.separator(index);
            if self.flags.plus_v || self.flags.sharp_v {
                self.out.extend_from_slice(name.as_bytes());
                self.out.push(b':');
            }
            self.value(&value, verb, depth + 1)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn string_verb(&mut self, text: &[u8], verb: char, value: &Value) -> Result<(), TooDeep> {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.string(text),
            'q' => self.quoted(text),
            'x' => self.hexadecimal(text, b"0123456789abcdef", b'x'),
            'X' => self.hexadecimal(text, b"0123456789ABCDEF", b'X'),
            _ => return self.bad_verb(verb, Some(value)),
        }
        Ok(())
    }

    fn bytes_verb(
        &mut self,
        bytes: &[u8],
        verb: char,
        value: &Value,
        type_name: &str,
    ) -> Result<(), TooDeep> {
        match verb {
            's' | 'q' | 'x' | 'X' => return self.string_verb(bytes, verb, value),
            'v' | 'd' if self.flags.sharp_v => {
                self.out.extend_from_slice(type_name.as_bytes());
                self.out.push(b'{');
                for (index, byte) in bytes.iter().enumerate() {
                    self.separator(index);
                    self.out.extend_from_slice(format!("{byte:#x}").as_bytes());
                }
                self.out.push(b'}');
            }
            _ => {
                self.out.push(b'[');
                for (index, byte) in bytes.iter().enumerate() {
                    self.separator(index);
                    let byte = Int::new(crate::value::IntKind::Uint8, i64::from(*byte));
                    self.integer_verb(byte, verb)?;
                }
                self.out.push(b']');
            }
        }
        Ok(())
    }

    fn integer_verb(&mut self, int: Int, verb: char) -> Result<(), TooDeep> {
        match verb {
            'v' if self.flags.sharp_v && int.is_unsigned() => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.integer(int, 16, 'v');
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.integer(int, 10, verb),
            'b' => self.integer(int, 2, verb),
            'o' | 'O' => self.integer(int, 8, verb),
            'x' | 'X' => self.integer(int, 16, verb),
            'c' => {
                let c = character(int).unwrap_or(char::REPLACEMENT_CHARACTER);
                self.pad(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            'q' => {
                let c = character(int).unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut text = vec![b'\''];
                quote::escape_rune(&mut text, c, b'\'', self.flags.plus);
                text.push(b'\'');
                self.pad(&text);
            }
            'U' => self.unicode(int),
            _ => return self.bad_verb(verb, Some(&Value::Int(int))),
        }
        Ok(())
    }

    fn integer(&mut self, int: Int, base: u32, verb: char) {
        let value = int.value();
        let negative = value < 0;
        let magnitude = value.unsigned_abs();
        let signed = negative || self.flags.plus || self.flags.space;
        let least = match (self.flags.precision, self.flags.width) {
            (Some(0), _) if magnitude == 0 => {
                // Nothing at all, in the width asked for.
                let zero = std::mem::take(&mut self.flags.zero);
                self.pad(b"");
                self.flags.zero = zero;
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if self.flags.zero && !self.flags.minus => {
                width.saturating_sub(usize::from(signed))
            }
            _ => 0,
        };
        let digits = match (base, verb) {
            (2, _) => format!("{magnitude:b}"),
            (8, _) => format!("{magnitude:o}"),
            (16, 'X') => format!("{magnitude:X}"),
            (16, _) => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let mut text = String::new();
        if negative {
            text.push('-');
        } else if self.flags.plus {
            text.push('+');
        } else if self.flags.space {
            text.push(' ');
        }
        let zeros = least.saturating_sub(digits.len());
        if verb == 'O' {
            text.push_str("0o");
        }
        if self.flags.sharp {
            match base {
                2 => text.push_str("0b"),
                8 if zeros == 0 && !digits.starts_with('0') => text.push('0'),
                16 => text.push_str(if verb == 'X' { "0X" } else { "0x" }),
                _ => {}
            }
        }
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&digits);
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text.as_bytes());
        self.flags.zero = zero;
    }

    fn unicode(&mut self, int: Int) {
        let digits = format!("{:04X}", int.to_u64());
        let zeros = self.flags.precision.unwrap_or(0).saturating_sub(digits.len());
        let mut text = format!("U+{}{digits}", "0".repeat(zeros));
        if self.flags.sharp
            && let Some(c) = character(int)
            && quote::is_print(c)
        {
            text.push_str(&format!(" '{c}'"));
        }
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text.as_bytes());
        self.flags.zero = zero;
    }

    fn float_verb(&mut self, value: f64, verb: char) -> Result<(), TooDeep> {
        match verb {
            'v' => self.float(value, b'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => self.float(value, verb as u8, None),
            'e' | 'E' | 'f' => self.float(value, verb as u8, Some(6)),
            'F' => self.float(value, b'f', Some(6)),
            _ => return self.bad_verb(verb, Some(&Value::Float(value))),
        }
        Ok(())
    }

    fn float(&mut self, value: f64, verb: u8, precision: Option<usize>) {
        let precision = self.flags.precision.or(precision);
        let mut text = format_float(value, verb, precision);
        if !text.starts_with(['+', '-']) {
            text.insert(0, '+');
        }
        if self.flags.space && !self.flags.plus && text.starts_with('+') {
            text.replace_range(..1, " ");
        }
        if !value.is_finite() {
            let unsigned = !self.flags.space && !self.flags.plus;
            let nan = value.is_nan() && unsigned;
            let shown = if nan { text.get(1..).unwrap_or_default() } else { &text };
            let zero = std::mem::take(&mut self.flags.zero);
            self.pad(shown.as_bytes());
            self.flags.zero = zero;
            return;
        }
        if self.flags.sharp && verb != b'b' {
            text = keep_zeros(&text, verb, precision);
        }
        if self.flags.plus || !text.starts_with('+') {
            if let (true, false, Some(width)) =
                (self.flags.zero, self.flags.minus, self.flags.width)
                && width > text.len()
            {
                // The sign goes before the zeros.
                let (sign, rest) = text.split_at(1);
                self.out.extend_from_slice(sign.as_bytes());
                self.out.extend(std::iter::repeat_n(b'0', width - text.len()));
                self.out.extend_from_slice(rest.as_bytes());
                return;
            }
            self.pad(text.as_bytes());
            return;
        }
        self.pad(text.get(1..).unwrap_or_default().as_bytes());
    }

    pub(super) fn string(&mut self, text: &[u8]) {
        let shown = self.truncated(text);
        let text = text.get(..shown).unwrap_or_default();
        self.pad(text);
    }

    /// Returns how many bytes the precision, which counts characters, leaves.
    fn truncated(&self, text: &[u8]) -> usize {
        let Some(precision) = self.flags.precision else {
            return text.len();
        };
        let mut at = 0;
        for _ in 0..precision {
            match quote::decode_rune(text.get(at..).unwrap_or_default()).1 {
                0 => break,
                width => at += width,
            }
        }
        at
    }

    fn quoted(&mut self, text: &[u8]) {
        let shown = self.truncated(text);
        let text = text.get(..shown).unwrap_or_default();
        let mut out = Vec::new();
        if self.flags.sharp && quote::can_backquote(text) {
            out.push(b'`');
            out.extend_from_slice(text);
            out.push(b'`');
        } else {
            quote::quote_into(&mut out, text, b'"', self.flags.plus);
        }
        self.pad(&out);
    }

    fn hexadecimal(&mut self, text: &[u8], digits: &[u8; 16], letter: u8) {
        let length = self.flags.precision.map_or(text.len(), |precision| precision.min(text.len()));
        let text = text.get(..length).unwrap_or_default();
        let mut out = Vec::new();
        for (index, byte) in text.iter().enumerate() {
            if index > 0 && self.flags.space {
                out.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || index == 0) {
                out.extend_from_slice(&[b'0', letter]);
            }
            for digit in [byte >> 4, byte & 15] {
                out.push(digits.get(usize::from(digit)).copied().unwrap_or(b'0'));
            }
        }
        self.pad(&out);
    }

    /// Pointers have no meaning here: their addresses are made up, and the same each time.
    fn pointer(&mut self, value: &Value, verb: char) -> Result<(), TooDeep> {
        match value.kind() {
            Kind::Pointer if verb == 'v' && self.flags.sharp_v => {
                let shown = format!("({})(0xc000000000)", value.type_name());
                self.out.extend_from_slice(shown.as_bytes());
                Ok(())
            }
            Kind::Map | Kind::Slice | Kind::Pointer if matches!(verb, 'v' | 'p') => {
                self.pad(b"0xc000000000");
                Ok(())
            }
            _ => self.bad_verb(verb, Some(value)),
        }
    }

    /// Prints a value whose verb is not one.
    pub(super) fn unknown(&mut self, verb: char, value: &Value) -> Result<(), TooDeep> {
        self.bad_verb(verb, (!value.is_nil()).then_some(value))
    }

    fn bad_verb(&mut self, verb: char, value: Option<&Value>) -> Result<(), TooDeep> {
        self.out.extend_from_slice(format!("%!{verb}(").as_bytes());
        match value {
            Some(value) => {
                self.out.extend_from_slice(value.type_name().as_bytes());
                self.out.push(b'=');
                self.value(value, 'v', 0)?;
            }
            None => self.out.extend_from_slice(b"<nil>"),
        }
        self.out.push(b')');
        Ok(())
    }

    /// Writes text in the width asked for, which counts characters.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.flags.width else {
            self.out.extend_from_slice(text);
            return;
        };
        let mut characters = 0;
        let mut at = 0;
        while let width @ 1.. = quote::decode_rune(text.get(at..).unwrap_or_default()).1 {
            at += width;
            characters += 1;
        }
        let padding = width.saturating_sub(characters);
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.out.extend(std::iter::repeat_n(b' ', padding));
        } else {
            let filler = if self.flags.zero { b'0' } else { b' ' };
            self.out.extend(std::iter::repeat_n(filler, padding));
            self.out.extend_from_slice(text);
        }
    }
}

fn character(int: Int) -> Option<char> {
    u32::try_from(int.value()).ok().and_then(char::from_u32)
}

/// `%#g` and its like: a decimal point always, and trailing zeros up to the precision.
fn keep_zeros(text: &str, verb: u8, precision: Option<usize>) -> String {
    let mut left = match verb {
        b'e' | b'E' | b'f' => 0,
        _ => precision.unwrap_or(6),
    };
    let exponent = match verb {
        b'x' | b'X' => text.find(['p', 'P']),
        _ => text.find(['e', 'E']),
    };
    let (number, exponent) = text.split_at(exponent.unwrap_or(text.len()));
    // Go counts the characters after the sign from the first that is no zero; of `0x1.8` that
    // is the `x`.
    let digits = number.get(1..).unwrap_or_default().trim_start_matches(['0', '.']);
    let mut seen = digits.bytes().filter(|byte| *byte != b'.').count();
    if seen == 0 && matches!(verb, b'g' | b'G') {
        // The single zero of `0` counts.
        seen = 1;
    }
    left = left.saturating_sub(seen);
    let point = if number.contains('.') { "" } else { "." };
    format!("{number}{point}{}{exponent}", "0".repeat(left))
}
