//! Any operations on any document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yaml::{Schema, Value};

fuzz_target!(|input: (&str, &str)| {
    let Ok(mut document) = yaml::parse(input.0, Schema::Go3).map(Value::from) else { return };
    let Ok(operations) = manifest::read_json_patch(input.1) else { return };
    let _ = manifest::apply_json_patch(&mut document, &operations);
});
