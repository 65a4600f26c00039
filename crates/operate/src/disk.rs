//! The repository on disk as a [`World`].

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use text::{Date, Found, LARGEST_FILE, Missing, Remote, World};

use crate::path::{find_repository, plain};
use crate::sources::{Mounts, other_digest};
use crate::{BasePins, ChartCache, Error, Pins, Wanted, today};

/// A repository on disk. Nothing outside it can be read: a link that leaves it is no file.
#[derive(Clone, Debug)]
pub struct DiskWorld {
    root: PathBuf,
    cache: Option<ChartCache>,
    pins: Pins,
    /// What lies elsewhere.
    bases: Arc<Mounts>,
    today: Date,
    /// Where folders really lie: most files share theirs with others, and to follow the links of each step of
    /// each path would be most of what reading costs.
    folders: Arc<Mutex<HashMap<PathBuf, Arc<Path>>>>,
}

impl DiskWorld {
    /// Returns the world of the repository at `root`, with the charts of `cache` if there is one. Charts
    /// are those that the repository's lock pins.
    ///
    /// # Errors
    /// If there is no such folder, its lock cannot be understood, or the cache has another archive for a
    /// chart than the lock.
    pub fn open(root: &Path, cache: Option<ChartCache>) -> Result<DiskWorld, Error> {
        let root = root.canonicalize().map_err(Error::disk("read the folder", root))?;
        let mut world = DiskWorld::of(root, cache);
        world.pins = Pins::read(&world)?;
        world.check_pins()?;
        let bases = BasePins::read(&world)?;
        Ok(world.with_bases(bases))
    }

    /// Returns the same world, with other pins of what lies elsewhere.
    #[must_use]
    pub fn with_bases(self, pins: BasePins) -> DiskWorld {
        let bases = Arc::new(Mounts::new(self.cache.clone(), pins));
        DiskWorld { bases, ..self }
    }

    /// Returns what is pinned of what lies elsewhere.
    pub fn base_pins(&self) -> &BasePins {
        self.bases.pins()
    }

    /// Returns the same world, with another cache.
    #[must_use]
    pub fn with_cache(self, cache: ChartCache) -> DiskWorld {
        DiskWorld { cache: Some(cache), ..self }
    }

    /// Returns the world of the whole disk, whose paths are absolute ones without the first `/`: for what
    /// may name any folder. Charts are pinned as in the repository that `folder` is in, if it is in one.
    ///
    /// # Errors
    /// As [`DiskWorld::open`].
    pub fn whole(folder: &Path, cache: Option<ChartCache>) -> Result<DiskWorld, Error> {
        let mut world = DiskWorld::open(&locked_at(folder), cache)?;
        world.root = PathBuf::from("/");
        Ok(world)
    }

    fn of(root: PathBuf, cache: Option<ChartCache>) -> DiskWorld {
        let folders = Arc::default();
        let bases = Arc::default();
        DiskWorld { root, cache, pins: Pins::default(), bases, today: today(), folders }
    }

    /// Returns where a file or folder really lies, all links followed, and what it is.
    fn find(&self, place: &Path) -> io::Result<(PathBuf, std::fs::Metadata)> {
        let found = place.symlink_metadata()?;
        if let (Some(folder), Some(name)) = (place.parent(), place.file_name())
            && !found.is_symlink()
        {
            return Ok((self.real_folder(folder)?.join(name), found));
        }
        let real = place.canonicalize()?;
        let found = real.metadata()?;
        Ok((real, found))
    }

    fn real_folder(&self, folder: &Path) -> io::Result<Arc<Path>> {
        let known = || self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(real) = known().get(folder) {
            return Ok(Arc::clone(real));
        }
        let real: Arc<Path> = folder.canonicalize()?.into();
        known().insert(folder.to_owned(), Arc::clone(&real));
        Ok(real)
    }

    /// A chart that is pinned by another digest than the one under which it was fetched is no longer the
    /// chart that was proved.
    fn check_pins(&self) -> Result<(), Error> {
        let Some(cache) = &self.cache else { return Ok(()) };
        for pin in self.pins.iter() {
            let Some(known) = cache.known(&pin.wanted) else { continue };
            if known.digest != pin.digest && cache.archive(&pin.digest).is_err() {
                return Err(Error::Chart {
                    chart: pin.wanted.to_string(),
                    repository: crate::sources::shown(pin.wanted.place()),
                    reason: other_digest(pin, &known.digest),
                });
            }
        }
        Ok(())
    }

    /// Returns the symbolic link that keeps a file from being reached, if there is one.
    fn bad_link(&self, relative: &Path) -> Option<Missing> {
        let ways: Vec<&Path> = relative.ancestors().collect();
        ways.into_iter().rev().find_map(|way| {
            let link = self.root.join(way);
            let leads_to = std::fs::read_link(&link).ok()?;
            let reason = match link.canonicalize() {
                Err(error)
                    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) =>
                {
                    "which leads back to it"
                }
                Err(_) => "which is not there",
                Ok(target) if !target.starts_with(&self.root) => "outside of the repository",
                Ok(target) if way == relative && !target.is_file() => "which is no file",
                Ok(_) => return None,
            };
            let shown = |path: &Path| path.to_string_lossy().into_owned();
            Some(Missing::Link { link: shown(way), leads_to: shown(&leads_to), reason })
        })
    }

    /// Returns the repository's folder, all links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl World for DiskWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, Missing> {
        if let Some(read) = self.bases.read(path) {
            return read;
        }
        let relative = plain(path).ok_or(Missing::NotFound)?;
        let place = self.root.join(relative);
        let (file, metadata) = match self.find(&place) {
            Ok(found) => found,
            Err(error) => return Err(self.bad_link(relative).unwrap_or_else(|| missing(&error))),
        };
        if !file.starts_with(&self.root) || !metadata.is_file() {
            return Err(self.bad_link(relative).unwrap_or(Missing::NotAFile));
        }
        let largest = LARGEST_FILE as u64;
        let too_large = |size: u64| {
            let (size, most) = (size >> 20, LARGEST_FILE >> 20);
            Missing::Failed(format!("too large: {size} MiB, and {most} are read"))
        };
        if metadata.len() > largest {
            return Err(too_large(metadata.len()));
        }
        // One more than is there, so that the end is seen without growing.
        let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
        let file = std::fs::File::open(&file).map_err(|error| missing(&error))?;
        let read = file.take(largest + 1).read_to_end(&mut bytes);
        match read.map_err(|error| missing(&error))? as u64 {
            // It grew meanwhile.
            size if size > largest => Err(too_large(size)),
            _ => Ok(Arc::from(bytes)),
        }
    }

    /// Links are listed as they are and never entered: reading one that leads to a folder or out of the
    /// repository says that it is no file, so that nothing is left out in silence.
    fn list(&self, folder: &str) -> Vec<String> {
        if let Some(paths) = self.bases.list(folder) {
            return paths;
        }
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

    fn real_path(&self, path: &str) -> String {
        if let Some(real) = self.bases.real_path(path) {
            return real;
        }
        let real = plain(path).and_then(|relative| self.find(&self.root.join(relative)).ok());
        let inside =
            real.as_ref().and_then(|(real, _)| real.strip_prefix(&self.root).ok()?.to_str());
        inside.unwrap_or(path).to_owned()
    }

    fn chart(&self, repository: &str, name: &str, version: &str) -> Result<Arc<[u8]>, Missing> {
        let cache = self.cache.as_ref().ok_or(Missing::NotFound)?;
        match self.pins.find(&Wanted::new(repository, name, version)) {
            Some(pin) => cache.archive(&pin.digest),
            None => cache.read(repository, name, version),
        }
    }

    fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        self.bases.remote(remote)
    }

    fn today(&self) -> Date {
        self.today
    }
}

/// Returns the folder whose locks count for what is in `folder`: the nearest repository of mainstay's, or the
/// nearest folder with a lock of what lies elsewhere, up to the top of the git repository; `folder` itself
/// where there is none.
pub fn locked_at(folder: &Path) -> PathBuf {
    if let Ok(repository) = find_repository(folder) {
        return repository;
    }
    for above in folder.ancestors() {
        if above.join(crate::BASES_LOCK).is_file() {
            return above.to_owned();
        }
        if above.join(".git").exists() {
            return above.to_owned();
        }
    }
    folder.to_owned()
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
    use crate::{Known, Pin};
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
        symlink("../gone", folder.join("in/dangling")).unwrap();
        let said = |path| world.read(path).unwrap_err().to_string();
        let outside = "`out` is a symbolic link to `/etc/hostname`, outside of the repository";
        assert_eq!(said("out"), outside);
        assert_eq!(said("dir"), "`dir` is a symbolic link to `in`, which is no file");
        symlink("self", folder.join("self")).unwrap();
        let looped = "`self` is a symbolic link to `self`, which leads back to it";
        assert_eq!(said("self"), looped);
        let dangling = "`in/dangling` is a symbolic link to `../gone`, which is not there";
        assert_eq!(said("in/dangling"), dangling);
        // The link is good, only the file behind it is missing.
        assert_eq!(world.read("dir/none"), Err(Missing::NotFound));
    }

    #[test]
    fn a_chart_is_the_one_that_is_pinned() {
        let (folder, home) = (Folder::new().unwrap(), Folder::new().unwrap());
        let cache = ChartCache::of_person(Some(home.path().to_owned()), None).unwrap();
        let wanted = Wanted::new("https://charts.example.org/", "web", "1.2.3");
        let known = |bytes: &[u8]| Known {
            resolved: wanted.version.clone(),
            digest: cache.keep(bytes).unwrap(),
        };
        let (one, two) = (known(b"one"), known(b"two"));
        cache.remember(&wanted, &two).unwrap();
        let open = || DiskWorld::open(folder.path(), Some(cache.clone()));
        let read = |version| open().unwrap().chart("https://charts.example.org", "web", version);
        assert_eq!(read("1.2.3").as_deref(), Ok(b"two".as_slice()));
        assert_eq!(read("1.2.4"), Err(Missing::NotFound));
        let pin = |digest: &str| {
            let (wanted, resolved) = (wanted.clone(), wanted.version.clone());
            let pins = Pins::new(vec![Pin { wanted, resolved, digest: digest.to_owned() }]);
            folder.write(crate::CHARTS_LOCK, pins.to_text()).unwrap();
        };
        pin(&one.digest);
        assert_eq!(read("1.2.3").as_deref(), Ok(b"one".as_slice()));
        pin(&"0".repeat(64));
        assert!(matches!(open(), Err(Error::Chart { .. })));
        folder.write(crate::CHARTS_LOCK, "version: 9").unwrap();
        assert!(matches!(open(), Err(Error::ChartsLock { .. })));
    }
}
