//! Any patch on any object of a kind whose lists merge.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yaml::{Schema, Value};

fuzz_target!(|input: (&str, &str)| {
    let read = |text: &str| yaml::parse(text, Schema::Go3).map(Value::from);
    let (Ok(spec), Ok(change)) = (read(input.0), read(input.1)) else { return };
    let object = |spec: Value| {
        let text = |text: &str| Value::String(text.to_owned());
        let fields = [("apiVersion", text("v1")), ("kind", text("Pod")), ("spec", spec)];
        Value::Map(fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())
    };
    if let Ok(Some(merged)) = manifest::strategic_merge(object(spec), object(change)) {
        let _ = yaml::write_go2(&merged);
    }
});
