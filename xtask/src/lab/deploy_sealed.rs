//! A platform whose 20 Secrets are all sealed, deployed by the real Argo CD and opened by the real controller:
//! the key is adopted, a cluster built anew has every Secret again, the key is changed while the platform runs,
//! and what is to be seen when the key comes late.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::argocd::{self, State};
use super::cluster::{self, apply, identity, list};
use super::examples::Repository;
use super::place::Lab;
use super::processes::wait;
use super::sealed_values::{self, Everything, NAMESPACE, data};
use super::{admission, deploy, sealed, serve};
use crate::programs::call;

/// Longest way to a new end state, in seconds, on a machine that does other things too.
const PATIENCE: u64 = 600;
/// The root, and what it delivers.
const APPLICATIONS: usize = 9;
const ROOT: &str = "apps/root/application.yaml";
const CERTIFICATE: &str = "secrets/sealing.crt";

/// Runs the whole drill; each step is an error where it does not end as it should.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(super) fn run(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    let mut platform = Platform::new(lab, mainstay, work)?;
    println!(
        "{} Secrets with {} values are sealed, by mainstay and by kubeseal, in all scopes",
        platform.wanted.len(),
        platform.wanted.values().map(|it| it.values.len()).sum::<usize>()
    );

    platform.cluster(Some("old.yaml"))?;
    println!("first cluster: {}", platform.settled()?);
    platform.has_keys(&["sealed-secrets-key"])?;
    let first = platform.secrets()?;
    platform.agrees("old.yaml")?;
    platform.asked_by_kubeseal()?;
    platform.renamed_stays_shut()?;

    platform.cluster(Some("old.yaml"))?;
    println!("the cluster is thrown away and built anew: {}", platform.settled()?);
    platform.has_keys(&["sealed-secrets-key"])?;
    ensure!(platform.secrets()? == first, "a Secret is not what it was in the first cluster");
    println!("  all {} are what they were before, byte for byte", first.len());

    println!("the key is changed: {}", platform.rekeyed()?);
    ensure!(platform.secrets()? == first, "a Secret changed with the key");
    platform.old_key_removed()?;
    println!("  the old key is gone, all Secrets were deleted: {}", platform.settled()?);
    ensure!(platform.secrets()? == first, "a Secret is not what it was with the old key");
    platform.agrees("new.yaml")?;

    platform.cluster(None)?;
    println!("a cluster without the key: {}", platform.shut()?);
    println!("  the key comes late: {}", platform.late("new.yaml")?);
    ensure!(platform.secrets()? == first, "a Secret is not what it was, after a late key");

    println!("{}", old_date(lab, work)?);
    Ok(())
}

/// The platform, what its Secrets must be, and where its keys are.
struct Platform<'a> {
    lab: &'a Lab,
    repository: Repository,
    work: PathBuf,
    charts: PathBuf,
    wanted: Everything,
}

impl<'a> Platform<'a> {
    fn new(lab: &'a Lab, mainstay: &Path, work: &Path) -> Result<Platform<'a>> {
        let charts = work.join("charts");
        serve::charts(&admission::corpus()?, &charts)?;
        serve::start(work)?;
        let repository = Repository::of(mainstay, work, Path::new("tests/lab/sealed"), "argocd")?;
        let bare = serve::repository(work, &repository.name()?)?;
        repository.git(&["init", "--quiet", "-b", "main"])?;
        repository.git(&["remote", "add", "origin", &bare.display().to_string()])?;
        let old = work.join("old.yaml");
        call(repository.mainstay().args(["keys", "new", "--out"]).arg(&old))?;
        let wanted = sealed_values::seal_all(&repository, work, &old)?;
        call(repository.mainstay().args(["secrets", "check", "--key"]).arg(&old))?;
        repository.commit("The platform", &["main"])?;
        Ok(Platform { lab, repository, work: work.to_path_buf(), charts, wanted })
    }

    /// Builds a cluster from nothing: the key, Argo CD, the login of the repository (which may be patched), the root.
    fn cluster(&self, key: Option<&str>) -> Result<()> {
        cluster::up(self.lab)?;
        if let Some(key) = key {
            sealed::inject(self.lab, &self.work.join(key))?;
        }
        argocd::run(self.lab, &self.repository, &deploy::argo_chart(&self.charts)?)?;
        let url = format!("{}/git/{}", serve::address(), self.repository.name()?);
        let login = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {
                "name": "repository", "namespace": "argocd",
                "labels": {"argocd.argoproj.io/secret-type": "repository"},
                "annotations": {"sealedsecrets.bitnami.com/patch": "true"},
            },
            "stringData": {"type": "git", "url": url, "username": "git", "password": "day one"},
        });
        apply(self.lab, &[login], &["--server-side"])?;
        let mut root = self.lab.kubectl();
        root.args(["apply", "--server-side", "--filename", ROOT]);
        call(root.current_dir(&self.repository.folder))?;
        wait("the controller's chart", PATIENCE, || {
            cluster::stand_in(self.lab)?;
            Ok(sealed::is_deployed(self.lab))
        })?;
        sealed::start(self.lab, None)
    }

    /// Waits until everything is delivered and open, and compares every Secret.
    fn settled(&self) -> Result<String> {
        let start = Instant::now();
        self.wait_for(
            "every Application healthy and every SealedSecret open",
            |applications, sealed| {
                applications.len() == APPLICATIONS
                    && sealed.len() == self.wanted.len()
                    && sealed.iter().all(|it| it.opened)
                    && applications.iter().all(|it| it.sync == "Synced" && it.health == "Healthy")
            },
        )?;
        Ok(format!("{} after {} s", self.compared()?, start.elapsed().as_secs()))
    }

    fn wait_for(
        &self,
        what: &str,
        is_there: impl Fn(&[State], &[sealed::State]) -> bool,
    ) -> Result<(Vec<State>, Vec<sealed::State>)> {
        let commit = self.repository.git(&["rev-parse", "HEAD"])?;
        let mut last = (Vec::new(), Vec::new());
        let waited = wait(what, PATIENCE, || {
            cluster::stand_in(self.lab)?;
            let applications = list(self.lab, "applications.argoproj.io")?;
            last = (applications.iter().map(State::of).collect(), sealed::states(self.lab));
            // Those of charts have the chart's version.
            let delivered =
                |it: &&State| it.name == "credentials" || it.name == "vault-prod-overlay";
            let at_commit = last.0.iter().filter(delivered).all(|it| it.revision == commit);
            Ok(at_commit && is_there(&last.0, &last.1))
        });
        let told = || {
            let applications = last.0.iter().map(|it| {
                format!("{}: {} {} at {}; {}", it.name, it.sync, it.health, it.revision, it.said)
            });
            let sealed = last.1.iter().map(|it| format!("{}: {} {}", it.name, it.opened, it.said));
            applications.chain(sealed).collect::<Vec<_>>().join("\n")
        };
        waited.with_context(told)?;
        Ok(last)
    }

    /// Compares every Secret with what was sealed.
    fn compared(&self) -> Result<String> {
        let secrets = list(self.lab, "secrets")?;
        let (mut count, mut values) = (0, 0);
        for ((namespace, name), wanted) in &self.wanted {
            let secret = secrets
                .iter()
                .find(|it| identity(it) == (namespace, name))
                .with_context(|| format!("{namespace}/{name} is not in the cluster"))?;
            let there = data(secret)?;
            for (key, value) in &wanted.values {
                ensure!(
                    there.get(key) == Some(value),
                    "{namespace}/{name}: {key} is another value"
                );
                values += 1;
            }
            let owned = secret.pointer("/metadata/ownerReferences").is_some();
            ensure!(owned != wanted.patched, "{namespace}/{name}: who owns it");
            let more: Vec<&String> =
                there.keys().filter(|key| !wanted.values.contains_key(*key)).collect();
            let kept = match name.as_str() {
                "argocd-secret" => &["server.secretkey"][..],
                "repository" => &["type", "url", "username"],
                _ => &[],
            };
            ensure!(more == kept, "{namespace}/{name} has {more:?} beside what was sealed");
            let kind = secret.get("type").and_then(Value::as_str).unwrap_or_default();
            let docker = kind == "kubernetes.io/dockerconfigjson";
            ensure!(docker == (name == "registry-credentials"), "{namespace}/{name} is {kind}");
            count += 1;
        }
        Ok(format!("{count} Secrets with {values} values are what was sealed"))
    }

    /// The data of every Secret, to be compared with another cluster's.
    fn secrets(&self) -> Result<Vec<(String, String, Value)>> {
        let mut found = Vec::new();
        for secret in list(self.lab, "secrets")? {
            let (namespace, name) = identity(&secret);
            let key = (namespace.to_owned(), name.to_owned());
            if self.wanted.contains_key(&key) {
                let kept = ["data", "type"].map(|field| secret.get(field).cloned());
                found.push((key.0, key.1, json!([kept, secret.pointer("/metadata/labels")])));
            }
        }
        Ok(found)
    }

    fn has_keys(&self, wanted: &[&str]) -> Result<()> {
        let keys = sealed::keys(self.lab)?;
        ensure!(keys == wanted, "the cluster has the keys {keys:?}");
        Ok(())
    }

    /// mainstay compares the cluster's certificate with the committed one, and opens everything.
    fn agrees(&self, key: &str) -> Result<()> {
        let mut check = self.repository.mainstay();
        check.args(["secrets", "check", "--kubeconfig"]).arg(self.lab.kubeconfig());
        call(check.arg("--key").arg(self.work.join(key)))?;
        Ok(())
    }

    /// What docs/sealing.md says for a cluster at hand.
    #[expect(clippy::print_stdout, reason = "its output is the report")]
    fn asked_by_kubeseal(&self) -> Result<()> {
        let kubeseal = |arguments: &[&str], input: &[u8]| {
            let mut program = Command::new("kubeseal");
            program.args(arguments).args(["--controller-namespace", sealed::NAMESPACE]);
            program.env("KUBECONFIG", self.lab.kubeconfig());
            let output = cluster::fed(&mut program, input)?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(output.status.success(), "kubeseal {arguments:?}: {said}");
            Ok(output.stdout)
        };
        let committed = fs::read(self.repository.folder.join(CERTIFICATE))?;
        let fetched = kubeseal(&["--fetch-cert"], b"")?;
        let [committed, fetched] = [committed, fetched].map(|it| it.trim_ascii().to_vec());
        ensure!(committed == fetched, "the cluster's certificate is not the committed one");
        let sealed = self.repository.folder.join("overlays/prod/custom/orders.sealed.yaml");
        kubeseal(&["--validate"], &fs::read(sealed)?)?;
        println!(
            "  kubeseal fetches the committed certificate, and the controller says it can open"
        );
        Ok(())
    }

    /// A SealedSecret that was renamed opens nowhere, and mainstay said so before.
    #[expect(clippy::print_stdout, reason = "its output is the report")]
    fn renamed_stays_shut(&self) -> Result<()> {
        let sealed = self.repository.folder.join("overlays/prod/custom/orders.sealed.yaml");
        let moved = fs::read_to_string(&sealed)?.replace("name: orders\n", "name: renamed\n");
        let folder = self.work.join("renamed");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("renamed.yaml"), &moved)?;
        // What it was called before is known from its file.
        fs::copy(&sealed, folder.join("orders.yaml"))?;
        let mut check = self.repository.mainstay();
        check.args(["secrets", "check", "--key"]).arg(self.work.join("old.yaml")).arg(&folder);
        let told = check.output()?;
        let said = String::from_utf8_lossy(&told.stderr);
        ensure!(told.status.code() == Some(1) && said.contains("S141"), "it was not seen:\n{said}");
        let file = folder.join("renamed.yaml");
        call(self.lab.kubectl().args(["apply", "--filename"]).arg(&file))?;
        let refusal = sealed::refusal(self.lab, &format!("{NAMESPACE}/renamed"))?;
        call(self.lab.kubectl().args(["delete", "--filename"]).arg(&file))?;
        println!("  a renamed SealedSecret: S141; the controller: {refusal}");
        Ok(())
    }

    /// docs/credentials.md, "sealing-key": a new key beside the old one, everything sealed anew.
    fn rekeyed(&mut self) -> Result<String> {
        let new = self.work.join("new.yaml");
        let mut keys = self.repository.mainstay();
        call(keys.args(["keys", "new", "--replace", "--out"]).arg(&new))?;
        sealed::inject(self.lab, &new)?;
        let keys = sealed::keys(self.lab)?;
        ensure!(keys.len() == 2, "the new key is not beside the old one: {keys:?}");
        sealed::start(self.lab, None)?;
        let mut reseal = self.repository.mainstay();
        reseal.args(["reseal", "--key"]).arg(self.work.join("old.yaml")).arg("--key").arg(&new);
        let told = call(&mut reseal)?;
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        self.repository.commit("Everything is sealed for the new key", &["main"])?;
        argocd::notice(self.lab)?;
        let settled = self.settled()?;
        Ok(format!("{}; {settled}", said.lines().next().unwrap_or_default()))
    }

    fn old_key_removed(&self) -> Result<()> {
        sealed::remove_keys(self.lab, &["sealed-secrets-key".to_owned()])?;
        sealed::start(self.lab, None)?;
        ensure!(sealed::keys(self.lab)?.len() == 1, "more than the new key is there");
        // What the controller makes anew from the SealedSecrets alone.
        let mut delete = self.lab.kubectl();
        delete.args(["delete", "secret", "--namespace", NAMESPACE]);
        let names = self.wanted.keys().filter(|(namespace, _)| namespace == NAMESPACE);
        call(delete.args(names.map(|(_, name)| name)))?;
        wait("every Secret to be made again", PATIENCE, || self.compared().map(|_| true))
    }

    /// Without its key a cluster opens nothing; returns what Argo CD shows.
    fn shut(&self) -> Result<String> {
        let (applications, sealed) =
            self.wait_for("every SealedSecret refused", |applications, sealed| {
                !sealed.is_empty()
                    && sealed.iter().all(|it| !it.opened && !it.said.is_empty())
                    && applications.iter().any(|it| it.health == "Degraded")
            })?;
        let mut check = self.repository.mainstay();
        check.args(["secrets", "check", "--kubeconfig"]).arg(self.lab.kubeconfig());
        let told = check.output()?;
        let said = String::from_utf8_lossy(&told.stderr);
        ensure!(told.status.code() == Some(1) && said.contains("S124"), "it was not seen:\n{said}");
        let shown = applications.iter().filter(|it| it.health != "Healthy");
        let shown = shown.map(|it| format!("{} {} {}", it.name, it.sync, it.health));
        Ok(format!(
            "{} SealedSecrets refused ({}), S124; Argo CD shows {}",
            sealed.len(),
            sealed.first().map_or("", |it| it.said.as_str()),
            shown.collect::<Vec<_>>().join(", ")
        ))
    }

    /// The key comes after all: it is injected, the controller started again, and its own key removed.
    fn late(&self, key: &str) -> Result<String> {
        let made = sealed::keys(self.lab)?;
        sealed::inject(self.lab, &self.work.join(key))?;
        sealed::start(self.lab, None)?;
        self.wait_for("every SealedSecret that is there to be opened", |_, sealed| {
            !sealed.is_empty() && sealed.iter().all(|it| it.opened)
        })?;
        // Argo CD tries a failed sync again some times, and then no more.
        let alone = wait("Argo CD to go on", 120, || {
            let applications = list(self.lab, "applications.argoproj.io")?;
            Ok(applications.len() == APPLICATIONS)
        });
        let how = match alone {
            Ok(()) => "Argo CD goes on by itself",
            Err(_) => {
                let mut sync = self.lab.kubectl();
                sync.args(["patch", "application", "root-prod", "--namespace", "argocd"]);
                sync.args(["--type", "merge", "--patch", r#"{"operation":{"sync":{}}}"#]);
                call(&mut sync)?;
                "Argo CD goes on when its root is synced"
            }
        };
        let settled = self.settled()?;
        sealed::remove_keys(self.lab, &made)?;
        sealed::start(self.lab, None)?;
        self.agrees(key)?;
        Ok(format!("{how}; {settled}"))
    }
}

/// A key whose certificate is old: with the arguments that the platform gives, the controller makes no other,
/// and with its own it does. The cluster that runs has the chart.
fn old_date(lab: &Lab, work: &Path) -> Result<String> {
    sealed::stop(lab)?;
    let key = aged_key(work)?;
    let start = |without: Option<&str>| {
        sealed::remove_keys(lab, &sealed::keys(lab)?)?;
        sealed::inject(lab, &key)?;
        sealed::start(lab, without)
    };
    // With its own default it makes a key at once, which takes it some seconds.
    let began = Instant::now();
    start(Some("--key-renew-period"))?;
    wait("a second key", 240, || Ok(sealed::keys(lab)?.len() == 2))?;
    let patience = began.elapsed() * 2;
    start(None)?;
    std::thread::sleep(patience);
    let keys = sealed::keys(lab)?;
    ensure!(keys == ["sealed-secrets-key"], "with our arguments there are the keys {keys:?}");
    Ok("a key of last year: without `keyrenewperiod` the controller makes another at once; as deployed it does not".to_owned())
}

/// A key and its certificate of last year, as a Secret.
fn aged_key(work: &Path) -> Result<PathBuf> {
    let folder = work.join("aged");
    fs::create_dir_all(folder.join("new"))?;
    fs::write(
        folder.join("ca.cnf"),
        "[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=new\ndefault_md=sha256\n\
         policy=p\n[p]\ncommonName=optional\n",
    )?;
    fs::write(folder.join("index"), "")?;
    fs::write(folder.join("serial"), "01")?;
    let openssl = |line: &str| {
        call(Command::new("openssl").args(line.split(' ')).current_dir(&folder)).context("openssl")
    };
    openssl("req -new -newkey rsa:4096 -nodes -subj /CN=old -keyout key -out request")?;
    openssl(
        "ca -batch -config ca.cnf -selfsign -keyfile key -in request -notext -out certificate \
         -startdate 20250101000000Z -enddate 20400101000000Z",
    )?;
    let encoded =
        |name: &str| -> Result<String> { Ok(STANDARD.encode(fs::read(folder.join(name))?)) };
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {
            "name": "sealed-secrets-key", "namespace": sealed::NAMESPACE,
            "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
        },
        "data": {"tls.key": encoded("key")?, "tls.crt": encoded("certificate")?},
    });
    let file = folder.join("secret.json");
    fs::write(&file, secret.to_string())?;
    Ok(file)
}
