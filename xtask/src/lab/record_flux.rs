//! Records what the real Flux makes of the cases of `tests/delivery/flux/cases`: one cluster, a repository
//! for each case, and the answer written behind the case.
//!
//! An answer holds every Kustomization and HelmRelease of the case: whether it is ready, what Flux says, and
//! the objects: of a Kustomization those fields of its inventory's objects that its controller applied, of a
//! HelmRelease its manifest and hooks as Helm keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::flux::State;
use super::place::Lab;
use super::{cluster, flux, oci, owned, serve};
use crate::programs::call;

const FOLDER: &str = "tests/delivery/flux";
/// How long nothing may change before an answer counts, and how long that is waited for.
const QUIET: u64 = 25;
const PATIENCE: u64 = 300;

/// A case: its parts by name, the first one is what it says of itself.
struct Case {
    path: PathBuf,
    name: String,
    head: String,
    parts: Vec<(String, String)>,
}

impl Case {
    fn read(path: &Path) -> Result<Case> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut pieces = text.split("\n=== ");
        let head = pieces.next().unwrap_or_default().to_owned();
        let parts = pieces.filter_map(|piece| piece.split_once('\n'));
        Ok(Case {
            path: path.to_path_buf(),
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            head,
            parts: parts.map(|(name, text)| (name.to_owned(), format!("{text}\n"))).collect(),
        })
    }

    fn objects(&self) -> &str {
        let part = self.parts.iter().find(|(name, _)| name == "@objects.yaml");
        part.map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    /// Addresses of the cases, and those of the laboratory.
    fn addresses(&self) -> [(&'static str, String); 3] {
        let lab = serve::address();
        [
            ("https://git.example.com/shop.git", format!("{lab}/git/{}", self.name)),
            ("https://charts.example.com", format!("{lab}/charts")),
            ("oci://registry.example.com", lab.replacen("http://", "oci://", 1)),
        ]
    }

    /// Every word behind `namespace:` and its like.
    fn namespaces(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (_, text) in self.parts.iter().filter(|(name, _)| name != "@answer.json") {
            for piece in text.split(&['\n', ',', '{', '}', '"'][..]) {
                let Some((key, value)) = piece.split_once(':') else { continue };
                let key = key.trim().trim_start_matches("- ");
                if ["namespace", "targetNamespace", "storageNamespace"].contains(&key) {
                    let value = value.trim().trim_matches('"');
                    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-';
                    if !value.is_empty() && value.chars().all(plain) {
                        found.insert(value.to_owned());
                    }
                }
            }
        }
        found
    }

    fn write(&self, lab: &Lab, answer: &Value) -> Result<()> {
        let mut text = self.head.clone();
        for (name, part) in self.parts.iter().filter(|(name, _)| name != "@answer.json") {
            text += &format!("\n=== {name}\n{}", part.strip_suffix('\n').unwrap_or(part));
        }
        let mut said = format!("{answer:#}\n");
        for (ours, theirs) in self.addresses() {
            said = said.replace(&theirs, ours);
        }
        // Where the laboratory lies is nobody's business.
        said = said.replace(&lab.run().display().to_string(), "LAB");
        text += &format!("\n=== @answer.json\n{said}");
        fs::write(&self.path, text)?;
        Ok(())
    }
}

/// Records the cases whose names are given, or all.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab, work: &Path, names: &[&str]) -> Result<()> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(Path::new(FOLDER).join("cases"))? {
        let case = Case::read(&entry?.path())?;
        if names.is_empty() || names.contains(&case.name.as_str()) {
            cases.push(case);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!cases.is_empty(), "no such case");
    charts(work)?;
    serve::start(work)?;
    cluster::up(lab)?;
    flux::run_with(lab, &["--requeue-dependency=5s".to_owned(), "--concurrent=12".to_owned()])?;
    for case in &cases {
        repository(work, case).with_context(|| case.name.clone())?;
    }
    let named: BTreeSet<String> = cases.iter().flat_map(Case::namespaces).collect();
    let namespaces: Vec<Value> = named
        .iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
        .collect();
    cluster::apply(lab, &namespaces, &["--server-side"])?;
    let refused = cases.iter().filter_map(|case| Some((case, apply(lab, case).err()?)));
    let refused: Vec<String> =
        refused.map(|(case, error)| format!("{}: {error:#}", case.name)).collect();
    ensure!(refused.is_empty(), "the API server refuses:\n{}", refused.join("\n"));
    settle(lab)?;
    let mut units = 0;
    for case in &cases {
        let answer = answer(lab, case).with_context(|| case.name.clone())?;
        units += answer.as_object().map_or(0, Map::len);
        case.write(lab, &answer)?;
    }
    println!("{} cases, {units} Kustomizations and HelmReleases", cases.len());
    Ok(())
}

/// Packs the charts of the cases, for the chart repository and for the registry.
fn charts(work: &Path) -> Result<()> {
    let folder = work.join("charts");
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(Path::new(FOLDER).join("charts"))? {
        let mut pack = Command::new("helm");
        call(pack.arg("package").arg(entry?.path()).arg("--destination").arg(&folder))?;
    }
    let url = format!("{}/charts", serve::address());
    call(Command::new("helm").args(["repo", "index", "--url", &url]).arg(&folder))?;
    oci::publish(&folder, work)
}

/// Makes the repository of a case, with a commit and a tag.
fn repository(work: &Path, case: &Case) -> Result<()> {
    let bare = serve::repository(work, &case.name)?;
    let tree = work.join("trees").join(&case.name);
    fs::create_dir_all(&tree)?;
    fs::write(tree.join("README.md"), "A case.\n")?;
    for (name, text) in case.parts.iter().filter(|(name, _)| !name.starts_with('@')) {
        let file = tree.join(name);
        fs::create_dir_all(file.parent().context("a file without a folder")?)?;
        let mut text = text.strip_suffix('\n').unwrap_or(text).to_owned();
        for (ours, theirs) in case.addresses() {
            text = text.replace(ours, &theirs);
        }
        fs::write(file, text)?;
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=lab", "-c", "user.email=lab@example.com"]).args(arguments);
        call(git.current_dir(&tree))
    };
    git(&["init", "--quiet", "-b", "main"])?;
    git(&["add", "--all", "--force"])?;
    git(&["commit", "--quiet", "--message", "The case"])?;
    git(&["push", "--quiet", &bare.display().to_string(), "HEAD:refs/heads/main"])?;
    Ok(())
}

/// Gives the objects of a case to the cluster, as `kubectl apply --server-side` does.
fn apply(lab: &Lab, case: &Case) -> Result<()> {
    let mut text = case.objects().to_owned();
    for (ours, theirs) in case.addresses() {
        text = text.replace(ours, &theirs);
    }
    let mut command = lab.kubectl();
    command.args(["apply", "--server-side", "--force-conflicts", "--filename", "-"]);
    let told = cluster::fed(&mut command, text.as_bytes())?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}

/// Waits until nothing changes any more.
#[expect(clippy::print_stdout, reason = "it takes minutes: say what is waited for")]
fn settle(lab: &Lab) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(PATIENCE);
    let (mut before, mut since) = (String::new(), Instant::now());
    while Instant::now() < end {
        cluster::stand_in(lab)?;
        let mut states = flux::states(lab)?;
        states.sort_by(|a, b| a.name.cmp(&b.name));
        let now: Vec<String> = states
            .iter()
            .map(|it| format!("{} {} {} {}", it.name, it.ready, it.reason, it.revision))
            .collect();
        let now = now.join("\n");
        // What failed is not `False` for its last generation, and what is suspended says nothing.
        let busy = states.iter().filter(|it| it.ready != "True" && it.reason == "Progressing");
        let busy = busy.count();
        if now != before {
            (before, since) = (now, Instant::now());
        } else if since.elapsed().as_secs() > QUIET && busy == 0 {
            return Ok(());
        }
        sleep(Duration::from_secs(3));
    }
    println!("after {PATIENCE} s something is still changing");
    Ok(())
}

/// What Flux says of a case.
fn answer(lab: &Lab, case: &Case) -> Result<Value> {
    let mut answer = BTreeMap::new();
    let mut namespaces = case.namespaces();
    namespaces.insert("default".into());
    for kind in &flux::KINDS[1..] {
        for object in cluster::list(lab, kind)? {
            let (namespace, name) = cluster::identity(&object);
            if !namespaces.contains(namespace) {
                continue;
            }
            let state = State::of(&object);
            let said = state.said.lines().next().unwrap_or_default().to_owned();
            let ready = state.ready == "True";
            let mut one = Map::new();
            one.insert("ready".into(), json!(ready));
            one.insert("reason".into(), json!(state.reason));
            if !ready {
                one.insert("message".into(), json!(said));
            }
            if kind.starts_with("helm") {
                if let Some(release) = object.pointer("/status/history/0") {
                    let text = |key: &str| release[key].as_str().unwrap_or_default().to_owned();
                    let place = format!("{}/{}", text("namespace"), text("name"));
                    one.insert("release".into(), json!(place));
                    one.insert("version".into(), json!(text("chartVersion")));
                    let storage = object.pointer("/status/storageNamespace");
                    let storage = storage.and_then(Value::as_str).unwrap_or(namespace);
                    let mut objects = definitions(lab, namespace, name)?;
                    objects.extend(manifest(lab, storage, &text("name"))?);
                    one.insert("objects".into(), json!(objects));
                }
            } else {
                let entries = object.pointer("/status/inventory/entries").and_then(Value::as_array);
                let ids = entries.into_iter().flatten();
                let ids =
                    ids.filter_map(|entry| Some((entry["id"].as_str()?, entry["v"].as_str()?)));
                let mut objects = Vec::new();
                for (id, version) in ids {
                    objects.extend(of_inventory(lab, id, version)?);
                }
                one.insert("objects".into(), json!(objects));
            }
            answer.insert(
                format!("{}/{namespace}/{name}", text_of(&object, "kind")),
                Value::Object(one),
            );
        }
    }
    Ok(json!(answer))
}

fn text_of(object: &Value, key: &str) -> String {
    object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// An object of an inventory (`NAMESPACE_NAME_GROUP_KIND`), as far as its controller owns it.
fn of_inventory(lab: &Lab, id: &str, version: &str) -> Result<Option<Value>> {
    let parts: Vec<&str> = id.rsplitn(3, '_').collect();
    let [kind, group, place] = parts.as_slice() else { return Ok(None) };
    let (namespace, name) = place.split_once('_').context("an inventory's entry")?;
    let resource =
        if group.is_empty() { (*kind).to_owned() } else { format!("{kind}.{version}.{group}") };
    let mut get = lab.kubectl();
    get.args(["get", "--ignore-not-found", "--output", "json", "--show-managed-fields", &resource]);
    get.arg(name.replace("__", ":"));
    if !namespace.is_empty() {
        get.args(["--namespace", namespace]);
    }
    let told = call(&mut get)?;
    if told.stdout.is_empty() {
        return Ok(None);
    }
    Ok(Some(owned::by(&serde_json::from_slice(&told.stdout)?, "kustomize-controller")))
}

/// The definitions that a release brought, which Helm does not keep with it.
fn definitions(lab: &Lab, namespace: &str, name: &str) -> Result<Vec<Value>> {
    let mut get = lab.kubectl();
    let label = |key: &str, value: &str| format!("helm.toolkit.fluxcd.io/{key}={value}");
    let labels = format!("{},{}", label("name", name), label("namespace", namespace));
    get.args(["get", "customresourcedefinitions", "--output", "json", "--show-managed-fields"]);
    let told = call(get.args(["--selector", &labels]))?;
    let told: Value = serde_json::from_slice(&told.stdout)?;
    let items = told["items"].as_array().cloned().unwrap_or_default();
    Ok(items.iter().map(|item| owned::by(item, "helm-controller")).collect())
}

/// The objects of a release: its manifest and its hooks.
fn manifest(lab: &Lab, namespace: &str, name: &str) -> Result<Vec<Value>> {
    let mut texts = String::new();
    for what in ["manifest", "hooks"] {
        let mut get = Command::new("helm");
        get.arg("--kubeconfig").arg(lab.kubeconfig()).args(["--namespace", namespace]);
        let told = call(get.args(["get", what, name]))?;
        texts += &format!("---\n{}\n", String::from_utf8_lossy(&told.stdout));
    }
    let read = manifest::read(&texts, "a release").map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(read.iter().map(|object| json!(object.value)).collect())
}
