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
mod find;
pub(crate) mod flux;
mod registry;
mod trees;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use manifest::Object;
use text::{Diagnostic, Place, Sources, World};

use self::trees::Cached;

pub use cluster::{Cluster, PullRequest, read_api_versions, read_clusters, read_pull_requests};
pub use registry::{ChartFolder, ChartSource, Registry, Tree, normal_address};

/// More applications than this in one repository mean that one leads to ever new ones.
pub const MOST_APPLICATIONS: usize = 20_000;

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
    /// The cluster that it goes to, by name or address; empty for the engine's own.
    pub cluster: String,
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
    /// All delivery objects that are known, for looking up what others name.
    pub(crate) known: &'a [Found],
    /// What is read once for all.
    pub(crate) caches: &'a argocd::Caches,
}

/// Reads a repository.
pub fn read(input: &Input<'_>) -> Delivery {
    let tree = Cached::new(input.tree);
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
    let caches = argocd::Caches::default();
    let input = &mut input;
    let mut known = find::in_tree(input.tree);
    let mut waiting: Vec<Found> = Vec::new();
    if input.outside.is_empty() {
        waiting.clone_from(&known);
    } else {
        for (name, text) in &input.outside {
            waiting.extend(find::in_text(name, text, &mut delivery.diagnostics));
        }
        known.retain(|there| !waiting.iter().any(|named| named.is_same(there)));
        known.extend(waiting.iter().cloned());
    }
    if !input.registry.trees.iter().any(|tree| tree.own)
        && let Some((address, place)) =
            argocd::guess_address(&known, input).or_else(|| flux::guess_address(&known))
    {
        delivery.diagnostics.push(codes::d025_guessed(place, &address));
        let (world, commit) = (input.tree, String::new());
        input.registry.trees.push(Tree { address, world, commit, own: true });
    }
    while !waiting.is_empty() {
        let context = Context { input, known: &known, caches: &caches };
        let mut made = argocd::deliver(&context, &waiting, &mut delivery.diagnostics);
        waiting = children(input.tree, &made);
        for child in &waiting {
            // What an application delivers stands for the file that it was made from.
            made.retain(|there| !stands_for(child, there));
            delivery.applications.retain(|there| !stands_for(child, there));
        }
        delivery.applications.extend(made);
        waiting.retain(|child| {
            !delivery.applications.iter().any(|there| {
                there.engine == child.engine().unwrap_or(Engine::ArgoCd)
                    && there.object.kind() == child.object.kind()
                    && there.name == child.object.name()
                    && there.object.namespace() == child.object.namespace()
            })
        });
        known.retain(|there| !waiting.iter().any(|child| child.is_same(there)));
        known.extend(waiting.iter().cloned());
        if delivery.applications.len() > MOST_APPLICATIONS {
            delivery.diagnostics.push(codes::d090_endless(MOST_APPLICATIONS));
            break;
        }
    }
    flux::everything(input, &known, &mut delivery);
    delivery.found = known.len();
    argocd::check(input.tree, &known, &mut delivery.applications);
    shared(&mut delivery.applications);
    text::sort(&mut delivery.diagnostics);
    delivery.diagnostics.dedup();
    delivery
}

/// Adds to each application the objects that another one delivers to the same cluster: the two would
/// apply them in turn, for ever.
fn shared(applications: &mut [Delivered]) {
    let mut seen: BTreeMap<(String, manifest::Identity), usize> = BTreeMap::new();
    let mut found: Vec<(usize, Diagnostic)> = Vec::new();
    for (number, application) in applications.iter().enumerate() {
        for object in &application.objects {
            let identity = object.identity();
            if identity.name.is_empty() {
                continue;
            }
            let first =
                *seen.entry((application.cluster.clone(), identity.clone())).or_insert(number);
            let Some(other) = applications.get(first).filter(|_| first != number) else { continue };
            let finding = codes::d092_shared(
                application.place.clone(),
                (&application.name, &other.name),
                &identity,
                other.place.clone(),
            );
            found.push((number, finding));
        }
    }
    for (number, finding) in found {
        if let Some(application) = applications.get_mut(number) {
            application.findings.push(finding);
        }
    }
}

/// Returns the delivery objects among what was delivered.
fn children(tree: &dyn World, made: &[Delivered]) -> Vec<Found> {
    let mut found = Vec::new();
    for application in made {
        for object in &application.objects {
            if find::engine(object.group()).is_some() && find::is_delivery(object) {
                let place = find::place(tree, object);
                let parent = Some(application.name.clone());
                found.push(Found { object: object.clone(), place, parent });
            }
        }
    }
    found
}

/// Whether `child`, which an application delivers, is the object that was found in the tree as `there`.
fn stands_for(child: &Found, there: &Delivered) -> bool {
    let namespaces = (child.object.namespace(), there.object.namespace());
    there.parent.is_none()
        && there.object.kind() == child.object.kind()
        && there.name == child.object.name()
        && (namespaces.0 == namespaces.1 || namespaces.0.is_empty() || namespaces.1.is_empty())
        && child.parent.as_deref() != Some(&there.name)
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
