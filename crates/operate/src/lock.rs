//! One writer at a time: an advisory lock on the repository's folder, which leaves no file behind.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Error;

/// How long to wait for another mainstay, which is done in a moment unless somebody stopped it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Held as long as the value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _folder: Option<File>,
}

impl Lock {
    /// Keeps writers away; waits for one that is at work.
    pub(crate) fn shared(folder: &Path) -> Result<Lock, Error> {
        wait(folder, File::try_lock_shared)
    }

    /// Keeps readers and writers away; waits for those at work.
    pub(crate) fn exclusive(folder: &Path) -> Result<Lock, Error> {
        wait(folder, File::try_lock)
    }

    /// Keeps nobody away: for folders that cannot be locked.
    pub(crate) fn none() -> Lock {
        Lock { _folder: None }
    }

    /// Keeps everybody away, or returns `None` at once where somebody is at work.
    pub(crate) fn try_exclusive(folder: &Path) -> Option<Lock> {
        let file = File::open(folder).ok()?;
        file.try_lock().ok()?;
        Some(Lock { _folder: Some(file) })
    }
}

fn wait(folder: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<Lock, Error> {
    // Where a folder cannot be opened or locked (other systems, some network disks) there is no lock.
    let Ok(file) = File::open(folder) else { return Ok(Lock::none()) };
    let begin = Instant::now();
    loop {
        match lock(&file) {
            Ok(()) => return Ok(Lock { _folder: Some(file) }),
            Err(TryLockError::Error(_)) => return Ok(Lock::none()),
            Err(TryLockError::WouldBlock) if begin.elapsed() > PATIENCE => {
                return Err(Error::Busy { path: folder.to_owned() });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
