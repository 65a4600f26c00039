//! PKCS#1 and PKCS#8: the same RSA key with and without a wrapper.
//!
//! ```text
//! PrivateKeyInfo ::= SEQUENCE {          RFC 5208, section 5
//!   version              INTEGER 0,
//!   privateKeyAlgorithm  SEQUENCE { rsaEncryption, NULL },
//!   privateKey           OCTET STRING    the RSAPrivateKey of RFC 8017, A.1.2 (PKCS#1)
//! }
//! ```
//!
//! The controller writes `tls.key` in PKCS#1; the cryptographic library reads PKCS#8. Only the wrapper is
//! put on or taken off here: whether there is a key inside is for the library to say.

use zeroize::Zeroizing;

/// `version` and `privateKeyAlgorithm`: INTEGER 0, SEQUENCE { OID 1.2.840.113549.1.1.1, NULL }.
const HEAD: [u8; 18] = [
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00,
];
const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;

/// Puts the wrapper on.
pub(super) fn pkcs8_of(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let octets = header(OCTET_STRING, pkcs1.len());
    let inner = HEAD.len() + octets.len() + pkcs1.len();
    let outer = header(SEQUENCE, inner);
    let mut out = Zeroizing::new(Vec::with_capacity(outer.len() + inner));
    out.extend_from_slice(&outer);
    out.extend_from_slice(&HEAD);
    out.extend_from_slice(&octets);
    out.extend_from_slice(pkcs1);
    out
}

/// Takes the wrapper off; `None` where it is another one, as around a key that is not RSA.
pub(super) fn pkcs1_of(pkcs8: &[u8]) -> Option<&[u8]> {
    let inner = content(SEQUENCE, pkcs8)?;
    content(OCTET_STRING, inner.strip_prefix(&HEAD)?)
}

/// Returns tag and length of a value (X.690, 8.1.3).
fn header(tag: u8, length: usize) -> Vec<u8> {
    let bytes = length.to_be_bytes();
    let used = bytes.len() - bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(bytes.len() - used..).unwrap_or_default();
    match (used, significant) {
        (0, _) => vec![tag, 0],
        (1, [short @ 0..0x80]) => vec![tag, *short],
        // A length has eight bytes at most, so it fits into the seven bits of the first one.
        _ => [&[tag, 0x80 | used as u8], significant].concat(),
    }
}

/// Returns the content of a value that fills the bytes to their end.
fn content(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let (found, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..0x80 => (usize::from(*short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            if digits.len() > 4 {
                return None;
            }
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
    };
    (*found == tag && rest.len() == length).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_goes_on_and_off_at_every_length() {
        for length in [0, 1, 100, 127, 128, 200, 255, 256, 2400, 70_000] {
            let key = vec![7; length];
            let wrapped = pkcs8_of(&key);
            assert_eq!(pkcs1_of(&wrapped), Some(key.as_slice()), "{length}");
            assert_eq!(pkcs1_of(&wrapped[..wrapped.len() - 1]), None);
        }
        assert_eq!(pkcs1_of(&[]), None);
        assert_eq!(pkcs1_of(&[0x31, 0]), None);
        assert_eq!(pkcs1_of(&[0x30, 0x85, 1, 1, 1, 1, 1]), None);
    }
}
