//! One source of an Application: where it lies, what overrides it, which kind it is, and its objects.
//!
//! Source: Argo CD, `reposerver/repository/repository.go` (`GenerateManifests`, `GetAppSourceType`,
//! `mergeSourceParameters`; 3.2).

use std::sync::Arc;

use manifest::Object;
use text::path::{join, resolve};
use text::{Missing, World};
use yaml::Value;

use super::application::{Application, text};
use super::environment::{Environment, Facts};
use super::{directory, helm, kustomization, types};
use crate::delivery::registry::{self, ChartSource};
use crate::delivery::trees::Files;
use crate::delivery::{Context, Tree};

/// Why a source has no objects.
#[derive(Debug)]
pub(super) enum Failure {
    /// It cannot be known here; the reason.
    Opaque(String),
    /// Argo CD fails too.
    Wrong(Wrong),
}

/// What is wrong with a source.
#[derive(Debug)]
pub(super) enum Wrong {
    /// The path is not there.
    Path(String),
    /// A value file names a source that is not there.
    Reference(String),
    /// A value file is not there.
    ValueFile {
        /// How it is named.
        entry: String,
        why: String,
        remedy: &'static str,
        /// The list of Helm's options that names it.
        field: &'static str,
    },
    /// Anything else, in words.
    Other(String),
}

impl Failure {
    pub(super) fn wrong(reason: impl Into<String>) -> Failure {
        Failure::Wrong(Wrong::Other(reason.into()))
    }
}

/// A source that is being rendered.
pub(super) struct Source<'a> {
    pub(super) application: &'a Application,
    /// Its options, overrides included.
    pub(super) options: Value,
    /// The repository that it lies in.
    pub(super) world: &'a dyn World,
    /// Its folder.
    pub(super) folder: String,
    pub(super) environment: Environment,
    /// Under which key its chart is remembered.
    pub(super) key: String,
}

impl Source<'_> {
    /// Returns the block of options of a kind; null where there is none.
    pub(super) fn block(&self, name: &str) -> &Value {
        static NOTHING: Value = Value::Null;
        self.options.get(name).unwrap_or(&NOTHING)
    }
}

/// What a source is called in messages.
pub(super) fn words(source: &Value) -> String {
    let field = |name| text(source, name);
    match (field("chart"), field("path")) {
        ("", "") => field("repoURL").to_owned(),
        ("", path) => path.to_owned(),
        (chart, _) => format!("chart {chart} {}", field("targetRevision")),
    }
}

/// Renders a source of an application.
pub(super) fn render(
    context: &Context<'_, '_>,
    application: &Application,
    source: &Value,
) -> Result<Vec<Object>, Failure> {
    let field = |name| text(source, name);
    let (address, chart, path) = (field("repoURL"), field("chart"), field("path"));
    if application.several && path.is_empty() && chart.is_empty() {
        return Ok(Vec::new());
    }
    if !chart.is_empty() {
        let wanted = (address, chart, field("targetRevision"));
        let found = context.input.registry.chart(wanted.0, wanted.1, wanted.2, context.input.tree);
        let opaque = |reason| unknown(context, application, source, reason);
        return match found.map_err(opaque)? {
            ChartSource::Folder(world, folder) => {
                let key = format!("{address} {folder}");
                at(context, application, source, (world, folder, key), "")
            }
            ChartSource::Archive(bytes) => {
                let files = ::helm::read_archive(&bytes)
                    .map_err(|error| Failure::wrong(error.to_string()))?;
                let files = files.into_iter().map(|file| (file.path, Arc::from(&*file.data)));
                let world = Files::new(files, context.input.tree.today());
                let key = format!("{address} {chart} {}", wanted.2);
                at(context, application, source, (&world, String::new(), key), "")
            }
        };
    }
    if address.starts_with("oci://") {
        let reason = format!("{address} is a registry, and nothing is fetched");
        return Err(unknown(context, application, source, reason));
    }
    let Some(Tree { world, commit, .. }) = context.input.registry.tree(address) else {
        return Err(unknown(context, application, source, registry::elsewhere(address)));
    };
    if path.starts_with('/') {
        return Err(Failure::wrong(format!("{path}: app path is absolute")));
    }
    let Some(folder) = resolve("", path) else {
        return Err(Failure::wrong(format!("{path}: app path outside root")));
    };
    if world.list(&folder).is_empty() {
        return Err(Failure::Wrong(match world.read(&folder) {
            Ok(_) => Wrong::Other(format!("{path}: app path is not a directory")),
            Err(link @ Missing::Link { .. }) => Wrong::Other(link.to_string()),
            Err(_) => Wrong::Path(path.to_owned()),
        }));
    }
    let key = format!("{address} {folder}");
    at(context, application, source, (*world, folder, key), commit)
}

/// Returns why a source whose folder is not known has no objects: what it reads of other sources may be wrong
/// all the same.
fn unknown(
    context: &Context<'_, '_>,
    application: &Application,
    source: &Value,
    reason: String,
) -> Failure {
    let world = Files::new([], context.input.tree.today());
    let read = Source {
        application,
        options: source.clone(),
        world: &world,
        folder: String::new(),
        environment: environment(application, source, ""),
        key: String::new(),
    };
    helm::check_references(context, &read).err().unwrap_or(Failure::Opaque(reason))
}

fn environment(application: &Application, source: &Value, commit: &str) -> Environment {
    Environment::new(&Facts {
        application: &application.name,
        namespace: &application.namespace,
        project: &application.project,
        commit,
        repository: text(source, "repoURL"),
        path: text(source, "path"),
        revision: text(source, "targetRevision"),
    })
}

/// Renders a source whose folder is known.
fn at(
    context: &Context<'_, '_>,
    application: &Application,
    source: &Value,
    (world, folder, key): (&dyn World, String, String),
    commit: &str,
) -> Result<Vec<Object>, Failure> {
    let options = overridden(source, world, &folder, &application.name)?;
    let environment = environment(application, source, commit);
    let source = Source { application, options, world, folder, environment, key };
    match kind(&source)? {
        Kind::Helm => helm::render(context, &source),
        Kind::Kustomize => kustomization::render(context, &source),
        Kind::Directory => directory::render(&source),
        Kind::Plugin => {
            let name = text(source.block("plugin"), "name");
            let name =
                if name.is_empty() { "a plugin".to_owned() } else { format!("plugin `{name}`") };
            Err(Failure::Opaque(format!("{name} renders it, and nothing is run here")))
        }
    }
}

/// Merges the files that override a source: the one of the folder, then the one for this application.
/// They change options only, never where the source lies.
fn overridden(
    source: &Value,
    world: &dyn World,
    folder: &str,
    application: &str,
) -> Result<Value, Failure> {
    let mut merged = source.clone();
    for name in [".argocd-source.yaml".to_owned(), format!(".argocd-source-{application}.yaml")] {
        let path = join(folder, &name);
        let bytes = match world.read(&path) {
            Ok(bytes) => bytes,
            Err(Missing::NotFound | Missing::NotAFile) => continue,
            Err(other) => return Err(Failure::wrong(format!("{path}: {other}"))),
        };
        let patch = Value::decode_go2(&bytes)
            .map_err(|error| Failure::wrong(format!("{path}: {}", error.go_text())))?;
        if !matches!(patch, Value::Map(_)) {
            return Err(Failure::wrong(format!("{path}: it is no map")));
        }
        merge_patch(&mut merged, &patch);
        merged = types::decode(&merged, "ApplicationSource").map_err(|misfit| {
            Failure::wrong(format!("{path}: {}: {}", misfit.path, misfit.reason))
        })?;
    }
    if let (Value::Map(merged), Value::Map(source)) = (&mut merged, source) {
        for field in ["chart", "path", "repoURL", "targetRevision"] {
            match source.get(field) {
                Some(value) => merged.insert(field.to_owned(), value.clone()),
                None => merged.shift_remove(field),
            };
        }
    }
    Ok(merged)
}

/// A JSON merge patch (RFC 7396).
pub(super) fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Map(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !matches!(target, Value::Map(_)) {
        *target = Value::Map([].into());
    }
    let Value::Map(fields) = target else { return };
    for (key, change) in changes {
        if change.is_null() {
            fields.shift_remove(key);
        } else {
            merge_patch(fields.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Which program renders a source.
enum Kind {
    Helm,
    Kustomize,
    Directory,
    Plugin,
}

/// Decides it: by the block of options that is there, or else by the files of the folder.
fn kind(source: &Source<'_>) -> Result<Kind, Failure> {
    let blocks = [
        ("kustomize", Kind::Kustomize),
        ("helm", Kind::Helm),
        ("directory", Kind::Directory),
        ("plugin", Kind::Plugin),
    ];
    let mut there: Vec<(&str, Kind)> =
        blocks.into_iter().filter(|(name, _)| !source.block(name).is_null()).collect();
    if there.len() > 1 {
        let names: Vec<&str> = there.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        return Err(Failure::wrong(format!("multiple application sources defined: {names}")));
    }
    if let Some((_, kind)) = there.pop() {
        return Ok(kind);
    }
    let names = source.world.list(&source.folder);
    let here = names.iter().filter_map(|path| {
        let rest = path.strip_prefix(source.folder.as_str())?;
        let name = rest.strip_prefix('/').unwrap_or(rest);
        (!name.contains('/')).then_some(name)
    });
    // The files are looked at by name, and the last one that says something decides.
    let mut found = Kind::Directory;
    for name in here {
        if name.ends_with("Chart.yaml") {
            found = Kind::Helm;
        }
        if kustomize::FILES.contains(&name) {
            found = Kind::Kustomize;
        }
    }
    Ok(found)
}
