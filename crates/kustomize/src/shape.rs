//! The shape of a kustomization file: every field, and what it holds.
//!
//! kustomize reads with Go's JSON reader: names in any case, null is nothing, unknown names are refused
//! at any depth. Source: `types` of sigs.k8s.io/kustomize/api v0.21.1.

use indexmap::IndexMap;
use yaml::Value;

/// What a field holds.
enum Shape {
    Text,
    Flag,
    Number,
    /// A map of texts.
    Pairs,
    /// A map with any values.
    Map,
    List(&'static Shape),
    Struct(&'static [(&'static str, Shape)]),
}

use Shape::{Flag, List, Map, Number, Pairs, Struct, Text};

const TEXTS: Shape = List(&Text);

const OPTIONS: Shape = Struct(&[
    ("labels", Pairs),
    ("annotations", Pairs),
    ("disableNameSuffixHash", Flag),
    ("immutable", Flag),
]);

macro_rules! generator {
    ($($more:expr),*) => {
        Struct(&[
            ("namespace", Text),
            ("name", Text),
            ("behavior", Text),
            ("literals", TEXTS),
            ("files", TEXTS),
            ("envs", TEXTS),
            ("env", Text),
            ("options", OPTIONS),
            $($more),*
        ])
    };
}

const SELECTOR: Shape = Struct(&[
    ("group", Text),
    ("version", Text),
    ("kind", Text),
    ("name", Text),
    ("namespace", Text),
    ("annotationSelector", Text),
    ("labelSelector", Text),
]);

const PATCH: Shape = Struct(&[
    ("path", Text),
    ("patch", Text),
    ("target", SELECTOR),
    ("options", Struct(&[("allowNameChange", Flag), ("allowKindChange", Flag)])),
]);

const FIELD_OPTIONS: Shape =
    Struct(&[("delimiter", Text), ("index", Number), ("encoding", Text), ("create", Flag)]);

const REPLACEMENT: Shape = Struct(&[
    ("path", Text),
    (
        "source",
        Struct(&[
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("name", Text),
            ("namespace", Text),
            ("fieldPath", Text),
            ("options", FIELD_OPTIONS),
        ]),
    ),
    (
        "targets",
        List(&Struct(&[
            ("select", SELECTOR),
            ("reject", List(&SELECTOR)),
            ("fieldPaths", TEXTS),
            ("options", FIELD_OPTIONS),
        ])),
    ),
    ("sourceValue", Text),
]);

const IMAGE: Shape = Struct(&[
    ("name", Text),
    ("newName", Text),
    ("tagSuffix", Text),
    ("newTag", Text),
    ("digest", Text),
]);

const FIELD_SPEC: Shape =
    Struct(&[("group", Text), ("version", Text), ("kind", Text), ("path", Text), ("create", Flag)]);

const LABEL: Shape = Struct(&[
    ("pairs", Pairs),
    ("includeSelectors", Flag),
    ("includeTemplates", Flag),
    ("fields", List(&FIELD_SPEC)),
]);

const VAR: Shape = Struct(&[
    ("name", Text),
    (
        "objref",
        Struct(&[
            ("apiVersion", Text),
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("name", Text),
            ("namespace", Text),
        ]),
    ),
    ("fieldref", Struct(&[("fieldPath", Text)])),
]);

const CHART: Shape = Struct(&[
    ("name", Text),
    ("version", Text),
    ("repo", Text),
    ("releaseName", Text),
    ("namespace", Text),
    ("additionalValuesFiles", TEXTS),
    ("valuesFile", Text),
    ("valuesInline", Map),
    ("valuesMerge", Text),
    ("includeCRDs", Flag),
    ("skipHooks", Flag),
    ("apiVersions", TEXTS),
    ("kubeVersion", Text),
    ("nameTemplate", Text),
    ("skipTests", Flag),
    ("debug", Flag),
    ("devel", Flag),
]);

const OLD_CHART: Shape = Struct(&[
    ("chartName", Text),
    ("chartVersion", Text),
    ("chartRepoUrl", Text),
    ("chartHome", Text),
    ("chartRepoName", Text),
    ("helmBin", Text),
    ("helmHome", Text),
    ("values", Text),
    ("valuesLocal", Map),
    ("valuesMerge", Text),
    ("releaseName", Text),
    ("releaseNamespace", Text),
    ("extraArgs", TEXTS),
]);

/// The fields of a kustomization.
const KUSTOMIZATION: &[(&str, Shape)] = &[
    ("apiVersion", Text),
    ("kind", Text),
    (
        "metadata",
        Struct(&[("name", Text), ("namespace", Text), ("labels", Pairs), ("annotations", Pairs)]),
    ),
    ("openapi", Pairs),
    ("namePrefix", Text),
    ("nameSuffix", Text),
    ("namespace", Text),
    ("commonLabels", Pairs),
    ("labels", List(&LABEL)),
    ("commonAnnotations", Pairs),
    ("patchesStrategicMerge", TEXTS),
    ("patchesJson6902", List(&PATCH)),
    ("patches", List(&PATCH)),
    ("images", List(&IMAGE)),
    ("imageTags", List(&IMAGE)),
    ("replacements", List(&REPLACEMENT)),
    ("replicas", List(&Struct(&[("name", Text), ("count", Number)]))),
    ("vars", List(&VAR)),
    (
        "sortOptions",
        Struct(&[
            ("order", Text),
            ("legacySortOptions", Struct(&[("orderFirst", TEXTS), ("orderLast", TEXTS)])),
        ]),
    ),
    ("resources", TEXTS),
    ("components", TEXTS),
    ("crds", TEXTS),
    ("bases", TEXTS),
    ("configMapGenerator", List(&generator!())),
    ("secretGenerator", List(&generator!(("type", Text)))),
    ("helmGlobals", Struct(&[("chartHome", Text), ("configHome", Text)])),
    ("helmCharts", List(&CHART)),
    ("helmChartInflationGenerator", List(&OLD_CHART)),
    ("generatorOptions", OPTIONS),
    ("configurations", TEXTS),
    ("generators", TEXTS),
    ("transformers", TEXTS),
    ("validators", TEXTS),
    ("buildMetadata", TEXTS),
];

const FIELD_SPECS: Shape = List(&FIELD_SPEC);

/// The fields of a file of `configurations`.
const CONFIGURATION: &[(&str, Shape)] = &[
    ("namePrefix", FIELD_SPECS),
    ("nameSuffix", FIELD_SPECS),
    ("namespace", FIELD_SPECS),
    ("commonLabels", FIELD_SPECS),
    ("labels", FIELD_SPECS),
    ("templateLabels", FIELD_SPECS),
    ("commonAnnotations", FIELD_SPECS),
    (
        "nameReference",
        List(&Struct(&[
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("fieldSpecs", FIELD_SPECS),
        ])),
    ),
    ("varReference", FIELD_SPECS),
    ("images", FIELD_SPECS),
    ("replicas", FIELD_SPECS),
];

/// Where a value does not fit, and what kustomize says.
pub(crate) type Misfit = (Vec<String>, String);

/// Returns the names of all fields.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KUSTOMIZATION.iter().map(|(name, _)| *name)
}

/// Takes the fields out of a kustomization file that no kustomization has, as a reader does that is not strict.
pub fn drop_unknown(fields: &mut IndexMap<String, Value>) {
    retain_known(fields, KUSTOMIZATION);
}

fn retain_known(fields: &mut IndexMap<String, Value>, known: &[(&str, Shape)]) {
    let shape = |key: &str| known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    fields.retain(|key, _| shape(key).is_some());
    for (key, value) in fields {
        match (shape(key).map(|(_, shape)| shape), value) {
            (Some(Struct(known)), Value::Map(fields)) => retain_known(fields, known),
            (Some(List(Struct(known))), Value::List(items)) => {
                for item in items {
                    if let Value::Map(fields) = item {
                        retain_known(fields, known);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Checks a kustomization file.
pub(crate) fn check(value: &Value) -> Result<(), Misfit> {
    fits(value, &Struct(KUSTOMIZATION), &mut Vec::new())
}

/// Refuses names that no file of `configurations` has; what the values are is for its reader to say.
pub(crate) fn check_configuration(value: &Value) -> Result<(), String> {
    known_names(value, &Struct(CONFIGURATION))
}

fn known_names(value: &Value, shape: &Shape) -> Result<(), String> {
    match (shape, value) {
        (List(item), Value::List(items)) => {
            items.iter().try_for_each(|value| known_names(value, item))
        }
        (Struct(known), Value::Map(fields)) => fields.iter().try_for_each(|(key, value)| {
            let shape = named(known, key).map_err(|near| unknown(key, &near))?;
            known_names(value, shape)
        }),
        _ => Ok(()),
    }
}

/// Returns the shape of a field; a hint at the one that may be meant where there is none of this name.
fn named<'s>(known: &'s [(&str, Shape)], key: &str) -> Result<&'s Shape, String> {
    let found = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    found.map(|(_, shape)| shape).ok_or_else(|| {
        let near = text::nearest(key, known.iter().map(|(name, _)| *name));
        near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
    })
}

fn unknown(key: &str, near: &str) -> String {
    format!("json: unknown field \"{key}\"{near}")
}

fn fits(value: &Value, shape: &Shape, path: &mut Vec<String>) -> Result<(), Misfit> {
    match (shape, value) {
        (_, Value::Null)
        | (Text, Value::String(_))
        | (Flag, Value::Bool(_))
        | (Number, Value::Int(_))
        | (Map, Value::Map(_)) => Ok(()),
        (Number, Value::Float(number)) if number.fract() == 0.0 => Ok(()),
        (Pairs, Value::Map(fields)) => fields.iter().try_for_each(|(key, value)| {
            path.push(key.clone());
            fits(value, &Text, path)?;
            path.pop();
            Ok(())
        }),
        (List(item), Value::List(items)) => {
            items.iter().enumerate().try_for_each(|(index, value)| {
                path.push(index.to_string());
                fits(value, item, path)?;
                path.pop();
                Ok(())
            })
        }
        (Struct(known), Value::Map(fields)) => {
            for (key, value) in fields {
                path.push(key.clone());
                let shape = match named(known, key) {
                    Ok(shape) => shape,
                    Err(near) => {
                        let message = format!("invalid Kustomization: {}", unknown(key, &near));
                        return Err((std::mem::take(path), message));
                    }
                };
                fits(value, shape, path)?;
                path.pop();
            }
            Ok(())
        }
        (shape, value) => {
            let message = format!(
                "invalid Kustomization: json: cannot unmarshal {} into Go struct field Kustomization.{} of type {}",
                crate::decode::json_name(value),
                path.join("."),
                wanted(shape)
            );
            Err((std::mem::take(path), message))
        }
    }
}

fn wanted(shape: &Shape) -> &'static str {
    match shape {
        Text => "string",
        Flag => "bool",
        Number => "int64",
        Pairs => "map[string]string",
        Map => "map[string]interface {}",
        List(_) => "list",
        Struct(_) => "object",
    }
}
