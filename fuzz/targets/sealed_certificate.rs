//! Any text may be given as a certificate or as a key: it is one, or the reason is told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::key::{KeyRing, KeySecret, SealingKey, certificate_of};
use seal::layout::Certificate;

fuzz_target!(|text: &str| {
    if let Ok(certificate) = Certificate::read(text) {
        let again = Certificate::read(&certificate.to_pem());
        assert!(again.is_ok_and(|again| again.fingerprint() == certificate.fingerprint()));
        let _ = SealingKey::new(&certificate);
    }
    let _ = KeyRing::default().add("fuzz", text);
    let _ = certificate_of(text);
    for secret in KeySecret::read_all(text).unwrap_or_default() {
        let found = secret.check(&"fuzz".into(), Some("kube-system"));
        assert!(!found.is_empty() || secret.own_certificate().is_some());
    }
});
