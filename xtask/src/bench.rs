//! The measurements that docs/benchmarks.md quotes.

use anyhow::{Result, bail};

/// Runs them.
pub(crate) fn run() -> Result<()> {
    bail!("not built yet")
}
