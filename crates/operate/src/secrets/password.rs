//! New passwords, and the hash that Argo CD keeps of one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Randomness;
use crate::Error;

/// Rounds of bcrypt, as a power of two: what `argocd account bcrypt` takes.
const COST: u32 = 10;

/// Returns a random password of 32 letters, digits, `-` and `_`: 192 bits.
///
/// # Errors
/// If the system has no randomness.
pub fn new_password(randomness: &mut Randomness) -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0; 24]);
    randomness.fill(&mut *bytes)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// Returns the bcrypt hash of a password, in the form `$2a$` that Go writes and reads.
///
/// # Errors
/// If the system has no randomness, or the password is too long for bcrypt.
pub fn bcrypt_hash(
    password: &str,
    randomness: &mut Randomness,
) -> Result<Zeroizing<String>, Error> {
    let mut salt = [0; 16];
    randomness.fill(&mut salt)?;
    let parts =
        bcrypt::non_truncating_hash_with_salt(password, COST, salt).map_err(|_| Error::Password)?;
    Ok(Zeroizing::new(parts.format_for_version(bcrypt::Version::TwoA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_password_and_of_no_other() {
        let mut randomness = Randomness::open().unwrap();
        let password = new_password(&mut randomness).unwrap();
        assert_eq!(password.len(), 32);
        let hash = bcrypt_hash(&password, &mut randomness).unwrap();
        assert!(hash.starts_with("$2a$10$"), "{}", *hash);
        assert!(bcrypt::verify(password.as_str(), &hash).unwrap());
        assert!(!bcrypt::verify("other", &hash).unwrap());
        assert!(bcrypt_hash(&"x".repeat(80), &mut randomness).is_err());
    }
}
