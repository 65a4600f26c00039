//! Kustomizations with charts, before the recorded answers of kustomize v5.8.1 with helm 4.3.1.
//!
//! `crates/kustomize` has the cases without; here is the engine that renders charts.
#![allow(clippy::disallowed_methods, reason = "tests read recorded answers from the disk")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use compile::render::HelmCharts;
use testkit::MemoryWorld;

fn check(folder: &Path) -> Result<(), String> {
    let mut world = MemoryWorld::new();
    for (path, bytes) in testkit::snapshot(&folder.join("in")).unwrap() {
        world.insert(path, bytes);
    }
    let charts = HelmCharts::new(&world, 0);
    let options = kustomize::Options { charts: Some(&charts), ..kustomize::Options::default() };
    let entry = std::fs::read_to_string(folder.join("entry")).unwrap();
    let built = kustomize::build(&world, entry.trim(), &options);
    match (built, std::fs::read_to_string(folder.join("want.yaml"))) {
        (Ok(built), Ok(wanted)) if built.to_yaml() == wanted => Ok(()),
        (Ok(built), Ok(wanted)) => Err(testkit::difference(&wanted, &built.to_yaml())),
        (Err(error), Ok(_)) => Err(format!("refused: {error}")),
        (Ok(_), Err(_)) => Err("built, though the real program refuses it".to_owned()),
        (Err(_), Err(_)) => Ok(()),
    }
}

#[test]
fn charts_of_kustomizations() {
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kustomize"));
    let mut folders: Vec<_> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("in").is_dir());
    folders.sort();
    assert!(folders.len() >= 3, "cases are missing in {}", cases.display());
    let mut wrong = String::new();
    for folder in &folders {
        if let Err(error) = check(folder) {
            wrong.push_str(&format!("{}: {error}\n", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "of {} cases:\n{wrong}", folders.len());
}
