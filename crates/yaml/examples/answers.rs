//! Answers questions on standard input, line by line, for comparing with another program.
//!
//! A line is `read`, `emit`, `v3` or `head`, a tab, and the text in base64; so is the answer.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a program of its own, never shipped"
)]

#[path = "../tests/common/mod.rs"]
#[allow(dead_code, reason = "only its JSON is used")]
mod common;

use std::io::BufRead;

use common::{as_values, go_json};
use yaml::{Schema, Value};

fn answer(mode: &str, text: &[u8]) -> String {
    let read = match mode {
        "emit" => {
            let text = String::from_utf8_lossy(text);
            let value = as_values(Value::from(yaml::json::parse(&text).unwrap()), false);
            return match yaml::write_go2(&value) {
                Ok(text) => format!("OK {text}"),
                Err(error) => format!("ERR {}", error.go_text()),
            };
        }
        "v3" => yaml::parse(&String::from_utf8_lossy(text), Schema::Go3)
            .map(|node| as_values(Value::from(node), false)),
        "head" => {
            let whole = Value::decode_go2(text);
            let head = yaml::validate_head(text);
            let field = |value: &Value, path: &[&str]| {
                let value = path.iter().try_fold(value, |value, key| value.get(key));
                value.and_then(Value::as_str).map(str::to_owned)
            };
            let same = match (&whole, &head) {
                (Err(whole), Err(head)) => whole.message == head.message,
                (Ok(value), Ok(head)) => {
                    head.api_version == field(value, &["apiVersion"])
                        && head.kind == field(value, &["kind"])
                        && head.name == field(value, &["metadata", "name"])
                        && head.is_map == value.as_map().is_some()
                        && head.is_null == value.is_null()
                        && head.annotations.iter().all(|(key, text)| {
                            field(value, &["metadata", "annotations", key]).as_ref() == Some(text)
                        })
                }
                _ => false,
            };
            return match same {
                true => "OK same".to_owned(),
                false => format!("{whole:?} {head:?}"),
            };
        }
        _ => Value::decode_go2(text).map(|value| as_values(value, false)),
    };
    match read {
        Ok(value) => format!("OK {}", go_json(&value)),
        Err(error) => format!("ERR {}", error.go_text()),
    }
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (mode, text) = line.split_once('\t').unwrap();
        println!("{}", encode(answer(mode, &decode(text)).as_bytes()));
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        let Some(digit) = DIGITS.iter().position(|digit| *digit == byte) else { break };
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
