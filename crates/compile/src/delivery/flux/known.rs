//! What is known of a cluster: objects of Flux that were found in files, and those that are delivered.
//!
//! What is delivered stands for the file that it was made from. Never renders anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use manifest::Object;
use text::{Diagnostic, Place};

use super::objects::{self, Name, Source, Unit};
use super::{Cluster, codes};
use crate::delivery::find;
use crate::render::place;

impl Cluster<'_> {
    /// Notes an object of Flux that is applied; `in_tree` is its place where it was only found in a file.
    pub(super) fn take_in(
        &mut self,
        object: &Object,
        namespace: &str,
        in_tree: Option<&Place>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if !objects::is_of_flux(object) {
            return;
        }
        if !objects::is_served(object) {
            let place = place::of_object(self.world, object);
            diagnostics.push(codes::d063_unknown_version(
                place,
                object,
                &objects::successor(object),
            ));
        }
        if let Some(since) = objects::retired_in(object) {
            let place = place::of_object(self.world, object);
            let successor = objects::successor(object);
            diagnostics.push(codes::d051_retired(place, object, since, &successor));
        }
        let name = objects::name_of(object, namespace);
        let refused =
            |place, path: &str, reason: &str| codes::d064_refused(place, object, path, reason);
        let misfits = find::misfits(self.world, object, refused);
        let key = (name, Arc::clone(&object.source));
        let known = self.misfits.entry(key).or_default();
        // What is delivered stands for what was found.
        known.retain(|(was_in_tree, _)| in_tree.is_some() || !was_in_tree);
        known.extend(misfits.into_iter().map(|finding| (in_tree.is_some(), finding)));
        if let Some(source) = Source::read(object, namespace) {
            // What includes others holds their files.
            self.artifacts
                .borrow_mut()
                .retain(|name, artifact| *name != source.name && !artifact.includes());
            self.sources.insert(source.name.clone(), source);
        }
        if !objects::deploys(object) {
            return;
        }
        let unit = Unit::read(object, namespace);
        if let Some(known) = self.units.get(&unit.name) {
            // One that delivers itself, as `flux bootstrap` writes it.
            if known.object.value.get("spec") == object.value.get("spec") {
                if in_tree.is_none() {
                    self.adopt(&unit.name);
                }
                return;
            }
            if in_tree.is_some() || !self.of_tree.contains(&unit.name) {
                let first = self.places.get(&unit.name).filter(|_| in_tree.is_some()).cloned();
                let first = first.unwrap_or_else(|| place::of_object(self.world, &known.object));
                let second = in_tree.cloned();
                let second = second.unwrap_or_else(|| place::of_object(self.world, object));
                // Overlays hold many of one name, of which a cluster gets one.
                let folder =
                    |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
                let near = first != second && folder(&first.file) == folder(&second.file);
                if in_tree.is_none() || near {
                    diagnostics.push(codes::d060_one_name(first, second, &unit.name.to_string()));
                }
                return;
            }
            self.delivered.retain(|known| known.name != unit.name);
            self.waiting.retain(|waiting| waiting.name != unit.name);
        }
        if let Some(place) = in_tree {
            self.places.insert(unit.name.clone(), place.clone());
            self.of_tree.insert(unit.name.clone());
            let file = Arc::clone(unit.file());
            self.by_file.entry(file).or_default().insert(unit.name.clone());
        } else {
            self.of_tree.remove(&unit.name);
        }
        self.units.insert(unit.name.clone(), unit.clone());
        self.note_parent(&unit.name);
        self.waiting.push_back(unit);
    }

    /// Forgets what was only found in the files that delivered objects were made of: names, namespaces and
    /// values come from what delivers them.
    pub(super) fn supersede(&mut self, delivered: &[Object]) {
        let of_flux = delivered.iter().filter(|object| objects::is_of_flux(object));
        let files: BTreeSet<&Arc<str>> = of_flux.map(|object| &object.source).collect();
        if files.is_empty() {
            return;
        }
        for ((_, file), findings) in &mut self.misfits {
            findings.retain(|(in_tree, _)| !in_tree || !files.contains(file));
        }
        let found = files.into_iter().filter_map(|file| self.by_file.get(file)).flatten();
        let gone: BTreeSet<Name> =
            found.filter(|name| self.of_tree.contains(*name)).cloned().collect();
        if gone.is_empty() {
            return;
        }
        for name in &gone {
            self.of_tree.remove(name);
            self.units.remove(name);
        }
        self.delivered.retain(|known| !gone.contains(&known.name));
        self.waiting.retain(|waiting| !gone.contains(&waiting.name));
    }

    /// Notes that what was found in the tree is delivered by what is being rendered.
    fn adopt(&mut self, name: &Name) {
        if !self.of_tree.remove(name) || self.parent.as_ref() == Some(&name.name) {
            return;
        }
        self.note_parent(name);
    }

    fn note_parent(&mut self, name: &Name) {
        match &self.parent {
            Some(parent) => self.parents.insert(name.clone(), parent.clone()),
            None => self.parents.remove(name),
        };
    }
}
