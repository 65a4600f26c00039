//! Secrets and the world: keys and certificates from files and addresses, randomness, files that only
//! their owner may read, SealedSecrets of whole folders.
//!
//! In: paths, addresses. Out: what `seal` works with, and written files. Decides nothing about the
//! format: that is `seal`'s. Never writes a private key where others may read it, not even for a moment,
//! and never into a repository.

mod certificate;
mod fill_in;
mod keys;
mod private_file;
mod randomness;
mod tree;

pub use certificate::{CertificateSource, read_certificate};
pub use fill_in::Templates;
pub use keys::{inside_repository, read_keys, read_secret_bytes, read_secret_text};
pub use private_file::{put_file, write_private};
pub use randomness::Randomness;
pub use tree::{SealedFile, namespaces_of, sealed_files};
