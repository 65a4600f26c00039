//! What a kustomization names that lies elsewhere: files at web addresses, and trees of git repositories.
//!
//! Decides what kustomize would look for there, and in which repository a kustomization lies; the world
//! answers with a path, of what was fetched before. Never fetches. Source of the rules: `FileLoader` of
//! sigs.k8s.io/kustomize/api v0.21.1.

use std::sync::Arc;

use text::path::{is_within, join};
use text::{Found, Missing, Remote};

use crate::error::{Error, Reason};
use crate::kustomization::Target;
use crate::load::Loader;
use crate::repo_spec::RepoSpec;

/// A repository elsewhere that a kustomization lies in.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// Its address, as it is written.
    raw: String,
    /// The folder that its tree begins at.
    pub(crate) root: String,
    /// Tells two of one repository apart: each is a tree of its own.
    pub(crate) number: usize,
    /// The one that led here.
    above: Option<Arc<Checkout>>,
}

impl Checkout {
    /// Returns the address that leads back to `raw`, if this repository or one that led here has it.
    fn leads_to(&self, raw: &str) -> Option<&str> {
        if self.raw.starts_with(raw) {
            return Some(&self.raw);
        }
        self.above.as_deref().and_then(|above| above.leads_to(raw))
    }
}

impl Loader<'_> {
    /// Returns the repository that an address means, and the folder in it.
    pub(crate) fn checkout(
        &self,
        target: Option<&Target>,
        spec: &RepoSpec,
        number: usize,
    ) -> Result<(String, Checkout), Error> {
        let fail = |reason, message: String| match target {
            Some(target) => target.error(reason, message),
            None => Error::new(reason, &spec.raw, message),
        };
        let above = target.and_then(|target| target.checkout.clone());
        if let Some(raw) = above.as_deref().and_then(|above| above.leads_to(&spec.raw)) {
            let message =
                format!("cycle detected: URI '{}' referenced by previous URI '{raw}'", spec.raw);
            return Err(fail(Reason::Cycle, message));
        }
        let root = match self.world.remote(&spec.remote()) {
            Ok(Found::Tree(root) | Found::File(root)) => root,
            Err(missing) => return Err(fail(Reason::Remote, not_here(&spec.raw, &missing))),
        };
        let wanted = match spec.folder.as_str() {
            "" => root.clone(),
            folder => join(&root, folder),
        };
        let folder = self.world.real_path(&wanted);
        if !is_within(&folder, &root) {
            let message = format!("`{}` leads out of its repository", spec.raw);
            return Err(fail(Reason::Outside, message));
        }
        if !self.is_folder(&folder) {
            let message = match self.world.read(&folder) {
                Ok(_) => format!("`{}` is a file, and a folder is wanted", spec.raw),
                Err(_) => format!("the repository has no folder `{}`: `{}`", spec.folder, spec.raw),
            };
            return Err(fail(Reason::Missing, message));
        }
        Ok((folder, Checkout { raw: spec.raw.clone(), root, number, above }))
    }

    /// Returns what is at a web address that an entry names; `repository` is tried where no file is there.
    pub(crate) fn at_address(
        &self,
        target: &Target,
        entry: &str,
        repository: Option<&RepoSpec>,
    ) -> Result<Found, Error> {
        let remote = Remote {
            address: entry.to_owned(),
            file: true,
            repository: repository.map(|spec| spec.repository.clone()),
        };
        self.world
            .remote(&remote)
            .map_err(|missing| target.error(Reason::Remote, not_here(entry, &missing)))
    }
}

fn not_here(entry: &str, missing: &Missing) -> String {
    match missing {
        Missing::NotFound => format!("`{entry}` lies elsewhere, and was not fetched"),
        missing => format!("`{entry}` lies elsewhere: {missing}"),
    }
}
