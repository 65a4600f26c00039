//! What a kustomization gathers, in kustomize's order: resources, settings, generators, components,
//! transformers, validators, variables.

use std::sync::Arc;

use manifest::{MergeSchema, Standing};
use text::path::resolve;
use yaml::Value;

use crate::build::Options;
use crate::crds;
use crate::decode::Fields;
use crate::error::{Error, Reason};
use crate::external;
use crate::kustomization::{Target, is_kustomization};
use crate::load::{self, Loader, is_remote, remote};
use crate::origin;
use crate::reading::{self, ReadError};
use crate::resource::Resource;
use crate::specs::Config;
use crate::state::State;
use crate::transform::{self, Transformer};
use crate::vars::Var;

/// More folders inside folders than this is a mistake.
const DEEPEST: usize = 100;

/// What a kustomization gets from the one that includes it.
pub(crate) struct Context<'a> {
    /// The outermost one's `buildMetadata`.
    pub(crate) metadata: &'a [String],
    /// The path from the outermost kustomization, where origins are wanted.
    pub(crate) origin: Option<String>,
    /// The namespace for charts without one of their own.
    pub(crate) namespace: String,
}

impl Context<'_> {
    fn below(&self, entry: &str) -> Option<String> {
        self.origin.as_ref().map(|origin| origin::below(origin, entry))
    }
}

pub(crate) struct Builder<'w> {
    pub(crate) loader: Loader<'w>,
    pub(crate) options: &'w Options<'w>,
    pub(crate) warnings: Vec<String>,
    parents: Vec<String>,
    /// The schema that the first kustomization with an `openapi` field chose.
    schema: Option<Arc<MergeSchema>>,
    schema_is_chosen: bool,
    /// How a schema that is chosen now will stand to Kubernetes' own: beside it once that was needed.
    standing: Standing,
}

impl<'w> Builder<'w> {
    pub(crate) fn new(loader: Loader<'w>, options: &'w Options<'w>) -> Self {
        Self {
            loader,
            options,
            warnings: Vec::new(),
            parents: Vec::new(),
            schema: None,
            schema_is_chosen: false,
            standing: Standing::Instead,
        }
    }

    pub(crate) fn load(&mut self, folder: &str) -> Result<Target, Error> {
        let folder = self.loader.world.real_path(folder);
        let target = Target::load(self.loader.world, &folder, &mut self.warnings)?;
        self.choose_schema(&target)?;
        Ok(target)
    }

    fn choose_schema(&mut self, target: &Target) -> Result<(), Error> {
        let pairs = target.pairs("openapi")?;
        let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, text)| text);
        let fail = |message: String| target.error(Reason::Invalid, message).field(&["openapi"]);
        let (path, version) = (get("path"), get("version"));
        let read = match path {
            None => None,
            Some(path) => {
                let file = self.loader.file(target, path);
                Some(file.map_err(|error| error.field(&["openapi", "path"]))?)
            }
        };
        if self.schema_is_chosen {
            return Ok(());
        }
        match (read, version) {
            (Some(_), Some(_)) => {
                Err(fail("builtin version and custom schema provided, cannot use both".to_owned()))
            }
            (Some((path, bytes)), None) => {
                let schema = MergeSchema::read(&bytes);
                let mut schema = schema.map_err(|error| {
                    let message = format!("invalid schema file: {error}");
                    Error::new(Reason::Resource, &path, message)
                })?;
                schema.standing = self.standing;
                self.schema = Some(Arc::new(schema));
                self.schema_is_chosen = true;
                Ok(())
            }
            (None, Some(version)) if version == "v1.21.2" => {
                self.schema_is_chosen = true;
                Ok(())
            }
            (None, Some(version)) if !version.is_empty() => {
                Err(fail("the specified OpenAPI version is not built in".to_owned()))
            }
            (None, _) => Ok(()),
        }
    }

    /// Notes that the scopes of resources' kinds were asked for. kustomize knows those of Kubernetes' own
    /// kinds by heart; for others it will read its own schema, after one that is chosen in the meantime
    /// (`IsNamespaceScoped` of sigs.k8s.io/kustomize/kyaml v0.21.1).
    fn ask_scopes(&mut self, resources: &[Resource]) {
        let is_asked = self.standing == Standing::Instead && !self.schema_is_chosen;
        if is_asked && resources.iter().any(|it| !it.gvk().is_known()) {
            self.standing = Standing::Under;
        }
    }

    /// Notes that lists were merged: then kustomize has read its own schema, and reads another one that is
    /// chosen later on top of it.
    fn ask_merge_keys(&mut self, transformer: &Transformer, resources: &[Resource]) {
        let Transformer::Merge { patches, target, .. } = transformer else { return };
        if self.schema_is_chosen {
            return;
        }
        // With a target, nobody asks what the patch itself is.
        if target.is_none() {
            self.ask_scopes(patches);
        }
        let has_type = |it: &Resource| !it.kind().is_empty() && !it.text("apiVersion").is_empty();
        if resources.iter().any(has_type) {
            self.standing = Standing::Over;
        }
    }

    pub(crate) fn accumulate(
        &mut self,
        target: &Target,
        mut state: State,
        context: &Context<'_>,
    ) -> Result<State, Error> {
        self.parents.push(target.folder.clone());
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
    fn inside<'a>(
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
            let read = self.configs(target, "configurations", &all, |bytes| {
                let value = Value::decode_go2(bytes).map_err(|error| error.go_text())?;
                Config::read(&value)
            })?;
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

    /// Loads the kustomization that an entry names.
    fn sub(&mut self, target: &Target, entry: &str, component: bool) -> Result<Target, Error> {
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

    /// Runs the transformers of the fields, then those of `transformers`, then `validators`.
    fn transform(
        &mut self,
        target: &Target,
        state: &mut State,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let config = state.config.clone().unwrap_or_else(Config::default_config);
        for step in self.transformers(target, &config)? {
            self.ask_merge_keys(&step.transformer, &state.resources);
            let schema = self.schema.as_deref();
            transform::apply(&step.transformer, &mut state.resources, schema).map_err(
                |message| {
                    let (name, index) = step.field;
                    let error = target.error(step.reason, message);
                    match index {
                        Some(index) => error.field(&[name, &index.to_string()]),
                        None => error.field(&[name]),
                    }
                },
            )?;
            if let Some(origin) = &context.origin {
                let text = origin::of_field(origin, &target.file, step.kind);
                origin::note(&mut state.resources, &text);
            }
        }
        for name in ["transformers", "validators"] {
            let configs = self.configured(target, name, context)?;
            for config in configs {
                let before = (name == "validators").then(|| state.resources.clone());
                self.run(target, name, &config, state)?;
                if before.is_some_and(|before| !same(&before, &state.resources)) {
                    let message = format!(
                        "validator shouldn't modify the resource map: {} does",
                        config.id()
                    );
                    return Err(target.error(Reason::Transformer, message).field(&[name]));
                }
            }
        }
        Ok(())
    }

    /// Runs a transformer that is configured by an object of its own.
    fn run(
        &mut self,
        target: &Target,
        name: &str,
        config: &Resource,
        state: &mut State,
    ) -> Result<(), Error> {
        if config.text("apiVersion") != "builtin" {
            return Err(function(target, name, config));
        }
        let load = |path: &str| {
            let file = self.loader.file(target, path);
            file.map(|(_, bytes)| bytes).map_err(|error| error.message)
        };
        let fail = |message: String| {
            let message = format!("{}: {message}", config.id());
            target.error(Reason::Transformer, message).field(&[name])
        };
        let folder = target.folder.rsplit('/').next().unwrap_or_default();
        let list = external::transformers(config, folder, &load).map_err(fail)?;
        let list = list.ok_or_else(|| fail(format!("unable to load builtin {}", config.gvk())))?;
        for transformer in list {
            self.ask_merge_keys(&transformer, &state.resources);
            let schema = self.schema.as_deref();
            transform::apply(&transformer, &mut state.resources, schema).map_err(fail)?;
        }
        if name == "transformers"
            && let Some(text) = origin::of_plugin(config)
        {
            origin::note(&mut state.resources, &text);
        }
        Ok(())
    }
}

/// Whether a validator left the resources alone, but for the label that it may add.
fn same(before: &[Resource], after: &[Resource]) -> bool {
    let plain = |resource: &Resource| {
        let mut resource = resource.clone();
        let mut labels = resource.strings("labels");
        labels.retain(|(key, _)| key != "validated-by");
        resource.set_strings("labels", labels);
        resource.value
    };
    before.len() == after.len() && before.iter().zip(after).all(|(a, b)| plain(a) == plain(b))
}

/// Refuses to run a program.
pub(crate) fn function(target: &Target, name: &str, config: &Resource) -> Error {
    let annotations = config.strings("annotations");
    let is_function = annotations.iter().any(|(key, _)| {
        matches!(key.as_str(), "config.kubernetes.io/function" | "config.k8s.io/function")
    });
    let what = if is_function { "the function" } else { "the plugin" };
    let message = format!("{what} {} would be run, and no program is run", config.id());
    target.error(Reason::Function, message).field(&[name])
}

/// Returns why a file of resources cannot be read.
pub(crate) fn located(error: ReadError, path: &str) -> Error {
    let located = Error::new(Reason::Resource, path, error.message);
    match error.offset {
        Some(offset) => located.offset(offset),
        None => located,
    }
}

/// Reads a list item as a map.
pub(crate) fn item<'v>(value: &'v Value, name: &'v str) -> Result<Fields<'v>, String> {
    Fields::lenient(value, name)
}
