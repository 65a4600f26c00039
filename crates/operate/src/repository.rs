//! An existing repository, opened to read or to change.

use std::path::{Path, PathBuf};

use crate::apply::{Changes, apply};
use crate::journal::{self, Recovered, recover};
use crate::lock::Lock;
use crate::writes::RealDisk;
use crate::{ChartCache, DiskWorld, Error};

/// What a command wants of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads; others may read meanwhile.
    Read,
    /// It reads and changes; nobody else is at work meanwhile.
    Change,
}

/// An open repository. Nobody changes it while the value lives, as far as that is mainstay.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    recovered: Option<Recovered>,
    _lock: Lock,
}

impl Repository {
    /// Opens the repository at `root`. What an interrupted run left is finished or undone first.
    ///
    /// # Errors
    /// If the folder cannot be read, another mainstay does not let go of it, or recovery fails.
    pub fn open(root: &Path, access: Access) -> Result<Repository, Error> {
        let root = root.canonicalize().map_err(Error::disk("read the folder", root))?;
        let mut recovered = None;
        let lock = match access {
            Access::Change => {
                let lock = Lock::exclusive(&root)?;
                recovered = recover(&RealDisk, &root)?;
                lock
            }
            Access::Read => {
                let lock = Lock::shared(&root)?;
                if journal::path(&root).exists() {
                    drop(lock);
                    let lock = Lock::exclusive(&root)?;
                    recovered = recover(&RealDisk, &root)?;
                    drop(lock);
                    Lock::shared(&root)?
                } else {
                    lock
                }
            }
        };
        Ok(Repository { root, recovered, _lock: lock })
    }

    /// Returns its folder, all links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns what became of an interrupted run, if there was one.
    pub fn recovered(&self) -> Option<Recovered> {
        self.recovered
    }

    /// Returns its files as a world.
    ///
    /// # Errors
    /// If the folder is gone.
    pub fn world(&self, cache: Option<ChartCache>) -> Result<DiskWorld, Error> {
        DiskWorld::open(&self.root, cache)
    }

    /// Makes the changes, all or none.
    ///
    /// # Errors
    /// If a file cannot be written; then nothing has changed.
    pub fn apply(&mut self, changes: &Changes) -> Result<(), Error> {
        apply(&RealDisk, &self.root, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Write;
    use testkit::Folder;

    #[test]
    fn readers_share_and_a_change_is_seen_by_the_next() {
        let folder = Folder::new().unwrap();
        let one = Repository::open(folder.path(), Access::Read).unwrap();
        let two = Repository::open(folder.path(), Access::Read).unwrap();
        drop((one, two));
        let mut writer = Repository::open(folder.path(), Access::Change).unwrap();
        assert!(Lock::try_exclusive(folder.path()).is_none());
        let write = Write { path: "a/b".into(), bytes: b"1".to_vec(), executable: false };
        writer.apply(&Changes { writes: vec![write], removes: vec![] }).unwrap();
        drop(writer);
        let world = Repository::open(folder.path(), Access::Read).unwrap().world(None).unwrap();
        assert_eq!(text::World::list(&world, ""), ["a/b"]);
    }

    #[test]
    fn a_draft_of_a_journal_disturbs_nobody_and_the_next_change_removes_it() {
        let folder = Folder::new().unwrap();
        folder.write(".mainstay/journal.new", "{\"version\":1,\"sta").unwrap();
        let reader = Repository::open(folder.path(), Access::Read).unwrap();
        assert_eq!(reader.recovered(), None);
        assert!(folder.join(".mainstay/journal.new").exists(), "a reader changes nothing");
        drop(reader);
        let writer = Repository::open(folder.path(), Access::Change).unwrap();
        assert_eq!(writer.recovered(), None);
        assert!(!folder.join(".mainstay/journal.new").exists());
    }

    #[test]
    fn an_interrupted_run_is_recovered_by_a_reader_too() {
        let folder = Folder::new().unwrap();
        let journal = r#"{"version":1,"state":"commit","writes":[[".mainstay-new-1","a"]],"removes":[],"folders":[]}"#;
        folder.write(".mainstay/journal", journal).unwrap();
        folder.write(".mainstay-new-1", "new").unwrap();
        folder.write("a", "old").unwrap();
        let repository = Repository::open(folder.path(), Access::Read).unwrap();
        assert_eq!(repository.recovered(), Some(Recovered::Finished));
        assert_eq!(std::fs::read(folder.join("a")).unwrap(), b"new");
        drop(repository);
        assert_eq!(Repository::open(folder.path(), Access::Read).unwrap().recovered(), None);
    }
}
