//! `dependsOn`: whether everything that is waited for is there, and nothing waits for itself.

use std::collections::{BTreeMap, BTreeSet};

use text::{Diagnostic, World};

use crate::render::place;

use super::codes;
use super::objects::{Name, Unit};

/// Reports dependencies that are not there, and circles, each circle once.
pub(super) fn check(
    world: &dyn World,
    units: &BTreeMap<Name, Unit>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for unit in units.values() {
        for dependency in &unit.depends_on {
            if !units.contains_key(dependency) {
                let what = unit.shown();
                let place = place::of_object(world, &unit.object);
                let dependency = dependency.to_string();
                diagnostics.push(codes::d054_no_dependency(place, &what, &dependency));
            }
        }
    }
    for circle in circles(units) {
        let places = circle.iter().filter_map(|name| {
            let unit = units.get(name)?;
            Some((name.name.clone(), place::of_object(world, &unit.object)))
        });
        diagnostics.push(codes::d053_circle(&places.collect::<Vec<_>>()));
    }
}

/// Returns the circles that a walk along `dependsOn` closes.
fn circles(units: &BTreeMap<Name, Unit>) -> Vec<Vec<&Name>> {
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    let mut found = Vec::new();
    for start in units.keys() {
        // The way from the start, each with the number of the dependency that comes next.
        let mut way: Vec<(&Name, usize)> = Vec::new();
        if !done.contains(start) {
            way.push((start, 0));
        }
        while let Some((name, next)) = way.last_mut() {
            let name: &Name = name;
            let dependency = units.get(name).and_then(|unit| unit.depends_on.get(*next));
            *next += 1;
            let Some(dependency) = dependency else {
                done.insert(name);
                way.pop();
                continue;
            };
            let Some((dependency, _)) = units.get_key_value(dependency) else { continue };
            if let Some(at) = way.iter().position(|(on_way, _)| *on_way == dependency) {
                let circle = way.get(at..).unwrap_or_default();
                found.push(circle.iter().map(|(name, _)| *name).collect());
            } else if !done.contains(dependency) {
                way.push((dependency, 0));
            }
        }
    }
    found
}
