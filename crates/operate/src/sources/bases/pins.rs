//! The lock of what lies elsewhere: which commit, and which bytes.
//!
//! `mainstay fetch` writes it. It lies in the repository, so that everybody who renders it renders the same.

use std::fmt;

use text::{Missing, Remote, RemoteRepository, World};
use yaml::{Value, scalar_go2};

use super::super::cache::is_digest;
use super::super::pins::read_lock;
use crate::Error;

/// Where the lock lies in a repository.
pub const BASES_LOCK: &str = ".mainstay/bases.lock.yaml";

const HEAD: &str = "\
# Written by `mainstay fetch`: what the kustomizations of this repository name elsewhere.
# It stays as it is pinned here, whatever others push; `mainstay fetch --update` looks anew.
version: 1
";

/// The tree of a git repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreePin {
    /// The repository's address.
    pub repository: String,
    /// The branch, tag or commit that kustomizations name; empty for the repository's own choice.
    pub reference: String,
    /// Whether the repositories inside it belong to the tree.
    pub submodules: bool,
    /// The commit.
    pub commit: String,
    /// The SHA-256 of the list of the tree's files in hexadecimal.
    pub digest: String,
}

/// A file at a web address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePin {
    /// The address.
    pub url: String,
    /// The SHA-256 of its bytes in hexadecimal.
    pub digest: String,
}

/// Something that lies elsewhere, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BasePin {
    /// The tree of a repository.
    Tree(TreePin),
    /// A file.
    File(FilePin),
}

impl BasePin {
    /// Returns the digest of what is pinned.
    pub fn digest(&self) -> &str {
        match self {
            BasePin::Tree(pin) => &pin.digest,
            BasePin::File(pin) => &pin.digest,
        }
    }

    /// Whether both are about the same thing elsewhere.
    fn is_same(&self, other: &BasePin) -> bool {
        match (self, other) {
            (BasePin::Tree(one), BasePin::Tree(other)) => {
                (&one.repository, &one.reference, one.submodules)
                    == (&other.repository, &other.reference, other.submodules)
            }
            (BasePin::File(one), BasePin::File(other)) => one.url == other.url,
            _ => false,
        }
    }
}

impl fmt::Display for BasePin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BasePin::Tree(pin) if pin.reference.is_empty() => {
                write!(out, "{}", crate::shown(&pin.repository))
            }
            BasePin::Tree(pin) => {
                write!(out, "{}@{}", crate::shown(&pin.repository), pin.reference)
            }
            BasePin::File(pin) => write!(out, "{}", crate::shown(&pin.url)),
        }
    }
}

/// Everything that is pinned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePins(Vec<BasePin>);

impl BasePins {
    /// Reads the lock of a repository; without one, nothing is pinned.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn read(world: &dyn World) -> Result<BasePins, Error> {
        let failed = |reason: String| Error::BasesLock { reason };
        match world.read(BASES_LOCK) {
            Ok(bytes) => BasePins::parse(&bytes).map_err(failed),
            Err(Missing::NotFound | Missing::NotAFile) => Ok(BasePins::default()),
            Err(missing) => Err(failed(missing.to_string())),
        }
    }

    fn parse(bytes: &[u8]) -> Result<BasePins, String> {
        let value = read_lock(bytes)?;
        let mut pins = BasePins::default();
        for (at, entry) in list(&value, "repositories").iter().enumerate() {
            let what = format!("repository {}", at + 1);
            let commit = text(entry, "commit", &what)?;
            if commit.len() < 40 || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("{what} has no commit of 40 or 64 digits"));
            }
            pins.insert(BasePin::Tree(TreePin {
                repository: text(entry, "repository", &what)?,
                reference: text(entry, "ref", &what).unwrap_or_default(),
                submodules: entry.get("submodules") != Some(&Value::Bool(false)),
                commit,
                digest: digest(entry, &what)?,
            }));
        }
        for (at, entry) in list(&value, "files").iter().enumerate() {
            let what = format!("file {}", at + 1);
            let (url, digest) = (text(entry, "url", &what)?, digest(entry, &what)?);
            pins.insert(BasePin::File(FilePin { url, digest }));
        }
        Ok(pins)
    }

    /// Returns the lock's text.
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        let mut heading = "";
        for pin in &self.0 {
            let (list, fields) = match pin {
                BasePin::Tree(pin) => {
                    let mut fields = vec![("repository", scalar_go2(&pin.repository))];
                    if !pin.reference.is_empty() {
                        fields.push(("ref", scalar_go2(&pin.reference)));
                    }
                    if !pin.submodules {
                        fields.push(("submodules", "false".to_owned()));
                    }
                    fields.push(("commit", scalar_go2(&pin.commit)));
                    ("repositories", fields)
                }
                BasePin::File(pin) => ("files", vec![("url", scalar_go2(&pin.url))]),
            };
            if heading != list {
                heading = list;
                text.push_str(&format!("{list}:\n"));
            }
            let digest = [("digest", format!("sha256:{}", pin.digest()))];
            for (at, (key, value)) in fields.into_iter().chain(digest).enumerate() {
                let begin = if at == 0 { "  - " } else { "    " };
                text.push_str(&format!("{begin}{key}: {value}\n"));
            }
        }
        text
    }

    /// Adds what something elsewhere is, or says it anew.
    pub fn insert(&mut self, pin: BasePin) {
        self.0.retain(|known| !known.is_same(&pin));
        let at = self.0.partition_point(|known| *known < pin);
        self.0.insert(at, pin);
    }

    /// Returns what is pinned for something that a kustomization names.
    pub fn find(&self, remote: &Remote) -> Option<&BasePin> {
        let is_file = |pin: &&BasePin| matches!(pin, BasePin::File(pin) if remote.file && pin.url == remote.address);
        let is_tree = |pin: &&BasePin| match (pin, &remote.repository) {
            (BasePin::Tree(pin), Some(wanted)) => pin.is_of(wanted),
            _ => false,
        };
        self.0.iter().find(is_file).or_else(|| self.0.iter().find(is_tree))
    }

    /// Whether nothing is pinned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TreePin {
    fn is_of(&self, wanted: &RemoteRepository) -> bool {
        self.repository == wanted.address
            && self.reference == wanted.reference
            && self.submodules == wanted.submodules
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn text(entry: &Value, key: &str, what: &str) -> Result<String, String> {
    let text = entry.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("{what} has no text `{key}`"))
}

fn digest(entry: &Value, what: &str) -> Result<String, String> {
    let digest = text(entry, "digest", what)?;
    let digest = digest.strip_prefix("sha256:").filter(|digest| is_digest(digest));
    digest.map(str::to_owned).ok_or_else(|| format!("{what} has no digest of the form `sha256:…`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let digest = "0123456789abcdef".repeat(4);
        let mut pins = BasePins::default();
        let tree = |reference: &str, submodules| {
            BasePin::Tree(TreePin {
                repository: "https://x.org/a/b".to_owned(),
                reference: reference.to_owned(),
                submodules,
                commit: "0123456789".repeat(4),
                digest: digest.clone(),
            })
        };
        pins.insert(BasePin::File(FilePin {
            url: "https://x.org/a: b #".into(),
            digest: digest.clone(),
        }));
        pins.insert(tree("1.0", true));
        pins.insert(tree("", false));
        pins.insert(tree("1.0", true));
        let text = pins.to_text();
        assert_eq!(text.matches("digest").count(), 3, "{text}");
        assert_eq!(BasePins::parse(text.as_bytes()), Ok(pins), "{text}");
        assert!(BasePins::parse(BasePins::default().to_text().as_bytes()).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for bad in [
            "",
            "version: 2",
            "a: b: c",
            "version: 1\nfiles: [{url: a, digest: abc}]",
            "version: 1\nfiles: [null]",
            &format!("version: 1\nfiles: [{{digest: '{digest}'}}]"),
            &format!(
                "version: 1\nrepositories: [{{repository: a, commit: main, digest: '{digest}'}}]"
            ),
        ] {
            assert!(BasePins::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
