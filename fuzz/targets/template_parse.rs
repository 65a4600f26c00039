//! Any bytes may be parsed as a template.
#![no_main]

use gotmpl::TemplateSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = TemplateSet::new().add("fuzz", bytes);
});
