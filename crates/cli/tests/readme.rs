//! What README.md shows of the first command is what the first command says.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may touch the disk")]

use std::path::Path;
use std::process::Command;

use testkit::Folder;

#[test]
fn readme_shows_what_new_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = Folder::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mainstay"))
        .args(["new", "--no-commit", "--from"])
        .args([root.join("examples/shop/deployed_apps.json"), folder.join("shop")])
        .env("XDG_CACHE_HOME", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    // Where and how fast differs, and without git nothing is committed.
    let files = said.split_once("shop: ").unwrap().1.split_once(" files").unwrap().0;
    let shown = format!("Wrote /home/ops/shop: {files} files, committed");
    assert!(readme.contains(&shown), "README.md lacks `{shown}`");
    let mut lines: Vec<&str> =
        said.lines().filter(|line| line.contains("objects rendered")).collect();
    // The list of what is left: its numbered lines, and not the details of each.
    lines.extend(
        said.lines().filter(|line| line.trim_start().starts_with(|it: char| it.is_ascii_digit())),
    );
    assert!(lines.len() > 3, "{said}");
    for line in lines {
        assert!(readme.contains(line), "README.md lacks `{line}`");
    }
}
