//! Why a kustomization cannot be built: what, in which file, at which field.

use std::fmt;

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The folder has no kustomization file, or several.
    NoKustomization,
    /// The kustomization file is not what kustomize reads.
    Invalid,
    /// A file or folder that is named is not there, or cannot be read.
    Missing,
    /// A file that is named lies outside the kustomization's folder.
    Outside,
    /// A kustomization contains itself.
    Cycle,
    /// A file of resources, or another file that is named, is not what it should be.
    Resource,
    /// A resource is there already.
    Twice,
    /// A patch cannot be applied.
    Patch,
    /// A ConfigMap or Secret cannot be generated.
    Generator,
    /// A replacement or variable finds no source or no field.
    Replacement,
    /// Another transformer fails.
    Transformer,
    /// A remote base or file that was not fetched, or is none.
    Remote,
    /// A function or plugin: no program is run.
    Function,
    /// A chart of `helmCharts` cannot be rendered.
    Chart,
}

/// The place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum At {
    /// The file as a whole.
    #[default]
    File,
    /// A field, by the keys and positions that lead to it.
    Field(Vec<String>),
    /// A text somewhere in a field.
    Entry(Vec<String>, String),
    /// A byte of the text.
    Offset(usize),
}

/// Why a kustomization cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of mistake it is.
    pub reason: Reason,
    /// The file that it is in; the folder where there is no file.
    pub file: String,
    /// What is wrong, in kustomize's words where it has some.
    pub message: String,
    pub(crate) at: At,
}

impl Error {
    pub(crate) fn new(reason: Reason, file: &str, message: impl Into<String>) -> Self {
        Self { reason, file: file.to_owned(), message: message.into(), at: At::File }
    }

    /// Adds the field, as in `["resources", "0"]`, unless the place is known better.
    #[must_use]
    pub(crate) fn field(mut self, field: &[&str]) -> Self {
        if self.at == At::File && !field.is_empty() {
            self.at = At::Field(field.iter().map(|part| (*part).to_owned()).collect());
        }
        self
    }

    /// Says which text in the field it is.
    #[must_use]
    pub(crate) fn entry(mut self, entry: String) -> Self {
        if let At::Field(field) = self.at {
            self.at = At::Entry(field, entry);
        }
        self
    }

    #[must_use]
    pub(crate) fn offset(mut self, offset: usize) -> Self {
        self.at = At::Offset(offset);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for Error {}
