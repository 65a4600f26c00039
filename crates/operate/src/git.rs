//! The user's own git, as a program: only plain commands, and no part of a person's setup that would
//! change what a commit holds.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use text::RemoteRepository;

use crate::{Error, Reason};

/// The name and address under which commits are made where a person has set none.
const FALLBACK: (&str, &str) = ("mainstay", "mainstay@localhost");

/// Settings that would let a person's setup change the files of a commit, run programs of theirs, or
/// leave something running: line ends, ignore lists, hooks, watchers, upkeep.
const SETTINGS: &[&str] = &[
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.excludesFile=",
    "core.attributesFile=",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// No program of somebody's choice is a way to a repository, whatever a person allows it for. The other ways are
/// those of the addresses that kustomize reads, and for repositories inside of them what git allows.
const TRANSPORTS: &[&str] = &["protocol.ext.allow=never"];

/// Variables with which another git process (a hook, an alias) tells its children where the repository
/// is; ours is elsewhere. The list is that of `git rev-parse --local-env-vars`, without the ones that
/// carry a person's settings.
const NOT_OURS: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Where programs are installed from, and how git is installed there.
const INSTALLERS: &[(&str, &str)] = &[
    ("/usr/bin/apt-get", "sudo apt-get install git"),
    ("/usr/bin/dnf", "sudo dnf install git"),
    ("/sbin/apk", "sudo apk add git"),
    ("/usr/bin/pacman", "sudo pacman -S git"),
    ("/usr/bin/zypper", "sudo zypper install git"),
    ("/usr/bin/xcode-select", "xcode-select --install"),
];

/// Who made a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The person, as git knows them.
    Own,
    /// `mainstay`, since git does not know the person.
    Fallback,
}

/// A commit that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Who made it.
    pub identity: Identity,
}

/// The program `git`.
#[derive(Clone, Copy, Debug)]
pub struct Git {
    _found: (),
}

impl Git {
    /// Finds git.
    ///
    /// # Errors
    /// [`Error::GitMissing`] where it is not there.
    pub fn find() -> Result<Git, Error> {
        let git = Git { _found: () };
        git.run(Path::new("."), "version", &["version"])?;
        Ok(git)
    }

    /// Makes a repository of `folder`, with everything in it as the first commit of `main`,
    /// and other branches at that commit.
    ///
    /// # Errors
    /// If git says no.
    pub fn first_commit(
        &self,
        folder: &Path,
        message: &str,
        branches: &[&str],
    ) -> Result<Committed, Error> {
        // An empty template: no sample hooks, nothing of the machine's.
        self.run(folder, "init", &["init", "--quiet", "--initial-branch=main", "--template="])?;
        // What mainstay wrote belongs in the commit, whatever an ignore list says.
        self.run(folder, "add", &["add", "--all", "--force"])?;
        let identity = self.identity(folder)?;
        let name = format!("user.name={}", FALLBACK.0);
        let email = format!("user.email={}", FALLBACK.1);
        let mut arguments = match identity {
            Identity::Own => Vec::new(),
            Identity::Fallback => vec!["-c", &name, "-c", &email],
        };
        arguments.extend(["commit", "--quiet", "--no-verify", "--message", message]);
        self.run(folder, "commit", &arguments)?;
        for branch in branches {
            self.run(folder, "branch", &["branch", "--", branch])?;
        }
        Ok(Committed { identity })
    }

    /// Fetches the tree of another repository into an empty folder, at the first of some references that its
    /// server gives, and returns the commit.
    ///
    /// # Errors
    /// In git's own words, without what may be secret in them.
    pub(crate) fn fetch_tree(
        &self,
        folder: &Path,
        wanted: &RemoteRepository,
        references: &[&str],
        limit: Duration,
    ) -> Result<String, Reason> {
        let address = wanted.address.as_str();
        let run = |arguments: &[&str]| patient(folder, arguments, limit, address);
        run(&["init", "--quiet", "--template="])?;
        // Repositories inside it may be named as neighbours of this one.
        run(&["remote", "add", "--", "origin", address])?;
        let mut refused = None;
        let found = references.iter().any(|reference| {
            let reference = if reference.is_empty() { "HEAD" } else { reference };
            if reference.starts_with(['-', '+', ':']) {
                refused.get_or_insert(Reason::new(format!("`{reference}` is no reference")));
                return false;
            }
            match run(&["fetch", "--quiet", "--depth=1", "--", address, reference]) {
                Ok(_) => true,
                Err(reason) => {
                    refused.get_or_insert(reason);
                    false
                }
            }
        });
        if !found {
            return Err(refused.unwrap_or_else(|| Reason::new("no reference is wanted")));
        }
        run(&["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
        if wanted.submodules && folder.join(".gitmodules").exists() {
            run(&["submodule", "--quiet", "update", "--init", "--recursive"])?;
        }
        Ok(run(&["rev-parse", "HEAD"])?.trim().to_owned())
    }

    /// Returns under whose name git would commit in `folder`: a name that git guesses does not count.
    fn identity(&self, folder: &Path) -> Result<Identity, Error> {
        for who in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
            let output = output(folder, &["-c", "user.useConfigOnly=true", "var", who], &[])?;
            if !output.status.success() {
                return Ok(Identity::Fallback);
            }
        }
        Ok(Identity::Own)
    }

    fn run(
        &self,
        folder: &Path,
        command: &'static str,
        arguments: &[&str],
    ) -> Result<Output, Error> {
        let output = output(folder, arguments, &[])?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Error::Git { command, output: said })
    }
}

/// Runs git in a folder, with more of the environment than ours.
pub(crate) fn output(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &OsStr)],
) -> Result<Output, Error> {
    let mut command = command(folder);
    command.envs(environment.iter().copied());
    command.args(arguments).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::GitMissing { install: installer() },
        _ => Error::disk("run", Path::new("git"))(error),
    })
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for name in NOT_OURS {
        command.env_remove(name);
    }
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

/// Runs git where it may ask the network, and never for longer than `limit`; returns what it printed.
fn patient(
    folder: &Path,
    arguments: &[&str],
    limit: Duration,
    address: &str,
) -> Result<String, Reason> {
    let verb = arguments.first().copied().unwrap_or_default();
    let failed = |error: io::Error| Reason::new(format!("`git {verb}` could not be run: {error}"));
    // Files and no pipes: what git starts may hold a pipe open longer than git itself lives.
    let (mut said, mut printed) =
        (tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?);
    let mut command = command(folder);
    for setting in TRANSPORTS {
        command.args(["-c", setting]);
    }
    // Nobody is there to answer a question.
    command.env("GIT_TERMINAL_PROMPT", "0").args(arguments);
    command.stdout(printed.try_clone().map_err(failed)?);
    command.stderr(said.try_clone().map_err(failed)?);
    let mut child = command.spawn().map_err(failed)?;
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if begin.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            let seconds = limit.as_secs_f32();
            return Err(Reason::new(format!("`git {verb}` took longer than {seconds} seconds"))
                .hint("`?timeout=300` behind the address gives it more time"));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |file: &mut File| -> io::Result<String> {
        let mut bytes = Vec::new();
        file.seek(io::SeekFrom::Start(0))?;
        file.take(1 << 16).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    if status.success() {
        return text(&mut printed).map_err(failed);
    }
    let said = text(&mut said).map_err(failed)?.replace(address, &crate::shown(address));
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told = lines.iter().find(|line| line.starts_with("fatal: ") || line.starts_with("error: "));
    let words = told.or(lines.last()).copied().unwrap_or("it said nothing");
    Err(Reason::new(format!("`git {verb}` failed: {words}")))
}

fn installer() -> Option<&'static str> {
    let here = INSTALLERS.iter().find(|(program, _)| Path::new(program).exists());
    here.map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    #[test]
    fn a_first_commit_holds_everything_whatever_is_ignored() {
        let Ok(git) = Git::find() else { return };
        let mut trees = Vec::new();
        for _ in 0..2 {
            let folder = Folder::new().unwrap();
            folder.write(".gitignore", "*.local\n").unwrap();
            folder.write("a.local", "kept\r\n").unwrap();
            git.first_commit(folder.path(), "platform: shop", &["dev"]).unwrap();
            let ask = |arguments: &[&str]| {
                let output = output(folder.path(), arguments, &[]).unwrap();
                String::from_utf8(output.stdout).unwrap()
            };
            assert_eq!(ask(&["ls-tree", "-r", "--name-only", "HEAD"]), ".gitignore\na.local\n");
            assert_eq!(ask(&["log", "--format=%s", "main"]), "platform: shop\n");
            assert_eq!(ask(&["log", "--format=%s", "dev"]), "platform: shop\n");
            assert_eq!(ask(&["branch", "--show-current"]), "main\n");
            assert_eq!(ask(&["show", "HEAD:a.local"]), "kept\r\n");
            assert_eq!(ask(&["status", "--porcelain"]), "");
            trees.push(ask(&["rev-parse", "HEAD^{tree}"]));
        }
        assert_eq!(trees[0], trees[1]);
    }

    #[test]
    fn what_git_says_is_passed_on() {
        let Ok(git) = Git::find() else { return };
        let folder = Folder::new().unwrap();
        let error = git.first_commit(folder.path(), "nothing to commit", &[]).unwrap_err();
        assert!(error.to_string().starts_with("`git commit` failed"), "{error}");
    }
}
