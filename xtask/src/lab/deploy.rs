//! Generated repositories deployed by the real Argo CD: the end state of every Application, every object in
//! the cluster, and the journeys of the documents.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::argocd::{self, State};
use super::cluster::{self, list};
use super::examples::Repository;
use super::expected::{self, Expected};
use super::place::{Lab, base};
use super::processes::{self, wait};
use super::settled::{self, Count};
use super::{admission, serve};
use crate::programs::call;

/// Longest way to a new end state, in seconds, on a machine that does other things too.
const PATIENCE: u64 = 540;

/// An example, and how its documents say that it is begun.
#[derive(Clone, Copy, Debug)]
struct Example {
    name: &'static str,
    /// Those that the root deploys.
    environments: &'static [&'static str],
    branches: &'static [&'static str],
    /// `kubectl apply`, as the documents write it.
    root: &'static [&'static str],
}

const SHOP: Example = Example {
    name: "shop",
    environments: &["prod"],
    branches: &["main"],
    root: &["--server-side", "--filename", "apps/root/application.yaml"],
};
const BASE: Example = Example { name: "gitops-base", ..SHOP };
const DEX: Example = Example {
    name: "dex",
    environments: &["dev", "stage", "prod"],
    branches: &["main", "dev"],
    root: &["--filename", "infra/application.yaml"],
};

/// The other examples: deployed, and a tag of each updated.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn others(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    let mut base = Deployed::new(lab, mainstay, work, BASE)?;
    println!("gitops-base, first sync: {}", base.root(BASE.root)?);
    let place = ["config/app-config.yaml", "services[name=web].image.tag", "1.0.1"];
    call(base.repository.mainstay().arg("set").args(place))?;
    base.push("gitops-base, a tag is updated")?;
    let there = image(lab, "base-prod", "web")?;
    ensure!(there.ends_with(":1.0.1"), "the Deployment has the image {there}");

    let mut dex = Deployed::new(lab, mainstay, work, DEX)?;
    println!("dex, first sync: {}", dex.root(DEX.root)?);
    let overlay = "infra/argocd/overlays/stage/kustomization.yaml";
    let place = [overlay, "images[name=dex].newTag", "sha-1234abcd"];
    call(dex.repository.mainstay().arg("set").args(place))?;
    dex.push("dex, a tag is updated")?;
    let there = image(lab, "dex-stage", "dex")?;
    ensure!(there.ends_with(":sha-1234abcd"), "the Deployment has the image {there}");
    let there = image(lab, "dex-prod", "dex")?;
    ensure!(there.ends_with(":sha-00000000"), "another environment has the image {there}");
    Ok(())
}

/// `examples/shop`, prod: deployed, and taken through the journeys of its documents.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    let mut shop = Deployed::new(lab, mainstay, work, SHOP)?;
    println!("first sync: {}", shop.root(SHOP.root)?);

    let place = ["config/app-config.yaml", "services[name=storefront].image.tag", "4.12.1"];
    call(shop.repository.mainstay().arg("set").args(place))?;
    let updated = shop.push("a tag is updated")?;
    let there = image(lab, "shop-prod", "storefront")?;
    ensure!(there.ends_with(":4.12.1"), "the Deployment has the image {there}");

    let payload = shop.repository.folder.join("deployed_apps.json");
    let first = fs::read(&payload)?;
    let mut apps: Value = serde_json::from_slice(&first)?;
    let list = apps.get_mut("apps").and_then(Value::as_array_mut).context("apps")?;
    list.push(json!({
        "name": "wishlist", "image": "ghcr.io/example-shop/wishlist:1.0.0", "port": 8080,
        "health": "/healthz", "hosts": ["wishlist.{domain}"], "replicas": 2,
    }));
    let from = work.join("deployed_apps.json");
    fs::write(&from, serde_json::to_vec_pretty(&apps)?)?;
    call(shop.repository.mainstay().args(["generate", "--from"]).arg(&from))?;
    shop.push("a service is added by a new payload")?;
    let there = image(lab, "shop-prod", "wishlist")?;
    ensure!(there.ends_with(":1.0.0"), "the new service has the image {there}");

    fs::write(&from, first)?;
    call(shop.repository.mainstay().args(["generate", "--from"]).arg(&from))?;
    shop.push("a workload is removed and pruned")?;
    ensure!(image(lab, "shop-prod", "wishlist").is_err(), "the removed service is still there");

    shop.repository.git(&["revert", "--no-edit", &updated])?;
    shop.push("the repository is reverted")?;
    let there = image(lab, "shop-prod", "storefront")?;
    ensure!(there.ends_with(":4.12.0"), "the Deployment was not reverted, it has {there}");

    let spec = shop.repository.folder.join("mainstay.yaml");
    let text = fs::read_to_string(&spec)?;
    fs::write(
        &spec,
        text.replace("    - name: test\n", "    - name: test\n    - name: staging\n"),
    )?;
    call(shop.repository.mainstay().arg("generate"))?;
    // What docs/quickstart.md says of two environments on one cluster.
    let staging = shop.repository.folder.join("clusters/staging/kustomization.yaml");
    let text = fs::read_to_string(&staging)?;
    fs::write(&staging, text.replace("  - ../../platform\n", ""))?;
    shop.push("an environment is added")?;
    before(lab, "shop", "staging")?;
    shop.environments.push("staging".to_owned());
    println!(
        "the new environment: {}",
        shop.root(&["--server-side", "--filename", "apps/root/staging.yaml"])?
    );

    for processes::Memory { name, now, largest } in processes::memory(lab)? {
        println!("memory: {name} {now} MB, at most {largest} MB");
    }
    Ok(())
}

/// A repository that Argo CD deploys.
struct Deployed<'a> {
    lab: &'a Lab,
    example: Example,
    repository: Repository,
    /// Those whose root was applied.
    environments: Vec<String>,
    /// How often each Application was tried again since it is there.
    retries: BTreeMap<String, u64>,
}

impl<'a> Deployed<'a> {
    /// Generates an example and starts a cluster with Argo CD; nothing is applied yet.
    fn new(lab: &'a Lab, mainstay: &Path, work: &Path, example: Example) -> Result<Deployed<'a>> {
        let charts = work.join("charts");
        serve::charts(&admission::corpus()?, &charts)?;
        serve::start(work)?;
        let repository = Repository::new(mainstay, work, example.name, "argocd")?;
        let bare = serve::repository(work, &repository.name()?)?;
        repository.git(&["init", "--quiet", "-b", "main"])?;
        repository.git(&["remote", "add", "origin", &bare.display().to_string()])?;
        cluster::up(lab)?;
        argocd::run(lab, &repository, &argo_chart(&charts)?)?;
        for environment in example.environments {
            before(lab, example.name, environment)?;
        }
        repository.commit("The platform", example.branches)?;
        Ok(Deployed {
            lab,
            example,
            repository,
            environments: example.environments.iter().map(|it| (*it).to_owned()).collect(),
            retries: BTreeMap::new(),
        })
    }

    /// Applies a root, and waits for the end state.
    fn root(&mut self, arguments: &[&str]) -> Result<String> {
        let start = Instant::now();
        let mut apply = self.lab.kubectl();
        call(apply.arg("apply").args(arguments).current_dir(&self.repository.folder))?;
        self.settle()?;
        let seconds = start.elapsed().as_secs();
        Ok(format!("as expected {seconds} s after the root was applied; {}", self.compare()?))
    }

    /// Commits what changed, pushes, tells Argo CD, and waits for the end state; returns the commit.
    #[expect(clippy::print_stdout, reason = "its output is the report")]
    fn push(&mut self, journey: &str) -> Result<String> {
        let commit = self.repository.commit(journey, self.example.branches)?;
        let start = Instant::now();
        argocd::notice(self.lab)?;
        self.settle().with_context(|| journey.to_owned())?;
        let seconds = start.elapsed().as_secs_f64();
        let compared = self.compare().with_context(|| journey.to_owned())?;
        println!("{journey}: as expected {seconds:.0} s after the push; {compared}");
        Ok(commit)
    }

    fn compare(&self) -> Result<Count> {
        let mut objects = Vec::new();
        for environment in &self.environments {
            objects.extend(self.repository.objects(environment)?);
        }
        settled::compare(self.lab, &objects)
    }

    /// Waits until every Application is as `tests/lab/argocd` says, those of the repository at its last commit.
    fn settle(&mut self) -> Result<()> {
        let commit = self.repository.git(&["rev-parse", "HEAD"])?;
        let mut expected: Vec<Expected> = Vec::new();
        for environment in &self.environments {
            for line in expected::read(self.example.name, environment)? {
                if !expected.iter().any(|it| it.name == line.name) {
                    expected.push(line);
                }
            }
        }
        let mut last: Vec<State> = Vec::new();
        let waited = wait("the end state", PATIENCE, || {
            cluster::stand_in(self.lab)?;
            last = list(self.lab, "applications.argoproj.io")?.iter().map(State::of).collect();
            for state in &last {
                let most = self.retries.entry(state.name.clone()).or_default();
                *most = state.retries.max(*most);
            }
            Ok(expected.iter().all(|line| last.iter().any(|state| line.is(state, &commit)))
                && last.len() == expected.len())
        });
        waited.with_context(|| {
            let lines = last.iter().map(|state| {
                let State { name, sync, health, revision, retries, said } = state;
                format!("{name}: {sync} {health} at {revision}, {retries} retries; {said}")
            });
            lines.collect::<Vec<_>>().join("\n")
        })?;
        for line in expected.iter().filter(|line| !line.retries) {
            let retries = self.retries.get(&line.name).copied().unwrap_or_default();
            ensure!(retries == 0, "{} was tried again {retries} times", line.name);
        }
        Ok(())
    }
}

/// The image of a Deployment's first container.
pub(super) fn image(lab: &Lab, namespace: &str, name: &str) -> Result<String> {
    let path = "jsonpath={.spec.template.spec.containers[0].image}";
    let mut get = lab.kubectl();
    get.args(["get", "deployment", name, "--namespace", namespace, "--output", path]);
    Ok(String::from_utf8(call(&mut get)?.stdout)?)
}

/// What `docs/prerequisites` of the repository asks for and admission or scheduling depend on.
pub(super) fn before(lab: &Lab, example: &str, environment: &str) -> Result<()> {
    let file = Path::new("tests/lab/before").join(format!("{example}.yaml"));
    if file.is_file() {
        let text = fs::read_to_string(&file)?.replace("$ENVIRONMENT", environment);
        let mut apply = lab.kubectl();
        apply.args(["apply", "--server-side", "--filename", "-"]);
        let told = cluster::fed(&mut apply, text.as_bytes())?;
        ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }
    Ok(())
}

/// The chart of Argo CD among those that are served.
pub(super) fn argo_chart(charts: &Path) -> Result<std::path::PathBuf> {
    for entry in fs::read_dir(charts)? {
        let path = entry?.path();
        if base(&path.to_string_lossy()).starts_with("argo-cd-") {
            return Ok(path);
        }
    }
    bail!("the chart of Argo CD is not in the corpus")
}
