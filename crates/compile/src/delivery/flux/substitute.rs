//! `postBuild`: variables in the text of an object, as Flux's `envsubst` replaces them.
//!
//! The language is a small part of bash's: `${var}`, defaults, substrings, cases, lengths, trimming and
//! replacing; `$$` is a dollar sign, and a `$` before anything but `{` or `$` is left alone. It is strict: a
//! variable that nobody sets is an error unless the expression has a default.
//!
//! Source of the rules: the behaviour of github.com/fluxcd/pkg/envsubst 1.7; `tests/delivery/flux` holds
//! answers of the original.

use std::collections::BTreeMap;

/// Replaces every variable of a text.
///
/// # Errors
/// In the original's words: what cannot be read, or which variable is not set.
pub(super) fn substitute(
    text: &str,
    variables: &BTreeMap<String, String>,
) -> Result<String, String> {
    let mut reader = Reader { bytes: text.as_bytes().to_vec(), at: 0 };
    // Everything is read before anything is replaced: a mistake at the end hides a missing variable.
    let parts = reader.parts()?;
    let mut out = Vec::with_capacity(text.len());
    for part in &parts {
        evaluate(part, variables, &mut out)?;
    }
    String::from_utf8(out).map_err(|_| "the result is no text".to_owned())
}

/// Whether a name may be a variable's.
pub(super) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// A piece of a text.
enum Part {
    Text(Vec<u8>),
    Function { variable: String, operator: String, arguments: Vec<Part> },
}

const BAD: &str = "bad substitution";
const NO_BRACE: &str = "missing closing brace";
const IN_FUNCTION: &str = "unable to parse substitution within function";

/// What a dollar sign or backslash may protect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    Dollar,
    DollarAndBackslash,
}

struct Reader {
    bytes: Vec<u8>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied().filter(|byte| *byte != 0)
    }

    fn opens(&self) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"${"))
    }

    fn parts(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        while self.peek().is_some() {
            if self.opens() {
                parts.push(self.function()?);
            } else {
                parts.push(Part::Text(self.run(|_, _| true, true, Escapes::Dollar)));
            }
        }
        Ok(parts)
    }

    /// Reads bytes while they are accepted, by byte and by its position in what is read, up to an
    /// opening `${` where those count.
    fn run(
        &mut self,
        accept: impl Fn(u8, usize) -> bool,
        stops_at_function: bool,
        escapes: Escapes,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            if stops_at_function && self.opens() {
                break;
            }
            let next = self.bytes.get(self.at + 1).copied();
            let escaped = match (byte, next) {
                (b'$', Some(b'$')) => escapes != Escapes::None,
                (b'\\', Some(b'/' | b'\\')) => escapes == Escapes::DollarAndBackslash,
                _ => false,
            };
            if escaped {
                out.extend(next);
                self.at += 2;
                continue;
            }
            if !accept(byte, out.len() + 1) {
                break;
            }
            out.push(byte);
            self.at += 1;
        }
        out
    }

    /// Reads one or more accepted bytes, or fails with these words.
    fn some(&mut self, accept: impl Fn(u8, usize) -> bool, words: &str) -> Result<String, String> {
        let run = self.run(accept, false, Escapes::None);
        if run.is_empty() {
            return Err(words.to_owned());
        }
        String::from_utf8(run).map_err(|_| words.to_owned())
    }

    fn name(&mut self, words: &str) -> Result<String, String> {
        let rest = String::from_utf8_lossy(self.bytes.get(self.at..).unwrap_or_default());
        let name: String =
            rest.chars().take_while(|c| c.is_alphabetic() || c.is_numeric() || *c == '_').collect();
        if name.is_empty() {
            return Err(words.to_owned());
        }
        self.at += name.len();
        Ok(name)
    }

    fn close(&mut self, words: &str) -> Result<(), String> {
        if self.peek() != Some(b'}') {
            return Err(words.to_owned());
        }
        self.at += 1;
        Ok(())
    }

    /// Reads from `${` to its `}`.
    fn function(&mut self) -> Result<Part, String> {
        self.at += 2;
        if self.peek() == Some(b'#') {
            self.at += 1;
            let variable = self.name(BAD)?;
            self.close(BAD)?;
            return Ok(Part::Function {
                variable,
                operator: "#".to_owned(),
                arguments: Vec::new(),
            });
        }
        let variable = self.name("unable to parse variable name")?;
        let (operator, arguments) = match self.peek() {
            Some(b':') => self.after_colon()?,
            Some(b'=') => {
                self.at += 1;
                ("=".to_owned(), self.default_arguments()?)
            }
            Some(b',' | b'^') => {
                let accept = |byte, at| matches!(byte, b',' | b'^') && at < 3;
                let operator = self.some(accept, BAD)?;
                self.close(BAD)?;
                (operator, Vec::new())
            }
            Some(b'/') => self.replacement()?,
            Some(sign @ (b'#' | b'%')) => {
                let operator = self.some(|byte, at| byte == sign && at < 3, BAD)?;
                let argument = self.argument(|byte| byte != b'}', Escapes::None)?;
                self.close(BAD)?;
                (operator, vec![argument])
            }
            _ => {
                self.close(NO_BRACE)?;
                (String::new(), Vec::new())
            }
        };
        Ok(Part::Function { variable, operator, arguments })
    }

    /// One argument: a function, or a text.
    fn argument(&mut self, accept: impl Fn(u8) -> bool, escapes: Escapes) -> Result<Part, String> {
        if self.opens() {
            return self.function();
        }
        let text = self.run(|byte, _| accept(byte), true, escapes);
        if text.is_empty() {
            return Err(IN_FUNCTION.to_owned());
        }
        Ok(Part::Text(text))
    }

    fn default_arguments(&mut self) -> Result<Vec<Part>, String> {
        let mut arguments = Vec::new();
        while self.peek() != Some(b'}') {
            arguments.push(self.argument(|byte| byte != b'}', Escapes::None)?);
        }
        self.at += 1;
        Ok(arguments)
    }

    fn after_colon(&mut self) -> Result<(String, Vec<Part>), String> {
        let next = self.bytes.get(self.at + 1).copied();
        if let Some(sign @ (b'=' | b'-' | b'?' | b'+')) = next {
            self.at += 2;
            return Ok((format!(":{}", char::from(sign)), self.default_arguments()?));
        }
        // The original steps back by the length of the character that it looked at.
        if next.is_none_or(|byte| !byte.is_ascii()) {
            return Err(BAD.to_owned());
        }
        self.at += 1;
        let mut arguments =
            vec![self.argument(|byte| byte != b':' && byte != b'}', Escapes::None)?];
        match self.peek() {
            Some(b'}') => self.at += 1,
            Some(b':') => {
                self.some(|byte, _| byte == b':', BAD)?;
                arguments.push(self.argument(|byte| byte != b'}', Escapes::None)?);
                self.close(BAD)?;
            }
            _ => return Err(BAD.to_owned()),
        }
        Ok((":".to_owned(), arguments))
    }

    fn replacement(&mut self) -> Result<(String, Vec<Part>), String> {
        let accept =
            |byte, at| (at == 1 && byte == b'/') || (at == 2 && matches!(byte, b'/' | b'#' | b'%'));
        let operator = self.some(accept, BAD)?;
        let escapes = Escapes::DollarAndBackslash;
        let mut arguments = vec![self.argument(|byte| byte != b'/', escapes)?];
        self.some(|byte, _| byte == b'/', BAD)?;
        if self.peek() != Some(b'}') {
            arguments.push(self.argument(|byte| byte != b'}', escapes)?);
        }
        self.close(BAD)?;
        Ok((operator, arguments))
    }
}

fn evaluate(
    part: &Part,
    variables: &BTreeMap<String, String>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let (variable, operator, arguments) = match part {
        Part::Text(text) => {
            out.extend(text);
            return Ok(());
        }
        Part::Function { variable, operator, arguments } => (variable, operator, arguments),
    };
    let mut texts = Vec::new();
    for argument in arguments {
        let mut text = Vec::new();
        evaluate(argument, variables, &mut text)?;
        texts.push(String::from_utf8_lossy(&text).into_owned());
    }
    let value = variables.get(variable);
    let has_default = matches!(operator.as_str(), "=" | ":=" | ":-" | ":?" | ":+");
    if value.is_none() && !has_default {
        return Err(format!("variable not set (strict mode): \"{variable}\""));
    }
    let value = value.map_or("", String::as_str);
    out.extend(apply(operator, value, &texts)?.bytes());
    Ok(())
}

fn apply(operator: &str, value: &str, arguments: &[String]) -> Result<String, String> {
    let first = arguments.first().map(String::as_str);
    let second = arguments.get(1).map(String::as_str);
    Ok(match (operator, first) {
        (",", _) => first_letter(value, |c| c.to_lowercase().collect()),
        (",,", _) => value.to_lowercase(),
        ("^", _) => first_letter(value, |c| c.to_uppercase().collect()),
        ("^^", _) => value.to_uppercase(),
        ("#", None) => value.len().to_string(),
        ("#" | "##", Some(pattern)) => trim(value, pattern, operator == "##"),
        ("%" | "%%", Some(pattern)) => {
            let reversed = |text: &str| -> String { text.chars().rev().collect() };
            reversed(&trim(&reversed(value), &reversed(pattern), operator == "%%"))
        }
        (":", Some(position)) => substring(value, position, second)?,
        ("/#", Some(from)) => match (value.starts_with(from), second) {
            (true, Some(to)) => value.replacen(from, to, 1),
            _ => value.to_owned(),
        },
        ("/%", Some(from)) => match (value.strip_suffix(from), second) {
            (Some(rest), Some(to)) => format!("{rest}{to}"),
            _ => value.to_owned(),
        },
        ("/", Some(from)) => value.replacen(from, second.unwrap_or_default(), 1),
        ("//", Some(from)) => value.replace(from, second.unwrap_or_default()),
        // Whatever the sign before it: an empty value becomes the arguments.
        _ if value.is_empty() => arguments.concat(),
        _ => value.to_owned(),
    })
}

fn first_letter(value: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = value.chars();
    match letters.next() {
        Some(first) => change(first) + letters.as_str(),
        None => String::new(),
    }
}

fn substring(value: &str, position: &str, length: Option<&str>) -> Result<String, String> {
    let Some(mut from) = integer(position) else { return Ok(value.to_owned()) };
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    if from < 0 {
        from = (size + from).max(0);
    }
    let to = match length {
        None => size,
        Some(length) => {
            let Some(length) = integer(length) else { return Ok(value.to_owned()) };
            from.saturating_add(length).min(size)
        }
    };
    if from >= size {
        return Ok(String::new());
    }
    if to < from {
        return Err("slice bounds out of range".to_owned());
    }
    let at = |place: i64| usize::try_from(place).unwrap_or(0);
    let bytes = value.as_bytes().get(at(from)..at(to)).unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// Reads a number as Go's `Atoi` does.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Takes away the shortest or longest beginning that a pattern fits, never the empty one.
fn trim(value: &str, pattern: &str, longest: bool) -> String {
    let pattern: Vec<char> = pattern.chars().collect();
    let letters: Vec<char> = value.chars().collect();
    let mut lengths: Vec<usize> = (1..=letters.len()).collect();
    if longest {
        lengths.reverse();
    }
    for length in lengths {
        match super::glob::matches(&pattern, letters.get(..length).unwrap_or_default()) {
            Some(true) => return letters.get(length..).unwrap_or_default().iter().collect(),
            Some(false) => {}
            None => break,
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    /// What Flux's own envsubst says; `record.sh` beside it asks again.
    const ANSWERS: &str = include_str!("../../../tests/delivery/flux/envsubst/answers.json");

    #[test]
    fn texts_become_what_the_original_makes_of_them() {
        let recorded: Value = serde_json::from_str(ANSWERS).expect("because it is JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let variables = recorded["variables"].as_object().expect("because it has variables");
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let answers = recorded["answers"].as_array().expect("because it has answers");
        assert!(answers.len() > 100);
        for answer in answers {
            let got = super::substitute(&text(&answer["text"]), &variables);
            let want = match text(&answer["error"]).as_str() {
                "" => Ok(text(&answer["want"])),
                // The original stops with Go's words.
                "panic" => Err("slice bounds out of range".to_owned()),
                words => Err(words.to_owned()),
            };
            assert_eq!(got, want, "{}", answer["text"]);
        }
    }
}
