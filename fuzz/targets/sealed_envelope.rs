//! Any bytes may stand where a sealed value should, or where a file with SealedSecrets should.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::layout::{Envelope, blotted, check, decode, read};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::read(bytes) {
        assert_eq!(2 + envelope.wrapped_key.len() + envelope.sealed.len(), bytes.len());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = decode(text);
    if let Ok(sealed) = read(text) {
        assert_eq!(blotted(text, &sealed).len(), text.len());
        let _ = check(&"fuzz".into(), &sealed, None, &|name, _| name.contains('p').then_some("its name"));
    }
});
