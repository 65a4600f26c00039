//! Where the references of a schema lead, before any value is looked at.
//!
//! The library that helm uses compiles a schema from its root on: what is reached is compiled, and what is compiled
//! must be there and be a schema. Definitions that nothing refers to are never reached. Which parts a schema has, and
//! which of them are compiled with it, the checker has found out already.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::json::{Document, Kind, Node};
use super::super::{Draft, FILE, Schema, Targets, formats, words};
use super::{Checker, Token};
use crate::schema::keywords::Keyword;

/// Follows all references from the root, and returns where each leads, by the node of its text.
pub(super) fn follow(schema: &Schema, mut checker: Checker<'_>) -> Result<Targets, String> {
    let document = &schema.document;
    let mut addresses = Addresses { schema, members: HashMap::new() };
    let mut parts: HashMap<Node, usize> = HashMap::new();
    let mut targets = Targets::new();
    let mut seen = Vec::new();
    let mut waiting = vec![0];
    while let Some(at) = waiting.pop() {
        seen.resize(checker.parts.len(), false);
        let (Some(part), Some(seen)) = (checker.parts.get(at), seen.get_mut(at)) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        let (node, token, children) = (part.node, part.token, part.children.clone());
        if let Token::Member(Keyword::PatternProperties, name) = token
            && schema.draft <= Draft::Draft6
        {
            pattern(schema, node, name)?;
        }
        let references = part.references.clone();
        for text_node in &references {
            let Some(text) = document.string(*text_node) else { continue };
            let target = addresses.resolve(node, &text)?;
            targets.insert(*text_node, target);
            let Some(target) = target else { continue };
            if parts.is_empty() {
                parts =
                    checker.parts.iter().enumerate().map(|(at, part)| (part.node, at)).collect();
            }
            let known = parts.get(&target).copied();
            waiting.push(match known {
                Some(known) => known,
                None => {
                    let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
                    let place = format!("{FILE}#{}", words::percent_decoded(fragment));
                    let root = checker.look_at_another(target, &place)?;
                    let new = checker.parts.iter().enumerate().skip(root);
                    for (at, part) in new {
                        parts.entry(part.node).or_insert(at);
                    }
                    root
                }
            });
        }
        // Beside `$ref` the older drafts look at nothing that leads elsewhere.
        if references.is_empty() || schema.draft >= Draft::Draft2019 {
            let compiled = |at: &usize| checker.parts.get(*at).is_some_and(|part| part.is_compiled);
            waiting.extend(children.filter(compiled));
        }
    }
    Ok(targets)
}

/// A pattern that the older metaschemas let pass, and that is none.
fn pattern(schema: &Schema, node: Node, name: Node) -> Result<(), String> {
    let name = schema.document.string(name).unwrap_or_default();
    formats::regex(&name).map_err(|reason| {
        let place = schema.place(node);
        let place = place.rsplit_once('/').map_or("", |(place, _)| place);
        format!("invalid regex {:?} at {place:?}: {reason}", &*name)
    })
}

/// Finds what addresses lead to. A schema of many definitions has many references to them: each object that one goes
/// through is listed once.
struct Addresses<'s> {
    schema: &'s Schema,
    members: HashMap<Node, HashMap<Cow<'s, str>, Node>>,
}

impl<'s> Addresses<'s> {
    /// Returns where a reference of a schema leads; `Ok(None)` means a schema that allows all.
    fn resolve(&mut self, from: Node, reference: &str) -> Result<Option<Node>, String> {
        let schema = self.schema;
        let (url, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = words::percent_decoded(fragment);
        let base = schema.resource_of(from);
        let target = if url.is_empty() {
            base
        } else {
            let base = base.map_or(FILE, |resource| resource.url.as_str());
            let absolute = words::joined_url(base, url);
            let known = schema.resources.iter().find(|resource| resource.url == absolute);
            match known {
                Some(known) => Some(known),
                None if absolute == FILE => schema.resources.first(),
                None if absolute.starts_with("urn:") => return Ok(None),
                None => {
                    return Err(format!(
                        "failing loading {absolute:?}: schemas outside of this one are not read; \
                         `--skip-schema-validation` leaves it out"
                    ));
                }
            }
        };
        let Some(target) = target else { return Ok(None) };
        if fragment.is_empty() {
            return Ok(Some(target.node));
        }
        if !fragment.starts_with('/') {
            return match target.anchors.get(&*fragment) {
                Some(node) => Ok(Some(*node)),
                None => Err(format!(
                    "anchor in {:?} not found in schema {FILE:?}",
                    format!("{}#{}", target.url, words::percent_encoded(&fragment))
                )),
            };
        }
        let mut node = target.node;
        for token in fragment.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            node = self.below(node, &token).ok_or_else(|| {
                let place = format!("{FILE}#{}", words::percent_encoded(&fragment));
                format!("json-pointer in {place:?} not found")
            })?;
        }
        Ok(Some(node))
    }

    /// Returns the member or the item of a node; of equal members the last one counts.
    fn below(&mut self, node: Node, token: &str) -> Option<Node> {
        let document: &'s Document = &self.schema.document;
        match document.kind(node) {
            Kind::Object => {
                let members = self.members.entry(node).or_insert_with(|| {
                    let named = document.members(node);
                    named
                        .filter_map(|(name, value)| Some((document.string(name)?, value)))
                        .collect()
                });
                members.get(token).copied()
            }
            Kind::List => document.items(node).nth(token.parse().ok()?),
            _ => None,
        }
    }
}
