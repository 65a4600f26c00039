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

impl ParseError {
    /// Returns the error as helm words it.
    pub fn helm_text(&self) -> String {
        // Helm keeps what follows the last colon.
        let message = self.message.rsplit(": ").next().unwrap_or_default();
        format!("parse error at ({}:{}): {message}", self.name, self.line)
    }
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "template: {}:{}: {}", self.name, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A template failed while it was executed.
///
/// Displays as Go's error does: one line, from the outermost template inwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecError {
    text: String,
    message: String,
    trace: Vec<Place>,
    /// Some cause on the way has not the form that text/template gives its own errors.
    foreign: bool,
}

/// Where an error passed through, as Go names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `file:line:column`; lines count from 1, columns are bytes from 0.
    pub location: String,
    /// The name of the template.
    pub template: String,
    /// The expression that was evaluated.
    pub expression: String,
}

/// What helm puts around messages of `fail` and `required` to find them again.
pub(crate) const MESSAGE_START: &str = "HELM_ERR_START";
pub(crate) const MESSAGE_END: &str = "HELM_ERR_END";

impl ExecError {
    pub(crate) fn start(message: String) -> ExecError {
        ExecError { text: message.clone(), message, trace: Vec::new(), foreign: false }
    }

    /// Notes that the error came out of a function, or through one other than `include`.
    pub(crate) fn set_foreign(&mut self) {
        self.foreign = true;
    }

    pub(crate) fn no_template(name: &str) -> ExecError {
        let text = format!("template: no template {name:?} associated with template \"gotpl\"");
        ExecError::start(text)
    }

    /// Puts a prefix before all there is.
    pub(crate) fn wrap(&mut self, prefix: &str) {
        self.text.insert_str(0, prefix);
    }

    /// Reports whether no place is known yet.
    pub(crate) fn is_unplaced(&self) -> bool {
        self.trace.is_empty()
    }

    /// Adds the next place outwards.
    pub(crate) fn place(&mut self, location: String, template: String, expression: String) {
        let name = crate::fmt::quote::quote(template.as_bytes());
        self.wrap(&format!("template: {location}: executing {name} at <{expression}>: "));
        self.trace.insert(0, Place { location, template, expression });
    }

    /// Returns the innermost message without places: what was wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the places from the outermost template to the one that failed.
    pub fn trace(&self) -> &[Place] {
        &self.trace
    }

    /// Returns the error as helm words it: a message of `fail` or `required` by itself, errors
    /// of text/template in lines, everything else as it is.
    pub fn helm_text(&self) -> String {
        if let Some(message) = self.own_message() {
            let location = self.trace.first().map_or("", |place| place.location.as_str());
            return format!("execution error at ({location}): {message}");
        }
        if self.foreign || self.trace.is_empty() {
            return self.text.clone();
        }
        let mut entries: Vec<String> = Vec::new();
        // An unknown template is the one error of a function that helm takes apart.
        let (message, unknown) = match self.message.strip_prefix("error calling include: ") {
            Some(unknown) => ("error calling include:", Some(unknown)),
            None => (self.message.as_str(), None),
        };
        for (index, place) in self.trace.iter().enumerate() {
            let last = index + 1 == self.trace.len();
            let message = if last { message } else { "error calling include:" };
            let name = crate::fmt::quote::quote(place.template.as_bytes());
            let Place { location, expression, .. } = place;
            let entry =
                format!("{location}\n  executing {name} at <{expression}>:\n    {message}\n");
            // A template that includes itself is named once.
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        entries.extend(unknown.map(str::to_owned));
        entries.concat().trim().to_owned()
    }

    /// Returns the text that the template gave to `fail` or `required`, if that stopped it.
    pub fn own_message(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once(MESSAGE_START)?;
        let (message, _) = rest.rsplit_once(MESSAGE_END)?;
        Some(message)
    }
}

impl std::fmt::Display for ExecError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ExecError {}
