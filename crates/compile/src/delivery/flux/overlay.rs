//! A world with some files of our own before those of the repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use text::path::is_below;
use text::{Date, Found, Missing, Remote, World};

/// The repository, with files that are not in it.
pub(super) struct Overlay<'w> {
    pub(super) world: Option<&'w dyn World>,
    pub(super) files: BTreeMap<String, Arc<[u8]>>,
}

impl World for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        match (self.files.get(path), self.world) {
            (Some(bytes), _) => Ok(Arc::clone(bytes)),
            (None, Some(world)) => world.read(path),
            (None, None) => Err(Missing::NotFound),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut all = self.world.map(|world| world.list(folder)).unwrap_or_default();
        all.extend(self.files.keys().filter(|path| is_below(path, folder)).cloned());
        all.sort();
        all.dedup();
        all
    }

    fn real_path(&self, path: &str) -> String {
        self.world.map_or_else(|| path.to_owned(), |world| world.real_path(path))
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        self.world.map_or(Err(Missing::NotFound), |world| world.chart(repository, name, version))
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.world.map_or(Err(Missing::NotFound), |world| world.remote(remote))
    }

    fn today(&self) -> Date {
        self.world.map_or(Date { year: 2026, month: 1, day: 1 }, World::today)
    }
}
