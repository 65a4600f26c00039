//! Any text may stand behind `--set`, `--set-string`, `--set-json` and `--set-literal`.
#![no_main]

use helm::{Set, ValuesInput};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let kinds = [Set::Value, Set::Text, Set::Json, Set::Literal];
    for kind in kinds {
        let values = ValuesInput { sets: vec![kind(text.to_owned())], ..ValuesInput::default() };
        let _ = values.merge();
    }
});
