//! What writing a tree over a repository would change, file by file.
//!
//! In: the tree that is generated now, the lock of the last run, the repository. Out: one change per
//! path. A file that was edited since it was generated is never replaced or removed: the difference
//! is shown instead. Nothing is written here.

use similar::TextDiff;
use text::{Missing, World};

use super::lock::{self, Lock};
use super::{Owner, Tree};

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path of the file.
    pub path: String,
    /// What happens to it.
    pub kind: ChangeKind,
}

/// Kinds of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The file is new.
    Create,
    /// The file was not touched since it was generated, and what is generated now differs.
    Replace,
    /// The file was not touched since it was generated, and is no longer generated.
    Remove,
    /// Nothing to do: it is as it would be generated, or belongs to people.
    Unchanged,
    /// The file was edited since it was generated; it stays as it is.
    Edited {
        /// Unified difference from the file as it is to what would be generated; empty text on the
        /// right where it would be removed.
        difference: String,
    },
    /// Something that is no file stands in its place, or it cannot be read.
    Blocked {
        /// Why.
        reason: String,
    },
}

/// Returns what writing `tree` over the repository would do, sorted by path.
///
/// `lock` is the lock of the last run; without one ([`Lock::default`]) every file that is there and
/// differs counts as edited.
pub fn changes(tree: &Tree, lock: &Lock, world: &dyn World) -> Vec<Change> {
    let written = tree.files.iter().map(|(path, file)| {
        let kind = match world.read(path) {
            Err(Missing::NotFound) => ChangeKind::Create,
            Err(missing) => ChangeKind::Blocked { reason: missing.to_string() },
            Ok(theirs) if *theirs == *file.bytes => ChangeKind::Unchanged,
            Ok(theirs) => match file.owner {
                Owner::Seed => ChangeKind::Unchanged,
                Owner::Input => ChangeKind::Replace,
                Owner::Generated if path == lock::PATH || untouched(lock, path, &theirs) => {
                    ChangeKind::Replace
                }
                Owner::Generated => {
                    ChangeKind::Edited { difference: difference(path, &theirs, &file.bytes) }
                }
            },
        };
        Change { path: path.clone(), kind }
    });
    let gone =
        lock.files.keys().filter(|path| !tree.files.contains_key(*path)).filter_map(|path| {
            let kind = match world.read(path) {
                Err(Missing::NotFound) => return None,
                Err(missing) => ChangeKind::Blocked { reason: missing.to_string() },
                Ok(theirs) if untouched(lock, path, &theirs) => ChangeKind::Remove,
                Ok(theirs) => ChangeKind::Edited { difference: difference(path, &theirs, b"") },
            };
            Some(Change { path: path.clone(), kind })
        });
    let mut changes: Vec<Change> = written.chain(gone).collect();
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    changes
}

fn untouched(lock: &Lock, path: &str, bytes: &[u8]) -> bool {
    lock.files.get(path).is_some_and(|locked| locked.sha256 == lock::sha256(bytes))
}

fn difference(path: &str, theirs: &[u8], ours: &[u8]) -> String {
    let (Ok(theirs), Ok(ours)) = (std::str::from_utf8(theirs), std::str::from_utf8(ours)) else {
        return format!("{path} is no text and differs\n");
    };
    TextDiff::from_lines(theirs, ours)
        .unified_diff()
        .header(&format!("{path} (as it is)"), &format!("{path} (as generated)"))
        .to_string()
}
