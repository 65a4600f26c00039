//! Dates: `now`, formatting in zones, reading, adding; and the objects `time.Time`, `time.Month`
//! and `time.Weekday` with their methods.

use std::sync::Arc;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param, Signature};
use crate::gotime::{Duration, Time, Zone};
use crate::value::{Int, IntKind, Kind, Object, Value};

use super::arguments::{Answer, any, failure, int, string, text};
use super::durations::{as_go_duration, duration_value};

use Param::{Any, String as Text};

const TIME: Param = Param::Named("time.Time");

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("now", &[], |context, _| Ok(time_value(now(context)))),
    FunctionEntry::new("date", &[Text, Any], |context, arguments| {
        format_in_zone(context, text(arguments, 0), any(arguments, 1), b"Local")
    }),
    FunctionEntry::new("dateInZone", &[Text, Any, Text], date_in_zone),
    FunctionEntry::new("date_in_zone", &[Text, Any, Text], date_in_zone),
    FunctionEntry::new("htmlDate", &[Any], |context, arguments| {
        format_in_zone(context, HTML, any(arguments, 0), b"Local")
    }),
    FunctionEntry::new("htmlDateInZone", &[Any, Text], |context, arguments| {
        format_in_zone(context, HTML, any(arguments, 0), text(arguments, 1))
    }),
    FunctionEntry::new("dateModify", &[Text, TIME], date_modify),
    FunctionEntry::new("date_modify", &[Text, TIME], date_modify),
    FunctionEntry::new("mustDateModify", &[Text, TIME], must_date_modify),
    FunctionEntry::new("must_date_modify", &[Text, TIME], must_date_modify),
    FunctionEntry::new("toDate", &[Text, Text], to_date),
    FunctionEntry::new("mustToDate", &[Text, Text], must_to_date),
    FunctionEntry::new("unixEpoch", &[TIME], |_, arguments| {
        string(wanted_time(arguments, 0)?.seconds.to_string())
    }),
    FunctionEntry::new("ago", &[Any], ago),
];

const HTML: &[u8] = b"2006-01-02";

fn local_zone(context: &CallContext) -> Zone {
    let clock = context.options().now;
    Zone::fixed(clock.zone, clock.offset)
}

/// Returns the moment of this rendering.
pub(super) fn now(context: &CallContext) -> Time {
    let clock = context.options().now;
    Time {
        seconds: clock.seconds,
        nanoseconds: clock.nanoseconds.min(999_999_999),
        zone: local_zone(context),
    }
}

/// Returns the moment that a value is, if it is one.
pub(super) fn time(value: &Value) -> Option<Time> {
    value.downcast::<TimeObject>().map(|object| object.0.clone())
}

/// Returns the moment that an argument must be.
fn wanted_time(arguments: &[Value], at: usize) -> Result<Time, FunctionError> {
    match any(arguments, at) {
        Value::Nil => failure("cannot assign nil to time.Time"),
        value => match time(value) {
            Some(time) => Ok(time),
            None => failure(format!(
                "wrong type for value; expected time.Time; got {}",
                value.type_name()
            )),
        },
    }
}

/// Returns a moment as a template value.
pub(super) fn time_value(time: Time) -> Value {
    Value::object(TimeObject(time))
}

/// Returns the moment that a date argument means: seconds since 1970, or now for what is no date.
fn moment(context: &CallContext, value: &Value, with_int32: bool) -> Time {
    if let Some(time) = time(value) {
        return time;
    }
    match value {
        Value::Int(int)
            if matches!(int.kind(), IntKind::Int | IntKind::Int64)
                || with_int32 && int.kind() == IntKind::Int32 =>
        {
            Time::unix(int.to_i64(), local_zone(context))
        }
        _ => now(context),
    }
}

fn format_in_zone(context: &mut CallContext, layout: &[u8], date: &Value, zone: &[u8]) -> Answer {
    context.spend(layout.len())?;
    let moment = moment(context, date, true);
    let zone = match zone {
        b"Local" => local_zone(context),
        _ => std::str::from_utf8(zone).ok().and_then(Zone::place).unwrap_or(Zone::Utc),
    };
    string(moment.in_zone(zone).format_bytes(layout))
}

fn date_in_zone(context: &mut CallContext, arguments: &[Value]) -> Answer {
    format_in_zone(context, text(arguments, 0), any(arguments, 1), text(arguments, 2))
}

fn date_modify(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let date = wanted_time(arguments, 1)?;
    Ok(time_value(match Duration::parse(text(arguments, 0)) {
        Ok(duration) => date.add(duration),
        Err(_) => date,
    }))
}

fn must_date_modify(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let date = wanted_time(arguments, 1)?;
    match Duration::parse(text(arguments, 0)) {
        Ok(duration) => Ok(time_value(date.add(duration))),
        Err(error) => failure(error.to_string()),
    }
}

fn to_date(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let parsed = Time::parse(text(arguments, 0), text(arguments, 1), &local_zone(context));
    Ok(time_value(parsed.unwrap_or_default()))
}

fn must_to_date(context: &mut CallContext, arguments: &[Value]) -> Answer {
    match Time::parse(text(arguments, 0), text(arguments, 1), &local_zone(context)) {
        Ok(time) => Ok(time_value(time)),
        Err(error) => failure(error.to_string()),
    }
}

fn ago(context: &mut CallContext, arguments: &[Value]) -> Answer {
    let moment = moment(context, any(arguments, 0), false);
    let passed = now(context).since(&moment);
    string(passed.round(Duration(1_000_000_000)).to_string())
}

/// `time.Time` in a template.
#[derive(Debug)]
struct TimeObject(Time);

static NOTHING: Signature = Signature { params: &[], variadic: None };
static ONE_STRING: Signature = Signature { params: &[Text], variadic: None };
static ONE_TIME: Signature = Signature { params: &[TIME], variadic: None };
static ONE_DURATION: Signature = Signature { params: &[Any], variadic: None };
static THREE_INTS: Signature =
    Signature { params: &[Param::Int, Param::Int, Param::Int], variadic: None };

impl Object for TimeObject {
    fn type_name(&self) -> &'static str {
        "time.Time"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        Some(match name {
            "Year" | "Month" | "Day" | "Hour" | "Minute" | "Second" | "Nanosecond" | "YearDay"
            | "Weekday" | "Unix" | "UnixMilli" | "UnixMicro" | "UnixNano" | "String" | "UTC"
            | "Local" | "Location" | "IsZero" => &NOTHING,
            "Format" => &ONE_STRING,
            "Before" | "After" | "Equal" | "Compare" | "Sub" => &ONE_TIME,
            "Add" | "Truncate" | "Round" => &ONE_DURATION,
            "AddDate" => &THREE_INTS,
            _ => return None,
        })
    }

    fn call(self: Arc<Self>, name: &str, context: &mut CallContext, arguments: &[Value]) -> Answer {
        let this = &self.0;
        let other = || time(any(arguments, 0)).unwrap_or_default();
        let duration = || {
            as_go_duration(any(arguments, 0)).ok_or_else(|| {
                let got = any(arguments, 0).type_name();
                let message = format!("wrong type for value; expected time.Duration; got {got}");
                FunctionError::new(message)
            })
        };
        let order = || {
            let key = |time: &Time| (time.seconds, time.nanoseconds);
            key(this).cmp(&key(&other()))
        };
        let nanoseconds = i64::from(this.nanoseconds);
        Ok(match name {
            "Year" => Value::int(this.date().0),
            "Month" => Value::object(MonthObject(this.date().1)),
            "Day" => Value::int(this.date().2),
            "Hour" => Value::int(this.clock().0),
            "Minute" => Value::int(this.clock().1),
            "Second" => Value::int(this.clock().2),
            "Nanosecond" => Value::int(nanoseconds),
            "YearDay" => Value::int(this.year_day()),
            "Weekday" => Value::object(WeekdayObject(this.weekday())),
            "Unix" => Value::int64(this.seconds),
            "UnixMilli" => Value::int64(scaled(this.seconds, 1_000, nanoseconds / 1_000_000)),
            "UnixMicro" => Value::int64(scaled(this.seconds, 1_000_000, nanoseconds / 1_000)),
            "UnixNano" => Value::int64(scaled(this.seconds, 1_000_000_000, nanoseconds)),
            "String" => Value::string(this.to_string()),
            "UTC" => time_value(this.in_zone(Zone::Utc)),
            "Local" => time_value(this.in_zone(local_zone(context))),
            "Location" => Value::object(LocationObject(this.zone.location())),
            "IsZero" => Value::Bool(this.is_zero()),
            "Format" => Value::string(this.format_bytes(text(arguments, 0))),
            "Before" => Value::Bool(order().is_lt()),
            "After" => Value::Bool(order().is_gt()),
            "Equal" => Value::Bool(this.is_same_moment(&other())),
            "Compare" => Value::int(order() as i64),
            "Sub" => duration_value(this.since(&other())),
            "Add" => time_value(this.add(duration()?)),
            "Truncate" => time_value(this.truncate(duration()?)),
            "Round" => time_value(this.round(duration()?)),
            "AddDate" => {
                let (years, months, days) =
                    (int(arguments, 0), int(arguments, 1), int(arguments, 2));
                time_value(this.add_date(years, months, days))
            }
            _ => return failure(format!("no method {name}")),
        })
    }

    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn json(&self) -> Option<Value> {
        Some(Value::string(self.0.format("2006-01-02T15:04:05.999999999Z07:00")))
    }
}

/// `*time.Location` in a template.
#[derive(Debug)]
struct LocationObject(String);

impl Object for LocationObject {
    fn type_name(&self) -> &'static str {
        "*time.Location"
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "String").then_some(&NOTHING)
    }

    fn call(self: Arc<Self>, _: &str, _: &mut CallContext, _: &[Value]) -> Answer {
        string(self.0.as_str())
    }

    fn text(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

fn scaled(seconds: i64, factor: i64, rest: i64) -> i64 {
    seconds.wrapping_mul(factor).wrapping_add(rest)
}

/// `time.Month` in a template.
#[derive(Debug)]
struct MonthObject(crate::gotime::Month);

/// `time.Weekday` in a template.
#[derive(Debug)]
struct WeekdayObject(crate::gotime::Weekday);

macro_rules! named_number {
    ($object:ident, $name:literal) => {
        impl Object for $object {
            fn type_name(&self) -> &'static str {
                $name
            }

            fn kind(&self) -> Kind {
                Kind::Int(IntKind::Int)
            }

            fn method(&self, name: &str) -> Option<&'static Signature> {
                (name == "String").then_some(&NOTHING)
            }

            fn call(self: Arc<Self>, _: &str, _: &mut CallContext, _: &[Value]) -> Answer {
                string(self.0.name())
            }

            fn text(&self) -> Option<String> {
                Some(self.0.name().to_owned())
            }

            fn underlying(&self) -> Option<Value> {
                Some(Value::Int(Int::new(IntKind::Int, i64::from(self.0.0))))
            }
        }
    };
}

named_number!(MonthObject, "time.Month");
named_number!(WeekdayObject, "time.Weekday");
