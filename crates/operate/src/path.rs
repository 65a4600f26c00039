//! Where the repository is, and which paths lie inside it.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::Error;

/// The file that makes a folder a repository of mainstay.
pub const MANIFEST: &str = "mainstay.yaml";

/// Returns the repository that `start` is in: the nearest folder, itself included, that holds
/// `mainstay.yaml`. The search stops at the top of a git repository.
///
/// # Errors
/// [`Error::NoRepository`] says where was looked.
pub fn find_repository(start: &Path) -> Result<PathBuf, Error> {
    let start = start.canonicalize().map_err(Error::disk("read the folder", start))?;
    let mut looked = Vec::new();
    for folder in start.ancestors() {
        if folder.join(MANIFEST).is_file() {
            return Ok(folder.to_owned());
        }
        looked.push(folder.to_owned());
        if folder.join(".git").exists() {
            break;
        }
    }
    Err(Error::NoRepository { looked })
}

/// Returns the bytes of a file that a person named.
///
/// # Errors
/// If it cannot be read, or has more than [`text::LARGEST_FILE`] bytes: a device has no end.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let file = std::fs::File::open(path).map_err(Error::disk("read", path))?;
    bounded(file, path)
}

/// Returns the bytes of standard input.
///
/// # Errors
/// As [`read_file`].
pub fn read_standard_input() -> Result<Vec<u8>, Error> {
    bounded(io::stdin().lock(), Path::new("standard input"))
}

fn bounded(input: impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let most = text::LARGEST_FILE;
    let mut bytes = Vec::new();
    let read = input.take(most as u64 + 1).read_to_end(&mut bytes);
    if read.map_err(Error::disk("read", path))? > most {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Returns `path` if it is relative, has only plain parts, and could be a file.
pub(crate) fn plain(path: &str) -> Option<&Path> {
    if path.is_empty() || path.contains(['\0', '\\']) || path.ends_with('/') {
        return None;
    }
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| Path::new(path))
}

/// What is at a path, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    Nothing,
    File,
    Folder,
    Other,
}

/// Returns what is at `path`.
pub(crate) fn there(path: &Path) -> Result<There, Error> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Ok(There::File),
        Ok(metadata) if metadata.is_dir() => Ok(There::Folder),
        Ok(_) => Ok(There::Other),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(There::Nothing),
            _ => Err(Error::disk("look at", path)(error)),
        },
    }
}

/// Returns where the file `path` of the repository at `root` is to be written or removed: inside the
/// repository, with real folders above it (as far as they are there), and no link or folder in its place.
pub(crate) fn target(root: &Path, path: &str) -> Result<PathBuf, Error> {
    let outside = || Error::Outside { path: path.to_owned() };
    let parts = plain(path).ok_or_else(outside)?;
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(outside());
    }
    let mut at = root.to_owned();
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        at.push(part);
        let last = parts.peek().is_none();
        match there(&at)? {
            There::Nothing => {
                at.extend(parts);
                return Ok(at);
            }
            There::File if last => {}
            There::File => return Err(Error::NotAFolder { path: at }),
            There::Folder if !last => {}
            There::Folder => return Err(Error::NotAFile { path: at }),
            There::Other => return Err(outside()),
        }
    }
    Ok(at)
}

/// Whether a file of the repository at `root` can be written: it is no link, and behind none.
pub fn can_be_written(root: &Path, path: &str) -> bool {
    target(root, path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    #[test]
    fn only_plain_relative_paths_pass() {
        for good in ["a", "a/b", ".github/x", "a b/ü"] {
            assert!(plain(good).is_some(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "./a", "a/../b", "..", "a\0", "a\\b"] {
            assert!(plain(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_target_is_inside_and_not_behind_a_link() {
        let folder = Folder::new().unwrap();
        let root = folder.path();
        folder.write("inside/file", "").unwrap();
        assert_eq!(target(root, "inside/new/deep").unwrap(), root.join("inside/new/deep"));
        assert_eq!(target(root, "inside/file").unwrap(), root.join("inside/file"));
        assert!(matches!(target(root, "inside"), Err(Error::NotAFile { .. })));
        assert!(matches!(target(root, "inside/file/x"), Err(Error::NotAFolder { .. })));
        assert!(matches!(target(root, "../x"), Err(Error::Outside { .. })));
        assert!(matches!(target(root, ".git/config"), Err(Error::Outside { .. })));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/tmp", root.join("link")).unwrap();
            assert!(matches!(target(root, "link"), Err(Error::Outside { .. })));
            assert!(matches!(target(root, "link/x"), Err(Error::Outside { .. })));
        }
    }

    #[test]
    fn the_repository_is_found_upwards_and_not_beyond_git() {
        let folder = Folder::new().unwrap();
        folder.write("mainstay.yaml", "").unwrap();
        folder.write("a/b/c", "").unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(find_repository(&folder.join("a/b")).unwrap(), root);
        folder.write("a/.git/HEAD", "").unwrap();
        match find_repository(&folder.join("a/b")) {
            Err(Error::NoRepository { looked }) => {
                assert_eq!(looked, [root.join("a/b"), root.join("a")]);
            }
            other => panic!("{other:?}"),
        }
    }
}
