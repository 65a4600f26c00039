//! Failures of the world, each with what was being done to what.

use std::io;
use std::path::{Path, PathBuf};

use crate::Reason;

/// A failure of the world.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or changed.
    #[error("could not {doing} `{}`", path.display())]
    Disk {
        /// What was being done, as in "read".
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// What is read has no end, or as good as none.
    #[error("`{}` is larger than {} MiB, the most that is read", path.display(), text::LARGEST_FILE >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A new folder is wanted where something is.
    #[error("`{}` is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A folder is wanted where a file is.
    #[error("`{}` is a file, and a folder is wanted there", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// A file is wanted where something else is.
    #[error("`{}` is no regular file, and a file is wanted there", path.display())]
    NotAFile {
        /// What is there instead.
        path: PathBuf,
    },
    /// The new folder has no name of its own, as in `.` or `/`.
    #[error("`{}` cannot be made as a new folder", path.display())]
    NoName {
        /// What was typed.
        path: PathBuf,
    },
    /// A symbolic link of a chart leads out of its folder.
    #[error("`{path}` is a symbolic link that leads out of the chart")]
    LeadsOut {
        /// Path below the chart's folder.
        path: String,
    },
    /// A file that is to be written or removed lies outside the repository, or behind a link.
    #[error("`{path}` is outside the repository or behind a symbolic link")]
    Outside {
        /// The path, relative to the repository.
        path: String,
    },
    /// The journal of an interrupted run cannot be understood.
    #[error("the journal of an interrupted run, `{}`, cannot be used: {reason}", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another mainstay works in the same repository.
    #[error("another mainstay is at work in `{}`", path.display())]
    Busy {
        /// The repository.
        path: PathBuf,
    },
    /// No `mainstay.yaml` in a folder or above it.
    #[error("no `mainstay.yaml` found")]
    NoRepository {
        /// Every folder that was looked into, nearest first.
        looked: Vec<PathBuf>,
    },
    /// A file holds no private key that can be used.
    #[error("`{}` cannot be used as a key: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: seal::key::BadKey,
    },
    /// A file is no text.
    #[error("`{}` is no UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Something could not be fetched from an address.
    #[error("could not fetch `{address}`")]
    Address {
        /// The address, without anything secret in it.
        address: String,
        /// Why.
        #[source]
        reason: Reason,
    },
    /// A chart could not be had.
    #[error("could not fetch {chart} from `{repository}`")]
    Chart {
        /// The chart and its version, in words.
        chart: String,
        /// The repository, without anything secret in its address.
        repository: String,
        /// Why.
        #[source]
        reason: Reason,
    },
    /// The lock of the charts cannot be understood.
    #[error("`{}` cannot be used: {reason}", crate::CHARTS_LOCK)]
    ChartsLock {
        /// Why.
        reason: String,
    },
    /// The lock of what lies elsewhere cannot be understood.
    #[error("`{}` cannot be used: {reason}", crate::BASES_LOCK)]
    BasesLock {
        /// Why.
        reason: String,
    },
    /// The program `git` is not there.
    #[error("git was not found")]
    GitMissing {
        /// The command that installs it here, where it can be told.
        install: Option<&'static str>,
    },
    /// A program that is needed could not be run.
    #[error("`{program}` could not be run")]
    Program {
        /// Its name.
        program: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// kubectl said no.
    #[error("`kubectl` could not ask the cluster{}", said(output))]
    Kubectl {
        /// What kubectl wrote to standard error.
        output: String,
    },
    /// A password cannot be hashed.
    #[error("the password cannot be hashed: bcrypt takes 72 bytes at most")]
    Password,
    /// A stack's salt is none.
    #[error("the stack's `encryptionsalt` is not that of Pulumi's passphrase provider")]
    PulumiSalt,
    /// The passphrase is another one than the stack's.
    #[error("the passphrase is not the one of this stack")]
    PulumiPassphrase,
    /// git said no.
    #[error("`git {command}` failed{}", said(output))]
    Git {
        /// The git command.
        command: &'static str,
        /// What git wrote to standard error.
        output: String,
    },
}

impl Error {
    /// Returns a failure of `doing` something to `path`, made for `map_err`.
    pub(crate) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Disk { doing, path, source }
    }
}

fn said(output: &str) -> String {
    let output = output.trim();
    if output.is_empty() { String::new() } else { format!(": {output}") }
}
