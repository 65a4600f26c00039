//! The recorded answers of `kubectl kustomize` (kustomize v5.8.1), byte for byte.
#![allow(clippy::disallowed_methods, reason = "tests read recorded answers from the disk")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use testkit::MemoryWorld;

/// Reads a folder into a world.
fn world(folder: &Path) -> MemoryWorld {
    let mut world = MemoryWorld::new();
    for (path, bytes) in testkit::snapshot(folder).unwrap() {
        world.insert(path, bytes);
    }
    world
}

fn check(folder: &Path) -> Result<(), String> {
    let entry = std::fs::read_to_string(folder.join("entry")).unwrap_or_default();
    let entry = entry.trim().trim_start_matches("./").trim_matches('/');
    let entry = if entry == "." { "" } else { entry };
    let built = kustomize::build(&world(&folder.join("in")), entry, &Default::default());
    let wanted = std::fs::read_to_string(folder.join("want.yaml"));
    match (built, wanted) {
        (Ok(built), Ok(wanted)) => match built.to_yaml() == wanted {
            true => Ok(()),
            false => Err(testkit::difference(&wanted, &built.to_yaml())),
        },
        (Err(error), Ok(_)) => Err(format!("refused: {error}")),
        (Ok(_), Err(_)) => Err("built, though the real program refuses it".to_owned()),
        (Err(_), Err(_)) => Ok(()),
    }
}

/// Runs all cases of a folder.
fn run(cases: &Path) {
    let mut folders: Vec<_> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("in").is_dir());
    folders.sort();
    assert!(!folders.is_empty(), "no cases in {}", cases.display());
    let mut wrong = String::new();
    for folder in &folders {
        if let Err(error) = check(folder) {
            wrong.push_str(&format!("{}: {error}\n", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "of {} cases:\n{wrong}", folders.len());
}

#[test]
fn recorded_answers() {
    if let Some(cases) = testkit::corpus("kustomize") {
        run(&cases);
    }
}

#[test]
fn own_cases() {
    run(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases")));
}

/// Differences that `cargo xtask random-kustomizations` found once.
#[test]
fn random_cases() {
    run(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/random")));
}

/// What is surprising in kustomize, by number; each number has a case.
#[test]
fn traps() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traps"));
    let names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for number in 1..=27 {
        let prefix = format!("{number:02}-");
        assert!(names.iter().any(|name| name.starts_with(&prefix)), "no case for trap {number}");
    }
    run(folder);
}
