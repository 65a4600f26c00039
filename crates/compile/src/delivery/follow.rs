//! Where delivery objects lead: an application delivers other delivery objects, and those are followed.
//!
//! In: what was found in the tree, and what was named. Out: every object that there is, with what it
//! deploys. What an application delivers stands for the file that it was made from: an object of the same
//! name is the same object, and what else a delivered file was read as is forgotten.
//! Objects are the same where group, kind, name and namespace are, in one cluster: a set that delivers
//! itself is a fixed point, as it is for Argo CD.
//! Never renders anything itself; the engines do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use manifest::Object;
use text::{Diagnostic, Place};
use yaml::Value;

use super::argocd::{self, Outcome};
use super::{Context, Delivered, Engine, Found, Input, MOST_APPLICATIONS, codes, find};

/// Applications that deliver each other deeper than this lead to ever new ones.
const MOST_DEPTH: usize = 64;

/// A delivery object that is known.
struct Entry {
    found: Found,
    /// What delivers it.
    parent: Option<usize>,
    /// The cluster that it lies in; `None` where only a file says that it is there.
    home: Option<String>,
    /// How many applications lead to it.
    depth: usize,
    /// Where it stands in the answer.
    order: usize,
    /// Whether another one stands for it.
    is_gone: bool,
    /// What it deploys; `None` where that was not asked.
    made: Option<Outcome>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Graph {
    entries: Vec<Entry>,
    by_name: BTreeMap<(String, String), Vec<usize>>,
    by_file: BTreeMap<Arc<str>, Vec<usize>>,
    /// What each delivers, and the name of the application that does.
    leads: BTreeMap<usize, Vec<(usize, String)>>,
    waiting: Vec<usize>,
    order: usize,
    /// Roots below which there is no end.
    endless: BTreeSet<usize>,
}

/// An object that an application delivers.
struct Child {
    found: Found,
    /// The object that delivers it; `None` where that is one of Flux.
    parent: Option<usize>,
    home: String,
    /// Whether its file is one of the tree.
    is_own: bool,
}

impl Child {
    fn of(
        input: &Input<'_>,
        application: &Delivered,
        object: &Object,
        parent: Option<usize>,
        home: &str,
    ) -> Child {
        let found = Found {
            object: object.clone(),
            place: find::place(input.tree, object),
            parent: Some(application.name.clone()),
            is_built: false,
        };
        Child { found, parent, home: home.to_owned(), is_own: application.is_own }
    }
}

impl Graph {
    /// Adds what was found; it is rendered where it is `wanted`.
    pub(super) fn add(&mut self, found: Vec<Found>, wanted: bool) {
        for found in found {
            let number = self.push(found, None, None);
            if wanted {
                self.waiting.push(number);
            }
        }
    }

    /// Returns all objects that are there.
    pub(super) fn known(&self) -> Vec<&Found> {
        self.entries.iter().filter(|entry| !entry.is_gone).map(|entry| &entry.found).collect()
    }

    /// Renders all that is wanted, and what it leads to.
    pub(super) fn run(
        &mut self,
        input: &Input<'_>,
        caches: &argocd::Caches,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut count = 0;
        while !self.waiting.is_empty() {
            let batch = std::mem::take(&mut self.waiting);
            let outcomes = {
                let known = self.known();
                let context = Context::new(input, &known, caches);
                let wanted: Vec<&Found> = batch
                    .iter()
                    .filter_map(|number| Some(&self.entries.get(*number)?.found))
                    .collect();
                argocd::deliver(&context, &wanted)
            };
            let mut children = Vec::new();
            for (number, outcome) in batch.iter().zip(outcomes) {
                count += outcome.applications.len();
                self.children(input, *number, &outcome.applications, &mut children);
                if let Some(entry) = self.entries.get_mut(*number) {
                    entry.made = Some(outcome);
                }
            }
            if count > MOST_APPLICATIONS {
                let first = batch.first().map_or(0, |number| self.root(*number));
                let place = self.entries.get(first).map(|it| it.found.place.clone());
                let reason = format!("more than {MOST_APPLICATIONS} applications");
                diagnostics.push(codes::d090_endless(place, &reason));
                break;
            }
            self.take(children, diagnostics);
        }
        self.circles(diagnostics);
    }

    /// Returns the applications, and what is wrong with the objects that make them.
    pub(super) fn finish(self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Delivered> {
        let mut entries: Vec<Entry> =
            self.entries.into_iter().filter(|entry| !entry.is_gone).collect();
        entries.sort_by_key(|entry| entry.order);
        names_twice(&entries, diagnostics);
        let mut applications = Vec::new();
        for entry in entries {
            let Some(made) = entry.made else { continue };
            let home = entry.home.unwrap_or_default();
            let each = made.applications.into_iter();
            applications.extend(each.map(|it| Delivered { home: home.clone(), ..it }));
            diagnostics.extend(made.findings);
        }
        applications
    }

    fn push(&mut self, found: Found, parent: Option<usize>, home: Option<String>) -> usize {
        let number = self.entries.len();
        self.by_name.entry(key(&found.object)).or_default().push(number);
        if home.is_none() {
            self.by_file.entry(Arc::clone(&found.place.file)).or_default().push(number);
        }
        let depth = self.below(parent);
        self.order += 1;
        let order = self.order;
        self.entries.push(Entry { found, parent, home, depth, order, is_gone: false, made: None });
        number
    }

    fn depth(&self, number: usize) -> usize {
        self.entries.get(number).map_or(0, |entry| entry.depth)
    }

    /// Returns how many applications lead to what one delivers.
    fn below(&self, parent: Option<usize>) -> usize {
        parent.map_or(0, |parent| self.depth(parent) + 1)
    }

    /// Takes in the objects of Argo CD that Flux applies; returns whether there is something to render.
    pub(super) fn take_applied(
        &mut self,
        input: &Input<'_>,
        applications: &[Delivered],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let mut children = Vec::new();
        for application in applications {
            let applied = application.objects.iter();
            let applied = applied.filter(|it| find::engine(it.group()) == Some(Engine::ArgoCd));
            for object in applied.filter(|it| find::is_delivery(it)) {
                let home = &application.cluster;
                children.push(Child::of(input, application, object, None, home));
            }
        }
        self.take(children, diagnostics);
        !self.waiting.is_empty()
    }

    /// Collects the delivery objects among what an object's applications deploy.
    fn children(
        &self,
        input: &Input<'_>,
        number: usize,
        applications: &[Delivered],
        children: &mut Vec<Child>,
    ) {
        let Some(entry) = self.entries.get(number) else { return };
        for application in applications {
            let home = match argocd::is_local(&application.cluster) {
                true => entry.home.as_deref().unwrap_or_default(),
                false => &application.cluster,
            };
            for object in application.objects.iter().filter(|it| find::is_delivery(it)) {
                children.push(Child::of(input, application, object, Some(number), home));
            }
        }
    }

    /// Takes in what was delivered.
    fn take(&mut self, children: Vec<Child>, diagnostics: &mut Vec<Diagnostic>) {
        let mut files: BTreeSet<Arc<str>> = BTreeSet::new();
        for child in children {
            if child.is_own {
                files.insert(Arc::clone(&child.found.object.source));
            }
            let by = child.found.parent.clone().unwrap_or_default();
            if let Some(number) = self.same(&child)
                && !self.adopt(number, &child)
            {
                self.leads_to(child.parent, number, by);
                continue;
            }
            if self.below(child.parent) > MOST_DEPTH {
                self.say_endless(&child, diagnostics);
                continue;
            }
            let number = self.push(child.found, child.parent, Some(child.home));
            self.leads_to(child.parent, number, by);
            self.waiting.push(number);
        }
        for file in files {
            for number in self.by_file.get(&file).cloned().unwrap_or_default() {
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.is_gone |= entry.home.is_none();
                }
            }
        }
    }

    fn leads_to(&mut self, parent: Option<usize>, number: usize, by: String) {
        if let Some(parent) = parent {
            self.leads.entry(parent).or_default().push((number, by));
        }
    }

    /// Returns the object that a delivered one is: one that was delivered before, or else one of the tree,
    /// of which several overlays may have one.
    fn same(&self, child: &Child) -> Option<usize> {
        let known = self.by_name.get(&key(&child.found.object))?;
        let same = known.iter().copied().filter_map(|number| {
            let entry = self.entries.get(number)?;
            let namespaces = (entry.found.object.namespace(), child.found.object.namespace());
            let fits = !entry.is_gone
                && (namespaces.0 == namespaces.1
                    || namespaces.0.is_empty()
                    || namespaces.1.is_empty())
                && entry.home.as_ref().is_none_or(|home| *home == child.home);
            let is_file = entry.found.place.file == child.found.object.source;
            let rank = match &entry.home {
                Some(_) => 0,
                None if spec(&entry.found.object) == spec(&child.found.object) => 1,
                // It was made of that file; of any other it is another object of the same name.
                None if is_file && child.is_own => 2,
                None => return None,
            };
            fits.then_some((rank, number))
        });
        same.min().map(|(_, number)| number)
    }

    /// Makes an object of the tree the one that is delivered; returns whether it has to be rendered anew.
    fn adopt(&mut self, number: usize, child: &Child) -> bool {
        let depth = self.below(child.parent);
        self.order += 1;
        let order = self.order;
        let Some(entry) = self.entries.get_mut(number) else { return true };
        let is_itself = child.parent == Some(number) && child.found.object.kind() == "Application";
        let is_known = entry.home.is_some();
        if is_known && (entry.parent.is_some() || is_itself) {
            return false;
        }
        let there = &entry.found.object;
        let is_equal = entry.made.is_some()
            && spec(there) == spec(&child.found.object)
            && there.namespace() == child.found.object.namespace();
        if !is_equal && !is_itself && !is_known {
            entry.is_gone = true;
            return true;
        }
        entry.home = Some(child.home.clone());
        if is_itself {
            return false;
        }
        (entry.parent, entry.depth, entry.order) = (child.parent, depth, order);
        entry.found.parent.clone_from(&child.found.parent);
        if child.found.object.kind() == "Application"
            && let Some(made) = &mut entry.made
        {
            for application in &mut made.applications {
                application.parent.clone_from(&child.found.parent);
                application.object.clone_from(&child.found.object);
            }
        }
        false
    }

    /// Returns the object that leads to one, from which on there is none; of a circle any.
    fn root(&self, number: usize) -> usize {
        let mut at = number;
        for _ in 0..=MOST_DEPTH {
            match self.entries.get(at).and_then(|entry| entry.parent) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    fn say_endless(&mut self, child: &Child, diagnostics: &mut Vec<Diagnostic>) {
        let Some(root) = child.parent.map(|parent| self.root(parent)) else { return };
        if !self.endless.insert(root) {
            return;
        }
        let Some(entry) = self.entries.get(root) else { return };
        let (root, last) = (entry.found.object.name(), child.found.object.name());
        let reason = format!(
            "`{root}` leads to ever new applications: `{last}` would be the {MOST_DEPTH}th below it"
        );
        diagnostics.push(codes::d090_endless(Some(entry.found.place.clone()), &reason));
    }

    /// Reports objects that deliver each other, each circle that a walk closes once; an Application that
    /// delivers itself knows it already.
    fn circles(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut done: BTreeSet<usize> = BTreeSet::new();
        for start in self.leads.keys() {
            // The way from the start, each with the number of the object that comes next.
            let mut way: Vec<(usize, usize)> = Vec::new();
            if !done.contains(start) {
                way.push((*start, 0));
            }
            while let Some((number, next)) = way.last_mut() {
                let child = self.leads.get(number).and_then(|leads| leads.get(*next));
                *next += 1;
                let Some((child, _)) = child else {
                    done.insert(*number);
                    way.pop();
                    continue;
                };
                if let Some(at) = way.iter().position(|(on_way, _)| on_way == child) {
                    self.say_circle(way.get(at..).unwrap_or_default(), diagnostics);
                } else if !done.contains(child) {
                    way.push((*child, 0));
                }
            }
        }
    }

    /// A circle is a way whose last object leads to its first one.
    fn say_circle(&self, circle: &[(usize, usize)], diagnostics: &mut Vec<Diagnostic>) {
        let mut names = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for (number, next) in circle {
            let Some(entry) = self.entries.get(*number).filter(|entry| !entry.is_gone) else {
                return;
            };
            let is_set = entry.found.object.kind() == "ApplicationSet";
            if circle.len() == 1 && !is_set {
                return;
            }
            names.push(entry.found.object.name().to_owned());
            places.push(entry.found.place.clone());
            // A set delivers through one of its applications.
            if is_set {
                let leads = self.leads.get(number).and_then(|leads| leads.get(next - 1));
                names.extend(leads.map(|(_, by)| by.clone()));
            }
        }
        diagnostics.push(codes::each_other(&names, &places));
    }
}

/// Reports Applications, sets and projects of one name: in one folder, or delivered to one cluster.
fn names_twice(entries: &[Entry], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<[&str; 3], Vec<(&Entry, bool)>> = BTreeMap::new();
    for entry in entries.iter().filter(|it| it.found.engine() == Some(Engine::ArgoCd)) {
        let is_set = entry.found.object.kind() == "ApplicationSet";
        let generated = entry.made.iter().flat_map(|made| &made.applications);
        let generated = generated.filter(|_| is_set).map(|made| (&made.object, true));
        for (object, is_generated) in std::iter::once((&entry.found.object, false)).chain(generated)
        {
            let key = [object.kind(), object.namespace(), object.name()];
            let known = seen.entry(key).or_default();
            let is_here = |(other, of_set): &&(&Entry, bool)| {
                let built = other.found.is_built || entry.found.is_built;
                let delivered = other.home.is_some() && entry.home.is_some();
                // What two applications deliver is said of the applications.
                let is_said = delivered && !is_generated && !of_set;
                let places = (&other.found.place, &entry.found.place);
                let near = folder(&places.0.file) == folder(&places.1.file);
                !is_said && (delivered && other.home == entry.home || near && !built)
            };
            if let Some((other, _)) = known.iter().find(is_here) {
                let what = format!("{} `{}`", object.kind(), object.name());
                let (place, first) = (&entry.found.place, &other.found.place);
                diagnostics.push(codes::d026_name_twice(place.clone(), first.clone(), &what));
            }
            known.push((entry, is_generated));
        }
    }
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn key(object: &Object) -> (String, String) {
    (format!("{}/{}", object.group(), object.kind()), object.name().to_owned())
}

fn spec(object: &Object) -> Option<&Value> {
    object.value.get("spec")
}
