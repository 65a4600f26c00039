//! An Application, as far as it decides what is deployed: read once, checked as Argo CD checks it before
//! it renders anything.
//!
//! Source: Argo CD, `util/argo/argo.go` (`NormalizeApplicationSpec`, `validateSourcePermissions`,
//! `GetDestinationCluster`, `GetRefSources`; 3.2).

use yaml::Value;

use super::clusters::Clusters;
use super::types::{self, Misfit};
use crate::delivery::Found;

/// An Application.
#[derive(Clone, Debug)]
pub(super) struct Application {
    /// The object as the cluster would hold it.
    pub(super) found: Found,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) server: String,
    pub(super) cluster: String,
    pub(super) namespace: String,
    /// Its sources, each a map with the fields that Argo CD knows.
    pub(super) sources: Vec<Value>,
    /// Whether `sources` is used rather than `source`.
    pub(super) several: bool,
}

/// Returns the text of a field, or an empty one.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items of a field, or none.
pub(super) fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_list).unwrap_or_default()
}

/// Whether a field is true.
pub(super) fn is_true(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

impl Application {
    /// Reads an Application, or says what the API server refuses.
    pub(super) fn read(found: &Found) -> Result<Application, Misfit> {
        let mut kept = types::admit(&found.object.value, "Application")?;
        if let Value::Map(fields) = &mut kept
            && let Some(spec) = fields.get_mut("spec")
        {
            normalize(spec);
        }
        let spec = kept.get("spec").cloned().unwrap_or_default();
        let several = !list(&spec, "sources").is_empty();
        let sources = match several {
            true => list(&spec, "sources").to_vec(),
            false => spec.get("source").cloned().into_iter().collect(),
        };
        let destination = spec.get("destination").cloned().unwrap_or_default();
        let field = |name: &str| text(&destination, name).to_owned();
        Ok(Application {
            name: found.object.name().to_owned(),
            project: text(&spec, "project").to_owned(),
            server: field("server"),
            cluster: field("name"),
            namespace: field("namespace"),
            sources,
            several,
            found: found.clone(),
        })
    }

    /// Returns why Argo CD renders nothing of it at all: the field, and the reason.
    pub(super) fn invalid(&self, clusters: &Clusters) -> Option<(&'static [&'static str], String)> {
        let spec = self.found.object.value.get("spec");
        if let Err(reason) = clusters.destination(&self.server, &self.cluster) {
            return Some((&["spec", "destination"], reason));
        }
        if spec.and_then(|spec| spec.get("sourceHydrator")).is_some_and(|it| !it.is_null()) {
            return None;
        }
        for source in &self.sources {
            let field = |name| text(source, name);
            let has = |name| !field(name).is_empty();
            if self.several {
                if !has("repoURL") || !(has("path") || has("chart") || has("ref")) {
                    let reason =
                        "each of its sources needs `repoURL`, and `path`, `chart` or `ref`";
                    return Some((&["spec", "sources"], reason.to_owned()));
                }
            } else if !has("repoURL") || !(has("path") || has("chart")) {
                let reason = "its source needs `repoURL`, and `path` or `chart`";
                return Some((&["spec", "source"], reason.to_owned()));
            }
            if has("chart") && !has("targetRevision") {
                let reason = "a source with `chart` needs a `targetRevision`: the chart's version";
                return Some((&["spec"], reason.to_owned()));
            }
        }
        if self.sources.is_empty() {
            return Some((&["spec"], "it has neither `source` nor `sources`".to_owned()));
        }
        self.references().err().map(|reason| (&["spec", "sources"][..], reason))
    }

    /// Returns the sources that others may name by `$ref`: there are none where it has one source.
    ///
    /// # Errors
    /// Where two have one name, or a name has letters that it must not have.
    pub(super) fn references(&self) -> Result<Vec<(&str, &Value)>, String> {
        let mut found: Vec<(&str, &Value)> = Vec::new();
        if self.sources.len() < 2 || !self.several {
            return Ok(found);
        }
        for source in &self.sources {
            let name = text(source, "ref");
            if name.is_empty() {
                continue;
            }
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
                return Err(format!("`ref: {name}` may hold letters, digits, `_` and `-` only"));
            }
            if found.iter().any(|(known, _)| *known == name) {
                return Err(format!("two of its sources have `ref: {name}`"));
            }
            found.push((name, source));
        }
        Ok(found)
    }
}

/// Takes out blocks of options that say nothing, so that they do not decide about the kind of a source.
/// Argo CD does that for the one `source` only.
pub(super) fn normalize(spec: &mut Value) {
    let Value::Map(fields) = spec else { return };
    if let Some(project) = fields.get_mut("project")
        && types::is_empty(project)
    {
        *project = Value::String("default".to_owned());
    }
    let policy_is_empty = fields.get("syncPolicy").is_some_and(|policy| {
        let has = |field: &str| policy.get(field).is_some_and(|it| !it.is_null());
        !has("automated")
            && list(policy, "syncOptions").is_empty()
            && !has("retry")
            && !has("managedNamespaceMetadata")
    });
    if policy_is_empty {
        fields.shift_remove("syncPolicy");
    }
    let several = fields.get("sources").and_then(Value::as_list).is_some_and(|it| !it.is_empty());
    if !several && let Some(source) = fields.get_mut("source") {
        normalize_source(source);
    }
}

fn normalize_source(source: &mut Value) {
    let Value::Map(fields) = source else { return };
    for (block, ignored) in [
        (
            "kustomize",
            &[
                "forceCommonLabels",
                "forceCommonAnnotations",
                "commonAnnotationsEnvsubst",
                "labelWithoutSelector",
                "labelIncludeTemplates",
            ][..],
        ),
        ("helm", &[]),
    ] {
        let says_nothing = fields.get(block).and_then(Value::as_map).is_some_and(|options| {
            let mut said = options.iter().filter(|(key, _)| !ignored.contains(&key.as_str()));
            said.all(|(key, value)| match key.as_str() {
                // An object without anything in it is written as `{}`, which is something.
                "valuesObject" => value.is_null(),
                _ => types::is_empty(value),
            })
        });
        if says_nothing {
            fields.shift_remove(block);
        }
    }
    let Some(Value::Map(options)) = fields.get_mut("directory") else { return };
    let has_jsonnet = options.get("jsonnet").is_some_and(|jsonnet| {
        ["extVars", "tlas", "libs"].iter().any(|field| !list(jsonnet, field).is_empty())
    });
    let recurses = options.get("recurse").and_then(Value::as_bool).unwrap_or(false);
    if recurses || has_jsonnet {
        return;
    }
    options.retain(|key, value| {
        matches!(key.as_str(), "exclude" | "include") && !types::is_empty(value)
    });
    if options.is_empty() {
        fields.shift_remove("directory");
    } else {
        options.insert("jsonnet".to_owned(), Value::Map([].into()));
    }
}
