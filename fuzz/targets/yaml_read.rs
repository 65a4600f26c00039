//! Any bytes may be read as YAML, by every schema, and what was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yaml::{Schema, Value, ValueBuilder, decode_all_go2, to_string_go2, validate_head};

fuzz_target!(|bytes: &[u8]| {
    let head = validate_head(bytes);
    let value = Value::decode_go2(bytes);
    assert_eq!(head.is_ok(), value.is_ok(), "the fast reader and the full one disagree");
    if let Ok(value) = value {
        let _ = Value::decode_go2(to_string_go2(&value).as_bytes());
    }
    let _ = decode_all_go2(bytes, &mut ValueBuilder);
    if let Ok(text) = std::str::from_utf8(bytes) {
        for schema in [Schema::Go2, Schema::Go3, Schema::Core12] {
            let _ = yaml::parse_all(text, schema);
        }
    }
});
