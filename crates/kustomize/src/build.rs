//! From a folder to its objects: what kustomize does, in its order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use manifest::Object;
use text::World;
use text::path::{join, resolve};
use yaml::Value;

use crate::Error;
use crate::decode::Fields;
use crate::external;
use crate::generate;
use crate::hash;
use crate::identity::{FIRST, Gvk, LAST};
use crate::images::Image;
use crate::references;
use crate::resource::{self, Behavior, Resource};
use crate::specs::{self, Config, FieldSpec};
use crate::transform::{self, Subjects, Transformer};
use crate::vars::{self, Var};

/// The names that kustomize looks for, in its order.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// More folders inside folders than this is a mistake.
const DEEPEST: usize = 100;

/// The fields of a kustomization.
const FIELDS: [&str; 35] = [
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
    "inventory",
];

/// Renders the charts of `helmCharts`.
pub trait Charts: Sync {
    /// Returns the YAML that a chart renders to.
    ///
    /// # Errors
    /// Why it does not, in words.
    fn inflate(&self, folder: &str, chart: &Value, globals: &Value) -> Result<String, String>;
}

/// What a build may use besides the files.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// What renders `helmCharts`; without it they are refused, as without `--enable-helm`.
    pub charts: Option<&'o dyn Charts>,
}

/// What a kustomization builds.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The objects, in kustomize's order; the text of each is its YAML.
    pub objects: Vec<Object>,
    /// What kustomize says about deprecated fields.
    pub warnings: Vec<String>,
}

impl Build {
    /// Returns what `kustomize build` prints.
    pub fn to_yaml(&self) -> String {
        let texts: Vec<&str> = self.objects.iter().map(|object| &*object.text).collect();
        texts.join("---\n")
    }
}

/// Whether a folder is a kustomization.
pub fn is_kustomization(world: &dyn World, folder: &str) -> bool {
    FILES.iter().any(|file| world.read(&join(folder, file)).is_ok())
}

/// Returns the objects of the kustomization in `folder`, in the order of its resources.
///
/// # Errors
/// Where kustomize refuses it, or something is not supported yet.
pub fn build(world: &dyn World, folder: &str) -> Result<Vec<Object>, Error> {
    Ok(build_ordered(world, folder, &Options::default(), false)?.objects)
}

/// Returns the objects of the kustomization in `folder`, in the order in which kustomize writes
/// them, and the warnings.
///
/// # Errors
/// As [`build`].
pub fn build_with(world: &dyn World, folder: &str, options: &Options<'_>) -> Result<Build, Error> {
    build_ordered(world, folder, options, true)
}

fn build_ordered(
    world: &dyn World,
    folder: &str,
    options: &Options<'_>,
    sorted: bool,
) -> Result<Build, Error> {
    let mut builder = Builder { world, options, warnings: Vec::new(), parents: Vec::new() };
    let target = builder.load(folder)?;
    let file = target.file.clone();
    let fail = |message: String| Error::Invalid { file: file.clone(), message };
    let fields = target.fields().map_err(&fail)?;
    let metadata = fields.texts("buildMetadata").map_err(&fail)?;
    let origin = (!metadata.is_empty()).then(String::new);
    let state = builder.accumulate(&target, State::default(), &metadata, origin.as_deref())?;
    let State { mut resources, config, vars } = state;
    for resource in &mut resources {
        if resource.needs_hash {
            let name = format!("{}-{}", resource.metadata("name"), hash::suffix(resource));
            resource.remember();
            resource.set_metadata("name", name);
        }
    }
    let config = config.unwrap_or_else(Config::default_config);
    references::follow(&mut resources, &config.name_reference).map_err(&fail)?;
    vars::resolve(&mut resources, &vars, &config.var_reference).map_err(&fail)?;
    resources.retain(|resource| {
        let annotations = resource.strings("annotations");
        let local = |(key, value): &(String, String)| {
            key == "config.kubernetes.io/local-config" && value != "false"
        };
        !annotations.iter().any(local)
    });
    if sorted {
        sort(&mut resources, &fields).map_err(&fail)?;
    }
    let has = |name: &str| metadata.iter().any(|it| it == name);
    if has("managedByLabel") {
        let pairs = [("app.kubernetes.io/managed-by".to_owned(), "kustomize-v5.8.1".to_owned())];
        let spec = FieldSpec::plain("metadata/labels", true);
        for resource in &mut resources {
            transform::entries(resource, &pairs, std::slice::from_ref(&spec)).map_err(&fail)?;
        }
    }
    let source: Arc<str> = file.as_str().into();
    let mut objects = Vec::with_capacity(resources.len());
    for mut resource in resources {
        finish(&mut resource, has("originAnnotations"), has("transformerAnnotations"));
        let written = yaml::write_go2(&resource.value);
        let text = written.map_err(|error| fail(format!("{}: {error}", resource.id())))?;
        objects.push(Object {
            source: resource.source.unwrap_or_else(|| Arc::clone(&source)),
            text: text.as_str().into(),
            value: resource.value,
        });
    }
    Ok(Build { objects, warnings: builder.warnings })
}

/// Takes out what only builds use, and puts in where things come from.
fn finish(resource: &mut Resource, origins: bool, transformations: bool) {
    let mut pairs = resource.strings("annotations");
    pairs.retain(|(key, _)| {
        !key.starts_with("internal.config.kubernetes.io/")
            && !matches!(
                key.as_str(),
                "config.kubernetes.io/path"
                    | "config.kubernetes.io/index"
                    | "config.k8s.io/id"
                    | "config.kubernetes.io/origin"
                    | "alpha.config.kubernetes.io/transformations"
            )
    });
    if let (true, Some(origin)) = (origins, &resource.origin) {
        pairs.push(("config.kubernetes.io/origin".to_owned(), origin.clone()));
    }
    if transformations && !resource.transformations.is_empty() {
        let item = |text: &String| {
            let lines: Vec<&str> = text.lines().collect();
            format!("- {}\n", lines.join("\n  "))
        };
        let text: String = resource.transformations.iter().map(item).collect();
        pairs.push(("alpha.config.kubernetes.io/transformations".to_owned(), text));
    }
    resource.set_strings("annotations", pairs);
}

fn sort(resources: &mut [Resource], fields: &Fields<'_>) -> Result<(), String> {
    let null = Value::Null;
    let options = Fields::lenient(fields.get("sortOptions").unwrap_or(&null), "sortOptions")?;
    let order = options.text("order")?;
    let lists = options.get("legacySortOptions");
    match (fields.get("sortOptions"), order.as_str()) {
        (None, _) | (Some(_), "legacy") => {}
        (Some(_), "fifo") if lists.is_some() => {
            return Err("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'".to_owned());
        }
        (Some(_), "fifo") => return Ok(()),
        _ => {
            return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".to_owned());
        }
    }
    let (first, last) = match lists {
        None => (FIRST.map(str::to_owned).to_vec(), LAST.map(str::to_owned).to_vec()),
        Some(lists) => {
            let lists = Fields::lenient(lists, "legacySortOptions")?;
            (lists.texts("orderFirst")?, lists.texts("orderLast")?)
        }
    };
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let last: Vec<&str> = last.iter().map(String::as_str).collect();
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let or = |text: &str, empty: &str| if text.is_empty() { empty } else { text }.to_owned();
        let (namespace, name) = (or(&id.namespace, "~X"), or(&id.name, "~N"));
        (id.gvk.order(&first, &last), format!("{}|{namespace}|{name}", id.gvk))
    });
    Ok(())
}

/// What has been gathered so far.
#[derive(Default)]
struct State {
    resources: Vec<Resource>,
    config: Option<Arc<Config>>,
    vars: BTreeMap<String, Var>,
}

impl State {
    fn add(&mut self, more: Vec<Resource>) -> Result<(), String> {
        let mut known: BTreeSet<String> =
            self.resources.iter().map(|it| transform::key(&it.id())).collect();
        for resource in more {
            let id = resource.id();
            if !known.insert(transform::key(&id)) {
                return Err(format!("may not add resource with an already registered id: {id}"));
            }
            self.resources.push(resource);
        }
        Ok(())
    }

    /// Adds, replaces or merges what a generator made.
    fn absorb(&mut self, mut new: Resource) -> Result<(), String> {
        let id = new.id();
        let behavior = new.behavior;
        let fits = |(_, it): &(usize, &Resource)| it.any_id(|other| id.same(other));
        let mut found = self.resources.iter().enumerate().filter(fits).map(|(index, _)| index);
        let Some(index) = found.next() else {
            if matches!(behavior, Behavior::Merge | Behavior::Replace) {
                return Err(format!("id {id} does not exist; cannot merge or replace"));
            }
            return self.add(vec![new]);
        };
        if found.next().is_some() {
            return Err(format!("found multiple objects that could accept merge of {id}"));
        }
        drop(found);
        let Some(old) = self.resources.get_mut(index) else { return Ok(()) };
        match behavior {
            Behavior::Replace => new.copy_metadata_from(old),
            Behavior::Merge => {
                new.copy_metadata_from(old);
                new.merge_data_from(old, "data");
                new.merge_data_from(old, "binaryData");
                if old.origin.is_some() {
                    new.origin.clone_from(&old.origin);
                }
            }
            Behavior::Unspecified | Behavior::Create => {
                return Err(format!(
                    "id {id} exists; can not use behavior: '{}', behavior must be merge or replace",
                    behavior.name()
                ));
            }
        }
        *old = new;
        Ok(())
    }

    fn add_config(&mut self, more: &Arc<Config>) -> Result<(), String> {
        self.config = Some(match self.config.take() {
            None => Arc::clone(more),
            Some(own) if Arc::ptr_eq(&own, more) => own,
            Some(own) => Arc::new(own.merged(more)?),
        });
        Ok(())
    }

    fn add_var(&mut self, var: Var) -> Result<(), String> {
        match self.vars.contains_key(&var.name) {
            true => Err(format!("var '{}' already encountered", var.name)),
            false => {
                self.vars.insert(var.name.clone(), var);
                Ok(())
            }
        }
    }
}

/// A kustomization file that was read.
pub(crate) struct Target {
    pub(crate) folder: String,
    pub(crate) file: String,
    value: Value,
}

impl Target {
    fn fields(&self) -> Result<Fields<'_>, String> {
        Fields::strict(&self.value, "Kustomization", &FIELDS)
    }
}

struct Builder<'w> {
    world: &'w dyn World,
    options: &'w Options<'w>,
    warnings: Vec<String>,
    parents: Vec<String>,
}

impl Builder<'_> {
    fn load(&mut self, folder: &str) -> Result<Target, Error> {
        let mut found = FILES.iter().map(|file| join(folder, file)).filter_map(|path| {
            let bytes = self.world.read(&path).ok()?;
            Some((path, bytes))
        });
        let Some((file, bytes)) = found.next() else {
            return Err(Error::NoKustomization { folder: folder.to_owned() });
        };
        let fail = |message: String| Error::Invalid { file: file.clone(), message };
        if found.next().is_some() {
            return Err(fail(format!("Found multiple kustomization files under: {folder}")));
        }
        drop(found);
        let value = Value::decode_go2(&bytes)
            .map_err(|error| fail(format!("invalid Kustomization: {}", error.go_text())))?;
        let target = Target { folder: folder.to_owned(), file: file.clone(), value };
        let fields = target.fields().map_err(fail)?;
        let deprecated = [
            ("bases", "resources", ""),
            ("commonLabels", "labels", ""),
            ("imageTags", "images", ""),
            ("patchesJson6902", "patches", ""),
            ("patchesStrategicMerge", "patches", ""),
            ("vars", "replacements", "[EXPERIMENTAL] "),
        ];
        for (old, new, mark) in deprecated {
            if fields.get(old).is_some() {
                self.warnings.push(format!(
                    "# Warning: '{old}' is deprecated. Please use '{new}' instead. {mark}Run 'kustomize edit fix' to update your Kustomization automatically."
                ));
            }
        }
        let says = |name: &str| !matches!(name, "apiVersion" | "kind");
        if !FIELDS.iter().any(|name| says(name) && fields.get(name).is_some()) {
            return Err(fail("kustomization.yaml is empty".to_owned()));
        }
        let (kind, version) =
            (fields.text("kind").map_err(fail)?, fields.text("apiVersion").map_err(fail)?);
        if !matches!(kind.as_str(), "" | "Kustomization" | "Component") {
            return Err(fail("kind should be Kustomization or Component".to_owned()));
        }
        let wanted = match kind.as_str() {
            "Component" => "kustomize.config.k8s.io/v1alpha1",
            _ => "kustomize.config.k8s.io/v1beta1",
        };
        if !version.is_empty() && version != wanted {
            let kind = if kind.is_empty() { "Kustomization" } else { &kind };
            return Err(fail(format!("apiVersion for {kind} should be {wanted}")));
        }
        Ok(target)
    }

    fn file(&self, target: &Target, entry: &str) -> Result<(String, Arc<[u8]>), Error> {
        let fail = |reason: String| Error::Entry {
            file: target.file.clone(),
            entry: entry.to_owned(),
            reason,
        };
        if is_remote(entry) {
            let field = format!("remote resource {entry}");
            return Err(Error::NotSupported { file: target.file.clone(), field });
        }
        let path = resolve(&target.folder, entry)
            .ok_or_else(|| fail("lies outside the repository".to_owned()))?;
        let bytes = self.world.read(&path);
        let bytes = bytes.map_err(|reason| fail(format!("cannot be read: {reason}")))?;
        let inside = target.folder.is_empty()
            || path.strip_prefix(&target.folder).is_some_and(|rest| rest.starts_with('/'));
        if !inside {
            let folder = &target.folder;
            return Err(fail(format!("security; file '{path}' is not in or below '{folder}'")));
        }
        Ok((path, bytes))
    }

    fn accumulate(
        &mut self,
        target: &Target,
        mut state: State,
        metadata: &[String],
        origin: Option<&str>,
    ) -> Result<State, Error> {
        let fail = |message: String| Error::Invalid { file: target.file.clone(), message };
        if self.parents.contains(&target.folder) || self.parents.len() > DEEPEST {
            let folder = &target.folder;
            return Err(fail(format!("cycle detected: candidate root '{folder}' contains itself")));
        }
        let fields = target.fields().map_err(fail)?;
        for field in ["crds", "validators"] {
            if !fields.list(field).map_err(fail)?.is_empty() {
                return Err(not_supported(target, field));
            }
        }
        if fields.get("helmChartInflationGenerator").is_some() {
            return Err(not_supported(target, "helmChartInflationGenerator"));
        }
        if fields.get("openapi").is_some_and(|it| it.get("path").is_some()) {
            return Err(not_supported(target, "openapi.path"));
        }
        self.parents.push(target.folder.clone());
        let mut entries = fields.texts("resources").map_err(fail)?;
        entries.extend(fields.texts("bases").map_err(fail)?);
        self.resources(target, &mut state, &entries, metadata, origin)?;

        let mut config = Config::default_config();
        for entry in fields.texts("configurations").map_err(fail)? {
            let (path, bytes) = self.file(target, &entry)?;
            let read = Value::decode_go2(&bytes).map_err(|error| error.go_text());
            let read = read.and_then(|value| Config::read(&value));
            let read = read.map_err(|message| Error::Invalid { file: path, message })?;
            config = Arc::new(config.merged(&read).map_err(fail)?);
        }
        state.add_config(&config).map_err(fail)?;

        self.generators(target, &mut state, &fields, metadata, origin)?;
        for entry in fields.texts("components").map_err(fail)? {
            let sub = self.sub(target, &entry, true)?;
            let origin = origin.map(|origin| clean(&format!("{origin}/{entry}")));
            state = self.accumulate(&sub, state, metadata, origin.as_deref())?;
        }
        let config = state.config.clone().unwrap_or_else(Config::default_config);
        for (transformer, kind) in self.transformers(target, &fields, &config)? {
            transform::apply(&transformer, &mut state.resources).map_err(fail)?;
            if let Some(origin) = origin {
                let text = configured(origin, &target.file, "builtin", kind, None);
                for resource in &mut state.resources {
                    if resource.origin.is_none() {
                        resource.origin = Some(text.clone());
                    } else {
                        resource.transformations.push(text.clone());
                    }
                }
            }
        }
        let external = self.configured(target, &fields, "transformers", metadata, origin)?;
        for config in external {
            let load = |path: &str| {
                self.file(target, path).map(|(_, bytes)| bytes).map_err(|error| error.to_string())
            };
            let kind = config.kind();
            if config.text("apiVersion") != "builtin" {
                return Err(not_supported(target, &format!("transformer {}", config.id())));
            }
            let Some(list) = external::transformers(&config, &load).map_err(fail)? else {
                return Err(not_supported(target, &format!("transformer {kind}")));
            };
            for transformer in list {
                transform::apply(&transformer, &mut state.resources).map_err(fail)?;
            }
            if let Some(text) = plugin_origin(&config) {
                for resource in &mut state.resources {
                    if resource.origin.is_none() {
                        resource.origin = Some(text.clone());
                    } else {
                        resource.transformations.push(text.clone());
                    }
                }
            }
        }
        for value in fields.list("vars").map_err(fail)? {
            let var = Var::read(value).map_err(fail)?;
            var.claim(&mut state.resources).map_err(fail)?;
            state.add_var(var).map_err(fail)?;
        }
        self.parents.pop();
        Ok(state)
    }

    /// Loads the kustomization that an entry names.
    fn sub(&mut self, target: &Target, entry: &str, component: bool) -> Result<Target, Error> {
        let fail = |reason: String| Error::Entry {
            file: target.file.clone(),
            entry: entry.to_owned(),
            reason,
        };
        if is_remote(entry) {
            return Err(not_supported(target, &format!("remote resource {entry}")));
        }
        let folder = resolve(&target.folder, entry)
            .ok_or_else(|| fail("lies outside the repository".to_owned()))?;
        if self.parents.contains(&folder) || self.parents.len() > DEEPEST {
            return Err(fail("contains itself (cycle detected)".to_owned()));
        }
        if !is_kustomization(self.world, &folder) && self.world.list(&folder).is_empty() {
            return Err(fail("cannot be read: not found".to_owned()));
        }
        let sub = self.load(&folder)?;
        let kind = sub.fields().and_then(|fields| fields.text("kind")).map_err(&fail)?;
        match (component, kind == "Component") {
            (true, false) => Err(fail(format!("expected kind 'Component' but got '{kind}'"))),
            (false, true) => Err(fail("expected kind != 'Component'".to_owned())),
            _ => Ok(sub),
        }
    }

    fn resources(
        &mut self,
        target: &Target,
        state: &mut State,
        entries: &[String],
        metadata: &[String],
        origin: Option<&str>,
    ) -> Result<(), Error> {
        let fail = |message: String| Error::Invalid { file: target.file.clone(), message };
        for entry in entries {
            let below = origin.map(|origin| clean(&format!("{origin}/{entry}")));
            let path = resolve(&target.folder, entry);
            let is_file = path.is_some_and(|path| self.world.read(&path).is_ok());
            if is_file || is_remote(entry) {
                let (path, bytes) = self.file(target, entry)?;
                let mut read = resource::read(&bytes)
                    .map_err(|message| Error::Invalid { file: path.clone(), message })?;
                let source: Arc<str> = path.as_str().into();
                for resource in &mut read {
                    resource.source = Some(Arc::clone(&source));
                    resource.origin = below.as_ref().map(|below| format!("path: {below}\n"));
                }
                state.add(read).map_err(fail)?;
                continue;
            }
            let sub = self.sub(target, entry, false)?;
            let sub = self.accumulate(&sub, State::default(), metadata, below.as_deref())?;
            state.add(sub.resources).map_err(fail)?;
            if let Some(config) = &sub.config {
                state.add_config(config).map_err(fail)?;
            }
            for var in sub.vars.into_values() {
                state.add_var(var).map_err(fail)?;
            }
        }
        Ok(())
    }

    /// Reads the configurations of generators or transformers.
    fn configured(
        &mut self,
        target: &Target,
        fields: &Fields<'_>,
        name: &str,
        metadata: &[String],
        origin: Option<&str>,
    ) -> Result<Vec<Resource>, Error> {
        let fail = |message: String| Error::Invalid { file: target.file.clone(), message };
        let mut state = State::default();
        let mut paths = Vec::new();
        for entry in fields.texts(name).map_err(fail)? {
            match resource::read(entry.as_bytes()) {
                Ok(mut inline) if entry.contains(':') => {
                    let file = target.file.rsplit('/').next().unwrap_or_default();
                    let path = origin.map(|origin| clean(&format!("{origin}/{file}")));
                    for resource in &mut inline {
                        resource.origin = path.as_ref().map(|path| format!("path: {path}\n"));
                    }
                    state.add(inline).map_err(fail)?;
                }
                _ => paths.push(entry),
            }
        }
        self.resources(target, &mut state, &paths, metadata, origin)?;
        Ok(state.resources)
    }

    fn generators(
        &mut self,
        target: &Target,
        state: &mut State,
        fields: &Fields<'_>,
        metadata: &[String],
        origin: Option<&str>,
    ) -> Result<(), Error> {
        let fail = |message: String| Error::Invalid { file: target.file.clone(), message };
        let shared = fields.get("generatorOptions");
        let configs = self.configured(target, fields, "generators", metadata, origin)?;
        let load = |path: &str| {
            self.file(target, path).map(|(_, bytes)| bytes).map_err(|error| error.to_string())
        };
        let kinds = [("configMapGenerator", false), ("secretGenerator", true)];
        for (name, secret) in kinds {
            let kind = if secret { "SecretGenerator" } else { "ConfigMapGenerator" };
            for item in fields.list(name).map_err(fail)? {
                let item = Fields::lenient(item, name).map_err(fail)?;
                let mut made = generate::generate(&item, shared, secret, &load).map_err(fail)?;
                made.origin =
                    origin.map(|origin| configured(origin, &target.file, "builtin", kind, None));
                state.absorb(made).map_err(fail)?;
            }
        }
        let null = Value::Null;
        for chart in fields.list("helmCharts").map_err(fail)? {
            let Some(charts) = self.options.charts else {
                return Err(fail("must specify --enable-helm".to_owned()));
            };
            let globals = fields.get("helmGlobals").unwrap_or(&null);
            let text = charts.inflate(&target.folder, chart, globals).map_err(fail)?;
            for made in resource::read(text.as_bytes()).map_err(fail)? {
                state.absorb(made).map_err(fail)?;
            }
        }
        for config in configs {
            let secret = match (config.text("apiVersion").as_str(), config.kind().as_str()) {
                ("builtin", "ConfigMapGenerator") => false,
                ("builtin", "SecretGenerator") => true,
                _ => return Err(not_supported(target, &format!("generator {}", config.id()))),
            };
            let mut value = config.value.clone();
            if let Value::Map(fields) = &mut value {
                for key in ["name", "namespace"] {
                    let text = config.metadata(key);
                    if !text.is_empty() && !fields.contains_key(key) {
                        fields.insert(key.to_owned(), Value::String(text));
                    }
                }
            }
            let item = Fields::lenient(&value, "generator").map_err(fail)?;
            let mut made = generate::generate(&item, None, secret, &load).map_err(fail)?;
            made.origin = plugin_origin(&config);
            state.absorb(made).map_err(fail)?;
        }
        Ok(())
    }

    /// Returns the transformers of the fields, in kustomize's order.
    fn transformers(
        &self,
        target: &Target,
        fields: &Fields<'_>,
        config: &Config,
    ) -> Result<Vec<(Transformer, &'static str)>, Error> {
        let fail = |message: String| Error::Invalid { file: target.file.clone(), message };
        let mut all = Vec::new();
        let mut merges = Vec::new();
        for entry in fields.texts("patchesStrategicMerge").map_err(fail)? {
            let patches = match resource::read(entry.as_bytes()) {
                Ok(patches) if entry.contains(':') => patches,
                _ => {
                    let (path, bytes) = self.file(target, &entry)?;
                    resource::read(&bytes)
                        .map_err(|message| Error::Invalid { file: path, message })?
                }
            };
            merges.extend(patches);
        }
        if !merges.is_empty() {
            let merge = Transformer::Merge {
                patches: merges,
                target: None,
                rename: false,
                rekind: false,
                source: String::new(),
            };
            all.push((merge, "PatchStrategicMergeTransformer"));
        }
        let load = |path: &str| {
            self.file(target, path).map(|(_, bytes)| bytes).map_err(|error| error.to_string())
        };
        for item in fields.list("patches").map_err(fail)? {
            let item = Fields::lenient(item, "patches").map_err(fail)?;
            let patch = external::patch(&item, "patch", &load).map_err(fail)?;
            all.push((patch, "PatchTransformer"));
        }
        let name = fields.text("namespace").map_err(fail)?;
        if !name.is_empty() {
            let specs = config.namespace.clone();
            let subjects = Subjects::Default;
            let namespace = Transformer::Namespace { name, specs, unset_only: false, subjects };
            all.push((namespace, "NamespaceTransformer"));
        }
        let prefix = fields.text("namePrefix").map_err(fail)?;
        if !prefix.is_empty() {
            let specs = config.name_prefix.clone();
            all.push((Transformer::Prefix { prefix, specs }, "PrefixTransformer"));
        }
        let suffix = fields.text("nameSuffix").map_err(fail)?;
        if !suffix.is_empty() {
            let specs = config.name_suffix.clone();
            all.push((Transformer::Suffix { suffix, specs }, "SuffixTransformer"));
        }
        for item in fields.list("labels").map_err(fail)? {
            let item = Fields::lenient(item, "labels").map_err(fail)?;
            all.push((labels(&item, config).map_err(fail)?, "LabelTransformer"));
        }
        // Without common labels this still runs where there are labels, and is written down.
        let pairs = fields.pairs("commonLabels").map_err(fail)?;
        if !pairs.is_empty() || !fields.list("labels").map_err(fail)?.is_empty() {
            let specs = config.common_labels.clone();
            all.push((Transformer::Entries { pairs, specs }, "LabelTransformer"));
        }
        let pairs = fields.pairs("commonAnnotations").map_err(fail)?;
        if !pairs.is_empty() {
            let specs = config.common_annotations.clone();
            all.push((Transformer::Entries { pairs, specs }, "AnnotationsTransformer"));
        }
        for item in fields.list("patchesJson6902").map_err(fail)? {
            let item = Fields::lenient(item, "patchesJson6902").map_err(fail)?;
            let patch = external::operations(&item, "patch", &load).map_err(fail)?;
            all.push((patch, "PatchJson6902Transformer"));
        }
        for item in fields.list("replicas").map_err(fail)? {
            let item = Fields::lenient(item, "replicas").map_err(fail)?;
            let name = item.text("name").map_err(fail)?;
            let count = item.number("count").map_err(fail)?;
            let specs = config.replicas.clone();
            all.push((Transformer::Replicas { name, count, specs }, "ReplicaCountTransformer"));
        }
        for list in ["images", "imageTags"] {
            for item in fields.list(list).map_err(fail)? {
                let item = Fields::lenient(item, "images").map_err(fail)?;
                let image = image(&item).map_err(fail)?;
                let specs = config.images.clone();
                all.push((Transformer::Images { image, specs }, "ImageTagTransformer"));
            }
        }
        let list = fields.list("replacements").map_err(fail)?;
        if !list.is_empty() {
            let list = external::replacements(list, &load).map_err(fail)?;
            all.push((list, "ReplacementTransformer"));
        }
        Ok(all)
    }
}

pub(crate) fn image(item: &Fields<'_>) -> Result<Image, String> {
    Ok(Image {
        name: item.text("name")?,
        new_name: item.text("newName")?,
        new_tag: item.text("newTag")?,
        tag_suffix: item.text("tagSuffix")?,
        digest: item.text("digest")?,
    })
}

fn labels(item: &Fields<'_>, config: &Config) -> Result<Transformer, String> {
    let mut specs = specs::read_specs(item, "fields")?;
    specs::merge(&mut specs, &config.labels)?;
    if item.flag("includeSelectors")? {
        specs::merge(&mut specs, &config.common_labels)?;
    } else {
        if item.flag("includeTemplates")? {
            specs::merge(&mut specs, &config.template_labels)?;
        }
        specs::merge(&mut specs, &[FieldSpec::plain("metadata/labels", true)])?;
    }
    Ok(Transformer::Entries { pairs: item.pairs("pairs")?, specs })
}

/// Says where something is configured, as the annotations have it.
fn configured(
    origin: &str,
    file: &str,
    api_version: &str,
    kind: &str,
    name: Option<(&str, &str)>,
) -> String {
    let file = file.rsplit('/').next().unwrap_or_default();
    let place = clean(&format!("{origin}/{file}"));
    describe(&place, api_version, kind, name)
}

fn describe(place: &str, api_version: &str, kind: &str, name: Option<(&str, &str)>) -> String {
    let mut text = format!(
        "configuredIn: {place}\nconfiguredBy:\n  apiVersion: {api_version}\n  kind: {kind}\n"
    );
    if let Some((name, namespace)) = name {
        if !name.is_empty() {
            text.push_str(&format!("  name: {name}\n"));
        }
        if !namespace.is_empty() {
            text.push_str(&format!("  namespace: {namespace}\n"));
        }
    }
    text
}

fn plugin_origin(config: &Resource) -> Option<String> {
    let place = config.origin.as_deref()?.strip_prefix("path: ")?.trim_end();
    let (name, namespace) = (config.metadata("name"), config.metadata("namespace"));
    let Gvk { kind, .. } = config.gvk();
    Some(describe(place, &config.text("apiVersion"), &kind, Some((&name, &namespace))))
}

/// Cleans a path as Go's `filepath.Join` does.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_remote(entry: &str) -> bool {
    entry.contains("://") || entry.starts_with("git@") || entry.starts_with("github.com/")
}

fn not_supported(target: &Target, field: &str) -> Error {
    Error::NotSupported { file: target.file.clone(), field: field.to_owned() }
}
