//! Files that are not written yet, laid over a world: what a repository would be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use text::{Date, Found, Missing, Remote, World};

use crate::ChartCache;

/// A world with some files added, replaced or gone.
pub struct Overlay<'a> {
    below: Option<&'a dyn World>,
    charts: Option<ChartCache>,
    files: BTreeMap<String, Option<Arc<[u8]>>>,
    today: Date,
}

impl<'a> Overlay<'a> {
    /// Returns the world of a folder that does not exist yet. Charts come from `charts`.
    pub fn new_folder(charts: Option<ChartCache>, today: Date) -> Overlay<'a> {
        Overlay { below: None, charts, files: BTreeMap::new(), today }
    }

    /// Returns `below` with nothing changed yet.
    pub fn over(below: &'a dyn World) -> Overlay<'a> {
        let today = below.today();
        Overlay { below: Some(below), charts: None, files: BTreeMap::new(), today }
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path.into(), Some(bytes.into()));
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: impl Into<String>) {
        self.files.insert(path.into(), None);
    }
}

impl World for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        match self.files.get(path) {
            Some(Some(bytes)) => return Ok(Arc::clone(bytes)),
            Some(None) => return Err(Missing::NotFound),
            None => {}
        }
        let folder = format!("{path}/");
        let is_folder = self
            .files
            .range(folder.clone()..)
            .take_while(|(file, _)| file.starts_with(&folder))
            .any(|(_, bytes)| bytes.is_some());
        if is_folder {
            return Err(Missing::NotAFile);
        }
        self.below.map_or(Err(Missing::NotFound), |below| below.read(path))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut paths: BTreeSet<String> =
            self.below.map(|below| below.list(folder)).unwrap_or_default().into_iter().collect();
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let ours = self.files.range(prefix.clone()..);
        for (path, bytes) in ours.take_while(|(path, _)| path.starts_with(&prefix)) {
            match bytes {
                Some(_) => paths.insert(path.clone()),
                None => paths.remove(path),
            };
        }
        paths.into_iter().collect()
    }

    fn real_path(&self, path: &str) -> String {
        match (self.files.get(path), self.below) {
            (None, Some(below)) => below.real_path(path),
            _ => path.to_owned(),
        }
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        match (&self.charts, self.below) {
            (Some(charts), _) => charts.read(repository, name, version),
            (None, Some(below)) => below.chart(repository, name, version),
            (None, None) => Err(Missing::NotFound),
        }
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.below.map_or(Err(Missing::NotFound), |below| below.remote(remote))
    }

    fn today(&self) -> Date {
        self.today
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::MemoryWorld;

    #[test]
    fn what_is_laid_over_wins() {
        let below = MemoryWorld::new().file("a", "1").file("b/c", "2").file("b/d", "3");
        let mut world = Overlay::over(&below);
        world.insert("b/e", b"4".as_slice());
        world.insert("a", b"5".as_slice());
        world.remove("b/d");
        assert_eq!(world.list(""), ["a", "b/c", "b/e"]);
        assert_eq!(world.list("b"), ["b/c", "b/e"]);
        assert_eq!(world.read("a").as_deref(), Ok(b"5".as_slice()));
        assert_eq!(world.read("b/d"), Err(Missing::NotFound));
        assert_eq!(world.read("b"), Err(Missing::NotAFile));
    }

    #[test]
    fn a_new_folder_holds_only_what_is_put_there() {
        let below = MemoryWorld::new().with_chart("r", "n", "1", "tgz");
        assert_eq!(Overlay::over(&below).chart("r", "n", "1").as_deref(), Ok(b"tgz".as_slice()));
        let mut world = Overlay::new_folder(None, below.today());
        world.insert("y/z", b"2".as_slice());
        assert_eq!(world.list(""), ["y/z"]);
        assert_eq!(world.read("x"), Err(Missing::NotFound));
        assert_eq!(world.read("y"), Err(Missing::NotAFile));
        assert_eq!(world.chart("r", "n", "1"), Err(Missing::NotFound));
    }
}
