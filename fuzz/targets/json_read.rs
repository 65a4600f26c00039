//! Any text may be read as JSON; what the strict reader accepts, serde_json-like readers accept.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(errors) = yaml::json::parse(text) {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error.offset <= text.len()));
    }
});
