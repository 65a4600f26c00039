//! Files that a kustomization names: where they may lie. What lies elsewhere is found in `elsewhere`.

use std::cell::RefCell;
use std::sync::Arc;

use text::path::{is_below, resolve};
use text::{Found, LARGEST_FILE, World};
use yaml::Schema;

use crate::error::{Error, Reason};
use crate::kustomization::Target;
use crate::repo_spec::{RepoSpec, is_file_address};

/// A file that was read, and where it lies.
pub(crate) type Bytes = (String, Arc<[u8]>);

/// Reads files for a kustomization.
#[derive(Clone, Copy)]
pub(crate) struct Loader<'w> {
    pub(crate) world: &'w dyn World,
    /// Whether files from outside the kustomization's folder may be read.
    pub(crate) unrestricted: bool,
    /// Whether the world is all that the machine has, so that absolute paths lead somewhere.
    pub(crate) whole: bool,
}

/// Reads files for something that speaks of its mistakes in words, and keeps what kind of mistake it was.
pub(crate) struct Reads<'r> {
    loader: Loader<'r>,
    target: &'r Target,
    /// Why a file could not be read, and how it is named.
    failed: RefCell<Option<(Reason, String)>>,
    /// The file that was read last.
    last: RefCell<Option<Bytes>>,
}

impl Reads<'_> {
    /// Returns the bytes of a file, as written in a field of the kustomization.
    pub(crate) fn read(&self, entry: &str) -> Result<Arc<[u8]>, String> {
        match self.loader.file(self.target, entry) {
            Ok((path, bytes)) => {
                *self.last.borrow_mut() = Some((path, Arc::clone(&bytes)));
                Ok(bytes)
            }
            Err(error) => {
                *self.failed.borrow_mut() = Some((error.reason, entry.to_owned()));
                Err(error.message)
            }
        }
    }

    /// Refuses a file at a path that is known otherwise, if it may not be read.
    pub(crate) fn check(&self, path: &str, entry: &str) -> Result<(), String> {
        self.loader.check(self.target, entry, path).map_err(|error| {
            *self.failed.borrow_mut() = Some((error.reason, entry.to_owned()));
            error.message
        })
    }

    /// Returns a mistake at a field of the kustomization: where a file could not be read, at its name there;
    /// where the last file is no YAML and should be, in that file.
    pub(crate) fn error(&self, otherwise: Reason, message: String, field: &[&str]) -> Error {
        if let Some((reason, entry)) = self.failed.take() {
            return self.target.error(reason, message).field(field).entry(entry);
        }
        if otherwise != Reason::Generator
            && let Some((path, bytes)) = self.last.take()
            && let Ok(text) = std::str::from_utf8(&bytes)
            && let Err(error) = yaml::parse_all(text, Schema::Go3)
        {
            return Error::new(otherwise, &path, message).offset(error.offset);
        }
        self.target.error(otherwise, message).field(field)
    }
}

impl<'w> Loader<'w> {
    /// Begins to read files for a kustomization.
    pub(crate) fn reads<'r>(&self, target: &'r Target) -> Reads<'r>
    where
        'w: 'r,
    {
        Reads { loader: *self, target, failed: RefCell::default(), last: RefCell::default() }
    }

    /// Returns the path and the bytes of a file, as written in a field of the kustomization.
    pub(crate) fn file(&self, target: &Target, entry: &str) -> Result<Bytes, Error> {
        if is_file_address(entry) {
            let (Found::File(path) | Found::Tree(path)) = self.at_address(target, entry, None)?;
            return self.found(target, entry, path);
        }
        let path = self.path(target, entry)?;
        let bytes = self.world.read(&path).map_err(|reason| match RepoSpec::parse(entry) {
            Some(_) => {
                let message = format!("`{entry}` lies elsewhere, and is no file: kustomize gets files from `https://` and `http://` only");
                target.error(Reason::Remote, message)
            }
            None => target.error(Reason::Missing, format!("`{entry}` cannot be read: {reason}")),
        })?;
        self.allowed(target, entry, (path, bytes))
    }

    /// Returns the path of a file, as written in a field of the kustomization.
    pub(crate) fn path(&self, target: &Target, entry: &str) -> Result<String, Error> {
        let path = match entry.strip_prefix('/') {
            // What lies elsewhere has no place that anybody could know.
            Some(absolute) if self.whole && target.checkout.is_none() => {
                resolve("", absolute.trim_start_matches('/'))
            }
            _ => resolve(&target.folder, entry),
        };
        path.ok_or_else(|| {
            target.error(Reason::Outside, format!("`{entry}` lies outside the repository"))
        })
    }

    /// Returns a file that lies elsewhere, and was found at a path.
    pub(crate) fn found(&self, target: &Target, entry: &str, path: String) -> Result<Bytes, Error> {
        let bytes = self.world.read(&path).map_err(|reason| {
            target.error(Reason::Missing, format!("`{entry}` cannot be read: {reason}"))
        })?;
        small(target, entry, &bytes)?;
        Ok((path, bytes))
    }

    /// Returns a file that was read, if it is not too large and lies where files may be read.
    pub(crate) fn allowed(
        &self,
        target: &Target,
        entry: &str,
        (path, bytes): Bytes,
    ) -> Result<Bytes, Error> {
        small(target, entry, &bytes)?;
        self.check(target, entry, &path)?;
        Ok((path, bytes))
    }

    /// Whether a kustomization in a folder may read a file. What lies elsewhere may never leave its own folder.
    pub(crate) fn may_read(&self, path: &str, folder: &str, is_elsewhere: bool) -> bool {
        (self.unrestricted && !is_elsewhere) || is_below(&self.world.real_path(path), folder)
    }

    /// Refuses a file that lies where none may be read.
    fn check(&self, target: &Target, entry: &str, path: &str) -> Result<(), Error> {
        if self.may_read(path, &target.folder, target.checkout.is_some()) {
            return Ok(());
        }
        let link = if self.world.real_path(path) == path { "" } else { ", links followed," };
        let message =
            format!("security; file `{entry}`{link} is not in or below the kustomization's folder");
        Err(target.error(Reason::Outside, message))
    }

    /// Whether there is a file, or a folder with files, at a path.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.world.read(path) == Err(text::Missing::NotAFile) || path.is_empty()
    }
}

/// Refuses a file that is too large.
fn small(target: &Target, entry: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() <= LARGEST_FILE {
        return Ok(());
    }
    let (size, most) = (bytes.len().div_ceil(1 << 20), LARGEST_FILE >> 20);
    let message = format!("`{entry}` is too large: {size} MiB, and {most} are read");
    Err(target.error(Reason::Missing, message))
}
