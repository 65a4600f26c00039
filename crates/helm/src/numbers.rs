//! Numbers as Go prints them.

/// Returns what `%v` and `strconv.FormatFloat(number, 'g', -1, 64)` give: the shortest digits
/// that read back as the same number, with an exponent below -4 and from 6 on.
pub(crate) fn shortest(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return match number {
            _ if number.is_nan() => "NaN".to_owned(),
            _ if number == f64::INFINITY => "+Inf".to_owned(),
            _ if number == f64::NEG_INFINITY => "-Inf".to_owned(),
            _ if number.is_sign_negative() => "-0".to_owned(),
            _ => "0".to_owned(),
        };
    }
    // Rust's `{:e}` has the shortest digits, as Go has.
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..LARGE_EXPONENT).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// From here on Go writes an exponent.
const LARGE_EXPONENT: i32 = 6;

#[cfg(test)]
mod tests {
    #[test]
    fn exponents_begin_where_go_begins_them() {
        for (number, want) in [
            (1.1, "1.1"),
            (123_456.0, "123456"),
            (1e6, "1e+06"),
            (12_345_678.5, "1.23456785e+07"),
            (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-0.0, "-0"),
        ] {
            assert_eq!(super::shortest(number), want);
        }
    }
}
