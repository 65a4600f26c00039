//! From a folder to its objects: the steps that the outermost kustomization takes, in kustomize's order.

use std::sync::Arc;

use manifest::Object;
use text::{Remote, World};
use yaml::Value;

use crate::accumulate::{Builder, Context};
use crate::charts::{ChartSettings, Charts};
use crate::error::{Error, Reason};
use crate::hash;
use crate::identity::{Gvk, Id};
use crate::kustomization::Target;
use crate::load::Loader;
use crate::order;
use crate::origin::Origin;
use crate::references;
use crate::replace;
use crate::repo_spec::RepoSpec;
use crate::resource::Resource;
use crate::specs::{Config, FieldSpec};
use crate::state::State;
use crate::transform;
use crate::vars;

/// Whether files from outside a kustomization's folder may be read (`--load-restrictor`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadRestrictor {
    /// They are refused.
    #[default]
    RootOnly,
    /// They may.
    None,
}

/// The order of what is written, where the kustomization has no `sortOptions` (`--reorder`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reorder {
    /// As the resources come.
    None,
    /// Namespaces first, webhooks last.
    #[default]
    Legacy,
}

/// What a build may use besides the files.
#[derive(Clone, Default)]
pub struct Options<'o> {
    /// What renders `helmCharts`; without it they are refused, as without `--enable-helm`.
    pub charts: Option<&'o dyn Charts>,
    /// Settings for them.
    pub chart_settings: ChartSettings,
    /// Which files may be read.
    pub load_restrictor: LoadRestrictor,
    /// The order.
    pub reorder: Reorder,
    /// Whether every object gets the label `app.kubernetes.io/managed-by`.
    pub managed_by_label: bool,
    /// Whether the world is all that the machine has: then absolute paths of files lead somewhere.
    pub is_whole: bool,
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

    /// Returns the files that `kustomize build --output FOLDER` writes: one for each object, named for
    /// its kind and name, and for its namespace where there are several.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let id = |object: &Object| {
            let text = |value: Option<&Value>| value.map(manifest::scalar_text).unwrap_or_default();
            let metadata = |key| text(object.value.get("metadata").and_then(|it| it.get(key)));
            let (version, kind) = (object.value.get("apiVersion"), object.value.get("kind"));
            Id {
                gvk: Gvk::new(&text(version), &text(kind)),
                name: metadata("name"),
                namespace: metadata("namespace"),
            }
        };
        let ids: Vec<Id> = self.objects.iter().map(id).collect();
        let namespaces: std::collections::BTreeSet<&str> = ids
            .iter()
            .filter(|id| !id.gvk.is_cluster_scoped())
            .map(Id::effective_namespace)
            .collect();
        let file = |(id, object): (&Id, &Object)| {
            let gvk = &id.gvk;
            let parts = [&gvk.group, &gvk.version, &gvk.kind];
            let mut parts: Vec<&str> =
                parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            parts.push(&id.name);
            if namespaces.len() > 1 && !gvk.is_cluster_scoped() {
                parts.insert(0, id.effective_namespace());
            }
            (format!("{}.yaml", parts.join("_").to_lowercase()), object.text.as_bytes().to_vec())
        };
        ids.iter().zip(&self.objects).map(file).collect()
    }
}

/// Returns the objects of the kustomization in `folder`.
///
/// # Errors
/// Where kustomize refuses it, or would have to fetch or run something.
pub fn build(world: &dyn World, folder: &str, options: &Options<'_>) -> Result<Build, Error> {
    let mut builder = builder(world, options);
    let target = builder.load(folder, None)?;
    finished(builder, &target)
}

/// Returns what an address of a git repository asks for; nothing where kustomize takes the text for a path.
pub fn remote(address: &str) -> Option<Remote> {
    RepoSpec::parse(address).map(|spec| spec.remote())
}

/// Returns the objects of the kustomization at an address of a git repository.
///
/// # Errors
/// As [`build`], and where the text is no such address.
pub fn build_remote(
    world: &dyn World,
    address: &str,
    options: &Options<'_>,
) -> Result<Build, Error> {
    let mut builder = builder(world, options);
    builder.warn_of(address);
    let spec = RepoSpec::parse(address).ok_or_else(|| {
        let message = format!("`{address}` is the address of no git repository");
        Error::new(Reason::Remote, address, message)
    })?;
    let target = builder.entered(None, &spec)?;
    finished(builder, &target)
}

fn builder<'w>(world: &'w dyn World, options: &'w Options<'w>) -> Builder<'w> {
    let unrestricted = options.load_restrictor == LoadRestrictor::None;
    Builder::new(Loader { world, unrestricted, whole: options.is_whole }, options)
}

/// Takes the steps of the outermost kustomization.
fn finished(mut builder: Builder<'_>, target: &Target) -> Result<Build, Error> {
    let options = builder.options;
    let fail = |message: String| target.error(Reason::Transformer, message);
    let metadata = target.texts("buildMetadata")?;
    let context = Context {
        metadata: &metadata,
        origin: (!metadata.is_empty()).then(Origin::default),
        namespace: String::new(),
    };
    let State { mut resources, config, vars } =
        builder.accumulate(target, State::default(), &context)?;
    let patched = |message: String| target.error(Reason::Patch, message);
    for resource in &mut resources {
        if resource.needs_hash {
            let name = format!(
                "{}-{}",
                resource.metadata("name"),
                hash::suffix(resource).map_err(patched)?
            );
            resource.remember();
            resource.set_metadata("name", name);
        }
    }
    let config = config.unwrap_or_else(Config::default_config);
    references::follow(&mut resources, &config.name_reference).map_err(fail)?;
    vars::resolve(&mut resources, &vars, &config.var_reference)
        .map_err(|message| target.error(Reason::Replacement, message).field(&["vars"]))?;
    if let Some(nameless) = resources.iter().find(|it| it.metadata("name").is_empty())
        && !nameless.kind().ends_with("List")
    {
        return Err(fail(format!("missing metadata.name in object {}", nameless.id())));
    }
    resources.retain(|resource| !is_local(resource));
    order::sort(&mut resources, &target.fields()?, options.reorder)
        .map_err(|message| target.error(Reason::Invalid, message).field(&["sortOptions"]))?;
    let has = |name: &str| metadata.iter().any(|it| it == name);
    if options.managed_by_label || has("managedByLabel") {
        let pairs = [("app.kubernetes.io/managed-by".to_owned(), "kustomize-v5.8.1".to_owned())];
        let spec = FieldSpec::plain("metadata/labels", true);
        for resource in &mut resources {
            transform::entries(resource, &pairs, std::slice::from_ref(&spec)).map_err(fail)?;
        }
    }
    let source: Arc<str> = target.file.as_str().into();
    let mut objects = Vec::with_capacity(resources.len());
    for mut resource in resources {
        resource.finish(has("originAnnotations"), has("transformerAnnotations"));
        resource.write_flow();
        if resource.replaced
            && let Some(text) = replace::mistyped(&resource.value)
        {
            let message =
                format!("{}: cannot decode `{text}` as what the field was", resource.id());
            return Err(target.error(Reason::Replacement, message).field(&["replacements"]));
        }
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

/// Whether a resource is only for the build.
fn is_local(resource: &Resource) -> bool {
    resource
        .strings("annotations")
        .iter()
        .any(|(key, value)| key == "config.kubernetes.io/local-config" && value != "false")
}
