//! Whether a schema is one: the checks of the metaschemas, and the addresses it gives its parts.
//!
//! The metaschemas themselves would cost more than the whole rendering, so that their rules stand
//! here as code. Sources: the metaschemas of drafts 4, 6, 7, 2019-09 and 2020-12.

mod annotations;
mod references;

use std::ops::Range;

use super::decimal::Decimal;
use super::json::{Document, Kind, Node};
use super::keywords::{Keyword, Keywords};
use super::words::{escaped, quote};
use super::{Draft, FILE, Resource, Schema, formats, words};

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

    /// Checks the types of all other keywords.
    fn assertions(&mut self, at: usize, keywords: &Keywords) {
        use Keyword as K;
        for keyword in [
            K::MaxLength,
            K::MinLength,
            K::MaxItems,
            K::MinItems,
            K::MaxProperties,
            K::MinProperties,
            K::MinContains,
            K::MaxContains,
        ] {
            let known = !matches!(keyword, K::MinContains | K::MaxContains)
                || self.draft >= Draft::Draft2019;
            if let Some(node) = keywords.get(keyword).filter(|_| known) {
                self.count(at, keyword, node);
            }
        }
        for keyword in
            [K::Maximum, K::Minimum, K::MultipleOf, K::ExclusiveMaximum, K::ExclusiveMinimum]
        {
            let Some(node) = keywords.get(keyword) else { continue };
            let is_flag = self.draft == Draft::Draft4
                && matches!(keyword, K::ExclusiveMaximum | K::ExclusiveMinimum);
            if is_flag {
                self.boolean(at, keyword, node);
                continue;
            }
            if self.document.kind(node) != Kind::Number {
                self.got(at, keyword.text(), node, "number");
                continue;
            }
            let number = Decimal::parse(self.document.raw(node));
            if keyword == K::MultipleOf
                && let Some(number) = number.filter(|number| number.float() <= 0.0)
            {
                let words =
                    format!("exclusiveMinimum: got {}, want 0", words::float(number.float()));
                self.leaf(at, keyword.text(), words);
            }
        }
        for keyword in [K::UniqueItems, K::RecursiveAnchor] {
            let known = keyword == K::UniqueItems || self.draft == Draft::Draft2019;
            if let Some(node) = keywords.get(keyword).filter(|_| known) {
                self.boolean(at, keyword, node);
            }
        }
        for keyword in [K::Pattern, K::Format, K::Ref, K::Id, K::Anchor, K::DynamicRef] {
            let known = match keyword {
                K::Id => self.draft > Draft::Draft4,
                K::Anchor => self.draft >= Draft::Draft2019,
                K::DynamicRef => self.draft >= Draft::Draft2020,
                _ => true,
            };
            let Some(node) = keywords.get(keyword).filter(|_| known) else { continue };
            if !matches!(self.document.kind(node), Kind::String | Kind::Escaped) {
                self.got(at, keyword.text(), node, "string");
            } else if keyword == K::Pattern {
                self.pattern(at, keyword.text(), node);
            }
        }
        if let Some(node) = keywords.get(K::Required) {
            self.strings(at, K::Required.text(), node);
        }
        if let Some(node) = keywords.get(K::DependentRequired)
            && self.draft >= Draft::Draft2019
        {
            self.dependent_required(at, node);
        }
        if let Some(node) = keywords.get(K::Enum) {
            if self.document.kind(node) != Kind::List {
                self.got(at, K::Enum.text(), node, "array");
            } else if self.draft < Draft::Draft2019 && self.document.items(node).next().is_none() {
                self.leaf(at, K::Enum.text(), "minItems: got 0, want 1".to_owned());
            }
        }
        if let Some(node) = keywords.get(K::Type) {
            self.types(at, node);
        }
    }

    fn count(&mut self, at: usize, keyword: Keyword, node: Node) {
        let number = Decimal::parse(self.document.raw(node))
            .filter(|_| self.document.kind(node) == Kind::Number);
        let words = match number {
            Some(number) if number.is_integer() && number.float() >= 0.0 => return,
            Some(number) if number.is_integer() => {
                format!("minimum: got {}, want 0", words::float(number.float()))
            }
            _ => format!("got {}, want integer", kind_name(self.document, node)),
        };
        // The older metaschemas put the default of the least counts beside the rule, in an `allOf`.
        let has_default =
            matches!(keyword, Keyword::MinLength | Keyword::MinItems | Keyword::MinProperties);
        let path = keyword.text();
        self.leaf(at, path, words);
        if let Some(leaf) = self.leaves.last_mut()
            && has_default
            && self.draft < Draft::Draft2019
        {
            let words = std::mem::replace(&mut leaf.words, "'allOf' failed".to_owned());
            leaf.causes.push((path.to_owned(), words));
        }
    }

    fn boolean(&mut self, at: usize, keyword: Keyword, node: Node) {
        if self.document.boolean(node).is_none() {
            self.got(at, keyword.text(), node, "boolean");
        }
    }

    fn pattern(&mut self, at: usize, path: &str, node: Node) {
        let text = self.document.string(node).unwrap_or_default();
        if let Err(reason) = formats::regex(&text) {
            let words = format!("{} is not valid regex: {reason}", quote(&text));
            self.leaf(at, path, words);
        }
    }

    fn strings(&mut self, at: usize, path: &str, node: Node) {
        if self.document.kind(node) != Kind::List {
            self.got(at, path, node, "array");
            return;
        }
        let document = self.document;
        let mut seen: Vec<std::borrow::Cow<'_, str>> = Vec::new();
        for (index, item) in document.items(node).enumerate() {
            let Some(text) = document.string(item) else {
                self.got(at, &format!("{path}/{index}"), item, "string");
                continue;
            };
            if let Some(same) = seen.iter().position(|known| *known == text) {
                self.leaf(at, path, format!("items at {same} and {index} are equal"));
            }
            seen.push(text);
        }
        if seen.is_empty() && self.draft == Draft::Draft4 {
            self.leaf(at, path, "minItems: got 0, want 1".to_owned());
        }
    }

    fn dependent_required(&mut self, at: usize, node: Node) {
        let path = Keyword::DependentRequired.text();
        if self.document.kind(node) != Kind::Object {
            self.got(at, path, node, "object");
            return;
        }
        let document = self.document;
        for (name, member) in document.members(node) {
            let name = document.string(name).unwrap_or_default();
            self.strings(at, &format!("{path}/{}", escaped(&name)), member);
        }
    }

    fn types(&mut self, at: usize, node: Node) {
        const SIMPLE: &str = "value must be one of 'array', 'boolean', 'integer', 'null', \
                              'number', 'object', 'string'";
        let path = Keyword::Type.text();
        let document = self.document;
        let is_simple = |node: Node| {
            document.string(node).is_some_and(|name| {
                ["array", "boolean", "integer", "null", "number", "object", "string"]
                    .contains(&&*name)
            })
        };
        if is_simple(node) {
            return;
        }
        let mut causes = vec![(path.to_owned(), SIMPLE.to_owned())];
        if document.kind(node) == Kind::List {
            let items: Vec<Node> = document.items(node).collect();
            if items.is_empty() {
                causes.push((path.to_owned(), "minItems: got 0, want 1".to_owned()));
            }
            for (index, item) in items.iter().enumerate() {
                if !is_simple(*item) {
                    causes.push((format!("{path}/{index}"), SIMPLE.to_owned()));
                }
                let raw = document.raw(*item);
                let same = items.iter().take(index).position(|other| document.raw(*other) == raw);
                if let Some(same) = same {
                    let words = format!("items at {same} and {index} are equal");
                    causes.push((path.to_owned(), words));
                }
            }
            if causes.len() == 1 {
                return;
            }
        } else {
            let words = format!("got {}, want array", kind_name(document, node));
            causes.push((path.to_owned(), words));
        }
        let words = "'anyOf' failed".to_owned();
        self.leaves.push(Leaf { part: at, path: path.to_owned(), words, causes, is_whole: false });
    }

    fn got(&mut self, at: usize, path: &str, node: Node, want: &str) {
        let words = format!("got {}, want {want}", kind_name(self.document, node));
        self.leaf(at, path, words);
    }

    fn leaf(&mut self, part: usize, path: &str, words: String) {
        self.leaves.push(Leaf {
            part,
            path: path.to_owned(),
            words,
            causes: Vec::new(),
            is_whole: false,
        });
    }

    /// Returns the parts that lead to one, outermost first.
    fn chain(&self, mut at: usize) -> Vec<usize> {
        let mut chain = vec![at];
        while let Some(parent) = self.parts.get(at).map(|part| part.parent).filter(|it| *it != at) {
            at = parent;
            chain.push(at);
        }
        chain.reverse();
        chain
    }

    fn pointer(&self, chain: &[usize]) -> String {
        let mut pointer = String::new();
        for part in chain.iter().filter_map(|at| self.parts.get(*at)) {
            match part.token {
                Token::Root => {}
                Token::Keyword(keyword) => pointer.push_str(&format!("/{}", keyword.text())),
                Token::Item(keyword, at) => pointer.push_str(&format!("/{}/{at}", keyword.text())),
                Token::Member(keyword, name) => {
                    let name = self.document.string(name).unwrap_or_default();
                    pointer.push_str(&format!("/{}/{}", keyword.text(), escaped(&name)));
                }
            }
        }
        pointer
    }

    /// Says what is wrong, as validation against the metaschema would.
    fn report(&self, place: &str) -> String {
        let mut output = format!(
            "\"{place}\" is not valid against metaschema: jsonschema validation failed with '{}#'",
            self.draft.url()
        );
        let mut line = |depth: usize, pointer: &str, words: &str| {
            output.push_str(&format!("\n{}- at {}: {words}", "  ".repeat(depth), quote(pointer)));
        };
        let mut before: Vec<usize> = Vec::new();
        for leaf in &self.leaves {
            let chain = self.chain(leaf.part);
            let mut depth = 0;
            if self.draft >= Draft::Draft2019 {
                // Each level of the newer metaschemas is an `allOf` of vocabularies.
                let levels = chain.len() - usize::from(leaf.is_whole);
                for (level, part) in chain.iter().enumerate().take(levels) {
                    if before.get(level) != Some(part) {
                        let pointer = self.pointer(chain.get(..=level).unwrap_or_default());
                        line(level, &pointer, "'allOf' failed");
                    }
                }
                depth = levels;
            }
            let home = self.pointer(&chain);
            let place = |path: &str| {
                if path.is_empty() { home.clone() } else { format!("{home}/{path}") }
            };
            line(depth, &place(&leaf.path), &leaf.words);
            for (path, words) in &leaf.causes {
                line(depth + 1, &place(path), words);
            }
            before = chain;
        }
        output
    }
}

fn kind_name(document: &Document, node: Node) -> &'static str {
    match document.kind(node) {
        Kind::Null => "null",
        Kind::False | Kind::True => "boolean",
        Kind::Number => "number",
        Kind::String | Kind::Escaped => "string",
        Kind::List => "array",
        Kind::Object => "object",
    }
}
