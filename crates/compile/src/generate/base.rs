//! `.mainstay/base/`: every generated file as it was generated last, so that a later run can tell what
//! was edited since. It lies beside the lock, whose hashes it must have; a shallow clone is enough.

use std::sync::Arc;

use text::{Diagnostic, Missing, Place, World};

use super::lock::{self, Lock};
use super::{Owner, Tree, codes};

/// The folder.
pub const FOLDER: &str = ".mainstay/base";

/// Returns where the base of a file lies.
///
/// What begins with a dot would mean something to git and other tools there too, so it gets a letter in
/// front: `.github/x` lies at `dot.github/x`.
pub fn path(file: &str) -> String {
    let mut out = FOLDER.to_owned();
    for part in file.split('/') {
        out.push('/');
        if part.starts_with('.') || part.starts_with("dot.") {
            out.push_str("dot");
        }
        out.push_str(part);
    }
    out
}

/// Returns the base of every generated file of a tree: path and bytes.
pub fn of(tree: &Tree) -> impl Iterator<Item = (String, &[u8])> {
    tree.files
        .iter()
        .filter(|(name, file)| file.owner == Owner::Generated && name.as_str() != lock::PATH)
        .map(|(name, file)| (path(name), file.bytes.as_slice()))
}

/// Returns the base that differs from what is in the repository, and the paths of base that are no
/// longer needed.
pub fn changes(
    tree: &Tree,
    lock: &Lock,
    world: &dyn World,
) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let writes = of(tree)
        .filter(|(path, bytes)| world.read(path).as_deref() != Ok(*bytes))
        .map(|(path, bytes)| (path, bytes.to_vec()))
        .collect();
    let removes = lock
        .files
        .keys()
        .filter(|file| !tree.files.contains_key(*file))
        .map(|file| path(file))
        .filter(|path| world.read(path).is_ok())
        .collect();
    (writes, removes)
}

/// Reads the base of a file and holds it against the hash in the lock.
pub(super) fn read(
    world: &dyn World,
    file: &str,
    sha256: &str,
) -> Result<Arc<[u8]>, Box<Diagnostic>> {
    let path = path(file);
    let at = Place::of_file(&Arc::from(path.as_str()));
    Err(Box::new(match world.read(&path) {
        Ok(bytes) if lock::sha256(&bytes) == sha256 => return Ok(bytes),
        Ok(_) | Err(Missing::NotAFile | Missing::Link { .. }) => codes::g123_base_edited(&path, at),
        Err(Missing::NotFound) => codes::g122_base_missing(&path, at),
        Err(Missing::Failed(reason)) => codes::g107_unreadable(&reason, &path, at),
    }))
}
