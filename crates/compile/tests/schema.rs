//! The validator against another one: crate `jsonschema` must give the same yes or no for every
//! example, for thousands of mutations of them, and for random JSON.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads the examples and says what it did"
)]

use compile::check;
use compile::intake::{self, Inputs, Kind, read_document};
use proptest::prelude::*;
use serde_json::{Value, json};
use text::Sources;

fn root(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns whether our validator accepts a value; `None` where it says that a part is not built
/// yet, because it then looks no further.
fn ours(kind: Kind, value: &Value) -> Option<bool> {
    let mut found = Vec::new();
    let text = serde_json::to_string(value).unwrap();
    let mut sources = Sources::new();
    let document = read_document(kind, ("file.json", &text), &mut sources, &mut found);
    if document.is_none() {
        return Some(false);
    }
    let not_yet = found.iter().any(|finding| finding.code.to_string() == "I007");
    (!not_yet).then_some(found.is_empty())
}

fn examples() -> Vec<(Kind, Value)> {
    let yaml = |text: &str| {
        let node = yaml::parse(text, yaml::Schema::Core12).unwrap();
        json!(yaml::Value::from(&node))
    };
    vec![
        (Kind::Payload, serde_json::from_str(&root("examples/shop/deployed_apps.json")).unwrap()),
        (Kind::Spec, yaml(&root("examples/shop/mainstay.yaml"))),
        (Kind::AppConfig, yaml(&root("schemas/app-config.sample.yaml"))),
    ]
}

/// Returns the JSON pointers of all values.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(item, &format!("{at}/{key}"), all);
            }
        }
        _ => {}
    }
}

/// Returns values to put in the place of another.
fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(65536),
        json!(2.0),
        json!(""),
        json!("x"),
        json!("X_y"),
        json!("/a"),
        json!("1.2.3.4/8"),
        json!("250m"),
        json!("1Gi"),
        json!("* * * * *"),
        json!([]),
        json!(["a"]),
        json!(["a", "a"]),
        json!({}),
        json!({"a": 1}),
        json!({"name": "a", "key": "b", "path": "/"}),
        json!({"host": "a.b"}),
        json!({"httpGet": {}, "exec": {"command": ["a"]}}),
        json!("x".repeat(300)),
    ]
}

#[test]
fn mutated_examples_are_judged_as_jsonschema_judges_them() {
    for (kind, example) in examples() {
        let schema: Value = serde_json::from_str(kind.schema_text()).unwrap();
        let judge = jsonschema::validator_for(&schema).unwrap();
        assert!(
            judge.is_valid(&example) && ours(kind, &example) == Some(true),
            "{kind:?}: the example itself"
        );
        let mut all = Vec::new();
        pointers(&example, "", &mut all);
        let mut count = 0;
        let mut judge_both = |mutated: &Value, what: &str| {
            let Some(ours) = ours(kind, mutated) else { return };
            assert_eq!(ours, judge.is_valid(mutated), "{kind:?}: {what}");
            count += 1;
        };
        for pointer in &all {
            for replacement in replacements() {
                let mut mutated = example.clone();
                *mutated.pointer_mut(pointer).unwrap() = replacement.clone();
                judge_both(&mutated, &format!("{pointer} = {replacement}"));
            }
            let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
            let key = key.replace("~1", "/").replace("~0", "~");
            for change in ["remove", "rename", "copy"] {
                let mut mutated = example.clone();
                let Some(Value::Object(entries)) = mutated.pointer_mut(parent) else { continue };
                let Some(value) = entries.get(&key).cloned() else { continue };
                if change != "copy" {
                    entries.remove(&key);
                }
                match change {
                    "remove" => {}
                    "rename" => drop(entries.insert(format!("{key}x"), value)),
                    _ => drop(entries.insert("hosts".to_owned(), value)),
                }
                judge_both(&mutated, &format!("{change} {pointer}"));
            }
        }
        println!("{kind:?}: {count} mutations");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "name",
        "image",
        "fqdn",
        "hosts",
        "host",
        "paths",
        "ports",
        "port",
        "env",
        "secrets",
        "key",
        "resources",
        "limits",
        "cpu",
        "memory",
        "volumes",
        "spec",
        "metadata",
        "environments",
        "tls",
        "probes",
        "readiness",
        "httpGet",
        "type",
        "schedule",
        "apps",
        "version",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| json!(f)),
        ".{0,12}".prop_map(Value::from),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((words.clone(), inner), 0..6)
                .prop_map(|entries| entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_json_never_panics(spec in any_json(), payload in any_json()) {
        let (spec, payload) = (spec.to_string(), payload.to_string());
        let inputs = Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
        let intake = intake::read(&inputs);
        text::render_all(&intake.diagnostics, &intake.sources, false);
    }

    #[test]
    fn a_mutated_shop_never_panics(at in any::<prop::sample::Index>(), value in any_json()) {
        let mut payload: Value = serde_json::from_str(&root("examples/shop/deployed_apps.json")).unwrap();
        let mut all = Vec::new();
        pointers(&payload, "", &mut all);
        *payload.pointer_mut(&all[at.index(all.len())]).unwrap() = value;
        let (spec, payload) = (root("examples/shop/mainstay.yaml"), payload.to_string());
        let inputs = Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
        let intake = intake::read(&inputs);
        if let Some(platform) = &intake.platform {
            let found = check::platform(platform);
            text::render_all(&found, &intake.sources, false);
            for environment in &platform.environments {
                platform.quota(environment);
            }
        }
    }
}
