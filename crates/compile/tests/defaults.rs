//! The defaults that the schemas name are those that the model decides: writing a default out gives
//! the same repository as leaving it out.
#![allow(clippy::disallowed_methods, reason = "a test reads the examples from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use compile::generate::{Owner, lock, repository};
use compile::intake::{self, Inputs};
use serde_json::{Map, Value, json};

/// Defaults that depend on more than what their schema can say, and where the words for it are.
const DECIDED_BY_MORE: &[&str] = &[
    // A `schedule` makes it a cronjob.
    "deployed_apps: apps.*.type",
    // A kustomization lies elsewhere.
    "mainstay: spec.apps.*.path",
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// The documents, and which of the two is varied.
#[derive(Clone)]
struct Documents {
    spec: Value,
    payload: Value,
}

impl Documents {
    fn varied(&mut self, kind: &str) -> &mut Value {
        if kind == "mainstay" { &mut self.spec } else { &mut self.payload }
    }

    /// The generated files but for copies of the input; `None` where intake refuses.
    fn files(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let (spec, payload) = (self.spec.to_string(), self.payload.to_string());
        let inputs =
            Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
        let platform = intake::read(&inputs).platform?;
        let files = repository(&platform, &inputs).files.into_iter();
        let ours = files.filter(|(path, file)| file.owner != Owner::Input && path != lock::PATH);
        Some(ours.map(|(path, file)| (path, file.bytes)).collect())
    }
}

/// One default: the way to its key (`*` for items and values of any key), and the value.
fn defaults(
    root: &Value,
    schema: &Value,
    way: &[String],
    found: &mut BTreeMap<String, (Vec<String>, Value)>,
) {
    if way.len() > 12 || schema.get("x-mainstay-not-yet").is_some() {
        return;
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        defaults(root, target, way, found);
    }
    if let (Some(default), true) = (schema.get("default"), way.last().is_some_and(|it| it != "*")) {
        found.insert(way.join("."), (way.to_vec(), default.clone()));
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        for one in schema.get(list).and_then(Value::as_array).into_iter().flatten() {
            defaults(root, one, way, found);
        }
    }
    let below = |name: &str| [way, &[name.to_owned()]].concat();
    for (name, property) in
        schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        defaults(root, property, &below(name), found);
    }
    if let Some(items) = schema.get("items") {
        defaults(root, items, &below("*"), found);
    }
}

/// Returns the ways to existing objects (made where a key is missing) that the default's key is in.
fn parents(value: &Value, way: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = way.split_first() else { return vec![Vec::new()] };
    let with = |name: String, inner: &Value| -> Vec<Vec<String>> {
        let ways = parents(inner, rest).into_iter();
        ways.map(|way| [vec![name.clone()], way].concat()).collect()
    };
    if first == "*" {
        let items = value.as_array().into_iter().flatten().enumerate();
        return items
            .filter(|(_, item)| item.is_object())
            .flat_map(|(index, item)| with(index.to_string(), item))
            .collect();
    }
    match value.get(first) {
        Some(inner) => with(first.clone(), inner),
        None => with(first.clone(), &json!({})),
    }
}

/// Sets a value, making the objects on the way; a short form gives way to an object.
fn set(value: &mut Value, way: &[String], new: &Value) {
    let Some((first, rest)) = way.split_first() else {
        *value = new.clone();
        return;
    };
    if let Value::Array(items) = value {
        set(&mut items[first.parse::<usize>().unwrap()], rest, new);
        return;
    }
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let entries = value.as_object_mut().unwrap();
    set(entries.entry(first.clone()).or_insert(Value::Null), rest, new);
}

fn take(value: &mut Value, way: &[String]) {
    let (last, parent) = way.split_last().unwrap();
    let pointer: String = parent.iter().map(|part| format!("/{part}")).collect();
    if let Some(Value::Object(entries)) = value.pointer_mut(&pointer) {
        entries.shift_remove(last);
    }
}

#[test]
fn a_default_written_out_changes_nothing() {
    let spec = yaml::parse(&read("examples/shop/mainstay.yaml"), yaml::Schema::Core12).unwrap();
    let shop = Documents {
        spec: json!(yaml::Value::from(&spec)),
        payload: serde_json::from_str(&read("examples/shop/deployed_apps.json")).unwrap(),
    };
    let dex = yaml::parse(&read("examples/dex/mainstay.yaml"), yaml::Schema::Core12).unwrap();
    let dex = Documents { spec: json!(yaml::Value::from(&dex)), payload: json!([]) };
    let least = Documents {
        spec: json!({
            "apiVersion": "mainstay/v1", "kind": "Platform", "metadata": {"name": "least"},
            "spec": {
                "repo": {"url": "https://git.example.com/least.git"},
                "secrets": {
                    "backend": "external-secrets",
                    "externalSecrets": {
                        "provider": "vault",
                        "vault": {"server": "https://vault.example.com", "role": "least"},
                        "aws": {"region": "eu-central-1"},
                        "infisical": {"projectSlug": "least"},
                    },
                    "esc": {"organization": "example"},
                },
                "apps": [{"name": "least"}], "domain": "example.com", "environments": [{"name": "dev"}, {"name": "prod"}],
            },
        }),
        payload: json!({"version": 1, "apps": [
            {"image": "a/web:1", "fqdn": "web.example.com", "port": 8080},
            {"name": "nightly", "image": "a/nightly:1", "type": "cronjob", "schedule": "0 1 * * *"},
        ]}),
    };
    let mut wrong = BTreeSet::new();
    let mut never = BTreeSet::new();
    let mut compared = 0;
    for kind in ["mainstay", "deployed_apps"] {
        let schema: Value =
            serde_json::from_str(&read(&format!("schemas/{kind}.schema.json"))).unwrap();
        let mut found = BTreeMap::new();
        defaults(&schema, &schema, &[], &mut found);
        // A payload may be the bare list of apps: the same definition once more.
        found.retain(|name, _| !name.starts_with("*."));
        for (name, (way, default)) in found {
            let mut times = 0;
            for base in [&shop, &least, &dex] {
                let (_, parent) = way.split_last().unwrap();
                for at in parents(base.clone().varied(kind), parent) {
                    let key = [at.clone(), vec![way.last().unwrap().clone()]].concat();
                    let mut with = base.clone();
                    set(with.varied(kind), &key, &default);
                    // The same objects on the way, but not the key.
                    let mut without = with.clone();
                    take(without.varied(kind), &key);
                    let (Some(with), Some(without)) = (with.files(), without.files()) else {
                        continue;
                    };
                    times += 1;
                    if with != without {
                        wrong.insert(format!("{kind}: {name} = {default}"));
                    }
                }
            }
            compared += usize::from(times > 0);
            if times == 0 {
                never.insert(format!("{kind}: {name}"));
            }
        }
    }
    wrong.retain(|name| !DECIDED_BY_MORE.iter().any(|known| name.starts_with(known)));
    assert!(wrong.is_empty(), "the model decides otherwise: {wrong:#?}");
    assert!(never.is_empty(), "in no example could these be written out: {never:#?}");
    assert!(compared > 60, "only {compared} defaults were found");
}
