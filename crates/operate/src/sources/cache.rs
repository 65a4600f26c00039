//! The charts that were fetched before, shared by all repositories of a person.
//!
//! `sha256/<digest>.tgz` holds an archive, `<digest>.file` a file of a kustomization that lies elsewhere,
//! `<digest>.tree` the list of such files, `index/<digest>.json` says which archive a repository, a chart
//! and a version mean. Files appear complete, under their final name; two processes that write one write
//! the same bytes, or the later one wins.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use text::Missing;

use super::Wanted;
use crate::Error;

/// The endings of what is kept: archives of charts, files of kustomizations elsewhere, lists of those.
const ARCHIVE: &str = "tgz";
const FILE: &str = "file";
const TREE: &str = "tree";

/// The folder of chart archives that were fetched before, shared by all repositories of a person.
#[derive(Clone, Debug)]
pub struct ChartCache {
    folder: PathBuf,
}

/// What is known of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The version that the wanted one, perhaps a constraint, means.
    pub resolved: String,
    /// The archive's SHA-256 in hexadecimal.
    pub digest: String,
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

    /// Returns the cache's folder, whether it is there or not.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns what is known of a chart, if it was fetched before.
    pub fn known(&self, wanted: &Wanted) -> Option<Known> {
        let entry: Value = serde_json::from_slice(&std::fs::read(self.entry(wanted)).ok()?).ok()?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let known = Known { resolved: text("resolved")?, digest: text("digest")? };
        is_digest(&known.digest).then_some(known)
    }

    /// Returns the archive with a digest.
    ///
    /// # Errors
    /// [`Missing::NotFound`] where it was never fetched, [`Missing::Failed`] where it is damaged.
    pub fn archive(&self, digest: &str) -> Result<Arc<[u8]>, Missing> {
        self.kept(digest, ARCHIVE)
    }

    /// Returns what is kept under a digest.
    fn kept(&self, digest: &str, ending: &str) -> Result<Arc<[u8]>, Missing> {
        if !is_digest(digest) {
            return Err(Missing::NotFound);
        }
        let place = self.blob(digest, ending);
        let bytes = std::fs::read(&place).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Missing::NotFound,
            _ => Missing::Failed(error.to_string()),
        })?;
        if digest_of(&bytes) != digest {
            let place = place.display();
            return Err(Missing::Failed(format!(
                "`{place}` is damaged; `mainstay fetch` mends it"
            )));
        }
        Ok(bytes.into())
    }

    /// Returns a file of a kustomization that lies elsewhere.
    pub(crate) fn kept_file(&self, digest: &str) -> Result<Arc<[u8]>, Missing> {
        self.kept(digest, FILE)
    }

    /// Returns the list of such files.
    pub(crate) fn kept_tree(&self, digest: &str) -> Result<Arc<[u8]>, Missing> {
        self.kept(digest, TREE)
    }

    /// Whether a file is there and whole.
    pub(crate) fn has_file(&self, digest: &str) -> bool {
        self.kept(digest, FILE).is_ok()
    }

    /// Keeps a file, and returns its digest.
    pub(crate) fn keep_file(&self, bytes: &[u8]) -> Result<String, Error> {
        let digest = digest_of(bytes);
        if !self.has_file(&digest) {
            self.keep_as(&digest, FILE, bytes)?;
        }
        Ok(digest)
    }

    /// Keeps a list of files, and returns its digest.
    pub(crate) fn keep_tree(&self, bytes: &[u8]) -> Result<String, Error> {
        let digest = digest_of(bytes);
        self.keep_as(&digest, TREE, bytes)?;
        Ok(digest)
    }

    fn keep_as(&self, digest: &str, ending: &str, bytes: &[u8]) -> Result<(), Error> {
        let file = self.blob(digest, ending);
        write(&file, bytes).map_err(Error::disk("write", &file))
    }

    /// Returns the archive of a chart.
    pub(crate) fn read(
        &self,
        repository: &str,
        chart: &str,
        version: &str,
    ) -> Result<Arc<[u8]>, Missing> {
        let known =
            self.known(&Wanted::new(repository, chart, version)).ok_or(Missing::NotFound)?;
        self.archive(&known.digest)
    }

    /// Keeps an archive, and returns its digest.
    ///
    /// # Errors
    /// If the disk fails.
    pub(crate) fn keep(&self, bytes: &[u8]) -> Result<String, Error> {
        let digest = digest_of(bytes);
        self.keep_as(&digest, ARCHIVE, bytes)?;
        Ok(digest)
    }

    /// Remembers which archive a chart is.
    ///
    /// # Errors
    /// If the disk fails.
    pub(crate) fn remember(&self, wanted: &Wanted, known: &Known) -> Result<(), Error> {
        let entry = json!({
            "repository": super::address::shown(wanted.place()),
            "chart": wanted.chart,
            "version": wanted.version,
            "resolved": known.resolved,
            "digest": known.digest,
        });
        let file = self.entry(wanted);
        write(&file, format!("{entry:#}\n").as_bytes()).map_err(Error::disk("write", &file))
    }

    fn blob(&self, digest: &str, ending: &str) -> PathBuf {
        self.folder.join("sha256").join(format!("{digest}.{ending}"))
    }

    fn entry(&self, wanted: &Wanted) -> PathBuf {
        let key = [wanted.place(), &wanted.chart, &wanted.version].join("\0");
        self.folder.join("index").join(format!("{}.json", digest_of(key.as_bytes())))
    }
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is a SHA-256 in hexadecimal: nothing else becomes part of a path.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Writes a file beside its place, and then puts it there.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.as_file().sync_data()?;
    new.persist(file).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    fn cache(folder: &Folder) -> ChartCache {
        ChartCache::of_person(Some(folder.path().to_owned()), None).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_and_what_is_damaged_is_refused() {
        let folder = Folder::new().unwrap();
        let cache = cache(&folder);
        let wanted = Wanted::new("https://x.org/charts/", "web", "^1");
        assert_eq!(cache.known(&wanted), None);
        let digest = cache.keep(b"archive").unwrap();
        let known = Known { resolved: "1.2.3".into(), digest: digest.clone() };
        cache.remember(&wanted, &known).unwrap();
        assert_eq!(cache.known(&wanted), Some(known));
        let read = cache.read("https://x.org/charts", "web", "^1");
        assert_eq!(read.as_deref(), Ok(b"archive".as_slice()));
        assert_eq!(cache.read("https://x.org/charts", "web", "1"), Err(Missing::NotFound));
        let names = std::fs::read_dir(cache.folder().join("sha256")).unwrap().count();
        assert_eq!(names, 1);
        std::fs::write(cache.blob(&digest, ARCHIVE), "other").unwrap();
        assert!(matches!(cache.archive(&digest), Err(Missing::Failed(_))));
        assert_eq!(cache.archive("../../etc/passwd"), Err(Missing::NotFound));
        assert!(ChartCache::of_person(Some("relative".into()), None).is_none());
    }

    #[test]
    fn many_may_write_the_same_at_once() {
        let folder = Folder::new().unwrap();
        let cache = cache(&folder);
        let bytes = vec![7; 100_000];
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let digest = cache.keep(&bytes).unwrap();
                        assert_eq!(cache.archive(&digest).unwrap().len(), bytes.len());
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(cache.folder().join("sha256")).unwrap().count(), 1);
    }
}
