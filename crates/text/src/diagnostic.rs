//! A finding about a user's input: what, where, and what to type instead.

use std::fmt;

use crate::Place;

/// The stage of the program that a finding belongs to; its letter starts the code (`design.md`,
/// "The platform spec": one numbering for the whole program).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// `C`: check of what was generated or written.
    Check,
    /// `D`: delivery by Argo CD or Flux.
    Delivery,
    /// `G`: generation and the ownership of files.
    Generate,
    /// `I`: intake of the payload and the spec.
    Intake,
    /// `P`: sense of the platform as a whole.
    Platform,
    /// `R`: rendering.
    Render,
    /// `S`: secrets.
    Secrets,
    /// `V`: versions and images.
    Versions,
}

impl Stage {
    /// Returns the letter of the stage.
    pub fn letter(self) -> char {
        match self {
            Stage::Check => 'C',
            Stage::Delivery => 'D',
            Stage::Generate => 'G',
            Stage::Intake => 'I',
            Stage::Platform => 'P',
            Stage::Render => 'R',
            Stage::Secrets => 'S',
            Stage::Versions => 'V',
        }
    }
}

/// A diagnostic's stable name: a letter and three digits, as in `C104`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// The stage.
    pub stage: Stage,
    /// The number, 1 to 999.
    pub number: u16,
}

impl Code {
    /// Returns the code of `stage` and `number`.
    pub const fn new(stage: Stage, number: u16) -> Code {
        Code { stage, number }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{:03}", self.stage.letter(), self.number)
    }
}

/// How bad a finding is. Errors make the answer "no" (exit 1 or 2); warnings and notes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It will not work, or not as written.
    Error,
    /// It works, but a person should look.
    Warning,
    /// Something worth knowing.
    Note,
}

impl Severity {
    /// Returns the word used in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there; may be empty.
    pub text: String,
}

/// A replacement of one place that mends the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The bytes to replace; a point inserts.
    pub place: Place,
    /// The text to put there.
    pub replacement: String,
}

/// A finding about a user's input. Collected, never thrown; all are shown at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// A lower-case phrase, backticks round literals, no final stop.
    pub message: String,
    /// Where it is; `None` where no file can be named.
    pub primary: Option<Label>,
    /// Other places that belong to it, such as the first of two claims.
    pub secondary: Vec<Label>,
    /// What to type next, most useful first.
    pub hints: Vec<String>,
    /// The edit that mends it, where there is exactly one.
    pub patch: Option<Patch>,
}

impl Diagnostic {
    /// Returns an error without a place.
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, message)
    }

    /// Returns a warning without a place.
    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Warning, message)
    }

    /// Returns a note without a place.
    pub fn note(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Note, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            hints: Vec::new(),
            patch: None,
        }
    }

    /// Sets the place, with a few words (or none) about it.
    #[must_use]
    pub fn at(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.primary = Some(Label { place, text: text.into() });
        self
    }

    /// Adds another place that belongs to the finding.
    #[must_use]
    pub fn also(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { place, text: text.into() });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }

    /// Sets the edit that mends it.
    #[must_use]
    pub fn patch(mut self, place: Place, replacement: impl Into<String>) -> Diagnostic {
        self.patch = Some(Patch { place, replacement: replacement.into() });
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts findings by file and place, then code: the order in which they are shown.
/// Findings without a place come last.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));

    fn key(diagnostic: &Diagnostic) -> (bool, Option<&Place>, Code, &str) {
        let place = diagnostic.primary.as_ref().map(|label| &label.place);
        (place.is_none(), place, diagnostic.code, &diagnostic.message)
    }
}
