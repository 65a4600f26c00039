//! The few ways in which mainstay changes a disk, one step each, so that tests can stop at any step.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::Path;

/// Which permissions a written file gets.
#[derive(Clone, Debug)]
pub(crate) enum Mode {
    /// What the process's mask leaves of a plain file.
    Plain,
    /// The same, and it can be run.
    Executable,
    /// Those of the file that it replaces.
    Kept(Permissions),
}

/// Whether a file has reached the disk when its step is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    /// It has.
    Now,
    /// Whenever the system likes.
    Later,
}

/// What can be done to a disk. Each call is one step: a crash lies between two of them, or leaves a
/// written file incomplete.
pub(crate) trait Writes {
    /// Makes a folder.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a file that is not there yet.
    fn write_file(&self, path: &Path, bytes: &[u8], mode: &Mode, sync: Sync) -> io::Result<()>;
    /// Gives a file or folder another name; a file (or an empty folder) of that name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with everything in it.
    fn remove_tree(&self, path: &Path) -> io::Result<()>;
    /// Waits until the names in a folder have reached the disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// The real disk.
pub(crate) struct RealDisk;

impl Writes for RealDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    fn write_file(&self, path: &Path, bytes: &[u8], mode: &Mode, sync: Sync) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(if matches!(mode, Mode::Executable) { 0o777 } else { 0o666 });
        }
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        if let Mode::Kept(permissions) = mode {
            file.set_permissions(permissions.clone())?;
        }
        match sync {
            Sync::Now => file.sync_all(),
            Sync::Later => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Only Unix lets a folder be opened for that; elsewhere renames are durable by themselves.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}

/// A disk that stops after a number of steps, as a killed process does: the step at which it stops is
/// not done, or half done where it writes a file, and nothing is done after it.
#[cfg(test)]
pub(crate) struct StoppingDisk {
    left: std::cell::Cell<usize>,
}

#[cfg(test)]
impl StoppingDisk {
    pub(crate) fn after(steps: usize) -> StoppingDisk {
        StoppingDisk { left: std::cell::Cell::new(steps) }
    }

    /// Whether it was stopped.
    pub(crate) fn stopped(&self) -> bool {
        self.left.get() == 0
    }

    fn step(&self) -> io::Result<()> {
        match self.left.get() {
            0 | 1 => {
                self.left.set(0);
                Err(io::Error::other("stopped"))
            }
            left => {
                self.left.set(left - 1);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
impl Writes for StoppingDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.create_folder(path)
    }

    fn write_file(&self, path: &Path, bytes: &[u8], mode: &Mode, sync: Sync) -> io::Result<()> {
        let before = self.left.get();
        let step = self.step();
        match step {
            Ok(()) => RealDisk.write_file(path, bytes, mode, sync),
            Err(error) => {
                if before == 1 {
                    RealDisk.write_file(path, &bytes[..bytes.len() / 2], &Mode::Plain, sync)?;
                }
                Err(error)
            }
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove_folder(path)
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove_tree(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_folder(path)
    }
}
