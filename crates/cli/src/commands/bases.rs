//! What kustomizations name elsewhere, for the commands that build and fetch: what is to be built, and what
//! the network is asked for.

use std::path::{Path, PathBuf};

use kustomize::Options;
use operate::{DiskWorld, Fetcher, Origin, Settings};
use text::{Diagnostic, Remote, Sources, World};

use crate::environment;
use crate::error::CliError;

/// Fetches what is pinned and not in the cache, of some things that were asked for. Returns a world that has
/// it; nothing where there was nothing to fetch.
pub(crate) fn pinned(world: &DiskWorld, wanted: &[Remote]) -> Result<Option<DiskWorld>, CliError> {
    let Some(cache) = environment::chart_cache() else { return Ok(None) };
    let pins = world.base_pins().clone();
    let fetcher = Fetcher::new(cache, Settings::default());
    let mut any = false;
    for remote in wanted.iter().filter(|remote| pins.find(remote).is_some()) {
        let fetched = fetcher.fetch_base(remote, &pins, &kustomize::is_resources)?;
        any |= fetched.origin == Origin::Network;
    }
    Ok(any.then(|| world.clone().with_bases(pins)))
}

/// What is to be built.
pub(crate) enum Place {
    /// A folder, its links followed.
    Folder(PathBuf),
    /// A folder of a git repository elsewhere.
    Elsewhere(Remote),
}

impl Place {
    /// Reads what was typed. An address is one, whatever folder may be called so; as in kustomize.
    pub(crate) fn of(typed: &str) -> Result<Place, CliError> {
        if let Some(remote) = kustomize::remote(typed) {
            return Ok(Place::Elsewhere(remote));
        }
        if typed.contains("://") {
            let shown = operate::shown(typed);
            return Err(CliError::usage(format!("`{shown}` is the address of no git repository"))
                .hint("as in `https://host/team/repository//folder?ref=v1.0`"));
        }
        let path = Path::new(typed);
        let looked = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        match path.canonicalize() {
            Ok(folder) if folder.is_dir() => Ok(Place::Folder(folder)),
            Ok(_) => Err(CliError::usage(format!("`{typed}` is a file"))
                .hint("name the folder that its kustomization.yaml is in")),
            Err(_) => Err(CliError::usage(format!("there is no folder `{typed}`"))
                .hint(format!("looked for `{}`", looked().display()))),
        }
    }

    /// Builds it.
    pub(crate) fn build(
        &self,
        world: &dyn World,
        options: &Options<'_>,
    ) -> Result<kustomize::Build, kustomize::Error> {
        match self {
            Place::Folder(folder) => {
                let name = folder.to_str().map(|path| path.trim_start_matches('/'));
                kustomize::build(world, name.unwrap_or_default(), options)
            }
            Place::Elsewhere(remote) => kustomize::build_remote(world, &remote.address, options),
        }
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Place::Folder(folder) => Some(folder),
            Place::Elsewhere(_) => None,
        }
    }
}

/// Returns words with the paths in them as they are called from `here`: the whole disk is the world.
pub(crate) fn called_from(here: &Path, words: &str) -> String {
    let above = format!("{}/", here.display().to_string().trim_matches('/'));
    words.replace(&format!("`{above}"), "`").replace(&format!(" {above}"), " ")
}

/// Returns an error as a finding, with paths as they are called from `here`.
pub(crate) fn finding(
    error: &kustomize::Error,
    world: &dyn World,
    here: &Path,
) -> (Diagnostic, Sources) {
    let (mut finding, sources) = kustomize::diagnostic(error, world);
    finding.message = called_from(here, &finding.message);
    let mut shown = Sources::new();
    let place = finding.primary.as_mut().map(|label| &mut label.place);
    if let Some(place) = place {
        let path = Path::new("/").join(&*place.file);
        // What lies elsewhere has no place on the disk.
        let is_here = path.exists();
        let name = match path.strip_prefix(here) {
            Ok(below) => below.display().to_string(),
            Err(_) if is_here => path.display().to_string(),
            Err(_) => place.file.to_string(),
        };
        match sources.text(&place.file) {
            Some(text) => place.file = shown.add(name, text),
            None => place.file = name.into(),
        }
    }
    (finding, shown)
}
