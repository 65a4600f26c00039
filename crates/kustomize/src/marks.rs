//! Label and annotation selectors: what a text demands of labels, and whether they fulfil it.
//!
//! Decides which texts are selectors at all. Source of the rules: `labels.Parse` of Kubernetes, in the copy of
//! sigs.k8s.io/kustomize/kyaml v0.21.1. Never looks at a resource.

use std::collections::BTreeSet;

/// Longer values, and names of keys, are no labels.
const LONGEST: usize = 63;

/// Longer prefixes of keys are no domains.
const LONGEST_PREFIX: usize = 253;

/// What a selector demands.
#[derive(Clone, Debug)]
pub(crate) enum Marks {
    /// There is no selector.
    None,
    All(Vec<Requirement>),
}

/// What a selector demands of one key.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    key: String,
    demand: Demand,
}

#[derive(Clone, Debug)]
enum Demand {
    There,
    NotThere,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Above(i64),
    Below(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    End,
    Symbol(&'static str),
    Word(String),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::End => "",
            Self::Symbol(symbol) => symbol,
            Self::Word(word) => word,
        }
    }
}

impl Marks {
    /// Reads a selector.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::None);
        }
        let mut parser = Parser { tokens: tokens(text), at: 0 };
        let mut all = Vec::new();
        if *parser.next() == Token::End {
            return Ok(Self::All(all));
        }
        loop {
            let next = parser.next();
            if !matches!(next, Token::Word(_) | Token::Symbol("!")) {
                let expected = match all.is_empty() {
                    true => "!, identifier, or 'end of string'",
                    false => "identifier after ','",
                };
                return Err(format!("found '{}', expected: {expected}", next.text()));
            }
            let requirement = parser.requirement();
            all.push(requirement.map_err(|error| format!("unable to parse requirement: {error}"))?);
            match parser.take() {
                Token::End => return Ok(Self::All(all)),
                Token::Symbol(",") => {}
                other => {
                    let found = other.text();
                    return Err(format!("found '{found}', expected: ',' or 'end of string'"));
                }
            }
        }
    }

    /// Whether labels fulfil all that is demanded.
    pub(crate) fn fit(&self, labels: &[(String, String)]) -> bool {
        let Self::All(all) = self else { return true };
        all.iter().all(|requirement| {
            let own = labels.iter().find(|(key, _)| *key == requirement.key);
            requirement.demand.fits(own.map(|(_, value)| value.as_str()))
        })
    }
}

impl Demand {
    fn fits(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|it| it.parse::<i64>().ok());
        match self {
            Self::There => value.is_some(),
            Self::NotThere => value.is_none(),
            Self::In(values) => value.is_some_and(|it| values.contains(it)),
            Self::NotIn(values) => value.is_none_or(|it| !values.contains(it)),
            Self::Above(least) => number().is_some_and(|it| it > *least),
            Self::Below(most) => number().is_some_and(|it| it < *most),
        }
    }
}

/// Cuts a selector into words and symbols. A zero byte behind one of them is passed over, another is the end.
fn tokens(text: &str) -> Vec<Token> {
    const SYMBOLS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];
    let is_space = |letter: char| matches!(letter, ' ' | '\t' | '\r' | '\n');
    let mut all = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() || rest.starts_with('\0') {
            all.push(Token::End);
            return all;
        }
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            all.push(Token::Symbol(symbol));
            let after = rest.strip_prefix(symbol).unwrap_or_default();
            rest = after.strip_prefix('\0').unwrap_or(after);
            continue;
        }
        let ends = |letter: char| is_space(letter) || "=!(),><\0".contains(letter);
        let (word, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        all.push(Token::Word(word.to_owned()));
        rest = after.strip_prefix('\0').unwrap_or(after);
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    /// Returns what comes next.
    fn next(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    /// Returns what comes next and goes behind it.
    fn take(&mut self) -> Token {
        let token = self.next().clone();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut token = self.take();
        let is_negated = token == Token::Symbol("!");
        if is_negated {
            token = self.take();
        }
        let Token::Word(key) = token else {
            return Err(format!("found '{}', expected: identifier", token.text()));
        };
        check_key(&key)?;
        if is_negated {
            return Ok(Requirement { key, demand: Demand::NotThere });
        }
        if matches!(self.next(), Token::End | Token::Symbol(",")) {
            return Ok(Requirement { key, demand: Demand::There });
        }
        let operator = self.take();
        let values = match operator.text() {
            "in" | "notin" => self.values()?,
            "=" | "==" | "!=" | ">" | "<" => BTreeSet::from([self.value()?]),
            other => {
                return Err(format!("found '{other}', expected: '=', '!=', '==', 'in', notin'"));
            }
        };
        let number = || {
            let number = values.first().and_then(|value| value.parse().ok());
            number.ok_or("for 'Gt', 'Lt' operators, the value must be an integer")
        };
        let demand = match operator.text() {
            ">" => Demand::Above(number()?),
            "<" => Demand::Below(number()?),
            _ => Demand::There,
        };
        values.iter().try_for_each(|value| check_value(&key, value))?;
        let demand = match operator.text() {
            ">" | "<" => demand,
            "notin" | "!=" => Demand::NotIn(values),
            _ => Demand::In(values),
        };
        Ok(Requirement { key, demand })
    }

    /// Reads the one value behind a sign; it may be missing.
    fn value(&mut self) -> Result<String, String> {
        if matches!(self.next(), Token::End | Token::Symbol(",")) {
            return Ok(String::new());
        }
        match self.take() {
            Token::Word(value) => Ok(value),
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    /// Reads values in brackets. Between commas there may be nothing, which is a value too.
    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.take();
        if open != Token::Symbol("(") {
            return Err(format!("found '{}' expected: '('", open.text()));
        }
        let mut values = BTreeSet::new();
        if *self.next() == Token::Symbol(")") {
            self.take();
            return Ok(BTreeSet::from([String::new()]));
        }
        loop {
            match self.take() {
                Token::Word(value) => {
                    values.insert(value);
                    match self.next() {
                        Token::Symbol(",") => continue,
                        Token::Symbol(")") => {}
                        other => {
                            return Err(format!("found '{}', expected: ',' or ')'", other.text()));
                        }
                    }
                }
                Token::Symbol(",") => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    match self.next() {
                        Token::Symbol(")") => {
                            values.insert(String::new());
                        }
                        Token::Symbol(",") => {
                            self.take();
                            values.insert(String::new());
                            continue;
                        }
                        _ => continue,
                    }
                }
                other => {
                    return Err(format!("found '{}', expected: ',', or identifier", other.text()));
                }
            }
            self.take();
            return Ok(values);
        }
    }
}

/// Refuses what is no key of a label: a name, perhaps with a domain before it.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_domain = |text: &str| {
        let fits = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        text.len() <= LONGEST_PREFIX && text.split('.').all(|part| has_ends(part, fits, b"-"))
    };
    if is_name(name) && name.len() <= LONGEST && prefix.is_none_or(is_domain) {
        return Ok(());
    }
    Err(format!(
        "invalid label key {key:?}: its name must consist of alphanumeric characters, '-', '_' or '.', and begin and end with an alphanumeric one; before it there may be a domain in lower case and '/'"
    ))
}

/// Refuses what is no value of a label.
fn check_value(key: &str, value: &str) -> Result<(), String> {
    if value.is_empty() || (value.len() <= LONGEST && is_name(value)) {
        return Ok(());
    }
    Err(format!(
        "invalid label value: {value:?}: at key: {key:?}: it must be empty, or consist of alphanumeric characters, '-', '_' or '.', and begin and end with an alphanumeric one"
    ))
}

fn is_name(text: &str) -> bool {
    has_ends(text, |letter| letter.is_ascii_alphanumeric(), b"-_.")
}

/// Whether a text has letters that fit at its ends, and these or others between them.
fn has_ends(text: &str, fits: impl Fn(u8) -> bool, others: &[u8]) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|it| fits(*it))
        && bytes.last().is_some_and(|it| fits(*it))
        && bytes.iter().all(|it| fits(*it) || others.contains(it))
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn selectors_are_read_as_kubernetes_reads_them() {
        let labels = [("a", "b"), ("n", "5"), ("x.io/k", ""), ("in", "in")];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let fit = |text: &str| Marks::parse(text).map(|it| it.fit(&labels));
        let yes = [
            "",
            " ",
            "a",
            "a=b",
            "a==b",
            " a = b , n",
            "!z",
            "a!=c",
            "z!=c",
            "a in (b)",
            "a in(b,c)",
            "a notin (c,)",
            "z notin (b)",
            "n>4",
            "n<6",
            "x.io/k=",
            "x.io/k in ()",
            "x.io/k in (b,,c)",
            "in in (in)",
            "in=in",
            "!\0z",
            "a\0=\0b",
            "a \0=c",
            "x.io/k",
        ];
        for text in yes {
            assert_eq!(fit(text), Ok(true), "{text}");
        }
        for text in ["z", "a=c", "!a", "a in (c)", "a notin (b,c)", "n>5", "a>1", "z<3", "a in ()"]
        {
            assert_eq!(fit(text), Ok(false), "{text}");
        }
    }
}
