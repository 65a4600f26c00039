//! The keywords of one schema object, found in one pass over it.

use super::json::{Document, Node};

macro_rules! keywords {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// A keyword that checks something or leads somewhere.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Keyword { $($name),* }

        impl Keyword {
            fn from_text(text: &str) -> Option<Keyword> {
                match text {
                    $($text => Some(Keyword::$name),)*
                    _ => None,
                }
            }

            /// The keyword as it is written.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Keyword::$name => $text,)*
                }
            }
        }

        const COUNT: usize = [$(Keyword::$name),*].len();
    };
}

keywords! {
    AdditionalItems = "additionalItems",
    AdditionalProperties = "additionalProperties",
    AllOf = "allOf",
    Anchor = "$anchor",
    AnyOf = "anyOf",
    Comment = "$comment",
    Const = "const",
    Contains = "contains",
    ContentEncoding = "contentEncoding",
    ContentMediaType = "contentMediaType",
    ContentSchema = "contentSchema",
    Defs = "$defs",
    Definitions = "definitions",
    Dependencies = "dependencies",
    DependentRequired = "dependentRequired",
    DependentSchemas = "dependentSchemas",
    Deprecated = "deprecated",
    Description = "description",
    DynamicAnchor = "$dynamicAnchor",
    DynamicRef = "$dynamicRef",
    Else = "else",
    Enum = "enum",
    Examples = "examples",
    ExclusiveMaximum = "exclusiveMaximum",
    ExclusiveMinimum = "exclusiveMinimum",
    Format = "format",
    Id = "$id",
    IdOfDraft4 = "id",
    If = "if",
    Items = "items",
    MaxContains = "maxContains",
    MaxItems = "maxItems",
    MaxLength = "maxLength",
    MaxProperties = "maxProperties",
    Maximum = "maximum",
    MinContains = "minContains",
    MinItems = "minItems",
    MinLength = "minLength",
    MinProperties = "minProperties",
    Minimum = "minimum",
    MultipleOf = "multipleOf",
    Not = "not",
    OneOf = "oneOf",
    Pattern = "pattern",
    PatternProperties = "patternProperties",
    PrefixItems = "prefixItems",
    Properties = "properties",
    PropertyNames = "propertyNames",
    ReadOnly = "readOnly",
    RecursiveAnchor = "$recursiveAnchor",
    RecursiveRef = "$recursiveRef",
    Ref = "$ref",
    Required = "required",
    Schema = "$schema",
    Then = "then",
    Title = "title",
    Type = "type",
    UnevaluatedItems = "unevaluatedItems",
    UnevaluatedProperties = "unevaluatedProperties",
    UniqueItems = "uniqueItems",
    Vocabulary = "$vocabulary",
    WriteOnly = "writeOnly",
}

/// The values of the keywords that an object has.
pub(super) struct Keywords {
    values: [Node; COUNT],
    /// Whether there is any member at all, known or not.
    pub(super) any: bool,
}

impl Keywords {
    /// Reads an object; anything else has none.
    pub(super) fn of(document: &Document, node: Node) -> Keywords {
        let mut keywords = Keywords { values: [Node::MAX; COUNT], any: false };
        for (key, value) in document.members(node) {
            keywords.any = true;
            if let Some(keyword) = Keyword::from_text(document.raw(key))
                && let Some(place) = keywords.values.get_mut(keyword as usize)
            {
                *place = value;
            }
        }
        keywords
    }

    /// Returns the value of a keyword.
    pub(super) fn get(&self, keyword: Keyword) -> Option<Node> {
        self.values.get(keyword as usize).copied().filter(|node| *node != Node::MAX)
    }
}
