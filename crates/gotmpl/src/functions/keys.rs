//! Private keys: making them from the seeded stream, reading and writing their PEM, signing.
//!
//! The keys are for templates only: seeded, so that the same input gives the same bytes, and made
//! with arithmetic that takes a different time for different keys. Secrets of mainstay itself are
//! never made here.

use num_bigint::BigUint;
use p256::ecdsa::signature::Signer;
use sha2::{Digest, Sha256};

use crate::call::{CallContext, FunctionError};

use super::der::{
    Item, bits, integer, items, next, octets, oid, pem, read_pem, sequence, sequence_items, small,
    tagged,
};
use super::primes::{is_prime, random_number, random_prime};
use super::random;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

/// The public exponent of all RSA keys made here.
const EXPONENT: u32 = 65_537;

/// A private key of one of the kinds that sprig knows.
pub(super) enum PrivateKey {
    /// RSA.
    Rsa(Box<RsaKey>),
    /// DSA: p, q, g, y, x.
    Dsa(Vec<BigUint>),
    /// ECDSA on P-256.
    Ec(Box<p256::ecdsa::SigningKey>),
    /// Ed25519.
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// The numbers of an RSA key.
pub(super) struct RsaKey {
    modulus: BigUint,
    exponent: BigUint,
    secret: BigUint,
    p: BigUint,
    q: BigUint,
}

fn rsa_key(exponent: BigUint, p: BigUint, q: BigUint) -> Option<RsaKey> {
    let one = BigUint::from(1u32);
    let phi = (&p - &one) * (&q - &one);
    let secret = exponent.modinv(&phi)?;
    Some(RsaKey { modulus: &p * &q, exponent, secret, p, q })
}

/// Makes an RSA key of so many bits.
pub(super) fn new_rsa(context: &mut CallContext, bits: u64) -> Result<PrivateKey, FunctionError> {
    loop {
        let p = random_prime(context, bits / 2)?;
        let q = random_prime(context, bits / 2)?;
        if p == q {
            continue;
        }
        // Go keeps the larger prime first nowhere; the order only has to be the same every time.
        if let Some(key) = rsa_key(BigUint::from(EXPONENT), p, q) {
            return Ok(PrivateKey::Rsa(Box::new(key)));
        }
    }
}

/// Makes a DSA key with parameters of 2,048 and 256 bits.
pub(super) fn new_dsa(context: &mut CallContext) -> Result<PrivateKey, FunctionError> {
    let one = BigUint::from(1u32);
    let q = random_prime(context, 256)?;
    let double = &q * 2u32;
    let p = loop {
        let number = random_number(context, 2_048);
        let candidate = &number - (&number % &double) + &one;
        if candidate.bits() == 2_048 && is_prime(context, &candidate)? {
            break candidate;
        }
    };
    let power = (&p - &one) / &q;
    let mut base = BigUint::from(2u32);
    let g = loop {
        let generator = base.modpow(&power, &p);
        if generator != one {
            break generator;
        }
        base += 1u32;
    };
    let x = random_number(context, 256) % (&q - &one) + &one;
    let y = g.modpow(&x, &p);
    Ok(PrivateKey::Dsa(vec![p, q, g, y, x]))
}

/// Makes an ECDSA key on P-256.
pub(super) fn new_ec(context: &mut CallContext) -> PrivateKey {
    loop {
        let bytes: [u8; 32] = random::bytes(context);
        if let Ok(key) = p256::ecdsa::SigningKey::from_bytes(&bytes.into()) {
            return PrivateKey::Ec(Box::new(key));
        }
    }
}

/// Makes an Ed25519 key.
pub(super) fn new_ed25519(context: &mut CallContext) -> PrivateKey {
    let bytes: [u8; 32] = random::bytes(context);
    PrivateKey::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&bytes)))
}

fn number(item: Option<&Item<'_>>) -> Option<BigUint> {
    item.filter(|item| item.tag == 2).map(|item| BigUint::from_bytes_be(item.content))
}

fn read_rsa(content: &[u8]) -> Option<PrivateKey> {
    let parts = sequence_items(content)?;
    let at = |index: usize| number(parts.get(index));
    let key = rsa_key(at(2)?, at(4)?, at(5)?)?;
    (key.modulus == at(1)?).then(|| PrivateKey::Rsa(Box::new(key)))
}

fn read_ec(content: &[u8]) -> Option<PrivateKey> {
    let parts = sequence_items(content)?;
    let secret = parts.get(1).filter(|item| item.tag == 4)?.content;
    // The curve may be named in the key; only this one can be signed with here.
    let curve = parts.iter().find(|item| item.tag == 0xa0);
    if curve.is_some_and(|curve| next(curve.content).is_none_or(|name| name.content != P256)) {
        return None;
    }
    let key = p256::ecdsa::SigningKey::from_slice(secret).ok()?;
    Some(PrivateKey::Ec(Box::new(key)))
}

fn read_pkcs8(content: &[u8]) -> Option<PrivateKey> {
    let parts = sequence_items(content)?;
    let algorithm = items(parts.get(1)?.content)?;
    let key = parts.get(2).filter(|item| item.tag == 4)?.content;
    match algorithm.first()?.content {
        RSA => read_rsa(key),
        EC => read_ec(key),
        ED25519 => {
            let seed = <[u8; 32]>::try_from(next(key)?.content).ok()?;
            Some(PrivateKey::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&seed))))
        }
        _ => None,
    }
}

fn read_dsa(content: &[u8]) -> Option<PrivateKey> {
    let parts = sequence_items(content)?;
    let numbers: Option<Vec<_>> = (1..6).map(|index| number(parts.get(index))).collect();
    numbers.map(PrivateKey::Dsa)
}

impl PrivateKey {
    /// Reads the PEM of a key.
    pub(super) fn from_pem(text: &str) -> Result<PrivateKey, String> {
        let (kind, content) = read_pem(text).ok_or("no PEM data in input")?;
        if kind == "PRIVATE KEY" {
            return read_pkcs8(&content)
                .ok_or_else(|| "decoding PEM as PKCS#8: x509: failed to parse key".to_owned());
        }
        let Some(algorithm) = kind.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {kind}"));
        };
        let key = match algorithm {
            "RSA" => read_rsa(&content),
            "EC" => read_ec(&content),
            "DSA" => read_dsa(&content),
            _ => return Err(format!("invalid private key type {algorithm}")),
        };
        key.ok_or_else(|| {
            format!("parsing {algorithm} private key from PEM: x509: failed to parse key")
        })
    }

    /// Returns the PEM of the key, in the form that Go gives to each kind.
    pub(super) fn to_pem(&self) -> String {
        match self {
            PrivateKey::Rsa(key) => {
                let one = BigUint::from(1u32);
                let numbers = [
                    small(0),
                    integer(&key.modulus),
                    integer(&key.exponent),
                    integer(&key.secret),
                    integer(&key.p),
                    integer(&key.q),
                    integer(&(&key.secret % (&key.p - &one))),
                    integer(&(&key.secret % (&key.q - &one))),
                    integer(&key.q.modinv(&key.p).unwrap_or_default()),
                ];
                pem("RSA PRIVATE KEY", &sequence(&numbers))
            }
            PrivateKey::Dsa(numbers) => {
                let mut parts = vec![small(0)];
                parts.extend(numbers.iter().map(integer));
                pem("DSA PRIVATE KEY", &sequence(&parts))
            }
            PrivateKey::Ec(key) => {
                let parts = [
                    small(1),
                    octets(&key.to_bytes()),
                    tagged(0xa0, &oid(P256)),
                    tagged(0xa1, &bits(&self.public_bytes())),
                ];
                pem("EC PRIVATE KEY", &sequence(&parts))
            }
            PrivateKey::Ed25519(key) => {
                let parts = [small(0), sequence(&[oid(ED25519)]), octets(&octets(&key.to_bytes()))];
                pem("PRIVATE KEY", &sequence(&parts))
            }
        }
    }

    /// Returns what the bit string of a certificate's public key holds.
    pub(super) fn public_bytes(&self) -> Vec<u8> {
        match self {
            PrivateKey::Rsa(key) => sequence(&[integer(&key.modulus), integer(&key.exponent)]),
            PrivateKey::Dsa(numbers) => numbers.get(3).map(integer).unwrap_or_default(),
            PrivateKey::Ec(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            PrivateKey::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
        }
    }

    /// Returns the public key as certificates carry it, or Go's refusal.
    pub(super) fn public_info(&self) -> Result<Vec<u8>, String> {
        let algorithm = match self {
            PrivateKey::Rsa(_) => sequence(&[oid(RSA), tagged(5, &[])]),
            PrivateKey::Ec(_) => sequence(&[oid(EC), oid(P256)]),
            PrivateKey::Ed25519(_) => sequence(&[oid(ED25519)]),
            PrivateKey::Dsa(_) => {
                return Err("x509: unsupported public key type: *dsa.PublicKey".to_owned());
            }
        };
        Ok(sequence(&[algorithm, bits(&self.public_bytes())]))
    }

    /// Returns the name of the algorithm that [`PrivateKey::sign`] uses.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            PrivateKey::Rsa(_) => sequence(&[oid(RSA_SHA256), tagged(5, &[])]),
            PrivateKey::Ec(_) => sequence(&[oid(ECDSA_SHA256)]),
            PrivateKey::Ed25519(_) | PrivateKey::Dsa(_) => sequence(&[oid(ED25519)]),
        }
    }

    /// Signs a message.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            PrivateKey::Rsa(key) => Ok(sign_rsa(key, message)),
            PrivateKey::Ec(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                let (r, s) = signature.split_bytes();
                let part = |bytes: &[u8]| integer(&BigUint::from_bytes_be(bytes));
                Ok(sequence(&[part(&r), part(&s)]))
            }
            PrivateKey::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            PrivateKey::Dsa(_) => {
                Err("x509: certificate private key does not implement crypto.Signer".to_owned())
            }
        }
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
fn sign_rsa(key: &RsaKey, message: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(message);
    let info = sequence(&[sequence(&[oid(SHA256), tagged(5, &[])]), octets(&digest)]);
    let size = usize::try_from(key.modulus.bits().div_ceil(8)).unwrap_or(0);
    let mut block = vec![0, 1];
    block.extend(std::iter::repeat_n(0xff, size.saturating_sub(info.len() + 3)));
    block.push(0);
    block.extend(info);
    let signature = BigUint::from_bytes_be(&block).modpow(&key.secret, &key.modulus);
    let bytes = signature.to_bytes_be();
    let mut out = vec![0; size.saturating_sub(bytes.len())];
    out.extend(bytes);
    out
}
