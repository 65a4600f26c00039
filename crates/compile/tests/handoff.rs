//! The public base and a customer's repository: cloned and generated, or written at once, the same tree.
#![allow(clippy::disallowed_methods, reason = "a test reads the example from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use compile::handoff::{self, Before, Dispatch, OnBoth, Said};
use support::{Chosen, Repository, codes, findings};
use testkit::MemoryWorld;
use text::{Sources, World as _};

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Spec and payload of the base.
fn base() -> (String, String) {
    (file("examples/gitops-base/mainstay.yaml"), file("examples/gitops-base/deployed_apps.json"))
}

/// The dispatch that the base brings as its example.
fn example() -> String {
    file("crates/compile/assets/handoff/example.json")
}

fn read(text: &str) -> Dispatch {
    let (mut sources, mut found) = (Sources::new(), Vec::new());
    let dispatch = handoff::read(("dispatch.json", text), &mut sources, &mut found);
    dispatch.unwrap_or_else(|| panic!("{}", text::render_all(&found, &sources, false)))
}

fn contents(world: &MemoryWorld) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    world.files().map(|(path, bytes)| (path.to_owned(), text(bytes))).collect()
}

fn dispatched(repository: &mut Repository, dispatch: &Dispatch) {
    let last = repository.world.read(handoff::PATH).ok();
    let last = last.map(|bytes| Said::read(&String::from_utf8_lossy(&bytes)).unwrap());
    let before = Before { said: last.as_ref(), on: OnBoth::Report };
    let specialised =
        handoff::specialise(&repository.text("mainstay.yaml"), dispatch, before).unwrap();
    repository.world.insert(handoff::PATH, specialised.said.text());
    let spec = specialised.spec;
    let chosen = Chosen { remove_data: dispatch.remove_data.clone(), ..Chosen::default() };
    let reconciled = repository.generate(&spec, &dispatch.payload, &chosen);
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
}

fn same(one: &MemoryWorld, two: &MemoryWorld) {
    let (one, two) = (contents(one), contents(two));
    let paths = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&one), paths(&two));
    for (path, text) in &one {
        assert_eq!(text, &two[path], "{path}");
    }
}

#[test]
fn a_clone_that_is_generated_is_what_new_writes_at_once() {
    let (spec, payload) = base();
    for environments in ["", r#""environments": ["prod"],"#, r#""environments": ["qa", "prod"],"#] {
        let text = example().replace(r#""environments": ["test", "prod"],"#, environments);
        let dispatch = read(&text);
        let mut clone = Repository::new(&spec, &payload);
        dispatched(&mut clone, &dispatch);
        let specialised = handoff::specialise(&spec, &dispatch, Before::default()).unwrap();
        let mut at_once = Repository::new(&specialised.spec, &dispatch.payload);
        at_once.world.insert(handoff::PATH, specialised.said.text());
        same(&clone.world, &at_once.world);
    }
}

#[test]
fn a_payload_alone_gives_the_same_tree_too() {
    let (spec, payload) = base();
    let later = payload.replace("example/web:1.0.0", "example/web:2.0.0");
    let mut clone = Repository::new(&spec, &payload);
    let reconciled = clone.generate(&clone.text("mainstay.yaml"), &later, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    same(&clone.world, &Repository::new(&spec, &later).world);
}

#[test]
fn the_same_dispatch_again_changes_nothing() {
    let (spec, payload) = base();
    let dispatch = read(&example());
    let mut repository = Repository::new(&spec, &payload);
    dispatched(&mut repository, &dispatch);
    let before = contents(&repository.world);
    dispatched(&mut repository, &dispatch);
    assert_eq!(before, contents(&repository.world));
}

#[test]
fn nothing_of_the_base_and_no_customer_is_left_over() {
    let (spec, payload) = base();
    let mut repository = Repository::new(&spec, &payload);
    // Only the example of a dispatch names a customer.
    let named: Vec<String> = contents(&repository.world)
        .into_iter()
        .filter(|(path, text)| !path.contains("handoff/") && text.contains("acme.example.com"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(named, [""; 0], "the base is free of customers");
    dispatched(&mut repository, &read(&example()));
    let world = &repository.world;
    assert_eq!(world.files().filter(|(path, _)| path.contains("handoff")).count(), 0);
    for path in ["overlays/dev/custom/values.yaml", "overlays/dev/values.yaml"] {
        assert!(world.read(path).is_err(), "{path}");
    }
    assert!(
        repository.text("mainstay.yaml").contains("url: https://github.com/example/acme-gitops")
    );
}

/// What somebody wrote into `custom/` stays when its environment goes.
#[test]
fn what_a_person_wrote_stays_when_its_environment_goes() {
    let (spec, payload) = base();
    let mut repository = Repository::new(&spec, &payload);
    repository.edit("overlays/dev/custom/values.yaml", "{}", "overrides: {}");
    dispatched(&mut repository, &read(&example()));
    assert!(repository.text("overlays/dev/custom/values.yaml").contains("overrides: {}"));
    assert!(repository.world.read("overlays/dev/custom/kustomization.yaml").is_err());
}

/// The life of a customer's repository between two dispatches: what pipelines and people changed stays.
#[test]
fn what_was_edited_between_two_dispatches_stays() {
    let (spec, payload) = base();
    let mut repository = Repository::new(&spec, &payload);
    dispatched(&mut repository, &read(&example()));
    repository.edit("config/app-config.yaml", "tag: \"1.4.2\"", "tag: \"1.4.3\"");
    repository.edit("mainstay.yaml", "default: staging", "default: prod   # hosts answer");
    repository.edit("mainstay.yaml", "email: platform@", "email: me@");
    repository.edit("mainstay.yaml", "[test, prod]", "[test, staging, prod]");
    let chart = "platform/applications/cert-manager.yaml";
    repository.edit(chart, "targetRevision: v1.21.1", "targetRevision: v1.21.2");
    let more = example().replace("\"replicas\": 2", "\"replicas\": 3");
    dispatched(&mut repository, &read(&more));
    let config = repository.text("config/app-config.yaml");
    assert!(config.contains("tag: \"1.4.3\"") && config.contains("replicas: 3"), "{config}");
    assert!(repository.text("mainstay.yaml").contains("default: prod   # hosts answer"));
    assert!(repository.text(chart).contains("targetRevision: v1.21.2"));
    let spec = repository.text("mainstay.yaml");
    assert!(spec.contains("email: me@") && spec.contains("[test, staging, prod]"), "{spec}");
    assert!(repository.world.read("overlays/staging/values.yaml").is_ok());
}
