//! The API server as judge: every object of every example is admitted, strictly validated.
//!
//! Definitions and namespaces are made, everything else is asked for without being made, as a client
//! merges and as a server does. What the server warns of stands in `tests/lab/warnings.txt`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::cluster::{apply, by_identity, list};
use super::examples::Repository;
use super::place::Lab;
use super::processes::wait;
use crate::programs::call;

/// What was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub environments: usize,
    pub objects: usize,
}

/// Asks an API server, which must run, about all environments of the repositories.
pub(super) fn run(lab: &Lab, repositories: &[(&str, Repository)]) -> Result<Count> {
    definitions(lab)?;
    let known = fs::read_to_string("tests/lab/warnings.txt")?;
    let known: Vec<&str> = known.lines().filter(|it| !it.starts_with('#')).collect();
    let mut count = Count::default();
    let mut unknown = Vec::new();
    for (name, repository) in repositories {
        for environment in repository.environments()? {
            // A preview has a number only when there is a pull request.
            if environment == "preview" {
                continue;
            }
            let place = format!("{name}, {environment}");
            let (objects, warnings) =
                admit(lab, repository, &environment).with_context(|| place.clone())?;
            count.environments += 1;
            count.objects += objects;
            for warning in warnings {
                if !known.iter().any(|known| !known.is_empty() && warning.contains(known)) {
                    unknown.push(format!("{place}: {warning}"));
                }
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    ensure!(unknown.is_empty(), "warnings that nothing explains:\n{}", unknown.join("\n"));
    Ok(count)
}

/// Makes the kinds of Argo CD and Flux known.
pub(super) fn definitions(lab: &Lab) -> Result<()> {
    for part in ["argocd", "source-controller", "kustomize-controller", "helm-controller"] {
        for file in lab.files_of(part)?.iter().filter(|file| file.is_file()) {
            call(lab.kubectl().args(["apply", "--server-side", "--filename"]).arg(file))?;
        }
    }
    Ok(())
}

fn admit(lab: &Lab, repository: &Repository, environment: &str) -> Result<(usize, Vec<String>)> {
    let objects = repository.objects(environment)?;
    let count = objects.len();
    let is = |kinds: &[&str], object: &Value| {
        object.get("kind").and_then(Value::as_str).is_some_and(|kind| kinds.contains(&kind))
    };
    let (mut first, rest): (Vec<Value>, Vec<Value>) =
        objects.into_iter().partition(|it| is(&["CustomResourceDefinition", "Namespace"], it));
    let there = by_identity(list(lab, "namespaces")?);
    // Those that Argo CD makes itself (CreateNamespace), and its own.
    for object in &rest {
        if let Some(name) = object.pointer("/metadata/namespace").and_then(Value::as_str) {
            let own = json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
            });
            let named = |it: &Value| {
                is(&["Namespace"], it) && it.pointer("/metadata/name") == Some(&json!(name))
            };
            if !there.contains_key(&format!("v1 Namespace /{name}")) && !first.iter().any(named) {
                first.push(own);
            }
        }
    }
    let mut warnings = Vec::new();
    if !first.is_empty() {
        let (_, said) = apply(lab, &first, &["--server-side", "--force-conflicts"])?;
        warnings.extend(said.lines().map(str::to_owned));
    }
    for flags in [&["--dry-run=server"][..], &["--dry-run=server", "--server-side"]] {
        // New definitions are served a moment later.
        let mut admitted = 0;
        wait("the server's yes", 20, || {
            let (printed, said) = apply(lab, &rest, flags)?;
            admitted = printed.lines().count();
            warnings.extend(said.lines().map(str::to_owned));
            Ok(true)
        })?;
        ensure!(admitted == rest.len(), "{admitted} of {} were admitted", rest.len());
    }
    Ok((count, warnings))
}

/// The charts of the corpus, or why they are not there.
pub(super) fn corpus() -> Result<std::path::PathBuf> {
    let folder = Path::new("../shared/corpus/charts");
    ensure!(folder.is_dir(), "the corpus of charts is not at {}", folder.display());
    Ok(folder.to_path_buf())
}
