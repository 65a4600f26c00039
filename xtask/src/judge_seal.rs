//! Sealed values before other implementations, in both directions: kubeseal, kubesealpy,
//! aes-gcm-rsa-oaep, Go's standard library.
//!
//! All scopes and sizes from nothing to 1 MiB: what we seal they open, what they seal we open, and the key
//! pair is a new one of ours each time. Each program is given many values at once where it can take them:
//! starting it costs more than what it does.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::programs::{call, mainstay_of_tests};

/// Scopes with their labels for `prod/db`.
const SCOPES: [(&str, &str); 3] =
    [("strict", "prod/db"), ("namespace-wide", "prod"), ("cluster-wide", "")];
const SIZES: [usize; 6] = [0, 1, 31, 4096, 65_537, 1 << 20];

/// Those that seal and open lists of values: how each is started.
const OTHERS: [(&str, &[&str]); 3] = [
    ("kubesealpy", &["kubesealpy-python", "xtask/judges/envelope.py"]),
    ("aes-gcm-rsa-oaep", &["aes-gcm-rsa-oaep-python", "xtask/judges/envelope.py"]),
    ("Go's standard library", &["envelopes-go"]),
];

/// A value to be sealed, and where it belongs.
struct Case {
    scope: &'static str,
    label: &'static str,
    value: Vec<u8>,
}

impl Case {
    fn shown(&self) -> String {
        format!("{}, {} bytes", self.scope, self.value.len())
    }

    /// The SealedSecret around an envelope.
    fn object(&self, envelope: &str) -> String {
        let annotation = match self.scope {
            "strict" => String::new(),
            scope => {
                format!("  annotations: {{sealedsecrets.bitnami.com/{scope}: \"true\"}}\n")
            }
        };
        format!(
            "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: prod\n{annotation}spec:\n  encryptedData:\n    value: {envelope}\n"
        )
    }
}

/// Runs everything; the programs must be on the path (`.ci/judges`).
#[expect(clippy::print_stdout, reason = "its output is the report")]
pub(crate) fn run() -> Result<()> {
    let mainstay = mainstay_of_tests()?;
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
    let cases = cases();
    let ours = sealed_one_by_one(&cases, || {
        let mut command = Command::new(&mainstay);
        command.args(["seal", "--raw", "--cert"]).arg(&certificate);
        command
    })?;
    let mut compared = 0;
    for (name, start) in OTHERS {
        for (case, opened) in cases.iter().zip(listed(start, "open", &key, &cases, &ours)?) {
            let opened = STANDARD.decode(opened)?;
            ensure!(opened == case.value, "{name} opens something else: {}", case.shown());
            compared += 1;
        }
        let values: Vec<String> = cases.iter().map(|case| STANDARD.encode(&case.value)).collect();
        let theirs = listed(start, "seal", &certificate, &cases, &values)?;
        compared += opened_by_us(&mainstay, &key, name, &cases, &theirs)?;
    }
    let theirs = sealed_one_by_one(&cases, || {
        let mut command = Command::new("kubeseal");
        command.args(["--raw", "--from-file", "/dev/stdin", "--cert"]).arg(&certificate);
        command.env("KUBECONFIG", "/dev/null");
        command
    })?;
    compared += opened_by_us(&mainstay, &key, "kubeseal", &cases, &theirs)?;
    for (case, envelope) in cases.iter().zip(&ours) {
        let secret = pipe(
            Command::new("kubeseal")
                .args(["--recovery-unseal", "-o", "yaml", "--recovery-private-key"])
                .arg(&key)
                .env("KUBECONFIG", "/dev/null"),
            case.object(envelope).as_bytes(),
        )?;
        let values = values_of(&secret)?;
        ensure!(
            values == [case.value.as_slice()],
            "kubeseal opens something else: {}",
            case.shown()
        );
        compared += 1;
    }
    println!(
        "{compared} sealed values open: kubeseal, kubesealpy, aes-gcm-rsa-oaep, Go, in both directions"
    );
    pulumi(&mainstay, work.path())?;
    call(Command::new("python3").arg("xtask/judges/memory.py").arg(&mainstay))?;
    println!("no copy of a value or a key is in memory when a command ends");
    custom_resources()
}

/// A key in the file of a Pulumi stack, opened by Pulumi's own package; and a stack of Pulumi's.
#[expect(clippy::print_stdout, reason = "its output is the report")]
fn pulumi(mainstay: &Path, folder: &Path) -> Result<()> {
    let at = |name: &str| folder.join(name);
    let with = |program: &mut Command| -> Result<String> {
        let program = program.env("PULUMI_CONFIG_PASSPHRASE", "correct horse, battery");
        Ok(String::from_utf8(call(program)?.stdout)?)
    };
    let key = at("injected.yaml");
    call(
        Command::new(mainstay)
            .args(["keys", "new", "--out"])
            .arg(&key)
            .arg("--cert-out")
            .arg(at("injected.crt")),
    )?;
    let theirs = with(Command::new("pulumi-config").arg("new"))?;
    fs::write(at("Pulumi.theirs.yaml"), format!("encryptionsalt: {theirs}"))?;
    for name in ["Pulumi.ours.yaml", "Pulumi.theirs.yaml"] {
        with(
            Command::new(mainstay)
                .args(["keys", "store", "--name", "shop:sealedSecretsKey", "--stack"])
                .args([&at(name), &key]),
        )?;
        let text = fs::read_to_string(at(name))?;
        let after = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key));
            line.map(str::trim).with_context(|| format!("{name}: {key}"))
        };
        let opened = with(Command::new("pulumi-config").args([
            "open",
            after("encryptionsalt:")?,
            after("secure:")?,
        ]))?;
        ensure!(opened == fs::read_to_string(&key)?, "{name}: another value");
    }
    println!(
        "Pulumi's own package opens what is stored in a stack's file, and its stacks are taken"
    );
    Ok(())
}

/// What we write for External Secrets, before the definitions of that project.
#[expect(clippy::print_stdout, reason = "its output is the report")]
fn custom_resources() -> Result<()> {
    let found = call(Command::new("find").args([
        "crates/compile/tests/backends",
        "crates/compile/tests/generate/external/want",
        "tests/chart-app",
        "-name",
        "*.yaml",
        "-not",
        "-name",
        "values.yaml",
    ]))?;
    let files = String::from_utf8(found.stdout)?;
    let judged = call(Command::new("judge-crds").arg(".").args(files.lines()))?;
    print!("External Secrets' own definitions: {}", String::from_utf8_lossy(&judged.stdout));
    Ok(())
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in SIZES {
        for (scope, label) in SCOPES {
            let value = (0..size).map(|at| (at * 7 + at / 251) as u8).collect();
            cases.push(Case { scope, label, value });
        }
    }
    cases
}

/// Seals with a program that takes one value.
fn sealed_one_by_one(cases: &[Case], start: impl Fn() -> Command) -> Result<Vec<String>> {
    let seal = |case: &Case| {
        let place = ["--scope", case.scope, "--namespace", "prod", "--name", "db"];
        Ok(String::from_utf8(pipe(start().args(place), &case.value)?)?)
    };
    cases.iter().map(seal).collect()
}

/// Gives a list of values to a program, and returns its lines.
fn listed(
    start: &[&str],
    verb: &str,
    file: &Path,
    cases: &[Case],
    given: &[String],
) -> Result<Vec<String>> {
    let (program, arguments) = start.split_first().context("a program")?;
    let lines: String =
        cases.iter().zip(given).map(|(case, given)| format!("{}\t{given}\n", case.label)).collect();
    let out = pipe(Command::new(program).args(arguments).arg(verb).arg(file), lines.as_bytes())?;
    let lines: Vec<String> = std::str::from_utf8(&out)?.lines().map(str::to_owned).collect();
    ensure!(lines.len() == cases.len(), "{program} {verb}: {} lines", lines.len());
    Ok(lines)
}

/// Opens what others sealed with our program, all of it at once.
fn opened_by_us(
    mainstay: &Path,
    key: &Path,
    by: &str,
    cases: &[Case],
    envelopes: &[String],
) -> Result<usize> {
    let objects: String =
        cases.iter().zip(envelopes).map(|(case, envelope)| case.object(envelope)).collect();
    let secrets =
        pipe(Command::new(mainstay).arg("unseal").arg("--key").arg(key), objects.as_bytes())?;
    let values = values_of(&secrets)?;
    ensure!(values.len() == cases.len(), "{} of {by}'s values", values.len());
    for (case, value) in cases.iter().zip(values) {
        ensure!(value == case.value, "we open something else of {by}'s: {}", case.shown());
    }
    Ok(cases.len())
}

/// Returns the one value of each Secret of a YAML text.
fn values_of(secrets: &[u8]) -> Result<Vec<Vec<u8>>> {
    let lines = std::str::from_utf8(secrets)?.lines();
    let encoded = lines.filter_map(|line| line.trim().strip_prefix("value: "));
    // Go writes nothing as null.
    let encoded = encoded.map(|text| if text == "null" { "" } else { text.trim_matches('"') });
    encoded.map(|text| Ok(STANDARD.decode(text)?)).collect()
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
