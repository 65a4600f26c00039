//! Measures reading and writing on files given as arguments, in MB/s.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own, never shipped"
)]

use std::time::Instant;

use yaml::{Build, Value};

/// Builds nothing: what remains is reading.
struct Nothing;

impl Build for Nothing {
    type Value = ();

    fn null(&mut self) {}
    fn bool(&mut self, _: bool) {}
    fn int(&mut self, _: i64) {}
    fn uint(&mut self, _: u64) {}
    fn float(&mut self, _: f64) {}
    fn string(&mut self, _: &str) {}
    fn list(&mut self, _: Vec<()>) {}
    fn map(&mut self, _: Vec<(String, ())>) {}
}

fn measure(name: &str, bytes: usize, mut run: impl FnMut()) {
    // `ONLY=name` runs one of them once, for a profile.
    let only = std::env::var("ONLY").ok();
    if only.as_ref().is_some_and(|only| only != name) {
        return;
    }
    let mut best = f64::MAX;
    for _ in 0..if only.is_some() { 1 } else { 7 } {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name:<10} {:>8.1} MB/s  ({:.2} ms)", bytes as f64 / best / 1e6, best * 1e3);
}

fn main() {
    let mut texts = Vec::new();
    for path in std::env::args().skip(1) {
        texts.push(std::fs::read(path).unwrap());
    }
    let documents: Vec<&[u8]> = texts.iter().flat_map(|text| yaml::split_documents(text)).collect();
    let bytes: usize = documents.iter().map(|document| document.len()).sum();
    println!("{} documents, {bytes} bytes", documents.len());
    measure("events", bytes, || {
        for document in &documents {
            let text = std::str::from_utf8(document).unwrap();
            let mut parser = yaml::events::Parser::new(text);
            while parser.next_event().unwrap().kind != yaml::events::EventKind::StreamEnd {}
        }
    });
    measure("nothing", bytes, || {
        documents.iter().for_each(|text| yaml::decode_go2(text, &mut Nothing).unwrap());
    });
    measure("head", bytes, || {
        documents.iter().for_each(|text| drop(yaml::validate_head(text).unwrap()));
    });
    measure("value", bytes, || {
        documents.iter().for_each(|text| drop(Value::decode_go2(text).unwrap()));
    });
    measure("node", bytes, || {
        documents.iter().for_each(|text| {
            let text = std::str::from_utf8(text).unwrap();
            drop(yaml::parse(text, yaml::Schema::Go3).unwrap());
        });
    });
    if std::env::var("ONLY").is_ok_and(|only| only != "emit") {
        return;
    }
    let values: Vec<Value> =
        documents.iter().map(|text| Value::decode_go2(text).unwrap()).collect();
    let written: usize = values.iter().map(|value| yaml::to_string_go2(value).len()).sum();
    measure("emit", written, || {
        values.iter().for_each(|value| drop(yaml::to_string_go2(value)));
    });
}
