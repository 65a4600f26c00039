//! From a source to its objects: which engine reads it, and why it may be opaque.
//!
//! Detection is Argo CD's: a chart where there is a `Chart.yaml`, a kustomization where there is
//! one, otherwise the plain files of the folder.

use std::sync::Arc;

use manifest::Object;
use text::path::{join, resolve};
use text::{Diagnostic, World};

use super::application::{Application, Source};
use super::chart::{self, Charts};
use super::{Delivered, codes};

/// What a source is rendered with.
pub(super) struct Context<'a> {
    pub(super) world: &'a dyn World,
    /// The address of the repository that `world` holds.
    pub(super) repository: &'a str,
    pub(super) charts: &'a Charts,
}

/// Why a source has no objects.
enum Failure {
    /// It cannot be known here; the reason.
    Opaque(String),
    /// It is wrong.
    Wrong(Box<Diagnostic>),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Failure {
        Failure::Wrong(Box::new(diagnostic))
    }
}

/// Renders an Application; what is wrong goes to `diagnostics`.
pub(super) fn deliver(
    context: &Context<'_>,
    application: &Application,
    diagnostics: &mut Vec<Diagnostic>,
) -> Delivered {
    let mut delivered = Delivered {
        name: application.name.clone(),
        namespace: application.namespace.clone(),
        source: application.sources.iter().map(words).collect::<Vec<_>>().join(" + "),
        objects: Vec::new(),
        opaque: None,
    };
    for source in &application.sources {
        match render(context, application, source) {
            Ok(objects) => delivered.objects.extend(objects),
            Err(Failure::Opaque(reason)) => {
                delivered.opaque.get_or_insert(reason);
            }
            Err(Failure::Wrong(diagnostic)) => {
                delivered.opaque.get_or_insert_with(|| diagnostic.message.clone());
                diagnostics.push(*diagnostic);
            }
        }
    }
    delivered
}

fn words(source: &Source) -> String {
    if source.chart.is_empty() {
        if source.path.is_empty() { source.repository.clone() } else { source.path.clone() }
    } else {
        format!("chart {} {}", source.chart, source.revision)
    }
}

fn render(
    context: &Context<'_>,
    application: &Application,
    source: &Source,
) -> Result<Vec<Object>, Failure> {
    if !source.unsupported.is_empty() {
        let fields = source.unsupported.join("`, `");
        return Err(Failure::Opaque(format!("not supported yet: `{fields}` of its source")));
    }
    if !source.chart.is_empty() {
        let archive = context
            .world
            .chart(&source.repository, &source.chart, &source.revision)
            .map_err(|_| Failure::Opaque("its chart is not in the local cache".into()))?;
        let chart = context
            .charts
            .archive(&archive)
            .map_err(|reason| codes::r001_failed(&application.name, &words(source), &reason))?;
        return helm(context, application, source, &chart, None);
    }
    if source.repository != context.repository {
        return Err(Failure::Opaque(format!("{} is another repository", source.repository)));
    }
    if source.path.is_empty() && !source.reference.is_empty() {
        return Ok(Vec::new());
    }
    let folder = resolve("", &source.path)
        .ok_or_else(|| codes::r005_no_such_path(&application.name, &source.path))?;
    if context.world.read(&join(&folder, "Chart.yaml")).is_ok() {
        let chart = context
            .charts
            .folder(context.world, &folder)
            .map_err(|reason| codes::r001_failed(&application.name, &folder, &reason))?;
        return helm(context, application, source, &chart, Some(&folder));
    }
    if kustomize::is_kustomization(context.world, &folder) {
        return kustomize::build(context.world, &folder).map_err(|error| match error {
            kustomize::Error::NotSupported { .. } => Failure::Opaque(error.to_string()),
            _ => codes::r001_failed(&application.name, &folder, &error.to_string()).into(),
        });
    }
    directory(context, application, &folder, source.recurse)
}

/// The plain files of a folder, by name.
fn directory(
    context: &Context<'_>,
    application: &Application,
    folder: &str,
    recurse: bool,
) -> Result<Vec<Object>, Failure> {
    let files = context.world.list(folder);
    if files.is_empty() {
        return Err(codes::r005_no_such_path(&application.name, folder).into());
    }
    let mut objects = Vec::new();
    for file in files {
        let below = file.strip_prefix(folder).unwrap_or(&file).trim_start_matches('/');
        let deep = below.contains('/');
        let known = [".yaml", ".yml", ".json"].iter().any(|ending| below.ends_with(ending));
        if !known || (deep && !recurse) {
            continue;
        }
        let bytes = context
            .world
            .read(&file)
            .map_err(|reason| codes::r001_failed(&application.name, &file, &reason.to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let read = manifest::read(&text, &file)
            .map_err(|error| codes::r001_failed(&application.name, &file, &error.message))?;
        objects.extend(read);
    }
    Ok(objects)
}

/// A chart with the values of the source. `folder` is the chart's, where it lies in the repository.
fn helm(
    context: &Context<'_>,
    application: &Application,
    source: &Source,
    chart: &chart::Chart,
    folder: Option<&str>,
) -> Result<Vec<Object>, Failure> {
    let mut values: Vec<(String, Arc<[u8]>)> = Vec::new();
    for file in &source.helm.value_files {
        if file.contains("://") {
            return Err(Failure::Opaque(format!("its value file {file} is on the network")));
        }
        let path = match file.strip_prefix('$') {
            Some(reference) => {
                let (name, path) = reference.split_once('/').unwrap_or((reference, ""));
                let source = application.sources.iter().find(|source| source.reference == name);
                match source {
                    Some(source) if source.repository == context.repository => resolve("", path),
                    Some(source) => {
                        let reason = format!("{} is another repository", source.repository);
                        return Err(Failure::Opaque(reason));
                    }
                    None => return Err(codes::r006_no_such_ref(&application.name, file).into()),
                }
            }
            None => folder.and_then(|folder| resolve(folder, file)),
        };
        let read = path.as_deref().map(|path| context.world.read(path));
        match (path, read) {
            (Some(path), Some(Ok(bytes))) => values.push((path, bytes)),
            (Some(_), _) if source.helm.ignore_missing => {}
            _ => return Err(codes::r007_no_value_file(&application.name, file).into()),
        }
    }
    let input = chart::Input {
        release: if source.helm.release.is_empty() {
            &application.name
        } else {
            &source.helm.release
        },
        namespace: if source.helm.namespace.is_empty() {
            &application.namespace
        } else {
            &source.helm.namespace
        },
        values: &values,
        inline: &source.helm.values,
        parameters: &source.helm.parameters,
        skip_crds: source.helm.skip_crds,
    };
    chart::render(chart, &input)
        .map_err(|reason| codes::r001_failed(&application.name, &words(source), &reason).into())
}
