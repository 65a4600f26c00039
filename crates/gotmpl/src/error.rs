//! Errors of parsing and executing, with Go's texts and the parts they are made of.

/// A template could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    name: String,
    line: usize,
    message: String,
}

impl ParseError {
    /// Returns an error at a line (from 1) of a file.
    pub fn new(name: impl Into<String>, line: usize, message: impl Into<String>) -> ParseError {
        ParseError { name: name.into(), line, message: message.into() }
    }

    /// Returns the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the message without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "template: {}:{}: {}", self.name, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A template failed while it was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecError {
    name: String,
    message: String,
}

impl ExecError {
    pub(crate) fn new(name: impl Into<String>, message: impl Into<String>) -> ExecError {
        ExecError { name: name.into(), message: message.into() }
    }

    /// Returns the name of the template that was rendered.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for ExecError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExecError {}
