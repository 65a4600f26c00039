//! The image of an app, taken apart.

/// An image: repository, tag, digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Registry and repository as written, without tag and digest.
    pub repository: String,
    /// The tag, if one is written.
    pub tag: Option<String>,
    /// The digest (`sha256:…`), if one is written; it wins over the tag.
    pub digest: Option<String>,
    /// When it is pulled.
    pub pull_policy: PullPolicy,
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// When it is not on the node.
    IfNotPresent,
    /// Each time a pod starts.
    Always,
    /// Never.
    Never,
}
