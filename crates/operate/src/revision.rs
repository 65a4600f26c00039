//! The files of a revision of a git repository, in a folder of their own that goes away again.
//!
//! The repository and its index are not touched, no hook runs and nothing is fetched.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::git::output;
use crate::{Error, find_tree};

/// A revision, checked out beside the repository.
#[derive(Debug)]
pub struct Revision {
    _folder: TempDir,
    root: PathBuf,
    commit: String,
}

impl Revision {
    /// Checks out a revision (a commit, branch or tag, as git reads it) of the repository that `root` is in;
    /// `None` where git knows no such revision, or `root` is in no repository.
    ///
    /// # Errors
    /// If git is missing, or its files cannot be read or written.
    pub fn open(root: &Path, name: &str) -> Result<Option<Revision>, Error> {
        let root = root.canonicalize().map_err(Error::disk("read the folder", root))?;
        let top = find_tree(&root)?;
        let commit = format!("{name}^{{commit}}");
        let told = output(&top, &["rev-parse", "--verify", "--end-of-options", &commit], &[])?;
        if !told.status.success() {
            return Ok(None);
        }
        let commit = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        let folder = tempfile::tempdir().map_err(Error::disk("make", Path::new("a folder")))?;
        let index = folder.path().join("index");
        let tree = folder.path().join("tree");
        std::fs::create_dir_all(&tree).map_err(Error::disk("make", &tree))?;
        // A work tree of our own: a bare repository has none.
        let environment =
            [("GIT_INDEX_FILE", index.as_os_str()), ("GIT_WORK_TREE", tree.as_os_str())];
        run(&top, "read-tree", &["read-tree", &commit], &environment)?;
        let checkout = ["checkout-index", "--all", "--quiet"];
        run(&top, "checkout-index", &checkout, &environment)?;
        let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
        Ok(Some(Revision { root: tree.join(below), _folder: folder, commit }))
    }

    /// Returns where its files lie.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns its commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }
}

fn run(
    folder: &Path,
    command: &'static str,
    arguments: &[&str],
    environment: &[(&str, &OsStr)],
) -> Result<(), Error> {
    let output = output(folder, arguments, environment)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Git { command, output: String::from_utf8_lossy(&output.stderr).into_owned() })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use testkit::Folder;

    use super::Revision;
    use crate::Git;
    use crate::git::output;

    #[test]
    fn a_revision_is_what_was_committed() {
        let Ok(git) = Git::find() else { return };
        let folder = Folder::new().unwrap();
        folder.write("a.yaml", "a: 1\n").unwrap();
        folder.write("sub/b.yaml", "b: 1\n").unwrap();
        git.first_commit(folder.path(), "first", &["other"]).unwrap();
        folder.write("a.yaml", "a: 2\n").unwrap();
        folder.write("new.yaml", "c: 1\n").unwrap();
        let revision = Revision::open(folder.path(), "other").unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(revision.root().join("a.yaml")).unwrap(), "a: 1\n");
        assert!(!revision.root().join("new.yaml").exists());
        assert_eq!(revision.commit().len(), 40);
        let below = Revision::open(&folder.join("sub"), "HEAD").unwrap().unwrap();
        assert!(below.root().join("b.yaml").is_file());
        assert!(Revision::open(folder.path(), "--all").unwrap().is_none());
        let bare = folder.join("bare.git").display().to_string();
        output(folder.path(), &["clone", "--quiet", "--bare", ".", &bare], &[]).unwrap();
        let revision = Revision::open(Path::new(&bare), "other").unwrap().unwrap();
        assert!(revision.root().join("sub/b.yaml").is_file());
        let place = below.root().to_owned();
        drop(below);
        assert!(!place.exists());
    }
}
