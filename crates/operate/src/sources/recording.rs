//! A world that remembers which charts it was asked for, and what lies elsewhere: how `fetch` learns what a repository needs.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use text::{Date, Found, Missing, Remote, World};

use super::Wanted;

/// Another world, whose charts are counted.
pub struct Recording<'a> {
    below: &'a dyn World,
    asked: Mutex<BTreeSet<Wanted>>,
    remotes: Mutex<BTreeSet<Remote>>,
}

impl<'a> Recording<'a> {
    /// Returns the same world, with an empty record.
    pub fn new(below: &'a dyn World) -> Recording<'a> {
        Recording { below, asked: Mutex::default(), remotes: Mutex::default() }
    }

    /// Returns what was asked for that lies elsewhere, sorted.
    pub fn remotes(&self) -> Vec<Remote> {
        let remotes = self.remotes.lock().unwrap_or_else(PoisonError::into_inner);
        remotes.iter().cloned().collect()
    }

    /// Returns the charts that were asked for, sorted.
    pub fn asked(self) -> BTreeSet<Wanted> {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World for Recording<'_> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        self.below.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.below.list(folder)
    }

    fn real_path(&self, path: &str) -> String {
        self.below.real_path(path)
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        let wanted = Wanted::new(repository, name, version);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(wanted);
        self.below.chart(repository, name, version)
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.remotes.lock().unwrap_or_else(PoisonError::into_inner).insert(remote.clone());
        self.below.remote(remote)
    }

    fn today(&self) -> Date {
        self.below.today()
    }
}
