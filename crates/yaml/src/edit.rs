//! Changing one value of a text and no other byte.

use crate::Value;

/// Where a value is: keys and items from the outside in.
///
/// Written `services[0].image.tag`, `services[name=web].image.tag` or `data."a.b"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps from the root.
    pub steps: Vec<Step>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list, counted from 0.
    Index(usize),
    /// The one item of a list of maps in which a key has a value.
    Where(String, String),
}

/// Why an edit was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The path is written wrongly.
    Path(String),
    /// The text cannot be read.
    Yaml(crate::Error),
    /// There is no such value, or more than one.
    NotFound(String),
    /// The value stands there in a way that cannot be changed safely.
    Refused(String),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(message) | Self::NotFound(message) | Self::Refused(message) => {
                f.write_str(message)
            }
            Self::Yaml(error) => write!(f, "line {}: {error}", error.line),
        }
    }
}

impl std::error::Error for EditError {}

/// Returns the text with one scalar of one document (counted from 0) set to a new value.
///
/// Not there yet: every edit is refused.
pub fn set(text: &str, document: usize, path: &Path, new: &Value) -> Result<String, EditError> {
    let _ = (text, document, path, new);
    Err(EditError::Refused("edits are not supported yet".to_owned()))
}
