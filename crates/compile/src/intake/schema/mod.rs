//! The JSON Schemas of mainstay's own files, and what a file says against them.
//!
//! The schemas in `/schemas` are the single truth; they are embedded and compiled once into
//! [`Rule`]s. Only the keywords that they use are known, and a schema with another one is an error
//! that a test finds. In: a spanned tree. Out: [`Fault`]s, each with its span; `intake::codes`
//! makes diagnostics of them. Never reads files, and never says anything about sense.

mod compile;
mod fault;
mod validate;
pub(crate) mod words;

use std::sync::OnceLock;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::Value;

pub(crate) use fault::{Fault, FaultKind, Form};
pub(crate) use validate::validate;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Schema {
    /// All rules; the first is the root's.
    pub(crate) rules: Vec<Rule>,
}

/// Number of a rule in its schema.
pub(crate) type RuleId = usize;

/// What a value must be. Keywords that are not written ask for nothing.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    /// `$ref`.
    pub(crate) reference: Option<RuleId>,
    /// `type`.
    pub(crate) types: Vec<Type>,
    /// `const`, or the values of `enum`.
    pub(crate) values: Option<Vec<Value>>,
    /// `properties`.
    pub(crate) properties: IndexMap<String, RuleId>,
    /// `required`.
    pub(crate) required: Vec<String>,
    /// `dependentRequired`.
    pub(crate) dependent: IndexMap<String, Vec<String>>,
    /// `additionalProperties`.
    pub(crate) additional: Additional,
    /// `propertyNames`.
    pub(crate) names: Option<RuleId>,
    /// `items`.
    pub(crate) items: Option<RuleId>,
    /// `minItems` and `maxItems`.
    pub(crate) item_count: (Option<u64>, Option<u64>),
    /// `uniqueItems`.
    pub(crate) unique: bool,
    /// `pattern`.
    pub(crate) pattern: Option<Regex>,
    /// `minLength` and `maxLength`, in characters.
    pub(crate) length: (Option<u64>, Option<u64>),
    /// `minimum` and `maximum`.
    pub(crate) range: (Option<f64>, Option<f64>),
    /// `exclusiveMinimum`.
    pub(crate) above: Option<f64>,
    /// `oneOf`.
    pub(crate) one_of: Vec<RuleId>,
    /// `anyOf`.
    pub(crate) any_of: Vec<RuleId>,
    /// `allOf`.
    pub(crate) all_of: Vec<RuleId>,
    /// `not`.
    pub(crate) not: Option<RuleId>,
    /// `description`.
    pub(crate) description: String,
    /// `x-mainstay-instead`: a name that somebody may type, and where its value belongs.
    pub(crate) instead: IndexMap<String, String>,
    /// `x-mainstay-not-yet`: what to do meanwhile.
    pub(crate) not_yet: Option<String>,
    /// `x-mainstay-not-yet-values`: the same for single values.
    pub(crate) not_yet_values: IndexMap<String, String>,
}

/// `additionalProperties`.
#[derive(Debug, Default)]
pub(crate) enum Additional {
    /// Any.
    #[default]
    Free,
    /// None.
    Forbidden,
    /// Those of a rule.
    Rule(RuleId),
}

/// A type of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// A mapping.
    Object,
    /// A sequence.
    Array,
    /// A text.
    String,
    /// A number without fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

/// A file that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `deployed_apps.json`.
    Payload,
    /// `mainstay.yaml`.
    Spec,
    /// `config/app-config.yaml`.
    AppConfig,
    /// `dispatch.json`; the payload in it has a schema of its own.
    Dispatch,
}

impl Kind {
    /// Returns the text of the schema.
    pub fn schema_text(self) -> &'static str {
        match self {
            Kind::Payload => include_str!("../../../../../schemas/deployed_apps.schema.json"),
            Kind::Spec => include_str!("../../../../../schemas/mainstay.schema.json"),
            Kind::AppConfig => include_str!("../../../../../schemas/app-config.schema.json"),
            Kind::Dispatch => include_str!("../../../../../schemas/dispatch.json"),
        }
    }

    pub(crate) fn schema(self) -> &'static Schema {
        static SCHEMAS: [OnceLock<Schema>; 4] = [const { OnceLock::new() }; 4];
        let slot = match self {
            Kind::Payload => &SCHEMAS[0],
            Kind::Spec => &SCHEMAS[1],
            Kind::AppConfig => &SCHEMAS[2],
            Kind::Dispatch => &SCHEMAS[3],
        };
        slot.get_or_init(|| {
            compile::compile(self.schema_text())
                .expect("because the embedded schemas are compiled in a test")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_of_every_schema_is_known() {
        for kind in [Kind::Payload, Kind::Spec, Kind::AppConfig, Kind::Dispatch] {
            let schema = compile::compile(kind.schema_text()).unwrap();
            for rule in &schema.rules {
                if let Some(pattern) = &rule.pattern {
                    let words = words::pattern(pattern.as_str());
                    assert!(words.is_some(), "no words for the pattern {pattern}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_keyword_is_an_error() {
        assert!(compile::compile(r#"{"contains": {}}"#).is_err());
    }
}
