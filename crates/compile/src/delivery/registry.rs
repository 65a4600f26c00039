//! Where repositories and charts lie on disk: addresses to trees.
//!
//! An address that is not here is another repository, and what comes from there is opaque.

use std::sync::Arc;

use gotmpl::semver::{Constraints, Version};
use text::{Missing, World};

/// A repository that lies on disk.
#[derive(Clone)]
pub struct Tree<'w> {
    /// The address under which delivery objects know it.
    pub address: String,
    /// Its files.
    pub world: &'w dyn World,
    /// The commit that the files are of; empty where that is not known.
    pub commit: String,
    /// Whether it is the tree that is read.
    pub own: bool,
}

/// A chart repository or registry that lies on disk: a folder with archives or unpacked charts.
#[derive(Clone)]
pub struct ChartFolder<'w> {
    /// The address under which delivery objects know it.
    pub address: String,
    /// Its files.
    pub world: &'w dyn World,
}

/// Addresses, and what lies there.
#[derive(Clone, Default)]
pub struct Registry<'w> {
    /// Repositories.
    pub trees: Vec<Tree<'w>>,
    /// Chart repositories.
    pub charts: Vec<ChartFolder<'w>>,
}

/// A chart that was found.
pub enum ChartSource<'w> {
    /// Its archive.
    Archive(Arc<[u8]>),
    /// Its folder.
    Folder(&'w dyn World, String),
}

/// Returns an address without the user and password in it.
pub(super) fn without_secrets(address: &str) -> String {
    match address.split_once("://").and_then(|(scheme, rest)| {
        let (host, path) = rest.split_once('/')?;
        Some((scheme, host.rsplit_once('@')?.1, path))
    }) {
        Some((scheme, host, path)) => format!("{scheme}://{host}/{path}"),
        None => address.to_owned(),
    }
}

/// Returns why a repository is not known, and what helps.
pub(super) fn elsewhere(address: &str) -> String {
    let address = without_secrets(address);
    format!("{address} is another repository: `--repo {address}=DIR` says where it lies")
}

impl<'w> Registry<'w> {
    /// Returns the tree of a repository.
    pub fn tree(&self, address: &str) -> Option<&Tree<'w>> {
        let wanted = host_and_path(address);
        self.trees.iter().find(|tree| host_and_path(&tree.address) == wanted)
    }

    /// Returns a chart by the address of its repository, its name, and its version or a constraint: the
    /// newest that fits. `otherwise` is the cache that is asked last.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn chart(
        &self,
        address: &str,
        name: &str,
        version: &str,
        otherwise: &dyn World,
    ) -> Result<ChartSource<'w>, String> {
        let wanted = normal_chart_address(address);
        let mut known = false;
        for folder in &self.charts {
            let at = normal_chart_address(&folder.address);
            // A registry is named with the chart or without it.
            if at != wanted && format!("{wanted}/{name}") != at {
                continue;
            }
            known = true;
            if let Some(found) = in_folder(folder.world, name, version) {
                return Ok(found);
            }
        }
        match otherwise.chart(address, name, version) {
            Ok(archive) => Ok(ChartSource::Archive(archive)),
            Err(Missing::NotFound) if known => {
                Err(format!("chart `{name}` {version} is not in the folder of {address}"))
            }
            Err(Missing::NotFound) => Err(format!(
                "not in the local cache: `mainstay fetch` gets it, `--charts {address}=DIR` says where it lies"
            )),
            Err(other) => Err(other.to_string()),
        }
    }
}

/// Looks for the newest chart that fits, among archives (`NAME-VERSION.tgz`) and unpacked charts.
fn in_folder<'w>(world: &'w dyn World, name: &str, version: &str) -> Option<ChartSource<'w>> {
    let constraint = match version {
        "" | "*" => None,
        text => Constraints::parse(text).ok(),
    };
    let mut best: Option<(Version, String, bool)> = None;
    for path in world.list("") {
        let file = path.rsplit('/').next().unwrap_or(&path);
        let (text, is_archive) = match file {
            "Chart.yaml" => {
                let Some(text) = version_of(world, &path, name) else { continue };
                (text, false)
            }
            archive => {
                let stem = archive.strip_suffix(".tgz").or(archive.strip_suffix(".tar.gz"));
                let version = stem.and_then(|it| it.strip_prefix(name)?.strip_prefix('-'));
                let Some(version) = version else { continue };
                (version.to_owned(), true)
            }
        };
        let Ok(found) = Version::parse(&text) else { continue };
        let fits = text == version
            || match &constraint {
                Some(constraint) => constraint.check(&found),
                // Previews must be asked for.
                None => found.prerelease.is_empty() && matches!(version, "" | "*"),
            };
        let newer = best.as_ref().is_none_or(|(best, _, _)| found.compare(best).is_gt());
        if fits && newer {
            best = Some((found, path, is_archive));
        }
    }
    let (_, path, is_archive) = best?;
    if is_archive {
        return world.read(&path).ok().map(ChartSource::Archive);
    }
    let folder = path.strip_suffix("Chart.yaml").unwrap_or_default().trim_end_matches('/');
    Some(ChartSource::Folder(world, folder.to_owned()))
}

fn version_of(world: &dyn World, path: &str, name: &str) -> Option<String> {
    let bytes = world.read(path).ok()?;
    let value = yaml::Value::decode_go2(&bytes).ok()?;
    let is_it = value.get("name").and_then(yaml::Value::as_str) == Some(name);
    value.get("version").filter(|_| is_it)?.to_go_string()
}

/// Returns an address as Argo CD compares addresses of git repositories: in lower case, without `.git`,
/// `git@host:path` as `git@host/path`.
///
/// Source: Argo CD, `util/git/git.go`, `NormalizeGitURL` (3.2).
pub fn normal_address(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let address = address.trim_end_matches('/');
    let mut address = address.strip_suffix(".git").unwrap_or(address).to_owned();
    if !address.contains("://")
        && let Some((host, path)) = address.split_once(':')
        && host.contains('@')
    {
        address = format!("{host}/{path}");
    }
    address.strip_prefix("ssh://").unwrap_or(&address).to_owned()
}

/// Whether two addresses are those of one repository: how it is reached (scheme, user, port) does not matter.
pub fn same_repository(address: &str, other: &str) -> bool {
    host_and_path(address) == host_and_path(other)
}

/// Returns host and path of an address, in lower case, without `.git`.
fn host_and_path(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let (is_url, rest) = match address.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, address.as_str()),
    };
    // As in `git@host:path`; a path on this machine has its slash before any colon.
    let (host, path) = match rest.find(['/', ':']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = match path.strip_prefix(':') {
        // A password may hold a colon: then the host is behind it.
        Some(after) if is_url => match after.split_once('@') {
            Some((password, _)) if !password.contains('/') => {
                return host_and_path(after.split_once('@').map_or("", |(_, rest)| rest));
            }
            _ => after.trim_start_matches(|it: char| it.is_ascii_digit()),
        },
        Some(after) => {
            // `host:22/path` without a scheme has a port, too.
            let behind = after.trim_start_matches(|it: char| it.is_ascii_digit());
            if behind.starts_with('/') { behind } else { after }
        }
        None => path,
    };
    let path = path.trim_matches('/');
    format!("{host}/{}", path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/'))
}

fn normal_chart_address(address: &str) -> String {
    let address = address.trim().trim_end_matches('/').to_lowercase();
    address.strip_prefix("oci://").unwrap_or(&address).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_many_addresses() {
        let address = "https://github.com/me/x.git";
        for other in [
            "git@github.com:me/x.git",
            "git@github.com:/me/x",
            "ssh://git@github.com/me/x",
            "ssh://git@github.com:22/me/x.git/",
            "https://user:to:ken@github.com/me/x",
            "https://user:token@github.com:443/me/x",
            "http://GitHub.com/Me/X",
            "github.com/me/x",
        ] {
            assert!(same_repository(address, other), "{other}");
        }
        for other in [
            "https://github.com/me/y.git",
            "https://gitlab.com/me/x.git",
            "https://github.com/x.git",
            "/github.com/me/x",
            "git@github.com:22me/x",
            "",
        ] {
            assert!(!same_repository(address, other), "{other}");
        }
        assert!(same_repository("file:///srv/git/x.git", "/srv/git/x"));
    }

    #[test]
    fn what_is_said_of_a_repository_has_no_password() {
        let said = elsewhere("https://user:token@git.example.com/x.git");
        assert!(said.starts_with("https://git.example.com/x.git is another"), "{said}");
        assert!(!said.contains("token") && !said.contains("user"), "{said}");
    }
}
