//! The date, the time, and chance.

use std::io::Read as _;
use std::path::Path;

use text::Date;

use crate::Error;

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

/// Returns the seconds since 1970 in UTC.
pub fn seconds_now() -> i64 {
    moment_now().0
}

/// Returns the seconds since 1970-01-01T00:00:00Z, and the nanoseconds within the second.
pub fn moment_now() -> (i64, u32) {
    let now = jiff::Timestamp::now();
    (now.as_second(), u32::try_from(now.subsec_nanosecond()).unwrap_or(0))
}

/// Returns bytes that nobody can foresee.
///
/// # Errors
/// If the system has none to give.
pub fn random_seed() -> Result<[u8; 32], Error> {
    let source = Path::new("/dev/urandom");
    let mut seed = [0; 32];
    std::fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut seed))
        .map_err(Error::disk("read", source))?;
    Ok(seed)
}
