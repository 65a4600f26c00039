//! The recorded answers of helm for reading and writing YAML.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases"
)]

mod common;

use common::{as_values, cases, corpus, go_json, items, text};
use yaml::{Node, Value};

/// Returns what helm would say of an error, without its own words before it.
fn same_error(want: &str, error: &yaml::Error) -> bool {
    let go = error.go_text();
    want.ends_with(&format!("error converting YAML to JSON: {go}"))
}

fn check_read(name: &str, document: &str, want: &str, pick: bool, failures: &mut Vec<String>) {
    let got = match Value::decode_go2(document.as_bytes()) {
        Ok(value) => {
            let value = match pick {
                true => value.get("v").cloned().unwrap_or_default(),
                false => value,
            };
            go_json(&as_values(value, !pick))
        }
        Err(error) if want.starts_with("ERR ") && same_error(want, &error) => return,
        Err(error) => format!("ERR {}", error.go_text()),
    };
    if got != want {
        failures.push(format!("{name}: {document:?}\n  want {want}\n  got  {got}"));
    }
}

#[test]
fn reads_as_helm_does() {
    let Some(folder) = corpus("yaml") else { return };
    let answers = cases(&folder.join("read.json"));
    let mut failures = Vec::new();
    let field = |row: &Node, index: usize| row.item(index).unwrap().as_str().unwrap().to_owned();
    for row in items(&answers, "scal") {
        let (scalar, want) = (field(row, 0), field(row, 1));
        check_read("scalar", &format!("v: {scalar}\n"), &want, true, &mut failures);
    }
    for row in items(&answers, "docs") {
        check_read(&field(row, 0), &field(row, 1), &field(row, 2), false, &mut failures);
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// Says whether Go's order of keys runs in a circle here: then its own answer is left to chance.
fn contradicts_itself(value: &Value) -> bool {
    let mut keys: Vec<&String> = value.as_map().into_iter().flatten().map(|(key, _)| key).collect();
    yaml::sort_keys(&mut keys);
    let later = |index: usize| keys.iter().skip(index + 1);
    keys.iter().enumerate().any(|(index, key)| later(index).any(|other| yaml::key_less(other, key)))
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn writes_as_helm_does() {
    let Some(folder) = corpus("yaml") else { return };
    let answers = cases(&folder.join("emit.json"));
    let mut failures = Vec::new();
    for row in answers.as_list().unwrap() {
        let (json, want) = (text(row, "json"), text(row, "want"));
        let value = as_values(Value::from(yaml::json::parse(json).unwrap()), false);
        let got = yaml::to_string_go2(&value);
        let got = got.strip_suffix('\n').unwrap_or(&got);
        let same =
            got == want || contradicts_itself(&value) && sorted_lines(got) == sorted_lines(want);
        if !same {
            failures.push(format!("{json}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn edits_only_what_is_meant() {
    let Some(folder) = corpus("edit") else { return };
    let answers = cases(&folder.join("splice.json"));
    let mut failures = Vec::new();
    for row in answers.as_list().unwrap() {
        let path = yaml::edit::Path::parse(&format!("/{}", text(row, "path"))).unwrap();
        let document = usize::try_from(row.get("document").unwrap().as_i64().unwrap()).unwrap() - 1;
        let new = Value::String(text(row, "new").to_owned());
        let old = yaml::edit::get(text(row, "input"), document, &path).unwrap();
        assert_eq!(old.as_str(), Some(text(row, "old")), "{}", text(row, "name"));
        let got = yaml::edit::set(text(row, "input"), document, &path, &new);
        if got.as_deref() != Ok(text(row, "expected")) {
            failures.push(format!("{}: {got:?}", text(row, "name")));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
