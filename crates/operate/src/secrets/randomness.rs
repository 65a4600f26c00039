//! Session keys from the system's randomness.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use seal::key::{NoRandomness, SessionKey, SessionKeys};

use crate::Error;

const SOURCE: &str = "/dev/urandom";

/// The system's randomness.
#[derive(Debug)]
pub struct Randomness(File);

impl Randomness {
    /// Opens it.
    ///
    /// # Errors
    /// If the system has none.
    pub fn open() -> Result<Randomness, Error> {
        let source = Path::new(SOURCE);
        File::open(source).map(Randomness).map_err(Error::disk("read", source))
    }

    /// Fills a buffer.
    ///
    /// # Errors
    /// If the system has none.
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        self.0.read_exact(buffer).map_err(Error::disk("read", Path::new(SOURCE)))
    }

    /// Returns 16 random bytes, for a serial number. The first bit is 0: the number is positive.
    ///
    /// # Errors
    /// If the system has none.
    pub fn serial(&mut self) -> Result<[u8; 16], Error> {
        let mut serial = [0; 16];
        self.fill(&mut serial)?;
        if let Some(first) = serial.first_mut() {
            *first &= 0x7f;
        }
        Ok(serial)
    }
}

impl SessionKeys for Randomness {
    fn next(&mut self) -> Result<SessionKey, NoRandomness> {
        let mut bytes = [0; SessionKey::BYTES];
        self.0.read_exact(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(SessionKey::new(&mut bytes))
    }
}
