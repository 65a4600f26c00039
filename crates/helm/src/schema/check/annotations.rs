//! What the metaschemas say of keywords that check nothing, and of names.
//!
//! Sources: the metaschemas of drafts 4, 6, 7, 2019-09 and 2020-12, as santhosh-tekuri/jsonschema v6 carries them.

use super::super::keywords::{Keyword, Keywords};
use super::super::words::quote;
use super::super::{Decimal, Document, Draft, Kind, Node};
use super::Checker;

/// The type that a keyword wants.
#[derive(Clone, Copy)]
enum Want {
    Text,
    Truth,
    List,
    Map,
}

impl Checker<'_> {
    /// Checks the keywords of a part that only say something about it, or name it.
    pub(super) fn annotations(&mut self, at: usize, keywords: &Keywords) {
        use Keyword as K;
        for (keyword, since, want) in [
            (K::Title, Draft::Draft4, Want::Text),
            (K::Description, Draft::Draft4, Want::Text),
            (K::Schema, Draft::Draft4, Want::Text),
            (K::Comment, Draft::Draft7, Want::Text),
            (K::Examples, Draft::Draft7, Want::List),
            (K::ReadOnly, Draft::Draft7, Want::Truth),
            (K::WriteOnly, Draft::Draft7, Want::Truth),
            (K::ContentEncoding, Draft::Draft7, Want::Text),
            (K::ContentMediaType, Draft::Draft7, Want::Text),
            (K::Deprecated, Draft::Draft2019, Want::Truth),
            (K::RecursiveRef, Draft::Draft2019, Want::Text),
            (K::DynamicAnchor, Draft::Draft2020, Want::Text),
            (K::Vocabulary, Draft::Draft2019, Want::Map),
        ] {
            let Some(node) = keywords.get(keyword).filter(|_| self.draft >= since) else {
                continue;
            };
            let (fits, name) = match (want, self.document.kind(node)) {
                (Want::Text, kind) => (matches!(kind, Kind::String | Kind::Escaped), "string"),
                (Want::Truth, kind) => (matches!(kind, Kind::True | Kind::False), "boolean"),
                (Want::List, kind) => (kind == Kind::List, "array"),
                (Want::Map, kind) => (kind == Kind::Object, "object"),
            };
            if !fits {
                self.got(at, keyword.text(), node, name);
            }
        }
        self.names(at, keywords);
        if self.draft == Draft::Draft4 {
            self.bounds_of_draft4(at, keywords);
        }
        if self.draft < Draft::Draft2019 {
            self.repeated_values(at, keywords);
        }
    }

    /// Checks how parts may be called.
    fn names(&mut self, at: usize, keywords: &Keywords) {
        use Keyword as K;
        if self.draft == Draft::Draft4 {
            if let Some(node) = keywords.get(K::IdOfDraft4)
                && self.document.string(node).is_none()
            {
                self.got(at, K::IdOfDraft4.text(), node, "string");
            }
            return;
        }
        if self.draft < Draft::Draft2019 {
            return;
        }
        let is_newest = self.draft == Draft::Draft2020;
        let anchor =
            if is_newest { "^[A-Za-z_][-A-Za-z0-9._]*$" } else { "^[A-Za-z][-A-Za-z0-9.:_]*$" };
        let is_anchor = |text: &str| {
            let first = |c: char| c.is_ascii_alphabetic() || (is_newest && c == '_');
            let rest = |c: char| {
                c.is_ascii_alphanumeric()
                    || matches!(c, '-' | '.' | '_')
                    || (!is_newest && c == ':')
            };
            text.starts_with(first) && text.chars().all(rest)
        };
        let is_address = |text: &str| !text.strip_suffix('#').unwrap_or(text).contains('#');
        for keyword in [K::Anchor, K::DynamicAnchor, K::Id] {
            let pattern = if keyword == K::Id { "^[^#]*#?$" } else { anchor };
            let known = keyword != K::DynamicAnchor || is_newest;
            let text = keywords.get(keyword).filter(|_| known);
            let text = text.and_then(|node| self.document.string(node));
            let fits =
                |text: &str| if keyword == K::Id { is_address(text) } else { is_anchor(text) };
            if let Some(text) = text.filter(|text| !fits(text)) {
                let words = format!("{} does not match pattern '{pattern}'", quote(&text));
                self.leaf(at, keyword.text(), words);
            }
        }
    }

    /// In draft 4 a flag says that a bound is exclusive, so that there must be one.
    fn bounds_of_draft4(&mut self, at: usize, keywords: &Keywords) {
        use Keyword as K;
        for (flag, bound) in [(K::ExclusiveMaximum, K::Maximum), (K::ExclusiveMinimum, K::Minimum)]
        {
            if keywords.get(flag).is_some() && keywords.get(bound).is_none() {
                let (flag, bound) = (flag.text(), bound.text());
                self.leaf(at, "", format!("properties '{bound}' required, if '{flag}' exists"));
            }
        }
    }

    /// The values of an `enum` differ, in the older drafts.
    fn repeated_values(&mut self, at: usize, keywords: &Keywords) {
        let Some(list) = keywords.get(Keyword::Enum) else { return };
        let items: Vec<Node> = self.document.items(list).collect();
        for (index, item) in items.iter().enumerate() {
            let known = items.iter().take(index);
            let same = known.into_iter().position(|known| is_same(self.document, *known, *item));
            if let Some(same) = same {
                let words = format!("items at {same} and {index} are equal");
                self.leaf(at, Keyword::Enum.text(), words);
                return;
            }
        }
    }
}

/// Whether two values of a schema are equal; lists and maps only where they are written alike.
fn is_same(document: &Document, a: Node, b: Node) -> bool {
    match (document.kind(a), document.kind(b)) {
        (Kind::Number, Kind::Number) => {
            let number = |node| Some(Decimal::parse(document.raw(node))?.float());
            document.raw(a) == document.raw(b) || number(a) == number(b)
        }
        (Kind::String | Kind::Escaped, Kind::String | Kind::Escaped) => {
            document.string(a) == document.string(b)
        }
        (a_kind, b_kind) => a_kind == b_kind && document.raw(a) == document.raw(b),
    }
}
