//! Where charts come from: HTTP chart repositories, OCI registries, and the cache of what was fetched; and
//! (`bases`) what kustomizations name elsewhere.
//!
//! Decides which archive a repository, a chart and a version mean, whether it is the one that was
//! promised (by the repository, by the lock), and who is told credentials. In: a [`Wanted`] chart and
//! [`Settings`]. Out: an archive, kept in the [`ChartCache`], and a [`Pin`] for the lock.
//! Never fetches unless asked: rendering reads the cache only. Never shows a credential, never sends one to
//! a host that it is not for, and never opens an archive.

mod address;
mod bases;
mod cache;
mod client;
mod credentials;
mod fetcher;
mod index;
mod pins;
mod reason;
mod recording;
mod registry;

use std::fmt;

pub use address::shown;
pub(crate) use bases::Mounts;
pub use bases::{BASES_LOCK, BasePin, BasePins, FetchedBase, FilePin, TreePin};
pub use cache::{ChartCache, Known};
pub use client::Limits;
pub use credentials::{Credentials, Keyring};
pub use fetcher::{Fetched, Fetcher, Origin, Settings};
pub use pins::{CHARTS_LOCK, Pin, Pins};
pub use reason::Reason;
pub use recording::Recording;

pub(crate) use fetcher::other_digest;

/// Fetches something small from an address, without credentials: encrypted, or on this machine.
pub(crate) fn fetch_small(address: &str) -> Result<Vec<u8>, Reason> {
    let limits = Limits { attempts: 3, most_bytes: 1 << 20, ..Limits::default() };
    let address = address::Address::parse(address).map_err(Reason::new)?;
    client::Client::new(limits, false).send(&client::Request::get(&address))?.body()
}

/// A chart as an Application, or a person, names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    repository: String,
    /// The chart's name.
    pub chart: String,
    /// The version, or a constraint, or nothing for the newest release.
    pub version: String,
}

impl Wanted {
    /// Returns a chart of a repository: `https://…` for a chart repository, `oci://host/path` or
    /// `host/path` (as Argo CD has it) for a registry.
    pub fn new(repository: &str, chart: &str, version: &str) -> Wanted {
        Wanted {
            repository: repository.trim_end_matches('/').to_owned(),
            chart: chart.to_owned(),
            version: version.to_owned(),
        }
    }

    /// Returns the repository.
    pub fn place(&self) -> &str {
        &self.repository
    }

    /// Returns host and path, where the repository is a registry.
    fn registry(&self) -> Option<&str> {
        match self.repository.split_once("://") {
            Some((scheme, place)) if scheme.eq_ignore_ascii_case("oci") => Some(place),
            Some(_) => None,
            None => Some(&self.repository),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`", self.chart)?;
        if self.version.is_empty() { Ok(()) } else { write!(out, " {}", self.version) }
    }
}
