//! Why a chart could not be had, in words that hold nothing secret, and what to do about it.

use std::fmt;

/// Why a chart could not be had.
#[derive(Debug)]
pub struct Reason {
    words: String,
    hints: Vec<String>,
}

impl Reason {
    pub(crate) fn new(words: impl Into<String>) -> Reason {
        Reason { words: words.into(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Reason {
        self.hints.push(hint.into());
        self
    }

    /// Returns what to do about it.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.words)
    }
}

impl std::error::Error for Reason {}
