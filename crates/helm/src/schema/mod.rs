//! `values.schema.json`: whether values fit, in the words helm has for it.
//!
//! Drafts 4, 6, 7, 2019-09 and 2020-12 (2020-12 where `$schema` is missing). The schema is not
//! compiled but read where values lead, which keeps a large schema cheap. Error texts are those of
//! santhosh-tekuri/jsonschema v6, which helm prints; where that library walks a Go map in random
//! order, names are taken in their order here. `$ref` leads to places of the same file only. What helm finds before
//! it looks at any value, `check` finds.

mod check;
mod decimal;
mod formats;
mod json;
mod keywords;
mod pattern;
mod validate;
mod words;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use gotmpl::{Map, Value};
use regex::Regex;

use crate::coalesce::Warnings;
use crate::error::{Error, ErrorKind};
use crate::tree::Node as Chart;
use gotmpl::Data;

use decimal::Decimal;
use json::{Document, Kind, Node};

/// The name that helm gives every schema.
const FILE: &str = "file:///values.schema.json";

/// The versions of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Draft {
    fn from_url(url: &str) -> Option<Draft> {
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let url =
            url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or(url);
        match url {
            _ if !fragment.is_empty() => None,
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => {
                Some(Draft::Draft2020)
            }
            "json-schema.org/draft/2019-09/schema" => Some(Draft::Draft2019),
            "json-schema.org/draft-07/schema" => Some(Draft::Draft7),
            "json-schema.org/draft-06/schema" => Some(Draft::Draft6),
            "json-schema.org/draft-04/schema" => Some(Draft::Draft4),
            _ => None,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Draft::Draft4 => "http://json-schema.org/draft-04/schema",
            Draft::Draft6 => "http://json-schema.org/draft-06/schema",
            Draft::Draft7 => "http://json-schema.org/draft-07/schema",
            Draft::Draft2019 => "https://json-schema.org/draft/2019-09/schema",
            Draft::Draft2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    fn id_keyword(self) -> &'static str {
        if self == Draft::Draft4 { "id" } else { "$id" }
    }
}

/// A part of the document with an address of its own.
#[derive(Clone, Debug)]
struct Resource {
    node: Node,
    url: String,
    anchors: BTreeMap<String, Node>,
    dynamic_anchors: Vec<String>,
}

/// Where the references lead that are reached from the root, by the node of their text; `None` allows all.
type Targets = HashMap<Node, Option<Node>>;

/// A parsed and checked schema.
#[derive(Debug)]
pub(crate) struct Schema {
    document: Document,
    draft: Draft,
    /// In the order of the document; the root is the first.
    resources: Vec<Resource>,
    targets: Targets,
    patterns: Mutex<BTreeMap<Node, Option<Arc<Regex>>>>,
}

impl Schema {
    /// Parses and checks a schema; the error is in helm's words.
    pub(crate) fn parse(text: &Data) -> Result<Schema, String> {
        let document = Document::parse(text)?;
        let declared = document.get(Document::ROOT, "$schema");
        let declared = declared.and_then(|node| document.string(node));
        let draft = match &declared {
            None => Draft::Draft2020,
            Some(url) => Draft::from_url(url).ok_or_else(|| {
                format!("failing loading {url:?}: schemas outside the chart are not read")
            })?,
        };
        let root = Resource {
            node: Document::ROOT,
            url: FILE.to_owned(),
            anchors: BTreeMap::new(),
            dynamic_anchors: Vec::new(),
        };
        let mut schema = Schema {
            document,
            draft,
            resources: vec![root],
            targets: Targets::new(),
            patterns: Mutex::default(),
        };
        check::check(&mut schema)?;
        Ok(schema)
    }

    /// Returns the resource that a node belongs to: the innermost that holds it.
    fn resource_of(&self, node: Node) -> Option<&Resource> {
        self.resources
            .iter()
            .rev()
            .find(|resource| self.document.holds(resource.node, node))
            .or_else(|| self.resources.first())
    }

    /// Returns the address of a node: the way to it from the root.
    fn place(&self, node: Node) -> String {
        let mut place = format!("{FILE}#");
        let mut at = Document::ROOT;
        while at != node {
            let member = self
                .document
                .members(at)
                .find(|(_, member)| self.document.holds(*member, node))
                .map(|(name, member)| (self.document.string(name).unwrap_or_default(), member));
            let step = member.or_else(|| {
                let mut items = self.document.items(at).enumerate();
                let (index, item) = items.find(|(_, item)| self.document.holds(*item, node))?;
                Some((Cow::Owned(index.to_string()), item))
            });
            let Some((name, next)) = step else { break };
            place.push_str(&format!("/{}", words::escaped(&name)));
            at = next;
        }
        place
    }

    /// Returns the regular expression that a string of the schema holds.
    fn pattern(&self, node: Node) -> Option<Arc<Regex>> {
        let lock = || self.patterns.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(&node) {
            return known.clone();
        }
        let text = self.document.string(node).unwrap_or(Cow::Borrowed(""));
        let compiled = Regex::new(&pattern::translate(&text)).ok().map(Arc::new);
        lock().insert(node, compiled.clone());
        compiled
    }
}

/// Checks the values of a chart and of all charts below it.
pub(crate) fn validate(
    root: &Chart<'_>,
    values: &Map,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    let mut words = String::new();
    chart(root, values, &mut words, warnings);
    if words.is_empty() {
        return Ok(());
    }
    let message = format!(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n{words}"
    );
    Err(Error::new(ErrorKind::Schema, message))
}

fn chart(node: &Chart<'_>, values: &Map, words: &mut String, warnings: &mut Warnings) {
    if let Some(schema) = node.chart.schema() {
        let result = match schema {
            Ok(schema) => validate::validate(schema, &Value::Map(values.clone()), warnings),
            Err(error) => Err(error.to_owned()),
        };
        if let Err(error) = result {
            words.push_str(&node.name);
            words.push_str(":\n");
            words.push_str(&error);
        }
    }
    for child in &node.children {
        match values.get(child.name.as_bytes()) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(below)) => chart(child, &below, words, warnings),
            Some(other) => {
                let got = other.type_name();
                words.push_str(&format!(
                    "{}:\ninvalid type for values: expected object (map), got {got}\n",
                    child.name
                ));
            }
        }
    }
}
