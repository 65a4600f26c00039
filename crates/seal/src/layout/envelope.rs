//! The envelope: one sealed value.
//!
//! ```text
//! bytes 0..2          length n of the wrapped key, big endian
//! bytes 2..2+n        the wrapped key: RSA-OAEP (SHA-256, MGF1 with SHA-256, the label) of 32 bytes
//! bytes 2+n..         AES-256-GCM of the value: key = those 32 bytes, nonce = 12 zero bytes, no
//!                     additional data; the last 16 bytes are the tag
//! ```
//!
//! The nonce may be zero because every key is used once. In a SealedSecret the envelope stands as
//! base64 in the standard alphabet, padded. Source: `HybridEncrypt` in sealed-secrets' `pkg/crypto`.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Bytes that say how long the wrapped key is.
pub(crate) const LENGTH_BYTES: usize = 2;
/// Bytes of AES-GCM's tag.
pub(crate) const TAG_BYTES: usize = 16;

/// What Go's `base64.StdEncoding` reads: padding wanted, bits left over in the last letter ignored.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// One sealed value, its parts told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The session key, wrapped for the owner of the private key.
    pub wrapped_key: &'a [u8],
    /// The value under the session key, its tag at the end.
    pub sealed: &'a [u8],
}

/// Why bytes are no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEnvelope {
    /// The text is not base64.
    #[error("it is not base64 (standard alphabet, padded)")]
    NotBase64,
    /// Not even a length.
    #[error("it is too short to be a sealed value")]
    TooShort,
    /// The wrapped key does not end within it.
    #[error("it is cut off: its wrapped key should have {expected} bytes, and {found} are there")]
    KeyCutOff {
        /// What the length says.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// No RSA key that anybody uses has this size.
    #[error("its wrapped key has {0} bytes, which no RSA key of 2048 to 8192 bits makes")]
    KeySize(usize),
    /// There is no tag after the wrapped key.
    #[error(
        "it is cut off: after its wrapped key only {0} bytes are there, and the tag alone has 16"
    )]
    TagCutOff(usize),
}

impl<'a> Envelope<'a> {
    /// Tells the parts of an envelope apart.
    ///
    /// # Errors
    /// If the bytes cannot be one.
    pub fn read(bytes: &'a [u8]) -> Result<Envelope<'a>, BadEnvelope> {
        let (length, rest) = bytes.split_at_checked(LENGTH_BYTES).ok_or(BadEnvelope::TooShort)?;
        let expected = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if !(256..=1024).contains(&expected) {
            return Err(BadEnvelope::KeySize(expected));
        }
        let cut_off = BadEnvelope::KeyCutOff { expected, found: rest.len() };
        let (wrapped_key, sealed) = rest.split_at_checked(expected).ok_or(cut_off)?;
        if sealed.len() < TAG_BYTES {
            return Err(BadEnvelope::TagCutOff(sealed.len()));
        }
        Ok(Envelope { wrapped_key, sealed })
    }

    /// Returns the size of the RSA key that it is sealed for, in bits.
    pub fn key_bits(&self) -> usize {
        self.wrapped_key.len() * 8
    }
}

/// Returns the bytes of a base64 text as Go reads it: line breaks are left out.
///
/// # Errors
/// If it is no base64.
pub fn decode(text: &str) -> Result<Vec<u8>, BadEnvelope> {
    let broken = text.contains(['\n', '\r']);
    let decoded = match broken {
        true => BASE64.decode(text.replace(['\n', '\r'], "")),
        false => BASE64.decode(text),
    };
    decoded.map_err(|_| BadEnvelope::NotBase64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_told_apart_and_every_cut_is_named() {
        let mut bytes = vec![1, 0];
        bytes.extend([7; 256]);
        bytes.extend([9; 16]);
        let envelope = Envelope::read(&bytes).unwrap();
        assert_eq!((envelope.wrapped_key, envelope.sealed), (&[7; 256][..], &[9; 16][..]));
        assert_eq!(envelope.key_bits(), 2048);
        for cut in 0..bytes.len() {
            let error = Envelope::read(&bytes[..cut]).unwrap_err();
            let expected = match cut {
                0 | 1 => BadEnvelope::TooShort,
                2..258 => BadEnvelope::KeyCutOff { expected: 256, found: cut - 2 },
                _ => BadEnvelope::TagCutOff(cut - 258),
            };
            assert_eq!(error, expected);
        }
        assert_eq!(Envelope::read(&[0, 0, 1]), Err(BadEnvelope::KeySize(0)));
        assert_eq!(Envelope::read(&[255, 255, 1]), Err(BadEnvelope::KeySize(65535)));
    }

    #[test]
    fn base64_is_read_as_go_reads_it() {
        assert_eq!(decode("AQ\r\nID\n").unwrap(), [1, 2, 3]);
        assert_eq!(decode("AR==").unwrap(), [1], "bits left over do not matter");
        for bad in ["AQ", "AQ=", "A Q=", "AQ==\u{e9}", "_-==", "A=Q="] {
            assert_eq!(decode(bad), Err(BadEnvelope::NotBase64), "{bad}");
        }
    }
}
