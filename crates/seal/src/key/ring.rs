//! Several keys: those that a cluster has, or had.
//!
//! In: PEM, a Secret with `tls.key`, or a `List` of such Secrets (what `kubectl get secret -o yaml`
//! prints), as kubeseal's `--recovery-private-key` takes them.

use std::sync::atomic::{AtomicUsize, Ordering};

use zeroize::Zeroizing;

use super::key_secret::is_pem;
use super::{BadKey, KeySecret, PrivateKey};
use crate::layout::{Certificate, Envelope, blocks};

/// Keys, each under the name that a person knows it by.
#[derive(Default)]
pub struct KeyRing {
    keys: Vec<(String, PrivateKey)>,
    /// The key that opened the last value: most likely it opens the next one too.
    last: AtomicUsize,
}

/// An opened value, and which key did it.
pub struct Opened<'a> {
    /// The value.
    pub value: Zeroizing<Vec<u8>>,
    /// The key's name.
    pub by: &'a str,
    /// The key.
    pub key: &'a PrivateKey,
}

impl KeyRing {
    /// Adds the keys of a text. Where there are several they are named `NAME (SECRET)`. A key that is
    /// there already is not added again.
    ///
    /// # Errors
    /// If there is none, or one of them cannot be used.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), BadKey> {
        if is_pem(text) {
            self.insert(name.to_owned(), PrivateKey::read(text)?);
            return Ok(());
        }
        let secrets = KeySecret::read_all(text)?;
        if secrets.is_empty() {
            return Err(BadKey::Missing);
        }
        let several = secrets.len() > 1;
        for secret in secrets {
            match several && !secret.name.is_empty() {
                true => self.insert(format!("{name} ({})", secret.name), secret.key?),
                false => self.insert(name.to_owned(), secret.key?),
            }
        }
        Ok(())
    }

    /// Adds a key.
    pub fn insert(&mut self, name: String, key: PrivateKey) {
        if self.keys.iter().all(|(_, known)| known.fingerprint() != key.fingerprint()) {
            self.keys.push((name, key));
        }
    }

    /// Returns names and keys, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PrivateKey)> {
        self.keys.iter().map(|(name, key)| (name.as_str(), key))
    }

    /// Returns names and fingerprints, in the order in which they were added.
    pub fn fingerprints(&self) -> Vec<(&str, &str)> {
        self.iter().map(|(name, key)| (name, key.fingerprint())).collect()
    }

    /// Returns names and keys, in the order in which they were added.
    pub fn into_keys(self) -> impl Iterator<Item = (String, PrivateKey)> {
        self.keys.into_iter()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Opens an envelope with the first key that can.
    pub fn open(&self, envelope: &Envelope<'_>, label: &[u8]) -> Option<Opened<'_>> {
        let last = self.last.load(Ordering::Relaxed);
        let others = (0..self.keys.len()).filter(|at| *at != last);
        for at in std::iter::once(last).chain(others) {
            let Some((name, key)) = self.keys.get(at) else { continue };
            if let Some(value) = key.open(envelope, label) {
                self.last.store(at, Ordering::Relaxed);
                return Some(Opened { value, by: name, key });
            }
        }
        None
    }
}

/// Returns the certificate that lies beside a bare key, as a block of the PEM text.
pub fn certificate_of(text: &str) -> Option<Certificate> {
    let certificate = blocks(text).into_iter().find(|block| block.label == "CERTIFICATE")?;
    Certificate::of_der(&certificate.content?).ok()
}
