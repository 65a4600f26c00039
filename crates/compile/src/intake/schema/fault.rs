//! What a file says against its schema, before it is put into words.

use yaml::Span;

use super::{RuleId, Type};

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Where.
    pub(crate) span: Span,
    /// The field in words a person can find: `apps[3].replicas`; empty for the whole file.
    pub(crate) field: String,
    /// What.
    pub(crate) kind: FaultKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FaultKind {
    /// A field that the schema does not have; the span is the key's.
    UnknownField {
        /// The name as written.
        name: String,
        /// The rule of the map it stands in.
        rule: RuleId,
    },
    /// A value of the wrong type.
    WrongType {
        /// What would be right.
        wanted: Vec<Type>,
        /// What it is.
        found: &'static str,
        /// A rule that says more about what is right.
        rule: RuleId,
    },
    /// A field that must be there.
    MissingField {
        /// Its name.
        name: String,
        /// The rule of the map it is missing from.
        rule: RuleId,
        /// The field that makes it necessary, if it is not always.
        because: Option<String>,
    },
    /// None of the values that are allowed.
    NotAllowed {
        /// The values, as they are typed.
        allowed: Vec<String>,
    },
    /// A value out of form.
    Form(Form),
    /// A part that is not built yet.
    NotYet {
        /// What to do meanwhile.
        meanwhile: String,
    },
    /// A key that stands twice; the span is the second one's.
    DuplicateKey {
        /// The first one.
        first: Span,
    },
    /// An item that stands twice in a list of different ones.
    DuplicateItem {
        /// The first one.
        first: Span,
    },
    /// Fields of which exactly one is needed.
    ExactlyOne {
        /// Their names.
        names: Vec<String>,
        /// Those that are there.
        present: Vec<String>,
    },
    /// Fields of which at least one is needed.
    AtLeastOne {
        /// Their names.
        names: Vec<String>,
    },
    /// Fields that exclude one another.
    Excludes {
        /// Their names.
        names: Vec<String>,
    },
    /// A key of the wrong form; the span is the key's.
    KeyForm(Form),
    /// A key that is no text.
    KeyType,
    /// A key or text with a letter that cannot be kept.
    Unprintable {
        /// The first one.
        letter: char,
    },
}

/// How a value is out of form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// It does not match a pattern.
    Pattern(String),
    /// It matches a pattern that it must not.
    NotPattern(String),
    /// Shorter than so many characters.
    TooShort(u64),
    /// Longer than so many characters.
    TooLong(u64),
    /// Fewer items.
    TooFew(u64),
    /// More items.
    TooMany(u64),
    /// Below.
    Below(f64),
    /// Above.
    Above(f64),
    /// Not above.
    NotAbove(f64),
}
