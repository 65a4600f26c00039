//! Private keys from files, and where they must not be written.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use seal::key::{BadKey, KeyRing, KeySecret};
use zeroize::Zeroizing;

use crate::{Error, MANIFEST};

/// Reads the private keys of files; each is known by its file's name.
///
/// # Errors
/// If a file cannot be read, or holds no key that can be used.
pub fn read_keys(files: &[PathBuf]) -> Result<KeyRing, Error> {
    let mut keys = KeyRing::default();
    for file in files {
        let text = read_secret_text(file)?;
        let name = file.display().to_string();
        keys.add(&name, &text)
            .map_err(|reason: BadKey| Error::Key { path: file.clone(), reason })?;
    }
    Ok(keys)
}

/// A file of which Secrets with keys were read.
pub struct KeyFile {
    /// The file's name.
    pub name: String,
    /// Its text as it may be shown.
    pub shown: String,
    /// The Secrets.
    pub secrets: Vec<KeySecret>,
}

/// Reads the private keys of files as [`read_keys`] does, and the Secrets that they are in. A key of a Secret that
/// cannot be used is left out: [`KeySecret::check`] says so.
///
/// # Errors
/// As [`read_keys`].
pub fn read_key_files(files: &[PathBuf]) -> Result<(KeyRing, Vec<KeyFile>), Error> {
    let mut keys = KeyRing::default();
    let mut of_secrets = Vec::new();
    for file in files {
        let text = read_secret_text(file)?;
        let name = file.display().to_string();
        let bad = |reason: BadKey| Error::Key { path: file.clone(), reason };
        let secrets = KeySecret::read_all(&text).map_err(bad)?;
        if secrets.iter().all(|secret| secret.key.is_ok()) {
            keys.add(&name, &text).map_err(bad)?;
        }
        if !secrets.is_empty() {
            of_secrets.push(KeyFile { name, shown: seal::secret::shown(&text), secrets });
        }
    }
    Ok((keys, of_secrets))
}

/// Reads a text that wipes itself: a key, or a Secret. `-` is standard input.
///
/// # Errors
/// If it cannot be read, or is no UTF-8.
pub fn read_secret_text(file: &Path) -> Result<Zeroizing<String>, Error> {
    let mut bytes = read_secret_bytes(file)?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => {
            let text = std::mem::take(&mut *bytes);
            Ok(Zeroizing::new(String::from_utf8(text).unwrap_or_default()))
        }
        Err(_) => Err(Error::NotText { path: file.to_owned() }),
    }
}

/// Reads bytes that wipe themselves. `-` is standard input.
///
/// # Errors
/// If they cannot be read, or are more than [`text::LARGEST_FILE`]: a device has no end.
pub fn read_secret_bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    let most = text::LARGEST_FILE;
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes),
        false => std::fs::File::open(file).and_then(|file| {
            // Enough room at once: a buffer that grows leaves copies behind that nobody wipes.
            if let Ok(metadata) = file.metadata() {
                bytes.reserve(usize::try_from(metadata.len()).unwrap_or(most).min(most) + 1);
            }
            file.take(most as u64 + 1).read_to_end(&mut bytes)
        }),
    };
    read.map_err(Error::disk("read", file))?;
    if bytes.len() > most {
        return Err(Error::TooLarge { path: file.to_owned() });
    }
    Ok(bytes)
}

/// Returns the repository that a new file would lie in, if it would lie in one.
pub fn inside_repository(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    let folder = file.parent()?;
    // Links resolved, as far as the folder is there.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder
        .ancestors()
        .find(|above| above.join(MANIFEST).is_file() || above.join(".git").exists())
        .map(Path::to_owned)
}
