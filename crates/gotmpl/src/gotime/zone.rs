//! Zones: UTC, a fixed offset, or a place of the time zone database.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A zone.
#[derive(Debug, Clone)]
pub enum Zone {
    /// Universal time.
    Utc,
    /// An offset in seconds east of UTC, with the name it is printed with (may be empty).
    Fixed {
        /// The abbreviation.
        name: Arc<str>,
        /// Seconds east of UTC.
        offset: i32,
    },
    /// A place such as `Europe/Berlin`.
    Place(TimeZone),
}

/// The table that is built in: the machine's own would make results differ between machines.
static PLACES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

impl Zone {
    /// Returns a fixed zone; no offset and no other name is UTC.
    pub fn fixed(name: &str, offset: i32) -> Zone {
        if offset == 0 && name == "UTC" {
            Zone::Utc
        } else {
            Zone::Fixed { name: Arc::from(name), offset }
        }
    }

    /// Returns the zone of a place, if the database knows it; names are case-sensitive.
    pub fn place(name: &str) -> Option<Zone> {
        if name.is_empty() || name == "UTC" {
            return Some(Zone::Utc);
        }
        let zone = PLACES.get(name).ok()?;
        // The database itself does not care for case, Go's files do.
        (zone.iana_name() == Some(name)).then_some(Zone::Place(zone))
    }

    /// Returns the seconds east of UTC at a moment.
    pub fn offset_at(&self, seconds: i64) -> i64 {
        match self {
            Zone::Utc => 0,
            Zone::Fixed { offset, .. } => i64::from(*offset),
            Zone::Place(zone) => i64::from(zone.to_offset(timestamp(seconds)).seconds()),
        }
    }

    /// Returns the name of the zone itself, as Go's `Location.String` does.
    pub fn location(&self) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Fixed { name, .. } => name.to_string(),
            Zone::Place(zone) => zone.iana_name().unwrap_or_default().to_owned(),
        }
    }

    /// Returns the abbreviation at a moment; empty when there is none.
    pub fn name_at(&self, seconds: i64) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Fixed { name, .. } => name.to_string(),
            Zone::Place(zone) => zone.to_offset_info(timestamp(seconds)).abbreviation().to_owned(),
        }
    }

    /// Returns the moment at which clocks of this zone show so many seconds since 1970-01-01.
    pub(super) fn seconds_of_local(&self, local: i64) -> i64 {
        // Like Go: guess with the offset of the reading itself, then correct it once where the
        // guess lies on the other side of a change.
        let guess = self.offset_at(local);
        if guess == 0 {
            return match self {
                Zone::Place(_) => self.corrected(local, 0),
                _ => local,
            };
        }
        self.corrected(local, guess)
    }

    fn corrected(&self, local: i64, guess: i64) -> i64 {
        let seconds = local.wrapping_sub(guess);
        let actual = self.offset_at(seconds);
        if actual == guess {
            return seconds;
        }
        local.wrapping_sub(actual)
    }
}
