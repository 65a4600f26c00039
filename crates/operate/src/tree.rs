//! What git's own files say about a tree, read without git: where its top is, which addresses it has,
//! which commit it is at.
//!
//! Source: git's documentation, "gitrepository-layout" and "git-config".

use std::path::{Path, PathBuf};

use crate::Error;

/// Returns the top of the git repository that `start` is in; `start` itself where there is none.
///
/// # Errors
/// If `start` cannot be read.
pub fn find_tree(start: &Path) -> Result<PathBuf, Error> {
    let start = start.canonicalize().map_err(Error::disk("read the folder", start))?;
    let top = start.ancestors().find(|folder| folder.join(".git").exists() || is_bare(folder));
    Ok(top.unwrap_or(&start).to_owned())
}

/// Tells whether a folder is a repository without a work tree, by what git asks for (gitrepository-layout).
fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

/// Returns the addresses of a tree's remotes, `origin` first.
pub fn remotes(root: &Path) -> Vec<String> {
    let Some(folder) = git_folder(root) else { return Vec::new() };
    // A work tree of its own has its settings in the repository that it belongs to.
    let common = std::fs::read_to_string(folder.join("commondir"));
    let common = common.map_or_else(|_| folder.clone(), |text| folder.join(text.trim()));
    let Ok(text) = std::fs::read_to_string(common.join("config")) else { return Vec::new() };
    let mut found: Vec<(bool, String)> = Vec::new();
    let mut remote = None;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            remote = section.strip_prefix("remote \"").map(|name| name.starts_with("origin\""));
        } else if let (Some(origin), Some((key, value))) = (remote, line.split_once('='))
            && key.trim() == "url"
        {
            found.push((!origin, value.trim().trim_matches('"').to_owned()));
        }
    }
    found.sort_by_key(|(other, _)| *other);
    found.into_iter().map(|(_, address)| address).collect()
}

/// Returns the commit that a tree is at.
pub fn head_commit(root: &Path) -> Option<String> {
    let folder = git_folder(root)?;
    let head = std::fs::read_to_string(folder.join("HEAD")).ok()?;
    let head = head.trim();
    let Some(name) = head.strip_prefix("ref: ") else {
        return is_commit(head).then(|| head.to_owned());
    };
    let common = std::fs::read_to_string(folder.join("commondir"));
    let common = common.map_or_else(|_| folder.clone(), |text| folder.join(text.trim()));
    if let Ok(text) = std::fs::read_to_string(common.join(name)) {
        return is_commit(text.trim()).then(|| text.trim().to_owned());
    }
    let packed = std::fs::read_to_string(common.join("packed-refs")).ok()?;
    let line = packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' '))?;
    is_commit(line).then(|| line.to_owned())
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns where git keeps what it knows about a tree.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let at = root.join(".git");
    if at.is_dir() {
        return Some(at);
    }
    let text = std::fs::read_to_string(at).ok()?;
    Some(root.join(text.trim().strip_prefix("gitdir: ")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Folder;

    #[test]
    fn remotes_and_commit_are_read_from_gits_files() {
        let folder = Folder::new().unwrap();
        let commit = "0123456789012345678901234567890123456789";
        folder.write("a/b", "").unwrap();
        assert_eq!(remotes(folder.path()), Vec::<String>::new());
        let config = "[core]\n\tbare = false\n[remote \"up\"]\n\turl = https://a/b\n\
                      [remote \"origin\"]\n\turl = git@a:c.git\n\tfetch = +refs\n[branch \"main\"]\n";
        folder.write(".git/config", config).unwrap();
        folder.write(".git/HEAD", "ref: refs/heads/main\n").unwrap();
        assert_eq!(head_commit(folder.path()), None);
        folder.write(".git/packed-refs", format!("# pack\n{commit} refs/heads/main\n")).unwrap();
        assert_eq!(head_commit(folder.path()).as_deref(), Some(commit));
        assert_eq!(remotes(folder.path()), ["git@a:c.git", "https://a/b"]);
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(find_tree(&folder.join("a")).unwrap(), root);
    }
}
