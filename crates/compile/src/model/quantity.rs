//! Kubernetes quantities, exact.

use std::fmt;

/// An amount as Kubernetes writes it: `250m`, `1.5Gi`, `100M`, `2`.
///
/// Kept exactly in billionths, as `k8s.io/apimachinery/pkg/api/resource` does; smaller parts are
/// rounded up. Equality and order compare the amount, not the spelling.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nano: i128,
    format: Format,
}

/// The family of suffixes that a quantity is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `m`, none, `k`, `M`, `G`, …: powers of 1000.
    DecimalSi,
    /// `Ki`, `Mi`, `Gi`, …: powers of 1024.
    BinarySi,
    /// `1e3`.
    DecimalExponent,
}

/// One in billionths.
const ONE: i128 = 1_000_000_000;
/// More than any amount that makes sense (8 Ei is Kubernetes' own bound), far from overflow.
const MOST: i128 = (1 << 63) * ONE;

impl Quantity {
    /// No amount.
    pub const ZERO: Quantity = Quantity { nano: 0, format: Format::DecimalSi };

    /// Returns a whole amount with decimal suffixes: cores, pods, GPUs.
    pub fn whole(amount: i64) -> Quantity {
        Quantity { nano: i128::from(amount) * ONE, format: Format::DecimalSi }
    }

    /// Returns thousandths: millicores.
    pub fn milli(amount: i64) -> Quantity {
        Quantity { nano: i128::from(amount) * (ONE / 1000), format: Format::DecimalSi }
    }

    /// Returns bytes with binary suffixes.
    pub fn bytes(amount: i64) -> Quantity {
        Quantity { nano: i128::from(amount) * ONE, format: Format::BinarySi }
    }

    /// Reads a quantity; `None` where it is none. An amount above Kubernetes' bound is cut to it.
    pub fn parse(text: &str) -> Option<Quantity> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let digits_end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, suffix) = unsigned.split_at(digits_end.unwrap_or(unsigned.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (scale, format) = Scale::of(suffix)?;
        let nano = scale.apply(whole, fraction);
        Some(Quantity { nano: if negative { -nano } else { nano }, format })
    }

    /// Returns the sum, spelled as this one unless it is zero.
    #[must_use]
    pub fn plus(self, other: Quantity) -> Quantity {
        let format = if self.nano == 0 { other.format } else { self.format };
        Quantity { nano: (self.nano + other.nano).clamp(-MOST, MOST), format }
    }

    /// Returns it `count` times.
    #[must_use]
    pub fn times(self, count: i64) -> Quantity {
        let nano = self.nano.saturating_mul(i128::from(count)).clamp(-MOST, MOST);
        Quantity { nano, ..self }
    }

    /// Returns it with `percent` added, rounded up to a whole multiple of `step`.
    #[must_use]
    pub fn with_headroom(self, percent: i64, step: Quantity) -> Quantity {
        let grown = self.nano.saturating_mul(100 + i128::from(percent.max(0)));
        let step = step.nano.max(1).saturating_mul(100);
        let steps = grown.div_euclid(step) + i128::from(grown.rem_euclid(step) != 0);
        Quantity { nano: steps.saturating_mul(step / 100).clamp(-MOST, MOST), ..self }
    }

    /// Returns a plain number as bytes are written, with binary suffixes; others as they are.
    #[must_use]
    pub fn as_bytes(self) -> Quantity {
        let plain = self.format == Format::DecimalSi && self.nano % (1024 * ONE) == 0;
        // `100M` stays `100M`: only a number that is whole in Ki gains from the change.
        let decimal = self.nano % (1000 * ONE) == 0;
        let format = if plain && !decimal { Format::BinarySi } else { self.format };
        Quantity { format, ..self }
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// Returns thousandths, rounded up.
    pub fn as_milli(self) -> i128 {
        ceil_div(self.nano, ONE / 1000)
    }

    /// Returns whole units, rounded up.
    pub fn as_whole(self) -> i128 {
        ceil_div(self.nano, ONE)
    }
}

fn ceil_div(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

/// What a suffix multiplies by.
enum Scale {
    /// A power of ten.
    Ten(i32),
    /// A power of two.
    Two(u32),
}

impl Scale {
    fn of(suffix: &str) -> Option<(Scale, Format)> {
        use Format::{BinarySi, DecimalExponent, DecimalSi};
        let (scale, format) = match suffix {
            "n" => (Scale::Ten(-9), DecimalSi),
            "u" => (Scale::Ten(-6), DecimalSi),
            "m" => (Scale::Ten(-3), DecimalSi),
            "" => (Scale::Ten(0), DecimalSi),
            "k" => (Scale::Ten(3), DecimalSi),
            "M" => (Scale::Ten(6), DecimalSi),
            "G" => (Scale::Ten(9), DecimalSi),
            "T" => (Scale::Ten(12), DecimalSi),
            "P" => (Scale::Ten(15), DecimalSi),
            "E" => (Scale::Ten(18), DecimalSi),
            "Ki" => (Scale::Two(10), BinarySi),
            "Mi" => (Scale::Two(20), BinarySi),
            "Gi" => (Scale::Two(30), BinarySi),
            "Ti" => (Scale::Two(40), BinarySi),
            "Pi" => (Scale::Two(50), BinarySi),
            "Ei" => (Scale::Two(60), BinarySi),
            _ => {
                let exponent = suffix.strip_prefix(['e', 'E'])?;
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                // An exponent that no number holds is cut like an amount above the bound.
                let value = digits.parse().unwrap_or(999).min(999);
                let value = if exponent.starts_with('-') { -value } else { value };
                (Scale::Ten(value), DecimalExponent)
            }
        };
        Some((scale, format))
    }

    /// Returns the amount in billionths, rounded up, cut to the bound.
    fn apply(&self, whole: &str, fraction: &str) -> i128 {
        match *self {
            Scale::Ten(power) => shift(whole, fraction, power.saturating_add(9)),
            Scale::Two(power) => {
                let unit = 1i128 << power;
                let whole = shift(whole, "", 0).saturating_mul(unit).min(MOST / ONE);
                // Of the fraction 18 digits are kept, so that the product fits 128 bits.
                let part = shift("", fraction, 18);
                let part = ceil_div(part.saturating_mul(unit), ONE);
                whole.saturating_mul(ONE).saturating_add(part).min(MOST)
            }
        }
    }
}

/// Returns `whole.fraction × 10^power`, rounded up, cut to the bound.
fn shift(whole: &str, fraction: &str, power: i32) -> i128 {
    let digits = whole.len();
    let point = i64::try_from(digits).unwrap_or(i64::MAX).saturating_add(i64::from(power));
    let mut value: i128 = 0;
    let mut inexact = false;
    for (at, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = i128::from(byte.saturating_sub(b'0'));
        if i64::try_from(at).unwrap_or(i64::MAX) < point {
            value = value.saturating_mul(10).saturating_add(digit).min(MOST);
        } else {
            inexact |= digit != 0;
        }
    }
    let written = whole.len() + fraction.len();
    let zeros = point.saturating_sub(i64::try_from(written).unwrap_or(i64::MAX));
    if value != 0 {
        for _ in 0..zeros.clamp(0, 64) {
            value = value.saturating_mul(10).min(MOST);
        }
    }
    (value + i128::from(inexact)).min(MOST)
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl Default for Quantity {
    fn default() -> Quantity {
        Quantity::ZERO
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> std::cmp::Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl fmt::Display for Quantity {
    /// Writes the canonical form: the largest suffix without a fraction, as the API server does.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DECIMAL: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
        const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        // Below 1024 the API server writes binary amounts with decimal suffixes.
        let binary = self.format == Format::BinarySi && self.nano.abs() >= 1024 * ONE;
        if binary {
            let (amount, suffix) = reduce(ceil_div(self.nano, ONE), 1024, &BINARY);
            return write!(out, "{amount}{suffix}");
        }
        if self.format == Format::DecimalExponent {
            return write_exponent(out, self.nano);
        }
        if self.nano % ONE == 0 {
            let (amount, suffix) = reduce(self.nano / ONE, 1000, &DECIMAL);
            return write!(out, "{amount}{suffix}");
        }
        let (amount, unit) = [(ONE / 1000, "m"), (ONE / 1_000_000, "u"), (1, "n")]
            .into_iter()
            .find(|(unit, _)| self.nano % unit == 0)
            .map_or((self.nano, "n"), |(unit, suffix)| (self.nano / unit, suffix));
        write!(out, "{amount}{unit}")
    }
}

/// Writes `12e3`: a whole number and an exponent that is a multiple of three.
fn write_exponent(out: &mut fmt::Formatter<'_>, nano: i128) -> fmt::Result {
    let (mut amount, mut exponent) = (nano, -9);
    while amount != 0 && amount % 1000 == 0 {
        amount /= 1000;
        exponent += 3;
    }
    if amount == 0 || exponent == 0 {
        write!(out, "{amount}")
    } else {
        write!(out, "{amount}e{exponent}")
    }
}

fn reduce<'s>(mut amount: i128, base: i128, suffixes: &[&'s str]) -> (i128, &'s str) {
    let mut unit = "";
    for suffix in suffixes {
        if amount == 0 || amount % base != 0 {
            break;
        }
        amount /= base;
        unit = suffix;
    }
    (amount, unit)
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn quantities_are_read_and_written_as_kubernetes_does() {
        for (text, canonical) in [
            ("1", "1"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1.", "1"),
            ("128Mi", "128Mi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.1Ki", "102400m"),
            ("1000k", "1M"),
            ("100M", "100M"),
            ("0", "0"),
            ("0.0001m", "100n"),
            ("1e3", "1e3"),
            ("1500e0", "1500"),
            ("-250m", "-250m"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), canonical, "{text}");
        }
        for none in ["", "x", "1x", "1KB", "1 Gi", "m", "--1", "1.2.3", "1e", "ä", "1mi"] {
            assert_eq!(Quantity::parse(none), None, "{none}");
        }
    }

    #[test]
    fn amounts_are_added_scaled_and_rounded_up() {
        let cpu = Quantity::parse("250m").unwrap();
        assert_eq!(cpu.times(3).plus(Quantity::milli(10)).to_string(), "760m");
        let step = Quantity::milli(10);
        assert_eq!(cpu.times(3).with_headroom(25, step).to_string(), "940m");
        assert_eq!(Quantity::ZERO.with_headroom(25, step).to_string(), "0");
        let huge = Quantity::parse(&"9".repeat(400)).unwrap();
        assert!(huge.times(i64::MAX).plus(huge) >= huge);
    }
}
