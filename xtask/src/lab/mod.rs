//! The laboratory: a real API server, Argo CD, Flux and the sealed-secrets controller on this machine, and
//! what mainstay writes deployed by them.
//!
//! Everything listens on loopback only, lies in the user's cache, and ends with `lab down`. Nothing runs in
//! the pods. `tests/lab` holds what is expected.

mod admission;
mod argocd;
mod build;
mod cluster;
mod compare;
mod deploy;
mod deploy_flux;
mod deploy_sealed;
mod examples;
mod expected;
mod flux;
mod oci;
mod owned;
mod place;
mod processes;
mod record_admission;
mod record_flux;
mod rollout;
mod sealed;
mod sealed_values;
mod serve;
mod settled;
mod versions;

use std::path::Path;

use anyhow::{Result, bail, ensure};

use self::examples::Repository;
use self::place::{Lab, not_on_path};
use crate::programs::mainstay_of_tests;

/// The programs that are not built here; `.ci/judges` and the system bring them.
const PROGRAMS: [&str; 5] = ["helm", "kubectl", "git", "openssl", "tar"];

/// `cargo xtask lab …`.
#[expect(clippy::print_stdout, reason = "a program for developers")]
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let lab = Lab::of_user()?;
    match arguments {
        ["build", parts @ ..] => build::run(&lab, parts),
        ["up"] => {
            processes::stay();
            cluster::up(&lab).map(|()| println!("{}", lab.kubeconfig().display()))
        }
        ["status"] => {
            for processes::Memory { name, now, largest } in processes::memory(&lab)? {
                println!("{name:<32}{now:>6} MB, at most {largest} MB");
            }
            Ok(())
        }
        ["down"] => cluster::down(&lab),
        ["test", tests @ ..] => test(&lab, tests),
        ["record-admission"] => {
            let recorded = record_admission::run(&lab);
            recorded.and(processes::stop_all(&lab))
        }
        ["record", cases @ ..] => {
            let work = tempfile::tempdir()?;
            let recorded = record_flux::run(&lab, work.path(), cases);
            recorded.and(processes::stop_all(&lab))
        }
        _ => bail!(
            "lab build [PART...] | up | status | down | test [TEST...] | record [CASE...] | record-admission"
        ),
    }
}

/// Runs the tests whose programs are there; those that are left out are named, with what is missing.
#[expect(clippy::print_stdout, reason = "its output is the report")]
fn test(lab: &Lab, wanted: &[&str]) -> Result<()> {
    type Test = fn(&Lab, &Path, &Path) -> Result<()>;
    let tests: [(&str, &[&str], &[&'static str], Test); 6] = [
        ("admission", &["cluster"], &[], admission_test),
        ("rollout", &["cluster"], &[], rollout::run),
        ("argocd", &["cluster", "argocd"], &["kustomize", "redis-server"], deploy::run),
        ("argocd-others", &["cluster", "argocd"], &["kustomize", "redis-server"], deploy::others),
        ("flux", &["cluster", "flux"], &[], deploy_flux::run),
        (
            "sealed",
            &["cluster", "argocd", "sealed"],
            &["kustomize", "redis-server", "kubeseal", "unshare"],
            deploy_sealed::run,
        ),
    ];
    for name in wanted {
        ensure!(tests.iter().any(|test| test.0 == *name), "no test `{name}`");
    }
    let mut failed = Vec::new();
    for (name, parts, programs, test) in tests {
        if !wanted.is_empty() && !wanted.contains(&name) {
            continue;
        }
        let mut missing: Vec<&str> = lab.missing(parts);
        missing.extend(not_on_path(&PROGRAMS));
        missing.extend(not_on_path(programs));
        if !missing.is_empty() {
            println!("lab {name}: left out, because these are not there: {}", missing.join(", "));
            println!("  `cargo xtask lab build {}` builds what can be built", parts.join(" "));
            continue;
        }
        let work = tempfile::tempdir()?;
        let result = mainstay_of_tests().and_then(|mainstay| test(lab, &mainstay, work.path()));
        let stopped = processes::stop_all(lab);
        match result.and(stopped) {
            Ok(()) => println!("lab {name}: ok"),
            Err(error) => {
                println!("lab {name}: FAILED: {error:#}");
                println!(
                    "  the logs are in {}; the files in {}",
                    lab.run().display(),
                    work.keep().display()
                );
                failed.push(name);
            }
        }
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "its output is the report")]
fn admission_test(lab: &Lab, mainstay: &Path, work: &Path) -> Result<()> {
    serve::charts(&admission::corpus()?, &work.join("charts"))?;
    serve::start(work)?;
    let mut repositories = Vec::new();
    for example in ["shop", "gitops-base", "dex"] {
        repositories.push((example, Repository::new(mainstay, work, example, "argocd")?));
    }
    cluster::api_server(lab)?;
    let count = admission::run(lab, &repositories)?;
    println!(
        "{} objects of {} environments are admitted by Kubernetes {}, applied by client and by server",
        count.objects,
        count.environments,
        versions::KUBERNETES
    );
    Ok(())
}
