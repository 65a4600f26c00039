//! Trees in memory: a world that remembers what it read, an unpacked archive, a world with one file
//! replaced.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use text::{Date, Found, Missing, Remote, World};

/// A world that asks another one once for each file, and once for the list of all.
pub(super) struct Cached<'w> {
    below: &'w dyn World,
    paths: OnceLock<Vec<String>>,
    files: Mutex<BTreeMap<String, Read>>,
    /// Files that are read where the world has none of their name, and never listed.
    beside: BTreeMap<String, Arc<[u8]>>,
}

type Read = Result<Arc<[u8]>, Missing>;

impl<'w> Cached<'w> {
    pub(super) fn new(below: &'w dyn World) -> Cached<'w> {
        Cached { below, paths: OnceLock::new(), files: Mutex::default(), beside: BTreeMap::new() }
    }

    /// The same, with files beside those of the world: only who knows their name finds them.
    pub(super) fn with_beside(self, beside: BTreeMap<String, Arc<[u8]>>) -> Cached<'w> {
        Cached { beside, ..self }
    }

    /// Returns all paths, sorted.
    fn paths(&self) -> &[String] {
        self.paths.get_or_init(|| self.below.list(""))
    }
}

impl World for Cached<'_> {
    fn read(&self, path: &str) -> Read {
        let known = self.files.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(known) = known {
            return known;
        }
        let read = match (self.below.read(path), self.beside.get(path)) {
            (Err(_), Some(bytes)) => Ok(Arc::clone(bytes)),
            (read, _) => read,
        };
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), read.clone());
        read
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let found = below(self.paths(), folder);
        // A folder that is reached through a link is no part of the list.
        if found.is_empty() && !folder.is_empty() { self.below.list(folder) } else { found }
    }

    fn real_path(&self, path: &str) -> String {
        self.below.real_path(path)
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Read {
        self.below.chart(repository, name, version)
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.below.remote(remote)
    }

    fn today(&self) -> Date {
        self.below.today()
    }
}

/// Returns the paths of sorted ones that lie below a folder.
fn below(paths: &[String], folder: &str) -> Vec<String> {
    if folder.is_empty() {
        return paths.to_vec();
    }
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    let start = paths.partition_point(|path| *path < prefix);
    let rest = paths.get(start..).unwrap_or_default().iter();
    rest.take_while(|path| path.starts_with(&prefix)).cloned().collect()
}

/// Files in memory, such as those of an archive.
pub(super) struct Files {
    files: BTreeMap<String, Arc<[u8]>>,
    today: Date,
}

impl Files {
    pub(super) fn new(files: impl IntoIterator<Item = (String, Arc<[u8]>)>, today: Date) -> Files {
        Files { files: files.into_iter().collect(), today }
    }
}

impl World for Files {
    fn read(&self, path: &str) -> Read {
        if let Some(bytes) = self.files.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let folder = format!("{path}/");
        let below = self.files.range(folder.clone()..).next();
        let is_folder = below.is_some_and(|(file, _)| file.starts_with(&folder));
        Err(if is_folder { Missing::NotAFile } else { Missing::NotFound })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let paths: Vec<String> = self.files.keys().cloned().collect();
        below(&paths, folder)
    }

    fn chart(&self, _: &str, _: &str, _: &str) -> Read {
        Err(Missing::NotFound)
    }

    fn remote(&self, _: &Remote) -> Result<Found, Missing> {
        Err(Missing::NotFound)
    }

    fn today(&self) -> Date {
        self.today
    }
}

/// A world with one file replaced.
pub(super) struct Replaced<'w> {
    pub(super) below: &'w dyn World,
    pub(super) path: String,
    pub(super) bytes: Arc<[u8]>,
}

impl World for Replaced<'_> {
    fn read(&self, path: &str) -> Read {
        if path == self.path { Ok(Arc::clone(&self.bytes)) } else { self.below.read(path) }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.below.list(folder)
    }

    fn real_path(&self, path: &str) -> String {
        self.below.real_path(path)
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Read {
        self.below.chart(repository, name, version)
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.below.remote(remote)
    }

    fn today(&self) -> Date {
        self.below.today()
    }
}
