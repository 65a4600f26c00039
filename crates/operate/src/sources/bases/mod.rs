//! What kustomizations name elsewhere: trees of git repositories, and files at web addresses.
//!
//! Decides which commit and which bytes an address means (`fetch`), where they are kept (`tree`, and the
//! cache of charts), what the lock says (`pins`), and under which path a world reads them (`mounts`). Never
//! fetches unless asked: a world reads the cache, and only what the lock pins.

mod fetch;
mod mounts;
mod pins;
mod tree;

pub use fetch::FetchedBase;
pub(crate) use mounts::Mounts;
pub use pins::{BASES_LOCK, BasePin, BasePins, FilePin, TreePin};
