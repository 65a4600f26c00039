//! `.mainstay/lock.yaml`: what was generated last, so that the next run knows what was edited since.
//!
//! In: a tree, or the text of a lock. Out: a lock, or its text, always the same for the same tree.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use yaml::{Node, Schema};

use super::write::{Map, Yaml, document};
use super::{Owner, Tree};

/// Where the lock lies in a repository.
pub const PATH: &str = ".mainstay/lock.yaml";

/// The spec: edited by hand at any time, so its hash says nothing.
const MANIFEST: &str = "mainstay.yaml";
/// The version of this mainstay.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What one run generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Version of mainstay that wrote it.
    pub mainstay: String,
    /// Catalog of pinned versions that was used.
    pub catalog: String,
    /// The generated files, by path.
    pub files: BTreeMap<String, Locked>,
    /// SHA-256 of what was handed in, by path: the payload.
    pub inputs: BTreeMap<String, String>,
    /// SHA-256 of what was written once and belongs to people since, by path: while it is as it was
    /// written, it may go with its environment.
    pub seeds: BTreeMap<String, String>,
}

/// One generated file, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The part of mainstay that wrote it.
    pub emitter: String,
}

/// Returns the lock of a tree: every generated file of it, the lock itself left out.
pub fn of(tree: &Tree, catalog: &str) -> Lock {
    let files = tree
        .files
        .iter()
        .filter(|(path, file)| file.owner == Owner::Generated && path.as_str() != PATH)
        .map(|(path, file)| {
            (path.clone(), Locked { sha256: sha256(&file.bytes), emitter: file.emitter.to_owned() })
        })
        .collect();
    let inputs = tree
        .files
        .iter()
        .filter(|(path, file)| file.owner == Owner::Input && path.as_str() != MANIFEST)
        .map(|(path, file)| (path.clone(), sha256(&file.bytes)))
        .collect();
    let seeds = tree
        .files
        .iter()
        .filter(|(_, file)| file.owner == Owner::Seed)
        .map(|(path, file)| (path.clone(), sha256(&file.bytes)))
        .collect();
    Lock { mainstay: VERSION.to_owned(), catalog: catalog.to_owned(), files, inputs, seeds }
}

/// Returns the SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a lock.
pub fn write(lock: &Lock) -> String {
    let files: Map = lock
        .files
        .iter()
        .map(|(path, locked)| {
            let entry = Map::new()
                .put("emitter", locked.emitter.as_str())
                .put("sha256", Yaml::Quoted(locked.sha256.clone()));
            (path.as_str(), entry)
        })
        .collect();
    let hashes = |of: &BTreeMap<String, String>| -> Map {
        of.iter().map(|(path, sha256)| (path.as_str(), Yaml::Quoted(sha256.clone()))).collect()
    };
    let body = Map::new()
        .put("version", 1)
        .put("mainstay", Yaml::Quoted(lock.mainstay.clone()))
        .put("catalog", Yaml::Quoted(lock.catalog.clone()))
        .put_filled("inputs", hashes(&lock.inputs))
        .put_filled("seeds", hashes(&lock.seeds))
        .put("files", files);
    document(
        "What was generated last, kept in base/. A file whose content no longer has the hash below was\n\
         edited by a person or a pipeline: what is generated next is worked into it. Written by\n\
         `mainstay generate`.",
        &body,
    )
}

/// Returns the version of a newer mainstay that wrote a lock; `None` where this one can read it.
pub fn newer(text: &str) -> Option<String> {
    newer_of(&yaml::parse(text, Schema::Core12).ok()?).map(str::to_owned)
}

fn newer_of(root: &Node) -> Option<&str> {
    let mainstay = root.get("mainstay").and_then(Node::as_str)?;
    is_newer(mainstay, VERSION).then_some(mainstay)
}

/// Reads a lock.
///
/// # Errors
/// The words say what is wrong with it.
pub fn read(text: &str) -> Result<Lock, String> {
    let root = yaml::parse(text, Schema::Core12).map_err(|error| error.message)?;
    if let Some(mainstay) = newer_of(&root) {
        return Err(format!("it was written by mainstay {mainstay}, and this is {VERSION}"));
    }
    match root.get("version").and_then(Node::as_i64) {
        Some(1) => {}
        Some(other) => return Err(format!("version {other} is not known to this mainstay")),
        None => return Err("`version` is missing".to_owned()),
    }
    let text_of = |node: &Node, key: &str| {
        node.get(key)
            .and_then(Node::as_str)
            .map(str::to_owned)
            .ok_or_else(|| format!("`{key}` is missing"))
    };
    let mut files = BTreeMap::new();
    for (path, entry) in root.get("files").and_then(Node::as_map).unwrap_or_default() {
        let Some(path) = path.as_str() else {
            return Err("a path in `files` is no text".to_owned());
        };
        let locked =
            Locked { sha256: text_of(entry, "sha256")?, emitter: text_of(entry, "emitter")? };
        files.insert(path.to_owned(), locked);
    }
    let hashes = |key: &str| -> BTreeMap<String, String> {
        let entries = root.get(key).and_then(Node::as_map).unwrap_or_default().iter();
        entries
            .filter_map(|(path, sha256)| {
                Some((path.as_str()?.to_owned(), sha256.as_str()?.to_owned()))
            })
            .collect()
    };
    let (inputs, seeds) = (hashes("inputs"), hashes("seeds"));
    let (mainstay, catalog) = (text_of(&root, "mainstay")?, text_of(&root, "catalog")?);
    Ok(Lock { mainstay, catalog, files, inputs, seeds })
}

/// Says whether a version is newer than another, by its numbers.
fn is_newer(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        let release = text.split(['-', '+']).next().unwrap_or_default();
        release.split('.').map(|number| number.parse().unwrap_or(0)).collect()
    };
    numbers(version) > numbers(than)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let locked = Locked { sha256: sha256(b"x"), emitter: "readme".to_owned() };
        let lock = Lock {
            mainstay: "0.1.0".to_owned(),
            catalog: "2026.11".to_owned(),
            files: [("README.md".to_owned(), locked.clone()), ("no".to_owned(), locked)].into(),
            inputs: [("deployed_apps.json".to_owned(), sha256(b"[]"))].into(),
            seeds: [("overlays/dev/custom/values.yaml".to_owned(), sha256(b"{}"))].into(),
        };
        assert_eq!(read(&write(&lock)), Ok(lock));
    }

    #[test]
    fn a_lock_of_a_newer_mainstay_is_not_read() {
        for (version, newer) in [
            ("0.1.0", false),
            ("0.0.9", false),
            ("0.1.1", true),
            ("0.10.0", true),
            ("1.0.0-a", true),
        ] {
            assert_eq!(is_newer(version, "0.1.0"), newer, "{version}");
        }
        let text = "version: 1\nmainstay: \"99.0.0\"\ncatalog: a\nfiles: {}\n";
        assert!(read(text).unwrap_err().contains("written by mainstay 99.0.0"));
    }

    #[test]
    fn a_damaged_lock_is_an_answer_not_a_panic() {
        for text in [
            "",
            "[]",
            "version: 2",
            "version: 1",
            "\0",
            "version: 1\nmainstay: a\ncatalog: b\nfiles: {a: 1}",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
