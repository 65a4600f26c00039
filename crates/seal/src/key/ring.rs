//! Several keys: those that a cluster has, or had.
//!
//! In: PEM, a Secret with `tls.key`, or a `List` of such Secrets (what `kubectl get secret -o yaml`
//! prints), as kubeseal's `--recovery-private-key` takes them.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use yaml::{Node, Schema};
use zeroize::{Zeroize as _, Zeroizing};

use super::{BadKey, PrivateKey};
use crate::layout::{Certificate, Envelope, blocks};
use crate::secret::wipe;

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
        if text.contains("-----BEGIN ") && !text.contains("tls.key") {
            self.insert(name.to_owned(), PrivateKey::read(text)?);
            return Ok(());
        }
        let mut documents = yaml::parse_all(text, Schema::Go2)
            .map_err(|_| BadKey::Unreadable("it is no YAML or JSON"))?;
        let added = self.add_documents(name, &documents);
        documents.iter_mut().for_each(wipe);
        added
    }

    fn add_documents(&mut self, name: &str, documents: &[Node]) -> Result<(), BadKey> {
        let mut secrets = Vec::new();
        documents.iter().for_each(|document| collect(document, &mut secrets));
        if secrets.is_empty() {
            return Err(BadKey::Missing);
        }
        let several = secrets.len() > 1;
        for secret in secrets {
            let key = key_of(secret)?;
            let own = secret.get("metadata").and_then(|metadata| metadata.get("name"));
            match own.and_then(Node::as_str).filter(|_| several) {
                Some(own) => self.insert(format!("{name} ({own})"), key),
                None => self.insert(name.to_owned(), key),
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

/// Returns the certificate that lies beside a key: `tls.crt` of a Secret, or a block of the PEM text.
pub fn certificate_of(text: &str) -> Option<Certificate> {
    if !text.contains("tls.crt") {
        let certificate = blocks(text).into_iter().find(|block| block.label == "CERTIFICATE")?;
        return Certificate::of_der(&certificate.content?).ok();
    }
    let mut documents = yaml::parse_all(text, Schema::Go2).ok()?;
    let mut secrets = Vec::new();
    documents.iter().for_each(|document| collect(document, &mut secrets));
    let encoded = secrets.iter().find_map(|secret| secret.get("data")?.get("tls.crt")?.as_str());
    let bytes = encoded.and_then(|encoded| crate::layout::decode(encoded).ok());
    documents.iter_mut().for_each(wipe);
    Certificate::read(&String::from_utf8(bytes?).ok()?).ok()
}

fn collect<'a>(node: &'a Node, secrets: &mut Vec<&'a Node>) {
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    if kind.ends_with("List") {
        let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
        items.iter().for_each(|item| collect(item, secrets));
    } else if kind == "Secret" {
        secrets.push(node);
    }
}

fn key_of(secret: &Node) -> Result<PrivateKey, BadKey> {
    let of =
        |field: &str| secret.get(field).and_then(|data| data.get("tls.key")).and_then(Node::as_str);
    if let Some(text) = of("stringData") {
        return PrivateKey::read(text);
    }
    let mut encoded = of("data").ok_or(BadKey::NoTlsKey)?.to_owned();
    encoded.retain(|letter| !letter.is_ascii_whitespace());
    let decoded = STANDARD.decode(&encoded).map(Zeroizing::new);
    encoded.zeroize();
    let decoded = decoded.map_err(|_| BadKey::NoTlsKey)?;
    PrivateKey::read(std::str::from_utf8(&decoded).map_err(|_| BadKey::NoTlsKey)?)
}
