//! Did you mean: the known name that is nearest to a mistyped one.

/// Returns the candidate with the smallest edit distance to `name`, if it is near enough to be
/// meant: at most a third of the name's length, and at least one edit. Case differences count as
/// half; ties go to the first candidate.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = name.chars().take(MAX_LENGTH).collect();
    let limit = (typed.len() * 2 / 3).max(2);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let distance = distance(&typed, &candidate.chars().take(MAX_LENGTH).collect::<Vec<_>>());
        // A candidate that begins with what was typed (or the other way round) is a likely intent.
        let prefix = name.len() >= 3
            && (candidate.starts_with(name)
                || (candidate.len() >= 3 && name.starts_with(candidate)));
        if (distance <= limit || prefix) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Names longer than this are compared by their beginning, to bound the work on strange input.
const MAX_LENGTH: usize = 64;

/// Twice the optimal-string-alignment distance (transpositions count one edit); a change of case
/// counts half an edit, so 1.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).map(|at| at * 2).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![(i + 1) * 2];
        for (j, &right) in b.iter().enumerate() {
            let change = if left == right {
                0
            } else if left.eq_ignore_ascii_case(&right) {
                1
            } else {
                2
            };
            let mut cost = (previous[j] + change).min(previous[j + 1] + 2).min(row[j] + 2);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                cost = cost.min(before[j - 1] + 2);
            }
            row.push(cost);
        }
        before = previous;
        previous = row;
    }
    previous.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let keys = ["replicas", "resources", "readiness", "image", "hosts"];
        for (typed, meant) in [
            ("replica", Some("replicas")),
            ("relpicas", Some("replicas")),
            ("Image", Some("image")),
            ("resource", Some("resources")),
            ("host", Some("hosts")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, keys), meant, "{typed}");
        }
    }
}
