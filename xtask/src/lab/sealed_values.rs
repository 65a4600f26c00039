//! What the platform of `tests/lab/sealed` reads, sealed: some by mainstay, some by kubeseal, in all scopes.
//!
//! Out: for each Secret what a cluster must have. A value in a wider scope was sealed under another name, or in
//! another namespace too, and moved.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::cluster::fed;
use super::examples::Repository;
use crate::programs::call;

/// Where the workloads' Secrets are.
pub(super) const NAMESPACE: &str = "vault-prod";
const ENVIRONMENT: &str = "prod";
const CERTIFICATE: &str = "secrets/sealing.crt";
const FOLDER: &str = "overlays/prod/custom";

/// Who seals a Secret of the workloads, and in which scope.
#[derive(Clone, Copy, Debug)]
enum By {
    /// `mainstay seal NAME --env E KEY`, value by value.
    Mainstay,
    /// `mainstay seal` of a whole Secret, in this scope.
    MainstayAs(&'static str),
    /// `kubeseal`, in this scope.
    KubesealAs(&'static str),
}

/// The Secrets that the workloads read.
const SECRETS: [(&str, &[&str], By); 18] = [
    ("app-secrets", &["DATABASE_URL"], By::Mainstay),
    ("orders", &["TOKEN", "WEBHOOK"], By::Mainstay),
    ("billing", &["KEY"], By::Mainstay),
    ("search", &["TOKEN"], By::Mainstay),
    ("mail", &["PASSWORD"], By::Mainstay),
    ("stock", &["TOKEN"], By::Mainstay),
    ("users", &["TOKEN"], By::Mainstay),
    ("reports", &["TOKEN"], By::Mainstay),
    ("registry-credentials", &[".dockerconfigjson"], By::Mainstay),
    ("chat", &["TOKEN"], By::MainstayAs("strict")),
    ("sms", &["TOKEN"], By::MainstayAs("namespace-wide")),
    ("maps", &["TOKEN"], By::MainstayAs("cluster-wide")),
    ("audit", &["TOKEN"], By::KubesealAs("strict")),
    ("cache", &["PASSWORD"], By::KubesealAs("strict")),
    ("queue", &["PASSWORD"], By::KubesealAs("namespace-wide")),
    ("files", &["TOKEN"], By::KubesealAs("namespace-wide")),
    ("flags", &["TOKEN"], By::KubesealAs("cluster-wide")),
    ("gate", &["TOKEN"], By::KubesealAs("cluster-wide")),
];

/// What a Secret of the cluster must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub values: BTreeMap<String, Vec<u8>>,
    /// What else it must have: it is patched, and more is in it.
    pub patched: bool,
}

/// The Secrets that a cluster must have, by namespace and name.
pub(super) type Everything = BTreeMap<(String, String), Wanted>;

/// Seals everything for the committed certificate; `key` proves that Argo CD's hash is what was sealed.
pub(super) fn seal_all(repository: &Repository, work: &Path, key: &Path) -> Result<Everything> {
    let mut everything = Everything::new();
    for (index, (name, keys, by)) in SECRETS.into_iter().enumerate() {
        let values: BTreeMap<String, Vec<u8>> =
            keys.iter().map(|key| ((*key).to_owned(), value(index, key))).collect();
        match by {
            By::Mainstay => {
                for (key, value) in &values {
                    interactive(repository, name, ENVIRONMENT, key, value)?;
                }
            }
            By::MainstayAs(scope) | By::KubesealAs(scope) => {
                // A value in a wider scope is sealed elsewhere.
                let (namespace, first) = match scope {
                    "strict" => (NAMESPACE, name.to_owned()),
                    "namespace-wide" => (NAMESPACE, format!("{name}-old")),
                    _ => ("elsewhere", format!("{name}-old")),
                };
                let secret = secret(namespace, &first, &values);
                let sealed = match by {
                    By::KubesealAs(_) => kubeseal(repository, scope, &secret)?,
                    _ => whole(repository, scope, &secret)?,
                };
                let moved = sealed
                    .replace(&format!("name: {first}\n"), &format!("name: {name}\n"))
                    .replace(
                        &format!("namespace: {namespace}\n"),
                        &format!("namespace: {NAMESPACE}\n"),
                    );
                let file = format!("{name}.sealed.yaml");
                fs::write(repository.folder.join(FOLDER).join(&file), moved)?;
                call(
                    Command::new("kustomize")
                        .args(["edit", "add", "resource", &file])
                        .current_dir(repository.folder.join(FOLDER)),
                )?;
            }
        }
        everything.insert(place(NAMESPACE, name), Wanted { values, patched: false });
    }
    let admin = work.join("admin-password");
    let webhook = work.join("webhook-secret");
    for (name, out) in [("argocd-admin", &admin), ("webhook", &webhook)] {
        call(repository.mainstay().args(["secrets", "rotate", name, "--out"]).arg(out))?;
    }
    let token = b"a token that reads the repository".to_vec();
    interactive(repository, "repository", "platform", "password", &token)?;
    let opened = call(
        repository
            .mainstay()
            .args(["unseal", "--output", "json", "--key"])
            .arg(key)
            .arg("platform/credentials/custom/argocd-secret.sealed.yaml"),
    )?;
    let values = data(&serde_json::from_slice(&opened.stdout)?)?;
    ensure!(
        values.get("webhook.github.secret") == Some(&fs::read(&webhook)?),
        "the webhook's secret"
    );
    let hash = values.get("admin.password").context("no password of the admin")?;
    ensure!(hash.starts_with(b"$2a$10$"), "the password of the admin is no bcrypt hash");
    everything.insert(place("argocd", "argocd-secret"), Wanted { values, patched: true });
    let values = BTreeMap::from([("password".to_owned(), token)]);
    everything.insert(place("argocd", "repository"), Wanted { values, patched: true });
    Ok(everything)
}

/// The values of a Secret.
pub(super) fn data(secret: &Value) -> Result<BTreeMap<String, Vec<u8>>> {
    let entries = secret.get("data").and_then(Value::as_object).into_iter().flatten();
    let decode = |(key, value): (&String, &Value)| {
        Ok((key.clone(), STANDARD.decode(value.as_str().context("no text")?)?))
    };
    entries.map(decode).collect()
}

fn place(namespace: &str, name: &str) -> (String, String) {
    (namespace.to_owned(), name.to_owned())
}

/// Values of all kinds: short and long, several lines, every byte.
fn value(index: usize, key: &str) -> Vec<u8> {
    if key == ".dockerconfigjson" {
        return br#"{"auths":{"ghcr.io":{"username":"robot","password":"hunter2"}}}"#.to_vec();
    }
    match index % 6 {
        0 => format!("postgres://shop:p%40ss{index}@db:5432/shop?sslmode=require").into_bytes(),
        1 => format!("-----BEGIN {key}-----\nline {index}\r\nline\n-----END-----\n").into_bytes(),
        2 => (0..=255).collect(),
        3 => format!("{{{{ not a template }}}} ${{nor: this}} ä€ {index}").into_bytes(),
        4 => (0..70_000).map(|at: usize| (at * 31 + index) as u8).collect(),
        _ => vec![b'x'],
    }
}

fn secret(namespace: &str, name: &str, values: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let values: serde_json::Map<String, Value> =
        values.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value).into())).collect();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "data": values,
        "metadata": {"name": name, "namespace": namespace, "labels": {"sealed-by": "hand"}},
    });
    secret.to_string().into_bytes()
}

fn interactive(
    repository: &Repository,
    name: &str,
    environment: &str,
    key: &str,
    value: &[u8],
) -> Result<()> {
    let mut seal = repository.mainstay();
    answered(seal.args(["seal", name, "--env", environment, key]), value).map(|_| ())
}

fn whole(repository: &Repository, scope: &str, secret: &[u8]) -> Result<String> {
    answered(repository.mainstay().args(["seal", "--scope", scope, "-o", "yaml"]), secret)
}

fn kubeseal(repository: &Repository, scope: &str, secret: &[u8]) -> Result<String> {
    let mut program = Command::new("kubeseal");
    program.args(["--cert", CERTIFICATE, "--scope", scope, "--format", "yaml"]);
    answered(program.env("KUBECONFIG", "/dev/null").current_dir(&repository.folder), secret)
}

fn answered(command: &mut Command, input: &[u8]) -> Result<String> {
    let output = fed(command, input)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}:\n{said}");
    Ok(String::from_utf8(output.stdout)?)
}
