//! The repository on disk as a [`World`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use text::{Date, Missing, World};

use crate::path::plain;
use crate::{Error, today};

/// A repository on disk. Nothing outside it can be read: a link that leaves it is no file.
#[derive(Clone, Debug)]
pub struct DiskWorld {
    root: PathBuf,
    cache: Option<ChartCache>,
    today: Date,
}

impl DiskWorld {
    /// Returns the world of the repository at `root`, with the charts of `cache` if there is one.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn open(root: &Path, cache: Option<ChartCache>) -> Result<DiskWorld, Error> {
        let root = root.canonicalize().map_err(Error::disk("read the folder", root))?;
        Ok(DiskWorld { root, cache, today: today() })
    }

    /// Returns the repository's folder, all links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl World for DiskWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        let relative = plain(path).ok_or(Missing::NotFound)?;
        let file = self.root.join(relative).canonicalize().map_err(|error| missing(&error))?;
        let metadata = file.metadata().map_err(|error| missing(&error))?;
        if !file.starts_with(&self.root) || !metadata.is_file() {
            return Err(Missing::NotAFile);
        }
        std::fs::read(&file).map(Arc::from).map_err(|error| missing(&error))
    }

    /// Links are listed as they are and never entered: reading one that leads to a folder or out of the
    /// repository says that it is no file, so that nothing is left out in silence.
    fn list(&self, folder: &str) -> Vec<String> {
        let start = match folder {
            "" => self.root.clone(),
            _ => match plain(folder) {
                Some(relative) => self.root.join(relative),
                None => return Vec::new(),
            },
        };
        // A folder that is reached through a link is listed under the name that was asked for, as long as
        // it lies in the repository.
        if !start.canonicalize().is_ok_and(|start| start.starts_with(&self.root)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut folders = vec![(start, folder.to_owned())];
        while let Some((at, name)) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&at) else { continue };
            for entry in entries.flatten() {
                let own = entry.file_name();
                if own == ".git" {
                    continue;
                }
                let own = own.to_string_lossy();
                let path = if name.is_empty() { own.into_owned() } else { format!("{name}/{own}") };
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push((entry.path(), path));
                } else {
                    found.push(path);
                }
            }
        }
        found.sort_unstable();
        found
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        self.cache.as_ref().ok_or(Missing::NotFound)?.read(repository, name, version)
    }

    fn today(&self) -> Date {
        self.today
    }
}

/// The folder of chart archives that were fetched before, shared by all repositories of a person.
#[derive(Clone, Debug)]
pub struct ChartCache {
    folder: PathBuf,
}

impl ChartCache {
    /// Returns the cache for a person: `$XDG_CACHE_HOME/mainstay/charts`, or `~/.cache/mainstay/charts`
    /// (XDG Base Directory Specification: a relative `XDG_CACHE_HOME` does not count).
    pub fn of_person(xdg_cache_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<ChartCache> {
        let absolute = |path: &PathBuf| path.is_absolute();
        let base = xdg_cache_home
            .filter(absolute)
            .or_else(|| home.filter(absolute).map(|home| home.join(".cache")))?;
        Some(ChartCache { folder: base.join("mainstay").join("charts") })
    }

    /// Returns the file that holds a chart, whether it is there or not: the chart repository's address is
    /// hashed, since an address is no file name. `None` if name or version cannot be part of a path.
    pub fn file(&self, repository: &str, name: &str, version: &str) -> Option<PathBuf> {
        let one_part = |text: &str| plain(text).is_some() && !text.contains('/');
        if !one_part(name) || !one_part(version) {
            return None;
        }
        let digest = Sha256::digest(repository.trim_end_matches('/').as_bytes());
        let folder: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.join(folder).join(name).join(format!("{version}.tgz")))
    }

    pub(crate) fn read(
        &self,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<Arc<[u8]>, Missing> {
        let file = self.file(repository, name, version).ok_or(Missing::NotFound)?;
        std::fs::read(file).map(Arc::from).map_err(|error| missing(&error))
    }
}

fn missing(error: &io::Error) -> Missing {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Missing::NotFound,
        io::ErrorKind::IsADirectory => Missing::NotAFile,
        _ => Missing::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    fn world(folder: &Folder) -> DiskWorld {
        DiskWorld::open(folder.path(), None).unwrap()
    }

    #[test]
    fn lists_files_sorted_without_what_git_keeps() {
        let folder = Folder::new().unwrap();
        for path in ["b/x", "a", "b.txt", ".git/HEAD", "b/.git", ".github/workflows/v.yml"] {
            folder.write(path, path).unwrap();
        }
        let world = world(&folder);
        assert_eq!(world.list(""), [".github/workflows/v.yml", "a", "b.txt", "b/x"]);
        assert_eq!(world.list("b"), ["b/x"]);
        for nothing in ["c", "../", "..", "/", "a"] {
            assert_eq!(world.list(nothing), Vec::<String>::new(), "{nothing}");
        }
        assert_eq!(world.read("b/x").as_deref(), Ok(b"b/x".as_slice()));
        assert_eq!(world.read("b"), Err(Missing::NotAFile));
        for nothing in ["c", "a/b", "../a", "/etc/passwd", "", "a\0"] {
            assert_eq!(world.read(nothing), Err(Missing::NotFound), "{nothing}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new().unwrap();
        folder.write("in/file", "1").unwrap();
        symlink("in/file", folder.join("good")).unwrap();
        symlink("/etc/hostname", folder.join("out")).unwrap();
        symlink("in", folder.join("dir")).unwrap();
        symlink(".", folder.join("in/loop")).unwrap();
        let world = world(&folder);
        assert_eq!(world.list(""), ["dir", "good", "in/file", "in/loop", "out"]);
        assert_eq!(world.read("good").as_deref(), Ok(b"1".as_slice()));
        assert_eq!(world.read("dir/file").as_deref(), Ok(b"1".as_slice()));
        assert_eq!(world.read("out"), Err(Missing::NotAFile));
        assert_eq!(world.read("dir"), Err(Missing::NotAFile));
    }

    #[test]
    fn a_cached_chart_is_found_by_repository_name_and_version() {
        let folder = Folder::new().unwrap();
        let cache = ChartCache::of_person(Some(folder.path().to_owned()), None).unwrap();
        let file = cache.file("https://charts.example.org/", "web", "1.2.3").unwrap();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "archive").unwrap();
        let world = DiskWorld::open(folder.path(), Some(cache.clone())).unwrap();
        let read = |version| world.chart("https://charts.example.org", "web", version);
        assert_eq!(read("1.2.3").as_deref(), Ok(b"archive".as_slice()));
        assert_eq!(read("1.2.4"), Err(Missing::NotFound));
        assert_eq!(cache.file("r", "../x", "1"), None);
        assert_eq!(cache.file("r", "x", "1/2"), None);
        assert!(ChartCache::of_person(Some("relative".into()), None).is_none());
    }
}
