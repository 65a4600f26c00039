//! Sealed values before other implementations, in both directions: kubeseal, kubesealpy,
//! aes-gcm-rsa-oaep, Go's standard library.
//!
//! All scopes and sizes from nothing to 1 MiB: what we seal they open, what they seal we open, and the key
//! pair is a new one of ours each time.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::programs::{call, mainstay};

/// Scopes with their labels for `prod/db`.
const SCOPES: [(&str, &str); 3] =
    [("strict", "prod/db"), ("namespace-wide", "prod"), ("cluster-wide", "")];
const SIZES: [usize; 6] = [0, 1, 31, 4096, 65_537, 1 << 20];

/// Those that seal and open single values: how each is started.
const OTHERS: [(&str, &[&str]); 3] = [
    ("kubesealpy", &["kubesealpy-python", "xtask/judges/envelope.py"]),
    ("aes-gcm-rsa-oaep", &["aes-gcm-rsa-oaep-python", "xtask/judges/envelope.py"]),
    ("Go's standard library", &["envelope-go"]),
];

/// Runs everything; the programs must be on the path (`.ci/judges`).
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    let mainstay = mainstay()?;
    let work = tempfile::tempdir()?;
    let at = |name: &str| work.path().join(name);
    let (key, certificate) = (at("key"), at("certificate.crt"));
    call(
        Command::new(&mainstay)
            .args(["keys", "new", "--format", "pem", "--out"])
            .arg(&key)
            .arg("--cert-out")
            .arg(&certificate),
    )?;
    let mut compared = 0;
    for size in SIZES {
        let value: Vec<u8> = (0..size).map(|at| (at * 7 + at / 251) as u8).collect();
        for (scope, label) in SCOPES {
            let place = ["--scope", scope, "--namespace", "prod", "--name", "db"];
            let ours = pipe(
                Command::new(&mainstay)
                    .args(["seal", "--raw", "--cert"])
                    .arg(&certificate)
                    .args(place),
                &value,
            )?;
            for (name, start) in OTHERS {
                let opened = pipe(&mut other(start, "open", &key, label)?, &ours)?;
                ensure!(opened == value, "{name} opens something else: {scope}, {size} bytes");
                let theirs = pipe(&mut other(start, "seal", &certificate, label)?, &value)?;
                let opened = unseal(&mainstay, &key, scope, &theirs)?;
                ensure!(opened == value, "we open something else of {name}: {scope}, {size} bytes");
                compared += 2;
            }
            let theirs = pipe(
                Command::new("kubeseal")
                    .args(["--raw", "--cert"])
                    .arg(&certificate)
                    .args(place)
                    .env("KUBECONFIG", "/dev/null")
                    .args(["--from-file", "/dev/stdin"]),
                &value,
            )?;
            ensure!(unseal(&mainstay, &key, scope, &theirs)? == value, "kubeseal: {scope}, {size}");
            let object = object(scope, std::str::from_utf8(&ours)?);
            let opened = pipe(
                Command::new("kubeseal")
                    .args(["--recovery-unseal", "-o", "yaml", "--recovery-private-key"])
                    .arg(&key)
                    .env("KUBECONFIG", "/dev/null"),
                object.as_bytes(),
            )?;
            ensure!(value_of(&opened)? == value, "kubeseal opens something else: {scope}, {size}");
            compared += 2;
        }
    }
    println!(
        "{compared} sealed values open: kubeseal, kubesealpy, aes-gcm-rsa-oaep, Go, in both directions"
    );
    Ok(())
}

fn other(start: &[&str], verb: &str, file: &Path, label: &str) -> Result<Command> {
    let (program, arguments) = start.split_first().context("a program")?;
    let mut command = Command::new(program);
    command.args(arguments).arg(verb).arg(file).arg(label);
    Ok(command)
}

fn object(scope: &str, envelope: &str) -> String {
    let annotation = match scope {
        "strict" => String::new(),
        scope => format!("  annotations: {{sealedsecrets.bitnami.com/{scope}: \"true\"}}\n"),
    };
    format!(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: prod\n{annotation}spec:\n  encryptedData:\n    value: {envelope}\n"
    )
}

fn unseal(mainstay: &Path, key: &Path, scope: &str, envelope: &[u8]) -> Result<Vec<u8>> {
    let object = object(scope, std::str::from_utf8(envelope)?);
    let secret =
        pipe(Command::new(mainstay).arg("unseal").arg("--key").arg(key), object.as_bytes())?;
    value_of(&secret)
}

/// Returns the one value of a Secret in YAML.
fn value_of(secret: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(secret)?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("value: "));
    let encoded = line.context("a Secret with a value")?.trim_matches('"');
    // Go writes nothing as null.
    let encoded = if encoded == "null" { "" } else { encoded };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("value");
    fs::write(&file, encoded)?;
    Ok(call(Command::new("base64").arg("-d").arg(&file))?.stdout)
}

/// Runs a program with something on its standard input.
fn pipe(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| {
            format!("{command:?}: run `.ci/judges DIR` and put DIR/bin in front of the path")
        })?;
    let mut stdin = child.stdin.take().context("standard input")?;
    let input = input.to_owned();
    // From a thread of its own: who reads and writes at once would wait for ever.
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output()?;
    let written = writing.join().is_ok_and(|written| written.is_ok());
    if !output.status.success() || !written {
        bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
