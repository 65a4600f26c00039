//! A regular expression of Go's, ready to look at texts: one program for text that is UTF-8 and, when needed, one for
//! text that is not.
//!
//! Decides which of the two answers. Never what an expression means (`regex_syntax`), nor what it may cost (`regex`).

use super::regex_syntax::SyntaxError;

/// How large a compiled expression may get; nested repetitions are bounded before.
const SIZE_LIMIT: usize = 64 << 20;

/// An expression, compiled for text that is UTF-8 and, when needed, for text that is not.
#[derive(Debug)]
pub(super) struct Compiled {
    /// Whether the expression itself is empty, which matters to `regexSplit`.
    pub(super) is_empty: bool,
    /// About how many states it has.
    pub(super) weight: usize,
    translated: String,
    /// `None` when the expression could match inside a character (`\B`).
    for_text: Option<regex::Regex>,
    for_bytes: std::cell::OnceCell<Option<regex::bytes::Regex>>,
}

/// Where a match and its groups are.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

impl Compiled {
    pub(super) fn new(
        expression: &str,
        translated: String,
        weight: usize,
    ) -> Result<Compiled, SyntaxError> {
        let for_text = regex::RegexBuilder::new(&translated).size_limit(SIZE_LIMIT).build().ok();
        let compiled = Compiled {
            is_empty: expression.is_empty(),
            weight,
            translated,
            for_text,
            for_bytes: std::cell::OnceCell::new(),
        };
        if compiled.for_text.is_none() && compiled.bytes().is_none() {
            return Err(SyntaxError::new("expression too large", expression));
        }
        Ok(compiled)
    }

    fn bytes(&self) -> Option<&regex::bytes::Regex> {
        let build = || {
            regex::bytes::RegexBuilder::new(&self.translated).size_limit(SIZE_LIMIT).build().ok()
        };
        self.for_bytes.get_or_init(build).as_ref()
    }

    pub(super) fn is_match(&self, subject: &[u8]) -> bool {
        match (&self.for_text, std::str::from_utf8(subject)) {
            (Some(regex), Ok(subject)) => regex.is_match(subject),
            _ => self.bytes().is_some_and(|regex| regex.is_match(subject)),
        }
    }

    /// Returns the places of the matches, at most so many.
    pub(super) fn places(&self, subject: &[u8], limit: usize) -> Vec<(usize, usize)> {
        match (&self.for_text, std::str::from_utf8(subject)) {
            (Some(regex), Ok(subject)) => {
                regex.find_iter(subject).take(limit).map(|m| (m.start(), m.end())).collect()
            }
            _ => self.bytes().map_or_else(Vec::new, |regex| {
                regex.find_iter(subject).take(limit).map(|m| (m.start(), m.end())).collect()
            }),
        }
    }

    /// Returns the groups of all matches; group 0 is the whole match.
    pub(super) fn groups(&self, subject: &[u8]) -> Vec<Groups> {
        match (&self.for_text, std::str::from_utf8(subject)) {
            (Some(regex), Ok(subject)) => regex
                .captures_iter(subject)
                .map(|found| found.iter().map(|g| g.map(|m| (m.start(), m.end()))).collect())
                .collect(),
            _ => self.bytes().map_or_else(Vec::new, |regex| {
                regex
                    .captures_iter(subject)
                    .map(|found| found.iter().map(|g| g.map(|m| (m.start(), m.end()))).collect())
                    .collect()
            }),
        }
    }

    /// Returns the numbers of the groups of a name.
    pub(super) fn named(&self, name: &str) -> Vec<usize> {
        // The translation puts a mark before every name.
        let same = |found: Option<&str>| {
            found.and_then(|found| found.strip_prefix('_')).is_some_and(|found| found == name)
        };
        let numbered = |(number, found): (usize, Option<&str>)| same(found).then_some(number);
        match &self.for_text {
            Some(regex) => regex.capture_names().enumerate().filter_map(numbered).collect(),
            None => self.bytes().map_or_else(Vec::new, |regex| {
                regex.capture_names().enumerate().filter_map(numbered).collect()
            }),
        }
    }
}
