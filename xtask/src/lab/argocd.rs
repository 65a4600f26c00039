//! Argo CD, configured as the documents of a generated repository say: by its chart's own configuration
//! with the repository's `platform/argocd/values.yaml`.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::cluster::{apply, fed};
use super::examples::Repository;
use super::place::{Lab, port};
use super::processes::start;
use crate::programs::call;

/// Starts Argo CD in the cluster that runs; it looks at repositories every half minute, and when [`notice`]
/// says so.
pub(super) fn run(lab: &Lab, repository: &Repository, archive: &std::path::Path) -> Result<()> {
    for file in lab.files_of("argocd")? {
        call(lab.kubectl().args(["apply", "--server-side", "--filename"]).arg(file))?;
    }
    let labels = json!({"app.kubernetes.io/part-of": "argocd"});
    let object = |kind: &str, name: &str| {
        json!({"apiVersion": "v1", "kind": kind,
            "metadata": {"name": name, "namespace": "argocd", "labels": labels}})
    };
    let mut secret = object("Secret", "argocd-secret");
    // It signs sessions of a server that nobody logs in to.
    secret["stringData"] = json!({"server.secretkey": "laboratory"});
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}});
    let project = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": "default", "namespace": "argocd"},
        "spec": {
            "sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    });
    apply(lab, &[namespace], &["--server-side"])?;
    apply(lab, &[secret, project], &["--server-side", "--field-manager", "argocd"])?;
    let mut template = Command::new("helm");
    template.args(["template", "argocd"]).arg(archive).args(["--namespace", "argocd"]);
    let values = repository.folder.join("platform/argocd/values.yaml");
    if values.is_file() {
        template.arg("--values").arg(values);
    }
    for name in [
        "cm",
        "cmd-params-cm",
        "rbac-cm",
        "secret",
        "ssh-known-hosts-cm",
        "tls-certs-cm",
        "gpg-keys-cm",
    ] {
        let file = format!("templates/argocd-configs/argocd-{name}.yaml");
        template.args(["--show-only", &file]);
    }
    let configuration = call(&mut template)?.stdout;
    let mut take = lab.kubectl();
    take.args(["apply", "--server-side", "--namespace", "argocd", "--filename", "-"]);
    let taken = fed(&mut take, &configuration)?;
    ensure!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));

    let data = lab.run().join("argocd");
    for folder in ["tls", "ssh", "keys", "temporary"] {
        fs::create_dir_all(data.join(folder))?;
    }
    fs::write(data.join("ssh/ssh_known_hosts"), "")?;
    let config = lab.kubeconfig().display().to_string();
    let redis = format!("127.0.0.1:{}", port::at(port::REDIS));
    let at = |offset: u16| port::at(port::ENGINE + offset).to_string();
    let local = |offset: u16| format!("127.0.0.1:{}", port::at(port::ENGINE + offset));
    let mut server = Command::new("redis-server");
    server.args([
        "--port",
        &port::at(port::REDIS).to_string(),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
    ]);
    start(lab, "redis", server.args(["--appendonly", "no"]).current_dir(lab.run()))?;
    let part = |name: &str| -> Result<Command> {
        let mut command = lab.program("argocd")?;
        command
            .env("ARGOCD_BINARY_NAME", format!("argocd-{name}"))
            .env("ARGOCD_RECONCILIATION_TIMEOUT", "30s")
            .env("ARGOCD_RECONCILIATION_JITTER", "0s")
            .env("ARGOCD_FAKE_IN_CLUSTER", "true")
            .env("ARGOCD_GPG_ENABLED", "false")
            .env("ARGOCD_TLS_DATA_PATH", data.join("tls"))
            .env("ARGOCD_SSH_DATA_PATH", data.join("ssh"))
            .env("ARGOCD_GNUPGHOME", data.join("keys"))
            .env("TMPDIR", data.join("temporary"))
            .env("KUBECONFIG", &config);
        Ok(command)
    };
    let mut server = part("repo-server")?;
    server.args(["--redis", &redis, "--address", "127.0.0.1", "--port", &at(1)]);
    server.args(["--metrics-address", "127.0.0.1", "--metrics-port", &at(2)]);
    start(lab, "argocd-repo-server", &mut server)?;
    let mut controller = part("application-controller")?;
    controller.args(["--kubeconfig", &config, "--namespace", "argocd", "--redis", &redis]);
    controller.args(["--repo-server", &local(1), "--metrics-port", &at(3)]);
    start(lab, "argocd-application-controller", &mut controller)?;
    let mut sets = part("applicationset-controller")?;
    sets.args([
        "--kubeconfig",
        &config,
        "--namespace",
        "argocd",
        "--argocd-repo-server",
        &local(1),
    ])
    .args(["--metrics-addr", &local(4), "--probe-addr", &local(5)])
    .args(["--webhook-addr", &local(6)]);
    start(lab, "argocd-applicationset-controller", &mut sets)
}

/// Tells Argo CD of a push, as its webhook does: every Application is looked at again.
pub(super) fn notice(lab: &Lab) -> Result<()> {
    let mut annotate = lab.kubectl();
    annotate.args(["annotate", "applications.argoproj.io", "--all", "--namespace", "argocd"]);
    call(annotate.args(["--overwrite", "argocd.argoproj.io/refresh=normal"]))?;
    Ok(())
}

/// What Argo CD says of an Application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub name: String,
    pub sync: String,
    pub health: String,
    pub revision: String,
    pub retries: u64,
    /// Conditions, and what its last sync said.
    pub said: String,
}

impl State {
    pub(super) fn of(application: &Value) -> State {
        let text = |path: &str| {
            application.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let conditions = application.pointer("/status/conditions").map(Value::to_string);
        let retries = application.pointer("/status/operationState/retryCount");
        State {
            name: text("/metadata/name"),
            sync: text("/status/sync/status"),
            health: text("/status/health/status"),
            revision: text("/status/sync/revision"),
            retries: retries.and_then(Value::as_u64).unwrap_or_default(),
            said: format!(
                "{} {} {}",
                text("/status/operationState/phase"),
                text("/status/operationState/message"),
                conditions.unwrap_or_default()
            ),
        }
    }
}
