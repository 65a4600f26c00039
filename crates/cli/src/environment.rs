//! Every environment variable that mainstay itself reads; `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and
//! `TERM` are read by the terminal library.

use std::path::PathBuf;

use operate::ChartCache;

/// Returns the person's chart cache (`XDG_CACHE_HOME`, `HOME`).
pub(crate) fn chart_cache() -> Option<ChartCache> {
    let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    ChartCache::of_person(path("XDG_CACHE_HOME"), path("HOME"))
}
