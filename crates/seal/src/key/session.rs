//! Session keys: 32 random bytes, each for one value.

use zeroize::Zeroize;

/// The key of one value. It is given away when it is used, so it cannot be used twice: that is what
/// makes the format's zero nonce safe.
pub struct SessionKey([u8; SessionKey::BYTES]);

/// There was no randomness to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness to give")]
pub struct NoRandomness;

/// Where session keys come from. `operate` draws them from the system.
pub trait SessionKeys {
    /// Returns a key that was never returned before and that nobody can foresee.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    fn next(&mut self) -> Result<SessionKey, NoRandomness>;
}

impl SessionKey {
    /// Its length, that of an AES-256 key.
    pub const BYTES: usize = 32;

    /// Makes one of random bytes, which are wiped where they were.
    pub fn new(bytes: &mut [u8; SessionKey::BYTES]) -> SessionKey {
        let key = SessionKey(*bytes);
        bytes.zeroize();
        key
    }

    pub(crate) fn bytes(&self) -> &[u8; SessionKey::BYTES] {
        &self.0
    }
}

impl Drop for SessionKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
