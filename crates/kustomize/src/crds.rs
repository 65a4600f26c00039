//! `crds`: OpenAPI definitions of custom resources say which of their fields hold names, labels and
//! annotations.
//!
//! Source: `LoadConfigFromCRDs` of sigs.k8s.io/kustomize/api v0.21.1. The marks are
//! `x-kubernetes-annotation`, `-label-selector`, `-identity` and `-object-ref-*`.

use yaml::Value;

use crate::definitions;
use crate::identity::Gvk;
use crate::specs::{self, BackReference, Config, FieldSpec};

/// Definitions that refer to each other more deeply than this are a mistake.
const DEEPEST: usize = 50;

/// Reads a file of definitions.
pub(crate) fn read(bytes: &[u8]) -> Result<Config, String> {
    let definitions = definitions::read(bytes)
        .map_err(|error| format!("unable to parse open API definition: {error}"))?;
    let mut config = Config::default();
    let Some(map) = definitions.as_map() else { return Ok(config) };
    for name in map.keys() {
        let Some(properties) = properties(&definitions, name) else { continue };
        let has = |key: &str| properties.get(key).is_some();
        if !(has("kind") && has("apiVersion") && has("metadata")) {
            continue;
        }
        let kind = name.rsplit('.').next().unwrap_or(name);
        let gvk = Gvk { kind: kind.to_owned(), ..Gvk::default() };
        add(&mut config, &gvk, &definitions, name, &mut Vec::new())?;
    }
    Ok(config)
}

/// Returns the properties of a definition; Go reads `Schema` in any case.
fn properties<'v>(definitions: &'v Value, name: &str) -> Option<&'v Value> {
    let definition = definitions.get(name)?.as_map()?;
    let schema = definition.iter().find(|(key, _)| key.eq_ignore_ascii_case("schema"));
    schema?.1.get("properties")
}

fn add(
    config: &mut Config,
    gvk: &Gvk,
    definitions: &Value,
    name: &str,
    path: &mut Vec<String>,
) -> Result<(), String> {
    if path.len() > DEEPEST {
        return Err(format!("the definition `{name}` refers to itself"));
    }
    let Some(properties) = properties(definitions, name).and_then(Value::as_map) else {
        return Ok(());
    };
    let mut names: Vec<&String> = properties.keys().collect();
    names.sort_unstable();
    for property_name in names {
        let Some(property) = properties.get(property_name) else { continue };
        let mark = |key: &str| {
            let fields = property.as_map()?;
            fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?.1.as_str()
        };
        path.push(property_name.clone());
        let spec =
            |path: &[String]| FieldSpec { gvk: gvk.clone(), path: path.join("/"), create: false };
        let one = [spec(path)];
        if mark("x-kubernetes-annotation").is_some() {
            specs::merge(&mut config.common_annotations, &one)?;
        }
        if mark("x-kubernetes-label-selector").is_some() {
            specs::merge(&mut config.common_labels, &one)?;
        }
        if mark("x-kubernetes-identity").is_some() {
            specs::merge(&mut config.name_prefix, &one)?;
        }
        if let (Some(version), Some(kind)) =
            (mark("x-kubernetes-object-ref-api-version"), mark("x-kubernetes-object-ref-kind"))
        {
            let key = mark("x-kubernetes-object-ref-name-key").unwrap_or("name");
            path.push(key.to_owned());
            let back = BackReference {
                gvk: Gvk {
                    group: String::new(),
                    version: version.to_owned(),
                    kind: kind.to_owned(),
                },
                fields: vec![spec(path)],
            };
            path.pop();
            config.add_reference(back)?;
        }
        if let Some(reference) = property.get("$ref").and_then(Value::as_str) {
            add(config, gvk, definitions, reference, path)?;
        }
        path.pop();
    }
    Ok(())
}
