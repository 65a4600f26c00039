//! Private keys from files, and where they must not be written.

use std::io::Read;
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
        let text = read_key_text(file)?;
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
        let text = read_key_text(file)?;
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

/// Reads the text of a key, which wipes itself. `-` is standard input.
///
/// # Errors
/// If it cannot be read, or is no text: a key in DER.
pub fn read_key_text(file: &Path) -> Result<Zeroizing<String>, Error> {
    read_secret_text(file).map_err(|error| match error {
        Error::NotText { path } => Error::Key { path, reason: BadKey::NoText },
        other => other,
    })
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
    let most = text::LARGEST_FILE;
    let bytes = match file.as_os_str() == "-" {
        true => read_wiping(std::io::stdin().lock(), most),
        false => std::fs::File::open(file).and_then(|file| read_wiping(file, most)),
    };
    let bytes = bytes.map_err(Error::disk("read", file))?;
    if bytes.len() > most {
        return Err(Error::TooLarge { path: file.to_owned() });
    }
    Ok(bytes)
}

/// How much is read at once: no less than the buffer of standard input, which would keep a copy of less.
const AT_ONCE: usize = 64 << 10;

/// Reads to the end, or a little more than `most`, and leaves no copy of what was read behind.
///
/// # Errors
/// If it cannot be read.
pub fn read_wiping(mut from: impl Read, most: usize) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(AT_ONCE));
    let mut part = Zeroizing::new(vec![0; AT_ONCE]);
    while bytes.len() <= most {
        match from.read(&mut part) {
            Ok(0) => break,
            Ok(count) => push_wiping(&mut bytes, part.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// Appends bytes; a buffer that has no room for them is replaced by a larger one, and wiped. One that grows by itself
/// leaves a copy behind that nobody wipes.
pub fn push_wiping(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let wanted = bytes.len() + more.len();
    if wanted > bytes.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(wanted.max(2 * bytes.capacity())));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}

/// Returns the repository that a new file would lie in, if it would lie in one.
pub fn inside_repository(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    let folder = file.parent()?;
    // Links resolved, as far as the folder is there.
    let there = folder.ancestors().find_map(|it| it.canonicalize().ok());
    let folder = there.unwrap_or_else(|| folder.to_owned());
    folder
        .ancestors()
        .find(|above| above.join(MANIFEST).is_file() || above.join(".git").exists())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_and_a_little_more_than_the_most() {
        let long: Vec<u8> = (0..300_000_u32).map(|at| at as u8).collect();
        assert_eq!(*read_wiping(&long[..], 300_000).unwrap(), long);
        let cut = read_wiping(&long[..], 100_000).unwrap();
        assert!((100_001..200_000).contains(&cut.len()), "{}", cut.len());
        assert_eq!(*cut, &long[..cut.len()]);
        assert!(read_wiping(std::io::empty(), 10).unwrap().is_empty());
    }
}
