//! The sealed-secrets controller, with the arguments and the rights that a repository's chart gives it, and
//! what it says of SealedSecrets.
//!
//! It runs beside the cluster. It knows no other way in than a pod's, so that it is given a service account's
//! folder in a mount namespace of its own; nothing is left on the machine.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::cluster::{identity, list};
use super::place::{Lab, port};
use super::processes::{self, wait};
use super::serve;
use crate::programs::call;

/// The controller's Service, Deployment and ServiceAccount, and its namespace.
pub(super) const NAME: &str = "sealed-secrets-controller";
pub(super) const NAMESPACE: &str = "kube-system";
/// The definition, as kubectl takes it.
pub(super) const KIND: &str = "sealedsecrets.bitnami.com";
const ACTIVE: &str = "sealedsecrets.bitnami.com/sealed-secrets-key=active";
const PROCESS: &str = "sealed-secrets";
/// Where the controller listens, after the first port of an engine.
const AT: u16 = port::ENGINE + 11;
/// Gives a program the folder of a service account that a pod would have: the folder, then the program.
const AS_IN_A_POD: &str = "mount -t tmpfs tmpfs /var/run/ && mkdir -p /var/run/secrets/kubernetes.io && \
     cp -r \"$0\" /var/run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";

/// Starts the controller anew, as its Deployment in the cluster says; `without` is left out of its arguments,
/// with what follows it.
pub(super) fn start(lab: &Lab, without: Option<&str>) -> Result<()> {
    let arguments = arguments(lab)?;
    let account = lab.run().join("sealed-secrets-account");
    fs::create_dir_all(&account)?;
    let mut token = lab.kubectl();
    token.args(["create", "token", NAME, "--namespace", NAMESPACE, "--duration", "24h"]);
    fs::write(account.join("token"), call(&mut token)?.stdout.trim_ascii())?;
    fs::copy(lab.run().join("ca.crt"), account.join("ca.crt"))?;
    fs::write(account.join("namespace"), NAMESPACE)?;
    let program = lab.program("sealed-secrets")?;
    let mut command = Command::new("unshare");
    command.arg("--mount").current_dir(lab.run());
    if fs::metadata("/proc/self")?.uid() != 0 {
        command.arg("--map-root-user");
    }
    command.args(["sh", "-c", AS_IN_A_POD]).arg(&account).arg(program.get_program());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let local = |offset: u16| format!("127.0.0.1:{}", port::at(AT + offset));
        match word.as_str() {
            "--listen-addr" => command.args([word, &local(0)]),
            "--listen-metrics-addr" => command.args([word, &local(1)]),
            other if Some(other) == without => &mut command,
            _ => {
                command.arg(word);
                continue;
            }
        };
        words.next();
    }
    command.env("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    command.env("KUBERNETES_SERVICE_PORT", port::at(port::API).to_string());
    command.env_remove("POD_NAMESPACE");
    serve::pods_answer_at(port::at(AT));
    processes::start(lab, PROCESS, &mut command)?;
    wait("the sealed-secrets controller", 120, || {
        Ok(serve::ask(port::at(AT), "/healthz").is_ok_and(|answer| answer.ends_with("ok\n")))
    })
}

pub(super) fn stop(lab: &Lab) -> Result<()> {
    processes::stop(lab, PROCESS)
}

/// Whether the chart is there: its Deployment and what it runs as.
pub(super) fn is_deployed(lab: &Lab) -> bool {
    let there = |kind: &str| {
        call(lab.kubectl().args(["get", kind, NAME, "--namespace", NAMESPACE])).is_ok()
    };
    there("deployment") && there("serviceaccount") && there("clusterrolebinding")
}

/// The arguments of the Deployment in the cluster.
fn arguments(lab: &Lab) -> Result<Vec<String>> {
    let mut get = lab.kubectl();
    get.args(["get", "deployment", NAME, "--namespace", NAMESPACE, "--output", "json"]);
    let deployment: Value = serde_json::from_slice(&call(&mut get)?.stdout)?;
    let words = deployment.pointer("/spec/template/spec/containers/0/args");
    let words = words.and_then(Value::as_array).context("the controller has no arguments")?;
    Ok(words.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The names of the keys that the controller has, or would have after a start.
pub(super) fn keys(lab: &Lab) -> Result<Vec<String>> {
    let mut get = lab.kubectl();
    get.args(["get", "secrets", "--namespace", NAMESPACE, "--selector", ACTIVE]);
    let told = call(get.args(["--output", "jsonpath={.items[*].metadata.name}"]))?;
    let names = String::from_utf8(told.stdout)?;
    Ok(names.split_whitespace().map(str::to_owned).collect())
}

/// Removes keys.
pub(super) fn remove_keys(lab: &Lab, names: &[String]) -> Result<()> {
    let mut delete = lab.kubectl();
    call(delete.args(["delete", "secret", "--namespace", NAMESPACE]).args(names))?;
    Ok(())
}

/// What the controller says of a SealedSecret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// `namespace/name`.
    pub name: String,
    /// It was opened, in the form that it has now.
    pub opened: bool,
    /// Why not.
    pub said: String,
}

/// All SealedSecrets of the cluster; none where their kind is not known yet.
pub(super) fn states(lab: &Lab) -> Vec<State> {
    let objects = list(lab, KIND).unwrap_or_default();
    let state = |object: &Value| {
        let (namespace, name) = identity(object);
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        let synced = conditions
            .into_iter()
            .flatten()
            .find(|condition| condition.get("type") == Some(&json!("Synced")));
        let current =
            object.pointer("/status/observedGeneration") == object.pointer("/metadata/generation");
        let is = |condition: &Value| condition.get("status") == Some(&json!("True"));
        let said = synced.and_then(|condition| condition.get("message")).and_then(Value::as_str);
        State {
            name: format!("{namespace}/{name}"),
            opened: current && synced.is_some_and(is),
            said: said.unwrap_or_default().to_owned(),
        }
    };
    objects.iter().map(state).collect()
}

/// Returns why a SealedSecret was not opened.
pub(super) fn refusal(lab: &Lab, name: &str) -> Result<String> {
    let mut found = None;
    wait(&format!("what the controller says of {name}"), 120, || {
        found = states(lab)
            .into_iter()
            .find(|it| it.name == name && (it.opened || !it.said.is_empty()));
        Ok(found.is_some())
    })?;
    match found {
        Some(State { opened: false, said, .. }) => Ok(said),
        _ => bail!("{name} was opened"),
    }
}

/// Puts a key where the controller looks for it, as a first boot does.
pub(super) fn inject(lab: &Lab, key: &Path) -> Result<()> {
    call(lab.kubectl().args(["apply", "--filename"]).arg(key))?;
    Ok(())
}
