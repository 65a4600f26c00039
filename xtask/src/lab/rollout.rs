//! `examples/shop` rolled out for real, with no engine between: pods pass quotas, limits and Pod Security, and
//! the cluster has every field that was rendered. Then every workload at the largest count that its autoscaler
//! allows, and all of them replaced at once: the quotas leave room for that.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::cluster::{self, apply, list};
use super::examples::Repository;
use super::place::Lab;
use super::processes::wait;
use super::{admission, deploy, serve, settled};
use crate::programs::call;

/// What has pods that are replaced when it changes.
const WORKLOADS: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];

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
    let pods = at_the_largest(lab, &objects)?;
    println!(
        "shop, prod: {pods} pods at the largest counts, replaced while all workloads roll out at once"
    );
    Ok(())
}

/// Scales what has an autoscaler to its largest count, replaces the pods of everything at once, starts each
/// CronJob's Job, and looks whether the server refused a pod; returns how many pods there are at the end.
fn at_the_largest(lab: &Lab, objects: &[Value]) -> Result<usize> {
    let scaled = objects.iter().filter(|it| it["kind"] == json!("HorizontalPodAutoscaler"));
    for scaler in scaled {
        let text = |path: &str| scaler.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let most = scaler.pointer("/spec/maxReplicas").and_then(Value::as_u64).unwrap_or_default();
        let kind = text("/spec/scaleTargetRef/kind").to_lowercase();
        let target = format!("{kind}/{}", text("/spec/scaleTargetRef/name"));
        let count = format!("--replicas={most}");
        let namespace = text("/metadata/namespace");
        call(lab.kubectl().args(["scale", "--namespace", namespace, &target, &count]))?;
    }
    all_there(lab, "the workloads at their largest counts")?;
    for (number, job) in list(lab, "cronjobs")?.iter().enumerate() {
        let (namespace, name) = cluster::identity(job);
        let (job, from) = (format!("now-{number}"), format!("--from=cronjob/{name}"));
        call(lab.kubectl().args(["create", "job", "--namespace", namespace, &job, &from]))?;
    }
    for kind in WORKLOADS {
        for workload in list(lab, kind)? {
            let (namespace, name) = cluster::identity(&workload);
            let workload = format!("{kind}/{name}");
            call(lab.kubectl().args(["rollout", "restart", "--namespace", namespace, &workload]))?;
        }
    }
    all_there(lab, "the workloads, replaced")?;
    let refused: Vec<String> = list(lab, "events")?
        .iter()
        .filter_map(|event| event["message"].as_str())
        .filter(|message| message.contains("exceeded quota") || message.contains("PodSecurity"))
        .map(str::to_owned)
        .collect();
    ensure!(refused.is_empty(), "pods were refused:\n{}", refused.join("\n"));
    Ok(list(lab, "pods")?.len())
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
    all_there(lab, "the workloads")?;
    ensure!(!list(lab, "pods")?.is_empty(), "no pod was made");
    Ok(())
}

/// Waits until every workload has all its pods.
fn all_there(lab: &Lab, what: &str) -> Result<()> {
    let mut late = Vec::new();
    wait(what, PATIENCE, || {
        cluster::stand_in(lab)?;
        late.clear();
        for kind in WORKLOADS {
            late.extend(list(lab, kind)?.iter().filter(|it| !complete(it)).map(told));
        }
        Ok(late.is_empty())
    })
    .with_context(|| late.join("\n"))
}

/// All pods of a workload are ready, and as it wants them now.
fn complete(workload: &Value) -> bool {
    let number = |path: &str| workload.pointer(path).and_then(Value::as_u64);
    let seen = number("/status/observedGeneration") == number("/metadata/generation");
    let wanted = number("/spec/replicas").or_else(|| number("/status/desiredNumberScheduled"));
    let ready = number("/status/readyReplicas").or_else(|| number("/status/numberReady"));
    let updated =
        number("/status/updatedReplicas").or_else(|| number("/status/updatedNumberScheduled"));
    let is_all = |count: Option<u64>| wanted.unwrap_or_default() == count.unwrap_or_default();
    seen && wanted.is_some() && is_all(ready) && is_all(updated)
}

fn told(workload: &Value) -> String {
    let (namespace, name) = cluster::identity(workload);
    let kind = workload["kind"].as_str().unwrap_or_default();
    format!("{kind} {namespace}/{name}: {}", workload["status"])
}
