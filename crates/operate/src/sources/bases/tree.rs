//! The tree of a commit: which files and links it has, by digest.
//!
//! Its own text, a list of paths and digests, is what the lock pins: who has the list can tell every file of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::super::cache::{ChartCache, is_digest};
use super::super::reason::Reason;
use crate::Error;

/// More files than this are no set of manifests.
const MOST_FILES: usize = 200_000;
/// More links than this on the way to a file are a circle.
const MOST_LINKS: usize = 40;

/// A tree: paths from its top, with `/` between parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    /// The digests of the files.
    files: BTreeMap<String, String>,
    /// Where the links lead, as they say it.
    links: BTreeMap<String, String>,
}

/// What is at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At<'t> {
    /// A file with this digest.
    File(&'t str),
    Folder,
    Nothing,
}

impl Tree {
    /// Takes a folder as it is on the disk, without what git keeps, and keeps its files in the cache. What
    /// no kustomization can name is left out: names that are no text, and files that are too large to be read.
    pub(super) fn take(folder: &Path, cache: &ChartCache) -> Result<Tree, Error> {
        let mut tree = Tree::default();
        let mut folders = vec![(folder.to_owned(), String::new())];
        while let Some((at, name)) = folders.pop() {
            let failed = Error::disk("read", &at);
            let entries = std::fs::read_dir(&at).map_err(failed)?;
            for entry in entries {
                let entry = entry.map_err(Error::disk("read", &at))?;
                let (own, path) = (entry.file_name(), entry.path());
                let Some(own) = own.to_str().filter(|own| *own != ".git") else { continue };
                let below = text::path::join(&name, own);
                let kind = entry.file_type().map_err(Error::disk("read", &path))?;
                if kind.is_dir() {
                    folders.push((path, below));
                } else if kind.is_symlink() {
                    let leads_to = std::fs::read_link(&path).map_err(Error::disk("read", &path))?;
                    if let Some(leads_to) = leads_to.to_str() {
                        tree.links.insert(below, leads_to.to_owned());
                    }
                } else if kind.is_file() {
                    let size = entry.metadata().map_err(Error::disk("read", &path))?.len();
                    if size > text::LARGEST_FILE as u64 {
                        continue;
                    }
                    let bytes = std::fs::read(&path).map_err(Error::disk("read", &path))?;
                    tree.files.insert(below, cache.keep_file(&bytes)?);
                }
                if tree.files.len() > MOST_FILES {
                    let reason = Reason::new(format!("it has more than {MOST_FILES} files"));
                    return Err(Error::Address { address: "the repository".to_owned(), reason });
                }
            }
        }
        Ok(tree)
    }

    /// Returns its text, which is the same for the same tree.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        json!({"version": 1, "files": self.files, "links": self.links}).to_string().into_bytes()
    }

    /// Reads its text.
    pub(super) fn parse(bytes: &[u8]) -> Option<Tree> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        if value.get("version") != Some(&json!(1)) {
            return None;
        }
        let texts = |key: &str| -> Option<BTreeMap<String, String>> {
            let map = value.get(key)?.as_object()?.iter();
            map.map(|(path, text)| Some((path.clone(), text.as_str()?.to_owned()))).collect()
        };
        let tree = Tree { files: texts("files")?, links: texts("links")? };
        tree.files.values().all(|digest| is_digest(digest)).then_some(tree)
    }

    /// Returns the digests of all files.
    pub(super) fn digests(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(String::as_str)
    }

    /// Returns where a path leads, its links followed; nothing where it leads out of the tree or round in a
    /// circle.
    pub(super) fn real(&self, path: &str) -> Option<String> {
        let mut done = String::new();
        let mut left: Vec<String> = parts(path).rev().collect();
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "." => continue,
                ".." if done.is_empty() => return None,
                ".." => {
                    done.truncate(done.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let next = text::path::join(&done, &part);
            let Some(leads_to) = self.links.get(&next) else {
                done = next;
                continue;
            };
            links += 1;
            if links > MOST_LINKS || leads_to.starts_with('/') {
                return None;
            }
            left.extend(parts(leads_to).rev());
        }
        Some(done)
    }

    /// Returns what is at a path.
    pub(super) fn at(&self, path: &str) -> At<'_> {
        let Some(real) = self.real(path) else { return At::Nothing };
        if let Some(digest) = self.files.get(&real) {
            return At::File(digest);
        }
        let is_folder = real.is_empty() || self.below(&real).next().is_some();
        if is_folder { At::Folder } else { At::Nothing }
    }

    /// Returns the paths of the files and links below a folder.
    pub(super) fn below<'t>(&'t self, folder: &str) -> impl Iterator<Item = &'t str> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = |map: &'t BTreeMap<String, String>| {
            let prefix = prefix.clone();
            let range = map.range(prefix.clone()..);
            range
                .take_while(move |(path, _)| path.starts_with(&prefix))
                .map(|(path, _)| path.as_str())
        };
        from(&self.files).chain(from(&self.links))
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = String> + '_ {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let files = ["a/b/file", "a/x", "top"].map(|path| (path.to_owned(), "0".repeat(64)));
        let links = [
            ("link", "a/b"),
            ("a/up", "../top"),
            ("a/b/deep", "../up"),
            ("out", "../elsewhere"),
            ("abs", "/etc/passwd"),
            ("round", "round"),
            ("gone", "nowhere"),
        ];
        let links = links.map(|(path, to)| (path.to_owned(), to.to_owned()));
        Tree { files: files.into(), links: links.into() }
    }

    #[test]
    fn links_are_followed_inside_and_never_out() {
        let tree = tree();
        let zero = "0".repeat(64);
        for (path, at) in [
            ("", At::Folder),
            ("a", At::Folder),
            ("a/b", At::Folder),
            ("a/b/file", At::File(&zero)),
            ("link", At::Folder),
            ("link/file", At::File(&zero)),
            ("link/deep", At::File(&zero)),
            ("link/../x", At::File(&zero)),
            ("out", At::Nothing),
            ("abs", At::Nothing),
            ("round", At::Nothing),
            ("gone", At::Nothing),
            ("nowhere", At::Nothing),
            ("top/x", At::Nothing),
            ("..", At::Nothing),
        ] {
            assert_eq!(tree.at(path), at, "{path}");
        }
        assert_eq!(tree.real("link/file").as_deref(), Some("a/b/file"));
        assert_eq!(tree.below("a").collect::<Vec<_>>(), ["a/b/file", "a/x", "a/b/deep", "a/up"]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Tree::parse(&tree().to_bytes()), Some(tree()));
        for bad in
            ["", "{}", "{\"version\":1}", "{\"version\":1,\"files\":{\"a\":\"../x\"},\"links\":{}}"]
        {
            assert_eq!(Tree::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
