//! Temporary folders, and what is in one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A temporary folder that is removed with the value.
#[derive(Debug)]
pub struct Folder {
    inner: tempfile::TempDir,
}

impl Folder {
    /// Makes a new empty folder.
    pub fn new() -> std::io::Result<Folder> {
        Ok(Folder { inner: tempfile::Builder::new().prefix("mainstay-test-").tempdir()? })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.inner.path()
    }

    /// Returns the path of a file or folder in it.
    pub fn join(&self, path: &str) -> PathBuf {
        self.inner.path().join(path)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        let path = self.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)
    }
}

/// Returns every file, link and empty folder below `root` with what it holds, sorted by path: files
/// as their bytes, links as `-> target`, empty folders (with a `/` at the end) as nothing. What git
/// keeps for itself is left out.
pub fn snapshot(root: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let mut empty = true;
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            empty = false;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if entry.file_name() != ".git" {
                    folders.push((entry.path(), format!("{path}/")));
                }
            } else if kind.is_symlink() {
                let target = std::fs::read_link(entry.path())?;
                found.insert(path, format!("-> {}", target.display()).into_bytes());
            } else {
                found.insert(path, std::fs::read(entry.path())?);
            }
        }
        if empty && !prefix.is_empty() {
            found.insert(prefix, Vec::new());
        }
    }
    Ok(found)
}
