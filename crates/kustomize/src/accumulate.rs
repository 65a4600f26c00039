//! What a kustomization gathers, in kustomize's order: resources, settings, generators, components,
//! transformers, validators, variables. Where entries lead is decided in `entries`, what transformers run in
//! `steps`.

use std::sync::Arc;

use yaml::Value;

use crate::build::Options;
use crate::configurations;
use crate::crds;
use crate::decode::Fields;
use crate::elsewhere::Checkout;
use crate::error::{Error, Reason};
use crate::kustomization::Target;
use crate::load::Loader;
use crate::merging;
use crate::origin::Origin;
use crate::schema::Schema;
use crate::specs::Config;
use crate::state::State;
use crate::vars::Var;

/// What a kustomization gets from the one that includes it.
pub(crate) struct Context<'a> {
    /// The outermost one's `buildMetadata`.
    pub(crate) metadata: &'a [String],
    /// The way to this kustomization, where origins are wanted.
    pub(crate) origin: Option<Origin>,
    /// The namespace for charts without one of their own.
    pub(crate) namespace: String,
}

impl Context<'_> {
    pub(crate) fn below(&self, entry: &str) -> Option<Origin> {
        self.origin.as_ref().map(|origin| origin.below(entry))
    }
}

pub(crate) struct Builder<'w> {
    pub(crate) loader: Loader<'w>,
    pub(crate) options: &'w Options<'w>,
    pub(crate) warnings: Vec<String>,
    /// The folders that are being built, outside in, and the number of the repository that each lies in.
    pub(crate) parents: Vec<(String, usize)>,
    /// How many repositories elsewhere were entered.
    pub(crate) checkouts: usize,
    pub(crate) schema: Schema,
    /// Whether validators will ask what the build wrote.
    pub(crate) validates: bool,
}

impl<'w> Builder<'w> {
    pub(crate) fn new(loader: Loader<'w>, options: &'w Options<'w>) -> Self {
        Self {
            loader,
            options,
            warnings: Vec::new(),
            parents: Vec::new(),
            checkouts: 0,
            schema: Schema::default(),
            validates: false,
        }
    }

    pub(crate) fn load(
        &mut self,
        folder: &str,
        checkout: Option<Arc<Checkout>>,
    ) -> Result<Target, Error> {
        let folder = self.loader.world.real_path(folder);
        let target = Target::load(&self.loader, &folder, checkout, &mut self.warnings)?;
        self.choose_schema(&target)?;
        Ok(target)
    }

    pub(crate) fn accumulate(
        &mut self,
        target: &Target,
        mut state: State,
        context: &Context<'_>,
    ) -> Result<State, Error> {
        self.parents.push((target.folder.clone(), target.number()));
        self.validates |= !target.list("validators")?.is_empty();
        for list in ["resources", "bases"] {
            let entries = target.texts(list)?;
            self.resources(target, &mut state, &entries, list, context)?;
        }
        self.settings(target, &mut state)?;
        self.generators(target, &mut state, context)?;
        for (index, entry) in target.texts("components")?.iter().enumerate() {
            let field = ["components", &index.to_string()];
            let sub = self.sub(target, entry, true).map_err(|error| error.field(&field))?;
            let context = self.inside(target, entry, context)?;
            state = self.accumulate(&sub, state, &context)?;
            // All of them are gathered anew, and may have got other names.
            let twice = |message: String| target.error(Reason::Twice, message).field(&field);
            merging::unique(&state.resources).map_err(twice)?;
        }
        self.transform(target, &mut state, context)?;
        for (index, value) in target.list("vars")?.iter().enumerate() {
            let fail = |message: String| {
                target.error(Reason::Replacement, message).field(&["vars", &index.to_string()])
            };
            let var = Var::read(value).map_err(fail)?;
            var.claim(&mut state.resources).map_err(fail)?;
            state.add_var(var).map_err(fail)?;
        }
        self.parents.pop();
        Ok(state)
    }

    /// Returns what a kustomization inside this one gets.
    pub(crate) fn inside<'a>(
        &self,
        target: &Target,
        entry: &str,
        context: &Context<'a>,
    ) -> Result<Context<'a>, Error> {
        let own = target.text("namespace")?;
        Ok(Context {
            metadata: context.metadata,
            origin: context.below(entry),
            namespace: if own.is_empty() { context.namespace.clone() } else { own },
        })
    }

    /// Adds what `configurations` and `crds` say about fields.
    fn settings(&self, target: &Target, state: &mut State) -> Result<(), Error> {
        let mut config = Config::default_config();
        let all = target.texts("configurations")?;
        if !all.is_empty() {
            let read = self.configs(target, "configurations", &all, configurations::read)?;
            let merged = config.merged(&read);
            config = Arc::new(merged.map_err(|message| {
                target.error(Reason::Invalid, message).field(&["configurations"])
            })?);
        }
        let fail = |message: String| target.error(Reason::Invalid, message);
        state.add_config(&config).map_err(fail)?;
        let all = target.texts("crds")?;
        if !all.is_empty() {
            let read = self.configs(target, "crds", &all, crds::read)?;
            state.add_config(&Arc::new(read)).map_err(|message| fail(message).field(&["crds"]))?;
        }
        Ok(())
    }

    /// Reads and merges files of settings.
    fn configs(
        &self,
        target: &Target,
        list: &str,
        entries: &[String],
        read: impl Fn(&[u8]) -> Result<Config, String>,
    ) -> Result<Config, Error> {
        let mut all = Config::default();
        for (index, entry) in entries.iter().enumerate() {
            let field = [list, &index.to_string()];
            let (path, bytes) =
                self.loader.file(target, entry).map_err(|error| error.field(&field))?;
            let fail = |message: String| Error::new(Reason::Resource, &path, message);
            let config = read(&bytes).map_err(fail)?;
            all = all.merged(&config).map_err(fail)?;
        }
        Ok(all)
    }
}

/// Reads a list item as a map.
pub(crate) fn item<'v>(value: &'v Value, name: &'v str) -> Result<Fields<'v>, String> {
    Fields::lenient(value, name)
}
