//! Matrix and merge: generators of generators.

use std::collections::BTreeMap;

use yaml::Value;

use super::super::super::application::list;
use super::super::parameters::{self, Parameter, Parameters, printed};
use super::{MOST, Stop, Work, transform};

/// The parameters of one generator within another.
fn inner(work: &Work<'_, '_>, entry: &Value, outer: &Parameters) -> Result<Vec<Parameters>, Stop> {
    let template = super::super::super::types::empty("Template");
    let below = Work { depth: work.depth + 1, ..*work };
    let mut given = transform(&below, entry, &template, outer).map_err(|stop| match stop {
        Stop::Error(reason) => Stop::Error(format!(
            "child generator returned an error on parameter generation: {reason}"
        )),
        other => other,
    })?;
    match (given.pop(), given.is_empty()) {
        (Some(given), true) => Ok(given.parameters),
        (Some(_), false) => Err(Stop::error("found more than one generator in matrix.Generators")),
        (None, _) => Err(Stop::error("child generator generated no parameters")),
    }
}

/// Each set of parameters of the first generator with each of the second, which may name the first's.
pub(super) fn matrix(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let [first, second] = list(body, "generators") else {
        let count = if list(body, "generators").len() < 2 { "less" } else { "more" };
        return Err(Stop::error(format!(
            "found {count} than two generators, Matrix support only two"
        )));
    };
    let mut all = Vec::new();
    for outer in inner(work, first, &Parameters::new())? {
        for own in inner(work, second, &outer)? {
            all.push(match work.templating.is_go() {
                true => {
                    let mut merged = own;
                    parameters::merge(&mut merged, &outer).map_err(Stop::Error)?;
                    merged
                }
                false => combined(&outer, &own)?,
            });
            if all.len() >= MOST {
                return Err(Stop::TooMany);
            }
        }
    }
    Ok(all)
}

/// The old templating: everything is a text, and what both have must be equal.
fn combined(first: &Parameters, second: &Parameters) -> Result<Parameters, Stop> {
    let texts = |it: &Parameters| -> BTreeMap<String, String> {
        it.iter().map(|(key, value)| (key.clone(), printed(value))).collect()
    };
    let mut all = texts(first);
    for (key, value) in texts(second) {
        if let Some(other) = all.get(&key).filter(|other| **other != value) {
            return Err(Stop::error(format!(
                "found duplicate key {key} with different value, a: {other} ,b: {value}"
            )));
        }
        all.insert(key, value);
    }
    Ok(all.into_iter().map(|(key, text)| (key, Parameter::Text(text))).collect())
}

/// The parameters of the first generator, with those of the others over them that have the same keys.
pub(super) fn merge(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let generators = list(body, "generators");
    if generators.len() < 2 {
        return Err(Stop::error("found less than two generators, Merge requires two or more"));
    }
    let keys: Vec<&str> = list(body, "mergeKeys").iter().filter_map(Value::as_str).collect();
    if keys.is_empty() {
        return Err(Stop::error("no merge keys were specified, Merge requires at least one"));
    }
    let mut sets = Vec::with_capacity(generators.len());
    for generator in generators {
        sets.push(by_key(&keys, inner(work, generator, &Parameters::new())?)?);
    }
    let mut sets = sets.into_iter();
    let mut base = sets.next().unwrap_or_default();
    for over in sets {
        for (key, above) in over {
            let Some(below) = base.get_mut(&key) else { continue };
            if work.templating.is_go() {
                parameters::merge(below, &above).map_err(Stop::Error)?;
            } else {
                below.extend(above);
            }
        }
    }
    Ok(base.into_values().collect())
}

/// Sorts parameters by the values of the keys; two with the same ones are a mistake.
fn by_key(
    keys: &[&str],
    sets: Vec<Parameters>,
) -> Result<indexmap::IndexMap<String, Parameters>, Stop> {
    let mut found = indexmap::IndexMap::new();
    for set in sets {
        let parts = keys.iter().map(|key| {
            let value = set.get(*key).map_or_else(|| "null".to_owned(), |it| format!("{it:?}"));
            (*key, value)
        });
        let parts: BTreeMap<&str, String> = parts.collect();
        // An absent key and one that is null are the same.
        let key = format!("{parts:?}").replace("\"Null\"", "\"null\"");
        if found.insert(key.clone(), set).is_some() {
            let shown = parts.iter().map(|(key, value)| format!("{key}: {value}"));
            let shown: Vec<String> = shown.collect();
            return Err(Stop::error(format!(
                "the parameters from a generator were not unique by the given mergeKeys, Merge requires \
                 all param sets to be unique. Duplicate key was {}",
                shown.join(", ")
            )));
        }
    }
    Ok(found)
}
