//! Making a new repository: the folder is complete, or it is not there.
//!
//! Everything is built in a hidden folder beside the wanted one, and one rename makes it appear. What a
//! killed run left behind is removed by the next.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::lock::Lock;
use crate::path::{There, plain, there};
use crate::writes::{Mode, RealDisk, Sync, Writes};
use crate::{Error, Write};

/// A folder under construction is called `.NAME.mainstay-` and eight letters or digits.
const MARK: &str = ".mainstay-";
const MARK_LETTERS: usize = 8;
/// Names are cut to this length in the hidden folder's name, so that it is not too long for the disk.
const NAME_LETTERS: usize = 64;

/// A new repository.
#[derive(Debug)]
pub struct Created<T> {
    /// Its folder.
    pub folder: PathBuf,
    /// What was done in it before it appeared.
    pub outcome: T,
}

/// Makes the folder `target` with these files. `within` gets the folder before it appears (to commit it,
/// say); if that fails, or anything else, there is no folder.
///
/// # Errors
/// If `target` is there and not empty, or the disk fails.
pub fn create<T>(
    target: &Path,
    files: &[Write],
    within: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<Created<T>, Error> {
    create_on(&RealDisk, target, files, within)
}

/// Says whether a new folder can be put at `target`: nothing is there, or an empty folder that may be
/// written to.
///
/// # Errors
/// If it cannot.
pub fn check_vacant(target: &Path) -> Result<(), Error> {
    vacant(target).map(|_| ())
}

fn create_on<T>(
    disk: &dyn Writes,
    target: &Path,
    files: &[Write],
    within: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<Created<T>, Error> {
    let target = vacant(target)?;
    let no_name = || Error::NoName { path: target.clone() };
    let (parent, name) = (target.parent().ok_or_else(no_name)?, target.file_name());
    let name = name.ok_or_else(no_name)?;
    let made = make_parents(disk, parent)?;
    clean(disk, parent);
    let result = build(disk, parent, name, files, within, &target);
    if result.is_err() {
        for folder in made.iter().rev() {
            // If something else has come into it meanwhile, it stays.
            let _ = disk.remove_folder(folder);
        }
    }
    result.map(|outcome| Created { folder: target.clone(), outcome })
}

/// Returns the path of `target` with its parent's links resolved, if a new folder can be put there.
fn vacant(target: &Path) -> Result<PathBuf, Error> {
    let (target, empty) = match target.canonicalize() {
        Ok(found) => match std::fs::read_dir(&found) {
            Ok(mut entries) => (found, entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Error::NotAFolder { path: target.to_owned() });
            }
            Err(error) => return Err(Error::disk("read the folder", target)(error)),
        },
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            if there(target)? != There::Nothing {
                // A link that leads nowhere.
                return Err(Error::NotAFolder { path: target.to_owned() });
            }
            // Not `..` and the like: the name has to be one that a folder can get.
            if target.file_name().is_none() {
                return Err(Error::NoName { path: target.to_owned() });
            }
            let absolute = std::path::absolute(target).map_err(Error::disk("find", target))?;
            return Ok(absolute);
        }
        Err(error) => return Err(Error::disk("look at", target)(error)),
    };
    if !empty {
        return Err(Error::NotEmpty { path: target });
    }
    // It will be replaced, for which its parent's rights are enough: its own say whether that is wanted.
    writable(&target).map_err(Error::disk("write to the folder", &target))?;
    // Whoever stands in a folder would stay in the old one when a new one takes its name.
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    if here.is_ok_and(|here| here.starts_with(&target)) {
        return Err(Error::NoName { path: target });
    }
    Ok(target)
}

/// Whether files may be made in a folder.
fn writable(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?;
    }
    #[cfg(not(unix))]
    if folder.metadata()?.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Gives a folder the owner, the group and the permissions of the one whose place it will take.
fn like(staging: &Path, target: &Path) -> Result<(), Error> {
    let Ok(wanted) = target.metadata() else { return Ok(()) };
    let failed = || Error::disk("keep the owner and the permissions of", target);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let made = staging.metadata().map_err(failed())?;
        let owner = (made.uid() != wanted.uid()).then(|| wanted.uid());
        let group = (made.gid() != wanted.gid()).then(|| wanted.gid());
        if owner.is_some() || group.is_some() {
            std::os::unix::fs::chown(staging, owner, group).map_err(failed())?;
        }
    }
    std::fs::set_permissions(staging, wanted.permissions()).map_err(failed())
}

/// Makes the folders above the new one, and returns those that were not there, outer before inner.
fn make_parents(disk: &dyn Writes, parent: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut missing: Vec<&Path> = Vec::new();
    for folder in parent.ancestors() {
        match folder.metadata() {
            Ok(metadata) if metadata.is_dir() => break,
            Ok(_) => return Err(Error::NotAFolder { path: folder.to_owned() }),
            Err(_) => missing.push(folder),
        }
    }
    let mut made = Vec::new();
    for folder in missing.into_iter().rev() {
        disk.create_folder(folder).map_err(Error::disk("make the folder", folder))?;
        made.push(folder.to_owned());
    }
    Ok(made)
}

/// Removes what killed runs have left in `parent`. A folder whose run still lives is locked.
fn clean(disk: &dyn Writes, parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let under_construction =
            is_marked(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if under_construction && let Some(_lock) = Lock::try_exclusive(&entry.path()) {
            // Failing to tidy up is no reason to fail.
            let _ = disk.remove_tree(&entry.path());
        }
    }
}

fn is_marked(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let Some((before, letters)) = name.rsplit_once(MARK) else { return false };
    before.starts_with('.')
        && before.len() > 1
        && letters.len() == MARK_LETTERS
        && letters.bytes().all(|letter| letter.is_ascii_alphanumeric())
}

fn build<T>(
    disk: &dyn Writes,
    parent: &Path,
    name: &OsStr,
    files: &[Write],
    within: impl FnOnce(&Path) -> Result<T, Error>,
    target: &Path,
) -> Result<T, Error> {
    let (staging, _lock) = stage(disk, parent, name)?;
    let filled = like(&staging, target).and_then(|()| fill(disk, &staging, files));
    let done = filled.and_then(|()| within(&staging)).and_then(|outcome| {
        disk.rename(&staging, target).map_err(|error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                Error::NotEmpty { path: target.to_owned() }
            }
            io::ErrorKind::NotADirectory => Error::NotAFolder { path: target.to_owned() },
            _ => Error::disk("make the folder", target)(error),
        })?;
        Ok(outcome)
    });
    match done {
        Ok(outcome) => {
            // From here on the folder is there and complete.
            let _ = disk.sync_folder(parent);
            Ok(outcome)
        }
        Err(error) => {
            let _ = disk.remove_tree(&staging);
            Err(error)
        }
    }
}

/// Makes the hidden folder and locks it.
fn stage(disk: &dyn Writes, parent: &Path, name: &OsStr) -> Result<(PathBuf, Lock), Error> {
    let short: String = name.to_string_lossy().chars().take(NAME_LETTERS).collect();
    let failed = || Error::disk("make a folder in", parent);
    loop {
        let staging = tempfile::Builder::new()
            .prefix(&format!(".{short}{MARK}"))
            .rand_bytes(MARK_LETTERS)
            .make_in(parent, |path| disk.create_folder(path))
            .and_then(|made| made.into_temp_path().keep().map_err(|error| error.error))
            .map_err(failed())?;
        // Another run may have taken it for a leftover before it was locked.
        if let Some(lock) = Lock::try_exclusive(&staging) {
            if staging.is_dir() {
                return Ok((staging, lock));
            }
        } else if staging.is_dir() {
            return Ok((staging, Lock::none()));
        }
    }
}

fn fill(disk: &dyn Writes, staging: &Path, files: &[Write]) -> Result<(), Error> {
    let mut made: BTreeSet<PathBuf> = BTreeSet::new();
    for file in files {
        let relative = plain(&file.path);
        let relative = relative.ok_or_else(|| Error::Outside { path: file.path.clone() })?;
        let path = staging.join(relative);
        let mut missing: Vec<&Path> = relative
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty())
            .take_while(|folder| !made.contains(*folder))
            .collect();
        missing.reverse();
        for folder in missing {
            let whole = staging.join(folder);
            disk.create_folder(&whole).map_err(Error::disk("make the folder", &whole))?;
            made.insert(folder.to_owned());
        }
        let mode = if file.executable { Mode::Executable } else { Mode::Plain };
        // Nothing is seen before the rename, so no file has to reach the disk by itself.
        disk.write_file(&path, &file.bytes, &mode, Sync::Later)
            .map_err(Error::disk("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writes::StoppingDisk;
    use testkit::{Folder, snapshot};

    fn files() -> Vec<Write> {
        let file = |path: &str| Write {
            path: path.to_owned(),
            bytes: path.into(),
            executable: path.ends_with(".sh"),
        };
        ["README.md", "a/b/c", "a/b/d", "a/x", "scripts/validate.sh"].map(file).into()
    }

    fn new(target: &Path) -> Result<Created<()>, Error> {
        create(target, &files(), |_| Ok(()))
    }

    #[test]
    fn the_folder_has_every_file_and_nothing_lies_beside_it() {
        let folder = Folder::new().unwrap();
        for name in ["shop", "deep/er/shop", "ü n", &"x".repeat(255)] {
            let created = new(&folder.join(name)).unwrap();
            assert_eq!(created.folder, folder.path().join(name));
            let found: Vec<String> = snapshot(&folder.join(name)).unwrap().into_keys().collect();
            assert_eq!(found, ["README.md", "a/b/c", "a/b/d", "a/x", "scripts/validate.sh"]);
        }
        let beside = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(beside, 4);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |path: &str| folder.join(path).metadata().unwrap().permissions().mode() & 0o100;
            assert_eq!((mode("shop/README.md"), mode("shop/scripts/validate.sh")), (0, 0o100));
        }
    }

    #[test]
    fn an_empty_folder_is_taken_and_anything_else_is_left_alone() {
        let folder = Folder::new().unwrap();
        std::fs::create_dir(folder.join("empty")).unwrap();
        new(&folder.join("empty")).unwrap();
        folder.write("full/x", "x").unwrap();
        folder.write("file", "x").unwrap();
        let before = snapshot(folder.path()).unwrap();
        assert!(matches!(new(&folder.join("full")), Err(Error::NotEmpty { .. })));
        assert!(matches!(new(&folder.join("file")), Err(Error::NotAFolder { .. })));
        assert!(matches!(new(&folder.join("file/below")), Err(Error::NotAFolder { .. })));
        assert!(matches!(new(&folder.join("no/..")), Err(Error::NoName { .. })));
        assert!(matches!(new(Path::new("/")), Err(Error::NotEmpty { .. })));
        let failing = create(&folder.join("deep/new"), &files(), |_| -> Result<(), Error> {
            Err(Error::GitMissing { install: None })
        });
        assert!(failing.is_err());
        assert_eq!(snapshot(folder.path()).unwrap(), before);
    }

    #[cfg(unix)]
    #[test]
    fn an_empty_folder_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new().unwrap();
        for mode in [0o700, 0o750, 0o2775] {
            let target = folder.join(&format!("{mode:o}"));
            std::fs::create_dir(&target).unwrap();
            let wanted = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&target, wanted).unwrap();
            new(&target).unwrap();
            let found = target.metadata().unwrap().permissions().mode() & 0o7777;
            assert_eq!(found, mode, "{found:o}");
        }
    }

    #[test]
    fn stopped_at_any_step_the_folder_is_complete_or_not_there_and_the_next_run_tidies_up() {
        let mut steps = 0;
        for stop in 1.. {
            let folder = Folder::new().unwrap();
            let target = folder.join("above/shop");
            let disk = StoppingDisk::after(stop);
            let result = create_on(&disk, &target, &files(), |_| Ok(()));
            let there = target.exists();
            assert_eq!(there, result.is_ok(), "stop {stop}");
            if there {
                assert_eq!(snapshot(&target).unwrap().len(), 5, "stop {stop}");
            }
            let other = folder.join("above/other");
            new(&other).unwrap();
            let beside = std::fs::read_dir(folder.join("above")).unwrap().count();
            assert_eq!(beside, if there { 2 } else { 1 }, "stop {stop}");
            if !disk.stopped() {
                break;
            }
            steps = stop;
        }
        assert!(steps >= 11, "{steps} steps");
    }

    #[test]
    fn only_folders_under_construction_are_taken_for_leftovers() {
        for (name, marked) in [
            (".shop.mainstay-a1B2c3D4", true),
            (".shop.mainstay-a1B2c3D", false),
            (".shop.mainstay-a1B2c3-4", false),
            ("shop.mainstay-a1B2c3D4", false),
            (".mainstay-a1B2c3D4", false),
            (".mainstay", false),
        ] {
            assert_eq!(is_marked(OsStr::new(name)), marked, "{name}");
        }
    }
}
