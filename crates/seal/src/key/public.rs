//! Sealing: a value into an envelope (`layout::Envelope` shows its bytes).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroize;

use super::SessionKey;
use crate::layout::{Certificate, LENGTH_BYTES};

/// The nonce of the format: twelve zero bytes, because no session key is used twice.
pub(super) const NONCE: [u8; 12] = [0; 12];

/// What values are sealed with: the public key of a certificate.
#[derive(Debug)]
pub struct SealingKey {
    rsa: OaepPublicEncryptingKey,
    fingerprint: String,
}

/// The cryptographic library refused to seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused to seal a value")]
pub struct CannotSeal;

impl SealingKey {
    /// Returns the key of a certificate, whatever the time is: see [`Certificate::usable_at`].
    ///
    /// # Errors
    /// If the library refuses the key.
    pub fn new(certificate: &Certificate) -> Result<SealingKey, CannotSeal> {
        let rsa = OaepPublicEncryptingKey::new(certificate.public_key().clone())
            .map_err(|_| CannotSeal)?;
        Ok(SealingKey { rsa, fingerprint: certificate.fingerprint().to_owned() })
    }

    /// Returns the fingerprint of the key, as [`Certificate::fingerprint`] has it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Seals a value for a label ([`crate::layout::Scope::label`]) and returns the envelope.
    ///
    /// # Errors
    /// If the library refuses; it has no reason to.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a session key that is given away is used once"
    )]
    pub fn seal(
        &self,
        value: &[u8],
        label: &[u8],
        session_key: SessionKey,
    ) -> Result<Vec<u8>, CannotSeal> {
        // The wrapped key: RSA-OAEP over the session key, bound to the label.
        let mut room = vec![0; self.rsa.ciphertext_size()];
        let wrapped = self
            .rsa
            .encrypt(&OAEP_SHA256_MGF1SHA256, session_key.bytes(), &mut room, Some(label))
            .map_err(|_| CannotSeal)?;
        let rest = wrapped.len() + value.len() + AES_256_GCM.tag_len();
        let mut envelope = Vec::with_capacity(LENGTH_BYTES + rest);
        // Its length, 256 to 1024, big endian in two bytes.
        let length = u16::try_from(wrapped.len()).map_err(|_| CannotSeal)?;
        envelope.extend(length.to_be_bytes());
        envelope.extend_from_slice(wrapped);
        // The value: AES-256-GCM in place, so that no copy of the plain text is left behind.
        let key = UnboundKey::new(&AES_256_GCM, session_key.bytes()).map_err(|_| CannotSeal)?;
        let key = LessSafeKey::new(key);
        let start = envelope.len();
        envelope.extend_from_slice(value);
        let room = envelope.get_mut(start..).unwrap_or_default();
        let nonce = Nonce::assume_unique_for_key(NONCE);
        match key.seal_in_place_separate_tag(nonce, Aad::empty(), room) {
            Ok(tag) => envelope.extend_from_slice(tag.as_ref()),
            Err(_) => {
                envelope.zeroize();
                return Err(CannotSeal);
            }
        }
        Ok(envelope)
    }

    /// Seals a value and returns the envelope as it stands in a SealedSecret: base64, padded.
    ///
    /// # Errors
    /// As [`SealingKey::seal`].
    pub fn seal_text(
        &self,
        value: &[u8],
        label: &[u8],
        session_key: SessionKey,
    ) -> Result<String, CannotSeal> {
        Ok(STANDARD.encode(self.seal(value, label, session_key)?))
    }
}
