//! Why a kustomization cannot be built.

use thiserror::Error;

/// Why a kustomization cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder has no kustomization file.
    #[error("`{folder}` has no kustomization.yaml")]
    NoKustomization {
        /// The folder.
        folder: String,
    },
    /// A file or folder that is named does not exist or cannot be read.
    #[error("{file}: `{entry}` {reason}")]
    Entry {
        /// The kustomization file.
        file: String,
        /// The entry as written.
        entry: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is not what it should be.
    #[error("{file}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A field that this version does not build.
    #[error("{file}: not supported yet: `{field}`")]
    NotSupported {
        /// The kustomization file.
        file: String,
        /// The field.
        field: String,
    },
}
