//! Versions that both sides raised: an upgrade brought one, Renovate another. The higher one stands.
//!
//! In: base, ours and theirs of a value, or of lines. Out: the side that has the higher versions; nothing where
//! anything else differs, where a version fell, or where each side is ahead in one of several. Only plain versions
//! of three numbers count (`1.2.3`, `v1.2.3`): nobody can say which of two pre-releases is meant.

/// The side whose versions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Higher {
    Ours,
    Theirs,
}

/// Returns the side with the higher versions, where versions are all that differs.
pub(super) fn higher(base: &str, ours: &str, theirs: &str) -> Option<Higher> {
    let (base, ours, theirs) = (Text::of(base), Text::of(ours), Text::of(theirs));
    if base.rest != ours.rest || base.rest != theirs.rest {
        return None;
    }
    let rose = |side: &Text| base.versions.iter().zip(&side.versions).all(|(was, is)| was <= is);
    if !rose(&ours) || !rose(&theirs) {
        return None;
    }
    let pairs = || ours.versions.iter().zip(&theirs.versions);
    if pairs().all(|(ours, theirs)| ours >= theirs) {
        Some(Higher::Ours)
    } else if pairs().all(|(ours, theirs)| ours <= theirs) {
        Some(Higher::Theirs)
    } else {
        None
    }
}

/// A text taken apart.
struct Text {
    versions: Vec<[u64; 3]>,
    /// What stands around them, with a mark for each.
    rest: String,
}

impl Text {
    fn of(text: &str) -> Text {
        let (mut versions, mut rest) = (Vec::new(), String::new());
        let inside = |letter: char| letter.is_ascii_alphanumeric() || "._+-".contains(letter);
        for word in text.split_inclusive(|letter| !inside(letter)) {
            let end = word.trim_end_matches(|letter| !inside(letter)).len();
            let (word, behind) = word.split_at(end);
            match version(word.strip_prefix('v').unwrap_or(word)) {
                Some(version) => {
                    versions.push(version);
                    rest.push_str(if word.starts_with('v') { "v\0" } else { "\0" });
                }
                None => rest.push_str(word),
            }
            rest.push_str(behind);
        }
        Text { versions, rest }
    }
}

fn version(word: &str) -> Option<[u64; 3]> {
    let mut numbers = word.split('.').map(|number| {
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()
    });
    let version = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::{Higher, higher};

    #[test]
    fn the_higher_version_stands() {
        let rows = [
            ("1.2.3", "1.10.0", "1.9.0", Some(Higher::Ours)),
            ("v1.20.0", "v1.21.1", "v1.22.0", Some(Higher::Theirs)),
            ("--version 9.0.0 \\", "--version 10.1.1 \\", "--version 9.5.0 \\", Some(Higher::Ours)),
            ("a 1.0.0 b 1.0.0", "a 1.1.0 b 1.0.0", "a 1.0.0 b 1.1.0", None),
            ("1.2.3", "1.1.0", "1.3.0", None),
            ("1.2.3", "1.3.0", "v1.4.0", None),
            ("1.2.3", "1.3.0-rc.1", "1.4.0", None),
            ("x 1.2.3", "x 1.3.0", "y 1.4.0", None),
            ("10.0.0.1", "10.0.0.2", "10.0.0.3", None),
        ];
        for (base, ours, theirs, want) in rows {
            assert_eq!(higher(base, ours, theirs), want, "{base} → {ours}, {theirs}");
        }
    }
}
