//! Random charts and values, with the real helm as judge: `cargo xtask random-charts`.
//!
//! The work is done by an example of the `helm` crate, which shares its cases: chores that have nothing to do
//! with charts need not build an engine first.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Where a case goes that was made of a difference: it fails there until the difference is gone.
const CASES: &str = "crates/helm/tests/charts";

/// Compares for some minutes (10), beginning with some seed (1).
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let (mut minutes, mut seed) = (10.0_f64, 1_u64);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a number"));
        match *argument {
            "--minutes" => minutes = value()?.parse().context("--minutes needs a number")?,
            "--seed" => seed = value()?.parse().context("--seed needs a whole number")?,
            other => bail!("unknown argument {other}"),
        }
    }
    let seconds = (minutes * 60.0).round().to_string();
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--release", "--package", "helm", "--example", "random"]);
    command.args(["--", &seconds, &seed.to_string(), CASES]);
    let status = command.status().context("cargo run")?;
    ensure!(status.success(), "there are differences: their cases are in {CASES}");
    Ok(())
}
