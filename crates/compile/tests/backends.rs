//! One line of the spec chooses where secrets come from, and the workloads do not notice: the same names,
//! keys and files with every backend, and every Secret that they read is made, or listed as left to make.
#![allow(clippy::disallowed_methods, reason = "a test reads its spec from the disk")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use compile::generate::{Tree, prerequisites, repository};
use compile::intake::{self, Inputs};
use compile::model::{Platform, PullCredentials};
use compile::{render, secrets};
use testkit::MemoryWorld;
use text::Diagnostic;
use yaml::{Schema, Value};

/// As the spec says.
const REPOSITORY: &str = "https://github.com/acme/shop-gitops";

/// Backends, and providers of External Secrets, as the spec names them.
const BACKENDS: [(&str, &str); 11] = [
    ("infisical-csi", "aws"),
    ("sealed-secrets", "aws"),
    ("kubernetes", "aws"),
    ("esc", "aws"),
    ("external-secrets", "aws"),
    ("external-secrets", "gcp"),
    ("external-secrets", "azure"),
    ("external-secrets", "vault"),
    ("external-secrets", "infisical"),
    ("external-secrets", "onepassword"),
    // AWS' other manager.
    ("external-secrets", "parameters"),
];

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backends");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn generated(backend: &str, provider: &str) -> (Platform, Tree) {
    let mut spec = read("mainstay.yaml").replace("BACKEND", backend);
    if provider == "parameters" {
        spec = spec.replace("region: eu", "service: ParameterStore, region: eu");
    }
    let spec = spec.replace("PROVIDER", if provider == "parameters" { "aws" } else { provider });
    let payload = read("deployed_apps.json");
    let inputs =
        Inputs { spec: ("mainstay.yaml", &spec), payload: ("deployed_apps.json", &payload) };
    let intake = intake::read(&inputs);
    let Some(platform) = intake.platform else {
        panic!("{}", text::render_all(&intake.diagnostics, &intake.sources, false));
    };
    let found = compile::check::platform(&platform);
    assert!(found.iter().all(|finding| !finding.is_error()), "{backend}: {found:?}");
    let tree = repository(&platform, &inputs);
    (platform, tree)
}

fn text(tree: &Tree, path: &str) -> String {
    String::from_utf8(tree.files[path].bytes.clone()).unwrap()
}

fn rendered(tree: &Tree) -> Vec<render::Rendered> {
    let mut world = MemoryWorld::new();
    for (path, file) in &tree.files {
        world.insert(path.as_str(), file.bytes.as_slice());
    }
    render::everything(&world, REPOSITORY, &["dev".to_owned(), "prod".to_owned()])
}

fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    path.iter()
        .try_fold(value, |value, key| value.get(key))
        .and_then(Value::as_list)
        .unwrap_or_default()
}

fn word(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What the containers of a workload see: variables from Secrets, and secret files with their paths.
fn contract(objects: &[manifest::Object]) -> BTreeSet<String> {
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.kind() == "SecretProviderClass") {
        let listed = object.at(&["spec", "parameters", "secrets"]).and_then(Value::as_str);
        let listed = yaml::parse(listed.unwrap(), Schema::Go2).unwrap();
        let listed = Value::from(&listed);
        let files = listed.as_list().unwrap().iter().map(|entry| word(entry, &["fileName"]));
        classes.insert(object.name().to_owned(), files.collect());
    }
    let mut seen = BTreeSet::new();
    for object in objects {
        let pod = match object.kind() {
            "Deployment" => object.at(&["spec", "template", "spec"]),
            "CronJob" => object.at(&["spec", "jobTemplate", "spec", "template", "spec"]),
            _ => None,
        };
        let Some(pod) = pod.filter(|_| object.name() != "registry-credentials") else { continue };
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for volume in list(pod, &["volumes"]) {
            let mut names = Vec::new();
            for source in list(volume, &["projected", "sources"]) {
                let items = list(source, &["secret", "items"]).iter();
                names.extend(items.map(|item| word(item, &["path"])));
            }
            let class = word(volume, &["csi", "volumeAttributes", "secretProviderClass"]);
            names.extend(classes.get(&class).into_iter().flatten().cloned());
            files.insert(word(volume, &["name"]), names);
        }
        for container in list(pod, &["containers"]) {
            for variable in list(container, &["env"]) {
                if variable.get("valueFrom").and_then(|from| from.get("secretKeyRef")).is_some() {
                    seen.insert(format!("{} ${}", object.name(), word(variable, &["name"])));
                }
            }
            for mount in list(container, &["volumeMounts"]) {
                for file in files.get(&word(mount, &["name"])).into_iter().flatten() {
                    let path = format!("{}/{file}", word(mount, &["mountPath"]));
                    seen.insert(format!("{} {path}", object.name()));
                }
            }
        }
    }
    seen
}

#[test]
fn the_workloads_see_the_same_with_every_backend() {
    let mut services: Option<String> = None;
    for (backend, provider) in BACKENDS {
        let (_, tree) = generated(backend, provider);
        let config = text(&tree, "config/app-config.yaml");
        let own = config[config.find("\nservices:").unwrap()..].to_owned();
        assert_eq!(services.get_or_insert_with(|| own.clone()), &own, "{backend} {provider}");
        for environment in rendered(&tree) {
            let found: Vec<_> = environment.diagnostics.iter().collect();
            assert!(found.is_empty(), "{backend} {provider}: {found:?}");
            let application = environment
                .applications
                .iter()
                .find(|it| it.name == format!("shop-{}", environment.environment));
            let seen = contract(&application.unwrap().objects);
            // The driver mounts every secret as a file, those too that are variables only.
            let wanted = [
                "api $DATABASE_URL",
                "api $LICENCE",
                "api $STRIPE_API_KEY",
                "api /mnt/secrets/licence.txt",
                "api /mnt/secrets/signing.pem",
                "nightly $STRIPE_API_KEY",
            ];
            let also = [
                "api /mnt/secrets/DATABASE_URL",
                "api /mnt/secrets/STRIPE_API_KEY",
                "nightly /mnt/secrets/STRIPE_API_KEY",
            ];
            let seen: Vec<&str> =
                seen.iter().map(String::as_str).filter(|line| !also.contains(line)).collect();
            assert_eq!(seen, wanted, "{backend} {provider}");
        }
    }
}

#[test]
fn every_secret_that_is_read_is_made_or_listed() {
    for (backend, provider) in BACKENDS {
        let (platform, tree) = generated(backend, provider);
        let environments = rendered(&tree);
        let drill = secrets::drill(&environments, []);
        let missing: BTreeSet<String> = drill
            .found
            .iter()
            .chain(&drill.logins)
            .filter(|it| it.is_error())
            .map(|it| it.message.clone())
            .collect();
        for message in &missing {
            // Sealed and made by hand: they are missing until somebody did so, and the list says so.
            let listed = platform.environments.iter().any(|environment| {
                let needs = prerequisites::of(&platform, environment);
                // A store's login is made beside each store, in Argo CD's namespace too.
                let there = [environment.namespace.as_str(), "argocd"];
                needs.secrets.keys().chain(needs.sealed.keys()).any(|name| {
                    there.iter().any(|there| message.contains(&format!("`{there}/{name}`")))
                })
            });
            assert!(listed, "{backend} {provider}: {message}");
        }
        let by_hand = matches!(backend, "sealed-secrets" | "kubernetes");
        // The login of a store cannot come through it.
        let others = drill.found.iter().any(Diagnostic::is_error);
        assert_eq!(others, by_hand, "{backend} {provider}: {missing:?}");
        assert!(matches!(platform.registry.pull, PullCredentials::Managed { .. }));
    }
}

/// How External Secrets log in to each manager, and where it keeps what: one file for all of them.
#[test]
fn stores_and_remote_references_are_as_expected() {
    let mut all = String::new();
    for (backend, provider) in BACKENDS {
        let (_, tree) = generated(backend, provider);
        let Some(store) = tree.files.get("overlays/prod/secret-store.yaml") else { continue };
        let store = String::from_utf8_lossy(&store.bytes);
        all.push_str(&format!("# {backend} {provider}\n{store}"));
        let environments = rendered(&tree);
        let objects =
            environments.iter().flat_map(|it| &it.applications).flat_map(|it| &it.objects);
        for object in objects
            .filter(|object| object.kind() == "ExternalSecret" && object.namespace() == "shop-prod")
        {
            for data in list(object.at(&["spec"]).unwrap(), &["data"]) {
                let property = word(data, &["remoteRef", "property"]);
                all.push_str(&format!(
                    "# {} {}: {} {property}\n",
                    object.name(),
                    word(data, &["secretKey"]),
                    word(data, &["remoteRef", "key"]),
                ));
            }
        }
        all.push_str("---\n");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backends");
    testkit::check_file(folder.join("stores.yaml"), &all);
    let (_, tree) = generated("esc", "aws");
    testkit::check_file(folder.join("esc-prod.yaml"), &text(&tree, "esc/prod.yaml"));
}
