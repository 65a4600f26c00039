//! Values as `pulumi config set --secret` stores them in `Pulumi.<stack>.yaml`, for the passphrase provider.
//!
//! Source: `sdk/go/common/resource/config/crypt.go` (`SymmetricCrypter`) and
//! `pkg/secrets/passphrase/manager.go` of Pulumi. `encryptionsalt` is
//! `v1:<base64 of 8 bytes>:<a sealed text "pulumi">`; the key is PBKDF2 of the passphrase with SHA-256, 1,000,000
//! rounds, 32 bytes; a sealed text is `v1:<base64 of a 12-byte nonce>:<base64 of AES-256-GCM>`, and in the file it
//! stands under `secure:`.

use std::num::NonZeroU32;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Randomness;
use crate::Error;

const ROUNDS: NonZeroU32 = match NonZeroU32::new(1_000_000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};
const SALT: usize = 8;
const NONCE: usize = 12;
/// What the salt seals, so that a wrong passphrase is found.
const PROOF: &[u8] = b"pulumi";
const VERSION: &str = "v1:";

/// Seals values for one stack.
pub struct PulumiCrypter {
    key: LessSafeKey,
    salt: String,
}

impl PulumiCrypter {
    /// Starts with a new salt, for a stack that has none.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new(passphrase: &str, randomness: &mut Randomness) -> Result<PulumiCrypter, Error> {
        let mut salt = [0; SALT];
        randomness.fill(&mut salt)?;
        let mut crypter = PulumiCrypter { key: derived(passphrase, &salt)?, salt: String::new() };
        let proof = crypter.seal(PROOF, randomness)?;
        crypter.salt = format!("{VERSION}{}:{proof}", STANDARD.encode(salt));
        Ok(crypter)
    }

    /// Goes on with the `encryptionsalt` of a stack.
    ///
    /// # Errors
    /// If it is none, or belongs to another passphrase.
    pub fn of_salt(passphrase: &str, encryptionsalt: &str) -> Result<PulumiCrypter, Error> {
        let (salt, proof) = encryptionsalt
            .strip_prefix(VERSION)
            .and_then(|rest| rest.split_once(':'))
            .ok_or(Error::PulumiSalt)?;
        let salt = STANDARD.decode(salt).map_err(|_| Error::PulumiSalt)?;
        let crypter =
            PulumiCrypter { key: derived(passphrase, &salt)?, salt: encryptionsalt.to_owned() };
        match crypter.open(proof) {
            Some(opened) if opened.as_slice() == PROOF => Ok(crypter),
            _ => Err(Error::PulumiPassphrase),
        }
    }

    /// Returns the stack's `encryptionsalt`.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// Seals a value: what stands under `secure:`.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn seal(&self, value: &[u8], randomness: &mut Randomness) -> Result<String, Error> {
        let mut nonce = [0; NONCE];
        randomness.fill(&mut nonce)?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(value.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(value);
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut *sealed,
            )
            .map_err(|_| Error::PulumiSalt)?;
        Ok(format!("{VERSION}{}:{}", STANDARD.encode(nonce), STANDARD.encode(&*sealed)))
    }

    /// Opens a sealed value; `None` where it is broken or of another passphrase.
    pub fn open(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.strip_prefix(VERSION)?.split_once(':')?;
        let nonce: [u8; NONCE] = STANDARD.decode(nonce).ok()?.try_into().ok()?;
        let mut value = Zeroizing::new(STANDARD.decode(sealed).ok()?);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.key.open_in_place(nonce, Aad::empty(), &mut value).ok()?.len();
        value.truncate(length);
        Some(value)
    }
}

fn derived(passphrase: &str, salt: &[u8]) -> Result<LessSafeKey, Error> {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, passphrase.as_bytes(), &mut *key);
    let key = UnboundKey::new(&AES_256_GCM, &*key).map_err(|_| Error::PulumiSalt)?;
    Ok(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_passphrase_alone() {
        let mut randomness = Randomness::open().unwrap();
        let crypter = PulumiCrypter::new("correct horse", &mut randomness).unwrap();
        let sealed = crypter.seal(b"value\n", &mut randomness).unwrap();
        assert_ne!(sealed, crypter.seal(b"value\n", &mut randomness).unwrap());
        let again = PulumiCrypter::of_salt("correct horse", crypter.salt()).unwrap();
        assert_eq!(again.open(&sealed).unwrap().as_slice(), b"value\n");
        assert!(again.open(&sealed.replacen("v1:", "v2:", 1)).is_none());
        for wrong in ["", "v1:", "v1:!:x", "v1:AAAA:v1:AAAA:AAAA"] {
            assert!(PulumiCrypter::of_salt("correct horse", wrong).is_err(), "{wrong}");
        }
        let wrong = PulumiCrypter::of_salt("wrong horse", crypter.salt());
        assert!(matches!(wrong, Err(Error::PulumiPassphrase)));
    }
}
