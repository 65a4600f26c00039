//! The fields of Kubernetes' own kinds, converted from its OpenAPI documents.
//!
//! In: the folder of `kubernetes-validate` (PyPI) that has one `_definitions.json` per version of
//! Kubernetes. Out: `crates/manifest/data/kubernetes-fields.txt`, the union of the versions: a field
//! that any of them has is there, and one is required where all of them want it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value};

/// The versions that are conformed to, oldest first.
const VERSIONS: [&str; 5] = ["1.33", "1.34", "1.35", "1.36", "1.37"];
const OUT: &str = "crates/manifest/data/kubernetes-fields.txt";

/// A type: its fields by name.
type Fields = BTreeMap<String, Field>;

#[derive(Default)]
struct Field {
    shape: String,
    required: usize,
    versions: usize,
}

/// What was read of all versions.
#[derive(Default)]
struct Union {
    /// Group and version, kind; name of its type.
    kinds: BTreeMap<(String, String), String>,
    types: BTreeMap<String, (Fields, usize)>,
}

/// Converts the documents below `folder`.
pub(crate) fn run(folder: &str) -> Result<()> {
    let mut union = Union::default();
    for version in VERSIONS {
        let path = Path::new(folder).join(format!("v{version}.0-local/_definitions.json"));
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let document: Value = serde_json::from_str(&text)?;
        let types = document.get("$defs").and_then(Value::as_object);
        union.add(types.ok_or_else(|| anyhow!("{} has no $defs", path.display()))?);
    }
    fs::write(OUT, union.text()).with_context(|| format!("writing {OUT}"))
}

impl Union {
    fn add(&mut self, types: &Map<String, Value>) {
        let mut waiting: Vec<String> = Vec::new();
        for (name, schema) in types {
            let metadata = &schema["properties"]["metadata"]["$ref"];
            if !metadata.as_str().is_some_and(|target| target.ends_with(".ObjectMeta")) {
                continue;
            }
            for kind in schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let text = |key: &str| kind[key].as_str().unwrap_or_default();
                let group = match text("group") {
                    "" => text("version").to_owned(),
                    group => format!("{group}/{}", text("version")),
                };
                self.kinds.insert((group, text("kind").to_owned()), name.clone());
                waiting.push(name.clone());
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let schema = &types[&name];
            let (fields, versions) = self.types.entry(name).or_default();
            *versions += 1;
            let required = schema["required"].as_array().into_iter().flatten();
            let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                let entry = fields.entry(field.clone()).or_default();
                // What a controller writes is nobody's to get wrong.
                entry.shape = match field.as_str() {
                    "status" | "managedFields" => "o".to_owned(),
                    _ => shape(schema, types, &mut waiting),
                };
                entry.versions += 1;
                entry.required += usize::from(required.contains(field.as_str()));
            }
        }
    }

    fn text(&self) -> String {
        let numbers: BTreeMap<&str, usize> =
            self.types.keys().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
        let mut out = format!(
            "# The fields of the kinds of Kubernetes {} to {}, converted from its OpenAPI documents\n\
             # (Apache-2.0, Copyright The Kubernetes Authors) by `cargo xtask kubernetes-fields`.\n",
            VERSIONS.first().unwrap_or(&""),
            VERSIONS.last().unwrap_or(&"")
        );
        for ((group, kind), name) in &self.kinds {
            let _ = writeln!(out, "k {group} {kind} {}", numbers.get(name.as_str()).unwrap_or(&0));
        }
        for (fields, versions) in self.types.values() {
            out.push('t');
            for (name, field) in fields {
                let required = if field.required == *versions { "!" } else { "" };
                let (marks, target) = match field.shape.split_once('#') {
                    Some((marks, target)) => (marks, numbers.get(target)),
                    None => (field.shape.as_str(), None),
                };
                let target = target.map(|number| format!("#{number}")).unwrap_or_default();
                let _ = write!(out, " {name}{required}={marks}{target}");
            }
            out.push('\n');
        }
        out
    }
}

/// Returns the letter of a schema, with the name of a type where it is one that has fields.
fn shape(schema: &Value, types: &Map<String, Value>, waiting: &mut Vec<String>) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let target = &types[name];
        if target["properties"].is_object() {
            waiting.push(name.to_owned());
            return format!("#{name}");
        }
        return match name.rsplit('.').next().unwrap_or_default() {
            "IntOrString" => "p".to_owned(),
            "Quantity" => "q".to_owned(),
            _ => shape(target, types, waiting),
        };
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.as_str(),
        Value::Array(kinds) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    };
    match kind {
        "string" if schema["format"] == "byte" => "y".to_owned(),
        "string" => "s".to_owned(),
        "integer" => "i".to_owned(),
        "number" => "n".to_owned(),
        "boolean" => "b".to_owned(),
        "array" => format!("[{}", shape(&schema["items"], types, waiting)),
        "object" if schema["additionalProperties"].is_object() => {
            format!("{{{}", shape(&schema["additionalProperties"], types, waiting))
        }
        _ => "o".to_owned(),
    }
}
