//! Under which paths a world reads what lies elsewhere: `git:host/repository@ref/…` and `https:host/…`.
//!
//! Nothing of it lies on the disk under that name: the bytes come from the cache, by digest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use text::{Found, Missing, Remote};

use super::super::cache::ChartCache;
use super::pins::{BasePin, BasePins};
use super::tree::{At, Tree};

/// What a world may read of what lies elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    cache: Option<ChartCache>,
    pins: BasePins,
    known: Mutex<BTreeMap<String, Mount>>,
}

#[derive(Clone, Debug)]
struct Mount {
    pin: BasePin,
    /// Nothing where it is a file.
    tree: Option<Arc<Tree>>,
}

impl Mounts {
    pub(crate) fn new(cache: Option<ChartCache>, pins: BasePins) -> Mounts {
        Mounts { cache, pins, known: Mutex::default() }
    }

    /// Returns what is pinned.
    pub(crate) fn pins(&self) -> &BasePins {
        &self.pins
    }

    /// Returns where something can be read; see [`text::World::remote`].
    pub(crate) fn remote(&self, remote: &Remote) -> Result<Found, Missing> {
        let pin = self.pins.find(remote).ok_or(Missing::NotFound)?;
        let not_kept = || {
            Missing::Failed(
                "it is pinned, and not in the cache; `mainstay fetch` gets it".to_owned(),
            )
        };
        let cache = self.cache.as_ref().ok_or_else(not_kept)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name(pin, &known);
        let is_tree = matches!(pin, BasePin::Tree(_));
        if !known.contains_key(&name) {
            let failed = |missing| if missing == Missing::NotFound { not_kept() } else { missing };
            let tree = match is_tree {
                true => {
                    let bytes = cache.kept_tree(pin.digest()).map_err(failed)?;
                    let tree = Tree::parse(&bytes).ok_or_else(not_kept)?;
                    Some(Arc::new(tree))
                }
                false => {
                    cache.kept_file(pin.digest()).map_err(failed)?;
                    None
                }
            };
            known.insert(name.clone(), Mount { pin: pin.clone(), tree });
        }
        Ok(if is_tree { Found::Tree(name) } else { Found::File(name) })
    }

    /// Returns the bytes of a file that lies elsewhere; nothing where the path is one of our own.
    pub(crate) fn read(&self, path: &str) -> Option<Result<Arc<[u8]>, Missing>> {
        let (_, mount, rest) = self.find(path)?;
        let digest = match &mount.tree {
            None if rest.is_empty() => mount.pin.digest(),
            None => return Some(Err(Missing::NotFound)),
            Some(tree) => match tree.at(rest) {
                At::File(digest) => digest,
                At::Folder => return Some(Err(Missing::NotAFile)),
                At::Nothing => return Some(Err(Missing::NotFound)),
            },
        };
        let cache = self.cache.as_ref()?;
        Some(cache.kept_file(digest).map_err(|missing| match missing {
            Missing::NotFound => {
                Missing::Failed("it is gone from the cache; `mainstay fetch` gets it".to_owned())
            }
            missing => missing,
        }))
    }

    /// Returns the paths below a folder that lies elsewhere.
    pub(crate) fn list(&self, folder: &str) -> Option<Vec<String>> {
        let (_, mount, rest) = self.find(folder)?;
        let tree = mount.tree?;
        let real = tree.real(rest)?;
        let shown = |path: &str| {
            let below = path.strip_prefix(real.as_str()).unwrap_or(path).trim_start_matches('/');
            text::path::join(folder, below)
        };
        let mut paths: Vec<String> = tree.below(&real).map(shown).collect();
        paths.sort_unstable();
        Some(paths)
    }

    /// Returns where a path leads, links followed.
    pub(crate) fn real_path(&self, path: &str) -> Option<String> {
        let (name, mount, rest) = self.find(path)?;
        let real = mount.tree.and_then(|tree| tree.real(rest));
        Some(real.map_or_else(
            || path.to_owned(),
            |real| text::path::join(&name, &real).trim_end_matches('/').to_owned(),
        ))
    }

    /// Returns what a path leads into, and the rest of it.
    fn find<'p>(&self, path: &'p str) -> Option<(String, Mount, &'p str)> {
        // Every path that is read passes here: most begin otherwise.
        if !is_elsewhere(path) {
            return None;
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().rev().find_map(|(name, mount)| {
            let rest = path.strip_prefix(name.as_str())?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
            Some((name.clone(), mount.clone(), rest))
        })
    }
}

fn is_elsewhere(path: &str) -> bool {
    ["git:", "https:", "http:"].iter().any(|start| path.starts_with(start))
}

/// Returns the path under which something is read.
fn name(pin: &BasePin, known: &BTreeMap<String, Mount>) -> String {
    let shown = pin.to_string();
    let (scheme, rest) = shown.split_once("://").unwrap_or(("git", &shown));
    let kind = match pin {
        BasePin::Tree(_) => "git",
        BasePin::File(_) => scheme,
    };
    let plain = text::path::resolve("", rest.trim_start_matches('/')).unwrap_or_default();
    let mut name = format!("{kind}:{}", plain.replace('\\', "_"));
    // Two that are shown alike are told apart.
    while known.get(&name).is_some_and(|mount| mount.pin != *pin) {
        name.push('+');
    }
    name
}
