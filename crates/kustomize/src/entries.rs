//! What the entries of `resources`, `bases`, `components`, `generators`, `transformers` and `validators` lead
//! to: files, folders with a kustomization, or a configuration that is written there.
//!
//! Decides which folder is a cycle, and what kind a kustomization must have there. Never changes a resource.

use std::sync::Arc;

use text::Found;
use text::path::{is_within, resolve};

use crate::accumulate::{Builder, Context};
use crate::error::{Error, Reason};
use crate::kustomization::{Target, is_kustomization};
use crate::load::Bytes;
use crate::origin::Origin;
use crate::reading::{self, ReadError};
use crate::repo_spec::{FORCED_GIT, RepoSpec, is_file_address, is_forced};
use crate::resource::Resource;
use crate::state::State;

/// More folders inside folders than this is a mistake.
const DEEPEST: usize = 100;

impl Builder<'_> {
    /// Loads the kustomization that an entry names: a folder, or one of a repository elsewhere.
    pub(crate) fn sub(
        &mut self,
        target: &Target,
        entry: &str,
        component: bool,
    ) -> Result<Target, Error> {
        let sub = match RepoSpec::parse(entry) {
            Some(spec) => {
                self.warn_of(entry);
                self.entered(Some(target), &spec)?
            }
            None => self.folder(target, entry)?,
        };
        let fail = |reason: Reason, message: String| target.error(reason, message);
        let kind = sub.text("kind")?;
        match (component, kind == "Component") {
            (true, false) => {
                let kind = if kind.is_empty() { "Kustomization" } else { &kind };
                let message =
                    format!("expected kind 'Component' for path '{entry}' but got '{kind}'");
                Err(fail(Reason::Invalid, message))
            }
            (false, true) => {
                let message = format!("expected kind != 'Component' for path '{entry}'");
                Err(fail(Reason::Invalid, message))
            }
            _ => Ok(sub),
        }
    }

    /// Loads a kustomization of a repository elsewhere.
    pub(crate) fn entered(
        &mut self,
        target: Option<&Target>,
        spec: &RepoSpec,
    ) -> Result<Target, Error> {
        self.checkouts += 1;
        let (folder, checkout) = self.loader.checkout(target, spec, self.checkouts)?;
        if let Some(target) = target {
            self.check_depth(target)?;
            self.check_kustomization(target, &spec.raw, &folder)?;
        }
        self.load(&folder, Some(Arc::new(checkout)))
    }

    /// Says what kustomize says about an old form of address.
    pub(crate) fn warn_of(&mut self, entry: &str) {
        if is_forced(entry) && !self.warnings.iter().any(|it| it == FORCED_GIT) {
            self.warnings.push(FORCED_GIT.to_owned());
        }
    }

    /// Loads the kustomization of a folder.
    fn folder(&mut self, target: &Target, entry: &str) -> Result<Target, Error> {
        let fail = |reason: Reason, message: String| target.error(reason, message);
        if entry.is_empty() {
            return Err(fail(Reason::Invalid, "new root cannot be empty".to_owned()));
        }
        if is_file_address(entry) {
            let message = format!("`{entry}` is the address of no git repository");
            return Err(fail(Reason::Remote, message));
        }
        let folder = resolve(&target.folder, entry).ok_or_else(|| {
            fail(Reason::Outside, format!("`{entry}` lies outside the repository"))
        })?;
        let folder = self.loader.world.real_path(&folder);
        if let Some(checkout) = &target.checkout
            && !is_within(&folder, &checkout.root)
        {
            let message = format!(
                "security; bases in kustomizations found in cloned git repos must be within the repo, but `{entry}` is outside of it"
            );
            return Err(fail(Reason::Outside, message));
        }
        if !self.loader.is_folder(&folder) {
            let reason = match self.loader.world.read(&folder) {
                Ok(_) => "it is a file, and a folder is wanted".to_owned(),
                Err(reason) => reason.to_string(),
            };
            return Err(fail(Reason::Missing, format!("`{entry}` cannot be read: {reason}")));
        }
        // A folder above one that is being built contains it.
        let number = target.number();
        let contains =
            |(visited, of): &(String, usize)| *of == number && is_within(visited, &folder);
        if self.parents.iter().any(contains) {
            let message = format!(
                "cycle detected: `{entry}` is, or contains, a folder that this one is included by"
            );
            return Err(fail(Reason::Cycle, message));
        }
        self.check_depth(target)?;
        self.check_kustomization(target, entry, &folder)?;
        self.load(&folder, target.checkout.clone())
    }

    fn check_depth(&self, target: &Target) -> Result<(), Error> {
        if self.parents.len() <= DEEPEST {
            return Ok(());
        }
        let message = format!("more than {DEEPEST} kustomizations inside each other");
        Err(target.error(Reason::Cycle, message))
    }

    fn check_kustomization(&self, target: &Target, entry: &str, folder: &str) -> Result<(), Error> {
        if is_kustomization(self.loader.world, folder) {
            return Ok(());
        }
        let message = format!("the folder `{entry}` has no kustomization.yaml");
        Err(target.error(Reason::NoKustomization, message))
    }

    /// Adds resources from files and folders.
    pub(crate) fn resources(
        &mut self,
        target: &Target,
        state: &mut State,
        entries: &[String],
        list: &str,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let mut known = state.known();
        for (index, entry) in entries.iter().enumerate() {
            let field = [list, &index.to_string()];
            let file = self.file(target, entry).map_err(|error| error.field(&field))?;
            if let Some(file) = file {
                let read = resources_of(file, context.below(entry).as_ref());
                let read = read.map_err(|error| error.field(&field))?;
                self.ask_scopes(&read);
                let twice = |message: String| target.error(Reason::Twice, message).field(&field);
                state.add(read, &mut known).map_err(twice)?;
                continue;
            }
            let sub = self.sub(target, entry, false).map_err(|error| error.field(&field))?;
            let context = self.inside(target, entry, context)?;
            let sub = self.accumulate(&sub, State::default(), &context)?;
            let twice = |message: String| target.error(Reason::Twice, message).field(&field);
            state.add(sub.resources, &mut known).map_err(twice)?;
            let invalid = |message: String| target.error(Reason::Invalid, message).field(&field);
            if let Some(config) = &sub.config {
                state.add_config(config).map_err(invalid)?;
            }
            for var in sub.vars.into_values() {
                state.add_var(var).map_err(invalid)?;
            }
        }
        Ok(())
    }

    /// Returns the file that an entry names; nothing where it must be a folder.
    fn file(&self, target: &Target, entry: &str) -> Result<Option<Bytes>, Error> {
        if is_file_address(entry) {
            let repository = RepoSpec::parse(entry);
            return match self.loader.at_address(target, entry, repository.as_ref())? {
                Found::File(path) => self.loader.found(target, entry, path).map(Some),
                Found::Tree(_) => Ok(None),
            };
        }
        let Ok(path) = self.loader.path(target, entry) else { return Ok(None) };
        let Ok(bytes) = self.loader.world.read(&path) else { return Ok(None) };
        self.loader.allowed(target, entry, (path, bytes)).map(Some)
    }

    /// Reads the configurations of generators, transformers or validators: files, folders, or the
    /// configuration itself.
    pub(crate) fn configured(
        &mut self,
        target: &Target,
        name: &str,
        context: &Context<'_>,
    ) -> Result<Vec<Resource>, Error> {
        let mut state = State::default();
        let mut known = state.known();
        let mut paths = Vec::new();
        for (index, entry) in target.texts(name)?.into_iter().enumerate() {
            let Some(mut inline) = reading::inline(&entry, false) else {
                paths.push(entry);
                continue;
            };
            let file = target.file.rsplit('/').next().unwrap_or_default();
            let origin = context.below(file).map(|origin| origin.of_file());
            for resource in &mut inline {
                resource.origin.clone_from(&origin);
            }
            self.ask_scopes(&inline);
            state.add(inline, &mut known).map_err(|message| {
                target.error(Reason::Twice, message).field(&[name, &index.to_string()])
            })?;
        }
        self.resources(target, &mut state, &paths, name, context)?;
        Ok(state.resources)
    }
}

/// Reads the resources of a file.
fn resources_of((path, bytes): Bytes, origin: Option<&Origin>) -> Result<Vec<Resource>, Error> {
    let mut read = reading::read(&bytes).map_err(|error| located(error, &path))?;
    let source: Arc<str> = path.as_str().into();
    let origin = origin.map(Origin::of_file);
    for resource in &mut read {
        resource.source = Some(Arc::clone(&source));
        resource.origin.clone_from(&origin);
    }
    Ok(read)
}

/// Returns why a file of resources cannot be read.
pub(crate) fn located(error: ReadError, path: &str) -> Error {
    let located = Error::new(Reason::Resource, path, error.message);
    match error.offset {
        Some(offset) => located.offset(offset),
        None => located,
    }
}
