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
    let built = kustomize::build_with(&world(&folder.join("in")), entry, &Default::default());
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

/// Runs all cases of a folder; those listed in `not-yet.txt` must still fail.
fn run(cases: &Path) {
    let list = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/not-yet.txt"));
    let list = std::fs::read_to_string(list).unwrap_or_default();
    let not_yet: Vec<&str> =
        list.lines().filter_map(|line| line.split_once(": ")).map(|it| it.0).collect();
    let mut folders: Vec<_> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut wrong = String::new();
    let mut count = 0;
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let name = folder.file_name().unwrap().to_string_lossy();
        count += 1;
        match (check(folder), not_yet.contains(&&*name)) {
            (Ok(()), true) => wrong.push_str(&format!("{name} passes now: take it off the list\n")),
            (Err(error), false) => wrong.push_str(&format!("{name}: {error}\n")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "of {count} cases:\n{wrong}");
}

#[test]
fn recorded_answers() {
    if let Some(cases) = testkit::corpus("kustomize") {
        run(&cases);
    }
}

#[test]
fn own_cases() {
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"));
    if cases.is_dir() {
        run(cases);
    }
}
