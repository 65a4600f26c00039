//! Secrets and the world: keys and certificates from files and addresses, randomness, files that only
//! their owner may read, SealedSecrets of whole folders.
//!
//! In: paths, addresses. Out: what `seal` works with, and written files. Decides nothing about the
//! format: that is `seal`'s. Never writes a private key where others may read it, not even for a moment,
//! and never into a repository.

mod certificate;
mod cluster;
mod fill_in;
mod keys;
mod password;
mod private_file;
mod pulumi;
mod pulumi_stack;
mod randomness;
mod tree;

pub use certificate::{CertificateSource, read_certificate};
pub use cluster::cluster_certificate;
pub use fill_in::Templates;
pub use keys::{
    KeyFile, inside_repository, push_wiping, read_key_files, read_key_text, read_keys,
    read_secret_bytes, read_secret_text, read_wiping,
};
pub use password::{bcrypt_hash, new_password};
pub use private_file::{is_same_place, put_file, take_back, write_private};
pub use pulumi::PulumiCrypter;
pub use pulumi_stack::{Stack, put_secret, read_stack};
pub use randomness::Randomness;
pub use tree::{SealedFile, sealed_file, sealed_files};
