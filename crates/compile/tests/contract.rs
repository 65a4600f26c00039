//! The contracts between payload, config and chart: no field may be accepted and then forgotten.
//!
//! - every property of the app config is named in a template of `charts/app`, but for those that
//!   `schemas/app-config.chart.json` lists with a reason;
//! - every property of an app in the payload is used by an app of `examples/shop`, and named in `docs/payload.md`;
//! - the chart's `values.schema.json` is the schema of the app config.
#![allow(clippy::disallowed_methods, reason = "a test reads the schemas from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Calls `found` with the path and name of every property of a schema, `$defs` included.
fn properties(schema: &Value, path: &str, found: &mut dyn FnMut(&str, &str)) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let ("properties", Value::Object(known)) = (key.as_str(), value) {
                    for (name, schema) in known {
                        let path =
                            if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                        found(&path, name);
                        properties(schema, &path, found);
                    }
                } else if let ("$defs", Value::Object(known)) = (key.as_str(), value) {
                    for (name, schema) in known {
                        properties(schema, &format!("$defs.{name}"), found);
                    }
                } else {
                    properties(value, path, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, path, found)),
        _ => {}
    }
}

/// Whether a text names a word, not as a part of a longer one.
fn names(text: &str, word: &str) -> bool {
    let part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

#[test]
fn every_field_of_the_config_is_read_by_a_template() {
    let folder = root().join("crates/compile/assets/chart-app/templates");
    let mut templates = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        templates.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let about = json("schemas/app-config.chart.json");
    let passed: Vec<String> = about["passedWhole"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| format!("$defs.{}.", name.as_str().unwrap()))
        .collect();
    let mut forgotten = Vec::new();
    let mut known = BTreeSet::new();
    properties(&json("schemas/app-config.schema.json"), "", &mut |path, name| {
        known.insert(path.to_owned());
        let excused = about["notRendered"].get(path).is_some()
            || passed.iter().any(|prefix| path.starts_with(prefix));
        if !excused && !names(&templates, name) {
            forgotten.push(path.to_owned());
        }
    });
    assert!(forgotten.is_empty(), "fields that no template of the chart reads: {forgotten:?}");
    let excused = about["notRendered"].as_object().unwrap().keys();
    let stale: Vec<_> = excused.filter(|path| !known.contains(*path)).collect();
    assert!(stale.is_empty(), "excused fields that do not exist: {stale:?}");
}

#[test]
fn every_field_of_the_payload_is_used_by_the_example() {
    let mut used = BTreeSet::new();
    fn collect(value: &Value, used: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    used.insert(key.clone());
                    collect(value, used);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, used)),
            _ => {}
        }
    }
    let payload = json("examples/shop/deployed_apps.json");
    collect(&payload, &mut used);
    assert_eq!(payload["apps"].as_array().map(Vec::len), Some(12));
    let mut unused = Vec::new();
    properties(&json("schemas/deployed_apps.schema.json"), "", &mut |path, name| {
        if !used.contains(name) {
            unused.push(path.to_owned());
        }
    });
    assert!(unused.is_empty(), "fields that no app of examples/shop uses: {unused:?}");
}

/// The table of `docs/infra-integration.md`, as it stands in the golden tree of shop: its cells.
fn table_of_fields() -> Vec<[String; 3]> {
    let page = read("crates/compile/tests/generate/shop/want/docs/infra-integration.md");
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| {
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        [cells[1].clone(), cells[2].clone(), cells[3].clone()]
    })
    .collect()
}

/// The paths that a cell names: `a.b`, `.c` is `a.b` and `a.c`.
fn paths(cell: &str) -> Vec<String> {
    let mut parent = String::new();
    let mut paths = Vec::new();
    for word in cell.split('`').skip(1).step_by(2) {
        let path = word.strip_prefix('.').map(|rest| format!("{parent}{rest}"));
        let path = path.unwrap_or_else(|| word.to_owned());
        parent = path.rfind('.').map_or_else(String::new, |at| path[..=at].to_owned());
        paths.push(path);
    }
    paths
}

#[test]
fn every_field_of_the_payload_is_on_its_page() {
    let page = read("docs/payload.md");
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let words: BTreeSet<&str> = page.split(|letter| !is_letter(letter)).collect();
    let mut missing = Vec::new();
    properties(&json("schemas/deployed_apps.schema.json"), "", &mut |path, name| {
        // `$schema` is a word of JSON.
        if !words.contains(name.trim_start_matches('$')) {
            missing.push(path.to_owned());
        }
    });
    assert!(missing.is_empty(), "fields that docs/payload.md does not name: {missing:?}");
}

#[test]
fn every_field_of_the_payload_has_a_row_in_the_generated_table() {
    let schema = json("schemas/deployed_apps.schema.json");
    let config = json("schemas/app-config.schema.json");
    let definition = |name: &str| -> Vec<String> {
        let mut found = Vec::new();
        properties(&schema["$defs"][name], "", &mut |path, _| found.push(path.to_owned()));
        assert!(!found.is_empty(), "no fields in `{name}`");
        found
    };
    // What the payload has inside of a field. Those that go on as they are (a probe, a toleration,
    // amounts, a security context) are the same words in the config, and have one row as a whole.
    let inside = [
        ("autoscaling", "autoscaling."),
        ("port", "ports[]."),
        ("hosts", "hosts[]."),
        ("path", "paths[]."),
        ("tls", "tls."),
        ("resources", "resources."),
        ("secret", "secrets[]."),
        ("volume", "volumes[]."),
        ("egress", "egress[]."),
        ("affinity", "affinity."),
        ("environment", "environments.<name>."),
    ];
    let mut wanted: BTreeSet<String> = schema["$defs"]["app"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|field| {
            !inside.iter().any(|(_, prefix)| {
                prefix.trim_end_matches("[].").trim_end_matches(".<name>.").trim_end_matches('.')
                    == *field
            })
        })
        .cloned()
        .collect();
    for (name, prefix) in inside {
        wanted.extend(definition(name).into_iter().map(|field| format!("{prefix}{field}")));
    }
    let mut named = BTreeSet::new();
    let mut known = BTreeSet::new();
    properties(&config, "", &mut |_, name| {
        known.insert(name.to_owned());
    });
    for [payload, into, object] in table_of_fields() {
        named.extend(paths(&payload));
        assert!(!object.is_empty(), "{payload} becomes nothing");
        for path in paths(&into).iter().filter(|path| !path.contains(['/', '<'])) {
            let last = path.rsplit('.').next().unwrap().trim_end_matches("[]");
            assert!(known.contains(last), "`{path}` beside {payload} is no field of the config");
        }
    }
    let covered = |field: &String| {
        named.contains(field)
            // `rbac.rules` stands for `rbac`.
            || named.iter().any(|name| name.starts_with(&format!("{field}.")))
    };
    let missing: Vec<_> = wanted.iter().filter(|field| !covered(field)).collect();
    assert!(missing.is_empty(), "no row in docs/infra-integration.md (fields.rs): {missing:?}");
    let mut all = wanted;
    all.extend(definition("app"));
    all.extend(["hosts", "tls", "paths", "ports"].map(str::to_owned));
    let stale: Vec<_> = named.iter().filter(|name| !all.contains(*name)).collect();
    assert!(stale.is_empty(), "rows about fields that do not exist: {stale:?}");
}

#[test]
fn the_charts_schema_is_the_configs() {
    let chart = read("crates/compile/assets/chart-app/values.schema.json");
    assert!(chart == read("schemas/app-config.schema.json"), "copy schemas/app-config.schema.json");
}

#[test]
fn the_map_names_files_that_exist() {
    let map = read("ARCHITECTURE.md");
    let mut named = 0;
    for path in map.split('`').skip(1).step_by(2) {
        let begins = ["crates/", "schemas/", "examples/"].iter().any(|it| path.starts_with(it));
        if !begins || path.contains(['*', '<', ' ']) {
            continue;
        }
        named += 1;
        assert!(root().join(path).exists(), "ARCHITECTURE.md names `{path}`");
    }
    assert!(named > 10, "only {named} paths found");
}
