//! Render: a repository to the objects that Argo CD or Flux would apply.
//!
//! In: the files of a repository, through [`World`], and an environment's name. Out: every
//! Application that the environment's root leads to, with its objects, or the reason why it is
//! opaque, and diagnostics.
//! Reads only what is written in the repository, never the platform it was generated from: what is
//! generated goes through the same door as what a person wrote. Never fetches anything.

mod application;
mod backends;
mod bootstrap;
mod chart;
mod claims;
pub mod codes;
mod fields;
mod helm_charts;
mod issuers;
pub(crate) mod place;
mod pod_security;
pub(crate) mod pods;
mod project;
mod quota;
mod secret_classes;
mod secrets_driver;
mod size;
mod source;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use manifest::Object;
use rayon::prelude::*;
use text::{Diagnostic, Sources, World};

use crate::delivery::flux;

pub use application::{Application, Source};
pub(crate) use backends::CODES as BACKEND_CODES;
pub use bootstrap::bootstrap;
pub(crate) use claims::{CODES as CLAIM_CODES, plain_path};
pub(crate) use fields::CODES as FIELD_CODES;
pub use helm_charts::HelmCharts;
pub(crate) use issuers::CODES as ISSUER_CODES;
pub(crate) use pod_security::CODES as POD_SECURITY_CODES;
pub(crate) use project::{Permits, check_project};
pub(crate) use quota::CODES as QUOTA_CODES;
pub(crate) use secret_classes::CODES as SECRET_CLASS_CODES;
pub(crate) use secrets_driver::CODES as SECRETS_DRIVER_CODES;
pub(crate) use size::CODES as SIZE_CODES;
pub use upgrade::{Addon, addons};

/// The folder whose subfolders are the environments' roots.
const CLUSTERS: &str = "clusters";

/// More Applications than this in one environment mean that one leads to itself.
const MOST_APPLICATIONS: usize = 10_000;

/// An environment, rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Its name.
    pub environment: String,
    /// The root first, then the Applications in the order in which they are found.
    pub applications: Vec<Delivered>,
    /// What is wrong or worth knowing.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rendered {
    /// Returns all objects, Application by Application.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.applications.iter().flat_map(|application| &application.objects)
    }
}

/// An Application and what it delivers.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Its name; the root is named for its environment.
    pub name: String,
    /// The namespace that objects without one of their own go to.
    pub namespace: String,
    /// Where its objects come from, in words.
    pub source: String,
    /// The objects, in the order of the engine that renders them.
    pub objects: Vec<Object>,
    /// Why it is not known here what it delivers.
    pub opaque: Option<String>,
    /// Whether it is known to fail; a finding says why.
    pub failed: bool,
    /// The value files of its charts that lie in this repository, later ones over earlier ones.
    pub value_files: Vec<String>,
}

impl Delivered {
    /// Returns the namespace that one of its objects goes to: its own, or else the Application's.
    pub(crate) fn namespace_of<'a>(&'a self, object: &'a Object) -> &'a str {
        match object.namespace() {
            "" => &self.namespace,
            namespace => namespace,
        }
    }
}

/// Returns the names of the environments: the folders of `clusters/`, or, where there are none, the
/// overlays of a kustomization.
pub fn environments(world: &dyn World) -> Vec<String> {
    let roots = roots(world);
    roots.into_iter().map(|(name, _)| name).collect()
}

/// Returns the environments and the folders that they are rendered from, by name.
fn roots(world: &dyn World) -> Vec<(String, String)> {
    let folders = folders_below(world, CLUSTERS);
    if !folders.is_empty() {
        return folders;
    }
    // The layout that kustomize's own documents describe: `base`, and `overlays` beside it.
    // Hidden folders are not deployed: `.mainstay/base` has the same files as they were generated last.
    let files = world.list("");
    let shown = files.iter().filter(|path| !path.starts_with('.'));
    let mut overlays = shown
        .filter_map(|path| path.strip_suffix("base/kustomization.yaml"))
        .filter(|parent| parent.is_empty() || parent.ends_with('/'))
        .map(|parent| folders_below(world, &format!("{parent}overlays")));
    overlays.find(|folders| !folders.is_empty()).unwrap_or_default()
}

/// Returns the folders of a folder: name and path.
fn folders_below(world: &dyn World, folder: &str) -> Vec<(String, String)> {
    let names = world.list(folder).into_iter().filter_map(|path| {
        let (name, _) = path.strip_prefix(folder)?.strip_prefix('/')?.split_once('/')?;
        Some((name.to_owned(), text::path::join(folder, name)))
    });
    let mut names: Vec<_> = names.collect();
    names.dedup();
    names
}

/// Renders several environments; the result is in the order of the names.
pub fn everything(world: &dyn World, repository: &str, names: &[String]) -> Vec<Rendered> {
    let charts = chart::Charts::default();
    let roots = roots(world);
    let one =
        |name: &String| render(world, repository, (name.as_str(), &folder(&roots, name)), &charts);
    names.par_iter().map(one).collect()
}

/// Takes the findings of all environments together: what is wrong in several of them, or for several
/// Applications, is one finding with all its places. The files that places name go to `sources`.
pub fn findings(
    rendered: &mut [Rendered],
    world: &dyn World,
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut known = BTreeMap::new();
    for found in rendered.iter_mut().flat_map(|it| std::mem::take(&mut it.diagnostics)) {
        let at = *known.entry((found.code, found.message.clone())).or_insert(all.len());
        let Some(known) = all.get_mut(at) else {
            all.push(found);
            continue;
        };
        for label in found.primary.into_iter().chain(found.secondary) {
            if known.primary.as_ref() != Some(&label) && !known.secondary.contains(&label) {
                known.secondary.push(label);
            }
        }
    }
    add_sources(&all, world, sources);
    all
}

/// Puts the files that findings name into `sources`, unless they are there already.
pub fn add_sources(findings: &[Diagnostic], world: &dyn World, sources: &mut Sources) {
    for finding in findings {
        for label in finding.primary.iter().chain(&finding.secondary) {
            let file = &label.place.file;
            if sources.text(file).is_some() {
                continue;
            }
            let text =
                world.read(file).ok().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
            if let Some(text) = text {
                sources.add(Arc::clone(file), text);
            }
        }
    }
}

/// Renders one environment. `repository` is the address under which the Applications know this
/// repository.
pub fn environment(world: &dyn World, repository: &str, name: &str) -> Rendered {
    let folder = folder(&roots(world), name);
    render(world, repository, (name, &folder), &chart::Charts::default())
}

/// Returns the folder that an environment is rendered from.
fn folder(roots: &[(String, String)], name: &str) -> String {
    let known = roots.iter().find(|(known, _)| known == name);
    known.map_or_else(|| text::path::join(CLUSTERS, name), |(_, folder)| folder.clone())
}

fn render(
    world: &dyn World,
    repository: &str,
    (name, folder): (&str, &str),
    charts: &chart::Charts,
) -> Rendered {
    let mut diagnostics = Vec::new();
    if let Some(root) = flux::root_of(world, folder, name) {
        let applications = flux::deliver(world, repository, &root, &mut diagnostics);
        check_together(world, &applications, &mut diagnostics);
        return Rendered { environment: name.to_owned(), applications, diagnostics };
    }
    let context = source::Context { world, repository, charts };
    let root = Application::root(name, folder, repository);
    let mut applications: Vec<(Application, Delivered)> = Vec::new();
    let mut waiting = vec![root];
    while !waiting.is_empty() {
        let mut found = Vec::new();
        for application in waiting {
            if applications.len() >= MOST_APPLICATIONS {
                diagnostics.push(codes::r003_endless(&application.name));
                break;
            }
            let delivered = source::deliver(&context, &application, &mut diagnostics);
            for object in &delivered.objects {
                if application::is_application(object) {
                    match Application::read(object) {
                        Ok(child) => found.push(child),
                        Err(reason) => {
                            let place = place::of_object(world, object);
                            diagnostics.push(codes::r004_no_application(place, object, &reason));
                        }
                    }
                }
            }
            applications.push((application, delivered));
        }
        // An Application that delivers itself again would never end.
        let known: BTreeSet<&str> =
            applications.iter().map(|(known, _)| known.name.as_str()).collect();
        found.retain(|child| !known.contains(child.name.as_str()));
        waiting = found;
    }
    project::check(&applications, world, &mut diagnostics);
    let applications: Vec<Delivered> =
        applications.into_iter().map(|(_, delivered)| delivered).collect();
    check_together(world, &applications, &mut diagnostics);
    Rendered { environment: name.to_owned(), applications, diagnostics }
}

/// Reports what a cluster would refuse of all that an environment delivers, and what does not fit together,
/// whichever engine delivers it.
fn check_together(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for delivered in applications {
        check_objects(&delivered.objects, world, diagnostics);
    }
    duplicates(world, applications, diagnostics);
    claims::check(world, applications, diagnostics);
    issuers::check(world, applications, diagnostics);
    backends::check(world, applications, diagnostics);
    secrets_driver::check(world, applications, diagnostics);
    pod_security::check(world, applications, diagnostics);
    quota::check(world, applications, diagnostics);
}

/// Reports what a cluster would refuse in objects that are delivered together.
pub(crate) fn check_objects(
    objects: &[Object],
    world: &dyn World,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let found = objects.par_iter().flat_map_iter(|object| {
        let mut found = Vec::new();
        fields::check(object, world, &mut found);
        size::check(object, world, &mut found);
        found
    });
    diagnostics.extend(found.collect::<Vec<_>>());
    secret_classes::check(objects, world, diagnostics);
}

/// Two descriptions of one object in an environment: Argo CD would apply them in turn, for ever.
fn duplicates(world: &dyn World, applications: &[Delivered], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for application in applications {
        for object in &application.objects {
            let mut identity = object.identity();
            if manifest::is_cluster_scoped(&identity.group, &identity.kind) {
                identity.namespace.clear();
            } else if identity.namespace.is_empty() {
                identity.namespace.clone_from(&application.namespace);
            }
            if let Some((first, there)) = seen.insert(identity.clone(), (application, object)) {
                let first = (first.name.as_str(), place::of_object(world, there));
                let second = (application.name.as_str(), place::of_object(world, object));
                diagnostics.push(codes::r002_twice(&identity, first, second));
            }
        }
    }
}
