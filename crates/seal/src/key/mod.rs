//! Sealing, opening, and key pairs: everything that touches key material.
//!
//! In: certificates, private keys, values, session keys. Out: envelopes, opened values.
//! What holds a key or a value wipes itself when it is dropped, has no `Debug` that shows it, and is
//! never part of an error.

mod key_secret;
mod pair;
mod pkcs;
mod private;
mod public;
mod ring;
mod session;

pub use key_secret::{BadTlsCrt, CONTROLLERS_NAME, KeySecret};
pub use pair::{KeyPair, TEN_YEARS, controller_secret};
pub use private::{BadKey, PrivateKey};
pub use public::{CannotSeal, SealingKey};
pub use ring::{KeyRing, Opened, certificate_of};
pub use session::{NoRandomness, SessionKey, SessionKeys};
