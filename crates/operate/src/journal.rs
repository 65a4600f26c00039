//! The journal of a change to several files: written before the first of them, removed after the last.
//!
//! Two states decide what a crash means. While the new files are prepared beside the old ones, the
//! change is undone; from the moment all of them are there, it is finished. Both can be repeated, so a
//! crash during recovery is recovered in the same way.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Error;
use crate::path::{There, plain, target, there};
use crate::writes::{Mode, Sync, Writes};

/// The folder that mainstay keeps its own files in.
pub(crate) const OWN_FOLDER: &str = ".mainstay";
/// New files are prepared beside their targets under this name and a number.
const PREPARED: &str = ".mainstay-new-";

/// What became of an interrupted run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// Its changes are all made now.
    Finished,
    /// None of its changes are made.
    Undone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Prepare,
    Commit,
}

/// What a run is about to do. All paths are relative to the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    state: State,
    /// Prepared file and its target, in the same folder.
    pub(crate) writes: Vec<(String, String)>,
    /// Files to remove.
    pub(crate) removes: Vec<String>,
    /// Folders that are made for the targets, outer before inner.
    pub(crate) folders: Vec<String>,
}

/// Returns the path of the journal in the repository at `root`.
pub(crate) fn path(root: &Path) -> PathBuf {
    root.join(OWN_FOLDER).join("journal")
}

fn draft(root: &Path) -> PathBuf {
    root.join(OWN_FOLDER).join("journal.new")
}

impl Journal {
    /// Returns the journal of writing and removing these files: it finds names for the prepared files
    /// and the folders that have to be made, and refuses targets that cannot be.
    pub(crate) fn plan<'a>(
        root: &Path,
        writes: impl Iterator<Item = &'a str>,
        removes: impl Iterator<Item = &'a str>,
    ) -> Result<Journal, Error> {
        let mut journal = Journal {
            state: State::Prepare,
            writes: Vec::new(),
            removes: Vec::new(),
            folders: Vec::new(),
        };
        let mut folders = BTreeSet::new();
        let mut number = 0;
        for path in writes {
            target(root, path)?;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let prepared = loop {
                number += 1;
                let name = format!("{PREPARED}{number}");
                let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if there(&root.join(&name))? == There::Nothing {
                    break name;
                }
            };
            for (at, _) in folder.match_indices('/').chain([(folder.len(), "")]) {
                let above = folder.get(..at).unwrap_or_default();
                if !above.is_empty() && there(&root.join(above))? == There::Nothing {
                    folders.insert(above.to_owned());
                }
            }
            journal.writes.push((prepared, path.to_owned()));
        }
        for path in removes {
            if there(&target(root, path)?)? == There::File {
                journal.removes.push(path.to_owned());
            }
        }
        // An outer folder sorts before what is in it.
        journal.folders.extend(folders);
        Ok(journal)
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.removes.is_empty()
    }

    /// Says on disk what is about to be done.
    pub(crate) fn begin(&self, writes: &dyn Writes, root: &Path) -> Result<(), Error> {
        self.store(writes, root, State::Prepare)
    }

    /// Says on disk that everything is prepared: from here on the change is finished, not undone.
    pub(crate) fn commit(&self, writes: &dyn Writes, root: &Path) -> Result<(), Error> {
        self.store(writes, root, State::Commit)
    }

    fn store(&self, writes: &dyn Writes, root: &Path, state: State) -> Result<(), Error> {
        let folder = root.join(OWN_FOLDER);
        if there(&folder)? == There::Nothing {
            writes.create_folder(&folder).map_err(Error::disk("make the folder", &folder))?;
        }
        forget_draft(writes, root)?;
        let new = draft(root);
        let text = self.text(state);
        writes
            .write_file(&new, text.as_bytes(), &Mode::Plain, Sync::Now)
            .map_err(Error::disk("write", &new))?;
        let path = path(root);
        writes.rename(&new, &path).map_err(Error::disk("write", &path))?;
        writes.sync_folder(&folder).map_err(Error::disk("write", &folder))
    }

    fn text(&self, state: State) -> String {
        let state = match state {
            State::Prepare => "prepare",
            State::Commit => "commit",
        };
        let value = json!({
            "version": 1,
            "state": state,
            "writes": self.writes,
            "removes": self.removes,
            "folders": self.folders,
        });
        format!("{value}\n")
    }

    /// Reads a journal. It may come from anywhere, so every path in it is checked again before use.
    fn parse(text: &[u8]) -> Option<Journal> {
        let value: Value = serde_json::from_slice(text).ok()?;
        if value.get("version")?.as_u64()? != 1 {
            return None;
        }
        let state = match value.get("state")?.as_str()? {
            "prepare" => State::Prepare,
            "commit" => State::Commit,
            _ => return None,
        };
        let strings = |key: &str| -> Option<Vec<String>> {
            let list = value.get(key)?.as_array()?;
            list.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let mut writes = Vec::new();
        for pair in value.get("writes")?.as_array()? {
            let [prepared, path] = pair.as_array()?.as_slice() else { return None };
            let (prepared, path) = (prepared.as_str()?, path.as_str()?);
            let split = |path: &str| -> (String, String) {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                (folder.to_owned(), name.to_owned())
            };
            let ((folder, name), (target_folder, _)) = (split(prepared), split(path));
            if folder != target_folder || !name.starts_with(PREPARED) {
                return None;
            }
            writes.push((prepared.to_owned(), path.to_owned()));
        }
        Some(Journal { state, writes, removes: strings("removes")?, folders: strings("folders")? })
    }
}

/// Finishes or undoes the run whose journal is in the repository at `root`, if there is one.
pub(crate) fn recover(writes: &dyn Writes, root: &Path) -> Result<Option<Recovered>, Error> {
    let path = path(root);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            // A draft alone means that nothing was begun.
            return forget_draft(writes, root).map(|()| None);
        }
        Err(error) => return Err(Error::disk("read", &path)(error)),
    };
    let journal = Journal::parse(&text).ok_or_else(|| Error::Journal {
        path: path.clone(),
        reason: "it was not written by this version of mainstay, or was changed since".to_owned(),
    })?;
    let recovered = match journal.state {
        State::Prepare => undo(writes, root, &journal).map(|()| Some(Recovered::Undone)),
        State::Commit => finish(writes, root, &journal).map(|()| Some(Recovered::Finished)),
    };
    recovered.map_err(|error| match error {
        Error::Outside { path: named } => Error::Journal {
            path,
            reason: format!("it names `{named}`, outside the repository or behind a link"),
        },
        other => other,
    })
}

/// Puts every prepared file in its place, removes what is to be removed, then the journal.
pub(crate) fn finish(writes: &dyn Writes, root: &Path, journal: &Journal) -> Result<(), Error> {
    let mut folders = BTreeSet::new();
    for (prepared, path) in &journal.writes {
        let from = target(root, prepared)?;
        let to = target(root, path)?;
        if there(&from)? == There::File {
            writes.rename(&from, &to).map_err(Error::disk("write", &to))?;
        }
        folders.extend(to.parent().map(Path::to_owned));
    }
    for path in &journal.removes {
        let file = target(root, path)?;
        if there(&file)? == There::File {
            writes.remove_file(&file).map_err(Error::disk("remove", &file))?;
        }
        // Version control keeps no empty folders; neither do we.
        let above = file.ancestors().skip(1).take_while(|folder| *folder != root);
        for folder in above.map(Path::to_owned) {
            let kept = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
            if kept || there(&folder)? != There::Folder {
                continue;
            }
            folders.remove(&folder);
            writes.remove_folder(&folder).map_err(Error::disk("remove the folder", &folder))?;
        }
        let nearest = file.ancestors().skip(1).find(|folder| folder.is_dir());
        folders.extend(nearest.map(Path::to_owned));
    }
    for folder in folders {
        writes.sync_folder(&folder).map_err(Error::disk("write", &folder))?;
    }
    end(writes, root)
}

/// Removes every prepared file and every folder that was made for it, then the journal.
pub(crate) fn undo(writes: &dyn Writes, root: &Path, journal: &Journal) -> Result<(), Error> {
    for (prepared, _) in &journal.writes {
        let file = target(root, prepared)?;
        if there(&file)? == There::File {
            writes.remove_file(&file).map_err(Error::disk("remove", &file))?;
        }
    }
    for folder in journal.folders.iter().rev() {
        let Some(relative) = plain(folder) else { continue };
        let folder = root.join(relative);
        let empty = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_none());
        if empty && there(&folder)? == There::Folder {
            writes.remove_folder(&folder).map_err(Error::disk("remove the folder", &folder))?;
        }
    }
    end(writes, root)
}

fn end(writes: &dyn Writes, root: &Path) -> Result<(), Error> {
    forget_draft(writes, root)?;
    let path = path(root);
    writes.remove_file(&path).map_err(Error::disk("remove", &path))
}

fn forget_draft(writes: &dyn Writes, root: &Path) -> Result<(), Error> {
    let draft = draft(root);
    if there(&draft)? == There::File {
        writes.remove_file(&draft).map_err(Error::disk("remove", &draft))?;
    }
    Ok(())
}
