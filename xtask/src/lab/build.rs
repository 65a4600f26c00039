//! Builds the laboratory's programs from Go modules, once per version.
//!
//! A throw-away module requires the wanted one and repeats its replacements, which Go takes from the main
//! module alone. Go's own settings say where modules come from.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::place::{Lab, base};
use super::versions::{KUBERNETES, PROGRAMS, Program};
use crate::programs::call;

/// Builds what a part needs and what is not there yet.
#[expect(clippy::print_stdout, reason = "it takes minutes: say how far it is")]
pub(super) fn run(lab: &Lab, parts: &[&str]) -> Result<()> {
    let known = PROGRAMS.map(|program| program.part);
    for part in parts {
        ensure!(known.contains(part), "no part `{part}`: cluster, argocd, sealed or flux");
    }
    for program in PROGRAMS.iter().filter(|it| parts.is_empty() || parts.contains(&it.part)) {
        if !lab.built(program).is_file() {
            let start = Instant::now();
            build(lab, program).with_context(|| format!("building {}", program.name))?;
            let seconds = start.elapsed().as_secs();
            println!("built {} {} in {seconds} s", program.name, program.version);
        }
    }
    Ok(())
}

fn build(lab: &Lab, program: &Program) -> Result<()> {
    let folder = lab.source().join(program.name);
    fs::create_dir_all(&folder)?;
    for file in ["go.mod", "go.sum"] {
        if folder.join(file).exists() {
            fs::remove_file(folder.join(file))?;
        }
    }
    let go = |arguments: &[&str]| {
        let mut go = Command::new("go");
        go.args(arguments).env("GOFLAGS", "-mod=mod").env("CGO_ENABLED", "0");
        call(go.current_dir(&folder))
    };
    let wanted = format!("{}@{}", program.module, program.version);
    let told = go(&["mod", "download", "-json", &wanted])?;
    let told: Value = serde_json::from_slice(&told.stdout)?;
    let text = |key: &str| told.get(key).and_then(Value::as_str).context("go mod download");
    let upstream = fs::read_to_string(text("GoMod")?)?;
    fs::write(folder.join("go.mod"), module(program, &upstream))?;
    go(&["get", &format!("{}@{}", program.package, program.version)])?;
    let mut flags = "-s -w".to_owned();
    if let Some((variable, version)) = program.said {
        flags += &format!(" -X {variable}={version}");
        if program.module == "k8s.io/kubernetes" {
            let package = variable.rsplit_once('.').map_or(variable, |(package, _)| package);
            let (major, rest) = KUBERNETES.split_once('.').context("a version")?;
            let minor = rest.split('.').next().unwrap_or(rest);
            flags += &format!(" -X {package}.gitMajor={major} -X {package}.gitMinor={minor}");
        }
    }
    let files = lab.files(program);
    fs::create_dir_all(&files)?;
    for file in program.files {
        let from = Path::new(text("Dir")?).join(file);
        let to = files.join(base(file));
        // What a module holds is read-only, and a copy would be too.
        fs::write(&to, fs::read(&from).with_context(|| from.display().to_string())?)?;
    }
    let unfinished = lab.built(program).with_extension("unfinished");
    let output = unfinished.to_str().context("the laboratory's path")?;
    go(&["build", "-trimpath", "-ldflags", &flags, "-o", output, program.package])?;
    fs::rename(&unfinished, lab.built(program))?;
    Ok(())
}

/// The throw-away module: what `program` needs, and the replacements that its module asks for. Those of
/// Kubernetes that point into its own tree are its published modules.
fn module(program: &Program, upstream: &str) -> String {
    let mut text = format!("module lab/{}\n", program.name);
    let go = upstream.lines().find(|line| line.starts_with("go "));
    text +=
        &format!("{}\nrequire {} {}\n", go.unwrap_or("go 1.24"), program.module, program.version);
    let mut inside = false;
    for line in upstream.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line == "replace (" {
            inside = true;
            continue;
        }
        if line == ")" {
            inside = false;
        }
        let Some((from, to)) = line.strip_prefix("replace ").unwrap_or(line).split_once("=>")
        else {
            continue;
        };
        if !inside && !line.starts_with("replace ") {
            continue;
        }
        let (from, to) = (from.trim(), to.trim());
        if to.starts_with("./staging/") {
            let version = KUBERNETES.split_once('.').map_or(KUBERNETES, |(_, rest)| rest);
            text += &format!("replace {from} => {from} v0.{version}\n");
        } else if !to.starts_with('.') {
            text += &format!("replace {from} => {to}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_repeated() {
        let program = PROGRAMS[1];
        let upstream = "module k8s.io/kubernetes\ngo 1.26.0 // newest\nrequire x v1 // indirect\n\
            replace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\ta => b v2.0.0\n\tc => ../c\n)\n\
            replace d => e v1.0.0\n";
        let text = module(&program, upstream);
        let expected = "module lab/kube-apiserver\ngo 1.26.0 // newest\nrequire k8s.io/kubernetes \
            v1.37.1\nreplace k8s.io/api => k8s.io/api v0.37.1\nreplace a => b v2.0.0\n\
            replace d => e v1.0.0\n";
        assert_eq!(text, expected);
    }
}
