//! Opening: an envelope and a private key to the value.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use zeroize::Zeroizing;

use super::SessionKey;
use super::pkcs::{pkcs1_of, pkcs8_of};
use super::public::NONCE;
use crate::layout::{Envelope, blocks, encode};

/// The label of a PKCS#8 key's PEM block (RFC 7468).
const PKCS8: &str = "PRIVATE KEY";
/// The label of a PKCS#1 key's PEM block: what the controller writes.
const PKCS1: &str = "RSA PRIVATE KEY";

/// An RSA private key. The library wipes it when it is dropped.
pub struct PrivateKey {
    rsa: OaepPrivateDecryptingKey,
    key: PrivateDecryptingKey,
    fingerprint: String,
}

/// Why a text is no private key. Never says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// There is no key in it.
    #[error(
        "there is no private key in it: a PEM block `BEGIN RSA PRIVATE KEY` or `BEGIN PRIVATE KEY`, or a Secret with `tls.key`, is wanted"
    )]
    Missing,
    /// It is behind a passphrase.
    #[error(
        "its private key is encrypted with a passphrase: decrypt it first, `openssl pkey -in KEY`"
    )]
    Encrypted,
    /// It is no text, as a key in DER.
    #[error("it is no text: `openssl pkey -inform DER -in KEY` writes a key in DER as PEM")]
    NoText,
    /// It is of another kind.
    #[error("its private key is not an RSA key")]
    NotRsa,
    /// It is broken, or too small or large.
    #[error("its private key is broken, or no RSA key of 2048 to 8192 bits")]
    Broken,
    /// The Secret has no `tls.key`, or it is not base64.
    #[error("it has no `tls.key` that can be read")]
    NoTlsKey,
    /// The text cannot be read at all.
    #[error("it is neither PEM nor a Secret: {0}")]
    Unreadable(&'static str),
}

impl PrivateKey {
    /// Reads the first private key of a PEM text: PKCS#1 or PKCS#8.
    ///
    /// # Errors
    /// If there is none that can be used.
    pub fn read(text: &str) -> Result<PrivateKey, BadKey> {
        let blocks = blocks(text);
        let key =
            blocks.iter().find(|block| block.label.ends_with(PKCS8)).ok_or(BadKey::Missing)?;
        match key.label.as_str() {
            "ENCRYPTED PRIVATE KEY" => return Err(BadKey::Encrypted),
            PKCS1 if text.contains("Proc-Type: 4,ENCRYPTED") => return Err(BadKey::Encrypted),
            PKCS1 | PKCS8 => {}
            _ => return Err(BadKey::NotRsa),
        }
        let content = key.content.as_ref().ok_or(BadKey::Broken)?;
        match key.label.as_str() {
            PKCS1 => PrivateKey::of_pkcs8(&pkcs8_of(content)),
            _ => PrivateKey::of_pkcs8(content),
        }
    }

    /// Reads a key in PKCS#8.
    pub(super) fn of_pkcs8(der: &[u8]) -> Result<PrivateKey, BadKey> {
        let key = PrivateDecryptingKey::from_pkcs8(der).map_err(|_| BadKey::Broken)?;
        PrivateKey::of_key(key)
    }

    pub(super) fn of_key(key: PrivateDecryptingKey) -> Result<PrivateKey, BadKey> {
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| BadKey::Broken)?;
        let fingerprint = crate::layout::fingerprint(public.as_ref());
        let rsa = OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| BadKey::Broken)?;
        Ok(PrivateKey { rsa, key, fingerprint })
    }

    /// Returns the fingerprint of its public key: the same as that of its certificate.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns its size in bits.
    pub fn bits(&self) -> usize {
        self.rsa.key_size_bits()
    }

    /// Returns it as the controller writes it: PEM, PKCS#1.
    ///
    /// # Errors
    /// If the library cannot write the key; it has no reason to.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, BadKey> {
        let der = self.pkcs8()?;
        let pkcs1 = pkcs1_of(der.as_ref()).ok_or(BadKey::Broken)?;
        Ok(encode(PKCS1, pkcs1))
    }

    /// Returns it in PKCS#8; the library wipes that buffer.
    pub(super) fn pkcs8(&self) -> Result<Pkcs8V1Der<'static>, BadKey> {
        self.key.as_der().map_err(|_| BadKey::Broken)
    }

    /// Opens an envelope that was sealed for a label. `None` where it was sealed for another key or
    /// label, or was changed: which of them, nobody can tell.
    pub fn open(&self, envelope: &Envelope<'_>, label: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if envelope.wrapped_key.len() != self.rsa.key_size_bytes() {
            return None;
        }
        let mut room = Zeroizing::new(vec![0; self.rsa.min_output_size()]);
        let unwrapped = self
            .rsa
            .decrypt(&OAEP_SHA256_MGF1SHA256, envelope.wrapped_key, &mut room, Some(label))
            .ok()?;
        if unwrapped.len() != SessionKey::BYTES {
            return None;
        }
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, unwrapped).ok()?);
        let mut value = Zeroizing::new(envelope.sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(NONCE);
        let length = key.open_in_place(nonce, Aad::empty(), &mut value).ok()?.len();
        value.truncate(length);
        Some(value)
    }
}
