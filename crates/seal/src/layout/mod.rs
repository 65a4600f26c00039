//! What can be read without a key: envelopes, scopes, certificates, SealedSecrets.
//!
//! In: texts and bytes. Out: their parts with places, or what is wrong with them.
//! Never opens anything, and has no dependency on key material.

mod certificate;
mod check;
mod date;
mod envelope;
mod object;
mod pem;
mod scope;
mod template;

pub(crate) use certificate::fingerprint;
pub use certificate::{BadCertificate, Certificate};
pub use check::{blotted, check, check_certificate};
pub use date::{shown_date, shown_moment};
pub(crate) use envelope::LENGTH_BYTES;
pub use envelope::{BadEnvelope, Envelope, decode};
pub use object::{Item, SealedSecret, TemplateEntry, Unreadable, holds_sealed_secrets, read};
pub(crate) use pem::{blocks, encode};
pub use scope::{CLUSTER_WIDE, NAMESPACE_WIDE, Scope};
pub use template::Suspicion;
