//! Comments that a person wrote into what was generated.
//!
//! In: a text as it was generated last, and as it is. Out: whether the comments are those that were generated. No
//! parser is asked: what only looks like a comment, in a text of several lines, stands on both sides.

/// Whether each comment of `theirs` was there when `base` was generated.
pub(super) fn are_known(base: &str, theirs: &str) -> bool {
    let known: Vec<String> = comments(base).collect();
    comments(theirs).all(|comment| known.contains(&comment))
}

/// Returns the comments without their digits: a comment names a version, perhaps, which Renovate raises; everything
/// else in it is a person's.
fn comments(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let begins = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
        let (at, _) = line.match_indices('#').find(|&(at, _)| begins(at))?;
        Some(line[at..].chars().filter(|letter| !letter.is_ascii_digit()).collect())
    })
}
