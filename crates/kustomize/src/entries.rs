//! What the entries of `resources`, `bases`, `components`, `generators`, `transformers` and `validators` lead
//! to: files, folders with a kustomization, or a configuration that is written there.
//!
//! Decides which folder is a cycle, and what kind a kustomization must have there. Never changes a resource.

use std::sync::Arc;

use text::path::resolve;

use crate::accumulate::{Builder, Context};
use crate::error::{Error, Reason};
use crate::kustomization::{Target, is_kustomization};
use crate::load::{self, is_remote, remote};
use crate::reading::{self, ReadError};
use crate::resource::Resource;
use crate::state::State;

/// More folders inside folders than this is a mistake.
const DEEPEST: usize = 100;

impl Builder<'_> {
    /// Loads the kustomization that an entry names.
    pub(crate) fn sub(
        &mut self,
        target: &Target,
        entry: &str,
        component: bool,
    ) -> Result<Target, Error> {
        let fail = |reason: Reason, message: String| target.error(reason, message);
        if is_remote(entry) {
            return Err(remote(target, entry));
        }
        let folder = resolve(&target.folder, entry).ok_or_else(|| {
            fail(Reason::Outside, format!("`{entry}` lies outside the repository"))
        })?;
        let folder = self.loader.world.real_path(&folder);
        if !self.loader.is_folder(&folder) {
            let reason = match self.loader.world.read(&folder) {
                Ok(_) => "it is a file, and a folder is wanted".to_owned(),
                Err(reason) => reason.to_string(),
            };
            return Err(fail(Reason::Missing, format!("`{entry}` cannot be read: {reason}")));
        }
        // A folder above one that is being built contains it.
        let contains = |visited: &String| {
            folder.is_empty()
                || visited
                    .strip_prefix(&folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.parents.iter().any(contains) {
            let message = format!(
                "cycle detected: `{entry}` is, or contains, a folder that this one is included by"
            );
            return Err(fail(Reason::Cycle, message));
        }
        if self.parents.len() > DEEPEST {
            let message = format!("more than {DEEPEST} kustomizations inside each other");
            return Err(fail(Reason::Cycle, message));
        }
        if !is_kustomization(self.loader.world, &folder) {
            let message = format!("the folder `{entry}` has no kustomization.yaml");
            return Err(fail(Reason::NoKustomization, message));
        }
        let sub = self.load(&folder)?;
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
            let path = resolve(&target.folder, entry);
            let bytes = path.and_then(|path| self.loader.world.read(&path).ok());
            if bytes.is_some() || is_remote(entry) {
                let read = self.read(target, entry, bytes, context.below(entry).as_deref());
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

    /// Reads the resources of a file; its bytes may be there already.
    fn read(
        &self,
        target: &Target,
        entry: &str,
        bytes: Option<Arc<[u8]>>,
        origin: Option<&str>,
    ) -> Result<Vec<Resource>, Error> {
        let (path, bytes) = match bytes {
            Some(bytes) => {
                self.loader.allowed(target, entry, (load::path(target, entry)?, bytes))?
            }
            None => self.loader.file(target, entry)?,
        };
        let mut read = reading::read(&bytes).map_err(|error| located(error, &path))?;
        let source: Arc<str> = path.as_str().into();
        for resource in &mut read {
            resource.source = Some(Arc::clone(&source));
            resource.origin = origin.map(|origin| format!("path: {origin}\n"));
        }
        Ok(read)
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
            let Some(mut inline) = reading::inline(&entry) else {
                paths.push(entry);
                continue;
            };
            let file = target.file.rsplit('/').next().unwrap_or_default();
            let path = context.below(file);
            for resource in &mut inline {
                resource.origin = path.as_ref().map(|path| format!("path: {path}\n"));
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

/// Returns why a file of resources cannot be read.
pub(crate) fn located(error: ReadError, path: &str) -> Error {
    let located = Error::new(Reason::Resource, path, error.message);
    match error.offset {
        Some(offset) => located.offset(offset),
        None => located,
    }
}
