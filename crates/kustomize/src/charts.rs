//! Charts of `helmCharts`: what kustomize would have `helm template` render, and with which values.
//!
//! The rendering itself is the caller's: this crate knows nothing of helm. Source of the rules:
//! `HelmChartInflationGenerator` of sigs.k8s.io/kustomize/api v0.21.1.

use yaml::{Kind, Node, Value};

use crate::decode::Fields;
use crate::generate::Load;
use crate::reading::is_blank;

/// An entry of `helmCharts`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The chart's name.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
    /// The chart repository; may be empty.
    pub repository: String,
    /// The folder that the chart lies in, if it was fetched before.
    pub folder: String,
    /// The same as it is called from the kustomization.
    pub place: String,
    /// The release's name; empty for helm's own choice.
    pub release: String,
    /// A template that makes the release's name; may be empty.
    pub name_template: String,
    /// The release's namespace; empty for `default`.
    pub namespace: String,
    /// API versions that the chart sees besides Kubernetes' own.
    pub api_versions: Vec<String>,
    /// Version of Kubernetes that the chart sees; empty for helm's own choice.
    pub kube_version: String,
    /// Whether the files of `crds/` are wanted.
    pub include_crds: bool,
    /// Whether test hooks are left out.
    pub skip_tests: bool,
    /// Whether hooks are left out.
    pub skip_hooks: bool,
}

/// Renders charts.
pub trait Charts: Sync {
    /// Returns the `values.yaml` of the chart's folder; nothing where there is no such file to read.
    ///
    /// # Errors
    /// Why there is no such chart, in words.
    fn values(&self, chart: &Chart) -> Result<Option<Vec<u8>>, String>;

    /// Returns what `helm template` prints for a chart and values files, the weakest first.
    ///
    /// # Errors
    /// Why it prints nothing, in words.
    fn render(&self, chart: &Chart, values: &[(String, Vec<u8>)]) -> Result<Vec<u8>, String>;
}

/// Settings of the command line, above those of the files.
#[derive(Clone, Debug, Default)]
pub struct ChartSettings {
    /// `--helm-api-versions`.
    pub api_versions: Vec<String>,
    /// `--helm-kube-version`.
    pub kube_version: String,
}

/// Returns an entry of the deprecated `helmChartInflationGenerator` as one of `helmCharts`, and the
/// home of charts that it names.
pub(crate) fn modern(old: &Value) -> Result<(Value, Option<String>), String> {
    let fields = Fields::lenient(old, "helmChartInflationGenerator")?;
    let names = [
        ("chartName", "name"),
        ("chartVersion", "version"),
        ("chartRepoUrl", "repo"),
        ("values", "valuesFile"),
        ("valuesLocal", "valuesInline"),
        ("valuesMerge", "valuesMerge"),
        ("releaseName", "releaseName"),
    ];
    let mut new = indexmap::IndexMap::new();
    for (old, name) in names {
        if let Some(value) = fields.get(old) {
            new.insert(name.to_owned(), value.clone());
        }
    }
    let home = fields.text("chartHome")?;
    Ok((Value::Map(new), Some(home).filter(|home| !home.is_empty())))
}

/// What surrounds an entry.
pub(crate) struct Around<'a> {
    /// The kustomization's folder.
    pub(crate) folder: &'a str,
    /// `helmGlobals.chartHome`; may be empty.
    pub(crate) home: &'a str,
    /// The namespace that an entry without one has: that of the kustomization, or of the one that includes
    /// it; may be empty.
    pub(crate) namespace: &'a str,
    pub(crate) settings: &'a ChartSettings,
    pub(crate) load: Load<'a>,
    /// Refuses a file that may not be read, by its path and what it is called.
    pub(crate) check: &'a dyn Fn(&str, &str) -> Result<(), String>,
}

/// Renders an entry of `helmCharts`.
pub(crate) fn inflate(
    charts: &dyn Charts,
    entry: &Value,
    around: &Around<'_>,
) -> Result<Vec<u8>, String> {
    let fields = Fields::exact(entry, "helmCharts")?;
    let (name, version) = (fields.text("name")?, fields.text("version")?);
    let repository = fields.text("repo")?;
    if name.is_empty() {
        return Err("chart name cannot be empty".to_owned());
    }
    let home = if around.home.is_empty() { "charts" } else { around.home };
    let mut place = format!("{home}/{name}");
    if !version.is_empty() && !repository.is_empty() {
        place = format!("{home}/{name}-{version}/{name}");
    }
    let folder = match home.strip_prefix('/') {
        Some(_) => place.trim_start_matches('/').to_owned(),
        None => text::path::resolve(around.folder, &place)
            .ok_or_else(|| format!("`{place}` lies outside the repository"))?,
    };
    let own = fields.text("namespace")?;
    let mut chart = Chart {
        name,
        version,
        repository,
        folder,
        place,
        release: fields.text("releaseName")?,
        name_template: fields.text("nameTemplate")?,
        namespace: if own.is_empty() { around.namespace.to_owned() } else { own },
        api_versions: fields.texts("apiVersions")?,
        kube_version: fields.text("kubeVersion")?,
        include_crds: fields.flag("includeCRDs")?,
        skip_tests: fields.flag("skipTests")?,
        skip_hooks: fields.flag("skipHooks")?,
    };
    // An entry without its own value takes that of the command line: the entry is read after it.
    if chart.api_versions.is_empty() {
        chart.api_versions.clone_from(&around.settings.api_versions);
    }
    if chart.kube_version.is_empty() {
        chart.kube_version.clone_from(&around.settings.kube_version);
    }
    let values = values(charts, &chart, &fields, around)?;
    charts.render(&chart, &values)
}

fn values(
    charts: &dyn Charts,
    chart: &Chart,
    fields: &Fields<'_>,
    around: &Around<'_>,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mode = fields.text("valuesMerge")?;
    if !matches!(mode.as_str(), "" | "merge" | "override" | "replace") {
        return Err("valuesMerge must be one of [merge override replace]".to_owned());
    }
    let file = fields.text("valuesFile")?;
    let from_file = || match file.as_str() {
        "" => {
            let own = charts.values(chart)?;
            let at = |folder: &str| format!("{folder}/values.yaml");
            (around.check)(&at(&chart.folder), &at(&chart.place))?;
            Ok(own)
        }
        file => (around.load)(file).map(|bytes| Some(bytes.to_vec())),
    };
    let inline = fields.get("valuesInline");
    let inline = inline.filter(|it| it.as_map().is_some_and(|it| !it.is_empty()));
    let main = match inline {
        None => from_file()?,
        Some(inline) => {
            // Where the chart's own values are replaced, they need not be there.
            let own = if mode == "replace" { None } else { from_file()? };
            let merged = match (mode.as_str(), own) {
                ("replace", _) => inline.clone(),
                ("merge", None) => {
                    return Err(
                        "`valuesMerge: merge` needs the values.yaml of a chart below `charts/`"
                            .to_owned(),
                    );
                }
                (mode, own) => {
                    let own = match own {
                        None => crate::resource::empty_map(),
                        Some(bytes) => parsed(&bytes, mode != "merge")?,
                    };
                    let (below, above) = match mode {
                        "merge" => (inline.clone(), own),
                        _ => (own, inline.clone()),
                    };
                    manifest::strategic_merge(below, above)?.unwrap_or_default()
                }
            };
            Some(yaml::write_go2(&merged).map_err(|error| error.to_string())?.into_bytes())
        }
    };
    let name = format!("{}-kustomize-values.yaml", chart.name);
    let mut all: Vec<(String, Vec<u8>)> =
        main.into_iter().map(|bytes| (name.clone(), bytes)).collect();
    for path in fields.texts("additionalValuesFiles")? {
        let bytes = (around.load)(&path)
            .map_err(|error| format!("could not load additionalValuesFile: {error}"))?;
        all.push((path, bytes.to_vec()));
    }
    Ok(all)
}

/// Reads values that others are merged with; those that lie below lose what has nothing behind its key.
fn parsed(bytes: &[u8], below: bool) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the values file is not UTF-8".to_owned())?;
    let mut node = yaml::parse(text, yaml::Schema::Go3)
        .map_err(|error| format!("could not parse values file: {}", error.go_text()))?;
    if below {
        drop_blanks(&mut node);
    }
    let value = Value::from(node);
    // A file with nothing but remarks has no document at all, which kustomize does not take for nothing.
    if value.is_null() && yaml::parse_all(text, yaml::Schema::Go3).is_ok_and(|all| all.is_empty()) {
        return Err(
            "there is nothing in the values file that `valuesInline` is merged with".to_owned()
        );
    }
    Ok(value)
}

fn drop_blanks(node: &mut Node) {
    let Kind::Map(entries) = &mut node.kind else { return };
    entries.retain(|(_, value)| !is_blank(value));
    for (_, value) in entries {
        drop_blanks(value);
    }
}
