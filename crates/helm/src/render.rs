//! From chart and values to manifests: the steps of `helm template`, in helm's order.

use std::sync::Arc;

use gotmpl::{Engine, Map, MapType, TemplateSet, Value};
use memchr::memmem;

use crate::capabilities::{Capabilities, KubeVersion};
use crate::chart::Chart;
use crate::coalesce::{Nulls, Warnings, chart_values};
use crate::context::{self, Shared};
use crate::dependencies;
use crate::error::{Error, ErrorKind};
use crate::manifest;
use crate::output::{Crd, Rendered};
use crate::paths;
use crate::schema;
use crate::template_error;
use crate::tree::{Node, is_compatible};
use crate::values::ValuesInput;

/// What is installed, where, and for the how-manieth time.
#[derive(Clone, Debug)]
pub struct Release {
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Whether an older revision is there.
    pub is_upgrade: bool,
    /// Revision; `helm template` always says 1.
    pub revision: u32,
}

impl Release {
    /// Returns a first installation.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Release {
        let (name, namespace) = (name.into(), namespace.into());
        Release { name, namespace, is_upgrade: false, revision: 1 }
    }
}

/// The options of `helm template` that change what is rendered.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--kube-version`.
    pub kube_version: KubeVersion,
    /// `--api-versions`.
    pub api_versions: Vec<String>,
    /// `--include-crds`.
    pub include_crds: bool,
    /// `--skip-schema-validation`.
    pub skip_schema_validation: bool,
    /// `--debug`: an error about what templates printed brings that along.
    pub debug: bool,
    /// Clock, seed and fuel.
    pub engine: gotmpl::Options,
}

/// Renders a chart for one release.
///
/// # Errors
/// What helm says, in its words; see [`ErrorKind`] for the steps.
pub fn render(
    chart: &Chart,
    release: &Release,
    values: &ValuesInput,
    options: &Options,
) -> Result<Rendered, Error> {
    let values = values.merge()?;
    let mut warnings: Warnings = chart.warnings.clone();
    let mut root = Node::new(chart);
    if !matches!(chart.metadata.chart_type.as_str(), "" | "application") {
        let message = format!("{} charts are not installable", chart.metadata.chart_type);
        return Err(Error::new(ErrorKind::Chart, message));
    }
    if chart.metadata.deprecated {
        warnings.push("this chart is deprecated".to_owned());
    }
    let missing = root.missing();
    if !missing.is_empty() {
        return Err(Error::new(
            ErrorKind::Dependencies,
            format!(
                "an error occurred while checking for chart dependencies. You may need to run \
                 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but \
                 missing in charts/ directory: {}",
                missing.join(", ")
            ),
        ));
    }
    check_name(&release.name)?;
    dependencies::process(&mut root, &values, &mut warnings)
        .map_err(|error| error.wrap("chart dependencies processing failed"))?;
    let values = chart_values(&root, Some(&values), Nulls::Delete, &mut warnings)?;
    if !options.skip_schema_validation {
        schema::validate(&root, &values, &mut warnings)?;
    }
    let wanted = &chart.metadata.kube_version;
    if !wanted.is_empty() && !is_compatible(wanted, options.kube_version.normalized()) {
        return Err(Error::new(
            ErrorKind::KubeVersion,
            format!(
                "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
                options.kube_version.version()
            ),
        ));
    }
    let files = render_templates(&root, &values, release, options)?;
    let printed = if options.debug { files.clone() } else { Vec::new() };
    let sorted = manifest::sort(files).map_err(|error| Error { printed, ..error })?;
    let mut crds = Vec::new();
    if options.include_crds {
        collect_crds(&root, None, &mut crds);
    }
    Ok(Rendered { crds, manifests: sorted.manifests, hooks: sorted.hooks, warnings })
}

/// What a template printed, with its path.
type OutputOf = (Arc<str>, Vec<u8>);

/// Renders all templates; the files come in the order of their paths, without notes.
fn render_templates(
    root: &Node<'_>,
    values: &Map,
    release: &Release,
    options: &Options,
) -> Result<Vec<OutputOf>, Error> {
    let shared = Shared {
        release: Value::map([
            ("Name", Value::from(release.name.as_str())),
            ("Namespace", Value::from(release.namespace.as_str())),
            ("IsUpgrade", Value::Bool(release.is_upgrade)),
            ("IsInstall", Value::Bool(!release.is_upgrade)),
            ("Revision", Value::int(i64::from(release.revision))),
            ("Service", Value::from("Helm")),
        ]),
        capabilities: Value::object(Capabilities::new(
            &options.kube_version,
            &options.api_versions,
        )),
    };
    let templates = context::templates(root, values, &shared);
    // Deepest folders first, then names backwards: a later definition of a name wins, so that
    // parents win over the charts below them.
    let mut order: Vec<&String> = templates.keys().collect();
    order.sort_by(|a, b| depth(b).cmp(&depth(a)).then_with(|| b.cmp(a)));
    let names = order.iter().map(|name| (*name).clone()).collect();
    let set = root.chart.template_set(names, || {
        let mut set = TemplateSet::new();
        for name in &order {
            let text = templates.get(*name).map(|template| template.text.clone());
            set.add(name, text.unwrap_or_default())
                .map_err(|error| template_error::parse(name, &error))?;
        }
        Ok(set)
    })?;

    let mut engine = Engine::new(&set, options.engine.clone());
    let mut files = Vec::with_capacity(order.len());
    for name in order {
        let Some(template) = templates.get(name) else { continue };
        if paths::base(name).starts_with('_') {
            continue;
        }
        let about = Map::from_entries(
            MapType::Values,
            vec![
                ("BasePath".into(), Value::from(&*template.base_path)),
                ("Name".into(), Value::from(name.as_str())),
            ],
        );
        template.data.insert("Template", Value::Map(about));
        let output = engine
            .render(name, &Value::Map(template.data.viewed_as(MapType::Values)))
            .map_err(|error| template_error::execute(&error))?;
        // Notes are rendered, since they may fail, but they are no manifest.
        if !name.ends_with("NOTES.txt") {
            files.push((Arc::from(name.as_str()), without_no_value(output)));
        }
    }
    files.sort_by(|a: &OutputOf, b| a.0.cmp(&b.0));
    Ok(files)
}

fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

/// Go prints `<no value>` for what is not there; helm takes that out of whole files.
fn without_no_value(output: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    if memmem::find(&output, NO_VALUE).is_none() {
        return output;
    }
    let mut cleaned = Vec::with_capacity(output.len());
    let mut start = 0;
    for found in memmem::find_iter(&output, NO_VALUE) {
        cleaned.extend_from_slice(output.get(start..found).unwrap_or_default());
        start = found + NO_VALUE.len();
    }
    cleaned.extend_from_slice(output.get(start..).unwrap_or_default());
    cleaned
}

fn collect_crds(node: &Node<'_>, parent: Option<&str>, crds: &mut Vec<Crd>) {
    let path = match parent {
        Some(parent) => format!("{parent}/charts/{}", node.name),
        None => node.name.clone(),
    };
    for file in node.chart.crds() {
        crds.push(Crd { path: paths::join(&path, &file.path), data: file.data.clone() });
    }
    for child in &node.children {
        collect_crds(child, Some(&path), crds);
    }
}

/// Checks the name of a release as helm does.
fn check_name(name: &str) -> Result<(), Error> {
    const RULE: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    let fail = |words: String| {
        let message = format!("release name check failed: release name {name:?}: {words}");
        Err(Error::new(ErrorKind::Argument, message))
    };
    if name.is_empty() {
        return fail("no name provided".to_owned());
    }
    let is_label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        label.bytes().all(inner)
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 53 || !name.split('.').all(is_label) {
        return fail(format!(
            "invalid release name, must match regex {RULE} and the length must not be longer than 53"
        ));
    }
    Ok(())
}
