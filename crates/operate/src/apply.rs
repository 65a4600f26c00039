//! Changing several files of a repository at once: all of them or none, whatever happens.

use std::path::Path;

use crate::Error;
use crate::journal::{Journal, Recovered, finish, recover};
use crate::path::{There, target, there};
use crate::writes::{Mode, Sync, Writes};

/// A file to write: new, or in place of one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Its path, relative to the repository.
    pub path: String,
    /// What it will hold.
    pub bytes: Vec<u8>,
    /// Whether it can be run. A file that is replaced keeps its permissions, and gains this one.
    pub executable: bool,
}

/// Files to write and files to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files to write.
    pub writes: Vec<Write>,
    /// Files to remove, relative to the repository; one that is not there is no error. Folders that
    /// become empty go with them.
    pub removes: Vec<String>,
}

/// Makes the changes in the repository at `root`, all or none.
pub(crate) fn apply(disk: &dyn Writes, root: &Path, changes: &Changes) -> Result<(), Error> {
    let journal = Journal::plan(
        root,
        changes.writes.iter().map(|write| write.path.as_str()),
        changes.removes.iter().map(String::as_str),
    )?;
    if journal.is_empty() {
        return Ok(());
    }
    let made = prepare(disk, root, changes, &journal)
        .and_then(|()| journal.commit(disk, root))
        .and_then(|()| finish(disk, root, &journal));
    // What the journal on disk says decides, not where this run believes it stopped. If that fails too,
    // the next command repeats it.
    match made {
        Err(error) => match recover(disk, root) {
            Ok(Some(Recovered::Finished)) => Ok(()),
            _ => Err(error),
        },
        Ok(()) => Ok(()),
    }
}

/// Writes the journal, then every new file beside its target.
fn prepare(
    disk: &dyn Writes,
    root: &Path,
    changes: &Changes,
    journal: &Journal,
) -> Result<(), Error> {
    journal.begin(disk, root)?;
    for folder in &journal.folders {
        let folder = root.join(folder);
        // The journal's own folder may have been made for the journal.
        if there(&folder)? == There::Nothing {
            disk.create_folder(&folder).map_err(Error::disk("make the folder", &folder))?;
        }
    }
    for (write, (prepared, path)) in changes.writes.iter().zip(&journal.writes) {
        let file = target(root, prepared)?;
        let mode = mode(&target(root, path)?, write.executable)?;
        // The name that a person knows is named, not the prepared file's.
        disk.write_file(&file, &write.bytes, &mode, Sync::Now)
            .map_err(Error::disk("write", &root.join(path)))?;
    }
    Ok(())
}

/// Returns the permissions for `file`: those it has, as far as it is there.
fn mode(file: &Path, executable: bool) -> Result<Mode, Error> {
    if there(file)? == There::Nothing {
        return Ok(if executable { Mode::Executable } else { Mode::Plain });
    }
    let metadata = file.metadata().map_err(Error::disk("look at", file))?;
    #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix has a bit for it"))]
    let mut permissions = metadata.permissions();
    #[cfg(unix)]
    if executable {
        use std::os::unix::fs::PermissionsExt;
        // Whoever may read it may run it.
        let mode = permissions.mode();
        permissions.set_mode(mode | ((mode & 0o444) >> 2));
    }
    Ok(Mode::Kept(permissions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writes::{RealDisk, StoppingDisk};
    use std::collections::BTreeMap;
    use testkit::{Folder, snapshot};

    type Files = BTreeMap<String, Vec<u8>>;

    fn before() -> Folder {
        let folder = Folder::new().unwrap();
        for (path, text) in [
            (".mainstay/lock.yaml", "old lock"),
            ("config/app-config.yaml", "old config, long enough to be cut in half"),
            ("gone/deep/file", "removed"),
            ("kept/custom", "a person's"),
            ("kept/.mainstay-new-1", "a person's, of a strange name"),
            ("scripts/validate.sh", "old script"),
        ] {
            folder.write(path, text).unwrap();
        }
        folder
    }

    fn write(path: &str, text: &str) -> Write {
        Write { path: path.to_owned(), bytes: text.into(), executable: path.ends_with(".sh") }
    }

    fn changes() -> Changes {
        Changes {
            writes: vec![
                write(".mainstay/lock.yaml", "new lock"),
                write("config/app-config.yaml", "new config"),
                write("kept/generated", "new file"),
                write("new/very/deep/file", "new file in new folders"),
                write("new/other", "another"),
                write("scripts/validate.sh", "new script"),
            ],
            removes: vec!["gone/deep/file".to_owned(), "never/there".to_owned()],
        }
    }

    fn states() -> (Files, Files) {
        let folder = before();
        let old = snapshot(folder.path()).unwrap();
        apply(&RealDisk, folder.path(), &changes()).unwrap();
        let new = snapshot(folder.path()).unwrap();
        (old, new)
    }

    #[test]
    fn all_changes_are_made_and_nothing_is_left_behind() {
        let (old, new) = states();
        assert_eq!(new["new/very/deep/file"], b"new file in new folders");
        assert_eq!(new["kept/custom"], b"a person's");
        assert_eq!(new["kept/.mainstay-new-1"], old["kept/.mainstay-new-1"]);
        let names: Vec<&str> = new.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                ".mainstay/lock.yaml",
                "config/app-config.yaml",
                "kept/.mainstay-new-1",
                "kept/custom",
                "kept/generated",
                "new/other",
                "new/very/deep/file",
                "scripts/validate.sh",
            ]
        );
    }

    #[test]
    fn stopped_at_any_step_and_again_while_recovering_it_is_the_old_state_or_the_new_one() {
        let (old, new) = states();
        let (mut steps, mut undone, mut finished) = (0, 0, 0);
        for stop in 1.. {
            for stop_again in 1.. {
                let folder = before();
                let first = StoppingDisk::after(stop);
                let result = apply(&first, folder.path(), &changes());
                if !first.stopped() {
                    result.unwrap();
                    break;
                }
                let second = StoppingDisk::after(stop_again);
                let again = recover(&second, folder.path());
                match recover(&RealDisk, folder.path()).unwrap().or(again.ok().flatten()) {
                    Some(Recovered::Finished) => finished += 1,
                    Some(Recovered::Undone) => undone += 1,
                    None => {}
                }
                let now = snapshot(folder.path()).unwrap();
                assert!(now == old || now == new, "stop {stop}, {stop_again}: {now:?}");
                // Whatever state it is, the same change can be made now.
                apply(&RealDisk, folder.path(), &changes()).unwrap();
                assert_eq!(snapshot(folder.path()).unwrap(), new, "stop {stop}, {stop_again}");
                if !second.stopped() {
                    break;
                }
            }
            steps = stop;
            let probe = StoppingDisk::after(stop);
            let _ = apply(&probe, before().path(), &changes());
            if !probe.stopped() {
                break;
            }
        }
        assert!(steps > 25, "{steps} steps");
        assert!(undone > 50 && finished > 50, "{undone} undone, {finished} finished");
    }

    #[test]
    fn a_failure_leaves_the_old_state_at_once() {
        let folder = before();
        let old = snapshot(folder.path()).unwrap();
        for bad in ["../outside", "kept", "kept/custom/below", ".git/hooks/x"] {
            let mut changes = changes();
            changes.writes.push(write(bad, "x"));
            assert!(apply(&RealDisk, folder.path(), &changes).is_err(), "{bad}");
            assert_eq!(snapshot(folder.path()).unwrap(), old, "{bad}");
        }
    }

    #[test]
    fn a_journal_from_elsewhere_does_no_harm() {
        for text in [
            "",
            "{}",
            r#"{"version":2}"#,
            r#"{"version":1,"state":"commit","writes":[["kept/custom","config/x"]],"removes":[],"folders":[]}"#,
            r#"{"version":1,"state":"commit","writes":[],"removes":["../../etc/x"],"folders":[]}"#,
            r#"{"version":1,"state":"prepare","writes":[["../.mainstay-new-1","../x"]],"removes":[],"folders":[]}"#,
        ] {
            let folder = before();
            let old = snapshot(folder.path()).unwrap();
            folder.write(".mainstay/journal", text).unwrap();
            assert!(recover(&RealDisk, folder.path()).is_err(), "{text}");
            std::fs::remove_file(folder.join(".mainstay/journal")).unwrap();
            assert_eq!(snapshot(folder.path()).unwrap(), old, "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_scripts_can_be_run() {
        use std::os::unix::fs::PermissionsExt;
        let folder = before();
        let mode = |path: &str| folder.join(path).metadata().unwrap().permissions().mode() & 0o777;
        let set = |path: &str, mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.join(path), permissions).unwrap();
        };
        set("config/app-config.yaml", 0o640);
        set("scripts/validate.sh", 0o640);
        apply(&RealDisk, folder.path(), &changes()).unwrap();
        assert_eq!(mode("config/app-config.yaml"), 0o640);
        assert_eq!(mode("scripts/validate.sh"), 0o750);
    }
}
