//! Sealed-secrets' envelope and its keys: what the controller of version 0.36 seals and opens.
//!
//! Two doors. [`layout`] reads what anybody may read: envelopes, SealedSecrets and certificates, without
//! a key. [`key`] seals and opens, and makes key pairs. [`secret`] is what lies between: a Secret read
//! from a text, written as a SealedSecret, and back; a text sealed anew, item by item.
//! In: texts, key material, the time and session keys, all as values. Out: texts, plaintexts that wipe
//! themselves, and findings with codes (`S…`) that never show a value.
//! Never reads a file, a clock or the environment, and never prints. The one randomness that does not
//! come in as a value is what the cryptographic library draws itself: the seed of OAEP's padding and the
//! primes of a new key.
//!
//! The format's source is `pkg/crypto` of sealed-secrets (`HybridEncrypt`), and its documents
//! `docs/developer/crypto.md`; where the two differ the code is right (the label has a slash).

pub mod codes;
pub mod key;
pub mod layout;
pub mod secret;

/// The constructors of this crate's findings as text: their doc comments are the pages of the manual.
pub const CODES: &str = include_str!("codes.rs");
