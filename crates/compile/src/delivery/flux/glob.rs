//! Patterns as Go's `path.Match` reads them, but `*` and `?` fit slashes too.

/// Whether a pattern fits a whole text; `None` where the pattern is none.
///
/// Time is bounded by the product of both lengths.
pub(super) fn matches(pattern: &[char], text: &[char]) -> Option<bool> {
    let parts = parts(pattern)?;
    // The parts that are reached after each letter.
    let mut reached = vec![false; parts.len() + 1];
    *reached.first_mut()? = true;
    skip(&parts, &mut reached);
    for &letter in text {
        let mut next = vec![false; parts.len() + 1];
        for (at, part) in parts.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            let to = if matches!(part, Part::Star) { at } else { at + 1 };
            if part.fits(letter)
                && let Some(place) = next.get_mut(to)
            {
                *place = true;
            }
        }
        skip(&parts, &mut next);
        reached = next;
    }
    reached.last().copied()
}

enum Part {
    Star,
    Any,
    Letter(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Part {
    fn fits(&self, letter: char) -> bool {
        match self {
            Part::Star | Part::Any => true,
            Part::Letter(own) => *own == letter,
            Part::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            }
        }
    }
}

/// A star can stand for nothing.
fn skip(parts: &[Part], reached: &mut [bool]) {
    for (at, part) in parts.iter().enumerate() {
        if matches!(part, Part::Star)
            && reached.get(at).copied().unwrap_or_default()
            && let Some(next) = reached.get_mut(at + 1)
        {
            *next = true;
        }
    }
}

fn parts(pattern: &[char]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut letters = pattern.iter().copied().peekable();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '*' => Part::Star,
            '?' => Part::Any,
            '\\' => Part::Letter(letters.next()?),
            '[' => {
                let negated = letters.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    if !ranges.is_empty() && letters.next_if_eq(&']').is_some() {
                        break;
                    }
                    let low = of_class(&mut letters)?;
                    let high = match letters.next_if_eq(&'-') {
                        Some(_) => of_class(&mut letters)?,
                        None => low,
                    };
                    ranges.push((low, high));
                }
                Part::Class { negated, ranges }
            }
            letter => Part::Letter(letter),
        });
    }
    Some(parts)
}

fn of_class(letters: &mut impl Iterator<Item = char>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns() {
        let fits = |pattern: &str, text: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            super::matches(&letters(pattern), &letters(text))
        };
        assert_eq!(fits("a*c", "a/b/c"), Some(true));
        assert_eq!(fits("[a-c]?", "bx"), Some(true));
        assert_eq!(fits("[^a-c]", "b"), Some(false));
        assert_eq!(fits("\\*", "*"), Some(true));
        assert_eq!(fits("[", "x"), None);
        assert_eq!(fits("", ""), Some(true));
    }
}
