//! File name patterns as Go's `filepath.Match` reads them: `*`, `?`, `[…]` and `\`, none of which
//! crosses a `/` except an escaped or class character.

/// A parsed pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Star,
    AnyOne,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// What Go says about a malformed pattern.
pub(crate) const BAD_PATTERN: &str = "syntax error in pattern";

impl Pattern {
    /// Parses a pattern; `None` means that Go calls it malformed ([`BAD_PATTERN`]).
    pub(crate) fn parse(pattern: &str) -> Option<Pattern> {
        let mut parts = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(next) = rest.next() {
            let part = match next {
                '*' => Part::Star,
                '?' => Part::AnyOne,
                '\\' => Part::Literal(rest.next()?),
                '[' => {
                    let negated = rest.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    loop {
                        if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
                            break;
                        }
                        let low = class_character(&mut rest)?;
                        let high = if rest.next_if_eq(&'-').is_some() {
                            class_character(&mut rest)?
                        } else {
                            low
                        };
                        // Go insists that something follows each range: the closing bracket.
                        rest.peek()?;
                        ranges.push((low, high));
                    }
                    Part::Class { negated, ranges }
                }
                literal => Part::Literal(literal),
            };
            parts.push(part);
        }
        Some(Pattern { parts })
    }

    /// Whether the whole name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut part) = (0, 0);
        // The last star seen, and how far it reaches: enough to go back to, since a star further
        // left could only cross more.
        let mut star: Option<(usize, usize)> = None;
        loop {
            let matched = match (self.parts.get(part), name.get(at)) {
                (None, None) => return true,
                (Some(Part::Star), _) => {
                    star = Some((part, at));
                    part += 1;
                    continue;
                }
                (Some(Part::AnyOne), Some(&c)) => c != '/',
                (Some(Part::Literal(want)), Some(c)) => want == c,
                (Some(Part::Class { negated, ranges }), Some(c)) => {
                    ranges.iter().any(|(low, high)| low <= c && c <= high) != *negated
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if matched {
                part += 1;
                at += 1;
                continue;
            }
            match star {
                Some((star_part, reach)) if name.get(reach).is_some_and(|&c| c != '/') => {
                    star = Some((star_part, reach + 1));
                    part = star_part + 1;
                    at = reach + 1;
                }
                _ => return false,
            }
        }
    }
}

/// Reads one character of a class; `-` and `]` must be escaped.
fn class_character(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_as_go_does() {
        for (pattern, name, want) in [
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "ab/c", Some(false)),
            ("a*/b", "abc/b", Some(true)),
            ("a*/b", "a/c/b", Some(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Some(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Some(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
            ("ab[c]", "abc", Some(true)),
            ("ab[^c]", "abc", Some(false)),
            ("ab[e-g]", "abc", Some(false)),
            ("a\\*b", "a*b", Some(true)),
            ("a?b", "a☺b", Some(true)),
            ("a?b", "a/b", Some(false)),
            ("[\\]a]", "]", Some(true)),
            ("[-]", "-", None),
            ("[x-]", "x", None),
            ("[]a]", "]", None),
            ("[a-b-c]", "a", None),
            ("[", "a", None),
            ("[^", "a", None),
            ("a[", "a", None),
            ("a\\", "a", None),
            ("*x", "xxx", Some(true)),
            ("", "", Some(true)),
            ("", "a", Some(false)),
        ] {
            let got = Pattern::parse(pattern).map(|parsed| parsed.matches(name));
            assert_eq!(got, want, "{pattern} {name}");
        }
    }
}
