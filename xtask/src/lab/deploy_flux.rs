//! `examples/shop` with `delivery.engine: flux` deployed by the real Flux: the end state of every Kustomization
//! and HelmRelease, every object in the cluster, and that the workloads are those of the Argo CD form.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::cluster;
use super::deploy::{before, image};
use super::examples::Repository;
use super::flux::{self, State};
use super::place::Lab;
use super::processes::{self, wait};
use super::{admission, serve, settled};
use crate::programs::call;

const PATIENCE: u64 = 540;

/// Deploys prod, updates a tag, removes an app.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    serve::charts(&admission::corpus()?, &work.join("charts"))?;
    serve::start(work)?;
    let shop = Repository::new(mainstay, work, "shop", "flux")?;
    let other = Repository::new(mainstay, work, "shop", "argocd")?;
    let bare = serve::repository(work, &shop.name()?)?;
    shop.git(&["init", "--quiet", "-b", "main"])?;
    shop.git(&["remote", "add", "origin", &bare.display().to_string()])?;
    cluster::up(lab)?;
    flux::run(lab, &shop)?;
    before(lab, "shop", "prod")?;
    shop.commit("The platform", &["main"])?;

    let start = Instant::now();
    let root = shop.folder.join("flux-system/prod.yaml");
    call(lab.kubectl().args(["apply", "--server-side", "--filename"]).arg(root))?;
    settle(lab, &shop)?;
    let seconds = start.elapsed().as_secs();
    let count = settled::compare(lab, &shop.objects("prod")?)?;
    println!("first sync: as expected {seconds} s after the root was applied; {count}");
    let count = settled::there(lab, &workloads(&other)?)
        .context("beside the workloads of the Argo CD form")?;
    println!("the workloads of the Argo CD form: {count}");

    let push = |journey: &str| -> Result<()> {
        shop.commit(journey, &["main"])?;
        let start = Instant::now();
        flux::notice(lab, SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        settle(lab, &shop).with_context(|| journey.to_owned())?;
        let seconds = start.elapsed().as_secs();
        let count =
            settled::compare(lab, &shop.objects("prod")?).with_context(|| journey.to_owned())?;
        println!("{journey}: as expected {seconds} s after the push; {count}");
        Ok(())
    };
    let place = ["config/app-config.yaml", "services[name=storefront].image.tag", "4.12.1"];
    call(shop.mainstay().arg("set").args(place))?;
    push("a tag is updated")?;
    let there = image(lab, "shop-prod", "storefront")?;
    ensure!(there.ends_with(":4.12.1"), "the Deployment has the image {there}");

    let payload = shop.folder.join("deployed_apps.json");
    let mut apps: Value = serde_json::from_slice(&fs::read(&payload)?)?;
    let list = apps.get_mut("apps").and_then(Value::as_array_mut).context("apps")?;
    list.retain(|app| app.get("name").and_then(Value::as_str) != Some("landing"));
    let from = work.join("deployed_apps.json");
    fs::write(&from, serde_json::to_vec_pretty(&apps)?)?;
    call(shop.mainstay().args(["generate", "--from"]).arg(&from))?;
    push("a workload is removed and pruned")?;
    ensure!(image(lab, "shop-prod", "landing").is_err(), "the removed service is still there");
    for processes::Memory { name, now, largest } in processes::memory(lab)? {
        println!("memory: {name} {now} MB, at most {largest} MB");
    }
    Ok(())
}

/// The objects in the namespace of the workloads, without what only Argo CD reads.
fn workloads(repository: &Repository) -> Result<Vec<Value>> {
    let mut objects = repository.objects("prod")?;
    objects.retain(|object| cluster::identity(object).0 == "shop-prod");
    for object in &mut objects {
        let marks = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        if let Some(marks) = marks {
            marks.retain(|key, _| !key.starts_with("argocd.argoproj.io/"));
        }
    }
    ensure!(!objects.is_empty(), "the Argo CD form has no workloads");
    Ok(objects)
}

/// Waits until everything that `tests/lab/flux/shop.txt` names is ready at the last commit, and nothing else is
/// there. What failed on the way is an error: things may only wait for each other.
fn settle(lab: &Lab, shop: &Repository) -> Result<()> {
    let commit = shop.git(&["rev-parse", "HEAD"])?;
    let file = Path::new("tests/lab/flux/shop.txt");
    let text = fs::read_to_string(file)?;
    let mut expected = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, source] = words.as_slice() else {
            bail!("{}: `{line}` is not a name and a source", file.display());
        };
        expected.push((name.replace("$ENVIRONMENT", "prod"), *source == "repository"));
    }
    let digits = commit.get(..12).unwrap_or(&commit);
    let mut last: Vec<State> = Vec::new();
    let mut failures = BTreeSet::new();
    let waited = wait("the end state", PATIENCE, || {
        cluster::stand_in(lab)?;
        last = flux::states(lab)?;
        let failed = last.iter().filter(|state| state.failed());
        failures.extend(failed.map(|it| format!("{}: {} {}", it.name, it.reason, it.said)));
        let is = |name: &str, ours: bool, state: &State| {
            state.name == name
                && state.ready == "True"
                && (!ours || state.revision.contains(digits))
        };
        Ok(expected.iter().all(|(name, ours)| last.iter().any(|state| is(name, *ours, state)))
            && last.len() == expected.len())
    });
    waited.with_context(|| {
        let lines = last.iter().map(|state| {
            let State { name, ready, revision, reason, said } = state;
            format!("{name}: {ready} at {revision}: {reason} {said}")
        });
        lines.collect::<Vec<_>>().join("\n")
    })?;
    let failures: Vec<String> = failures.into_iter().collect();
    ensure!(failures.is_empty(), "what failed on the way:\n{}", failures.join("\n"));
    Ok(())
}
