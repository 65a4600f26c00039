//! The repository of `examples/shop`, file by file, and what must be true of every repository.
//!
//! `tests/generate/shop/want` is the expected tree; `UPDATE_EXPECT=1` writes it anew.
#![allow(clippy::disallowed_methods, reason = "a test reads its expected tree from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use compile::generate::{Owner, Tree, lock, repository};
use compile::intake::{self, Inputs};
use compile::render;
use testkit::MemoryWorld;
use yaml::Schema;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shop() -> (String, String) {
    example("shop")
}

fn example(name: &str) -> (String, String) {
    let folder = root().join("examples").join(name);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    (read("mainstay.yaml"), read("deployed_apps.json"))
}

fn generated(spec: &str, payload: &str) -> Tree {
    let inputs = Inputs { spec: ("mainstay.yaml", spec), payload: ("deployed_apps.json", payload) };
    let intake = intake::read(&inputs);
    let Some(platform) = intake.platform else {
        panic!("{}", text::render_all(&intake.diagnostics, &intake.sources, false));
    };
    repository(&platform, &inputs)
}

fn text(tree: &Tree, path: &str) -> String {
    String::from_utf8(tree.files[path].bytes.clone()).unwrap()
}

#[test]
fn shop_is_as_expected() {
    let (spec, payload) = shop();
    compare("shop", &generated(&spec, &payload), |_| true);
}

#[test]
fn gitops_base_is_as_expected() {
    let (spec, payload) = example("gitops-base");
    compare("gitops-base", &generated(&spec, &payload), |path| {
        // The same bytes stand in shop's tree.
        !["charts/", ".mainstay/schemas/"].iter().any(|prefix| path.starts_with(prefix))
            && !path.ends_with(".schema.json")
    });
}

#[test]
fn dex_is_as_expected() {
    let spec = fs::read_to_string(root().join("examples/dex/mainstay.yaml")).unwrap();
    compare("dex", &generated(&spec, "[]"), |_| true);
}

/// Other platforms: `tests/generate/<case>/mainstay.yaml`, with a payload of its own or the common
/// one. What is the same in every repository stands in shop's tree only.
#[test]
fn other_platforms_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generate");
    for case in cases() {
        let read = |path: PathBuf| fs::read_to_string(path);
        let spec = read(folder.join(&case).join("mainstay.yaml")).unwrap();
        let own = read(folder.join(&case).join("deployed_apps.json"));
        let payload = own.unwrap_or_else(|_| read(folder.join("deployed_apps.json")).unwrap());
        compare(&case, &generated(&spec, &payload), |path| {
            (path == "docs/sealing.md"
                || path.starts_with("docs/prerequisites/")
                || !["charts/", "docs/", "scripts/", ".mainstay/"]
                    .iter()
                    .any(|prefix| path.starts_with(prefix)))
                && ![
                    "config/app-config.schema.json",
                    "mainstay.yaml",
                    "deployed_apps.json",
                    ".gitignore",
                ]
                .contains(&path)
        });
    }
}

fn cases() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generate");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut cases: Vec<String> = entries
        .filter(|entry| entry.path().join("mainstay.yaml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn compare(case: &str, tree: &Tree, compared: impl Fn(&str) -> bool) {
    let want = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generate").join(case).join("want");
    let mut expected = BTreeSet::new();
    if let Ok(snapshot) = testkit::snapshot(&want) {
        expected.extend(snapshot.into_keys());
    }
    for path in tree.files.keys().filter(|path| compared(path)) {
        testkit::check_file(want.join(path), &text(tree, path));
        expected.remove(path);
    }
    if testkit::updating() {
        for path in &expected {
            fs::remove_file(want.join(path)).unwrap();
        }
    } else {
        assert!(expected.is_empty(), "{case}: no longer generated: {expected:?}");
    }
}

#[test]
fn same_input_same_bytes() {
    let (spec, payload) = shop();
    assert_eq!(generated(&spec, &payload), generated(&spec, &payload));
}

#[test]
fn every_yaml_file_means_the_same_to_every_reader() {
    let (spec, payload) = shop();
    let tree = generated(&spec, &payload);
    let mine = |path: &str| {
        path.ends_with(".yaml") && !path.starts_with("charts/") && path != "mainstay.yaml"
    };
    for path in tree.files.keys().filter(|path| mine(path)) {
        let text = text(&tree, path);
        let read = |schema| {
            yaml::parse_all(&text, schema).unwrap_or_else(|error| panic!("{path}: {error:?}"))
        };
        let core: Vec<String> = read(Schema::Core12).iter().map(meaning).collect();
        for schema in [Schema::Go2, Schema::Go3] {
            let other: Vec<String> = read(schema).iter().map(meaning).collect();
            assert_eq!(core, other, "{path}");
        }
    }
}

/// A value without its places.
fn meaning(node: &yaml::Node) -> String {
    use yaml::Kind;
    match &node.kind {
        Kind::List(items) => {
            format!("[{}]", items.iter().map(meaning).collect::<Vec<_>>().join(","))
        }
        Kind::Map(entries) => {
            let entries =
                entries.iter().map(|(key, value)| format!("{}={}", meaning(key), meaning(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        scalar => format!("{scalar:?}"),
    }
}

#[test]
fn another_app_changes_only_values() {
    let (spec, payload) = shop();
    let before = generated(&spec, &payload);
    let app = r#"{ "image": "ghcr.io/example-shop/wishlist:1.0.0", "fqdn": "wishlist.shop.example.com", "port": 8080 },"#;
    let more = payload.replacen("\"apps\": [", &format!("\"apps\": [{app}"), 1);
    let after = generated(&spec, &more);
    let changed: Vec<&str> = after
        .files
        .iter()
        .filter(|(path, file)| before.files.get(*path) != Some(*file))
        .map(|(path, _)| path.as_str())
        .collect();
    let want = [
        ".mainstay/lock.yaml",
        "config/app-config.yaml",
        "deployed_apps.json",
        // It shows how with the first service.
        "docs/images.md",
        // A host more, so a DNS record more.
        "docs/prerequisites/dev.md",
        "docs/prerequisites/prod.md",
        "docs/prerequisites/test.md",
        "overlays/dev/values.yaml",
        "overlays/prod/values.yaml",
        "overlays/test/values.yaml",
    ];
    assert_eq!(changed, want);
    assert_eq!(before.files.len(), after.files.len());
}

#[test]
fn what_belongs_to_people_is_not_in_the_lock() {
    let (spec, payload) = shop();
    let tree = generated(&spec, &payload);
    let lock = lock::read(&text(&tree, lock::PATH)).unwrap();
    for (path, file) in &tree.files {
        let locked = lock.files.contains_key(path);
        assert_eq!(locked, file.owner == Owner::Generated && path != lock::PATH, "{path}");
    }
}

#[test]
fn every_environment_renders_and_nothing_is_delivered_twice() {
    let (spec, payload) = shop();
    let tree = generated(&spec, &payload);
    let world = tree
        .files
        .iter()
        .fold(MemoryWorld::new(), |world, (path, file)| world.file(path, &file.bytes));
    let names = render::environments(&world);
    assert_eq!(names, ["dev", "prod", "test"]);
    for name in &names {
        let rendered =
            render::environment(&world, "https://github.com/example-shop/shop-gitops", name);
        let found: Vec<_> =
            rendered.diagnostics.iter().map(|finding| finding.message.as_str()).collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
        let opaque: Vec<&str> = rendered
            .applications
            .iter()
            .filter(|application| application.opaque.is_some())
            .map(|application| application.name.as_str())
            .collect();
        // Charts of other repositories, which are not in the tree.
        let charts =
            ["traefik", "cert-manager", "secrets-store-csi-driver", "infisical-csi-provider"];
        assert_eq!(opaque, charts, "{name}");
        assert!(rendered.objects().count() > 60, "{name}: {}", rendered.objects().count());
    }
}
