//! Go's regular expressions in the syntax of Rust's: the same but for what `\d`, `\s`, `\w` and
//! `\b` mean, and for what may stand in a class.

/// Returns the expression; a malformed one stays malformed.
pub(super) fn translate(pattern: &str) -> String {
    let mut output = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    // A `]` that comes first in a class means itself.
    let mut first = false;
    while let Some(c) = rest.next() {
        let was_first = std::mem::take(&mut first);
        match c {
            '\\' => match rest.next() {
                None => output.push('\\'),
                Some('Q') if !in_class => quoted(&mut rest, &mut output),
                Some(letter) => match (in_class, class_of(letter)) {
                    (false, Some((negated, members))) => {
                        output.push_str(if negated { "[^" } else { "[" });
                        output.push_str(members);
                        output.push(']');
                    }
                    (true, Some((false, members))) => output.push_str(members),
                    (true, Some((true, members))) => {
                        output.push_str("[^");
                        output.push_str(members);
                        output.push(']');
                    }
                    (false, None) if matches!(letter, 'b' | 'B') => {
                        output.push_str(if letter == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
                    }
                    _ => {
                        output.push('\\');
                        output.push(letter);
                    }
                },
            },
            '[' if !in_class => {
                in_class = true;
                first = true;
                output.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    output.push('^');
                }
            }
            '[' if rest.peek() == Some(&':') => {
                // `[:alpha:]` is known to both.
                output.push('[');
                while let Some(inner) = rest.next() {
                    output.push(inner);
                    if inner == ':' && rest.next_if_eq(&']').is_some() {
                        output.push(']');
                        break;
                    }
                }
            }
            ']' if was_first => output.push_str("\\]"),
            ']' if in_class => {
                in_class = false;
                output.push(']');
            }
            '[' | '&' | '~' if in_class => {
                output.push('\\');
                output.push(c);
            }
            '-' if in_class && (was_first || rest.peek() == Some(&']')) => output.push_str("\\-"),
            _ => output.push(c),
        }
    }
    output
}

fn class_of(letter: char) -> Option<(bool, &'static str)> {
    Some(match letter {
        'd' => (false, "0-9"),
        'D' => (true, "0-9"),
        's' => (false, "\\t\\n\\x0C\\r\\x20"),
        'S' => (true, "\\t\\n\\x0C\\r\\x20"),
        'w' => (false, "0-9A-Za-z_"),
        'W' => (true, "0-9A-Za-z_"),
        _ => return None,
    })
}

fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, output: &mut String) {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(c);
    }
    output.push_str(&regex::escape(&text));
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn classes_are_ascii() {
        for (pattern, text, want) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "१", false),
            (r"^[\w-]+$", "a-b_1", true),
            (r"^[^\s]+$", "a b", false),
            (r"^[\D]$", "1", false),
            (r"^[[:alpha:]]$", "a", true),
            (r"^[]a]$", "]", true),
            (r"^[[&&~]+$", "[&~", true),
            (r"\Qa.b\E", "a.b", true),
            (r"\Qa.b\E", "axb", false),
            (r"^.$", "é", true),
        ] {
            let compiled = regex::Regex::new(&translate(pattern)).expect("it is an expression");
            assert_eq!(compiled.is_match(text), want, "{pattern} {text}");
        }
    }
}
