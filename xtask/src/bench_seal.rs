//! How long a repository of 1,000 sealed values takes to be sealed anew, against kubeseal's two processes
//! for each of them, and against the bare arithmetic: one private operation of the key for each value, as OpenSSL
//! does it; on one core.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::bench::hyperfine;
use crate::programs::{call, mainstay};

const VALUES: usize = 1_000;
/// kubeseal is measured on so many, and multiplied: all of them would take minutes for each run.
const OF_KUBESEAL: usize = 25;

/// Prints the table of docs/benchmarks.md; kubeseal must be on the path.
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    let program = mainstay()?;
    let work = tempfile::tempdir()?;
    let at = |name: &str| work.path().join(name).display().to_string();
    for name in ["old", "new"] {
        call(Command::new(&program).args([
            "keys",
            "new",
            "--out",
            &at(name),
            "--cert-out",
            &at(&format!("{name}.crt")),
        ]))?;
    }
    let mut secrets = String::new();
    for number in 0..VALUES {
        write!(
            secrets,
            "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s{number}, namespace: prod}}\nstringData: {{password: value-{number}}}\n"
        )?;
    }
    fs::write(at("secrets.yaml"), secrets)?;
    let sealed = call(Command::new(&program).args([
        "seal",
        "-o",
        "yaml",
        "-f",
        &at("secrets.yaml"),
        "--cert",
        &at("old.crt"),
    ]))?;
    fs::create_dir(at("sealed"))?;
    for (number, document) in String::from_utf8(sealed.stdout)?.split("---\n").skip(1).enumerate() {
        fs::write(format!("{}/{number}.yaml", at("sealed")), document)?;
    }
    let (old, new, folder, copy) = (at("old"), at("new.crt"), at("sealed"), at("copy"));
    let prepare = format!("rm -rf {copy} && cp -r {folder} {copy}");
    let ours =
        format!("taskset -c 0 {} -qq reseal --key {old} --cert {new} {copy}", program.display());
    let ours = hyperfine(&[&ours], Some(&prepare), 5)?;
    let theirs = format!(
        "taskset -c 0 sh -c 'for n in $(seq 0 {}); do kubeseal --recovery-unseal --recovery-private-key {old} -o yaml <{folder}/$n.yaml | kubeseal --cert {new} -o yaml >{copy}/$n.yaml; done'",
        OF_KUBESEAL - 1
    );
    let theirs = hyperfine(&[&theirs], Some(&prepare), 5)?;
    let scaled = theirs[0].median * VALUES as f64 / OF_KUBESEAL as f64;
    // `sign` is the private operation; the machine-readable line is `+F2:INDEX:BITS:SIGN:VERIFY`, so many a second.
    let speed = call(
        Command::new("taskset")
            .args(["-c", "0", "openssl", "speed", "-mr", "-seconds", "5", "rsa4096"]),
    )?;
    let speed = String::from_utf8(speed.stdout)?;
    let bare: f64 = speed
        .lines()
        .find_map(|line| line.strip_prefix("+F2:")?.split(':').nth(2)?.parse().ok())
        .context("openssl speed")?;
    println!(
        "| {VALUES} values, RSA 4096, one core | kubeseal | mainstay | ratio |\n| --- | --- | --- | --- |"
    );
    println!(
        "| sealed anew for another key | {scaled:.0} s | {:.2} s | {:.0}× |",
        ours[0].median,
        scaled / ours[0].median
    );
    println!(
        "| of it private operations, as OpenSSL does them | | {:.2} s | |",
        VALUES as f64 / bare
    );
    Ok(())
}
