//! What the keywords of one schema must be: kinds, ranges, patterns, types.

use super::super::decimal::Decimal;
use super::super::json::{Document, Kind, Node};
use super::super::keywords::{Keyword, Keywords};
use super::super::words::{escaped, quote};
use super::super::{Draft, formats, words};
use super::{Checker, Leaf};

impl Checker<'_> {
    /// Checks the types of all other keywords.
    pub(super) fn assertions(&mut self, at: usize, keywords: &Keywords) {
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

    pub(super) fn pattern(&mut self, at: usize, path: &str, node: Node) {
        let text = self.document.string(node).unwrap_or_default();
        if let Err(reason) = formats::regex(&text) {
            let words = format!("{} is not valid regex: {reason}", quote(&text));
            self.leaf(at, path, words);
        }
    }

    pub(super) fn strings(&mut self, at: usize, path: &str, node: Node) {
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

    pub(super) fn got(&mut self, at: usize, path: &str, node: Node, want: &str) {
        let words = format!("got {}, want {want}", kind_name(self.document, node));
        self.leaf(at, path, words);
    }

    pub(super) fn leaf(&mut self, part: usize, path: &str, words: String) {
        self.leaves.push(Leaf {
            part,
            path: path.to_owned(),
            words,
            causes: Vec::new(),
            is_whole: false,
        });
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
