//! Answers template bodies as helm would, for comparing with the real one.
//!
//! Reads JSON lines `{"tpl": "…"}` from standard input; writes `{"tpl", "ok", "out"}` lines.
//! The values file is the first argument.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a development program, not part of the library"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::BufRead;

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let values = std::fs::read_to_string(path).unwrap_or_default();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let case: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let body = case["tpl"].as_str().unwrap_or_default();
        let data = support::context(&values);
        let answer = support::render(body, ".", &data);
        let ok = answer.is_ok();
        let out = answer.unwrap_or_else(|error| error);
        println!("{}", serde_json::json!({ "tpl": body, "ok": ok, "out": out }));
    }
}
