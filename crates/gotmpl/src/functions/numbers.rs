//! Arithmetic, rounding, conversions and sequences of numbers.

use crate::call::{CallContext, FunctionEntry, FunctionError, Param};
use crate::value::{List, ListType, Value};

use super::arguments::{Answer, any, failure, int, string, text};
use super::cast::{nearest_int, parse_int, to_f64, to_i64};
use super::decimal::Decimal;
use super::print::print;

use Param::{Any, Float64, Int, String as Text};

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("atoi", &[Text], atoi),
    FunctionEntry::new("int", &[Any], |_, arguments| Ok(Value::int(to_i64(any(arguments, 0))))),
    FunctionEntry::new("int64", &[Any], |_, arguments| Ok(Value::int64(to_i64(any(arguments, 0))))),
    FunctionEntry::new("float64", &[Any], |_, arguments| {
        Ok(Value::Float(to_f64(any(arguments, 0))))
    }),
    FunctionEntry::new("toDecimal", &[Any], to_decimal),
    FunctionEntry::new("add1", &[Any], |_, arguments| {
        integer(to_i64(any(arguments, 0)).wrapping_add(1))
    }),
    FunctionEntry::variadic("add", &[], Any, |_, arguments| {
        integer(arguments.iter().fold(0, |sum: i64, value| sum.wrapping_add(to_i64(value))))
    }),
    FunctionEntry::new("sub", &[Any, Any], |_, arguments| {
        integer(to_i64(any(arguments, 0)).wrapping_sub(to_i64(any(arguments, 1))))
    }),
    FunctionEntry::new("div", &[Any, Any], |_, arguments| divide(arguments, i64::wrapping_div)),
    FunctionEntry::new("mod", &[Any, Any], |_, arguments| divide(arguments, i64::wrapping_rem)),
    FunctionEntry::variadic("mul", &[Any], Any, |_, arguments| {
        integer(arguments.iter().fold(1, |product: i64, value| product.wrapping_mul(to_i64(value))))
    }),
    FunctionEntry::variadic("max", &[Any], Any, |_, arguments| extreme(arguments, i64::max)),
    FunctionEntry::variadic("biggest", &[Any], Any, |_, arguments| extreme(arguments, i64::max)),
    FunctionEntry::variadic("min", &[Any], Any, |_, arguments| extreme(arguments, i64::min)),
    FunctionEntry::variadic("maxf", &[Any], Any, |_, arguments| extreme_float(arguments, go_max)),
    FunctionEntry::variadic("minf", &[Any], Any, |_, arguments| extreme_float(arguments, go_min)),
    FunctionEntry::new("add1f", &[Any], |_, arguments| {
        decimal_fold(to_f64(any(arguments, 0)), &[Value::int(1)], |a, b| Ok(a.add(b)))
    }),
    FunctionEntry::variadic("addf", &[], Any, |_, arguments| {
        decimal_fold(0.0, arguments, |a, b| Ok(a.add(b)))
    }),
    FunctionEntry::variadic("subf", &[Any], Any, |_, arguments| {
        decimal_fold(to_f64(any(arguments, 0)), rest(arguments), |a, b| Ok(a.sub(b)))
    }),
    FunctionEntry::variadic("mulf", &[Any], Any, |_, arguments| {
        decimal_fold(to_f64(any(arguments, 0)), rest(arguments), |a, b| Ok(a.mul(b)))
    }),
    FunctionEntry::variadic("divf", &[Any], Any, |_, arguments| {
        decimal_fold(to_f64(any(arguments, 0)), rest(arguments), Decimal::div)
    }),
    FunctionEntry::new("ceil", &[Any], |_, arguments| {
        Ok(Value::Float(to_f64(any(arguments, 0)).ceil()))
    }),
    FunctionEntry::new("floor", &[Any], |_, arguments| {
        Ok(Value::Float(to_f64(any(arguments, 0)).floor()))
    }),
    FunctionEntry::variadic("round", &[Any, Int], Float64, round),
    FunctionEntry::new("until", &[Int], until),
    FunctionEntry::new("untilStep", &[Int, Int, Int], until_step),
    FunctionEntry::variadic("seq", &[], Int, seq),
];

fn rest(arguments: &[Value]) -> &[Value] {
    arguments.get(1..).unwrap_or_default()
}

#[expect(clippy::unnecessary_wraps, reason = "an answer like all the others")]
fn integer(number: i64) -> Answer {
    Ok(Value::int64(number))
}

fn atoi(_: &mut CallContext, arguments: &[Value]) -> Answer {
    Ok(Value::int(nearest_int(text(arguments, 0))))
}

fn to_decimal(_: &mut CallContext, arguments: &[Value]) -> Answer {
    integer(parse_int(&print(any(arguments, 0))?, 8).unwrap_or(0))
}

fn divide(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Answer {
    let (left, right) = (to_i64(any(arguments, 0)), to_i64(any(arguments, 1)));
    if right == 0 {
        return failure("runtime error: integer divide by zero");
    }
    integer(operation(left, right))
}

fn extreme(arguments: &[Value], better: fn(i64, i64) -> i64) -> Answer {
    integer(arguments.iter().map(to_i64).reduce(better).unwrap_or(0))
}

fn extreme_float(arguments: &[Value], better: fn(f64, f64) -> f64) -> Answer {
    Ok(Value::Float(arguments.iter().map(to_f64).reduce(better).unwrap_or(0.0)))
}

/// Returns the larger number; what is not a number wins over all but infinity.
fn go_max(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        f64::INFINITY
    } else if left.is_nan() || right.is_nan() {
        f64::NAN
    } else if left == 0.0 && right == 0.0 {
        if left.is_sign_negative() { right } else { left }
    } else {
        left.max(right)
    }
}

/// Returns the smaller number; what is not a number wins over all but negative infinity.
fn go_min(left: f64, right: f64) -> f64 {
    -go_max(-left, -right)
}

fn decimal_fold(
    start: f64,
    operands: &[Value],
    operation: fn(&Decimal, &Decimal) -> Result<Decimal, String>,
) -> Answer {
    let mut result = Decimal::from_float(start).map_err(FunctionError::new)?;
    for operand in operands {
        let operand = Decimal::from_float(to_f64(operand)).map_err(FunctionError::new)?;
        result = operation(&result, &operand).map_err(FunctionError::new)?;
    }
    Ok(Value::Float(result.to_float()))
}

/// Returns the power of ten with the rounding of Go's `math.Pow`.
fn power_of_ten(power: f64) -> f64 {
    let whole = power.abs();
    if whole > 400.0 {
        return if power > 0.0 { f64::INFINITY } else { 0.0 };
    }
    // 10 is 0.625 × 2^4; the exponents are kept apart as Go does.
    let (mut result, mut result_exponent) = (1.0f64, 0i32);
    let (mut factor, mut factor_exponent) = (0.625f64, 4i32);
    let mut left = whole as u32;
    while left != 0 {
        if left & 1 == 1 {
            result *= factor;
            result_exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        left >>= 1;
    }
    if power < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    let half = result_exponent / 2;
    result * 2f64.powi(half) * 2f64.powi(result_exponent - half)
}

fn round(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let number = to_f64(any(arguments, 0));
    let round_on = match arguments.get(2) {
        Some(Value::Float(limit)) => *limit,
        _ => 0.5,
    };
    let scale = power_of_ten(int(arguments, 1) as f64);
    let scaled = scale * number;
    // Of a negative number the fraction is negative, so that it always goes down.
    let rounded = if scaled.fract() >= round_on { scaled.ceil() } else { scaled.floor() };
    Ok(Value::Float(rounded / scale))
}

fn steps(
    context: &mut CallContext,
    start: i64,
    stop: i64,
    step: i64,
) -> Result<Vec<i64>, FunctionError> {
    let mut numbers = Vec::new();
    let down = stop < start;
    if down && step >= 0 || !down && step <= 0 {
        return Ok(numbers);
    }
    let mut number = start;
    while if down { number > stop } else { number < stop } {
        context.spend(1)?;
        numbers.push(number);
        match number.checked_add(step) {
            Some(next) => number = next,
            None => break,
        }
    }
    Ok(numbers)
}

fn int_list(numbers: Vec<i64>) -> Value {
    Value::List(List::new(ListType::Int, numbers.into_iter().map(Value::int).collect()))
}

fn until(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let count = int(arguments, 0);
    let step = if count < 0 { -1 } else { 1 };
    Ok(int_list(steps(context, 0, count, step)?))
}

fn until_step(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let (start, stop, step) = (int(arguments, 0), int(arguments, 1), int(arguments, 2));
    Ok(int_list(steps(context, start, stop, step)?))
}

fn seq(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let at = |index| int(arguments, index);
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let numbers = match arguments.len() {
        1 => {
            let step = direction(1, at(0));
            steps(context, 1, at(0).wrapping_add(step), step)?
        }
        2 => {
            let step = direction(at(0), at(1));
            steps(context, at(0), at(1).wrapping_add(step), step)?
        }
        3 => {
            let direction = direction(at(0), at(2));
            if direction < 0 && at(1) > 0 {
                return string("");
            }
            steps(context, at(0), at(2).wrapping_add(direction), at(1))?
        }
        _ => return string(""),
    };
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    string(texts.join(" "))
}
