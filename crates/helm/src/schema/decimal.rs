//! Numbers compared by their decimal digits, as Go's `big.Rat` reads them from text.

use std::cmp::Ordering;

use gotmpl::Value;

/// A number: digits and a power of ten, and the nearest float.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    exact: Option<(i128, i32)>,
    float: f64,
}

impl Decimal {
    /// Reads a JSON number.
    pub(super) fn parse(text: &str) -> Option<Decimal> {
        let float: f64 = text.parse().ok()?;
        Some(Decimal { exact: exact(text), float })
    }

    /// Reads a number among values; `None` for anything else.
    pub(super) fn of(value: &Value) -> Option<Decimal> {
        match value {
            Value::Int(number) => {
                Some(Decimal { exact: Some((number.value(), 0)), float: number.to_f64() })
            }
            Value::Float(number) if number.is_finite() => {
                let text = format!("{number:e}");
                Some(Decimal { exact: exact(&text), float: *number })
            }
            _ => None,
        }
    }

    /// The nearest float.
    pub(super) fn float(self) -> f64 {
        self.float
    }

    pub(super) fn is_integer(self) -> bool {
        match self.exact {
            Some((digits, power)) if power < 0 => {
                power10(power.unsigned_abs()).is_some_and(|unit| digits % unit == 0)
            }
            Some(_) => true,
            None => self.float.fract() == 0.0,
        }
    }

    pub(super) fn compare(self, other: Decimal) -> Ordering {
        match self.aligned(other) {
            Some((left, right)) => left.cmp(&right),
            None => self.float.partial_cmp(&other.float).unwrap_or(Ordering::Equal),
        }
    }

    pub(super) fn is_multiple_of(self, unit: Decimal) -> bool {
        match self.aligned(unit) {
            Some((_, 0)) => false,
            Some((left, right)) => left % right == 0,
            None => (self.float / unit.float).fract() == 0.0,
        }
    }

    /// Both numbers in the same power of ten.
    fn aligned(self, other: Decimal) -> Option<(i128, i128)> {
        let ((left, left_power), (right, right_power)) = (self.exact?, other.exact?);
        let power = left_power.min(right_power);
        let scale = |digits: i128, from: i32| {
            let zeros = u32::try_from(from.checked_sub(power)?).ok()?;
            digits.checked_mul(power10(zeros)?)
        };
        Some((scale(left, left_power)?, scale(right, right_power)?))
    }
}

fn power10(zeros: u32) -> Option<i128> {
    10_i128.checked_pow(zeros)
}

fn exact(text: &str) -> Option<(i128, i32)> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals_are_exact() {
        let parse = |text| Decimal::parse(text).expect("it is a number");
        assert!(parse("0.3").is_multiple_of(parse("0.1")));
        assert!(!parse("0.35").is_multiple_of(parse("0.1")));
        assert!(parse("1e3").is_integer() && parse("1.50e1").is_integer());
        assert!(!parse("1.5").is_integer());
        assert!(parse("9007199254740993").compare(parse("9007199254740992")).is_gt());
        assert!(parse("1e300").compare(parse("1e-300")).is_gt());
    }
}
