//! Flux's objects against the recorded answers of the real Flux: each file of `tests/delivery/flux/cases` is a
//! case, with what the controllers of Flux 2.9 applied in the laboratory (`cargo xtask lab record` asks again).
//!
//! `differences.txt` names the units that are known to differ, with the reason; they must still differ.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use compile::delivery::{
    self, ChartFolder, Cluster, Delivered, Delivery, Input, Registry, Settings, Tree,
};
use serde_json::{Map, Value, json};
use testkit::MemoryWorld;

const REPOSITORY: &str = "https://git.example.com/shop.git";
/// The addresses of the charts of the cases.
const CHARTS: [&str; 2] = ["https://charts.example.com", "oci://registry.example.com/charts"];

/// What the server makes of an empty strategy.
static DEFAULT_STRATEGY: LazyLock<Value> = LazyLock::new(
    || json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}),
);

#[test]
fn kustomizations_and_releases_apply_what_flux_applies() {
    let known = differences();
    let charts = charts();
    let only = std::env::var("DELIVERY_CASE").unwrap_or_default();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder().join("cases")).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let (mut units, mut wrong) = (0, Vec::new());
    for path in paths.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let case = Case::read(path);
        let ours = case.ours(&charts);
        for (unit, theirs) in case.theirs() {
            units += 1;
            let name = format!("{} {unit}", path.file_stem().unwrap().to_string_lossy());
            let namespace = ours.applications.iter().find(|it| is_unit(it, &unit));
            let namespace = namespace.map(|it| it.namespace.clone()).unwrap_or_default();
            let ours = shown_ours(&ours, &case.world, &unit);
            let tests = case.objects.contains("test: {enable: true}");
            let theirs = shown_theirs(&theirs, tests, &unit, &namespace);
            match (ours == theirs, known.get(&name)) {
                (true, None) | (false, Some(_)) => {}
                (true, Some(reason)) => wrong.push(format!("{name} no longer differs: {reason}")),
                (false, None) => {
                    wrong.push(format!("{name}\n{}", testkit::difference(&theirs, &ours)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {units} units:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!only.is_empty() || units > 110, "only {units} units");
}

/// The table of surprises names cases that are there.
#[test]
fn every_surprise_has_its_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let proofs = std::fs::read_to_string(root.join("docs/proofs.md")).unwrap();
    let table = proofs.split("## What surprises").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut named = 0;
    for name in table.split('`').filter(|it| it.contains('/') && !it.ends_with('/')) {
        let place = match name.split_once('/') {
            Some(("flux", case)) => format!("tests/delivery/flux/cases/{case}.txt"),
            Some(("sets" | "applications", _)) => format!("tests/delivery/argocd/{name}.txt"),
            _ => continue,
        };
        assert!(root.join(&place).is_file(), "{place}");
        named += 1;
    }
    assert!(named > 80, "only {named}");
}

/// Every case with one line of its objects gone, or with another value: there is an answer, whatever it is.
#[test]
fn mutated_objects_never_panic() {
    const VALUES: [&str; 6] = ["null", "5", "[x]", "{a: {b: c}}", "'${x:=$}'", "\"../../..\""];
    let charts = charts();
    let mut runs = 0;
    for entry in std::fs::read_dir(folder().join("cases")).unwrap() {
        let mut case = Case::read(&entry.unwrap().path());
        let lines: Vec<String> = case.objects.lines().map(str::to_owned).collect();
        for number in 0..lines.len() {
            let mut mutated = lines.clone();
            if number % 3 == 0 {
                mutated.remove(number);
            } else if let Some((key, _)) = lines[number].split_once(": ") {
                mutated[number] = format!("{key}: {}", VALUES[number % VALUES.len()]);
            }
            case.objects = mutated.join("\n");
            let _ = case.ours(&charts);
            runs += 1;
        }
    }
    assert!(runs > 1_000, "only {runs}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/delivery/flux")
}

fn differences() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("differences.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once(": ").unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
}

fn charts() -> MemoryWorld {
    let root = folder().join("charts");
    let mut world = MemoryWorld::new();
    let mut waiting = vec![root.clone()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                world = world.file(name, std::fs::read(&path).unwrap());
            }
        }
    }
    world
}

/// A case: files of the repository, what is given to the cluster, and the answer.
struct Case {
    world: MemoryWorld,
    objects: String,
    answer: String,
}

impl Case {
    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let mut case =
            Case { world: MemoryWorld::new(), objects: String::new(), answer: String::new() };
        case.world = case.world.file("README.md", "A case.\n");
        for part in text.split("\n=== ").skip(1) {
            let (name, content) = part.split_once('\n').unwrap_or((part, ""));
            match name {
                "@objects.yaml" => content.clone_into(&mut case.objects),
                "@answer.json" => content.clone_into(&mut case.answer),
                name => case.world = case.world.file(name, content),
            }
        }
        case
    }

    fn ours(&self, charts: &MemoryWorld) -> Delivery {
        let tree = Tree {
            address: REPOSITORY.to_owned(),
            world: &self.world,
            commit: String::new(),
            own: true,
        };
        let charts = CHARTS.map(|it| ChartFolder { address: it.to_owned(), world: charts });
        let input = Input {
            tree: &self.world,
            registry: Registry { trees: vec![tree], charts: charts.into() },
            cluster: Cluster::default(),
            outside: vec![("objects.yaml".into(), self.objects.clone())],
            settings: Settings::default(),
        };
        delivery::read(&input)
    }

    fn theirs(&self) -> Map<String, Value> {
        let answer: Value = serde_json::from_str(&self.answer).expect("an answer");
        answer.as_object().unwrap().clone()
    }
}

fn is_unit(found: &Delivered, unit: &str) -> bool {
    format!("{}/{}/{}", found.object.kind(), found.object.namespace(), found.name) == unit
}

/// What mainstay says of a unit. Objects that a cluster would refuse fail with it.
fn shown_ours(read: &Delivery, tree: &MemoryWorld, unit: &str) -> String {
    let Some(found) = read.applications.iter().find(|it| is_unit(it, unit)) else {
        return "nothing".to_owned();
    };
    let refused = delivery::object_findings(std::slice::from_ref(found), tree);
    let named = |it: &&text::Diagnostic| {
        it.is_error() && (it.message.contains(&format!("`{}`", found.name)))
    };
    let failed = found.failed
        || !found.opaque.is_empty()
        || found.findings.iter().any(text::Diagnostic::is_error)
        || refused.iter().any(text::Diagnostic::is_error)
        || read.diagnostics.iter().any(|it| named(&it));
    shown(found.objects.iter().map(|object| json!(object.value)).collect(), failed)
}

/// What Flux says of it. Helm keeps the tests of a release with it, whether they are run or not, and its
/// objects as the templates gave them: it puts what says no namespace into that of the release.
fn shown_theirs(answer: &Value, tests: bool, unit: &str, namespace: &str) -> String {
    let mut objects = answer.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
    objects.retain(|it| tests || it["metadata"]["annotations"]["helm.sh/hook"] != json!("test"));
    for object in objects.iter_mut().filter(|_| unit.starts_with("HelmRelease/")) {
        let version = object["apiVersion"].as_str().unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let kind = object["kind"].as_str().unwrap_or_default();
        if !manifest::is_cluster_scoped(group, kind) && object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = json!(namespace);
        }
    }
    shown(objects, answer["ready"] != json!(true))
}

/// One text of everything, whatever the order; of what fails, nobody asks how far it came.
fn shown(objects: Vec<Value>, failed: bool) -> String {
    if failed {
        return "failed\n".to_owned();
    }
    let mut texts: Vec<String> =
        objects.into_iter().map(|object| format!("{:#}\n", settled(object))).collect();
    texts.sort();
    texts.concat()
}

/// An object as the API server would hold it, without what Flux fills in before it applies: a protocol, what
/// is empty (which the server fills: a strategy), the finalizers of a Namespace.
fn settled(mut object: Value) -> Value {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    if kind == "Namespace" {
        object.as_object_mut().unwrap().remove("spec");
    }
    if object["kind"] == json!("Deployment") && object["spec"]["strategy"] == *DEFAULT_STRATEGY {
        object["spec"].as_object_mut().unwrap().remove("strategy");
    }
    let custom = object["apiVersion"].as_str().is_some_and(|it| it.contains(".example."));
    without_empty(&mut object, kind == "ConfigMap" || custom);
    sorted(&object)
}

fn without_empty(value: &mut Value, is_data: bool) {
    match value {
        Value::Object(map) => {
            if map.contains_key("containerPort") || map.contains_key("port") {
                map.retain(|key, value| key != "protocol" || *value != json!("TCP"));
            }
            for (key, value) in &mut *map {
                without_empty(value, is_data || key == "data");
            }
            map.retain(|_, value| !is_empty(value, is_data));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_empty(item, is_data)),
        _ => {}
    }
}

fn is_empty(value: &Value, is_data: bool) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() && !is_data,
        Value::Bool(value) => !value && !is_data,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) => false,
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(entries) => {
            let sorted: BTreeMap<&String, Value> =
                entries.iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        other => other.clone(),
    }
}
