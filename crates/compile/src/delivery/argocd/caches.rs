//! What is read once for all applications: charts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ::helm::Chart;

use super::source::Failure;

/// Charts by where they lie.
#[derive(Default)]
pub(crate) struct Caches {
    charts: Mutex<BTreeMap<String, Arc<Chart>>>,
}

impl Caches {
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
