//! Where the laboratory keeps its programs and its data, and which ports it listens on.
//!
//! Everything lies outside of the repository, in the user's cache: `programs/<name>-<version>` stay, `run/`
//! is thrown away with the cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::versions::{PROGRAMS, Program};
use crate::programs::call;

/// Where each program listens, on loopback: so many ports after the first of the laboratory's.
pub(super) mod port {
    use anyhow::{Context as _, Result};

    /// Argo CD, Flux and the sealed-secrets controller take the ports from here on.
    pub(crate) const ENGINE: u16 = 80;
    pub(crate) const CONTROLLERS: u16 = 257;
    pub(crate) const SCHEDULER: u16 = 259;
    pub(crate) const ETCD: u16 = 379;
    pub(crate) const ETCD_PEER: u16 = 380;
    pub(crate) const REDIS: u16 = 381;
    /// Git repositories and charts.
    pub(crate) const SERVER: u16 = 418;
    pub(crate) const API: u16 = 443;

    /// The variable that moves all of them, so that two laboratories can run side by side.
    const VARIABLE: &str = "MAINSTAY_LAB_PORTS";
    const FIRST: u16 = 28_000;
    const LAST: u16 = u16::MAX - API;

    /// Returns the number of a port.
    pub(crate) fn at(port: u16) -> u16 {
        first().unwrap_or(FIRST) + port
    }

    /// Returns what all ports count from.
    pub(crate) fn first() -> Result<u16> {
        let Some(text) = std::env::var_os(VARIABLE) else { return Ok(FIRST) };
        let number = text.to_str().and_then(|text| text.parse().ok());
        number
            .filter(|number| (1024..=LAST).contains(number))
            .with_context(|| format!("{VARIABLE}: a number from 1024 to {LAST} is wanted"))
    }
}

/// The laboratory's folders.
#[derive(Clone, Debug)]
pub(super) struct Lab {
    folder: PathBuf,
}

impl Lab {
    /// The laboratory of this user: `$MAINSTAY_LAB`, or `mainstay/lab` in the cache folder.
    pub(super) fn of_user() -> Result<Lab> {
        let folder = match std::env::var_os("MAINSTAY_LAB") {
            Some(folder) => PathBuf::from(folder),
            None => match std::env::var_os("XDG_CACHE_HOME") {
                Some(cache) => PathBuf::from(cache).join("mainstay/lab"),
                None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?)
                    .join(".cache/mainstay/lab"),
            },
        };
        port::first()?;
        let lab = Lab { folder: std::path::absolute(folder)? };
        for folder in ["programs", "files", "source", "run"] {
            let folder = lab.folder.join(folder);
            fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        Ok(lab)
    }

    pub(super) fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    /// What belongs to the cluster that runs now.
    pub(super) fn run(&self) -> PathBuf {
        self.folder.join("run")
    }

    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.run().join("kubeconfig")
    }

    /// Where a program is, or will be when it is built.
    pub(super) fn built(&self, program: &Program) -> PathBuf {
        self.folder.join("programs").join(format!("{}-{}", program.name, program.version))
    }

    /// Where the files of a program's module are.
    pub(super) fn files(&self, program: &Program) -> PathBuf {
        self.folder.join("files").join(format!("{}-{}", program.name, program.version))
    }

    /// A built program, ready to be started.
    pub(super) fn program(&self, name: &str) -> Result<Command> {
        let path = self.built(find(name)?);
        ensure!(path.is_file(), "{name} is not built: `cargo xtask lab build`");
        let mut command = Command::new(path);
        command.current_dir(self.run());
        Ok(command)
    }

    /// The files of a program, as their paths.
    pub(super) fn files_of(&self, name: &str) -> Result<Vec<PathBuf>> {
        let program = find(name)?;
        let folder = self.files(program);
        Ok(program.files.iter().map(|file| folder.join(base(file))).collect())
    }

    /// The programs of a part that are not built yet.
    pub(super) fn missing(&self, parts: &[&str]) -> Vec<&'static str> {
        let wanted = PROGRAMS.iter().filter(|program| parts.contains(&program.part));
        wanted.filter(|program| !self.built(program).is_file()).map(|it| it.name).collect()
    }

    /// A command that runs in the laboratory's cluster.
    pub(super) fn kubectl(&self) -> Command {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(self.kubeconfig());
        command
    }
}

/// The programs of the path that the laboratory needs and that are not there.
pub(super) fn not_on_path(programs: &[&'static str]) -> Vec<&'static str> {
    let there = |name: &&str| {
        let look = format!("command -v {name}");
        call(Command::new("sh").args(["-c", &look])).is_ok()
    };
    programs.iter().copied().filter(|name| !there(name)).collect()
}

fn find(name: &str) -> Result<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name).context("an unknown program")
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    Path::new(path).file_name().and_then(|it| it.to_str()).unwrap_or(path)
}
