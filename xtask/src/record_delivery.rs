//! Records what the real Argo CD says to the cases of `tests/delivery/argocd`.
//!
//! Builds the Go program beside the cases, which calls Argo CD's own code, and runs it. It needs Go, git,
//! and the real helm and kustomize on the path, as the repo-server does. The first build takes some
//! minutes, and fetches Argo CD through Go's module proxy.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::programs::call;

const CASES: &str = "tests/delivery/argocd";

/// Records the cases that are named (`sets/list-go.txt`), or all.
pub(crate) fn run(cases: &[&str]) -> Result<()> {
    let folder = Path::new(CASES);
    let target = std::path::absolute("target/record-delivery")?;
    std::fs::create_dir_all(&target)?;
    for file in ["main.go", "go.mod"] {
        let from = folder.join("record").join(file);
        std::fs::copy(&from, target.join(file)).with_context(|| from.display().to_string())?;
    }
    let go = |arguments: &[&str]| {
        let mut command = Command::new("go");
        command.args(arguments).current_dir(&target);
        call(command.env("GOFLAGS", "-mod=mod").env("CGO_ENABLED", "0"))
    };
    go(&["mod", "tidy"])?;
    go(&["build", "-o", "record", "."])?;
    let mut paths: Vec<PathBuf> = cases.iter().map(PathBuf::from).collect();
    if paths.is_empty() {
        for kind in ["sets", "applications"] {
            for entry in std::fs::read_dir(folder.join(kind))? {
                paths.push(Path::new(kind).join(entry?.file_name()));
            }
        }
    }
    paths.sort();
    let mut command = Command::new(target.join("record"));
    command.current_dir(folder).arg("trees").args(paths).env("ARGOCD_GPG_ENABLED", "false");
    call(&mut command)?;
    Ok(())
}
