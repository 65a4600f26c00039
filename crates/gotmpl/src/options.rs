//! What a rendering depends on besides templates and data: all of it comes in as values.

/// What a missing key of a map gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// No value (Go's `missingkey=default`).
    Invalid,
    /// The zero value of the element type: what `helm template` uses.
    #[default]
    Zero,
    /// An error: what `helm lint --strict` uses.
    Error,
}

/// The moment that `now` gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
    /// Seconds east of UTC of the local time zone.
    pub offset: i32,
    /// The local zone's name as Go prints it, such as `UTC`.
    pub zone: &'static str,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { seconds: 0, nanoseconds: 0, offset: 0, zone: "UTC" }
    }
}

/// What a rendering depends on besides templates and data.
#[derive(Debug, Clone)]
pub struct Options {
    /// What a missing key gives.
    pub missing_key: MissingKey,
    /// How much work may be done: about one unit for each node executed and each byte produced.
    pub fuel: u64,
    /// What `now` gives.
    pub now: Clock,
    /// Where random bytes come from: the same seed gives the same output.
    pub seed: [u8; 32],
    /// `required` and `fail` only warn (helm's lint mode).
    pub lint: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            missing_key: MissingKey::Zero,
            fuel: 300_000_000,
            now: Clock::default(),
            seed: [0; 32],
            lint: false,
        }
    }
}
