//! Where a value is, and how that is written.

use super::EditError;

/// Where a value is: keys and items from the outside in.
///
/// Written `services[0].image.tag`, `services[name=web].image.tag`, `data."a.b"` or `data.a\.b`; or,
/// with a slash first, as a JSON pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps from the root.
    pub steps: Vec<Step>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key; in a list a number is an item.
    Key(String),
    /// An item of a list, counted from 0.
    Index(usize),
    /// The one item of a list of maps in which a key has a value.
    Where(String, String),
}

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, EditError> {
        let steps = match text.strip_prefix('/') {
            Some(pointer) => pointer
                .split('/')
                .map(|step| Step::Key(step.replace("~1", "/").replace("~0", "~")))
                .collect(),
            None => dotted(text)?,
        };
        if steps.is_empty() {
            return Err(EditError::Path("the path is empty".to_owned()));
        }
        Ok(Self { steps })
    }
}

impl std::str::FromStr for Path {
    type Err = EditError;

    fn from_str(text: &str) -> Result<Self, EditError> {
        Self::parse(text)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&display(&self.steps))
    }
}

/// Writes some steps as a path.
pub(super) fn display(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                let special = |c: char| matches!(c, '.' | '[' | ']' | '"' | '\'' | '\\' | '/');
                if key.is_empty() || key.contains(special) {
                    let escaped = key.replace('\\', "\\\\").replace('"', "\\\"");
                    text.push_str(&format!("\"{escaped}\""));
                } else {
                    text.push_str(key);
                }
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Where(key, value) => text.push_str(&format!("[{key}={value}]")),
        }
    }
    text
}

fn dotted(text: &str) -> Result<Vec<Step>, EditError> {
    let mut steps = Vec::new();
    let mut rest = text.chars().peekable();
    let wrong = |message: &str| Err(EditError::Path(format!("path `{text}`: {message}")));
    // Whether a key has to come: at the beginning and after a point.
    let mut expects_key = true;
    while let Some(&character) = rest.peek() {
        match character {
            '[' => {
                if expects_key && !steps.is_empty() {
                    return wrong("a key is missing after `.`");
                }
                rest.next();
                let inside: String = rest.by_ref().take_while(|&c| c != ']').collect();
                if rest.peek().is_none() && !text.ends_with(']') {
                    return wrong("`]` is missing");
                }
                steps.push(match inside.split_once('=') {
                    Some((key, value)) => {
                        Step::Where(unquoted(key).to_owned(), unquoted(value).to_owned())
                    }
                    None => match inside.trim().parse() {
                        Ok(index) => Step::Index(index),
                        Err(_) => return wrong("`[…]` takes a number or `key=value`"),
                    },
                });
                expects_key = false;
            }
            '.' if expects_key => return wrong("a key is missing before `.`"),
            '.' => {
                rest.next();
                expects_key = true;
            }
            _ if !expects_key => return wrong("`.` is missing before a key"),
            quote @ ('"' | '\'') => {
                rest.next();
                let mut key = String::new();
                loop {
                    match rest.next() {
                        None => return wrong("the closing quote is missing"),
                        Some(c) if c == quote => break,
                        Some('\\') => key.extend(rest.next()),
                        Some(c) => key.push(c),
                    }
                }
                steps.push(Step::Key(key));
                expects_key = false;
            }
            _ => {
                let mut key = String::new();
                while let Some(&c) = rest.peek() {
                    match c {
                        '.' | '[' => break,
                        '\\' => {
                            rest.next();
                            key.extend(rest.next());
                        }
                        c => {
                            rest.next();
                            key.push(c);
                        }
                    }
                }
                steps.push(Step::Key(key));
                expects_key = false;
            }
        }
    }
    if expects_key && !steps.is_empty() {
        return wrong("a key is missing after `.`");
    }
    Ok(steps)
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inside = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}
