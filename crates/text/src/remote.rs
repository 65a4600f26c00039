//! What lies elsewhere: a file at a web address, or the tree of a git repository at some commit.

/// What a kustomization names that lies elsewhere, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remote {
    /// The address, as it is written.
    pub address: String,
    /// Whether it may be a file, which is got from the address itself; it is looked for first.
    pub file: bool,
    /// The git repository that it may be.
    pub repository: Option<RemoteRepository>,
}

/// A git repository, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteRepository {
    /// The address, as `git fetch` takes it.
    pub address: String,
    /// A branch, a tag or a commit; empty for the repository's own choice.
    pub reference: String,
    /// Whether the repositories inside it are wanted too.
    pub submodules: bool,
    /// How long git may take for one step, in milliseconds, where the address says so.
    pub timeout: Option<u64>,
}

/// What was found elsewhere, as a path that the same [`World`](crate::World) reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(String),
    /// The folder that a tree begins at.
    Tree(String),
}
