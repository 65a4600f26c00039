//! `helm template` on files, for comparing and profiling: `template NAME CHART [-n NS] [-f FILE]…`
//! `[--set…] [--include-crds] [--kube-version V] [--api-versions A] [--is-upgrade] [--no-hooks]`
//! `[--skip-tests] [--show-only P] [--skip-schema-validation] [--repeat N]`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::exit)]

use std::io::Write;
use std::path::Path;
use std::process::exit;

use helm::{Chart, Error, KubeVersion, Options, Print, Release, Set, ValuesInput};

fn main() {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => {
            // Everything is written: the system takes memory back faster than we could.
            exit(0);
        }
        Err(error) => {
            eprintln!("Error: {error}");
            exit(1);
        }
    }
}

fn run(arguments: Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
    let mut values = ValuesInput::default();
    let mut options = Options::default();
    let mut print = Print::default();
    let mut names: Vec<String> = Vec::new();
    let mut namespace = "default".to_owned();
    let (mut is_upgrade, mut repeat) = (false, 1);
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("flag needs an argument: {argument}"));
        match argument.as_str() {
            "-n" | "--namespace" => namespace = value()?,
            "-f" | "--values" => {
                let path = value()?;
                let content = std::fs::read(&path)?;
                values.files.push((path, content));
            }
            "--set" => values.sets.push(Set::Value(value()?)),
            "--set-string" => values.sets.push(Set::Text(value()?)),
            "--set-json" => values.sets.push(Set::Json(value()?)),
            "--set-literal" => values.sets.push(Set::Literal(value()?)),
            "--set-file" => {
                let text = value()?;
                for part in text.split(',') {
                    if let Some((_, path)) = part.split_once('=')
                        && let Ok(content) = std::fs::read(path)
                    {
                        values.set_files.push((path.to_owned(), content));
                    }
                }
                values.sets.push(Set::File(text));
            }
            "--include-crds" => options.include_crds = true,
            "--kube-version" => options.kube_version = KubeVersion::parse(&value()?)?,
            "-a" | "--api-versions" => {
                options.api_versions.extend(value()?.split(',').map(str::to_owned));
            }
            "--is-upgrade" => is_upgrade = true,
            "--skip-schema-validation" => options.skip_schema_validation = true,
            "--no-hooks" => print.no_hooks = true,
            "--skip-tests" => print.skip_tests = true,
            "-s" | "--show-only" => print.show_only.push(value()?),
            "--repeat" => repeat = value()?.parse()?,
            _ => names.push(argument),
        }
    }
    let (name, path) = match names.as_slice() {
        [name, path] => (name.as_str(), path.as_str()),
        [path] => ("release-name", path.as_str()),
        _ => return Err("usage: template NAME CHART".into()),
    };
    let mut release = Release::new(name, namespace);
    release.is_upgrade = is_upgrade;
    let chart = read_chart(Path::new(path))?;
    for round in 0..repeat {
        let rendered = helm::render(&chart, &release, &values, &options)?;
        for warning in &rendered.warnings {
            eprintln!("{warning}");
        }
        if round + 1 == repeat {
            let mut output = std::io::stdout().lock();
            if print.show_only.is_empty() {
                for piece in rendered.pieces(&print) {
                    output.write_all(piece)?;
                }
            } else {
                output.write_all(&rendered.to_bytes(&print)?)?;
            }
            output.flush()?;
        }
        // The process ends right after.
        std::mem::forget(rendered);
    }
    std::mem::forget(chart);
    Ok(())
}

fn read_chart(path: &Path) -> Result<Chart, Error> {
    let unreadable =
        |error: std::io::Error| Error::new(helm::ErrorKind::Archive, error.to_string());
    if !path.is_dir() {
        return Chart::from_archive(&std::fs::read(path).map_err(unreadable)?);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let found = entry.map_err(unreadable)?.path();
            if found.is_dir() {
                folders.push(found);
            } else if let Ok(below) = found.strip_prefix(path) {
                let content = std::fs::read(&found).map_err(unreadable)?;
                files.push((below.to_string_lossy().into_owned(), content));
            }
        }
    }
    Chart::from_files(files)
}
