//! From a source to its objects: which engine reads it, and why it may be opaque.
//!
//! Detection is Argo CD's: a chart where there is a `Chart.yaml`, a kustomization where there is
//! one, otherwise the plain files of the folder.

use std::sync::Arc;

use manifest::Object;
use text::path::{join, resolve};
use text::{Diagnostic, Missing, Place, World};

use super::application::{Application, Source};
use super::chart::{self, Charts};
use super::place::{self, Part};
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

/// The source that is being rendered.
struct At<'a> {
    context: &'a Context<'a>,
    application: &'a Application,
    /// The how manieth of the Application's sources it is.
    number: usize,
}

impl At<'_> {
    fn place(&self, part: Part<'_>) -> Place {
        place::of_source(self.context.world, self.application, self.number, part)
    }

    fn failed(&self, source: &str, reason: &str) -> Diagnostic {
        codes::r001_failed(self.place(Part::Source), &self.application.name, source, reason)
    }

    /// Adds the Application that meets a finding.
    fn met(&self, finding: Diagnostic) -> Diagnostic {
        let place = self.place(Part::Source);
        // The root Application of an environment is no line of a file.
        if place.end == 0 {
            return finding;
        }
        finding.also(place, format!("for application `{}`", self.application.name))
    }

    fn no_such_path(&self, path: &str, missing: &Missing) -> Diagnostic {
        let place = self.place(Part::Source);
        codes::r005_no_such_path(place, &self.application.name, path, missing)
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
        failed: false,
        value_files: application.sources.iter().flat_map(own_values).collect(),
    };
    for (number, source) in application.sources.iter().enumerate() {
        let at = At { context, application, number };
        match render(&at, source) {
            Ok(objects) => delivered.objects.extend(objects),
            Err(Failure::Opaque(reason)) => {
                delivered.opaque.get_or_insert(reason);
            }
            Err(Failure::Wrong(diagnostic)) => {
                delivered.failed = true;
                diagnostics.push(*diagnostic);
            }
        }
    }
    delivered
}

/// Returns the value files of a source that may lie in this repository.
fn own_values(source: &Source) -> impl Iterator<Item = String> {
    let base = source.path.clone();
    source.helm.value_files.iter().filter_map(move |file| match file.strip_prefix('$') {
        Some(reference) => resolve("", reference.split_once('/')?.1),
        None => resolve(&base, file),
    })
}

fn words(source: &Source) -> String {
    if source.chart.is_empty() {
        if source.path.is_empty() { source.repository.clone() } else { source.path.clone() }
    } else {
        format!("chart {} {}", source.chart, source.revision)
    }
}

fn render(at: &At<'_>, source: &Source) -> Result<Vec<Object>, Failure> {
    let context = at.context;
    if !source.unsupported.is_empty() {
        let fields = source.unsupported.join("`, `");
        return Err(Failure::Opaque(format!("not supported yet: `{fields}` of its source")));
    }
    if !source.chart.is_empty() {
        let archive = context
            .world
            .chart(&source.repository, &source.chart, &source.revision)
            .map_err(|_| Failure::Opaque("not in the local cache".into()))?;
        let chart = context
            .charts
            .archive(&archive)
            .map_err(|reason| at.failed(&words(source), &reason))?;
        return helm(at, source, &chart, None);
    }
    if source.repository != context.repository {
        return Err(Failure::Opaque(format!("{} is another repository", source.repository)));
    }
    if source.path.is_empty() && !source.reference.is_empty() {
        return Ok(Vec::new());
    }
    let folder = resolve("", &source.path)
        .ok_or_else(|| at.no_such_path(&source.path, &Missing::NotFound))?;
    let is_chart = match context.world.read(&join(&folder, "Chart.yaml")) {
        Ok(_) => true,
        Err(missing @ (Missing::Link { .. } | Missing::Failed(_))) => {
            return Err(at.failed(&folder, &missing.to_string()).into());
        }
        Err(Missing::NotFound | Missing::NotAFile) => false,
    };
    if is_chart {
        let chart = context
            .charts
            .folder(context.world, &folder)
            .map_err(|reason| at.failed(&folder, &reason))?;
        return helm(at, source, &chart, Some(&folder));
    }
    if kustomize::is_kustomization(context.world, &folder) {
        return kustomization(at, &folder);
    }
    directory(at, &folder, source.recurse)
}

/// The objects of a kustomization, in the order of its resources. What would have to be fetched or run
/// cannot be known here.
fn kustomization(at: &At<'_>, folder: &str) -> Result<Vec<Object>, Failure> {
    let options =
        kustomize::Options { reorder: kustomize::Reorder::None, ..kustomize::Options::default() };
    let built = kustomize::build(at.context.world, folder, &options);
    let built = built.map_err(|error| match error.reason {
        kustomize::Reason::Remote | kustomize::Reason::Function => {
            Failure::Opaque(error.to_string())
        }
        kustomize::Reason::Chart => {
            let words =
                "Argo CD renders `helmCharts` only with `kustomize.buildOptions: --enable-helm`";
            at.failed(folder, &format!("{error}: {words}")).into()
        }
        _ => {
            // The kustomization's own finding: where the fault is says more than who meets it.
            let (finding, _) = kustomize::diagnostic(&error, at.context.world);
            at.met(finding).into()
        }
    })?;
    Ok(built.objects)
}

/// The plain files of a folder, by name.
fn directory(at: &At<'_>, folder: &str, recurse: bool) -> Result<Vec<Object>, Failure> {
    let world = at.context.world;
    let files = world.list(folder);
    if files.is_empty() {
        // A link that leads nowhere is said to be one.
        let missing = match world.read(folder) {
            Err(link @ Missing::Link { .. }) => link,
            _ => Missing::NotFound,
        };
        return Err(at.no_such_path(folder, &missing).into());
    }
    let mut objects = Vec::new();
    for file in files {
        let below = file.strip_prefix(folder).unwrap_or(&file).trim_start_matches('/');
        let deep = below.contains('/');
        let known = [".yaml", ".yml", ".json"].iter().any(|ending| below.ends_with(ending));
        if !known || (deep && !recurse) {
            continue;
        }
        let bytes = world.read(&file).map_err(|reason| at.failed(&file, &reason.to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let read = manifest::read(&text, &file).map_err(|error| {
            let offset = error.offset.unwrap_or_default();
            let place = Place::new(&Arc::from(file.as_str()), offset..offset);
            at.met(codes::r013_unreadable(place, &error))
        })?;
        objects.extend(read);
    }
    Ok(objects)
}

/// A chart with the values of the source. `folder` is the chart's, where it lies in the repository.
fn helm(
    at: &At<'_>,
    source: &Source,
    chart: &chart::Chart,
    folder: Option<&str>,
) -> Result<Vec<Object>, Failure> {
    let At { context, application, .. } = at;
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
                    None => {
                        let place = at.place(Part::ValueFile(file));
                        return Err(codes::r006_no_such_ref(place, &application.name, file).into());
                    }
                }
            }
            None => folder.and_then(|folder| resolve(folder, file)),
        };
        let read = path.as_deref().map(|path| context.world.read(path));
        match (path, read) {
            (Some(path), Some(Ok(bytes))) => values.push((path, bytes)),
            (Some(_), _) if source.helm.ignore_missing => {}
            (path, read) => {
                let missing = read.and_then(Result::err).unwrap_or(Missing::NotFound);
                let place = at.place(Part::ValueFile(file));
                let named = (file.as_str(), path.as_deref());
                return Err(
                    codes::r007_no_value_file(place, &application.name, named, &missing).into()
                );
            }
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
    chart::render(chart, &input).map_err(|reason| at.failed(&words(source), &reason).into())
}
