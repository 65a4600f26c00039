//! A new key pair, its certificate, and the Secret that a controller adopts.
//!
//! Source: `pkg/crypto/keys.go` (`SignKeyWithNotBefore`) and `pkg/controller/keys.go` of sealed-secrets:
//! self-signed, ten years, no name, CA, key usage "encipher only", a random serial number of 128 bits.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, IsCa, KeyUsagePurpose, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey,
};
use zeroize::Zeroizing;

use super::{BadKey, PrivateKey};
use crate::layout::Certificate;

/// How long a certificate is valid by default, in seconds: 3,650 days, as the controller has it.
pub const TEN_YEARS: i64 = 3_650 * 86_400;

/// A private key and its certificate.
pub struct KeyPair {
    /// The key.
    pub key: PrivateKey,
    /// The certificate.
    pub certificate: Certificate,
}

impl KeyPair {
    /// Makes a new pair of 4096 bits. `serial` is 16 random bytes, `not_before` a moment (seconds since
    /// 1970), `valid_for` seconds.
    ///
    /// # Errors
    /// If the library cannot make one.
    pub fn generate(serial: [u8; 16], not_before: i64, valid_for: i64) -> Result<KeyPair, BadKey> {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa4096).map_err(|_| BadKey::Broken)?;
        KeyPair::certify(PrivateKey::of_key(key)?, serial, not_before, valid_for)
    }

    /// Makes a certificate for a key that is there already.
    ///
    /// # Errors
    /// If the library refuses the key or the times.
    pub fn certify(
        key: PrivateKey,
        serial: [u8; 16],
        not_before: i64,
        valid_for: i64,
    ) -> Result<KeyPair, BadKey> {
        let signer = Signer::new(&key)?;
        let mut params = CertificateParams::default();
        params.not_before = moment(not_before).ok_or(BadKey::Broken)?.into();
        let not_after = not_before.checked_add(valid_for).ok_or(BadKey::Broken)?;
        params.not_after = moment(not_after).ok_or(BadKey::Broken)?.into();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.distinguished_name = DistinguishedName::new();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::EncipherOnly];
        let signed = params.self_signed(&signer).map_err(|_| BadKey::Broken)?;
        let certificate = Certificate::of_der(signed.der()).map_err(|_| BadKey::Broken)?;
        Ok(KeyPair { key, certificate })
    }
}

/// Returns the Secret that makes a controller use a key: YAML to be applied before it starts.
///
/// The name is the one that the controller looks for by itself; the label is the one that it looks for
/// in all others (`pkg/controller/main.go`, `initKeyRegistry`).
///
/// # Errors
/// If the library cannot write the key.
pub fn controller_secret(
    pair: &KeyPair,
    namespace: &str,
    name: &str,
) -> Result<Zeroizing<String>, BadKey> {
    let key = pair.key.to_pem()?;
    let key = Zeroizing::new(STANDARD.encode(key.as_bytes()));
    let certificate = STANDARD.encode(pair.certificate.to_pem());
    let mut out = Zeroizing::new(String::with_capacity(key.len() + certificate.len() + 512));
    for part in [
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: ",
        name,
        "\n  namespace: ",
        namespace,
        "\n  labels:\n    sealedsecrets.bitnami.com/sealed-secrets-key: active\n",
        "type: kubernetes.io/tls\ndata:\n  tls.crt: ",
        &certificate,
        "\n  tls.key: ",
        &key,
        "\n",
    ] {
        out.push_str(part);
    }
    Ok(out)
}

/// The last moment that a certificate can name (RFC 5280, 4.1.2.5.2): the end of the year 9999.
const LAST: i64 = 253_402_300_799;

fn moment(seconds: i64) -> Option<SystemTime> {
    if seconds > LAST {
        return None;
    }
    let since = Duration::from_secs(u64::try_from(seconds).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Signs the certificate with its own key.
struct Signer(RsaKeyPair);

impl Signer {
    fn new(key: &PrivateKey) -> Result<Signer, BadKey> {
        RsaKeyPair::from_pkcs8(key.pkcs8()?.as_ref()).map(Signer).map_err(|_| BadKey::Broken)
    }
}

impl PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signature)
    }
}
