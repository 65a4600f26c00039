//! Generators: from what a set says to parameters.
//!
//! Source: Argo CD, `applicationset/generators` (3.2): `Transform`, and one file for each kind.

mod clusters;
mod combined;
mod git;
mod list;
mod pull_requests;

use yaml::Value;

use super::super::types;
use super::parameters::{Parameter, Parameters, flatten};
use super::selector::Selector;
use super::template::{self, Templating};
use crate::delivery::Context;

/// More sets of parameters than this are not looked at.
pub(super) const MOST: usize = 10_000;

/// Why there are no parameters.
#[derive(Debug)]
pub(super) enum Stop {
    /// Argo CD fails too.
    Error(String),
    /// It cannot be known here.
    Opaque(String),
    /// There are too many.
    TooMany,
}

impl Stop {
    fn error(reason: impl Into<String>) -> Stop {
        Stop::Error(reason.into())
    }
}

/// A matrix or merge may stand in another, which is the last that is looked at: what has the next place has no
/// field for one.
///
/// Source: `ApplicationSetTerminalGenerator`.
const DEEPEST: usize = 2;

/// What generators work with.
#[derive(Clone, Copy)]
pub(super) struct Work<'a, 'w> {
    pub(super) context: &'a Context<'a, 'w>,
    pub(super) clusters: &'a super::super::clusters::Clusters,
    pub(super) templating: Templating,
    /// The project of the set's template, as it is written.
    pub(super) project: &'a str,
    /// In how many a generator stands.
    pub(super) depth: usize,
}

/// What a generator gives: sets of parameters, and its own template merged over the set's.
pub(super) struct Given {
    pub(super) parameters: Vec<Parameters>,
    pub(super) template: Value,
}

/// Asks all generators that an entry holds. `outer` are the parameters of the first generator of a matrix
/// for the second.
pub(super) fn transform(
    work: &Work<'_, '_>,
    entry: &Value,
    base: &Value,
    outer: &Parameters,
) -> Result<Vec<Given>, Stop> {
    let selector = match entry.get("selector") {
        Some(selector) if !selector.is_null() => Some(
            Selector::read(selector)
                .map_err(|reason| Stop::error(format!("error parsing label selector: {reason}")))?,
        ),
        _ => None,
    };
    let mut given = Vec::new();
    for field in types::fields("Generator") {
        let there = entry.get(field.name).filter(|it| !it.is_null() && field.name != "selector");
        let Some(own) = there else { continue };
        if matches!(field.name, "matrix" | "merge") && work.depth >= DEEPEST {
            continue;
        }
        let template = super::merged_template(own.get("template"), base);
        let interpolated;
        let body = if outer.is_empty() {
            own
        } else {
            interpolated = template::replace_all(own, &field.kind, work.templating, outer)
                .map_err(|reason| {
                    Stop::error(format!("failed to replace parameters in generator: {reason}"))
                })?;
            &interpolated
        };
        let mut parameters = ask(work, field.name, body)?;
        if let Some(selector) = &selector {
            parameters.retain(|it| selector.matches(&flatten(it)));
        }
        if parameters.len() >= MOST {
            return Err(Stop::TooMany);
        }
        given.push(Given { parameters, template });
    }
    Ok(given)
}

fn ask(work: &Work<'_, '_>, kind: &str, body: &Value) -> Result<Vec<Parameters>, Stop> {
    match kind {
        "list" => list::generate(work, body),
        "clusters" => clusters::generate(work, body),
        "git" => git::generate(work, body),
        "pullRequest" => pull_requests::generate(work, body),
        "matrix" => combined::matrix(work, body),
        "merge" => combined::merge(work, body),
        "scmProvider" => {
            Err(Stop::Opaque("`scmProvider` asks a forge for its repositories".into()))
        }
        "plugin" => Err(Stop::Opaque("`plugin` asks a program of its own".into())),
        "clusterDecisionResource" => {
            Err(Stop::Opaque("`clusterDecisionResource` reads objects of the cluster".into()))
        }
        other => Err(Stop::Opaque(format!("`{other}` is no generator that is known here"))),
    }
}

/// Adds `values` of a generator, which may name its other parameters.
fn add_values(work: &Work<'_, '_>, body: &Value, parameters: &mut Parameters) -> Result<(), Stop> {
    let mut texts = std::collections::BTreeMap::new();
    for (key, value) in body.get("values").and_then(Value::as_map).into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let replaced = work.templating.replace(value, parameters);
        texts.insert(
            key.clone(),
            replaced.map_err(|reason| {
                Stop::error(format!("failed to append templated values: {reason}"))
            })?,
        );
    }
    if texts.is_empty() {
        return Ok(());
    }
    if work.templating.is_go() {
        parameters.insert("values".to_owned(), Parameter::TextMap(texts));
    } else {
        let texts = texts.into_iter();
        parameters
            .extend(texts.map(|(key, text)| (format!("values.{key}"), Parameter::Text(text))));
    }
    Ok(())
}
