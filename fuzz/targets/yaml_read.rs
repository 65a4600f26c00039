//! Any bytes may be read as YAML, by every schema, and what was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yaml::{Schema, Value, ValueBuilder, decode_all_go2, to_string_go2, validate_head};

fuzz_target!(|bytes: &[u8]| {
    let head = validate_head(bytes);
    let value = Value::decode_go2(bytes);
    assert_eq!(head.is_ok(), value.is_ok(), "the fast reader and the full one disagree");
    if let (Ok(head), Ok(value)) = (&head, &value) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let metadata = value.get("metadata");
        assert_eq!(head.kind, text(value.get("kind")));
        assert_eq!(head.api_version, text(value.get("apiVersion")));
        assert_eq!(head.name, text(metadata.and_then(|it| it.get("name"))));
        let annotations = metadata.and_then(|it| it.get("annotations")).and_then(Value::as_map);
        let texts = annotations.into_iter().flatten().filter(|(_, it)| it.as_str().is_some());
        assert_eq!(head.annotations.len(), texts.count());
    }
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
