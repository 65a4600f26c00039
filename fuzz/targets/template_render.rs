//! Any template that parses may be rendered: it ends, within its fuel, with bytes or an error.
#![no_main]

use gotmpl::{Engine, Options, TemplateSet, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut set = TemplateSet::new();
    if set.add("fuzz", bytes).is_err() {
        return;
    }
    let options = Options { fuel: 200_000, ..Options::default() };
    let data = Value::map([
        ("text", Value::from("héllo")),
        ("number", Value::Float(3.5)),
        ("list", Value::list(vec![Value::from("a"), Value::int(2), Value::Nil])),
        ("map", Value::map([("b", Value::Bool(true)), ("a", Value::int(1))])),
    ]);
    let data = Value::map([("Values", data)]);
    let _ = Engine::new(&set, options).render("fuzz", &data);
});
