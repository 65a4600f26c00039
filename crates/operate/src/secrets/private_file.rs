//! Files that only their owner may read, and files that are replaced as a whole.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::{Error, replace_file};

/// Writes a new file that only its owner may read: mode 0600 from the first byte, and never over a file
/// that is there.
///
/// # Errors
/// If there is a file of that name, or the disk fails.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(Error::disk("make the file", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::disk("write", path))
}

/// Removes a file that was just made, because what it belongs to could not be done.
///
/// # Errors
/// If the disk fails; then the file is there still.
pub fn take_back(path: &Path) -> Result<(), Error> {
    std::fs::remove_file(path).map_err(Error::disk("take back", path))
}

/// Whether two paths name one file, there already or not: other spellings and links are followed.
pub fn is_same_place(one: &Path, other: &Path) -> bool {
    matches!((resolved(one), resolved(other)), (Some(one), Some(other)) if one == other)
}

/// Returns where a file is, or would be made; `None` where its folder is not there.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        let place = folder.join(path.file_name()?);
        match std::fs::read_link(&place) {
            Ok(target) => path = folder.join(target),
            Err(_) => return Some(place),
        }
    }
    None
}

/// Writes a new file, or replaces the content of one that is there ([`replace_file`]).
///
/// # Errors
/// If the disk fails; then an old content is there still.
pub fn put_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if path.exists() {
        return replace_file(path, bytes);
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = options.open(path).map_err(Error::disk("make the file", path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file is none.
        let _ = std::fs::remove_file(path);
        Error::disk("write", path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_the_owners_alone_and_never_replaces_another() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new().unwrap();
        let path = folder.join("key");
        write_private(&path, b"1").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_private(&path, b"2").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"1");
        put_file(&path, b"3").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&path).unwrap(), b"3");
        assert!(write_private(&folder.join("no/key"), b"1").is_err());
    }
}
