//! `examples/shop` rolled out for real, with no engine between: pods pass quotas, limits and Pod Security, and
//! the cluster has every field that was rendered.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::cluster::{self, apply, list};
use super::examples::Repository;
use super::place::Lab;
use super::processes::wait;
use super::{admission, deploy, serve, settled};

/// How long workloads may take, on a machine that does other things too.
const PATIENCE: u64 = 180;

/// Rolls out prod of the example, in a cluster of its own.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    serve::charts(&admission::corpus()?, &work.join("charts"))?;
    serve::start(work)?;
    let repository = Repository::new(mainstay, work, "shop", "argocd")?;
    cluster::up(lab)?;
    let objects = repository.objects("prod")?;
    rolled_out(lab, &objects)?;
    let count = settled::compare(lab, &objects)?;
    println!("shop, prod: every pod is there; {count}");
    Ok(())
}

fn rolled_out(lab: &Lab, objects: &[Value]) -> Result<()> {
    admission::definitions(lab)?;
    deploy::before(lab, "shop", "prod")?;
    let first = |object: &&Value| {
        let kind = object.get("kind").and_then(Value::as_str);
        kind.is_some_and(|kind| ["CustomResourceDefinition", "Namespace"].contains(&kind))
    };
    let mut there: Vec<Value> = objects.iter().filter(first).cloned().collect();
    for object in objects {
        if let Some(name) = object.pointer("/metadata/namespace").and_then(Value::as_str) {
            let namespace = json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
            });
            let named = |it: &Value| {
                it["kind"] == json!("Namespace") && it["metadata"]["name"] == json!(name)
            };
            if !there.iter().any(named) {
                there.push(namespace);
            }
        }
    }
    apply(lab, &there, &["--server-side", "--force-conflicts"])?;
    let rest: Vec<Value> = objects.iter().filter(|it| !first(it)).cloned().collect();
    // Definitions are served, and quotas counted, a moment later.
    wait("the server's yes", 30, || {
        apply(lab, &rest, &["--server-side", "--force-conflicts"]).map(|_| true)
    })?;
    let mut late = Vec::new();
    wait("the workloads", PATIENCE, || {
        cluster::stand_in(lab)?;
        late.clear();
        for kind in ["deployments", "statefulsets", "daemonsets"] {
            late.extend(list(lab, kind)?.iter().filter(|it| !complete(it)).map(told));
        }
        Ok(late.is_empty())
    })
    .with_context(|| late.join("\n"))?;
    ensure!(!list(lab, "pods")?.is_empty(), "no pod was made");
    Ok(())
}

/// All pods of a workload are ready.
fn complete(workload: &Value) -> bool {
    let number = |path: &str| workload.pointer(path).and_then(Value::as_u64);
    let seen = number("/status/observedGeneration") == number("/metadata/generation");
    let wanted = number("/spec/replicas").or_else(|| number("/status/desiredNumberScheduled"));
    let ready = number("/status/readyReplicas").or_else(|| number("/status/numberReady"));
    seen && wanted.is_some() && wanted.unwrap_or_default() == ready.unwrap_or_default()
}

fn told(workload: &Value) -> String {
    let (namespace, name) = cluster::identity(workload);
    let kind = workload["kind"].as_str().unwrap_or_default();
    format!("{kind} {namespace}/{name}: {}", workload["status"])
}
