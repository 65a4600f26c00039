//! Go's `time`: moments, layouts such as `2006-01-02T15:04:05Z07:00`, durations, zones.
//!
//! Decides how a moment is written and read with a layout, and how durations are spelled. The
//! clock and the local zone come in as values; named zones come from the table that is built in,
//! so that no file of the machine changes a result.
//! Never asks what time it is.

mod civil;
mod duration;
mod format;
mod layout;
mod parse;
mod zone;

pub use civil::{Month, Weekday, days_in_month};
pub use duration::{Duration, DurationError};
pub use parse::ParseTimeError;
pub use zone::Zone;

/// A moment, and the zone it is shown in.
#[derive(Debug, Clone)]
pub struct Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1,000,000,000.
    pub nanoseconds: u32,
    /// The zone it is shown in.
    pub zone: Zone,
}

/// Seconds from Go's zero time (year 1) to 1970.
const ZERO: i64 = -62_135_596_800;

impl Default for Time {
    /// Returns Go's zero time: midnight of 1 January of year 1, UTC.
    fn default() -> Time {
        Time::unix(ZERO, Zone::Utc)
    }
}

impl Time {
    /// Returns the moment so many seconds after 1970-01-01T00:00:00Z.
    pub fn unix(seconds: i64, zone: Zone) -> Time {
        Time { seconds, nanoseconds: 0, zone }
    }

    /// Returns the same moment in another zone.
    pub fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, ..*self }
    }

    /// Returns the moment of a date and clock reading; numbers out of range carry over.
    pub fn from_civil(
        date: (i64, i64, i64),
        clock: (i64, i64, i64),
        nanoseconds: i64,
        zone: Zone,
    ) -> Time {
        let (year, month, day) = date;
        let (hour, minute, second) = clock;
        let days = civil::days_from_civil(year, month, day);
        let carried = nanoseconds.div_euclid(1_000_000_000);
        let local = days
            .wrapping_mul(86_400)
            .wrapping_add(hour.wrapping_mul(3_600))
            .wrapping_add(minute.wrapping_mul(60))
            .wrapping_add(second)
            .wrapping_add(carried);
        let seconds = zone.seconds_of_local(local);
        let nanoseconds = u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0);
        Time { seconds, nanoseconds, zone }
    }

    /// Returns year, month and day in its zone.
    pub fn date(&self) -> (i64, Month, i64) {
        civil::civil_from_days(self.local_seconds().div_euclid(86_400))
    }

    /// Returns hour, minute and second in its zone.
    pub fn clock(&self) -> (i64, i64, i64) {
        let second = self.local_seconds().rem_euclid(86_400);
        (second / 3_600, second / 60 % 60, second % 60)
    }

    /// Returns the day of the week in its zone.
    pub fn weekday(&self) -> Weekday {
        // 1 January 1970 was a Thursday.
        let days = self.local_seconds().div_euclid(86_400);
        Weekday(u8::try_from((days + 4).rem_euclid(7)).unwrap_or(0))
    }

    /// Returns the day of the year, from 1.
    pub fn year_day(&self) -> i64 {
        let days = self.local_seconds().div_euclid(86_400);
        days - civil::days_from_civil(self.date().0, 1, 1) + 1
    }

    /// Returns the year and number of the ISO 8601 week.
    pub fn iso_week(&self) -> (i64, i64) {
        // The week belongs to the year its Thursday is in.
        let days = self.local_seconds().div_euclid(86_400);
        let since_monday = (days + 3).rem_euclid(7);
        let thursday = days - since_monday + 3;
        let (year, _, _) = civil::civil_from_days(thursday);
        (year, (thursday - civil::days_from_civil(year, 1, 1)) / 7 + 1)
    }

    /// Returns the moment a duration later.
    pub fn add(&self, duration: Duration) -> Time {
        let nanoseconds = i64::from(self.nanoseconds) + duration.0 % 1_000_000_000;
        let carried = nanoseconds.div_euclid(1_000_000_000);
        Time {
            seconds: self.seconds.wrapping_add(duration.0 / 1_000_000_000).wrapping_add(carried),
            nanoseconds: u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0),
            zone: self.zone.clone(),
        }
    }

    /// Returns the moment so many years, months and days later, as the calendar of its zone goes.
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let (year, month, day) = self.date();
        let date = (
            year.wrapping_add(years),
            i64::from(month.0).wrapping_add(months),
            day.wrapping_add(days),
        );
        Time::from_civil(date, self.clock(), i64::from(self.nanoseconds), self.zone.clone())
    }

    /// Returns the time from another moment to this one, at most what a duration can hold.
    pub fn since(&self, earlier: &Time) -> Duration {
        let seconds = i128::from(self.seconds) - i128::from(earlier.seconds);
        let nanoseconds = i128::from(self.nanoseconds) - i128::from(earlier.nanoseconds);
        let whole = seconds * 1_000_000_000 + nanoseconds;
        let bounded = whole.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Duration(i64::try_from(bounded).unwrap_or(0))
    }

    /// Returns the nanoseconds since year 1, for rounding.
    fn nanoseconds_since_zero(&self) -> i128 {
        (i128::from(self.seconds) - i128::from(ZERO)) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// Returns the moment rounded down to a multiple of a duration since year 1.
    pub fn truncate(&self, duration: Duration) -> Time {
        if duration.0 <= 0 {
            return self.clone();
        }
        let rest = self.nanoseconds_since_zero().rem_euclid(i128::from(duration.0));
        self.add(Duration(i64::try_from(-rest).unwrap_or(0)))
    }

    /// Returns the moment rounded to the nearest multiple of a duration since year 1, halves up.
    pub fn round(&self, duration: Duration) -> Time {
        if duration.0 <= 0 {
            return self.clone();
        }
        let step = i128::from(duration.0);
        let rest = self.nanoseconds_since_zero().rem_euclid(step);
        let change = if rest + rest < step { -rest } else { step - rest };
        self.add(Duration(i64::try_from(change).unwrap_or(0)))
    }

    /// Reports whether both are the same moment, whatever their zones.
    pub fn is_same_moment(&self, other: &Time) -> bool {
        (self.seconds, self.nanoseconds) == (other.seconds, other.nanoseconds)
    }

    /// Reports whether this is Go's zero time.
    pub fn is_zero(&self) -> bool {
        self.seconds == ZERO && self.nanoseconds == 0
    }

    fn local_seconds(&self) -> i64 {
        self.seconds.wrapping_add(self.zone.offset_at(self.seconds))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.format("2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}
