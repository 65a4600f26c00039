//! Everything that touches the world: disk, git, network, clock.
//!
//! Decides how files are read and written, when a change is safe from a crash, how git is called,
//! and where charts come from.
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
mod revision;
mod secrets;
mod sources;
mod tree;
mod writes;

pub use apply::{Changes, Write};
pub use chart::{ChartFiles, read_chart};
pub use clock::{moment_now, random_seed, seconds_now, today};
pub use create::{Created, check_vacant, create};
pub use disk::{DiskWorld, locked_at};
pub use error::Error;
pub use files::{replace_file, write_file, write_files};
pub use git::{Committed, Git, Identity};
pub use journal::Recovered;
pub use overlay::Overlay;
pub use path::{MANIFEST, can_be_written, find_repository, read_file, read_standard_input};
pub use repository::{Access, Repository};
pub use revision::Revision;
pub use secrets::{
    CertificateSource, KeyFile, PulumiCrypter, Randomness, SealedFile, Stack, Templates,
    bcrypt_hash, cluster_certificate, inside_repository, is_same_place, new_password, push_wiping,
    put_file, put_secret, read_certificate, read_key_files, read_key_text, read_keys,
    read_secret_bytes, read_secret_text, read_stack, read_wiping, sealed_file, sealed_files,
    take_back, write_private,
};
pub use sources::{
    BASES_LOCK, BasePin, BasePins, CHARTS_LOCK, ChartCache, Credentials, Fetched, FetchedBase,
    Fetcher, FilePin, Keyring, Known, Limits, Origin, Pin, Pins, Reason, Recording, Settings,
    TreePin, Wanted, shown,
};
pub use tree::{find_tree, head_commit, remotes};
