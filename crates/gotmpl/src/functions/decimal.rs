//! Decimal arithmetic without rounding errors, as shopspring/decimal does it for `addf` and such.

use num_bigint::BigInt;
use num_bigint::Sign;

use super::text::scientific;

/// `coefficient × 10^exponent`.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    coefficient: BigInt,
    exponent: i32,
}

/// The decimals a division is carried to.
const DIVISION_PLACES: i32 = 16;

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

impl Decimal {
    /// Returns the number with the shortest digits that stand for the float.
    pub(super) fn from_float(number: f64) -> Result<Decimal, String> {
        if number == 0.0 {
            return Ok(Decimal { coefficient: BigInt::ZERO, exponent: 0 });
        }
        if !number.is_finite() {
            return Err(format!(
                "Cannot create a Decimal from {}",
                super::text::float_text(number)
            ));
        }
        let (mantissa, exponent) = scientific(number);
        let places = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len());
        let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
        let coefficient = digits.parse().unwrap_or(BigInt::ZERO);
        let places = i32::try_from(places).unwrap_or(0);
        Ok(Decimal { coefficient, exponent: exponent - places })
    }

    /// Returns the nearest float.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.coefficient, self.exponent).parse().unwrap_or(0.0)
    }

    /// Brings two numbers to the smaller exponent.
    fn aligned(&self, other: &Decimal) -> (BigInt, BigInt, i32) {
        let exponent = self.exponent.min(other.exponent);
        let scale = |number: &Decimal| {
            &number.coefficient * power_of_ten(number.exponent.abs_diff(exponent))
        };
        (scale(self), scale(other), exponent)
    }

    /// Returns the sum.
    pub(super) fn add(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal { coefficient: left + right, exponent }
    }

    /// Returns the difference.
    pub(super) fn sub(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal { coefficient: left - right, exponent }
    }

    /// Returns the product.
    pub(super) fn mul(&self, other: &Decimal) -> Decimal {
        Decimal {
            coefficient: &self.coefficient * &other.coefficient,
            exponent: self.exponent.saturating_add(other.exponent),
        }
    }

    /// Returns the quotient to 16 decimals, halves away from zero.
    pub(super) fn div(&self, other: &Decimal) -> Result<Decimal, String> {
        if other.coefficient.sign() == Sign::NoSign {
            return Err("decimal division by 0".to_owned());
        }
        let shift = self.exponent.saturating_sub(other.exponent).saturating_add(DIVISION_PLACES);
        let scale = power_of_ten(shift.unsigned_abs());
        let (numerator, denominator) = if shift >= 0 {
            (&self.coefficient * scale, other.coefficient.clone())
        } else {
            (self.coefficient.clone(), &other.coefficient * scale)
        };
        let mut quotient = &numerator / &denominator;
        let rest = numerator - &quotient * &denominator;
        if rest.magnitude() * 2u32 >= *denominator.magnitude() {
            let same_sign = self.coefficient.sign() == other.coefficient.sign();
            quotient += if same_sign { 1 } else { -1 };
        }
        Ok(Decimal { coefficient: quotient, exponent: -DIVISION_PLACES })
    }
}
