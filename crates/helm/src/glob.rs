//! Patterns of `.Files.Glob`: `*` and `?` stop at `/`, `**` does not, `[abc]`, `[!a-z]`, `{a,b}`.
//!
//! Rules: gobwas/glob v0.2.3 with `/` as separator, which helm uses. The pattern becomes a regular
//! expression, so that matching takes linear time.

use regex::Regex;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Glob(Option<Regex>);

impl Glob {
    /// Compiles a pattern; a malformed one matches everything, as in helm.
    pub(crate) fn new(pattern: &str) -> Glob {
        let expression = translate(pattern);
        Glob(expression.and_then(|expression| Regex::new(&expression).ok()))
    }

    /// Whether a path matches as a whole.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|expression| expression.is_match(path))
    }
}

fn translate(pattern: &str) -> Option<String> {
    let mut expression = String::from(r"(?s)\A(?:");
    let mut rest = pattern.chars().peekable();
    let mut open = 0_usize;
    while let Some(next) = rest.next() {
        match next {
            '*' if rest.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '{' => {
                open += 1;
                expression.push_str("(?:");
            }
            ',' if open > 0 => expression.push('|'),
            '}' if open > 0 => {
                open -= 1;
                expression.push(')');
            }
            '[' => class(&mut rest, &mut expression)?,
            '\\' => {
                if let Some(escaped) = rest.next() {
                    literal(escaped, &mut expression);
                }
            }
            other => literal(other, &mut expression),
        }
    }
    // What is left open closes at the end.
    expression.extend(std::iter::repeat_n(')', open));
    expression.push_str(r")\z");
    Some(expression)
}

fn literal(c: char, expression: &mut String) {
    let mut buffer = [0; 4];
    expression.push_str(&regex::escape(c.encode_utf8(&mut buffer)));
}

/// Translates what follows a `[`: one range, or a list of characters in which `-` means itself.
fn class(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    expression: &mut String,
) -> Option<()> {
    let negated = rest.next_if_eq(&'!').is_some();
    let mut characters = Vec::new();
    let mut escaped = false;
    loop {
        match rest.next()? {
            '\\' if !escaped => escaped = true,
            ']' if !escaped => break,
            c => {
                escaped = false;
                characters.push(c);
            }
        }
    }
    expression.push_str(if negated { "[^" } else { "[" });
    match characters.as_slice() {
        [low, '-', high] if low <= high => {
            literal_in_class(*low, expression);
            expression.push('-');
            literal_in_class(*high, expression);
        }
        // Helm's matcher reads a second character `-` as a range, whatever follows.
        [] | [_, '-', ..] => return None,
        list => list.iter().for_each(|c| literal_in_class(*c, expression)),
    }
    expression.push(']');
    Some(())
}

fn literal_in_class(c: char, expression: &mut String) {
    if c.is_ascii_punctuation() {
        expression.push('\\');
    }
    expression.push(c);
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn stars_stop_at_folders() {
        for (pattern, path, want) in [
            ("conf/*", "conf/a.txt", true),
            ("conf/*", "conf/d/a.txt", false),
            ("conf/**", "conf/d/a.txt", true),
            ("**.txt", "conf/d/a.txt", true),
            ("*.txt", "conf/a.txt", false),
            ("conf/?.txt", "conf/a.txt", true),
            ("conf/[ab].txt", "conf/a.txt", true),
            ("conf/[!ab].txt", "conf/a.txt", false),
            ("conf/[a-c].txt", "conf/b.txt", true),
            ("{conf,data}/*.{txt,json}", "data/x.json", true),
            ("{conf,data}/*.{txt,json}", "data/x.yaml", false),
            ("a.c", "abc", false),
            ("conf/[", "anything", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), want, "{pattern} {path}");
        }
    }
}
