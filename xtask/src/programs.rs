//! Starting programs, and where our own is.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

/// Builds the program as it is shipped, and returns its path.
pub(crate) fn mainstay() -> Result<PathBuf> {
    built(&["--release"], "release")
}

/// Builds the program as the tests have it, which takes a moment where a shipped one takes minutes, and
/// returns its path: for what does not depend on speed.
pub(crate) fn mainstay_of_tests() -> Result<PathBuf> {
    built(&[], "debug")
}

fn built(profile: &[&str], folder: &str) -> Result<PathBuf> {
    call(Command::new("cargo").args(["build", "--quiet", "--package", "mainstay"]).args(profile))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Ok(fs::canonicalize(target.join(folder).join("mainstay"))?)
}

/// Runs a program to its end; failing is an error with all that it said.
pub(crate) fn call(command: &mut Command) -> Result<Output> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}
