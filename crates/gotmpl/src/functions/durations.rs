//! Durations: sprig's `duration` and `durationRound`, Helm's `mustToDuration`, `durationHours`, …,
//! and the object `time.Duration` with its methods.

use std::sync::Arc;

use crate::call::{CallContext, FunctionEntry, Param, Signature};
use crate::gotime::Duration;
use crate::value::{IntKind, Kind, Object, Value};

use super::arguments::{Answer, any, failure, string};
use super::cast::{nearest_int, parse_float};
use super::strings::trim_space;
use super::text::{float_text, go_quote};

use Param::Any;

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("duration", &[Any], duration),
    FunctionEntry::new("durationRound", &[Any], duration_round),
    FunctionEntry::new("mustToDuration", &[Any], |_, arguments| {
        match as_duration(any(arguments, 0)) {
            Ok(duration) => Ok(duration_value(duration)),
            Err(message) => failure(message),
        }
    }),
    FunctionEntry::new("durationNanoseconds", &[Any], |_, a| whole(a, 1)),
    FunctionEntry::new("durationMicroseconds", &[Any], |_, a| whole(a, 1_000)),
    FunctionEntry::new("durationMilliseconds", &[Any], |_, a| whole(a, 1_000_000)),
    FunctionEntry::new("durationSeconds", &[Any], |_, a| fraction(a, SECOND, 1.0)),
    FunctionEntry::new("durationMinutes", &[Any], |_, a| fraction(a, 60 * SECOND, 1.0)),
    FunctionEntry::new("durationHours", &[Any], |_, a| fraction(a, HOUR, 1.0)),
    FunctionEntry::new("durationDays", &[Any], |_, a| fraction(a, HOUR, 24.0)),
    FunctionEntry::new("durationWeeks", &[Any], |_, arguments| {
        let Ok(duration) = as_duration(any(arguments, 0)) else { return Ok(Value::Float(0.0)) };
        // Divided twice, as the original does: the rounding is part of the answer.
        Ok(Value::Float(duration.in_units(HOUR) / 24.0 / 7.0))
    }),
    FunctionEntry::new("durationRoundTo", &[Any, Any], |_, a| adjusted(a, Duration::round)),
    FunctionEntry::new("durationTruncateTo", &[Any, Any], |_, a| adjusted(a, Duration::truncate)),
];

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// Returns a duration as a template value.
pub(super) fn duration_value(duration: Duration) -> Value {
    Value::object(DurationObject(duration))
}

/// Returns the duration that Go takes a value for where it wants one: its own type, or a constant.
pub(super) fn as_go_duration(value: &Value) -> Option<Duration> {
    match value {
        Value::Int(int) => Some(Duration(int.to_i64())),
        _ => value.downcast::<DurationObject>().map(|object| object.0),
    }
}

/// Returns the duration Helm reads out of a value: numbers are seconds.
fn as_duration(value: &Value) -> Result<Duration, String> {
    if let Some(object) = value.downcast::<DurationObject>() {
        return Ok(object.0);
    }
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        Value::Str(text) => {
            let trimmed = trim_space(text);
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(duration) = Duration::parse(trimmed) {
                return Ok(duration);
            }
            match parse_float(trimmed) {
                Some(seconds) => from_seconds(seconds),
                None => Err(format!("could not parse duration {}", go_quote(text))),
            }
        }
        Value::Int(int) => {
            let seconds = int.value();
            i64::try_from(seconds)
                .ok()
                .and_then(|seconds| seconds.checked_mul(SECOND))
                .map(Duration)
                .ok_or_else(|| format!("duration seconds overflow: {seconds}"))
        }
        Value::Float(seconds) => from_seconds(*seconds),
        Value::Object(object) => match object.underlying() {
            Some(plain @ (Value::Int(_) | Value::Float(_))) => as_duration(&plain),
            _ => Err(format!("unsupported duration type {}", value.type_name())),
        },
        _ => Err(format!("unsupported duration type {}", value.type_name())),
    }
}

fn from_seconds(seconds: f64) -> Result<Duration, String> {
    let shown = float_text(seconds);
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {shown}"));
    }
    let limit = i64::MAX as f64 / SECOND as f64;
    if seconds > limit || seconds < i64::MIN as f64 / SECOND as f64 {
        return Err(format!("duration seconds overflow: {shown}"));
    }
    Ok(Duration(super::cast::float_to_i64(seconds * SECOND as f64)))
}

fn whole(arguments: &[Value], unit: i64) -> Answer {
    let duration = as_duration(any(arguments, 0)).unwrap_or_default();
    Ok(Value::int64(duration.0 / unit))
}

fn fraction(arguments: &[Value], unit: i64, divisor: f64) -> Answer {
    let duration = as_duration(any(arguments, 0)).unwrap_or_default();
    Ok(Value::Float(duration.in_units(unit) / divisor))
}

fn adjusted(arguments: &[Value], operation: fn(Duration, Duration) -> Duration) -> Answer {
    let Ok(duration) = as_duration(any(arguments, 0)) else {
        return Ok(duration_value(Duration(0)));
    };
    Ok(duration_value(match as_duration(any(arguments, 1)) {
        Ok(multiple) => operation(duration, multiple),
        Err(_) => duration,
    }))
}

/// `duration 95`: only texts and `int64` count, everything else is 0 seconds.
fn duration(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let seconds = match any(arguments, 0) {
        Value::Str(text) => nearest_int(text),
        Value::Int(int) if int.kind() == IntKind::Int64 => int.to_i64(),
        _ => 0,
    };
    string(Duration(seconds.wrapping_mul(SECOND)).to_string())
}

fn duration_round(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let value = any(arguments, 0);
    let duration = match value {
        Value::Str(text) => Duration::parse(text).unwrap_or_default(),
        Value::Int(int) if int.kind() == IntKind::Int64 => Duration(int.to_i64()),
        _ => match super::dates::time(value) {
            Some(time) => super::dates::now(context).since(&time),
            None => Duration(0),
        },
    };
    let length = duration.0.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let hour = HOUR.unsigned_abs();
    let units = [
        (hour * 24 * 365, "y"),
        (hour * 24 * 30, "mo"),
        (hour * 24, "d"),
        (hour, "h"),
        (second * 60, "m"),
        (second, "s"),
    ];
    // More than one unit, not exactly one.
    match units.iter().find(|(unit, _)| length > *unit) {
        Some((unit, name)) => string(format!("{}{name}", length / unit)),
        None => string("0s"),
    }
}

/// `time.Duration` in a template.
#[derive(Debug)]
struct DurationObject(Duration);

static NOTHING: Signature = Signature { params: &[], variadic: None };
static ONE_DURATION: Signature = Signature { params: &[Any], variadic: None };

impl Object for DurationObject {
    fn type_name(&self) -> &'static str {
        "time.Duration"
    }

    fn kind(&self) -> Kind {
        Kind::Int(IntKind::Int64)
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        Some(match name {
            "Hours" | "Minutes" | "Seconds" | "Milliseconds" | "Microseconds" | "Nanoseconds"
            | "String" | "Abs" => &NOTHING,
            "Round" | "Truncate" => &ONE_DURATION,
            _ => return None,
        })
    }

    fn call(self: Arc<Self>, name: &str, _: &mut CallContext, arguments: &[Value]) -> Answer {
        let this = self.0;
        let other = as_go_duration(any(arguments, 0)).unwrap_or_default();
        Ok(match name {
            "Hours" => Value::Float(this.in_units(HOUR)),
            "Minutes" => Value::Float(this.in_units(60 * SECOND)),
            "Seconds" => Value::Float(this.in_units(SECOND)),
            "Milliseconds" => Value::int64(this.0 / 1_000_000),
            "Microseconds" => Value::int64(this.0 / 1_000),
            "Nanoseconds" => Value::int64(this.0),
            "String" => Value::string(this.to_string()),
            "Abs" => duration_value(Duration(this.0.saturating_abs())),
            "Round" => duration_value(this.round(other)),
            "Truncate" => duration_value(this.truncate(other)),
            _ => return failure(format!("no method {name}")),
        })
    }

    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int64(self.0.0))
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<DurationObject>().is_some_and(|other| other.0 == self.0)
    }
}
