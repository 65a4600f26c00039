//! Files that a person asked for, written over whatever is there.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::path::plain;
use crate::writes::{Mode, RealDisk, Sync, Writes as _};

/// Writes files (path below `folder`, content), and the folders that they need.
///
/// # Errors
/// If a path would lead out of the folder, or the disk fails.
pub fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    for (path, bytes) in files {
        let relative = plain(path).ok_or_else(|| Error::Outside { path: path.clone() })?;
        let file = folder.join(relative);
        if let Some(above) = file.parent() {
            std::fs::create_dir_all(above).map_err(Error::disk("make the folder", above))?;
        }
        std::fs::write(&file, bytes).map_err(Error::disk("write", &file))?;
    }
    Ok(())
}

/// Replaces the content of a file that is there: at any moment it is the old one or the new one. Its
/// permissions stay, and a link to it stays a link.
///
/// # Errors
/// If the disk fails; then the file is as it was.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = path.canonicalize().map_err(Error::disk("read", path))?;
    let permissions = file.metadata().map_err(Error::disk("look at", &file))?.permissions();
    // A name of its own: two runs must not write into each other's file.
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new: PathBuf = file.with_file_name(name);
    let written = RealDisk.write_file(&new, bytes, &Mode::Kept(permissions), Sync::Now);
    let replaced = written.and_then(|()| RealDisk.rename(&new, &file));
    replaced.map_err(|error| {
        // What could not be finished must not stay beside the file; the first failure is the one to tell.
        let _ = RealDisk.remove_file(&new);
        Error::disk("write", &file)(error)
    })
}

/// Writes a file that a person named.
///
/// # Errors
/// If the disk fails.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(Error::disk("write", path))
}
