//! The Flux controllers that `platform/flux/values.yaml` of a generated repository turns on, and what they say
//! of the objects that they reconcile.

use std::fs;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use super::cluster::{apply, list};
use super::examples::Repository;
use super::place::{Lab, port};
use super::processes::start;
use crate::programs::call;

/// What Flux deploys from and with, in the order in which it is waited for.
pub(super) const KINDS: [&str; 3] = [
    "gitrepositories.source.toolkit.fluxcd.io",
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "helmreleases.helm.toolkit.fluxcd.io",
];

/// Starts Flux in the cluster that runs, with the login that the documents make, and with the arguments that
/// a repository gives it.
pub(super) fn run(lab: &Lab, repository: &Repository) -> Result<()> {
    run_with(lab, &arguments(repository)?)
}

/// Starts Flux; the controllers that deploy get these arguments.
pub(super) fn run_with(lab: &Lab, arguments: &[String]) -> Result<()> {
    for part in ["source-controller", "kustomize-controller", "helm-controller"] {
        for file in lab.files_of(part)? {
            call(lab.kubectl().args(["apply", "--server-side", "--filename"]).arg(file))?;
        }
    }
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}});
    let login = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "flux-system", "namespace": "flux-system"},
        "stringData": {"username": "git", "password": "laboratory"},
    });
    apply(lab, &[namespace], &["--server-side"])?;
    apply(lab, &[login], &["--server-side"])?;
    let data = lab.run().join("flux");
    fs::create_dir_all(data.join("temporary"))?;
    let local = |offset: u16| format!("127.0.0.1:{}", port::at(port::ENGINE + offset));
    let part = |name: &str, metrics: u16, health: u16| -> Result<Command> {
        let mut command = lab.program(name)?;
        command.env("RUNTIME_NAMESPACE", "flux-system").env("KUBECONFIG", lab.kubeconfig());
        command.env("TMPDIR", data.join("temporary"));
        command.args(["--watch-all-namespaces=true", "--events-addr=", "--log-level=info"]);
        command.args([
            format!("--metrics-addr={}", local(metrics)),
            format!("--health-addr={}", local(health)),
        ]);
        Ok(command)
    };
    let mut source = part("source-controller", 1, 2)?;
    source.arg(format!("--storage-path={}", data.display()));
    source
        .args([format!("--storage-addr={}", local(0)), format!("--storage-adv-addr={}", local(0))]);
    start(lab, "source-controller", &mut source)?;
    for (name, metrics) in [("kustomize-controller", 3), ("helm-controller", 5)] {
        start(lab, name, part(name, metrics, metrics + 1)?.args(arguments))?;
    }
    Ok(())
}

/// The arguments that the repository's values give to the controllers that wait.
fn arguments(repository: &Repository) -> Result<Vec<String>> {
    let values = fs::read_to_string(repository.folder.join("platform/flux/values.yaml"))?;
    let lines = values.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let words = lines.map(|line| line.trim_matches('"').to_owned());
    let mut found: Vec<String> = words.filter(|word| word.starts_with("--")).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Tells Flux of a push, as a webhook does: the repository is looked at at once.
pub(super) fn notice(lab: &Lab, moment: u128) -> Result<()> {
    let mut annotate = lab.kubectl();
    annotate.args(["annotate", KINDS[0], "--all", "--namespace", "flux-system", "--overwrite"]);
    call(annotate.arg(format!("reconcile.fluxcd.io/requestedAt={moment}")))?;
    Ok(())
}

/// What Flux says of an object.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Kind and name, `Kustomization/root-prod`.
    pub name: String,
    /// `True`, `False` or `Unknown`, and nothing where its last change was not looked at yet.
    pub ready: String,
    /// Its commit, or the chart's version; that of a chart in git ends with the commit.
    pub revision: String,
    /// Why it is (not) ready.
    pub reason: String,
    pub said: String,
}

impl State {
    pub(super) fn of(object: &Value) -> State {
        let text = |value: &Value, path: &str| {
            value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        let ready = conditions
            .into_iter()
            .flatten()
            .find(|it| it.get("type") == Some(&json!("Ready")))
            .cloned()
            .unwrap_or_default();
        let current =
            object.pointer("/status/observedGeneration") == object.pointer("/metadata/generation");
        let revisions = [
            "/status/artifact/revision",
            "/status/lastAppliedRevision",
            "/status/history/0/chartVersion",
        ];
        State {
            name: format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name")),
            ready: if current { text(&ready, "/status") } else { String::new() },
            revision: revisions
                .iter()
                .map(|path| text(object, path))
                .find(|it| !it.is_empty())
                .unwrap_or_default(),
            reason: text(&ready, "/reason"),
            said: text(&ready, "/message"),
        }
    }

    /// It failed, and not because it waits for another one.
    pub(super) fn failed(&self) -> bool {
        self.ready == "False" && !["DependencyNotReady", "Progressing"].contains(&&*self.reason)
    }
}

/// All that Flux deploys from and with.
pub(super) fn states(lab: &Lab) -> Result<Vec<State>> {
    let mut found = Vec::new();
    for kind in KINDS {
        found.extend(list(lab, kind)?.iter().map(State::of));
    }
    Ok(found)
}
