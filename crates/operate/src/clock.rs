//! The date.

use text::Date;

/// Returns today's date in UTC.
pub fn today() -> Date {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    // Months and days are 1 to 12 and 1 to 31, so the conversions keep them.
    Date {
        year: i32::from(now.year()),
        month: now.month().unsigned_abs(),
        day: now.day().unsigned_abs(),
    }
}
