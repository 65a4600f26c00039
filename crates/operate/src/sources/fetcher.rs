//! From a chart's name to its archive: cache, lock, chart repository or registry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gotmpl::semver::Version;

use super::Wanted;
use super::address::{Address, shown};
use super::cache::{ChartCache, Known, digest_of};
use super::client::{Client, Limits, Request};
use super::credentials::{Credentials, Keyring};
use super::index::Index;
use super::pins::{Pin, Pins};
use super::reason::Reason;
use super::registry::Registry;
use crate::Error;

/// How to fetch.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How long and how much.
    pub limits: Limits,
    /// Credentials by place.
    pub keyring: Keyring,
    /// Ask nothing of the network.
    pub offline: bool,
    /// Ask anew for what was fetched before, where it is not pinned.
    pub refresh: bool,
    /// Take addresses that are not encrypted, on other machines too.
    pub plain_http: bool,
    /// Give the credentials of a chart repository to every host that it names.
    pub pass_credentials: bool,
}

/// Where an archive came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was fetched before.
    Cache,
    /// It was fetched now.
    Network,
}

/// A chart that was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The chart and what its lock says.
    pub pin: Pin,
    /// Where it came from.
    pub origin: Origin,
    /// The archive.
    pub bytes: Arc<[u8]>,
}

/// Fetches charts.
pub struct Fetcher {
    pub(super) cache: ChartCache,
    pub(super) client: Client,
    pub(super) settings: Settings,
    /// The indexes that were read in this run, by repository.
    indexes: Mutex<BTreeMap<String, Arc<Index>>>,
}

/// Repositories that are asked at the same time.
const AT_ONCE: usize = 4;

impl Fetcher {
    /// Returns a fetcher that fills this cache.
    pub fn new(cache: ChartCache, settings: Settings) -> Fetcher {
        let client = Client::new(settings.limits.clone(), settings.plain_http);
        Fetcher { cache, client, settings, indexes: Mutex::default() }
    }

    /// Fetches a chart, or takes it from the cache. What is pinned stays as it is pinned; of what is not,
    /// an exact version that was fetched before counts, and a constraint is asked for anew.
    ///
    /// # Errors
    /// If it cannot be had, or is not what its digest says.
    pub fn fetch(&self, wanted: &Wanted, pin: Option<&Pin>) -> Result<Fetched, Error> {
        let failed = |reason: Reason| Error::Chart {
            chart: wanted.to_string(),
            repository: shown(wanted.place()),
            reason,
        };
        if let Some(found) = self.cached(wanted, pin) {
            if pin.is_some() {
                let known = Known {
                    resolved: found.pin.resolved.clone(),
                    digest: found.pin.digest.clone(),
                };
                if self.cache.known(wanted).as_ref() != Some(&known) {
                    self.cache.remember(wanted, &known)?;
                }
            }
            return Ok(found);
        }
        if self.settings.offline {
            let reason = Reason::new("it is not in the local cache")
                .hint("`mainstay fetch` without `--offline` asks the network for it");
            return Err(failed(reason));
        }
        let version = pin.map_or(wanted.version.as_str(), |pin| pin.resolved.as_str());
        let (resolved, bytes) = self.download(wanted, version).map_err(failed)?;
        let digest = digest_of(&bytes);
        if let Some(pin) = pin
            && pin.digest != digest
        {
            return Err(failed(other_digest(pin, &digest)));
        }
        self.cache.keep(&bytes)?;
        let known = Known { resolved, digest };
        self.cache.remember(wanted, &known)?;
        if known.resolved != wanted.version {
            let exact = Wanted { version: known.resolved.clone(), ..wanted.clone() };
            self.cache.remember(&exact, &known)?;
        }
        let pin = Pin { wanted: wanted.clone(), resolved: known.resolved, digest: known.digest };
        Ok(Fetched { pin, origin: Origin::Network, bytes: bytes.into() })
    }

    /// Fetches several charts, several repositories at once; the answers are in the order of the charts.
    pub fn fetch_all(&self, wanted: &[Wanted], pins: &Pins) -> Vec<Result<Fetched, Error>> {
        // One repository is asked for one thing after the other: its index is read once.
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, wanted) in wanted.iter().enumerate() {
            places.entry(wanted.place()).or_default().push(at);
        }
        let waiting = Mutex::new(places.into_values());
        let done = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some(group) = next else { break };
                        for at in group {
                            let Some(wanted) = wanted.get(at) else { continue };
                            let fetched = self.fetch(wanted, pins.find(wanted));
                            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                            done.insert(at, fetched);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }

    /// Downloads the archive at an address, as in `helm template https://…/chart.tgz`.
    ///
    /// # Errors
    /// If it cannot be had, or is no archive.
    pub fn archive_at(&self, address: &str) -> Result<Vec<u8>, Error> {
        let fetched = if self.settings.offline {
            Err(Reason::new("the network is not asked with `--offline`"))
        } else {
            Address::parse(address)
                .map_err(Reason::new)
                .and_then(|address| self.get(&address, &address))
                .and_then(archive)
        };
        fetched.map_err(|reason| Error::Chart {
            chart: "the chart".to_owned(),
            repository: shown(address),
            reason,
        })
    }

    fn cached(&self, wanted: &Wanted, pin: Option<&Pin>) -> Option<Fetched> {
        let known = match pin {
            Some(pin) => Known { resolved: pin.resolved.clone(), digest: pin.digest.clone() },
            None if self.settings.offline => self.cache.known(wanted)?,
            None if is_exact(&wanted.version) && !self.settings.refresh => {
                self.cache.known(wanted)?
            }
            None => return None,
        };
        let bytes = self.cache.archive(&known.digest).ok()?;
        let pin = Pin { wanted: wanted.clone(), resolved: known.resolved, digest: known.digest };
        Some(Fetched { pin, origin: Origin::Cache, bytes })
    }

    fn download(&self, wanted: &Wanted, version: &str) -> Result<(String, Vec<u8>), Reason> {
        match wanted.registry() {
            Some(place) => self.download_from_registry(place, &wanted.chart, version),
            None => self.download_from_repository(wanted.place(), &wanted.chart, version),
        }
    }

    fn download_from_registry(
        &self,
        place: &str,
        chart: &str,
        version: &str,
    ) -> Result<(String, Vec<u8>), Reason> {
        let place = format!("{}/{chart}", place.trim_end_matches('/'));
        let mut registry = Registry::open(&self.client, &self.settings.keyring, &place)?;
        let layer = registry.find(version)?;
        let bytes = archive(registry.layer(&layer.digest)?)?;
        checked(&layer.digest, &bytes, "the registry's manifest")?;
        Ok((layer.version, bytes))
    }

    fn download_from_repository(
        &self,
        place: &str,
        chart: &str,
        version: &str,
    ) -> Result<(String, Vec<u8>), Reason> {
        let base = Address::parse(place).map_err(Reason::new)?;
        let index = self.index(place, &base)?;
        let entry = index.find(chart, version)?;
        let address = base.below(&entry.url).map_err(|why| {
            Reason::new(format!("its index has no address for {}: {why}", entry.version))
        })?;
        let bytes = archive(self.get(&address, &base)?)?;
        if let Some(digest) = &entry.digest {
            checked(digest, &bytes, "its index")?;
        }
        Ok((entry.version, bytes))
    }

    fn index(&self, place: &str, base: &Address) -> Result<Arc<Index>, Reason> {
        let known = || self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = known().get(place) {
            return Ok(index.clone());
        }
        let address = base.below("index.yaml").map_err(Reason::new)?;
        let bytes = self.get(&address, base)?;
        let index = Index::parse(&bytes).map_err(|why| {
            Reason::new(format!("`{address}` is no index of a chart repository: {why}"))
        })?;
        let index = Arc::new(index);
        known().insert(place.to_owned(), index.clone());
        Ok(index)
    }

    /// Gets what is at an address, with its own credentials, or with those of the repository that named it
    /// if it is the same host.
    fn get(&self, address: &Address, repository: &Address) -> Result<Vec<u8>, Reason> {
        let own = |at: &Address| self.settings.keyring.find(&at.authority(), at.path());
        let lent = (self.settings.pass_credentials || address.same_place(repository))
            .then(|| own(repository))
            .flatten();
        let authorization = own(address).or(lent).and_then(Credentials::header);
        let request = Request {
            authorization: authorization.as_deref(),
            pass_credentials: self.settings.pass_credentials,
            ..Request::get(address)
        };
        self.client.send(&request)?.body()
    }
}

/// Whether a version is one version, and no constraint.
fn is_exact(version: &str) -> bool {
    Version::parse_strict(version.strip_prefix('v').unwrap_or(version)).is_ok()
}

/// Returns the bytes if they begin as an archive does (RFC 1952): not every good answer is a chart.
fn archive(bytes: Vec<u8>) -> Result<Vec<u8>, Reason> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    Err(Reason::new("what came is no chart archive").hint("a page to log in, perhaps"))
}

fn checked(digest: &str, bytes: &[u8], who: &str) -> Result<(), Reason> {
    let found = digest_of(bytes);
    if digest == found {
        return Ok(());
    }
    Err(Reason::new(format!(
        "what came has the digest sha256:{found}, and {who} says sha256:{digest}"
    ))
    .hint(
        "it was changed on its way, or the one who published it made a mistake: nothing was kept",
    ))
}

/// Returns that a chart is not the one that is pinned.
pub(crate) fn other_digest(pin: &Pin, found: &str) -> Reason {
    Reason::new(format!(
        "it has the digest sha256:{found}, and {} pins sha256:{}",
        super::pins::CHARTS_LOCK,
        pin.digest
    ))
    .hint("somebody published another chart under the same version; look at it, then `mainstay fetch --update`")
}
