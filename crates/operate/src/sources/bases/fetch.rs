//! From something that a kustomization names elsewhere to its bytes in the cache, and to its pin.

use std::time::Duration;

use text::{Remote, RemoteRepository};

use super::super::address::{Address, shown};
use super::super::client::{Client, Request};
use super::super::fetcher::{Fetcher, Origin};
use super::super::reason::Reason;
use super::pins::{BASES_LOCK, BasePin, BasePins, FilePin, TreePin};
use super::tree::Tree;
use crate::Error;
use crate::git::Git;

/// Something that lay elsewhere, and is in the cache now.
#[derive(Clone, Debug)]
pub struct FetchedBase {
    /// What it is.
    pub pin: BasePin,
    /// Where it came from.
    pub origin: Origin,
}

impl Fetcher {
    /// Fetches something that a kustomization names elsewhere, or takes it from the cache. What is pinned
    /// stays as it is pinned. `is_resources` says what may be a file of resources: an address that answers
    /// something else is taken for a git repository, as kustomize does.
    ///
    /// # Errors
    /// If it cannot be had, or is not what its pin says.
    pub fn fetch_base(
        &self,
        remote: &Remote,
        pins: &BasePins,
        is_resources: &dyn Fn(&[u8]) -> bool,
    ) -> Result<FetchedBase, Error> {
        let failed = |reason: Reason| Error::Address { address: shown(&remote.address), reason };
        let pinned = pins.find(remote);
        if let Some(pin) = pinned.filter(|pin| self.is_kept(pin)) {
            return Ok(FetchedBase { pin: pin.clone(), origin: Origin::Cache });
        }
        if self.settings.offline {
            let reason = Reason::new("it is not in the local cache")
                .hint("`mainstay fetch` without `--offline` asks the network for it");
            return Err(failed(reason));
        }
        let pin = match pinned {
            Some(BasePin::Tree(pin)) => {
                let timeout = remote.repository.as_ref().and_then(|it| it.timeout);
                BasePin::Tree(self.pinned_tree(pin, timeout).map_err(|it| it.told(failed))?)
            }
            Some(BasePin::File(pin)) => {
                let found = self.file(&pin.url).map_err(|it| it.told(failed))?;
                if found.digest != pin.digest {
                    return Err(failed(moved(&found.digest, &pin.digest)));
                }
                BasePin::File(found)
            }
            None => self.unpinned(remote, is_resources).map_err(|it| it.told(failed))?,
        };
        Ok(FetchedBase { pin, origin: Origin::Network })
    }

    fn unpinned(
        &self,
        remote: &Remote,
        is_resources: &dyn Fn(&[u8]) -> bool,
    ) -> Result<BasePin, Failure> {
        let mut no_file = None;
        if remote.file {
            match (self.bytes(&remote.address), &remote.repository) {
                // A page to read is no file of resources: the address of a repository, then.
                (Ok(bytes), Some(_)) if !is_resources(&bytes) => {
                    no_file = Some(Reason::new("what is there is no file of Kubernetes objects"));
                }
                (Ok(bytes), _) => {
                    let digest = self.cache.keep_file(&bytes)?;
                    return Ok(BasePin::File(FilePin { url: remote.address.clone(), digest }));
                }
                (Err(reason), Some(_)) => no_file = Some(reason),
                (Err(reason), None) => return Err(reason.into()),
            }
        }
        let Some(wanted) = &remote.repository else {
            return Err(Reason::new("it is the address of no git repository").into());
        };
        let tree = self.tree(wanted, &[&wanted.reference]);
        tree.map(BasePin::Tree).map_err(|failure| match (failure, no_file) {
            (Failure::Reason(reason), Some(no_file)) => {
                reason.hint(format!("and as a file: {no_file}")).into()
            }
            (failure, _) => failure,
        })
    }

    fn pinned_tree(&self, pin: &TreePin, timeout: Option<u64>) -> Result<TreePin, Failure> {
        let wanted = RemoteRepository {
            address: pin.repository.clone(),
            reference: pin.reference.clone(),
            submodules: pin.submodules,
            timeout,
        };
        // Not every server gives a commit by its name: then the reference may still be there.
        let found = self.tree(&wanted, &[&pin.commit, &pin.reference])?;
        if found.commit != pin.commit {
            return Err(Reason::new(format!(
                "`{}` is commit {} now, {BASES_LOCK} pins {}, and the server does not give that one",
                if pin.reference.is_empty() { "HEAD" } else { &pin.reference },
                found.commit,
                pin.commit
            ))
            .hint("look at what has changed, then `mainstay fetch --update`")
            .into());
        }
        if found.digest != pin.digest {
            return Err(moved(&found.digest, &pin.digest).into());
        }
        Ok(found)
    }

    /// Fetches the tree at the first of some references that the server gives.
    fn tree(&self, wanted: &RemoteRepository, references: &[&str]) -> Result<TreePin, Failure> {
        check_address(&self.client, &wanted.address)?;
        let git = Git::find()?;
        let limit = wanted.timeout.map_or(self.settings.limits.whole, Duration::from_millis);
        let folder = tempfile::Builder::new()
            .prefix("mainstay-git-")
            .tempdir()
            .map_err(Error::disk("make a folder in", &std::env::temp_dir()))?;
        let commit = git.fetch_tree(folder.path(), wanted, references, limit)?;
        let tree = Tree::take(folder.path(), &self.cache)?;
        let digest = self.cache.keep_tree(&tree.to_bytes())?;
        Ok(TreePin {
            repository: wanted.address.clone(),
            reference: wanted.reference.clone(),
            submodules: wanted.submodules,
            commit,
            digest,
        })
    }

    fn file(&self, url: &str) -> Result<FilePin, Failure> {
        let bytes = self.bytes(url)?;
        Ok(FilePin { url: url.to_owned(), digest: self.cache.keep_file(&bytes)? })
    }

    fn bytes(&self, url: &str) -> Result<Vec<u8>, Reason> {
        let address = Address::parse(url).map_err(Reason::new)?;
        let own = self.settings.keyring.find(&address.authority(), address.path());
        let authorization = own.and_then(super::super::credentials::Credentials::header);
        let request = Request { authorization: authorization.as_deref(), ..Request::get(&address) };
        self.client.send(&request)?.body()
    }

    /// Whether everything that a pin names is in the cache.
    fn is_kept(&self, pin: &BasePin) -> bool {
        match pin {
            BasePin::File(pin) => self.cache.kept_file(&pin.digest).is_ok(),
            BasePin::Tree(pin) => {
                let bytes = self.cache.kept_tree(&pin.digest).ok();
                let tree = bytes.and_then(|bytes| Tree::parse(&bytes));
                tree.is_some_and(|tree| tree.digests().all(|it| self.cache.has_file(it)))
            }
        }
    }
}

/// Why something could not be had.
enum Failure {
    Reason(Reason),
    World(Error),
}

impl Failure {
    fn told(self, tell: impl Fn(Reason) -> Error) -> Error {
        match self {
            Failure::Reason(reason) => tell(reason),
            Failure::World(error) => error,
        }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Failure {
        Failure::Reason(reason)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::World(error)
    }
}

/// An address holds no password, and is as well protected as those of charts have to be.
fn check_address(client: &Client, address: &str) -> Result<(), Reason> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("ssh", address));
    let host = rest.split('/').next().unwrap_or_default();
    if scheme != "file" && host.split_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return Err(Reason::new(
            "its address holds a password, which would come to stand in the lock",
        )
        .hint("take it out, and let git know it: `git help credentials`"));
    }
    if scheme.eq_ignore_ascii_case("http") {
        let plain = host.rsplit('@').next().unwrap_or_default();
        client.allows(&Address::of_host(false, plain, "/").map_err(Reason::new)?)?;
    }
    Ok(())
}

fn moved(found: &str, pinned: &str) -> Reason {
    Reason::new(format!(
        "what came has the digest sha256:{found}, and {BASES_LOCK} pins sha256:{pinned}"
    ))
    .hint("somebody changed it under the same address; look at it, then `mainstay fetch --update`")
}

#[cfg(test)]
mod tests {
    use super::super::super::cache::digest_of;
    use super::*;

    #[test]
    fn a_digest_is_told_with_the_pinned_one() {
        let (one, two) = (digest_of(b"1"), digest_of(b"2"));
        let said = moved(&one, &two).to_string();
        assert!(said.contains(&one) && said.contains(&two), "{said}");
    }
}
