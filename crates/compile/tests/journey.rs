//! A repository that lives on: generated, edited by pipelines and people, generated again.
#![allow(clippy::disallowed_methods, reason = "a test reads the example from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use compile::generate::reconcile::ChangeKind;
use compile::render;
use support::{Chosen, Repository, codes, doing, findings, shop};
use testkit::MemoryWorld;
use text::World as _;

const CONFIG: &str = "config/app-config.yaml";

/// What Argo CD would see: every object of every environment, by environment and identity.
fn objects(world: &MemoryWorld) -> BTreeMap<String, String> {
    let environments = render::environments(world);
    let root = String::from_utf8(world.read("apps/root/application.yaml").unwrap().to_vec());
    let root = yaml::parse(&root.unwrap(), yaml::Schema::Core12).unwrap();
    let source = root.get("spec").and_then(|spec| spec.get("source"));
    let address = source.and_then(|source| source.get("repoURL")).unwrap().as_str().unwrap();
    let mut objects = BTreeMap::new();
    for rendered in render::everything(world, address, &environments) {
        let errors: Vec<_> = rendered.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        for object in rendered.objects() {
            let key = format!("{}: {}", rendered.environment, object.identity());
            objects.insert(key, object.text.to_string());
        }
    }
    assert!(objects.len() > 100, "{} objects", objects.len());
    objects
}

fn differing(one: &BTreeMap<String, String>, two: &BTreeMap<String, String>) -> BTreeSet<String> {
    let keys = one.keys().chain(two.keys());
    keys.filter(|key| one.get(*key) != two.get(*key)).cloned().collect()
}

/// generate → CI edits a tag → Renovate raises a chart → a person adds an annotation, a comment and a
/// patch → the payload gains one service, loses another and changes replicas → generate: the rendered
/// difference is exactly the payload's.
#[test]
fn the_rendered_difference_is_exactly_the_payloads() {
    let (spec, payload) = shop();
    let new = r#"{ "name": "wishlist", "image": "ghcr.io/example-shop/wishlist:1.0.0", "fqdn": "wishlist.shop.example.com", "port": 8080 },"#;
    let later = payload.replacen("\"apps\": [", &format!("\"apps\": [{new}"), 1);
    let later = later.replacen("\"replicas\": 4", "\"replicas\": 5", 1);
    let gone = app(&later, "image-tagger");
    let later = later.replacen(&gone, "", 1);
    assert_ne!(later, payload);

    // Without any edit: what the payload's change does.
    let mut untouched = Repository::new(&spec, &payload);
    let before = objects(&untouched.world);
    let reconciled = untouched.generate(&spec, &later, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    let wanted = differing(&before, &objects(&untouched.world));

    let mut repository = Repository::new(&spec, &payload);
    // CI.
    repository.edit(CONFIG, "tag: \"4.12.0\"", "tag: \"4.13.0\"");
    // Renovate.
    let chart = "platform/applications/traefik.yaml";
    let text = repository.text(chart);
    let revision = text.lines().find(|line| line.contains("targetRevision:")).unwrap();
    repository.edit(chart, revision, "    targetRevision: 99.9.9 # raised");
    // A person.
    repository.edit(
        CONFIG,
        "    replicas: 4\n",
        "    # Black Friday needs four.\n    replicas: 4\n",
    );
    let host = "        - host: shop.example.com\n";
    repository.edit(
        CONFIG,
        host,
        &format!("{host}      annotations:\n        example.com/team: storefront\n"),
    );
    repository.edit(
        "overlays/prod/kustomization.yaml",
        "resources:\n",
        "patches:\n  - target:\n      kind: Namespace\n    patch: |-\n      - op: add\n        path: /metadata/labels/team\n        value: shop\nresources:\n",
    );
    let edited = objects(&repository.world);
    let reconciled = repository.generate(&spec, &later, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    let after = objects(&repository.world);
    assert_eq!(differing(&edited, &after), wanted);
    // And in what differs, everything that others wrote is still there.
    let config = repository.text(CONFIG);
    for text in [
        "tag: \"4.13.0\"",
        "    # Black Friday needs four.\n    replicas: 5\n",
        "example.com/team: storefront",
        "- name: wishlist",
    ] {
        assert!(config.contains(text), "{text}\n{config}");
    }
    assert!(!config.contains("- name: image-tagger"));
    assert!(repository.text(chart).contains("targetRevision: 99.9.9 # raised"));
    assert!(repository.text("overlays/prod/kustomization.yaml").contains("kind: Namespace"));
    // Again, and nothing is left to do.
    let again = repository.generate(&spec, &later, &Chosen::default());
    assert_eq!(doing(&again).len(), 0);
}

/// Returns an entry of the payload, with the comma behind it.
fn app(payload: &str, name: &str) -> String {
    let at = payload.find(&format!("\"name\": \"{name}\"")).unwrap();
    let start = payload[..at].rfind('{').unwrap();
    let mut depth = 0;
    let end = payload[start..].char_indices().find_map(|(index, c)| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        (depth == 0).then_some(start + index + 1)
    });
    let end = end.unwrap();
    let rest = &payload[end..];
    match rest.trim_start().starts_with(',') {
        true => payload[start..end + rest.find(',').unwrap() + 1].to_owned(),
        false => {
            let before = payload[..start].rfind(',').unwrap();
            payload[before..end].to_owned()
        }
    }
}

fn kind<'r>(
    reconciled: &'r compile::generate::reconcile::Reconciled,
    path: &str,
) -> &'r ChangeKind {
    &reconciled.changes.iter().find(|change| change.path == path).unwrap().kind
}

fn raised(payload: &str) -> String {
    payload.replacen("\"replicas\": 4", "\"replicas\": 5", 1)
}

fn refused(repository: &mut Repository, spec: &str, payload: &str, wanted: &[&str]) {
    let before: Vec<(String, Vec<u8>)> =
        repository.world.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    let reconciled = repository.generate(spec, payload, &Chosen::default());
    assert_eq!(codes(&reconciled), wanted, "{}", findings(&reconciled));
    let after: Vec<(String, Vec<u8>)> =
        repository.world.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    assert!(before == after, "something was written");
}

#[test]
fn the_same_scalar_on_both_sides_is_a_conflict_with_both_places() {
    let (spec, payload) = shop();
    let mut repository = Repository::new(&spec, &payload);
    repository.edit(CONFIG, "replicas: 4", "replicas: 7");
    refused(&mut repository, &spec, &raised(&payload), &["G101"]);
    let reconciled = repository.generate(&spec, &raised(&payload), &Chosen::default());
    let text = findings(&reconciled);
    for part in ["`7` here, `5` generated", CONFIG, "deployed_apps.json", "was `4`"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Each side can be chosen.
    let keep = Chosen { keep: vec![CONFIG.to_owned()], ..Chosen::default() };
    assert!(!repository.generate(&spec, &raised(&payload), &keep).is_refused());
    assert!(repository.text(CONFIG).contains("replicas: 7"));
    // What was decided is not asked again.
    let again = repository.generate(&spec, &raised(&payload), &Chosen::default());
    assert_eq!((doing(&again).len(), again.is_refused()), (0, false));
    let force = Chosen { force: vec![CONFIG.to_owned()], ..Chosen::default() };
    assert!(!repository.generate(&spec, &raised(&payload), &force).is_refused());
    assert!(repository.text(CONFIG).contains("replicas: 5"));
}

#[test]
fn the_marks_of_an_unfinished_merge_are_found() {
    let (spec, payload) = shop();
    let mut repository = Repository::new(&spec, &payload);
    let text = repository.text(CONFIG);
    let marked = text.replacen(
        "    replicas: 4\n",
        "<<<<<<< HEAD\n    replicas: 4\n=======\n    replicas: 6\n>>>>>>> other\n",
        1,
    );
    repository.world.insert(CONFIG, marked);
    refused(&mut repository, &spec, &raised(&payload), &["G120"]);
    refused(&mut repository, &spec, &payload, &["G120"]);
}

#[test]
fn a_base_that_is_missing_or_was_edited_is_found() {
    let (spec, payload) = shop();
    let base = compile::generate::base::path(CONFIG);
    let mut repository = Repository::new(&spec, &payload);
    repository.edit(&base, "replicas: 4", "replicas: 5");
    refused(&mut repository, &spec, &payload, &["G123"]);
    repository.world.remove(&base);
    refused(&mut repository, &spec, &payload, &["G122"]);
    // Without the lock nothing is known: what differs is asked for, and what does not is known again.
    repository.world.remove(".mainstay/lock.yaml");
    repository.edit(CONFIG, "replicas: 4", "replicas: 7");
    refused(&mut repository, &spec, &payload, &["G112"]);
    let keep = Chosen { keep: vec![CONFIG.to_owned()], ..Chosen::default() };
    assert!(!repository.generate(&spec, &payload, &keep).is_refused());
    assert!(repository.text(CONFIG).contains("replicas: 7"));
    assert!(repository.text(&base).contains("replicas: 4"));
}

#[test]
fn files_that_are_removed_or_no_longer_generated() {
    let (spec, payload) = shop();
    let without = spec.replace("controller: traefik", "controller: none");
    let traefik = "platform/applications/traefik.yaml";
    let mut repository = Repository::new(&spec, &payload);
    // Removed by hand, and nothing new about it: it stays away.
    repository.world.remove("scripts/validate.sh");
    let reconciled = repository.generate(&spec, &raised(&payload), &Chosen::default());
    assert_eq!(*kind(&reconciled, "scripts/validate.sh"), ChangeKind::KeepAway);
    assert_eq!(codes(&reconciled), [""; 0]);
    // Only raised by Renovate, and no longer generated: it goes.
    let text = repository.text(traefik);
    let revision = text.lines().find(|line| line.contains("targetRevision:")).unwrap().to_owned();
    repository.edit(traefik, &revision, "    targetRevision: 99.9.9");
    let mut edited = Repository { world: repository.world.clone() };
    let reconciled = repository.generate(&without, &raised(&payload), &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    assert_eq!(*kind(&reconciled, traefik), ChangeKind::Remove);
    assert!(repository.world.read(&compile::generate::base::path(traefik)).is_err());
    // Edited by a person, and no longer generated: a conflict, unless it is kept.
    edited.edit(traefik, "kind: Application", "kind: Application # mine\nx: 1");
    refused(&mut edited, &without, &raised(&payload), &["G110"]);
    let keep = Chosen { keep: vec![traefik.to_owned()], ..Chosen::default() };
    assert!(!edited.generate(&without, &raised(&payload), &keep).is_refused());
    assert!(edited.text(traefik).contains("# mine"));
    assert!(!edited.lock().files.contains_key(traefik));
    // Removed by hand, and changed in generation: a conflict.
    let mut removed = Repository::new(&spec, &payload);
    removed.world.remove(CONFIG);
    refused(&mut removed, &spec, &raised(&payload), &["G111"]);
}

#[test]
fn an_app_goes_with_its_data_only_by_name() {
    let (spec, payload) = shop();
    let entry = app(&payload, "search");
    let without = payload.replacen(&entry, "", 1);
    let mut repository = Repository::new(&spec, &payload);
    refused(&mut repository, &spec, &without, &["G130"]);
    let chosen = Chosen { remove_data: vec!["search".to_owned()], ..Chosen::default() };
    let reconciled = repository.generate(&spec, &without, &chosen);
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    assert!(!repository.text(CONFIG).contains("- name: search"));
}

#[test]
fn an_environment_goes_only_when_nothing_refers_to_it() {
    let (spec, payload) = shop();
    let start = spec.find("    - name: test\n").unwrap();
    let end = spec[start + 6..].find("    - name: ").map(|at| start + 6 + at).unwrap();
    let without = format!("{}{}", &spec[..start], &spec[end..]);
    let custom = "overlays/prod/custom/kustomization.yaml";
    let mut repository = Repository::new(&spec, &payload);
    repository.edit(
        custom,
        "kind: Kustomization\n",
        "kind: Kustomization\nresources:\n  - ../../test/namespace.yaml\n",
    );
    refused(&mut repository, &without, &payload, &["G131"]);
    repository.edit(custom, "resources:\n  - ../../test/namespace.yaml\n", "");
    repository.edit("overlays/test/custom/values.yaml", "{}", "overrides: {}");
    let reconciled = repository.generate(&without, &payload, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0], "{}", findings(&reconciled));
    // What a person wrote stays, what nobody wrote into does not.
    assert!(repository.world.read("overlays/test/custom/values.yaml").is_ok());
    assert!(repository.world.read("overlays/test/custom/kustomization.yaml").is_err());
    assert!(repository.world.read("overlays/test/values.yaml").is_err());
}

#[test]
fn an_edited_payload_is_not_replaced_by_another() {
    let (spec, payload) = shop();
    let mut repository = Repository::new(&spec, &payload);
    repository.edit("deployed_apps.json", "\"replicas\": 4", "\"replicas\": 6");
    refused(&mut repository, &spec, &raised(&payload), &["G124"]);
    // The edited payload itself is what is compiled when no other is handed in.
    let edited = repository.text("deployed_apps.json");
    let reconciled = repository.generate(&spec, &edited, &Chosen::default());
    assert_eq!(codes(&reconciled), [""; 0]);
    assert!(repository.text(CONFIG).contains("replicas: 6"));
}

#[test]
fn a_text_that_is_no_yaml_any_more_is_named() {
    let (spec, payload) = shop();
    let mut repository = Repository::new(&spec, &payload);
    repository.edit(CONFIG, "services:\n", "services: [\n");
    refused(&mut repository, &spec, &raised(&payload), &["G107"]);
}
