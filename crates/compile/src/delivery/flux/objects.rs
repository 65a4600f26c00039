//! Flux's objects, as far as they decide what is applied.
//!
//! Source: the API types of fluxcd/source-controller `api/v1`, kustomize-controller `api/v1` and
//! helm-controller `api/v2`.

use std::sync::Arc;

use manifest::Object;
use yaml::Value;

/// The suffix of every API group of Flux.
const GROUPS: &str = ".toolkit.fluxcd.io";

/// What an object of Flux is called by others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl std::fmt::Display for Name {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.kind, &self.namespace, &self.name];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        out.write_str(&parts.join("/"))
    }
}

/// A source of files or charts.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: Name,
    pub(super) url: String,
    /// The tag of an OCIRepository, or the version of a HelmChart.
    pub(super) version: String,
    /// A HelmChart's own source and chart.
    pub(super) chart: Option<Chart>,
    /// Why its files cannot be known here, whatever its address.
    pub(super) opaque: Option<&'static str>,
    /// Its spec, for what it leaves out.
    pub(super) spec: Value,
}

/// `spec.chart.spec` of a HelmRelease, or `spec` of a HelmChart.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) chart: String,
    pub(super) version: String,
    pub(super) source: Name,
    pub(super) value_files: Vec<String>,
    pub(super) ignore_missing_value_files: bool,
    /// `reconcileStrategy: Revision`.
    pub(super) by_revision: bool,
}

/// What a Kustomization or a HelmRelease have in common.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) name: Name,
    /// `dependsOn`.
    pub(super) depends_on: Vec<Name>,
    /// The object itself, for its other fields and its place.
    pub(super) object: Object,
}

/// Whether an object belongs to Flux.
pub(super) fn is_of_flux(object: &Object) -> bool {
    object.group().ends_with(GROUPS)
}

/// Whether an object is one that deploys others.
pub(super) fn deploys(object: &Object) -> bool {
    match object.group().strip_suffix(GROUPS) {
        Some("kustomize") => object.kind() == "Kustomization",
        Some("helm") => object.kind() == "HelmRelease",
        _ => false,
    }
}

impl Unit {
    /// Reads a Kustomization or HelmRelease; `namespace` is for objects that say none.
    pub(super) fn read(object: &Object, namespace: &str) -> Unit {
        let name = name_of(object, namespace);
        let depends_on = list(object.at(&["spec", "dependsOn"])).iter().map(|entry| Name {
            kind: name.kind.clone(),
            namespace: text_or(entry, "namespace", &name.namespace),
            name: text(entry, "name"),
        });
        Unit { depends_on: depends_on.collect(), name, object: object.clone() }
    }

    /// Returns a field of its spec.
    pub(super) fn field(&self, path: &[&str]) -> Option<&Value> {
        let whole: Vec<&str> = std::iter::once("spec").chain(path.iter().copied()).collect();
        self.object.at(&whole)
    }

    /// Returns what it is called in findings.
    pub(super) fn shown(&self) -> String {
        format!("{} `{}`", self.name.kind, self.name.name)
    }

    /// Returns a text of its spec; empty where there is none.
    pub(super) fn text(&self, field: &str) -> String {
        self.field(&[field]).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Returns the file that it comes from.
    pub(super) fn file(&self) -> &Arc<str> {
        &self.object.source
    }
}

impl Source {
    /// Reads a source; `None` for another object.
    pub(super) fn read(object: &Object, namespace: &str) -> Option<Source> {
        if object.group().strip_suffix(GROUPS) != Some("source") {
            return None;
        }
        let name = name_of(object, namespace);
        let spec = object.value.get("spec")?;
        let reference = spec.get("ref");
        let opaque = match object.kind() {
            "Bucket" => Some("a bucket's files are not here"),
            "ExternalArtifact" => Some("another controller makes it"),
            _ => None,
        };
        let version = match object.kind() {
            "OCIRepository" => ["digest", "semver", "tag"]
                .into_iter()
                .find_map(|key| reference?.get(key)?.as_str())
                .unwrap_or("latest")
                .to_owned(),
            _ => String::new(),
        };
        let chart = (object.kind() == "HelmChart").then(|| Chart::read(spec, &name.namespace));
        let (url, spec) = (text(spec, "url"), spec.clone());
        Some(Source { url, version, chart, opaque, name, spec })
    }
}

impl Chart {
    /// Reads a chart's description.
    pub(super) fn read(spec: &Value, namespace: &str) -> Chart {
        let source = spec.get("sourceRef").unwrap_or(&Value::Null);
        Chart {
            chart: text(spec, "chart"),
            version: text(spec, "version"),
            source: reference(source, namespace),
            value_files: list(spec.get("valuesFiles"))
                .iter()
                .filter_map(|file| file.as_str().map(str::to_owned))
                .collect(),
            ignore_missing_value_files: spec
                .get("ignoreMissingValuesFiles")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            by_revision: spec.get("reconcileStrategy").and_then(Value::as_str) == Some("Revision"),
        }
    }
}

/// Reads a reference: kind, name, and the namespace where it says one.
pub(super) fn reference(value: &Value, namespace: &str) -> Name {
    Name {
        kind: text(value, "kind"),
        namespace: text_or(value, "namespace", namespace),
        name: text(value, "name"),
    }
}

/// Returns what others call an object by.
pub(super) fn name_of(object: &Object, namespace: &str) -> Name {
    let own = object.namespace();
    Name {
        kind: object.kind().to_owned(),
        namespace: if own.is_empty() { namespace } else { own }.to_owned(),
        name: object.name().to_owned(),
    }
}

/// Returns the Flux version from which on an object's API version is no longer served.
pub(super) fn retired_in(object: &Object) -> Option<&'static str> {
    let version = object.api_version().split_once('/')?.1;
    match (object.group().strip_suffix(GROUPS)?, version) {
        ("source" | "kustomize", "v1beta1" | "v1beta2") | ("helm", "v2beta1" | "v2beta2") => {
            Some("2.8")
        }
        ("image", "v1alpha1" | "v1alpha2" | "v1beta1" | "v1beta2")
        | ("notification", "v1beta1" | "v1beta2") => Some("2.9"),
        _ => None,
    }
}

/// Whether any Flux from 2.0 on serves an object's API version.
pub(super) fn is_served(object: &Object) -> bool {
    let version = object.api_version().split_once('/').map_or("", |(_, version)| version);
    let known: &[&str] = match object.group().strip_suffix(GROUPS) {
        Some("source" | "kustomize") => &["v1", "v1beta1", "v1beta2"],
        Some("helm") => &["v2", "v2beta1", "v2beta2"],
        Some("image") => &["v1", "v1alpha1", "v1alpha2", "v1beta1", "v1beta2"],
        Some("notification") if object.kind() == "Receiver" => &["v1", "v1beta1", "v1beta2"],
        Some("notification") => &["v1beta1", "v1beta2", "v1beta3"],
        // Groups of others, such as Flux' own extensions.
        _ => return true,
    };
    known.contains(&version)
}

/// Returns the API version that takes the place of a retired one.
pub(super) fn successor(object: &Object) -> String {
    let version = match (object.group().strip_suffix(GROUPS), object.kind()) {
        (Some("helm"), _) => "v2",
        (Some("notification"), "Alert" | "Provider") => "v1beta3",
        _ => "v1",
    };
    format!("{}/{version}", object.group())
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn text_or(value: &Value, key: &str, default: &str) -> String {
    let own = value.get(key).and_then(Value::as_str).unwrap_or_default();
    if own.is_empty() { default } else { own }.to_owned()
}

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_list).unwrap_or_default()
}
