//! Cases of our own: what helm 4.3.1 answered for reading and writing, and edits with their results.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases"
)]

#[allow(dead_code, reason = "not every test file needs all of it")]
mod common;

use std::path::Path;

use common::{as_values, cases, go_json, text};
use yaml::{Node, Value, edit};

fn rows(name: &str) -> Vec<Node> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    cases(&folder.join(name)).as_list().unwrap().to_vec()
}

fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// What helm's `fromYaml | toJson` makes of a document.
fn from_yaml(document: &str) -> String {
    let error = |message: String| {
        let entry = ("Error".to_owned(), Value::String(message));
        go_json(&Value::Map([entry].into_iter().collect()))
    };
    match Value::decode_go2(document.as_bytes()) {
        Ok(value @ Value::Map(_)) => go_json(&as_values(value, false)),
        Ok(Value::Null) => "{}".to_owned(),
        Ok(other) => {
            let kind = match other {
                Value::Bool(_) => "bool",
                Value::List(_) => "array",
                Value::String(_) => "string",
                _ => "number",
            };
            let into = "Go value of type map[string]interface {}";
            error(format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into {into}"
            ))
        }
        Err(error_found) => {
            error(format!("error converting YAML to JSON: {}", error_found.go_text()))
        }
    }
}

#[test]
fn reads_as_helm_does() {
    let mut failures = Vec::new();
    for row in rows("read.json") {
        let (document, want) = (text(&row, "in"), text(&row, "want"));
        let got = from_yaml(document);
        // Null stays null where a whole document is nothing but that.
        if got != want && !(want == "null" && got == "{}") {
            failures.push(format!("{document:?}\n  want {want}\n  got  {got}"));
        }
    }
    report(&failures);
}

#[test]
fn writes_as_helm_does() {
    let mut failures = Vec::new();
    for row in rows("emit.json") {
        let (json, want) = (text(&row, "json"), text(&row, "want"));
        let value = as_values(Value::from(yaml::json::parse(json).unwrap()), false);
        let got = yaml::to_string_go2(&value);
        let got = got.strip_suffix('\n').unwrap_or(&got);
        if got != want {
            failures.push(format!("{json}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    report(&failures);
}

#[test]
fn edits_one_value() {
    let mut failures = Vec::new();
    for row in rows("edit.json") {
        let document = row.get("document").and_then(Node::as_i64).unwrap_or(0);
        let new = Value::from(row.get("new").unwrap());
        let got = edit::Path::parse(text(&row, "path")).and_then(|path| {
            edit::set(text(&row, "in"), usize::try_from(document).unwrap(), &path, &new)
        });
        let (got, want) = match &got {
            Ok(edited) => (edited.clone(), row.get("want")),
            Err(error) => (error.to_string(), row.get("error")),
        };
        if want.and_then(Node::as_str) != Some(&got) {
            failures.push(format!("{}: {got:?}", text(&row, "name")));
        }
    }
    report(&failures);
}

#[test]
fn reads_scalars_as_kustomize_does() {
    let mut failures = Vec::new();
    for row in rows("kustomize.json") {
        let (scalar, want) = (text(&row, "in"), text(&row, "want"));
        let node = yaml::parse(&format!("v: {scalar}\n"), yaml::Schema::Go3).unwrap();
        let got = yaml::to_string_go2(&Value::from(node));
        if got != format!("v: {want}\n") {
            failures.push(format!("{scalar}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    report(&failures);
}

#[test]
fn reads_json_strictly() {
    let mut failures = Vec::new();
    for row in rows("json.json") {
        let document = text(&row, "in");
        let (got, want) = match yaml::json::parse(document) {
            Ok(node) => {
                (vec![go_json(&Value::from(node))], row.get("want").map(std::slice::from_ref))
            }
            Err(errors) => {
                let line = |error: &yaml::Error| format!("{}:{} {error}", error.line, error.column);
                (errors.iter().map(line).collect(), row.get("errors").and_then(Node::as_list))
            }
        };
        let want: Vec<&str> = want.unwrap_or_default().iter().filter_map(Node::as_str).collect();
        if got != want {
            failures.push(format!("{document:?}\n  want {want:#?}\n  got  {got:#?}"));
        }
    }
    report(&failures);
}

/// Merges maps as helm merges the documents of a values file.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Map(into), Value::Map(from)) => {
            for (key, value) in from {
                match into.get_mut(&key) {
                    Some(known) => merge(known, value),
                    None => drop(into.insert(key, value)),
                }
            }
        }
        (_, Value::Null) => {}
        (into, from) => *into = from,
    }
}

#[test]
fn reads_several_documents_as_helm_does() {
    let mut failures = Vec::new();
    for row in rows("documents.json") {
        let (file, want) = (text(&row, "in"), text(&row, "want"));
        let got = match yaml::decode_all_go2(file, &mut yaml::ValueBuilder) {
            Ok(documents) => {
                let mut values = Value::Map(Default::default());
                let mut is_map = true;
                for document in documents {
                    is_map &= matches!(document, Value::Map(_) | Value::Null);
                    merge(&mut values, document);
                }
                if !is_map {
                    assert!(want.contains("cannot unmarshal array"));
                    continue;
                }
                go_json(&as_values(values, true))
            }
            Err(error) => error.go_text(),
        };
        let same = got == want || want.starts_with("ERR ") && want.ends_with(&format!(": {got}"));
        if !same {
            failures.push(format!("{file:?}\n  want {want}\n  got  {got}"));
        }
    }
    report(&failures);
}

/// What helm 4.3.1 prints as `.Chart.AppVersion`, a field of type `string`.
#[test]
fn fields_of_type_string_take_numbers() {
    for (scalar, want) in [
        ("1.10", Some("1.1")),
        ("1.0", Some("1")),
        ("010", Some("8")),
        ("yes", Some("true")),
        ("1e3", Some("1000")),
        ("123456789.5", Some("1.2345679e+08")),
        ("~", None),
    ] {
        let value = Value::decode_go2(scalar.as_bytes()).unwrap();
        assert_eq!(value.to_go_string().as_deref(), want, "{scalar}");
    }
}
