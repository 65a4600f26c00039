//! Whether a schema is one: the checks of the metaschemas, and the addresses it gives its parts.
//!
//! The metaschemas themselves would cost more than the whole rendering, so that their rules stand
//! here as code. Sources: the metaschemas of drafts 4, 6, 7, 2019-09 and 2020-12.

mod annotations;
mod assertions;
mod references;
mod report;

use std::ops::Range;

use super::json::{Document, Kind, Node};
use super::keywords::{Keyword, Keywords};
use super::words::escaped;
use super::{Draft, FILE, Resource, Schema, words};

/// How many parts a schema may have: bounds work and memory.
const MAX_PARTS: usize = 1_000_000;

/// A subschema to look at, and how it was reached.
struct Part {
    node: Node,
    /// The part that it is inside of; itself where there is none.
    parent: usize,
    token: Token,
    /// Whether it is compiled with the part that it is inside of, even if nothing refers to it.
    is_compiled: bool,
    /// The parts inside of it.
    children: Range<usize>,
    /// The texts of its references.
    references: Vec<Node>,
}

/// The step from a schema to one inside it.
#[derive(Clone, Copy)]
enum Token {
    Root,
    Keyword(Keyword),
    Member(Keyword, Node),
    Item(Keyword, usize),
}

/// One broken rule.
struct Leaf {
    part: usize,
    /// The path below the part.
    path: String,
    words: String,
    /// What lies below it: path and words.
    causes: Vec<(String, String)>,
    /// Whether the part as a whole is none.
    is_whole: bool,
}

struct Checker<'s> {
    document: &'s Document,
    draft: Draft,
    parts: Vec<Part>,
    leaves: Vec<Leaf>,
}

/// Checks the whole document, and fills in the addresses and where references lead.
pub(super) fn check(schema: &mut Schema) -> Result<(), String> {
    let mut checker = Checker::new(&schema.document, schema.draft);
    checker.enter(Document::ROOT, 0, Token::Root, true);
    let mut named = checker.look(0, &format!("{FILE}#"))?;
    let parts = checker.parts;
    named.sort_by_key(|(node, _)| *node);
    for (node, keywords) in named {
        name(schema, node, &keywords);
    }
    let checker = Checker { parts, ..Checker::new(&schema.document, schema.draft) };
    schema.targets = references::follow(schema, checker)?;
    Ok(())
}

/// Enters the address and the anchors of a subschema.
fn name(schema: &mut Schema, node: Node, keywords: &Keywords) {
    let draft = schema.draft;
    let text = |keyword: Keyword| {
        let value = keywords.get(keyword)?;
        Some(schema.document.string(value)?.into_owned())
    };
    let id_keyword = if draft == Draft::Draft4 { Keyword::IdOfDraft4 } else { Keyword::Id };
    debug_assert_eq!(id_keyword.text(), draft.id_keyword());
    let is_hidden = draft < Draft::Draft2019 && keywords.get(Keyword::Ref).is_some();
    let id = text(id_keyword).filter(|_| !is_hidden);
    let (anchor, dynamic) = (text(Keyword::Anchor), text(Keyword::DynamicAnchor));
    let mut anchors: Vec<String> = Vec::new();
    if let Some(id) = id {
        let (url, fragment) = id.split_once('#').unwrap_or((&id, ""));
        if !url.is_empty() {
            let base = schema.resource_of(node).map_or(FILE, |resource| resource.url.as_str());
            let url = words::joined_url(base, url);
            match schema.resources.iter_mut().find(|resource| resource.node == node) {
                Some(known) => known.url = url,
                None => schema.resources.push(Resource {
                    node,
                    url,
                    anchors: std::collections::BTreeMap::new(),
                    dynamic_anchors: Vec::new(),
                }),
            }
        }
        if draft < Draft::Draft2019 && !fragment.is_empty() && !fragment.starts_with('/') {
            anchors.push(words::percent_decoded(fragment).into_owned());
        }
    }
    if draft >= Draft::Draft2019 {
        anchors.extend(anchor);
    }
    if draft >= Draft::Draft2020 {
        anchors.extend(dynamic.clone());
    }
    let Some(home) = schema.resource_of(node).map(|resource| resource.node) else { return };
    if let Some(home) = schema.resources.iter_mut().find(|resource| resource.node == home) {
        for anchor in anchors {
            home.anchors.entry(anchor).or_insert(node);
        }
        if draft >= Draft::Draft2020 {
            home.dynamic_anchors.extend(dynamic);
        }
    }
}

impl<'s> Checker<'s> {
    fn new(document: &'s Document, draft: Draft) -> Checker<'s> {
        Checker { document, draft, parts: Vec::new(), leaves: Vec::new() }
    }
}

impl Checker<'_> {
    /// Checks a part that only a reference leads to, and all inside of it; returns its number.
    fn look_at_another(&mut self, node: Node, place: &str) -> Result<usize, String> {
        let root = self.parts.len();
        self.enter(node, root, Token::Root, true);
        self.look(root, place).map(|_| root)
    }

    /// Looks at all parts from one on; returns those that have a name of their own. `place` is the first one's.
    fn look(&mut self, first: usize, place: &str) -> Result<Vec<(Node, Keywords)>, String> {
        let mut named: Vec<(Node, Keywords)> = Vec::new();
        let mut at = first;
        while at < self.parts.len() {
            if at > MAX_PARTS {
                return Err("the schema has too many parts".to_owned());
            }
            let inside = self.parts.len();
            let keywords = self.part(at);
            let inside = inside..self.parts.len();
            let Some(part) = self.parts.get_mut(at) else { break };
            part.children = inside;
            if let Some(keywords) = keywords
                && [Keyword::Id, Keyword::IdOfDraft4, Keyword::Anchor, Keyword::DynamicAnchor]
                    .iter()
                    .any(|keyword| keywords.get(*keyword).is_some())
            {
                named.push((part.node, keywords));
            }
            at += 1;
        }
        if self.leaves.is_empty() { Ok(named) } else { Err(self.report(place)) }
    }

    fn part(&mut self, at: usize) -> Option<Keywords> {
        let node = self.parts.get(at)?.node;
        match self.document.kind(node) {
            Kind::Object => {}
            Kind::True | Kind::False if self.draft > Draft::Draft4 => return None,
            Kind::True | Kind::False if self.may_be_boolean(at) => return None,
            _ => {
                let want = if self.draft == Draft::Draft4 { "object" } else { "boolean or object" };
                self.got(at, "", node, want);
                if let Some(leaf) = self.leaves.last_mut() {
                    leaf.is_whole = true;
                }
                return None;
            }
        }
        let keywords = Keywords::of(self.document, node);
        if !keywords.any {
            return None;
        }
        self.applicators(at, &keywords);
        self.assertions(at, &keywords);
        self.annotations(at, &keywords);
        self.refer(at, &keywords);
        Some(keywords)
    }

    /// Notes the references of a part that its draft knows.
    fn refer(&mut self, at: usize, keywords: &Keywords) {
        for (keyword, since) in [
            (Keyword::Ref, Draft::Draft4),
            (Keyword::RecursiveRef, Draft::Draft2019),
            (Keyword::DynamicRef, Draft::Draft2020),
        ] {
            let text = keywords.get(keyword).filter(|_| self.draft >= since);
            if let (Some(text), Some(part)) = (text, self.parts.get_mut(at)) {
                part.references.push(text);
            }
        }
    }

    fn may_be_boolean(&self, at: usize) -> bool {
        self.parts.get(at).is_some_and(|part| {
            matches!(
                part.token,
                Token::Keyword(Keyword::AdditionalItems | Keyword::AdditionalProperties)
            )
        })
    }

    /// Follows the keywords that hold schemas.
    fn applicators(&mut self, at: usize, keywords: &Keywords) {
        use Keyword as K;
        for (keyword, since) in [
            (K::Not, Draft::Draft4),
            (K::AdditionalItems, Draft::Draft4),
            (K::AdditionalProperties, Draft::Draft4),
            (K::Contains, Draft::Draft6),
            (K::PropertyNames, Draft::Draft6),
            (K::If, Draft::Draft7),
            (K::Then, Draft::Draft7),
            (K::Else, Draft::Draft7),
            (K::UnevaluatedItems, Draft::Draft2019),
            (K::UnevaluatedProperties, Draft::Draft2019),
            (K::ContentSchema, Draft::Draft2019),
        ] {
            // The newest metaschema no longer knows `additionalItems`.
            let known = !(keyword == K::AdditionalItems && self.draft == Draft::Draft2020);
            if let Some(node) = keywords.get(keyword).filter(|_| known && self.draft >= since) {
                let is_compiled = match keyword {
                    K::AdditionalItems => {
                        let items = keywords.get(K::Items);
                        items.is_some_and(|items| self.document.kind(items) == Kind::List)
                    }
                    K::Then | K::Else => keywords.get(K::If).is_some(),
                    // Texts that hold documents are not looked into.
                    K::ContentSchema => false,
                    _ => true,
                };
                self.enter(node, at, Token::Keyword(keyword), is_compiled);
            }
        }
        if let Some(node) = keywords.get(K::Items) {
            if self.document.kind(node) == Kind::List && self.draft < Draft::Draft2020 {
                self.enter_list(at, K::Items, node);
            } else {
                self.enter(node, at, Token::Keyword(K::Items), true);
            }
        }
        for (keyword, since) in [
            (K::AllOf, Draft::Draft4),
            (K::AnyOf, Draft::Draft4),
            (K::OneOf, Draft::Draft4),
            (K::PrefixItems, Draft::Draft2020),
        ] {
            if let Some(node) = keywords.get(keyword).filter(|_| self.draft >= since) {
                self.enter_list(at, keyword, node);
            }
        }
        for (keyword, since) in [
            (K::Definitions, Draft::Draft4),
            (K::Defs, Draft::Draft2019),
            (K::Properties, Draft::Draft4),
            (K::PatternProperties, Draft::Draft4),
            (K::Dependencies, Draft::Draft4),
            (K::DependentSchemas, Draft::Draft2019),
        ] {
            let Some(node) = keywords.get(keyword).filter(|_| self.draft >= since) else {
                continue;
            };
            if self.document.kind(node) != Kind::Object {
                self.got(at, keyword.text(), node, "object");
                continue;
            }
            let document = self.document;
            for (name, member) in document.members(node) {
                if keyword == K::PatternProperties && self.draft > Draft::Draft6 {
                    self.pattern(at, keyword.text(), name);
                }
                if keyword == K::Dependencies && document.kind(member) == Kind::List {
                    let name = document.string(name).unwrap_or_default();
                    let path = format!("{}/{}", keyword.text(), escaped(&name));
                    self.strings(at, &path, member);
                    continue;
                }
                let is_compiled = !matches!(keyword, K::Definitions | K::Defs);
                self.enter(member, at, Token::Member(keyword, name), is_compiled);
            }
        }
    }

    fn enter(&mut self, node: Node, parent: usize, token: Token, is_compiled: bool) {
        let (children, references) = (0..0, Vec::new());
        self.parts.push(Part { node, parent, token, is_compiled, children, references });
    }

    fn enter_list(&mut self, at: usize, keyword: Keyword, node: Node) {
        if self.document.kind(node) != Kind::List {
            self.got(at, keyword.text(), node, "array");
            return;
        }
        let document = self.document;
        let mut empty = true;
        for (index, item) in document.items(node).enumerate() {
            empty = false;
            self.enter(item, at, Token::Item(keyword, index), true);
        }
        if empty {
            self.leaf(at, keyword.text(), "minItems: got 0, want 1".to_owned());
        }
    }
}
