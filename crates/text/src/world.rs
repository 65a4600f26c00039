//! The one door through which pure code learns about its surroundings.

use std::sync::Arc;

use crate::{Found, Remote};

/// No file that is worth reading is larger, in bytes: what is, is refused before it fills the memory.
pub const LARGEST_FILE: usize = 64 << 20;

/// What pure code may ask about the world: files of the repository, charts by digest or name, the
/// date. `operate` answers from the disk, `testkit` from memory.
///
/// Paths are relative to the repository, with `/` between parts, without `.` or `..` parts.
pub trait World: Sync {
    /// Returns the bytes of a file.
    ///
    /// # Errors
    /// [`Missing`] says why there are none.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing>;

    /// Returns the paths of all files below a folder (`""` is the repository), sorted, without
    /// what version control itself keeps. A folder that does not exist has no files.
    fn list(&self, folder: &str) -> Vec<String>;

    /// Returns where a file or folder really lies, its links followed; the path itself where there are
    /// none, or nothing is there. Leaving this out says that the world has no links.
    fn real_path(&self, path: &str) -> String {
        path.to_owned()
    }

    /// Returns the archive (`.tgz`) of a chart from the local cache.
    ///
    /// # Errors
    /// [`Missing::NotFound`] where the cache does not hold it.
    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing>;

    /// Returns where what lies elsewhere can be read: what was fetched before, and is what the repository's
    /// lock says. Nothing is fetched here.
    ///
    /// # Errors
    /// [`Missing::NotFound`] where the lock does not name it, [`Missing::Failed`] where it does and the
    /// cache does not hold it.
    fn remote(&self, remote: &Remote) -> Result<Found, Missing>;

    /// Returns today's date, in UTC.
    fn today(&self) -> Date;
}

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// Why a file or chart cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There is none.
    NotFound,
    /// It is there but is no regular file.
    NotAFile,
    /// It is, or is reached through, a symbolic link that leads to no file of the repository.
    Link {
        /// The link, relative to the repository.
        link: String,
        /// Where it leads, as the link says it.
        leads_to: String,
        /// What is wrong with that.
        reason: &'static str,
    },
    /// The world failed; the words say how.
    Failed(String),
}

impl std::fmt::Display for Missing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Missing::NotFound => out.write_str("not found"),
            Missing::NotAFile => out.write_str("not a regular file"),
            Missing::Link { link, leads_to, reason } => {
                write!(out, "`{link}` is a symbolic link to `{leads_to}`, {reason}")
            }
            Missing::Failed(reason) => out.write_str(reason),
        }
    }
}

impl std::error::Error for Missing {}
