//! Any GitOps repository: its delivery objects, and what each of them would deploy.
//!
//! In: a tree (of the disk or of a git revision), delivery objects that lie outside of it, where other
//! repositories and chart repositories lie on disk ([`Registry`]), and what only a cluster knows
//! ([`Cluster`]). Out: every application with its objects, or the reason why they are not known
//! ([`Delivered`]), and diagnostics with the letter D.
//! It reads repositories that mainstay did not write: nothing here knows `mainstay.yaml`.
//! It never fetches anything, and never asks a cluster.
//!
//! One file or folder per engine; this file is what they share. Codes: D001 to D009 parameters of
//! ApplicationSets, D010 to D049 Argo CD, D050 to D089 Flux, D090 and up both.

pub mod argocd;
mod cluster;
pub(crate) mod codes;
mod dependencies;
mod fields;
mod find;
pub(crate) mod flux;
mod follow;
mod kustomized;
mod registry;
mod trees;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use manifest::{Object, Scopes};
use text::{Diagnostic, Place, Sources, World};
use yaml::Value;

use self::trees::Cached;

pub use cluster::{Cluster, PullRequest, read_api_versions, read_clusters, read_pull_requests};
pub use registry::{ChartFolder, ChartSource, Registry, Tree, normal_address, same_repository};

/// More applications than this in one repository mean that one leads to ever new ones.
pub const MOST_APPLICATIONS: usize = 20_000;

/// Argo CD and Flux that deliver each other in turn more often than this have no end.
const MOST_TURNS: usize = 16;

/// The program that deploys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Argo CD.
    ArgoCd,
    /// Flux.
    Flux,
}

/// An object that tells an engine what to deploy, or where from: an Application, a GitRepository.
#[derive(Clone, Debug)]
pub struct Found {
    /// The object.
    pub object: Object,
    /// Its name in the file that it stands in.
    pub place: Place,
    /// The application that delivers it; `None` where it lies in the tree or was named.
    pub parent: Option<String>,
    /// Whether a kustomization of the tree makes it: overlays of several clusters have one each.
    pub is_built: bool,
}

impl Found {
    /// Returns the engine that reads it.
    pub fn engine(&self) -> Option<Engine> {
        find::engine(self.object.group())
    }

    /// Whether two are the same object: kind and name, and the namespace where both have one.
    fn is_same(&self, other: &Found) -> bool {
        let (ours, theirs) = (self.object.namespace(), other.object.namespace());
        self.object.kind() == other.object.kind()
            && self.object.group() == other.object.group()
            && self.object.name() == other.object.name()
            && (ours.is_empty() || theirs.is_empty() || ours == theirs)
    }
}

/// An application: what one delivery object deploys. Argo CD's Application, Flux's Kustomization and
/// HelmRelease.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Its name.
    pub name: String,
    /// The engine that deploys it.
    pub engine: Engine,
    /// The delivery object itself, as the cluster would hold it.
    pub object: Object,
    /// Where it stands.
    pub place: Place,
    /// The application or set that makes it.
    pub parent: Option<String>,
    /// The cluster that the delivery object itself lies in; empty where nothing delivers it elsewhere.
    pub home: String,
    /// The cluster that it goes to, by name or address; empty for the engine's own.
    pub cluster: String,
    /// Whether it reads files of the tree itself.
    pub is_own: bool,
    /// The namespace that objects without one of their own go to.
    pub namespace: String,
    /// Where its objects come from, in words.
    pub source: String,
    /// The step of a rolling sync that it belongs to, from 1.
    pub step: Option<usize>,
    /// The objects that are known, in the engine's order.
    pub objects: Vec<Object>,
    /// Why it is not known here what it delivers, or not all of it.
    pub opaque: Vec<String>,
    /// Whether it is known to fail; a finding says why.
    pub failed: bool,
    /// What is wrong with what it deploys.
    pub findings: Vec<Diagnostic>,
}

/// What is read.
pub struct Input<'w> {
    /// The tree.
    pub tree: &'w dyn World,
    /// Where other repositories and charts lie.
    pub registry: Registry<'w>,
    /// What only a cluster knows.
    pub cluster: Cluster,
    /// Delivery objects outside of the tree: the name to show, and the text. Where there are any, those of
    /// the tree are only looked up, not deployed.
    pub outside: Vec<(Arc<str>, String)>,
    /// Settings of the engines.
    pub settings: Settings,
}

/// How the engines are set up, where that changes what is deployed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// How Argo CD marks what it deploys.
    pub tracking: argocd::Tracking,
    /// The time that templates see, in seconds since 1970.
    pub seconds: i64,
    /// What `kustomize.buildOptions` of Argo CD says, beside what the repository itself says.
    pub kustomize: argocd::BuildOptions,
}

/// What a repository delivers.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// The applications: those of the tree by place, then those that they lead to.
    pub applications: Vec<Delivered>,
    /// What is wrong with the delivery objects themselves, by place; the applications have their own
    /// findings.
    pub diagnostics: Vec<Diagnostic>,
    /// How many delivery objects of any kind there are.
    pub found: usize,
}

/// What engines work with.
pub(crate) struct Context<'a, 'w> {
    pub(crate) input: &'a Input<'w>,
    /// The names of the AppProjects that are known.
    pub(crate) projects: BTreeSet<&'a str>,
    /// The namespace that Argo CD runs in.
    control: &'a str,
    /// What is read once for all.
    pub(crate) caches: &'a argocd::Caches,
}

impl<'a, 'w> Context<'a, 'w> {
    fn new(input: &'a Input<'w>, known: &[&'a Found], caches: &'a argocd::Caches) -> Self {
        let projects = known.iter().filter(|found| found.object.kind() == "AppProject");
        let projects = projects.map(|found| found.object.name()).collect();
        Context { input, projects, control: argocd::control_namespace(known), caches }
    }

    /// Returns what Argo CD marks the objects of an Application with: its name, and its namespace before it
    /// where that is not Argo CD's own.
    ///
    /// Source: Argo CD, operator manual, "Applications in any namespace".
    fn instance(&self, application: &Object) -> String {
        match application.namespace() {
            namespace if namespace.is_empty() || namespace == self.control => {
                application.name().to_owned()
            }
            namespace => format!("{namespace}_{}", application.name()),
        }
    }
}

/// Reads a repository.
pub fn read(input: &Input<'_>) -> Delivery {
    let outside = input.outside.iter();
    let outside = outside.map(|(name, text)| (name.to_string(), Arc::from(text.as_bytes())));
    // Places are looked for in the file that an object comes from.
    let tree = Cached::new(input.tree).with_beside(outside.collect());
    let trees: Vec<Cached<'_>> =
        input.registry.trees.iter().map(|tree| Cached::new(tree.world)).collect();
    let mut registry = Registry { charts: input.registry.charts.clone(), trees: Vec::new() };
    for (known, cached) in input.registry.trees.iter().zip(&trees) {
        // The tree itself is read once, under all of its addresses.
        let world: &dyn World = if known.own { &tree } else { cached };
        registry.trees.push(Tree { world, ..known.clone() });
    }
    let cached = Input {
        tree: &tree,
        registry,
        cluster: input.cluster.clone(),
        outside: input.outside.clone(),
        settings: input.settings,
    };
    read_cached(cached)
}

fn read_cached(mut input: Input<'_>) -> Delivery {
    let mut delivery = Delivery::default();
    let mut graph = follow::Graph::default();
    let mut known = find::in_tree(input.tree, &mut delivery.diagnostics);
    let mut outside: Vec<Found> = Vec::new();
    for (name, text) in &input.outside {
        outside.extend(find::in_text(name, text, &mut delivery.diagnostics));
    }
    known.retain(|there| !outside.iter().any(|named| named.is_same(there)));
    if !input.outside.is_empty() {
        // What is wrong elsewhere in the tree was not asked.
        let is_outside = |file: &Arc<str>| input.outside.iter().any(|(name, _)| name == file);
        delivery.diagnostics.retain(|finding| {
            finding.primary.as_ref().is_some_and(|label| is_outside(&label.place.file))
        });
    }
    input.settings.kustomize.read_tree(input.tree);
    guess_address(&mut input, &known, &outside, &mut delivery.diagnostics);
    graph.add(known, input.outside.is_empty());
    graph.add(outside, true);
    let caches = argocd::Caches::default();
    let mut of_flux = Delivery::default();
    let mut known: Vec<Found> = Vec::new();
    for _ in 0..MOST_TURNS {
        graph.run(&input, &caches, &mut delivery.diagnostics);
        known = graph.known().into_iter().cloned().collect();
        of_flux = Delivery::default();
        flux::everything(&input, &known, &mut of_flux);
        // What Flux delivers of Argo CD may deliver objects of Flux in its turn.
        if !graph.take_applied(&input, &of_flux.applications, &mut delivery.diagnostics) {
            break;
        }
    }
    delivery.applications = graph.finish(&mut delivery.diagnostics);
    delivery.applications.append(&mut of_flux.applications);
    delivery.diagnostics.append(&mut of_flux.diagnostics);
    delivery.found = known.len();
    let objects = delivery.applications.iter().flat_map(|it| &it.objects);
    let scopes = Scopes::of(objects);
    let known_objects: Vec<&Found> = known.iter().collect();
    let context = Context::new(&input, &known_objects, &caches);
    argocd::check(&context, &known, &scopes, &mut delivery.applications);
    flux::lift(&scopes, &mut delivery.applications);
    shared(&mut delivery.applications);
    text::sort(&mut delivery.diagnostics);
    delivery.diagnostics.dedup();
    delivery
}

/// Takes the address that most sources name for the tree's own, where no source names one that is known:
/// there is no remote, or it is that of a copy.
fn guess_address(
    input: &mut Input<'_>,
    known: &[Found],
    outside: &[Found],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let all: Vec<&Found> = known.iter().chain(outside).collect();
    let remote = input.registry.trees.iter().find(|tree| tree.own).map(|it| it.address.clone());
    let is_own = |address: &str| input.registry.tree(address).is_some_and(|tree| tree.own);
    if remote.is_some() && all.iter().any(|found| names_a_repository(&found.object.value, &is_own))
    {
        return;
    }
    let guessed = argocd::guess_address(&all, input)
        .or_else(|| flux::guess_address(&all, input, remote.is_some()));
    let Some((address, place)) = guessed else { return };
    diagnostics.push(codes::d025_guessed(place, &address, remote.as_deref()));
    input.registry.trees.push(Tree {
        address,
        world: input.tree,
        commit: String::new(),
        own: true,
    });
}

/// Whether an object names a repository of which something is true.
fn names_a_repository(value: &Value, is_true: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| names_a_repository(item, is_true)),
        Value::Map(fields) => fields.iter().any(|(key, value)| match value {
            Value::String(address) => matches!(key.as_str(), "repoURL" | "url") && is_true(address),
            other => names_a_repository(other, is_true),
        }),
        _ => false,
    }
}

/// Adds to an application what another one delivers to the same cluster, too: the two would apply it in turn,
/// for ever. Each pair is said once.
///
/// Two of different files that nothing delivers and that deliver the same delivery objects are the roots of
/// two clusters: they are not compared.
fn shared(applications: &mut [Delivered]) {
    let of_clusters = roots_of_clusters(applications);
    let mut seen: BTreeMap<(String, manifest::Identity), usize> = BTreeMap::new();
    let mut pairs: BTreeMap<(usize, usize), Vec<manifest::Identity>> = BTreeMap::new();
    for (number, application) in applications.iter().enumerate() {
        if of_clusters.contains(&number) {
            continue;
        }
        let cluster =
            match application.engine == Engine::ArgoCd && argocd::is_local(&application.cluster) {
                true => application.home.clone(),
                false => application.cluster.clone(),
            };
        for object in &application.objects {
            let identity = object.identity();
            if identity.name.is_empty() {
                continue;
            }
            let first = *seen.entry((cluster.clone(), identity.clone())).or_insert(number);
            if first != number {
                pairs.entry((number, first)).or_default().push(identity);
            }
        }
    }
    for ((number, first), identities) in pairs {
        let (Some(one), Some(other)) = (applications.get(number), applications.get(first)) else {
            continue;
        };
        let finding = codes::d092_shared(
            one.place.clone(),
            (&one.name, &other.name),
            &identities,
            other.place.clone(),
        );
        if let Some(application) = applications.get_mut(number) {
            application.findings.push(finding);
        }
    }
}

/// Returns the applications that nothing delivers and that deliver a delivery object which one of another
/// file delivers as well.
fn roots_of_clusters(applications: &[Delivered]) -> BTreeSet<usize> {
    let mut first: BTreeMap<manifest::Identity, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (number, application) in applications.iter().enumerate() {
        if application.parent.is_some() {
            continue;
        }
        for object in application.objects.iter().filter(|object| find::is_delivery(object)) {
            let other = *first.entry(object.identity()).or_insert(number);
            let file = applications.get(other).map(|it| &it.place.file);
            if file.is_some_and(|file| *file != application.place.file) {
                found.extend([other, number]);
            }
        }
    }
    found
}

/// Returns what a cluster would refuse in what applications deploy; the same of several is said once.
pub fn object_findings(applications: &[Delivered], tree: &dyn World) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for application in applications {
        crate::render::check_objects(&application.objects, tree, &mut found);
    }
    let mut known = BTreeSet::new();
    found.retain(|finding| known.insert((finding.code, finding.message.clone())));
    found
}

/// Puts the files that findings name into `sources`.
pub fn add_sources(input: &Input<'_>, diagnostics: &[Diagnostic], sources: &mut Sources) {
    for (name, text) in &input.outside {
        sources.add(Arc::clone(name), text.as_str());
    }
    let labels = diagnostics.iter().flat_map(|it| it.primary.iter().chain(&it.secondary));
    let files: BTreeSet<&Arc<str>> = labels.map(|label| &label.place.file).collect();
    for file in files {
        if sources.text(file).is_some() {
            continue;
        }
        let bytes = input.tree.read(file).ok();
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()) {
            sources.add(Arc::clone(file), text);
        }
    }
}
