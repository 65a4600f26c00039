//! A world in memory: files, cached charts and a fixed date.

use std::collections::BTreeMap;
use std::sync::Arc;

use text::{Date, Found, Missing, Remote, World};

/// A [`World`] whose files, charts and date are values.
#[derive(Clone, Debug)]
pub struct MemoryWorld {
    files: BTreeMap<String, Arc<[u8]>>,
    charts: BTreeMap<(String, String, String), Arc<[u8]>>,
    failing: BTreeMap<String, String>,
    remotes: BTreeMap<(String, String), Found>,
    today: Date,
}

impl Default for MemoryWorld {
    fn default() -> MemoryWorld {
        MemoryWorld {
            files: BTreeMap::new(),
            charts: BTreeMap::new(),
            failing: BTreeMap::new(),
            remotes: BTreeMap::new(),
            today: Date { year: 2026, month: 11, day: 21 },
        }
    }
}

impl MemoryWorld {
    /// Returns a world without files, on 21 November 2026.
    pub fn new() -> MemoryWorld {
        MemoryWorld::default()
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) -> MemoryWorld {
        self.insert(path, bytes);
        self
    }

    /// Adds a chart archive to the cache.
    #[must_use]
    pub fn with_chart(
        mut self,
        repository: &str,
        name: &str,
        version: &str,
        archive: impl AsRef<[u8]>,
    ) -> MemoryWorld {
        let key = (repository.to_owned(), name.to_owned(), version.to_owned());
        self.charts.insert(key, Arc::from(archive.as_ref()));
        self
    }

    /// Makes reading `path` fail with these words.
    #[must_use]
    pub fn failing(mut self, path: impl Into<String>, reason: impl Into<String>) -> MemoryWorld {
        self.failing.insert(path.into(), reason.into());
        self
    }

    /// Says where a git repository at a reference, or (without one) a file at an address, can be read.
    #[must_use]
    pub fn with_remote(mut self, address: &str, reference: &str, found: Found) -> MemoryWorld {
        self.remotes.insert((address.to_owned(), reference.to_owned()), found);
        self
    }

    /// Sets the date.
    #[must_use]
    pub fn on(mut self, today: Date) -> MemoryWorld {
        self.today = today;
        self
    }

    /// Adds or replaces a file in place.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.files.insert(path.into(), Arc::from(bytes.as_ref()));
    }

    /// Removes a file, and says whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    /// Returns all files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        if let Some(reason) = self.failing.get(path) {
            return Err(Missing::Failed(reason.clone()));
        }
        if let Some(bytes) = self.files.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let folder = format!("{path}/");
        if self.files.keys().any(|file| file.starts_with(&folder)) {
            return Err(Missing::NotAFile);
        }
        Err(Missing::NotFound)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.files.keys().filter(|path| path.starts_with(&prefix)).cloned().collect()
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        let key = (repository.to_owned(), name.to_owned(), version.to_owned());
        self.charts.get(&key).cloned().ok_or(Missing::NotFound)
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        let file = remote.file.then(|| (remote.address.clone(), String::new()));
        let tree = remote.repository.as_ref().map(|it| (it.address.clone(), it.reference.clone()));
        let mut known = file.into_iter().chain(tree).filter_map(|key| self.remotes.get(&key));
        known.next().cloned().ok_or(Missing::NotFound)
    }

    fn today(&self) -> Date {
        self.today
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_a_disk_would() {
        let world = MemoryWorld::new().file("a/b", "1").file("ab", "2").failing("bad", "broken");
        assert_eq!(world.list("a"), ["a/b"]);
        assert_eq!(world.list(""), ["a/b", "ab"]);
        assert_eq!(world.list("none"), Vec::<String>::new());
        assert_eq!(world.read("a/b").as_deref(), Ok(b"1".as_slice()));
        assert_eq!(world.read("a"), Err(Missing::NotAFile));
        assert_eq!(world.read("z"), Err(Missing::NotFound));
        assert_eq!(world.read("bad"), Err(Missing::Failed("broken".into())));
    }
}
