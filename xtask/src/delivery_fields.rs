//! The fields of Flux's objects and of Argo CD's AppProject, converted from their definitions.
//!
//! In: CustomResourceDefinitions, as their projects publish them (`config/crd/bases` of Flux's controllers,
//! `manifests/crds/appproject-crd.yaml` of Argo CD), in the order in which they shall stand. Out: the table
//! `crates/compile/src/delivery/fields.txt`, below the comment that it begins with. Of each definition the
//! version that is stored is taken, and of it what a person writes: `spec`.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use manifest::Object;
use yaml::Value;

const OUT: &str = "crates/compile/src/delivery/fields.txt";

/// Converts the definitions in `files`.
pub(crate) fn run(files: &[&str]) -> Result<()> {
    let before = fs::read_to_string(OUT).with_context(|| format!("reading {OUT}"))?;
    let mut out: String = before.lines().take_while(|line| line.starts_with('#')).fold(
        String::new(),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    );
    for file in files {
        let text = fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
        let objects = manifest::read(&text, file).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        for object in &objects {
            definition(object, &mut out).with_context(|| format!("{file} is no definition"))?;
        }
    }
    fs::write(OUT, out).with_context(|| format!("writing {OUT}"))
}

fn definition(object: &Object, out: &mut String) -> Option<()> {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str);
    let (group, kind) = (text(&["spec", "group"])?, text(&["spec", "names", "kind"])?);
    let Value::List(versions) = object.at(&["spec", "versions"])? else { return None };
    let stored = versions.iter().find(|it| it.get("storage") == Some(&Value::Bool(true)))?;
    let name = stored.get("name")?.as_str()?;
    let schema = stored.get("schema")?.get("openAPIV3Schema")?;
    let _ = writeln!(out, "{group}/{name} {kind}");
    let spec = schema.get("properties")?.get("spec")?;
    field("spec", spec, is_required(schema, "spec", spec), 1, out);
    Some(())
}

/// Writes a field, and those below it.
fn field(name: &str, schema: &Value, required: bool, depth: usize, out: &mut String) {
    let mut shape = String::new();
    let inner = shape_of(schema, &mut shape);
    let required = if required { " !" } else { "" };
    let _ = writeln!(out, "{}{name} {shape}{required}", "  ".repeat(depth));
    let Some(inner) = inner else { return };
    let Some(Value::Map(fields)) = inner.get("properties") else { return };
    for (name, schema) in fields {
        field(name, schema, is_required(inner, name, schema), depth + 1, out);
    }
}

/// Whether a field has to be written; one with a default has not, as that is filled in first.
fn is_required(schema: &Value, name: &str, field: &Value) -> bool {
    let is_listed = match schema.get("required") {
        Some(Value::List(names)) => names.iter().any(|it| it.as_str() == Some(name)),
        _ => false,
    };
    is_listed && field.get("default").is_none()
}

/// Writes the type of a field, and returns the schema that has its fields.
fn shape_of<'s>(schema: &'s Value, shape: &mut String) -> Option<&'s Value> {
    if schema.get("x-kubernetes-int-or-string").is_some() {
        shape.push_str("is");
        return None;
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    match (kind, schema.get("items"), schema.get("additionalProperties")) {
        ("array", Some(items), _) => {
            shape.push_str("[]");
            return shape_of(items, shape);
        }
        ("object", _, Some(values @ Value::Map(_))) => {
            shape.push_str("{}");
            return shape_of(values, shape);
        }
        ("object", ..) if schema.get("properties").is_some() => {
            shape.push('o');
            return Some(schema);
        }
        _ => {}
    }
    shape.push_str(match kind {
        "string" => "s",
        "boolean" => "b",
        "integer" => "i",
        "number" => "n",
        _ => "raw",
    });
    if let ("string", Some(Value::List(words))) = (kind, schema.get("enum")) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let _ = write!(shape, "={}", words.join("|"));
    }
    None
}
