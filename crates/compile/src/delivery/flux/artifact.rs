//! What a GitRepository hands on of its repository: without what `.sourceignore` files, its `ignore` and the
//! usual patterns leave out, and only the folders of `sparseCheckout`.
//!
//! Source of the rules: the behaviour of github.com/fluxcd/pkg/sourceignore 0.18, of source-controller 1.9,
//! and of go-git's `gitignore`, which is not quite git's.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use text::path::{is_below, is_within};
use text::{Date, Found, Missing, Remote, World};
use yaml::Value;

use super::glob;
use super::include::Included;

/// What is left out where nobody says anything, and what always is (the first four).
const USUAL: [&str; 24] = [
    ".git/",
    ".gitignore",
    ".gitmodules",
    ".gitattributes",
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];
const ALWAYS: usize = 4;
const FILE: &str = ".sourceignore";

/// The files of a repository that a source hands on.
pub(super) struct Artifact<'w> {
    below: &'w dyn World,
    files: BTreeSet<String>,
    /// The files that are left out, and what says so: a folder may be handed on with nothing in it.
    out: BTreeSet<String>,
    patterns: Vec<Pattern>,
    /// What comes from other repositories.
    included: Included,
    /// Where what lies elsewhere is read: nothing of it is left out.
    elsewhere: Mutex<BTreeSet<String>>,
}

impl<'w> Artifact<'w> {
    /// Reads what the spec of a GitRepository lets through, of its own files and of what it includes.
    pub(super) fn new(below: &'w dyn World, included: Included, spec: &Value) -> Artifact<'w> {
        let all = below.list("");
        let sparse: Option<Vec<&str>> = spec
            .get("sparseCheckout")
            .and_then(Value::as_list)
            .map(|folders| folders.iter().filter_map(Value::as_str).map(plain).collect());
        // A sparse checkout has the files at the top, too.
        let checked_out = |path: &str| {
            sparse.as_ref().is_none_or(|folders| {
                !path.contains('/') || folders.iter().any(|folder| is_below(path, folder))
            })
        };
        let own = all.into_iter().filter(|path| checked_out(path));
        let all: Vec<String> = own.chain(included.keys().cloned()).collect();
        let mut own: Vec<Pattern> = Vec::new();
        let mut ignore_files: Vec<&String> = all
            .iter()
            .filter(|path| path.as_str() == FILE || path.ends_with(&format!("/{FILE}")))
            .collect();
        // A folder's own file comes before those below it.
        ignore_files.sort_by(|a, b| parts_of(folder_of(a)).cmp(&parts_of(folder_of(b))));
        for path in ignore_files {
            let bytes = included.get(path).cloned().or_else(|| below.read(path).ok());
            let bytes = bytes.unwrap_or_default();
            own.extend(patterns(&String::from_utf8_lossy(&bytes), folder_of(path)));
        }
        if let Some(text) = spec.get("ignore").and_then(Value::as_str) {
            own.extend(patterns(text, ""));
        }
        let usual = USUAL.iter().take(if own.is_empty() { USUAL.len() } else { ALWAYS });
        let mut all_patterns: Vec<Pattern> =
            usual.filter_map(|line| patterns(line, "").pop()).collect();
        all_patterns.append(&mut own);
        let (out, files) =
            all.into_iter().partition(|path| is_left_out(&all_patterns, path, false));
        Artifact {
            below,
            files,
            out,
            patterns: all_patterns,
            included,
            elsewhere: Mutex::default(),
        }
    }

    /// Whether a folder of which all files are left out is there all the same.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let first = self.out.range(below.clone()..).next();
        first.is_some_and(|file| file.starts_with(&below))
            && !is_left_out(&self.patterns, path, true)
    }

    /// Whether some of its files come from other repositories.
    pub(super) fn includes(&self) -> bool {
        !self.included.is_empty()
    }

    fn is_elsewhere(&self, path: &str) -> bool {
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.iter().any(|found| is_within(path, found))
    }
}

impl World for Artifact<'_> {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        if let Some(bytes) = self.included.get(path).filter(|_| self.files.contains(path)) {
            return Ok(Arc::clone(bytes));
        }
        match self.below.read(path) {
            other if self.is_elsewhere(path) => other,
            // Links lead to files that the list does not have.
            Ok(bytes) if self.files.contains(path) || self.below.real_path(path) != path => {
                Ok(bytes)
            }
            Ok(_) => Err(Missing::NotFound),
            Err(Missing::NotAFile) if self.list(path).is_empty() => Err(Missing::NotFound),
            other => other,
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        if folder.is_empty() {
            return self.files.iter().cloned().collect();
        }
        if self.is_elsewhere(folder) {
            return self.below.list(folder);
        }
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let found = self.files.range(prefix.clone()..).take_while(|path| path.starts_with(&prefix));
        found.cloned().collect()
    }

    fn real_path(&self, path: &str) -> String {
        self.below.real_path(path)
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        self.below.chart(repository, name, version)
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        let found = self.below.remote(remote)?;
        let (Found::File(path) | Found::Tree(path)) = &found;
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        Ok(found)
    }

    fn today(&self) -> Date {
        self.below.today()
    }
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./").trim_matches('/')
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn parts_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// A line of a `.sourceignore`.
struct Pattern {
    /// The folder of its file.
    folder: String,
    parts: Vec<String>,
    includes: bool,
    only_folders: bool,
    /// It has a slash that is not its last letter.
    is_path: bool,
}

/// Reads the lines of a text that lies in a folder.
fn patterns(text: &str, folder: &str) -> Vec<Pattern> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (includes, line) = match line.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let line = if line.ends_with("\\ ") { line } else { line.trim_end_matches(' ') };
            let (only_folders, line) = match line.strip_suffix('/') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            Pattern {
                folder: folder.to_owned(),
                parts: line.split('/').map(str::to_owned).collect(),
                includes,
                only_folders,
                is_path: line.contains('/'),
            }
        })
        .collect()
}

/// Whether a file or folder is left out: the last pattern that fits it decides.
fn is_left_out(patterns: &[Pattern], path: &str, is_folder: bool) -> bool {
    let last = patterns.iter().rev().find(|pattern| pattern.fits(path, is_folder));
    last.is_some_and(|pattern| !pattern.includes)
}

impl Pattern {
    fn fits(&self, path: &str, is_folder: bool) -> bool {
        let below = match self.folder.as_str() {
            "" => path,
            folder => match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
                Some(rest) => rest,
                None => return false,
            },
        };
        let path: Vec<&str> = below.split('/').collect();
        match self.is_path {
            true => self.fits_path(&path, is_folder),
            false => self.fits_name(&path, is_folder),
        }
    }

    /// A name fits at any depth, and with a folder everything below it.
    fn fits_name(&self, path: &[&str], is_folder: bool) -> bool {
        let Some(pattern) = self.parts.first() else { return false };
        let first = path.iter().position(|name| fits(pattern, name));
        first.is_some_and(|at| !self.only_folders || is_folder || at + 1 < path.len())
    }

    fn fits_path(&self, path: &[&str], is_folder: bool) -> bool {
        let mut rest = path;
        let (mut matched, mut anywhere) = (false, false);
        for (number, pattern) in self.parts.iter().enumerate() {
            match pattern.as_str() {
                "" => anywhere = false,
                "**" if number + 1 == self.parts.len() => break,
                "**" => anywhere = true,
                pattern if pattern.contains("**") => return false,
                pattern if anywhere => {
                    anywhere = false;
                    if rest.is_empty() {
                        return false;
                    }
                    match rest.iter().position(|name| fits(pattern, name)) {
                        Some(at) => {
                            matched = true;
                            rest = rest.get(at + 1..).unwrap_or_default();
                        }
                        None => {
                            matched = false;
                            rest = &[];
                        }
                    }
                }
                pattern => {
                    let Some((name, after)) = rest.split_first() else { return false };
                    if !fits(pattern, name) {
                        return false;
                    }
                    matched = true;
                    rest = after;
                }
            }
        }
        matched && !(self.only_folders && !is_folder && rest.is_empty())
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    // Most are plain, and there are many names.
    if !pattern.contains(['*', '?', '[', '\\']) {
        return pattern == name;
    }
    let letters = |text: &str| text.chars().collect::<Vec<char>>();
    glob::matches(&letters(pattern), &letters(name)) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::{is_left_out, patterns};

    #[test]
    fn patterns_as_go_git_reads_them() {
        let left_out = |text: &str, path: &str| is_left_out(&patterns(text, ""), path, false);
        assert!(is_left_out(&patterns("docs/", ""), "a/docs", true));
        assert!(left_out("docs/", "a/docs/x.yaml"));
        assert!(!left_out("docs/", "a/docs"));
        assert!(left_out("/*\n!/deploy\n", "other/x.yaml"));
        assert!(!left_out("/*\n!/deploy\n", "deploy/sub/x.yaml"));
        assert!(left_out("deploy/*.yaml", "deploy/a.yaml"));
        assert!(left_out("deploy/*.yaml", "deploy/a.yaml/b"));
        assert!(!left_out("deploy/*.yaml", "x/deploy/a.yaml"));
        assert!(left_out("**/a.yaml", "x/y/a.yaml"));
        assert!(left_out("x/**", "x/y/a.yaml"));
        // Two stars in one part mean nothing in a path, and one star in a name.
        assert!(!left_out("x/a**.yaml", "x/ab.yaml"));
        assert!(left_out("a**.yaml", "ab.yaml/c"));
        assert!(!left_out("# a\n\n*.yaml\n!b.yaml ", "c/b.yaml"));
    }
}
