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

impl Image {
    /// Takes a reference apart: `registry/path[:tag][@digest]`.
    pub fn parse(reference: &str) -> Image {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (reference, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.to_owned())),
            _ => (rest, None),
        };
        Image {
            repository: repository.to_owned(),
            tag,
            digest,
            pull_policy: PullPolicy::IfNotPresent,
        }
    }

    /// Returns the name of an app whose payload says none: the last part of the repository's path
    /// in lower case, with `-` for every character that a DNS label cannot have.
    pub fn derived_name(&self) -> String {
        let last = self.repository.rsplit('/').next().unwrap_or_default();
        let letters = last.chars().map(|letter| match letter.to_ascii_lowercase() {
            lower @ ('a'..='z' | '0'..='9') => lower,
            _ => '-',
        });
        letters.collect::<String>().trim_matches('-').to_owned()
    }

    /// Returns the reference that a container gets.
    pub fn reference(&self) -> String {
        let mut reference = self.repository.clone();
        for (mark, part) in [(':', &self.tag), ('@', &self.digest)] {
            if let Some(part) = part {
                reference.push(mark);
                reference.push_str(part);
            }
        }
        reference
    }

    /// Returns the repository with its registry and path written out, as container runtimes read
    /// it: `nginx` is `docker.io/library/nginx`.
    pub fn full_repository(&self) -> String {
        let (first, rest) = self.repository.split_once('/').unwrap_or(("", &self.repository));
        let is_registry = first.contains(['.', ':']) || first == "localhost";
        match (first, is_registry) {
            ("", _) => format!("docker.io/library/{rest}"),
            (_, true) => self.repository.clone(),
            (_, false) => format!("docker.io/{}", self.repository),
        }
    }
}
