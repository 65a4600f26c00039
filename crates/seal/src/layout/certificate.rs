//! The certificate that values are sealed with: its public key, and when it may be used.
//!
//! Source: kubeseal's `ParseKey`. Stricter than it in three ways: a certificate that is not valid yet is
//! refused, a file with several is refused (kubeseal silently takes the first), and so is a private key
//! that lies beside it.

use aws_lc_rs::digest;
use aws_lc_rs::rsa::PublicEncryptingKey;
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{blocks, encode, shown_date};

/// The label of a certificate's PEM block.
const CERTIFICATE: &str = "CERTIFICATE";

/// A certificate of an RSA key.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: PublicEncryptingKey,
    fingerprint: String,
    not_before: i64,
    not_after: i64,
}

/// Why values cannot be sealed with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// There is no certificate in the text.
    #[error("there is no certificate in it: a PEM block `BEGIN CERTIFICATE` is wanted")]
    Missing,
    /// It is a public key without a certificate around it.
    #[error("it is a bare public key, not a certificate")]
    PublicKey,
    /// There is a private key in the text.
    #[error("there is a private key in it")]
    PrivateKey,
    /// There are several, and they may be of different keys.
    #[error("there are {0} certificates in it, and only one can be meant")]
    Several(usize),
    /// It is broken.
    #[error("its certificate is broken")]
    Broken,
    /// Its key is of another kind.
    #[error("its key is not an RSA key ({0})")]
    NotRsa(String),
    /// Its key is too small, too large or malformed.
    #[error("its RSA key cannot be used: 2048 to 8192 bits are wanted")]
    KeySize,
    /// Its time is over.
    #[error("it expired on {}", shown_date(*.0))]
    Expired(i64),
    /// Its time has not come.
    #[error("it is not valid before {}", shown_date(*.0))]
    NotYetValid(i64),
}

impl Certificate {
    /// Reads the one certificate of a PEM text, whatever the time is.
    ///
    /// # Errors
    /// If there is not exactly one, or its key is no RSA key that can seal.
    pub fn read(text: &str) -> Result<Certificate, BadCertificate> {
        let blocks = blocks(text);
        let in_secret = text.contains("tls.key:") || text.contains("\"tls.key\"");
        if in_secret || blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY")) {
            return Err(BadCertificate::PrivateKey);
        }
        let mut found = blocks.iter().filter(|block| block.label == CERTIFICATE);
        let Some(block) = found.next() else {
            let bare = blocks.iter().any(|block| block.label.ends_with("PUBLIC KEY"));
            return Err(if bare { BadCertificate::PublicKey } else { BadCertificate::Missing });
        };
        let others = found.count();
        if others > 0 {
            return Err(BadCertificate::Several(others + 1));
        }
        Certificate::of_der(block.content.as_ref().ok_or(BadCertificate::Broken)?)
    }

    pub(crate) fn of_der(der: &[u8]) -> Result<Certificate, BadCertificate> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| BadCertificate::Broken)?;
        if !rest.is_empty() {
            return Err(BadCertificate::Broken);
        }
        let key = parsed.public_key();
        if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
            return Err(BadCertificate::NotRsa(kind(&key.algorithm.algorithm.to_id_string())));
        }
        let public_key =
            PublicEncryptingKey::from_der(key.raw).map_err(|_| BadCertificate::KeySize)?;
        let validity = parsed.validity();
        Ok(Certificate {
            fingerprint: fingerprint(key.raw),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            public_key,
            der: der.to_vec(),
        })
    }

    /// Says whether values may be sealed with it at a moment (seconds since 1970).
    ///
    /// # Errors
    /// If it has expired, or is not valid yet.
    pub fn usable_at(&self, now: i64) -> Result<(), BadCertificate> {
        if now > self.not_after {
            return Err(BadCertificate::Expired(self.not_after));
        }
        if now < self.not_before {
            return Err(BadCertificate::NotYetValid(self.not_before));
        }
        Ok(())
    }

    /// Returns it as PEM.
    pub fn to_pem(&self) -> String {
        encode(CERTIFICATE, &self.der).to_string()
    }

    /// Returns its encoding, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the fingerprint of its public key: `SHA256:` and the digest of the SubjectPublicKeyInfo
    /// in hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns the size of its key in bits.
    pub fn bits(&self) -> usize {
        self.public_key.key_size_bits()
    }

    /// Returns from when it is valid (seconds since 1970).
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Returns until when it is valid (seconds since 1970).
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    pub(crate) fn public_key(&self) -> &PublicEncryptingKey {
        &self.public_key
    }
}

/// Returns the fingerprint of a SubjectPublicKeyInfo.
pub(crate) fn fingerprint(public_key: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, public_key);
    digest.as_ref().iter().fold("SHA256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// Returns a key algorithm's name (RFC 5280 and its companions), or its number.
fn kind(oid: &str) -> String {
    let name = match oid {
        "1.2.840.10045.2.1" => "elliptic curve",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.113549.1.1.10" => "RSA for signatures only, RSASSA-PSS",
        "1.2.840.10040.4.1" => "DSA",
        other => return format!("algorithm {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(name: &str) -> Option<String> {
        let bytes = testkit::corpus_file(&format!("sealed/{name}"))?;
        Some(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn good_certificates_are_read_and_bad_ones_refused() {
        let Some(good) = corpus("c4096.pem") else { return };
        let certificate = Certificate::read(&good).unwrap();
        assert_eq!(certificate.bits(), 4096);
        assert_eq!(Certificate::read(&certificate.to_pem()).unwrap().der(), certificate.der());
        let now = certificate.not_before() + 1;
        assert_eq!(certificate.usable_at(now), Ok(()));
        let read = |name| Certificate::read(&corpus(name).unwrap());
        assert!(
            matches!(read("bad-ec.pem"), Err(BadCertificate::NotRsa(kind)) if kind == "elliptic curve")
        );
        let usable = |name| read(name).unwrap().usable_at(now);
        assert!(matches!(usable("bad-expired.pem"), Err(BadCertificate::Expired(_))));
        assert!(matches!(usable("future.pem"), Err(BadCertificate::NotYetValid(_))));
        assert_eq!(usable("old-notbefore.pem"), Ok(()));
        assert_eq!(read("p4096.pem").unwrap_err(), BadCertificate::PublicKey);
        for key in ["k4096.pem", "k4096.pkcs1.pem"] {
            assert_eq!(read(key).unwrap_err(), BadCertificate::PrivateKey);
            let both = format!("{good}{}", corpus(key).unwrap());
            assert_eq!(Certificate::read(&both).unwrap_err(), BadCertificate::PrivateKey);
        }
        let two = format!("{good}{}", corpus("c2048.pem").unwrap());
        assert_eq!(Certificate::read(&two).unwrap_err(), BadCertificate::Several(2));
    }

    #[test]
    fn what_is_no_certificate_says_so() {
        assert_eq!(Certificate::read("").unwrap_err(), BadCertificate::Missing);
        let broken = encode(CERTIFICATE, b"nothing");
        assert_eq!(Certificate::read(&broken).unwrap_err(), BadCertificate::Broken);
        let Some(good) = corpus("c2048.pem") else { return };
        let mut der = Certificate::read(&good).unwrap().der().to_vec();
        der.push(0);
        assert_eq!(Certificate::of_der(&der).unwrap_err(), BadCertificate::Broken);
        for cut in 0..der.len() - 1 {
            assert!(Certificate::of_der(&der[..cut]).is_err(), "{cut}");
        }
    }
}
