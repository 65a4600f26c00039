//! Files that a person asked for, written over whatever is there.

use std::path::Path;

use crate::Error;
use crate::path::plain;

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
