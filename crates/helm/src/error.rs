//! Why a chart cannot be rendered: helm's own words, and the places as data.

use std::fmt;
use std::sync::Arc;

/// The step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The archive cannot be read or breaks a limit.
    Archive,
    /// The chart's own files are invalid.
    Chart,
    /// A dependency is missing or invalid.
    Dependencies,
    /// A values file or `--set` is invalid.
    Values,
    /// The values do not fit a `values.schema.json`.
    Schema,
    /// The release name, the Kubernetes version or another argument is invalid.
    Argument,
    /// The chart wants another version of Kubernetes.
    KubeVersion,
    /// A template cannot be parsed.
    Parse,
    /// A template failed while it ran.
    Execute,
    /// What a template printed is no YAML.
    Manifest,
}

/// One step of the chain of includes that led to an error, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The template file, with the chart's path.
    pub template: String,
    /// Line from 1; 0 where it is not known.
    pub line: usize,
    /// Column as Go counts it (bytes from 0); 0 where it is not known.
    pub column: usize,
    /// The named template that ran.
    pub executing: String,
    /// The source text of the failing node.
    pub node: String,
}

/// Why a chart cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The step that failed.
    pub kind: ErrorKind,
    /// Helm's words, as they follow `Error: `.
    pub message: String,
    /// The chain of includes, outermost first; empty where no template ran.
    pub locations: Vec<Location>,
    /// What the templates printed, in the order of their paths: where that cannot be read, and [`Options::debug`]
    /// asks for it.
    ///
    /// [`Options::debug`]: crate::Options::debug
    pub printed: Vec<(Arc<str>, Vec<u8>)>,
}

impl Error {
    /// Returns an error without places.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), locations: Vec::new(), printed: Vec::new() }
    }

    /// Returns what helm prints on standard error when it ends with this error.
    pub fn stderr(&self) -> String {
        let was_rendering = matches!(
            self.kind,
            ErrorKind::KubeVersion | ErrorKind::Parse | ErrorKind::Execute | ErrorKind::Manifest
        );
        let hint =
            if was_rendering { "\n\nUse --debug flag to render out invalid YAML" } else { "" };
        format!("Error: {}{hint}\n", self.message)
    }

    /// Puts words and a colon before the message, as Go wraps errors.
    #[must_use]
    pub(crate) fn wrap(mut self, words: impl fmt::Display) -> Error {
        self.message = format!("{words}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
