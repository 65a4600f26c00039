//! Every command in the documents of generated repositories is run, as it is written and in the order
//! of the page, in a clone of that repository.
//!
//! The search path holds what [`REAL`] and [`STAND_INS`] name and nothing else, so a command that is in
//! neither list fails as not found. A stand-in is for a program that needs a cluster, a host on the
//! network or a person: it takes what it is given, checks that files exist, and where the real program
//! is on the machine hands it the arguments without a cluster, which must not fail as a wrong usage.
//! Commands inside of sentences are held to the flags that their program knows.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may touch the disk"
)]

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use testkit::Folder;

/// Programs that run as they are: they read and write the clone only.
const REAL: &[&str] = &["git", "cp", "rm", "mkdir", "cat", "jq", "openssl", "base64", "htpasswd"];

/// What [`REAL`] and the shell's own words need, and no document names.
const UNDERNEATH: &[&str] = &[
    "sh", "bash", "env", "sed", "grep", "sort", "mktemp", "basename", "dirname", "uname", "ssh",
    "cksum", "tr", "timeout",
];

/// Programs that are stood in for, and why they cannot run here.
const STAND_INS: &[(&str, &str)] = &[
    ("kubectl", "needs a cluster; the real one checks the arguments where it is installed"),
    ("helm", "installs into a cluster; the real one checks the arguments where it is installed"),
    ("argocd", "needs an Argo CD that somebody is logged in to"),
    ("flux", "needs a cluster with Flux"),
    ("curl", "needs the network"),
    ("gh", "needs GitHub"),
    ("yq", "version 4 cannot be installed everywhere; the stand-in sets the value that is named"),
    ("docker", "needs a container engine"),
    (
        "scripts/validate.sh",
        "needs helm, kubectl and checkers: `cargo xtask judge` runs it on every platform",
    ),
    ("esc", "needs an account at Pulumi"),
    ("pulumi", "needs an account at Pulumi"),
    ("infisical", "needs an Infisical"),
    ("op", "needs an account at 1Password"),
];

/// Pages whose commands another test runs.
const ELSEWHERE: &[(&str, &str)] =
    &[("docs/sealing.md", "asks for values and needs a key pair: tests/guide.rs")];

/// Words that a person replaces, and what they are here.
const PLACEHOLDERS: &[(&str, &str)] = &[("COMMIT", "HEAD")];

/// yq, for the two edits that documents make with it.
const YQ: &str = r#"#!/bin/bash
file="${@: -1}"
case "$*" in
*.images\[*)
  all=$*
  name=${all#*.name == \"}
  exec mainstay set "$file" "images[name=${name%%\"*}].newTag" "$tag"
  ;;
esac
exec mainstay set "$file" "services[name=$NAME].image.tag" "$TAG"
"#;

/// A stand-in: checks the files that it is told to read, and asks the real program about the arguments.
const STAND_IN: &str = r#"#!/bin/bash
real="@real@"
name="@name@"
previous=""
for argument in "$@"; do
  case "$previous" in
  --filename | --values) [ "$argument" = - ] || [ -e "$argument" ] || { echo "$name: no file $argument" >&2; exit 1; } ;;
  esac
  case "$argument" in
  - | /dev/stdin | *=/dev/stdin | @-) cat >/dev/null ;;
  *\<* | *…*) echo "$name: a placeholder: $argument" >&2; exit 1 ;;
  esac
  previous="$argument"
done
[ -n "$real" ] || exit 0
# The same arguments are asked about once.
asked="$ASKED/$(printf '%s\0' "$name" "$@" | cksum | tr ' ' -)"
[ ! -e "$asked" ] || exit 0
export HTTPS_PROXY=http://127.0.0.1:1
case "$name" in
kubectl) more=(--server http://127.0.0.1:1 --request-timeout 1s) ;;
*) more=(--kube-apiserver http://127.0.0.1:1) ;;
esac
said=$(timeout 20 "$real" "$@" "${more[@]}" </dev/null 2>&1)
case "$said" in
*"unknown flag"* | *"unknown shorthand"* | *"unknown command"* | *"required flag"* | *"error: must specify"* | *"See '"*"--help"* | *"Usage:"*)
  echo "$name $*: $said" >&2
  exit 1
  ;;
esac
: >"$asked"
exit 0
"#;

struct Place {
    folder: Folder,
    /// What the real programs were asked about.
    asked: PathBuf,
}

impl Place {
    fn new(asked: &Path) -> Place {
        let place = Place { folder: Folder::new().unwrap(), asked: asked.to_owned() };
        let bin = place.folder.join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        symlink(env!("CARGO_BIN_EXE_mainstay"), bin.join("mainstay")).unwrap();
        for name in REAL.iter().chain(UNDERNEATH) {
            if let Some(path) = find(name) {
                symlink(path, bin.join(name)).unwrap();
            }
        }
        for (name, _) in STAND_INS.iter().filter(|(name, _)| !name.contains('/')) {
            let real = find(name).filter(|_| ["kubectl", "helm"].contains(name));
            let real = real.map_or_else(String::new, |path| path.display().to_string());
            if *name == "yq" {
                program(&bin.join(name), YQ);
                continue;
            }
            program(&bin.join(name), &STAND_IN.replace("@real@", &real).replace("@name@", name));
        }
        place
    }

    fn run(&self, folder: &str, commands: &str) -> Output {
        let mut child = Command::new("/bin/bash")
            .args(["-euo", "pipefail", "-c", commands])
            .current_dir(self.folder.join(folder))
            .env_clear()
            .env("PATH", self.folder.join("bin"))
            .env("HOME", self.folder.path())
            .env("KUBECONFIG", "/dev/null")
            .env("ASKED", &self.asked)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A Person")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@example.com")))
            // What the documents say that a person has.
            .env("TOKEN", "a-token")
            .env("INFRA", "example/infra")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who asks nothing has closed its input.
        let _ = child.stdin.take().unwrap().write_all(b"one\ntwo\nthree\n");
        child.wait_with_output().unwrap()
    }

    fn must(&self, folder: &str, commands: &str) -> String {
        let output = self.run(folder, commands);
        assert!(output.status.success(), "{commands}\n{}", both(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The platforms: the examples, and those of `crates/compile/tests/generate`.
fn platforms() -> Vec<(String, PathBuf, Option<PathBuf>)> {
    let cases = root().join("crates/compile/tests/generate");
    let mut found = Vec::new();
    for folder in [root().join("examples"), cases.clone()] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let folder = entry.unwrap().path();
            let spec = folder.join("mainstay.yaml");
            if !spec.is_file() {
                continue;
            }
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let own = folder.join("deployed_apps.json");
            let payload = if own.is_file() {
                Some(own)
            } else {
                (name != "dex").then(|| cases.join("deployed_apps.json"))
            };
            found.push((name, spec, payload));
        }
    }
    // `PLATFORM=dex` looks at one of them.
    let wanted = std::env::var("PLATFORM").unwrap_or_default();
    found.retain(|(name, ..)| name.contains(&wanted));
    found.sort();
    found
}

/// The documents of a repository, by path.
fn pages(repository: &Path) -> Vec<(String, String)> {
    let files = testkit::snapshot(repository).unwrap();
    let documents = files.into_iter().filter(|(path, _)| {
        path.ends_with(".md") && !path.starts_with(".mainstay/") && !path.starts_with(".git/")
    });
    documents.map(|(path, text)| (path, String::from_utf8_lossy(&text).into_owned())).collect()
}

/// The blocks of commands of a page, without their indent.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let language = line.trim_start().strip_prefix("```").unwrap_or_default();
        if !["sh", "bash", "console", "shell"].contains(&language) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let block = lines.by_ref().take_while(|line| line.trim() != "```");
        let block: Vec<&str> = block.map(|line| line.get(indent..).unwrap_or_default()).collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

/// Commands inside of sentences: what begins with a program's name.
fn inline(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|span| span.contains(' ')).map(str::to_owned));
        }
    }
    found.retain(|span| {
        let program = span.split(' ').next().unwrap_or_default();
        program == "mainstay"
            || REAL.contains(&program)
            || STAND_INS.iter().any(|(name, _)| *name == program)
    });
    found
}

#[test]
fn every_block_of_commands_works_as_it_is_written() {
    let mut run = 0;
    let mut failed = Vec::new();
    let asked = Folder::new().unwrap();
    for (name, spec, payload) in platforms() {
        let place = Place::new(asked.path());
        let from = payload.map_or_else(String::new, |path| format!("--from {}", path.display()));
        let new = format!("mainstay -qq new repository --spec {} {from}", spec.display());
        place.must(".", &new);
        // As README.md says: pushed to a repository of one's own. And where an infra repository is meant.
        place.must(
            ".",
            "git init --quiet --bare --initial-branch main origin.git && mkdir -p infra-repository && cd repository && \
             for branch in $(git for-each-ref --format '%(refname:short)' refs/heads); do \
               git switch --quiet $branch && echo later > later.txt && git add later.txt && \
               git commit --quiet --message later; \
             done && { git switch --quiet main 2>/dev/null || true; }; git push --quiet --all ../origin.git",
        );
        for (path, page) in pages(&place.folder.join("repository")) {
            if ELSEWHERE.iter().any(|(other, _)| *other == path) {
                continue;
            }
            // Each page begins with what is committed, as its reader does.
            place.must(
                ".",
                "rm -rf clone && git clone --quiet origin.git clone && cp clone/deployed_apps.json . 2>/dev/null || true; \
                 cp clone/handoff/infra/handoff/example.json dispatch.json 2>/dev/null || true",
            );
            let branches = "for branch in $(git for-each-ref --format '%(refname:lstrip=3)' refs/remotes/origin | grep -v HEAD); do \
                 git branch --quiet --force --track $branch origin/$branch 2>/dev/null || true; done";
            place.must("clone", branches);
            if place.folder.join("clone/scripts/validate.sh").exists() {
                // An edit of one line: what is generated anew is still merged into the rest.
                let script = place.folder.join("clone/scripts/validate.sh");
                let text = std::fs::read_to_string(&script).unwrap();
                program(&script, &text.replacen('\n', "\nexit 0\n", 1));
                place.must("clone", "git update-index --assume-unchanged scripts/validate.sh");
            }
            for block in blocks(&page) {
                run += 1;
                let block = PLACEHOLDERS.iter().fold(block, |block, (word, value)| {
                    block.replace(&format!(" {word}"), &format!(" {value}"))
                });
                let output = place.run("clone", &block);
                if !output.status.success() {
                    failed.push(format!("{name}: {path}\n{block}\n{}", both(&output)));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} of {run} failed:\n{}", failed.len(), failed.join("\n----\n"));
    let all = std::env::var_os("PLATFORM").is_none();
    assert!(!all || run > 100, "only {run} blocks found");
}

/// Returns the pages of every platform's repository.
fn pages_of_all(place: &Place) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (_, spec, payload) in platforms() {
        let from = payload.map_or_else(String::new, |path| format!("--from {}", path.display()));
        let new =
            format!("mainstay -qq new repository --no-commit --spec {} {from}", spec.display());
        place.must(".", &format!("rm -rf repository && {new}"));
        all.extend(pages(&place.folder.join("repository")));
    }
    all
}

#[test]
fn commands_in_sentences_have_the_flags_that_their_program_knows() {
    let place = Place::new(Path::new("/nowhere"));
    let mut spans: Vec<String> = Vec::new();
    for (_, page) in pages_of_all(&place) {
        spans.extend(inline(&page));
    }
    spans.sort();
    spans.dedup();
    let mut wrong = Vec::new();
    for span in &spans {
        let words: Vec<&str> = span.split_whitespace().collect();
        let flags = words.iter().filter(|word| word.starts_with("--"));
        let flags = flags.map(|flag| flag.split('=').next().unwrap_or_default());
        // A namespace may come before what is done in it.
        let before = if words.get(1) == Some(&"--namespace") { 3 } else { 1 };
        let verbs = words.iter().skip(before).take_while(|word| {
            word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && !word.starts_with('-')
        });
        let help = match words[0] {
            // The longest row of words that has a help of its own.
            "mainstay" => {
                let verbs: Vec<&str> = verbs.copied().collect();
                (1..=verbs.len()).rev().find_map(|count| {
                    let output =
                        place.run(".", &format!("mainstay {} --help", verbs[..count].join(" ")));
                    output.status.success().then(|| both(&output))
                })
            }
            "kubectl" if find("kubectl").is_some() => {
                let verb = verbs.copied().next().unwrap_or("get");
                let path = find("kubectl").unwrap();
                let output = Command::new(&path).args([verb, "--help"]).output().unwrap();
                let options = Command::new(path).arg("options").output().unwrap();
                Some(format!("{}{}", both(&output), both(&options)))
            }
            _ => continue,
        };
        match help {
            None => wrong.push(format!("`{span}`: no such command")),
            Some(help) => wrong.extend(
                flags
                    .filter(|flag| !help.contains(*flag))
                    .map(|flag| format!("`{span}`: no {flag}")),
            ),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(spans.len() > 20, "only {} commands found", spans.len());
}

#[test]
fn what_is_not_run_is_in_the_documents() {
    // A reason for a program or page that no document has any more would hide the next one.
    let place = Place::new(Path::new("/nowhere"));
    let mut text = String::new();
    let mut paths = Vec::new();
    for (path, page) in pages_of_all(&place) {
        text.push_str(&page);
        paths.push(path);
    }
    for (name, reason) in STAND_INS {
        assert!(text.contains(&format!("{name} ")) || text.contains(name), "{name}: {reason}");
    }
    for (path, reason) in ELSEWHERE {
        assert!(paths.iter().any(|other| other == path), "{path}: {reason}");
    }
}
