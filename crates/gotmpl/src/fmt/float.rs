//! Go's `strconv.FormatFloat`.

/// No number has more digits that are not zero, before or after the point.
const MOST_DIGITS: usize = 1_100;

/// Formats a number as Go's `FormatFloat(value, verb, precision, 64)`; no precision means as many
/// digits as are needed to read the same number back.
pub fn format_float(value: f64, verb: u8, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match verb {
        b'e' | b'E' => exponential(value, verb, precision),
        b'f' | b'F' => match precision {
            Some(precision) => {
                let digits = precision.min(MOST_DIGITS);
                format!("{value:.digits$}{}", "0".repeat(precision - digits))
            }
            None => positional(value),
        },
        b'g' | b'G' => general(value, verb, precision),
        b'x' | b'X' => hexadecimal(value, verb, precision),
        b'b' => binary(value),
        _ => positional(value),
    }
}

/// The shortest digits, without an exponent.
fn positional(value: f64) -> String {
    let mut text = format!("{value}");
    let digits = yaml::shortest(value);
    let last = digits.split_once('e').and_then(|(mantissa, _)| mantissa.chars().next_back());
    // Of two texts that are equally near the other one: they differ in the last digit, which is a decimal.
    if let Some(last) = last
        && text.contains('.')
        && !text.ends_with(last)
    {
        text.pop();
        text.push(last);
    }
    text
}

fn exponential(value: f64, verb: u8, precision: Option<usize>) -> String {
    let digits = precision.map(|precision| precision.min(MOST_DIGITS));
    let text = match digits {
        Some(digits) => format!("{value:.digits$e}"),
        None => yaml::shortest(value),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let zeros = "0".repeat(precision.unwrap_or(0).saturating_sub(MOST_DIGITS));
    with_exponent(&format!("{mantissa}{zeros}"), verb, exponent)
}

fn with_exponent(mantissa: &str, verb: u8, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{}{sign}{:02}", char::from(verb), exponent.unsigned_abs())
}

fn general(value: f64, verb: u8, precision: Option<usize>) -> String {
    let letter = if verb == b'g' { b'e' } else { b'E' };
    let text = match precision {
        Some(precision) => {
            let digits = precision.clamp(1, MOST_DIGITS) - 1;
            format!("{value:.digits$e}")
        }
        None => yaml::shortest(value),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Trailing zeros are not shown, and so do not count as digits.
    let mantissa = match precision {
        Some(_) if mantissa.contains('.') => mantissa.trim_end_matches('0').trim_end_matches('.'),
        _ => mantissa,
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let limit = match precision {
        // Go counts the shortest form as six digits here.
        None => 6,
        Some(0) => 1,
        Some(precision) => {
            // With fewer digits than asked for, the number is shown in full up to those.
            let digits_before_point = usize::try_from(exponent + 1).unwrap_or(0);
            if precision > digits && digits >= digits_before_point { digits } else { precision }
        }
    };
    if exponent < -4 || exponent >= i32::try_from(limit).unwrap_or(i32::MAX) {
        return with_exponent(mantissa, letter, exponent);
    }
    let decimals = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
    let decimals = usize::try_from(decimals).unwrap_or(0);
    match precision {
        Some(_) => format!("{value:.decimals$}"),
        None => positional(value),
    }
}

fn parts(value: f64) -> (bool, u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (value.is_sign_negative(), mantissa, exponent)
}

fn binary(value: f64) -> String {
    let (negative, mantissa, exponent) = parts(value);
    let sign = if negative { "-" } else { "" };
    format!("{sign}{mantissa}p{exponent:+}")
}

fn hexadecimal(value: f64, verb: u8, precision: Option<usize>) -> String {
    let (negative, mut mantissa, mut exponent) = parts(value);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // One bit before the point, 60 after it.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i32::try_from(shift).unwrap_or(0);
    }
    if let Some(precision) = precision
        && precision < 15
    {
        let drop = u32::try_from(60 - precision * 4).unwrap_or(0);
        let extra = mantissa & ((1 << drop) - 1);
        mantissa >>= drop;
        let half = 1u64 << (drop - 1);
        if extra > half || (extra == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= drop;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let whole = mantissa >> 60;
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) => {
            let mut fraction = fraction;
            fraction.truncate(precision);
            let missing = precision - fraction.len();
            fraction + &"0".repeat(missing)
        }
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if negative { "-" } else { "" };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    let text =
        format!("{sign}0x{whole}{point}{fraction}p{exponent_sign}{:02}", exponent.unsigned_abs());
    if verb == b'X' { text.to_uppercase() } else { text }
}
