//! What is read once for all applications and sets: charts, and what lies in a repository.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ::helm::Chart;

use super::source::Failure;

/// Charts by where they lie, and repositories by address.
#[derive(Default)]
pub(crate) struct Caches {
    charts: Mutex<BTreeMap<String, Arc<Chart>>>,
    listings: Mutex<BTreeMap<String, Arc<Listing>>>,
}

/// What lies in a repository.
pub(super) struct Listing {
    /// All files, sorted.
    pub(super) files: Vec<String>,
    /// The folders that the git generator sees, in its order.
    pub(super) folders: Vec<String>,
}

impl Caches {
    /// Returns what lies in the repository of an address.
    pub(super) fn listing(&self, address: &str, list: impl FnOnce() -> Listing) -> Arc<Listing> {
        let mut known = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(address.to_owned()).or_insert_with(|| Arc::new(list())))
    }

    /// Returns the chart of a key; `read` is asked where it is not known. One that cannot be read is asked
    /// for again, so that each application has the reason.
    pub(super) fn chart(
        &self,
        key: &str,
        read: impl FnOnce() -> Result<Arc<Chart>, Failure>,
    ) -> Result<Arc<Chart>, Failure> {
        let known = self.charts.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(chart) = known {
            return Ok(chart);
        }
        let chart = read()?;
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(charts.entry(key.to_owned()).or_insert(chart)))
    }
}
