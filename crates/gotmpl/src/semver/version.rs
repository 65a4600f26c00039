//! One version: reading it loosely or strictly, ordering it, and stepping to the next one.

use std::cmp::Ordering;
use std::fmt;

/// The longest text that is read as a version, in bytes.
const MAX_LENGTH: usize = 256;

/// A semantic version, with the text it was read from.
#[derive(Debug, Clone)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number, 0 when it was left out.
    pub minor: u64,
    /// Third number, 0 when it was left out.
    pub patch: u64,
    /// What follows `-`, empty for a release.
    pub prerelease: String,
    /// What follows `+`, never compared.
    pub metadata: String,
    /// The text as it was given.
    pub original: String,
}

/// Why a text is not a version; the words are those of Masterminds semver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionError {
    /// Not of the form of a version.
    Invalid,
    /// Strict reading of an empty text.
    Empty,
    /// Longer than 256 bytes.
    TooLong,
    /// Strict reading found something other than digits in a number.
    InvalidCharacters,
    /// A number, or a numeric prerelease part, has a leading zero.
    LeadingZero,
    /// The prerelease has an empty part or a character outside `[0-9A-Za-z-]`.
    InvalidPrerelease,
    /// The metadata has an empty part or a character outside `[0-9A-Za-z-]`.
    InvalidMetadata,
    /// A number does not fit 64 bits.
    OutOfRange(String),
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionError::Invalid => f.write_str("invalid semantic version"),
            VersionError::Empty => f.write_str("version string empty"),
            VersionError::TooLong => {
                write!(f, "version string is too long (max {MAX_LENGTH} bytes)")
            }
            VersionError::InvalidCharacters => f.write_str("invalid characters in version"),
            VersionError::LeadingZero => f.write_str("version segment starts with 0"),
            VersionError::InvalidPrerelease => f.write_str("invalid prerelease string"),
            VersionError::InvalidMetadata => f.write_str("invalid metadata string"),
            VersionError::OutOfRange(digits) => write!(
                f,
                "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range"
            ),
        }
    }
}

impl std::error::Error for VersionError {}

/// Returns whether every byte is one that prerelease and metadata parts may have.
pub(super) fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Returns the length of `[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*` at the start, 0 when there is none.
pub(super) fn identifiers_length(bytes: &[u8]) -> usize {
    let mut end = 0;
    let mut at = 0;
    loop {
        let start = at;
        while bytes.get(at).copied().is_some_and(is_identifier) {
            at += 1;
        }
        if at == start {
            return end;
        }
        end = at;
        if bytes.get(at) != Some(&b'.') {
            return end;
        }
        at += 1;
    }
}

fn number(digits: &str) -> Result<u64, VersionError> {
    digits.parse().map_err(|_| VersionError::OutOfRange(digits.to_owned()))
}

fn check_prerelease(text: &str) -> Result<(), VersionError> {
    for part in text.split('.') {
        if part.is_empty() {
            return Err(VersionError::InvalidPrerelease);
        }
        if part.bytes().all(|b| b.is_ascii_digit()) {
            if part.len() > 1 && part.starts_with('0') {
                return Err(VersionError::LeadingZero);
            }
        } else if !part.bytes().all(is_identifier) {
            return Err(VersionError::InvalidPrerelease);
        }
    }
    Ok(())
}

fn check_metadata(text: &str) -> Result<(), VersionError> {
    let good = text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_identifier));
    if good { Ok(()) } else { Err(VersionError::InvalidMetadata) }
}

impl Version {
    /// Reads a version loosely: `v1`, `1.2` and leading zeros in the numbers are accepted.
    pub fn parse(text: &str) -> Result<Version, VersionError> {
        if text.len() > MAX_LENGTH {
            return Err(VersionError::TooLong);
        }
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = ["", "", ""];
        for (index, slot) in numbers.iter_mut().enumerate() {
            let body = if index == 0 {
                rest
            } else {
                match rest.strip_prefix('.') {
                    Some(body) => body,
                    None => break,
                }
            };
            let length = body.bytes().take_while(u8::is_ascii_digit).count();
            if length == 0 {
                return Err(VersionError::Invalid);
            }
            let (digits, after) = body.split_at(length);
            *slot = digits;
            rest = after;
        }
        let mut prerelease = "";
        if let Some(body) = rest.strip_prefix('-') {
            let length = identifiers_length(body.as_bytes());
            if length == 0 {
                return Err(VersionError::Invalid);
            }
            (prerelease, rest) = body.split_at(length);
        }
        let mut metadata = "";
        if let Some(body) = rest.strip_prefix('+') {
            let length = identifiers_length(body.as_bytes());
            if length == 0 {
                return Err(VersionError::Invalid);
            }
            (metadata, rest) = body.split_at(length);
        }
        if !rest.is_empty() {
            return Err(VersionError::Invalid);
        }
        let value = |digits: &str| if digits.is_empty() { Ok(0) } else { number(digits) };
        let version = Version {
            major: value(numbers[0])?,
            minor: value(numbers[1])?,
            patch: value(numbers[2])?,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        };
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        Ok(version)
    }

    /// Reads a version strictly: three numbers without leading zeros, no `v`.
    pub fn parse_strict(text: &str) -> Result<Version, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(VersionError::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(mut patch)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(VersionError::Invalid);
        };
        let mut metadata = "";
        if let Some((before, after)) = patch.split_once('+') {
            (patch, metadata) = (before, after);
            check_metadata(metadata)?;
        }
        let mut prerelease = "";
        if let Some((before, after)) = patch.split_once('-') {
            (patch, prerelease) = (before, after);
            check_prerelease(prerelease)?;
        }
        for part in [major, minor, patch] {
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(VersionError::InvalidCharacters);
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err(VersionError::LeadingZero);
            }
            if part.is_empty() {
                return Err(VersionError::Invalid);
            }
        }
        Ok(Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// Orders two versions by semver precedence; metadata does not count.
    pub fn compare(&self, other: &Version) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prerelease(&self.prerelease, &other.prerelease),
            })
    }

    /// Returns the next patch version; a prerelease steps to its own release.
    pub fn next_patch(&self) -> Option<Version> {
        let step = u64::from(self.prerelease.is_empty());
        self.stepped(self.major, self.minor, self.patch.checked_add(step)?)
    }

    /// Returns the next minor version.
    pub fn next_minor(&self) -> Option<Version> {
        self.stepped(self.major, self.minor.checked_add(1)?, 0)
    }

    /// Returns the next major version.
    pub fn next_major(&self) -> Option<Version> {
        self.stepped(self.major.checked_add(1)?, 0, 0)
    }

    /// Returns the same version with another prerelease; empty makes it a release.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Version, VersionError> {
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        let mut next = self.clone();
        next.prerelease = prerelease.to_owned();
        next.original = format!("{}{next}", self.v_prefix());
        Ok(next)
    }

    /// Returns the same version with other metadata.
    pub fn with_metadata(&self, metadata: &str) -> Result<Version, VersionError> {
        if !metadata.is_empty() {
            check_metadata(metadata)?;
        }
        let mut next = self.clone();
        next.metadata = metadata.to_owned();
        next.original = format!("{}{next}", self.v_prefix());
        Ok(next)
    }

    fn v_prefix(&self) -> &'static str {
        if self.original.starts_with('v') { "v" } else { "" }
    }

    #[expect(clippy::unnecessary_wraps, reason = "so that the callers can end with it")]
    fn stepped(&self, major: u64, minor: u64, patch: u64) -> Option<Version> {
        Some(Version {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original: format!("{}{major}.{minor}.{patch}", self.v_prefix()),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Orders two prereleases part by part; a missing part is lower than any other.
pub fn compare_prerelease(left: &str, right: &str) -> Ordering {
    let mut lefts = left.split('.');
    let mut rights = right.split('.');
    loop {
        let (one, other) = (lefts.next(), rights.next());
        if one.is_none() && other.is_none() {
            return Ordering::Equal;
        }
        let order = compare_part(one.unwrap_or(""), other.unwrap_or(""));
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_part(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    // Digits beyond 64 bits count as text, as they do in the original.
    let digits = |text: &str| {
        let all = text.bytes().all(|b| b.is_ascii_digit());
        if all { text.parse::<u64>().ok() } else { None }
    };
    if left.is_empty() {
        return Ordering::Less;
    }
    if right.is_empty() {
        return Ordering::Greater;
    }
    match (digits(left), digits(right)) {
        (None, None) => left.cmp(right),
        // The right is text: numbers are lower than text.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(one), Some(other)) if one > other => Ordering::Greater,
        (Some(_), Some(_)) => Ordering::Less,
    }
}
