//! Where the references of a schema lead, before any value is looked at.
//!
//! The library that helm uses compiles a schema from its root on: what is reached is compiled, and what is compiled
//! must be there and be a schema. Definitions that nothing refers to are never reached.

use std::collections::HashSet;

use super::super::keywords::{Keyword, Keywords};
use super::super::words;
use super::super::{Document, Draft, FILE, Kind, Node, Schema, formats};
use super::Checker;

/// Keywords that hold one schema.
const ONE: [Keyword; 12] = [
    Keyword::Not,
    Keyword::AdditionalItems,
    Keyword::AdditionalProperties,
    Keyword::Contains,
    Keyword::PropertyNames,
    Keyword::If,
    Keyword::Then,
    Keyword::Else,
    Keyword::Items,
    Keyword::UnevaluatedItems,
    Keyword::UnevaluatedProperties,
    Keyword::ContentSchema,
];
/// Keywords that hold a list of schemas.
const SEVERAL: [Keyword; 5] =
    [Keyword::AllOf, Keyword::AnyOf, Keyword::OneOf, Keyword::PrefixItems, Keyword::Items];
/// Keywords that hold schemas by name.
const NAMED: [Keyword; 4] = [
    Keyword::Properties,
    Keyword::PatternProperties,
    Keyword::Dependencies,
    Keyword::DependentSchemas,
];

/// Follows all references; `checked` are the parts that were held against the metaschema.
pub(super) fn check(schema: &Schema, mut checked: HashSet<Node>) -> Result<(), String> {
    let document = &schema.document;
    let mut seen = HashSet::from([Document::ROOT]);
    let mut waiting = vec![Document::ROOT];
    while let Some(node) = waiting.pop() {
        if document.kind(node) != Kind::Object {
            continue;
        }
        let keywords = Keywords::of(document, node);
        let mut found = Vec::new();
        for keyword in [Keyword::Ref, Keyword::DynamicRef, Keyword::RecursiveRef] {
            let known = match keyword {
                Keyword::DynamicRef => schema.draft >= Draft::Draft2020,
                Keyword::RecursiveRef => schema.draft == Draft::Draft2019,
                _ => true,
            };
            let text = keywords.get(keyword).filter(|_| known);
            let Some(text) = text.and_then(|node| document.string(node)) else { continue };
            let Some(target) = schema.resolve(node, &text)? else { continue };
            if checked.insert(target) {
                let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
                let place = format!("{FILE}#{}", words::percent_decoded(fragment));
                checked.extend(Checker::run(document, schema.draft, target, &place)?);
            }
            found.push(target);
        }
        // Beside `$ref` the older drafts look at nothing that leads elsewhere.
        if found.is_empty() || schema.draft >= Draft::Draft2019 {
            below(schema, node, &keywords, &mut found)?;
        }
        waiting.extend(found.into_iter().filter(|node| seen.insert(*node)));
    }
    Ok(())
}

/// Finds the schemas inside of one, as the keywords of its draft hold them.
fn below(
    schema: &Schema,
    node: Node,
    keywords: &Keywords,
    found: &mut Vec<Node>,
) -> Result<(), String> {
    let document = &schema.document;
    for value in ONE.iter().filter_map(|keyword| keywords.get(*keyword)) {
        found.push(value);
    }
    for value in SEVERAL.iter().filter_map(|keyword| keywords.get(*keyword)) {
        found.extend(document.items(value));
    }
    for keyword in NAMED {
        let Some(value) = keywords.get(keyword) else { continue };
        for (name, member) in document.members(value) {
            if keyword == Keyword::PatternProperties {
                let name = document.string(name).unwrap_or_default();
                if let Err(reason) = formats::regex(&name) {
                    let place = format!("{}/{}", schema.place(node), keyword.text());
                    return Err(format!("invalid regex {:?} at {place:?}: {reason}", &*name));
                }
            }
            found.push(member);
        }
    }
    Ok(())
}
