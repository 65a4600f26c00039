//! Constraints: groups joined by `||`, each a list of comparisons that must all hold.

use std::cmp::Ordering;
use std::fmt;

use super::version::{Version, compare_prerelease, identifiers_length};

const MAX_LENGTH: usize = 512;
const MAX_GROUPS: usize = 32;

/// A parsed constraint, ready to be checked against versions.
#[derive(Debug, Clone)]
pub struct Constraints {
    groups: Vec<Group>,
    /// Whether prereleases may match a group that names none.
    pub include_prerelease: bool,
}

#[derive(Debug, Clone)]
struct Group {
    comparisons: Vec<Comparison>,
    names_prerelease: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

#[derive(Debug, Clone)]
struct Comparison {
    operator: Operator,
    version: Version,
    /// How it was written, operator included.
    text: String,
    /// Some part was left out or is `x`, `X` or `*`.
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

/// Why a text is not a constraint; the words are those of Masterminds semver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintError {
    /// Longer than 512 bytes.
    TooLong,
    /// More than 32 groups.
    TooManyGroups,
    /// A group that is not a list of comparisons.
    Improper(String),
    /// A comparison whose version cannot be read.
    Version,
}

impl fmt::Display for ConstraintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConstraintError::TooLong => {
                write!(f, "constraint string is too long (max {MAX_LENGTH} bytes)")
            }
            ConstraintError::TooManyGroups => {
                write!(f, "too many constraint groups (max {MAX_GROUPS})")
            }
            ConstraintError::Improper(text) => {
                f.write_str("improper constraint: ")?;
                f.write_str(&crate::functions::go_quote(text.as_bytes()))
            }
            ConstraintError::Version => f.write_str("constraint parser error"),
        }
    }
}

impl std::error::Error for ConstraintError {}

impl Constraints {
    /// Reads a constraint.
    pub fn parse(text: &str) -> Result<Constraints, ConstraintError> {
        if text.len() > MAX_LENGTH {
            return Err(ConstraintError::TooLong);
        }
        let rewritten = rewrite_ranges(text);
        let parts: Vec<&str> = rewritten.split("||").collect();
        if parts.len() > MAX_GROUPS {
            return Err(ConstraintError::TooManyGroups);
        }
        let mut groups = Vec::with_capacity(parts.len());
        for part in parts {
            groups.push(parse_group(part)?);
        }
        Ok(Constraints { groups, include_prerelease: false })
    }

    /// Returns whether the version satisfies one of the groups.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let prerelease_allowed = self.include_prerelease || group.names_prerelease;
            (version.prerelease.is_empty() || prerelease_allowed)
                && group.comparisons.iter().all(|comparison| comparison.check(version))
        })
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups.iter().enumerate() {
            if index > 0 {
                f.write_str(" || ")?;
            }
            for (place, comparison) in group.comparisons.iter().enumerate() {
                if place > 0 {
                    f.write_str(" ")?;
                }
                f.write_str(&comparison.text)?;
            }
        }
        Ok(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

fn spaces_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&b| is_space(b)).count()
}

/// The version part of a comparison: ends of `major`, `.minor`, `.patch`, `-prerelease`, `+metadata`.
struct Shape {
    major: std::ops::Range<usize>,
    minor: usize,
    patch: usize,
    prerelease: usize,
    end: usize,
}

/// A digit or a wildcard; `|` is there because the original's character class has it.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|')
}

fn shape(bytes: &[u8]) -> Option<Shape> {
    let run = |from: usize| bytes.iter().skip(from).take_while(|&&b| is_part(b)).count();
    let dotted = |from: usize| {
        if bytes.get(from) == Some(&b'.') {
            match run(from + 1) {
                0 => from,
                length => from + 1 + length,
            }
        } else {
            from
        }
    };
    let suffix = |from: usize, sign: u8| {
        if bytes.get(from) == Some(&sign) {
            match identifiers_length(bytes.get(from + 1..).unwrap_or_default()) {
                0 => from,
                length => from + 1 + length,
            }
        } else {
            from
        }
    };
    let start = usize::from(bytes.first() == Some(&b'v'));
    let major = start + run(start);
    if major == start {
        return None;
    }
    let minor = dotted(major);
    let patch = if minor > major { dotted(minor) } else { minor };
    let prerelease = suffix(patch, b'-');
    let end = suffix(prerelease, b'+');
    Some(Shape { major: start..major, minor, patch, prerelease, end })
}

/// Turns `1.2 - 3.4` into `>= 1.2, <= 3.4 `.
fn rewrite_ranges(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = text.to_owned();
    let mut start = 0;
    while start < bytes.len() {
        match range_at(bytes, start) {
            Some((first, second, end)) => {
                let slice = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
                let whole = slice(start..end);
                let replacement = format!(">= {}, <= {} ", slice(first), slice(second));
                out = out.replacen(whole, &replacement, 1);
                start = end;
            }
            None => start += 1,
        }
    }
    out
}

type Span = std::ops::Range<usize>;

fn range_at(bytes: &[u8], start: usize) -> Option<(Span, Span, usize)> {
    let rest = |from: usize| bytes.get(from..).unwrap_or_default();
    let first_start = start + spaces_length(rest(start));
    let first_end = first_start + shape(rest(first_start))?.end;
    let gap = spaces_length(rest(first_end));
    let dash = first_end + gap;
    if gap == 0 || bytes.get(dash) != Some(&b'-') {
        return None;
    }
    let gap = spaces_length(rest(dash + 1));
    if gap == 0 {
        return None;
    }
    let second_start = dash + 1 + gap;
    let second_end = second_start + shape(rest(second_start))?.end;
    let end = second_end + spaces_length(rest(second_end));
    Some((first_start..first_end, second_start..second_end, end))
}

fn operator_at(bytes: &[u8]) -> Option<(Operator, usize)> {
    let run =
        bytes.iter().take_while(|b| matches!(b, b'=' | b'!' | b'<' | b'>' | b'~' | b'^')).count();
    let operator = match bytes.get(..run).unwrap_or_default() {
        b"" | b"=" => Operator::TildeOrEqual,
        b"!=" => Operator::NotEqual,
        b">" => Operator::Greater,
        b"<" => Operator::Less,
        b">=" | b"=>" => Operator::GreaterEqual,
        b"<=" | b"=<" => Operator::LessEqual,
        b"~" | b"~>" => Operator::Tilde,
        b"^" => Operator::Caret,
        _ => return None,
    };
    Some((operator, run))
}

fn parse_group(text: &str) -> Result<Group, ConstraintError> {
    let bytes = text.as_bytes();
    let rest = |from: usize| bytes.get(from..).unwrap_or_default();
    let improper = || ConstraintError::Improper(text.to_owned());
    // The form of the whole group is judged before any version in it is read.
    let mut found = Vec::new();
    let mut at = spaces_length(bytes);
    loop {
        let (operator, operator_length) = operator_at(rest(at)).ok_or_else(improper)?;
        let operator_text = text.get(at..at + operator_length).unwrap_or_default();
        at += operator_length;
        at += spaces_length(rest(at));
        let shape = shape(rest(at)).ok_or_else(improper)?;
        let version_text = text.get(at..at + shape.end).unwrap_or_default();
        at += shape.end;
        found.push((operator, operator_text, version_text, shape));
        let gap = spaces_length(rest(at));
        at += gap;
        match bytes.get(at) {
            None => break,
            Some(b',') => {
                at += 1;
                at += spaces_length(rest(at));
            }
            Some(_) if gap > 0 => {}
            Some(_) => return Err(improper()),
        }
    }
    let mut comparisons = Vec::with_capacity(found.len());
    for (operator, operator_text, version_text, shape) in found {
        comparisons.push(comparison(operator, operator_text, version_text, &shape)?);
    }
    let names_prerelease = comparisons.iter().any(|c| !c.version.prerelease.is_empty());
    Ok(Group { comparisons, names_prerelease })
}

fn comparison(
    operator: Operator,
    operator_text: &str,
    text: &str,
    shape: &Shape,
) -> Result<Comparison, ConstraintError> {
    let slice = |range: Span| text.get(range).unwrap_or_default();
    let major = slice(shape.major.clone());
    let minor = slice(shape.major.end..shape.minor);
    let patch = slice(shape.minor..shape.patch);
    let prerelease = slice(shape.patch..shape.prerelease);
    let wild = |part: &str| matches!(part, "x" | "X" | "*");
    let wild_or_absent =
        |part: &str| part.is_empty() || wild(part.strip_prefix('.').unwrap_or(part));
    let (mut dirty, mut minor_dirty, mut patch_dirty) = (true, false, false);
    let version = if wild(major) {
        format!("0.0.0{prerelease}")
    } else if wild_or_absent(minor) {
        minor_dirty = true;
        format!("{major}.0.0{prerelease}")
    } else if wild_or_absent(patch) {
        patch_dirty = true;
        format!("{major}{minor}.0{prerelease}")
    } else {
        dirty = false;
        text.to_owned()
    };
    let version = Version::parse(&version).map_err(|_| ConstraintError::Version)?;
    Ok(Comparison {
        operator,
        version,
        text: format!("{operator_text}{text}"),
        dirty,
        minor_dirty,
        patch_dirty,
    })
}

impl Comparison {
    fn check(&self, version: &Version) -> bool {
        match self.operator {
            Operator::TildeOrEqual if self.dirty => self.tilde(version),
            Operator::TildeOrEqual => version.compare(&self.version) == Ordering::Equal,
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater => self.greater(version),
            Operator::Less => version.compare(&self.version) == Ordering::Less,
            Operator::GreaterEqual => version.compare(&self.version) != Ordering::Less,
            Operator::LessEqual => self.less_equal(version),
            Operator::Tilde => self.tilde(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.dirty {
            if wanted.major != version.major {
                return true;
            }
            if self.minor_dirty {
                return false;
            }
            if wanted.minor != version.minor {
                return true;
            }
            if self.patch_dirty {
                return compare_prerelease(&version.prerelease, &wanted.prerelease)
                    != Ordering::Equal;
            }
            if wanted.patch != version.patch {
                return true;
            }
        }
        version.compare(wanted) != Ordering::Equal
    }

    fn greater(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if !self.dirty {
            return version.compare(wanted) == Ordering::Greater;
        }
        match version.major.cmp(&wanted.major) {
            Ordering::Greater => true,
            Ordering::Less => false,
            // `>11` means 12 and above, `>11.1` means 11.2 and above.
            Ordering::Equal if self.minor_dirty => false,
            Ordering::Equal if self.patch_dirty => version.minor > wanted.minor,
            Ordering::Equal => version.compare(wanted) == Ordering::Greater,
        }
    }

    fn less_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if !self.dirty {
            return version.compare(wanted) != Ordering::Greater;
        }
        if version.major != wanted.major {
            return version.major < wanted.major;
        }
        version.minor <= wanted.minor || self.minor_dirty
    }

    fn tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted) == Ordering::Less {
            return false;
        }
        let zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        version.major == wanted.major && (version.minor == wanted.minor || self.minor_dirty)
    }

    fn caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted) == Ordering::Less {
            return false;
        }
        if wanted.major > 0 || self.minor_dirty {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.patch_dirty {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}
