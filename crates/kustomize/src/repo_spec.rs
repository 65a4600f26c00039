//! Addresses of git repositories as kustomize reads them: host, repository, folder inside it, and what is
//! asked for behind `?`.
//!
//! Decides what is such an address and what is a path; never fetches. Source of the rules:
//! `NewRepoSpecFromURL` of sigs.k8s.io/kustomize/api v0.21.1, and `url.ParseQuery` of Go.

use gotmpl::gotime::Duration;
use text::{Remote, RemoteRepository};

/// What kustomize says about the prefix that it once took from another library.
pub(crate) const FORCED_GIT: &str = "Warning: Forcing the git protocol using the 'git::' URL prefix is not supported. Kustomize currently strips this invalid prefix, but will stop doing so in a future release. Please remove the 'git::' prefix from your configuration.";

const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", "file://"];

/// An address of a git repository, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepoSpec {
    /// As it is written.
    pub(crate) raw: String,
    /// The repository, and what is wanted of it.
    pub(crate) repository: RemoteRepository,
    /// The folder inside of the repository, without `.` and `..`; empty for its top.
    pub(crate) folder: String,
    /// The same as it is written.
    pub(crate) written_folder: String,
}

impl RepoSpec {
    /// Reads an address; nothing where kustomize takes it for a path.
    pub(crate) fn parse(raw: &str) -> Option<RepoSpec> {
        if raw.starts_with('/') {
            return None;
        }
        let (address, query) = raw.split_once('?').unwrap_or((raw, ""));
        let query = Query::parse(query);
        let (host, path) = host(address)?;
        let (path, folder) = split(path, host.starts_with("file://"))?;
        let written_folder = folder.strip_prefix('/').unwrap_or(folder);
        let folder = text::path::resolve("", written_folder.trim_start_matches('/'))?;
        Some(RepoSpec {
            raw: raw.to_owned(),
            repository: RemoteRepository {
                address: format!("{host}{path}"),
                reference: query.reference,
                submodules: query.submodules,
                timeout: query.timeout,
            },
            folder,
            written_folder: written_folder.to_owned(),
        })
    }

    /// Returns what is wanted of the world.
    pub(crate) fn remote(&self) -> Remote {
        Remote { address: self.raw.clone(), file: false, repository: Some(self.repository.clone()) }
    }
}

/// Whether kustomize gets a file from an address (`loader.IsRemoteFile`).
pub(crate) fn is_file_address(entry: &str) -> bool {
    let starts = |scheme: &str| cut_prefix(entry, scheme).is_some();
    (starts("http:") || starts("https:")) && !entry.contains(|it: char| it.is_ascii_control())
}

/// Whether an address begins with the prefix that kustomize warns of.
pub(crate) fn is_forced(entry: &str) -> bool {
    cut_prefix(entry, "git::").is_some()
}

/// Returns what kustomize puts before the repository's path, and the rest.
fn host(address: &str) -> Option<(String, &str)> {
    let rest = cut_prefix(address, "git::").unwrap_or(address);
    let found = SCHEMES.iter().find_map(|scheme| Some((*scheme, cut_prefix(rest, scheme)?)));
    let (scheme, rest) = found.unwrap_or(("", rest));
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let (user, rest) = rest.split_at(user_end(rest));
    let lower = rest.to_ascii_lowercase();
    let is_github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    let is_scp = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_scp {
        return None;
    }
    let mut separator = rest.find('/');
    if is_scp {
        // A colon ends the host unless a `/` stands before it.
        match (separator, rest.find(':')) {
            (None, colon) => separator = colon,
            (Some(slash), Some(colon)) if colon > 0 && colon < slash => separator = Some(colon),
            _ => {}
        }
    }
    let (host, rest) = separator.map_or((rest, ""), |at| rest.split_at(at + 1));
    if is_github {
        let by_ssh = scheme == "ssh://" || !user.is_empty();
        let host = if by_ssh { format!("{user}github.com:") } else { "https://github.com/".into() };
        return Some((host, rest));
    }
    (!host.is_empty()).then(|| (format!("{scheme}{user}{host}"), rest))
}

/// Returns where the user of `user@host` ends, its `@` included; 0 where there is none.
fn user_end(text: &str) -> usize {
    let Some((user, _)) = text.split_once('@') else { return 0 };
    let fits = user.starts_with(|it: char| it.is_ascii_alphabetic())
        && user.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    if fits { user.len() + 1 } else { 0 }
}

/// Returns the repository's path, and the folder inside of it.
fn split(path: &str, is_file: bool) -> Option<(&str, &str)> {
    let cut = |at: usize| (&path[..at], &path[at..]);
    let (repository, folder) = if let Some(at) = path.find("_git/") {
        let start = at + "_git/".len();
        match path[start..].find('/') {
            Some(end) => (&path[..start + end], &path[start + end + 1..]),
            None => (path, ""),
        }
    } else if let Some(at) = path.find("//") {
        (&path[..at], &path[at + 2..])
    } else if let Some(at) = path.find(".git") {
        cut(at + ".git".len())
    } else if is_file {
        (path, "")
    } else {
        // Two parts, as GitHub has them.
        let first = path.find('/')?;
        match path[first + 1..].find('/') {
            Some(second) => (&path[..first + 1 + second], &path[first + second + 2..]),
            None => (path, ""),
        }
    };
    (!repository.is_empty()).then_some((repository, folder))
}

/// What stands behind `?`.
struct Query {
    reference: String,
    submodules: bool,
    timeout: Option<u64>,
}

impl Query {
    fn parse(text: &str) -> Query {
        let mut query = Query { reference: String::new(), submodules: true, timeout: None };
        let Some(pairs) = pairs(text) else { return query };
        let get = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        query.reference = get("ref").or_else(|| get("version")).unwrap_or_default().to_owned();
        query.timeout = get("timeout").and_then(milliseconds);
        if let Some("0" | "f" | "F" | "false" | "FALSE" | "False") = get("submodules") {
            query.submodules = false;
        }
        query
    }
}

/// Returns the pairs of a query; nothing where one of them cannot be read.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return None;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((unescaped(key)?, unescaped(value)?));
    }
    Some(pairs)
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Reads whole seconds, or a duration as Go writes it; nothing where it is none, or not above zero.
fn milliseconds(text: &str) -> Option<u64> {
    let number = text.strip_prefix('+').unwrap_or(text);
    if number.bytes().all(|it| it.is_ascii_digit()) {
        return number.parse::<u64>().ok().filter(|it| *it > 0)?.checked_mul(1000);
    }
    let duration = Duration::parse(text.as_bytes()).ok().filter(|it| it.0 > 0)?;
    u64::try_from(duration.0 / 1_000_000).ok().map(|it| it.max(1))
}

fn cut_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses, and what kustomize 5.8.1 makes of them: repository, folder, reference; `-` for a path.
    /// The answers are those of `NewRepoSpecFromURL`.
    const ADDRESSES: &str = include_str!("../tests/repo-specs.txt");

    #[test]
    fn addresses_are_taken_apart_as_kustomize_does() {
        let mut count = 0;
        for line in ADDRESSES.lines().filter(|line| !line.starts_with('#')) {
            let (address, want) = line.split_once(" | ").unwrap();
            let got = match RepoSpec::parse(address) {
                None => "-".to_owned(),
                Some(spec) => {
                    let it = &spec.repository;
                    let folder = &spec.written_folder;
                    let timeout = it.timeout.unwrap_or(27_000);
                    format!(
                        "{} | {folder} | {} | {} | {timeout}",
                        it.address, it.reference, it.submodules
                    )
                }
            };
            assert_eq!(got, want, "{address}");
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}
