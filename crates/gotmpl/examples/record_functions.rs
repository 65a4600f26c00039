//! Records what helm answers to the cases of `tests/functions/*.jsonl`, in place.
//!
//! `cargo run -p gotmpl --example record_functions -- PATH_OF_HELM [FILE…]`; without files, all.
//! A new case is a line `{"tpl": "{{ … }}"}`. Each case is a chart of its own, so that one that
//! fails does not stand in the way of the others.
#![allow(clippy::disallowed_methods, reason = "a tool for developers: runs helm, writes files")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let helm = arguments.next().ok_or("the path of helm is missing")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
    let mut files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if files.is_empty() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "jsonl") {
                files.push(path);
            }
        }
        files.sort();
    }
    let work = std::env::temp_dir().join(format!("record-functions-{}", std::process::id()));
    let chart = work.join("pc");
    std::fs::create_dir_all(chart.join("templates"))?;
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: pc\nversion: 0.1.0\n")?;
    std::fs::copy(folder.join("values.yaml"), chart.join("values.yaml"))?;
    // The output in base64, so that no byte of it can matter to YAML.
    let frame = "o: {{ include \"pc/templates/_t.tpl\" . | b64enc | quote }}\n";
    std::fs::write(chart.join("templates/x.yaml"), frame)?;
    for file in files {
        let mut out = String::new();
        for line in std::fs::read_to_string(&file)?.lines() {
            let case: Map<String, Value> = serde_json::from_str(line)?;
            let body = case.get("tpl").and_then(Value::as_str).ok_or("a case without tpl")?;
            std::fs::write(chart.join("templates/_t.tpl"), body)?;
            out.push_str(&serde_json::to_string(&answer(&helm, &chart, body)?)?);
            out.push('\n');
        }
        std::fs::write(&file, out)?;
    }
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

fn answer(helm: &str, chart: &Path, body: &str) -> Result<Value, Failure> {
    let run = Command::new(helm)
        .args(["template", "rel"])
        .arg(chart)
        .args(["-n", "ns"])
        .env("TZ", "UTC")
        .output()?;
    if !run.status.success() {
        let message = String::from_utf8_lossy(&run.stderr);
        return Ok(json!({"tpl": body, "error": essence(&message)}));
    }
    let output = String::from_utf8(run.stdout)?;
    let coded = output
        .lines()
        .find_map(|line| line.strip_prefix("o: \"")?.strip_suffix('"'))
        .ok_or("no line `o:` in the output")?;
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, coded)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => json!({"tpl": body, "want": text}),
        Err(error) => json!({"tpl": body, "want64": error.into_bytes()}),
    })
}

/// The part of helm's message that the function is responsible for.
fn essence(message: &str) -> &str {
    let message = message.strip_prefix("Error: ").unwrap_or(message);
    let end = message.find("\n\nUse --debug flag").unwrap_or(message.len());
    let message = message.get(..end).unwrap_or(message);
    if let Some(at) = message.rfind(">:\n") {
        return message.get(at + 3..).unwrap_or_default().trim();
    }
    if let Some(at) = message.rfind(">: ") {
        return message.get(at + 3..).unwrap_or_default();
    }
    match message.strip_prefix("parse error at (").and_then(|rest| rest.split_once("): ")) {
        Some((_, rest)) => rest,
        None => message,
    }
}
