//! Seconds since 1970 as a date that a person reads.

/// Returns the date of a moment (seconds since 1970, UTC) as `2036-11-18`.
///
/// The rule is that of the proleptic Gregorian calendar: years of 365.2425 days, counted from a March.
pub fn shown_date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns a moment (seconds since 1970) as Go's `time.RFC3339` has it, in UTC: `2036-11-18T11:06:40Z`.
pub fn shown_moment(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", shown_date(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
            (1_795_000_000, "2026-11-18"),
        ] {
            assert_eq!(shown_date(seconds), date, "{seconds}");
        }
        assert_eq!(shown_moment(1_795_000_000), "2026-11-18T11:06:40Z");
        assert_eq!(shown_moment(-1), "1969-12-31T23:59:59Z");
    }
}
