//! Everything that touches the world: disk, git, clock.
//!
//! Decides how files are read and written, when a change is safe from a crash, and how git is called.
//! In: folders and finished bytes. Out: a [`text::World`] for the pure crates, changed files, commits,
//! or an [`Error`] that names what was being done to what.
//! Never decides what belongs in a file, never prints, and never reads the process's environment: what
//! it may use comes in as values.

mod apply;
mod chart;
mod clock;
mod create;
mod disk;
mod error;
mod files;
mod git;
mod journal;
mod lock;
mod overlay;
mod path;
mod repository;
mod writes;

pub use apply::{Changes, Write};
pub use chart::{ChartFiles, read_chart};
pub use clock::{random_seed, seconds_now, today};
pub use create::{Created, check_vacant, create};
pub use disk::{ChartCache, DiskWorld};
pub use error::Error;
pub use files::write_files;
pub use git::{Committed, Git, Identity};
pub use journal::Recovered;
pub use overlay::Overlay;
pub use path::{MANIFEST, find_repository, read_file};
pub use repository::{Access, Repository};
