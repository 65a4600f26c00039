//! Flux: from the objects that a cluster is given by hand to everything that they lead to.
//!
//! In: the files of a repository, and a root: a Kustomization and the sources beside it. Out: every
//! Kustomization and HelmRelease that it leads to, each with the objects that Flux would apply, or with the
//! reason why they cannot be known here; and findings.
//! Never fetches anything: another repository, a chart that is not in the cache, a Secret that only the
//! cluster has are opaque.

mod artifact;
pub(crate) mod codes;
mod failure;
mod glob;
mod include;
mod known;
mod kustomization;
mod objects;
mod order;
mod overlay;
mod release;
mod roots;
mod substitute;
mod tree;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use manifest::Object;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::registry::elsewhere;
use super::{ChartSource, Registry, same_repository};
use crate::render::{self, place};

use artifact::Artifact;
use failure::Failure;
use objects::{Name, Source, Unit, list, reference, text};

pub(crate) use roots::{Root, lead_to, root_of};
pub(super) use tree::{everything, guess_address, lift};

/// More objects than this mean that one leads to itself.
const MOST_UNITS: usize = 10_000;

/// A Kustomization or HelmRelease that was rendered.
struct Rendered {
    name: Name,
    delivered: render::Delivered,
    /// Whether its source is this repository.
    is_own: bool,
    findings: Vec<Diagnostic>,
}

/// Findings about fields, each with whether the object was only found in the tree.
type Misfits = Vec<(bool, Diagnostic)>;

/// What is known so far.
struct Cluster<'w> {
    world: &'w dyn World,
    /// Where other repositories lie.
    registry: Option<&'w Registry<'w>>,
    /// The address of the repository that `world` holds; empty where nobody knows it.
    repository: &'w str,
    /// The sources that are this repository, whatever their address.
    here: BTreeSet<Name>,
    sources: BTreeMap<Name, Source>,
    units: BTreeMap<Name, Unit>,
    /// Those that were only found in the tree: what another one delivers stands for them.
    of_tree: BTreeSet<Name>,
    /// Those of them by file.
    by_file: BTreeMap<Arc<str>, BTreeSet<Name>>,
    /// What is wrong with the fields of objects, by object and file; whether it was only found in the tree.
    misfits: BTreeMap<(Name, Arc<str>), Misfits>,
    /// Where what was found in the tree stands.
    places: BTreeMap<Name, Place>,
    /// What was rendered.
    delivered: Vec<Rendered>,
    /// Kustomizations and HelmReleases that were found and not rendered yet.
    waiting: VecDeque<Unit>,
    /// What delivers them.
    parents: BTreeMap<Name, String>,
    /// What is being rendered.
    parent: Option<String>,
    /// What charts see of the cluster.
    options: helm::Options,
    /// ConfigMaps and Secrets that were given beside the delivery objects.
    given: Vec<Object>,
    /// What sources hand on, by the source; made once for all that read from it.
    artifacts: RefCell<BTreeMap<Name, Rc<Artifact<'w>>>>,
}

/// Renders everything that a root leads to; the root comes first.
pub(crate) fn deliver(
    world: &dyn World,
    repository: &str,
    root: &Root,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<render::Delivered> {
    let mut cluster = Cluster::new(world, None);
    cluster.repository = repository;
    cluster.here.insert(root.source.clone());
    for object in &root.beside {
        cluster.take_in(object, roots::NAMESPACE, None, diagnostics);
    }
    cluster.take_in(&root.object, roots::NAMESPACE, None, diagnostics);
    cluster.run(diagnostics);
    let rendered = cluster.delivered.into_iter().map(|mut it| {
        diagnostics.append(&mut it.findings);
        it.delivered
    });
    rendered.collect()
}

impl<'w> Cluster<'w> {
    fn new(world: &'w dyn World, registry: Option<&'w Registry<'w>>) -> Cluster<'w> {
        Cluster {
            world,
            registry,
            repository: "",
            here: BTreeSet::new(),
            sources: BTreeMap::new(),
            units: BTreeMap::new(),
            of_tree: BTreeSet::new(),
            by_file: BTreeMap::new(),
            misfits: BTreeMap::new(),
            places: BTreeMap::new(),
            delivered: Vec::new(),
            waiting: VecDeque::new(),
            parents: BTreeMap::new(),
            parent: None,
            options: helm::Options::default(),
            given: Vec::new(),
            artifacts: RefCell::default(),
        }
    }

    fn run(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        while let Some(unit) = self.next() {
            if self.delivered.len() >= MOST_UNITS {
                let place = place::of_object(self.world, &unit.object);
                diagnostics.push(codes::d061_endless(place, &unit.name.to_string()));
                break;
            }
            let mut findings = Vec::new();
            let delivered = self.render(&unit, &mut findings);
            let (namespace, objects) = (delivered.namespace.clone(), delivered.objects.clone());
            let name = unit.name.clone();
            let is_own = self.reads_own(&unit);
            self.delivered.push(Rendered { name, delivered, is_own, findings });
            self.parent = Some(unit.name.name.clone());
            for object in &objects {
                self.take_in(object, &namespace, None, diagnostics);
            }
            self.supersede(&objects);
        }
        for findings in std::mem::take(&mut self.misfits).into_values() {
            diagnostics.extend(findings.into_iter().map(|(_, finding)| finding));
        }
        order::check(self.world, &self.units, diagnostics);
    }
}

impl Cluster<'_> {
    /// Returns what is rendered next: Kustomizations first, and those last that read what only another
    /// one may bring.
    fn next(&mut self) -> Option<Unit> {
        let kustomization = |it: &Unit| it.name.kind == "Kustomization";
        let ready = |it: &Unit| kustomization(it) && self.missing(it).is_none();
        let first = self.waiting.iter().position(ready);
        let first = first.or_else(|| self.waiting.iter().position(kustomization));
        self.waiting.remove(first.unwrap_or(0))
    }

    /// Returns the first ConfigMap or Secret of `substituteFrom` that is not known.
    fn missing(&self, unit: &Unit) -> Option<Name> {
        references(unit).map(|(name, _)| name).find(|name| self.find(name).is_none())
    }

    fn render(&self, unit: &Unit, diagnostics: &mut Vec<Diagnostic>) -> render::Delivered {
        let is_release = unit.name.kind == "HelmRelease";
        let mut delivered = render::Delivered {
            name: unit.name.name.clone(),
            namespace: if is_release {
                release::target_namespace(unit)
            } else {
                unit.name.namespace.clone()
            },
            source: words(unit),
            objects: Vec::new(),
            opaque: None,
            failed: false,
            value_files: Vec::new(),
        };
        let rendered = if is_release {
            release::render(self, unit).map(|objects| (objects, None))
        } else {
            self.kustomization(unit, diagnostics)
        };
        match rendered {
            Ok((objects, opaque)) => (delivered.objects, delivered.opaque) = (objects, opaque),
            Err(Failure::Opaque(reason)) => delivered.opaque = Some(reason),
            Err(Failure::OnlyInCluster(name)) => {
                let reason = format!("{} {} is only in the cluster", name.kind, name.name);
                delivered.opaque = Some(reason);
            }
            Err(failure) => {
                delivered.failed = true;
                diagnostics.push(failure::finding(self.world, unit, failure));
            }
        }
        delivered
    }

    /// Whether a Kustomization's source is this repository.
    fn reads_own(&self, unit: &Unit) -> bool {
        let Some(source) = unit.field(&["sourceRef"]) else { return false };
        let name = reference(source, &unit.name.namespace);
        let tree = self.sources.get(&name).and_then(|it| self.registry?.tree(&it.url));
        self.here.contains(&name) || tree.is_some_and(|tree| tree.own)
    }

    /// Returns the objects of a Kustomization, and which of them are not known.
    fn kustomization(
        &self,
        unit: &Unit,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(Vec<Object>, Option<String>), Failure> {
        let source = unit.field(&["sourceRef"]).unwrap_or(&Value::Null);
        let name = reference(source, &unit.name.namespace);
        let source = self.sources.get(&name);
        if let Some(reason) = source.and_then(|source| source.opaque) {
            return Err(Failure::Opaque(reason.into()));
        }
        let tree = match source {
            Some(source) => self.handed_on(source, &[])?,
            // Where the root itself is a made-up one, its source is no object.
            None if self.here.contains(&name) => {
                self.artifact(&name, self.world, &Value::Null, &[])?
            }
            None => return Err(Failure::NoSource(name)),
        };
        if unit.field(&["kubeConfig"]).is_some() {
            return Err(Failure::Opaque("it deploys to another cluster (`kubeConfig`)".into()));
        }
        let mut objects = kustomization::build(&tree, unit)?;
        let encrypted = kustomization::take_encrypted(unit, &mut objects);
        if unit.field(&["postBuild"]).is_some() {
            let mut variables = BTreeMap::new();
            for (name, optional) in references(unit) {
                match self.find(&name) {
                    Some(data) => {
                        let each = data.into_iter();
                        variables.extend(each.map(|(key, value)| (key, value.replace('\n', ""))));
                    }
                    None if optional => {}
                    None => return Err(Failure::OnlyInCluster(name)),
                }
            }
            kustomization::replace_variables(unit, variables, &mut objects)?;
        }
        let what = unit.shown();
        for object in kustomization::left_encrypted(unit, &objects) {
            let place = place::of_object(self.world, object);
            diagnostics.push(codes::d062_encrypted(place, &what, object));
        }
        for object in &objects {
            if object.namespace().is_empty() && is_namespaced(object) {
                let place = place::of_object(self.world, object);
                diagnostics.push(codes::d059_no_namespace(place, &what, object));
            }
        }
        Ok((kustomization::finish(unit, objects), encrypted))
    }

    /// Returns the data of a ConfigMap or Secret that was delivered, or given.
    fn find(&self, name: &Name) -> Option<BTreeMap<String, String>> {
        let delivered = self.delivered.iter().flat_map(|known| &known.delivered.objects);
        let object = delivered.chain(&self.given).find(|object| {
            object.group().is_empty()
                && object.kind() == name.kind
                && object.name() == name.name
                && object.namespace() == name.namespace
        })?;
        // An encrypted Secret is there, but nobody here knows what it says.
        if object.value.get("sops").is_some() {
            return None;
        }
        let mut data = BTreeMap::new();
        let entries =
            |key: &str| object.value.get(key).and_then(Value::as_map).into_iter().flatten();
        for (key, value) in entries("data") {
            let value = value.as_str().unwrap_or_default();
            let value = if name.kind == "Secret" {
                let bytes = base64::engine::general_purpose::STANDARD.decode(value.trim()).ok()?;
                String::from_utf8_lossy(&bytes).into_owned()
            } else {
                value.to_owned()
            };
            data.insert(key.clone(), value);
        }
        for (key, value) in entries("stringData") {
            data.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        Some(data)
    }
}

impl release::Surroundings for Cluster<'_> {
    fn source(&self, name: &Name) -> Option<&Source> {
        self.sources.get(name)
    }

    fn tree(&self, source: &Source) -> Result<Rc<Artifact<'_>>, Failure> {
        self.handed_on(source, &[])
    }

    fn chart(
        &self,
        repository: &str,
        name: &str,
        version: &str,
    ) -> Result<ChartSource<'_>, String> {
        let nothing = Registry::default();
        let registry = self.registry.unwrap_or(&nothing);
        match registry.chart(repository, name, version, self.world)? {
            ChartSource::Archive(archive) => Ok(ChartSource::Archive(archive)),
            ChartSource::Folder(world, folder) => Ok(ChartSource::Folder(world, folder)),
        }
    }

    fn options(&self) -> helm::Options {
        self.options.clone()
    }

    fn data(&self, name: &Name) -> Option<BTreeMap<String, String>> {
        self.find(name)
    }
}

impl<'w> Cluster<'w> {
    /// Returns where the repository of a source lies.
    fn place(&self, source: &Source) -> Option<&'w dyn World> {
        let same = |a: &str, b: &str| !a.is_empty() && same_repository(a, b);
        let of_root =
            |name: &Name| self.sources.get(name).is_some_and(|known| same(&known.url, &source.url));
        let is_here = self.here.contains(&source.name)
            || same(self.repository, &source.url)
            || self.here.iter().any(of_root);
        if is_here {
            return Some(self.world);
        }
        self.registry.and_then(|registry| registry.tree(&source.url)).map(|tree| tree.world)
    }

    /// Returns the files that a source hands on. `above` are those that include it.
    ///
    /// # Errors
    /// Where it does not lie here, or includes what cannot be included.
    fn handed_on(&self, source: &Source, above: &[&Name]) -> Result<Rc<Artifact<'w>>, Failure> {
        // What was pushed as an OCI artifact is a folder, too; what it leaves out follows the same rules.
        let is_folder = matches!(source.name.kind.as_str(), "GitRepository" | "OCIRepository");
        let world = self.place(source).filter(|_| is_folder);
        let world = world.ok_or_else(|| Failure::Opaque(elsewhere(&source.url)))?;
        self.artifact(&source.name, world, &source.spec, above)
    }

    fn artifact(
        &self,
        name: &Name,
        world: &'w dyn World,
        spec: &Value,
        above: &[&Name],
    ) -> Result<Rc<Artifact<'w>>, Failure> {
        if let Some(known) = self.artifacts.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let included = self.included(name, world, spec, above)?;
        let artifact = Rc::new(Artifact::new(world, included, spec));
        self.artifacts.borrow_mut().insert(name.clone(), Rc::clone(&artifact));
        Ok(artifact)
    }
}

/// Returns the ConfigMaps and Secrets of `substituteFrom`, and whether each may be missing.
fn references(unit: &Unit) -> impl Iterator<Item = (Name, bool)> {
    let namespace = &unit.name.namespace;
    list(unit.field(&["postBuild", "substituteFrom"])).iter().map(move |entry| {
        let optional = entry.get("optional").and_then(Value::as_bool) == Some(true);
        let name = Name {
            kind: text(entry, "kind"),
            namespace: namespace.clone(),
            name: text(entry, "name"),
        };
        (name, optional)
    })
}

/// Whether an object of one of Kubernetes' own groups needs a namespace.
fn is_namespaced(object: &Object) -> bool {
    let group = object.group();
    let own = ["", "apps", "batch", "autoscaling", "policy", "networking.k8s.io"].contains(&group)
        || (group == "rbac.authorization.k8s.io");
    own && !manifest::is_cluster_scoped(group, object.kind())
}

/// Where a unit's objects come from, in words.
fn words(unit: &Unit) -> String {
    let Some(spec) = unit.field(&["chart", "spec"]) else {
        return match unit.field(&["chartRef"]) {
            Some(chart) => format!("{} {}", text(chart, "kind"), text(chart, "name")),
            None => unit.text("path"),
        };
    };
    format!("chart {} {}", text(spec, "chart"), text(spec, "version")).trim_end().to_owned()
}
