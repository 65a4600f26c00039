//! `kill -9` at any moment leaves the old state or the new one.
//!
//! The moments are spread over the time that a whole run takes here; `KILLS` says how many (100 for each
//! command if nothing is said). Every step of the same writing is stopped at, one by one, in the unit
//! tests of `operate`: this test shows that the real program holds what they promise.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testkit::{Folder, snapshot};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mainstay");
const FILES: &[&str] =
    &["README.md", "mainstay.yaml", ".mainstay/lock.yaml", "charts/app/Chart.yaml"];

fn kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

fn payload(replicas: usize) -> String {
    let apps: Vec<String> = (0..8)
        .map(|app| {
            format!(
                r#"{{"name": "app-{app}", "image": "ghcr.io/acme/app-{app}:1.0.{replicas}",
                    "fqdn": "app-{app}.example.com", "replicas": {replicas}, "ports": [8080]}}"#
            )
        })
        .collect();
    format!("[{}]\n", apps.join(",\n"))
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn whole(folder: &Path, arguments: &[&str]) -> Duration {
    let begin = Instant::now();
    let status = command(folder, arguments).status().unwrap();
    assert!(status.success(), "{arguments:?}");
    begin.elapsed()
}

/// Runs a command and kills it after a while; says whether it was killed before it ended.
fn killed(folder: &Path, arguments: &[&str], after: Duration) -> bool {
    let mut child = command(folder, arguments).spawn().unwrap();
    std::thread::sleep(after);
    let _ = child.kill();
    let status = child.wait().unwrap();
    status.code().is_none()
}

#[test]
fn a_killed_new_leaves_the_whole_folder_or_none() {
    let folder = Folder::new().unwrap();
    folder.write("apps.json", payload(1)).unwrap();
    let time = whole(folder.path(), &["new", "whole", "--from", "apps.json"]);
    let complete = snapshot(&folder.join("whole")).unwrap().len();
    let (mut early, mut there) = (0, 0);
    for kill in 0..kills() {
        let name = format!("shop-{kill}");
        let after = time.mul_f64(f64::from(kill) / f64::from(kills()) * 1.2);
        if killed(folder.path(), &["new", &name, "--from", "apps.json"], after) {
            early += 1;
        }
        let target = folder.join(&name);
        if target.exists() {
            there += 1;
            assert_eq!(snapshot(&target).unwrap().len(), complete, "killed after {after:?}");
            let git = Command::new("git")
                .args(["-C", &target.display().to_string(), "status", "--porcelain"])
                .output()
                .unwrap();
            assert!(git.status.success() && git.stdout.is_empty(), "killed after {after:?}");
            std::fs::remove_dir_all(target).unwrap();
        }
    }
    // git children of killed runs may still hold on for a moment; then the next run tidies up.
    std::thread::sleep(Duration::from_millis(300));
    whole(folder.path(), &["new", "last", "--from", "apps.json", "--no-commit"]);
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["apps.json", "last", "whole"], "{early} killed, {there} complete");
    eprintln!("{early} of {} killed, {there} complete", kills());
}

#[test]
fn a_killed_generate_leaves_the_old_state_or_the_new_one() {
    let folder = Folder::new().unwrap();
    folder.write("one.json", payload(1)).unwrap();
    folder.write("two.json", payload(2)).unwrap();
    let shop = folder.join("shop");
    whole(folder.path(), &["new", "shop", "--from", "one.json", "--no-commit"]);
    let one = state(&shop);
    whole(&shop, &["generate", "--from", "../two.json"]);
    let two = state(&shop);
    assert_ne!(one, two);
    let time = whole(&shop, &["generate", "--from", "../one.json"]);
    assert!(state(&shop) == one);
    let (mut early, mut old, mut new, mut journals) = (0, 0, 0, 0);
    for kill in 0..kills() {
        let after = time.mul_f64(f64::from(kill) / f64::from(kills()) * 1.2);
        if killed(&shop, &["generate", "--from", "../two.json"], after) {
            early += 1;
        }
        if shop.join(".mainstay/journal").exists() {
            journals += 1;
        }
        // Any command recovers.
        whole(&shop, &["render", "app-0", "--env", "dev", "-o", "name"]);
        let now = state(&shop);
        if now == one {
            old += 1;
        } else {
            assert!(now == two, "killed after {after:?}: neither the old state nor the new one");
            new += 1;
            whole(&shop, &["generate", "--from", "../one.json"]);
        }
    }
    assert!(state(&shop) == one);
    // A run that was killed before it began to change anything may have left a draft of its journal.
    std::fs::write(shop.join(".mainstay/journal.new"), "half a dr").unwrap();
    whole(&shop, &["check"]);
    whole(&shop, &["generate"]);
    assert!(!shop.join(".mainstay/journal.new").exists());
    assert!(state(&shop) == one);
    eprintln!("{early} of {} killed ({journals} with a journal): {old} old, {new} new", kills());
}

fn state(shop: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = snapshot(shop).unwrap();
    for file in FILES {
        assert!(files.contains_key(*file), "{file} is missing");
    }
    // A draft of a journal is no part of the repository; the next change removes it.
    files.remove(".mainstay/journal.new");
    files
}
