//! Delivery objects against the recorded answers of the real Argo CD: each file of
//! `tests/delivery/argocd` is a case, with what the controller of ApplicationSets or the repo-server of
//! 3.2.11 said (`cargo xtask record-delivery` asks again).
//!
//! `differences.txt` names the cases that are known to differ, with the reason; they must still differ.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use compile::delivery::{self, Cluster, Delivery, Input, Registry, Settings, Tree};
use serde_json::{Value, json};
use testkit::MemoryWorld;

const REPOSITORY: &str = "https://git.example.com/shop.git";

#[test]
fn sets_generate_what_argo_cd_generates() {
    run("sets", 90);
}

#[test]
fn applications_render_what_argo_cd_renders() {
    run("applications", 70);
}

/// Every case with one line of its object gone, or with another value: there is an answer, whatever it is.
#[test]
fn mutated_objects_never_panic() {
    const VALUES: [&str; 6] =
        ["null", "5", "[x]", "{a: {b: c}}", "'{{.x.y}}{{z}}'", "\"$a/../../..\""];
    let mut runs = 0;
    for kind in ["sets", "applications"] {
        for entry in std::fs::read_dir(folder().join(kind)).unwrap() {
            let mut case = Case::read(&entry.unwrap().path());
            let object = case.part("@object.yaml").to_owned();
            let lines: Vec<&str> = object.lines().collect();
            for number in 0..lines.len() {
                let mut mutated: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
                if number % 3 == 0 {
                    mutated.remove(number);
                } else if let Some((key, _)) = lines[number].split_once(": ") {
                    mutated[number] = format!("{key}: {}", VALUES[number % VALUES.len()]);
                }
                case.special.insert("@object.yaml".to_owned(), mutated.join("\n"));
                let _ = case.ours();
                runs += 1;
            }
        }
    }
    assert!(runs > 2_000, "only {runs}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/delivery/argocd")
}

/// Runs all cases of a folder, of which there are at least so many.
fn run(kind: &str, least: usize) {
    let known = differences();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder().join(kind))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= least, "only {} cases of {kind}", paths.len());
    let only = std::env::var("DELIVERY_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for path in paths.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let name = format!("{kind}/{}", path.file_stem().unwrap().to_string_lossy());
        let case = Case::read(path);
        let (ours, theirs) = (case.ours(), case.theirs());
        match (ours == theirs, known.get(&name)) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(reason)) => wrong.push(format!("{name} no longer differs: {reason}")),
            (false, None) => {
                wrong.push(format!("{name}\n{}", testkit::difference(&theirs, &ours)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}

fn differences() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("differences.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once(": ").unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
}

/// A case: files of the repository, and what stands apart from it.
struct Case {
    world: MemoryWorld,
    special: BTreeMap<String, String>,
}

impl Case {
    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let mut case = Case { world: MemoryWorld::new(), special: BTreeMap::new() };
        for part in format!("\n{text}").split("\n=== ").skip(1) {
            let (name, content) = part.split_once('\n').unwrap_or((part, ""));
            let content = format!("{content}\n");
            if let Some(tree) = name.strip_prefix("@tree ") {
                let root = folder().join("trees").join(tree);
                let mut world = case.world;
                for file in files(&root) {
                    let path = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                    world = world.file(path, std::fs::read(&file).unwrap());
                }
                case.world = world;
            } else if name.starts_with('@') {
                case.special.insert(name.to_owned(), content);
            } else {
                case.world = case.world.file(name, content);
            }
        }
        case
    }

    fn part(&self, name: &str) -> &str {
        self.special.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What mainstay says, as text.
    fn ours(&self) -> String {
        let mut cluster = Cluster {
            clusters: delivery::read_clusters(self.part("@clusters.yaml"), "clusters").unwrap(),
            api_versions: ["v1", "apps/v1", "apps/v1/Deployment"].map(str::to_owned).into(),
            ..Cluster::default()
        };
        if self.special.contains_key("@pulls.yaml") {
            let sample = delivery::read_pull_requests(self.part("@pulls.yaml"));
            cluster.pull_requests = Some(sample.unwrap());
        }
        let tree = Tree {
            address: REPOSITORY.to_owned(),
            world: &self.world,
            commit: String::new(),
            own: true,
        };
        let named = ["@object.yaml", "@projects.yaml"];
        let input = Input {
            tree: &self.world,
            registry: Registry { trees: vec![tree], charts: Vec::new() },
            cluster,
            outside: named.map(|name| (name.into(), self.part(name).to_owned())).into(),
            settings: Settings::default(),
        };
        let read = delivery::read(&input);
        if self.is_set() { of_set(&read) } else { of_application(&read) }
    }

    fn is_set(&self) -> bool {
        self.part("@object.yaml").contains("kind: ApplicationSet")
    }

    /// What Argo CD said, as the same text.
    fn theirs(&self) -> String {
        let answer: Value = serde_json::from_str(self.part("@answer.json")).expect("an answer");
        let list = |name: &str| answer.get(name).and_then(Value::as_array).cloned();
        let failed = answer.get("error").is_some();
        if self.is_set() {
            return shown(&list("applications").unwrap_or_default(), failed, 0);
        }
        let repeated = answer.get("repeated").and_then(Value::as_u64).unwrap_or(0);
        shown(&list("objects").unwrap_or_default(), failed, repeated)
    }
}

fn of_set(read: &Delivery) -> String {
    let applications = read.applications.iter().map(|application| {
        let object = json!(application.object.value);
        json!({"metadata": object["metadata"], "spec": object["spec"]})
    });
    let failed = read.diagnostics.iter().any(text::Diagnostic::is_error);
    shown(&applications.collect::<Vec<_>>(), failed, 0)
}

fn of_application(read: &Delivery) -> String {
    let mut objects = Vec::new();
    let mut failed = read.diagnostics.iter().any(text::Diagnostic::is_error);
    let mut repeated = 0;
    for application in &read.applications {
        failed |= application.failed || !application.opaque.is_empty();
        repeated += application.findings.iter().filter(|it| it.code.to_string() == "D017").count();
        objects.extend(application.objects.iter().map(|object| json!(object.value)));
    }
    shown(&objects, failed, repeated as u64)
}

/// One text of everything, whatever the order.
fn shown(items: &[Value], failed: bool, repeated: u64) -> String {
    let texts = items.iter().map(|item| format!("{:#}\n", normal(item)));
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    format!("failed: {failed}\nrepeated: {repeated}\n{}", texts.concat())
}

/// Numbers that are equal are written equally, and keys are in order.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => json!(float as i64),
            Some(float) => json!(float),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(entries) => {
            let sorted: BTreeMap<&String, Value> =
                entries.iter().map(|(key, value)| (key, normal(value))).collect();
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        other => other.clone(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
