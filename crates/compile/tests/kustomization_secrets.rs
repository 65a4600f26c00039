//! The Secrets of an application as a kustomization: one line of the spec chooses where they come from, every
//! overlay brings what the container reads, and a preview starts without.
#![allow(clippy::disallowed_methods, reason = "a test reads its spec from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use compile::generate::{Tree, repository};
use compile::intake::{self, Inputs};
use compile::render;
use manifest::Object;
use testkit::MemoryWorld;
use yaml::{Schema, Value};

const REPOSITORY: &str = "https://github.com/data-literate/DEX";

/// What every case reads: Secrets and their keys.
const SECRETS: &str = "secrets: [{name: db, keys: [DB_USER, DB_PASSWORD]}, {name: mail, path: /shared/mail, keys: [SMTP_PASSWORD]}]";

/// Returns the dex example with secrets from a backend.
fn generated(backend: &str, provider: &str) -> Tree {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
    let described = read("tests/backends/mainstay.yaml");
    let described = described.split("  secrets:\n").nth(1).unwrap();
    let described = described.split("  environments:").next().unwrap();
    let described = described.replace("BACKEND", backend).replace("PROVIDER", provider);
    let spec = read("../../examples/dex/mainstay.yaml")
        .replace("      health: /health\n", &format!("      health: /health\n      {SECRETS}\n"))
        .replace("\n  registry:\n", &format!("\n  secrets:\n{described}\n  registry:\n"));
    let inputs = Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", "[]") };
    let intake = intake::read(&inputs);
    let Some(platform) = intake.platform else {
        panic!("{}", text::render_all(&intake.diagnostics, &intake.sources, false));
    };
    let found = compile::check::platform(&platform);
    assert!(found.iter().all(|finding| !finding.is_error()), "{backend}: {found:?}");
    repository(&platform, &inputs)
}

/// Returns the objects of each environment.
fn rendered(tree: &Tree) -> BTreeMap<String, Vec<Object>> {
    let mut world = MemoryWorld::new();
    for (path, file) in &tree.files {
        world.insert(path.as_str(), file.bytes.as_slice());
    }
    let names = ["dev", "stage", "prod", "preview"].map(str::to_owned);
    let mut all = BTreeMap::new();
    for environment in render::everything(&world, REPOSITORY, &names) {
        assert!(environment.diagnostics.is_empty(), "{:?}", environment.diagnostics);
        let objects = environment.applications.into_iter().flat_map(|it| it.objects);
        let objects: Vec<Object> = objects.collect();
        if !objects.is_empty() {
            all.insert(environment.environment, objects);
        }
    }
    all
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

fn word(value: &Value, path: &[&str]) -> String {
    at(value, path).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path).and_then(Value::as_list).unwrap_or_default()
}

/// Returns the keys of every Secret that the objects make.
fn made(objects: &[Object]) -> BTreeMap<String, BTreeSet<String>> {
    let mut made: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        match object.kind() {
            "ExternalSecret" => {
                let target = object.at(&["spec", "target", "name"]).and_then(Value::as_str);
                let data = object.at(&["spec", "data"]).and_then(Value::as_list).unwrap();
                let keys = data.iter().map(|it| word(it, &["secretKey"]));
                made.entry(target.unwrap().to_owned()).or_default().extend(keys);
            }
            "SecretProviderClass" => {
                let listed = object.at(&["spec", "parameters", "secrets"]).and_then(Value::as_str);
                let listed = Value::from(&yaml::parse(listed.unwrap(), Schema::Go2).unwrap());
                let files: BTreeSet<String> =
                    listed.as_list().unwrap().iter().map(|it| word(it, &["fileName"])).collect();
                let objects = object.at(&["spec", "secretObjects"]).and_then(Value::as_list);
                for secret in objects.unwrap() {
                    for entry in list(secret, &["data"]) {
                        assert!(files.contains(&word(entry, &["objectName"])), "{entry:?}");
                        let name = word(secret, &["secretName"]);
                        made.entry(name).or_default().insert(word(entry, &["key"]));
                    }
                }
            }
            _ => {}
        }
    }
    made
}

/// Returns the Secrets that the container reads, and whether it starts without them.
fn wanted(objects: &[Object]) -> BTreeMap<String, bool> {
    let deployment = objects.iter().find(|it| it.kind() == "Deployment").unwrap();
    let pod = deployment.at(&["spec", "template", "spec"]).unwrap();
    let container = list(pod, &["containers"]).first().unwrap();
    let sources = list(container, &["envFrom"]).iter();
    let optional = |it: &Value| at(it, &["secretRef", "optional"]) == Some(&Value::Bool(true));
    sources.map(|it| (word(it, &["secretRef", "name"]), optional(it))).collect()
}

fn volumes(objects: &[Object]) -> usize {
    let deployment = objects.iter().find(|it| it.kind() == "Deployment").unwrap();
    list(deployment.at(&["spec", "template", "spec"]).unwrap(), &["volumes"]).len()
}

#[test]
fn every_overlay_brings_what_the_container_reads() {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let all: BTreeMap<String, BTreeSet<String>> = BTreeMap::from([
        ("db".to_owned(), keys(&["DB_PASSWORD", "DB_USER"])),
        ("mail".to_owned(), keys(&["SMTP_PASSWORD"])),
    ]);
    for (backend, provider) in [
        ("infisical-csi", "aws"),
        ("external-secrets", "aws"),
        ("external-secrets", "gcp"),
        ("external-secrets", "azure"),
        ("external-secrets", "vault"),
        ("external-secrets", "infisical"),
        ("external-secrets", "onepassword"),
    ] {
        let tree = generated(backend, provider);
        let environments = rendered(&tree);
        for name in ["dev", "stage", "prod"] {
            let objects = &environments[name];
            let namespaces: BTreeSet<&str> = objects.iter().map(Object::namespace).collect();
            assert_eq!(namespaces, BTreeSet::from([&*format!("dex-{name}")]), "{provider}");
            assert_eq!(made(objects), all, "{backend} {provider} {name}");
            let read: BTreeMap<String, bool> = all.keys().map(|it| (it.clone(), false)).collect();
            assert_eq!(wanted(objects), read, "{backend} {provider} {name}");
            let driver = usize::from(backend == "infisical-csi");
            assert_eq!(volumes(objects), driver, "{backend} {provider} {name}");
        }
        let page = &tree.files["docs/secrets.md"].bytes;
        let page = std::str::from_utf8(page).unwrap();
        for key in all.values().flatten() {
            assert!(page.contains(key), "{backend} {provider}: {key} in {page}");
        }
    }
}

/// The code of a pull request reads nothing of the manager.
#[test]
fn a_preview_has_no_secrets_and_starts() {
    for backend in ["infisical-csi", "external-secrets", "sealed-secrets", "kubernetes"] {
        let tree = generated(backend, "aws");
        let mut world = MemoryWorld::new();
        for (path, file) in &tree.files {
            world.insert(path.as_str(), file.bytes.as_slice());
        }
        let built = kustomize::build(&world, "infra/argocd/overlays/preview", &Default::default());
        let objects = manifest::read(&built.unwrap().to_yaml(), "preview").unwrap();
        assert_eq!(made(&objects), BTreeMap::new(), "{backend}");
        assert_eq!(volumes(&objects), 0, "{backend}");
        let read = wanted(&objects);
        assert_eq!(read.len(), 2, "{backend}: {read:?}");
        assert!(read.values().all(|optional| *optional), "{backend}: {read:?}");
    }
}
