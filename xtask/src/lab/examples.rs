//! The examples as the laboratory deploys them: addresses of repositories and charts are the laboratory's
//! own, through the spec's `mirrors`; everything else is as users get it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::place::base;
use super::serve;
use crate::programs::call;

/// A repository that mainstay generated, and the program that did.
#[derive(Debug)]
pub(super) struct Repository {
    pub folder: PathBuf,
    mainstay: PathBuf,
    cache: PathBuf,
}

impl Repository {
    /// Generates an example below `work` and fetches its charts. `engine` is what delivers it.
    pub(super) fn new(
        mainstay: &Path,
        work: &Path,
        example: &str,
        engine: &str,
    ) -> Result<Repository> {
        Repository::of(mainstay, work, &Path::new("examples").join(example), engine)
    }

    /// The same of a platform that is no example: the folder of its spec and payload.
    pub(super) fn of(
        mainstay: &Path,
        work: &Path,
        from: &Path,
        engine: &str,
    ) -> Result<Repository> {
        let example = base(&from.to_string_lossy()).to_owned();
        let source = work.join(format!("{example}-{engine}-source"));
        fs::create_dir_all(&source)?;
        let spec = fs::read_to_string(from.join("mainstay.yaml"))?;
        let spec = spec.replace("engine: argocd", &format!("engine: {engine}"));
        fs::write(source.join("mainstay.yaml"), mirrored(&spec)?)?;
        let folder = work.join(format!("{example}-{engine}"));
        let mut new = Command::new(mainstay);
        new.arg("new").arg(&folder).arg("--no-commit");
        if from.join("deployed_apps.json").is_file() {
            let payload = source.join("deployed_apps.json");
            fs::copy(from.join("deployed_apps.json"), &payload)?;
            new.arg("--from").arg(payload);
        } else {
            new.arg("--spec").arg(source.join("mainstay.yaml"));
        }
        call(&mut new)?;
        let cache = work.join("cache");
        let repository = Repository { folder, mainstay: mainstay.to_path_buf(), cache };
        call(repository.mainstay().arg("fetch"))?;
        Ok(repository)
    }

    /// Our program, in the repository.
    pub(super) fn mainstay(&self) -> Command {
        let mut command = Command::new(&self.mainstay);
        command.current_dir(&self.folder).env("XDG_CACHE_HOME", &self.cache);
        command
    }

    /// The environments, in the spec's order.
    pub(super) fn environments(&self) -> Result<Vec<String>> {
        let spec = fs::read_to_string(self.folder.join("mainstay.yaml"))?;
        let (_, list) = spec.split_once("\n  environments:").context("environments")?;
        if let Some(line) = list.trim_start().strip_prefix('[') {
            let names = line.split(']').next().unwrap_or_default();
            return Ok(names.split(',').map(|name| name.trim().to_owned()).collect());
        }
        let inside = list.lines().skip(1).take_while(|line| line.starts_with("    "));
        Ok(inside.filter_map(|it| it.strip_prefix("    - name: ")).map(str::to_owned).collect())
    }

    /// The objects of an environment, as `mainstay render` prints them; nothing may be opaque.
    pub(super) fn objects(&self, environment: &str) -> Result<Vec<Value>> {
        let told = call(self.mainstay().args(["render", "--env", environment, "-o", "json"]))?;
        let said = String::from_utf8_lossy(&told.stderr);
        ensure!(!said.contains("paque"), "not everything was rendered:\n{said}");
        let mut list: Value = serde_json::from_slice(&told.stdout)?;
        let items = list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
        let items = items.context("no list of objects")?;
        ensure!(!items.is_empty(), "no objects of {environment}");
        Ok(items)
    }

    /// Runs git in the repository.
    pub(super) fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=lab", "-c", "user.email=lab@example.com"]).args(arguments);
        let told = call(git.current_dir(&self.folder))?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    /// Commits everything, where something changed, and pushes it as each of the branches; returns the commit.
    pub(super) fn commit(&self, message: &str, branches: &[&str]) -> Result<String> {
        self.git(&["add", "--all"])?;
        if !self.git(&["status", "--porcelain"])?.is_empty() {
            self.git(&["commit", "--quiet", "--message", message])?;
        }
        let heads = branches.iter().map(|branch| format!("HEAD:refs/heads/{branch}"));
        let heads: Vec<String> = heads.collect();
        let mut push = vec!["push", "--quiet", "--atomic", "origin"];
        push.extend(heads.iter().map(String::as_str));
        self.git(&push)?;
        self.git(&["rev-parse", "HEAD"])
    }

    /// What the repository is called where it is pushed to: the last part of `repo.url`.
    pub(super) fn name(&self) -> Result<String> {
        let spec = fs::read_to_string(self.folder.join("mainstay.yaml"))?;
        let url = spec.lines().find_map(|line| line.strip_prefix("    url: "));
        Ok(url.and_then(|url| url.rsplit('/').next()).context("repo.url")?.to_owned())
    }
}

/// The spec with the laboratory's addresses.
fn mirrored(spec: &str) -> Result<String> {
    let address = serve::address();
    let url = spec.lines().find_map(|line| line.strip_prefix("    url: ")).context("repo.url")?;
    let (host, _) = url.rsplit_once('/').context("repo.url")?;
    let mut mirrors = format!("spec:\n  mirrors:\n    {host}: {address}/git\n");
    let mut known = vec![host.to_owned()];
    for repository in serve::repositories()? {
        if !known.contains(&repository) {
            mirrors += &format!("    {repository}: {address}/charts\n");
            known.push(repository);
        }
    }
    ensure!(spec.contains("\nspec:\n"), "the spec has no `spec:`");
    Ok(spec.replacen("spec:\n", &mirrors, 1))
}
