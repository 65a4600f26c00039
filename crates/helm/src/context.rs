//! What templates see as `.`: one map for each chart, `.Template` being replaced for each file.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotmpl::value::Kind;
use gotmpl::{Map, MapType, Object, Value};

use crate::coalesce::table_at;
use crate::files::Files;
use crate::metadata::{Maintainer, Metadata};
use crate::paths;
use crate::tree::{Need, Node};
use gotmpl::Data;

/// A file to parse and perhaps to render.
pub(crate) struct Template {
    /// The template's text.
    pub(crate) text: Data,
    /// The data of its chart.
    pub(crate) data: Map,
    /// The folder that `.Template.BasePath` names.
    pub(crate) base_path: Arc<str>,
}

/// What is the same for all charts of a release.
pub(crate) struct Shared {
    pub(crate) release: Value,
    pub(crate) capabilities: Value,
}

/// Returns all templates by full path, with their data.
pub(crate) fn templates(
    root: &Node<'_>,
    values: &Map,
    shared: &Shared,
) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    collect(root, None, &values.with_type(MapType::Values), shared, &mut templates);
    templates
}

fn collect(
    node: &Node<'_>,
    parent: Option<&str>,
    values: &Map,
    shared: &Shared,
    templates: &mut BTreeMap<String, Template>,
) -> Map {
    let path = match parent {
        Some(parent) => format!("{parent}/charts/{}", node.name),
        None => node.name.clone(),
    };
    let subcharts = Map::new(MapType::Any);
    let data = Map::from_entries(
        MapType::Any,
        vec![
            ("Capabilities".into(), shared.capabilities.clone()),
            ("Chart".into(), chart(node, parent.is_none())),
            ("Files".into(), Value::object(Files::new(&node.chart.files))),
            ("Release".into(), shared.release.clone()),
            ("Subcharts".into(), Value::Map(subcharts.clone())),
            ("Values".into(), Value::Map(values.clone())),
        ],
    );
    for child in &node.children {
        // The same map as the parent sees, not a copy.
        let below = table_at(values, &child.name);
        let below = below.unwrap_or_else(|_| Map::new(MapType::Values));
        let below = collect(child, Some(&path), &below, shared, templates);
        subcharts.insert(child.name.as_str(), Value::Map(below));
    }
    let base_path: Arc<str> = Arc::from(paths::join(&path, "templates"));
    for file in &node.chart.templates {
        if node.chart.metadata.is_library() && !paths::base(&file.path).starts_with('_') {
            continue;
        }
        let template = Template {
            text: file.data.clone(),
            data: data.clone(),
            base_path: Arc::clone(&base_path),
        };
        templates.insert(paths::join(&path, &file.path), template);
    }
    data
}

/// `.Chart`: the fields of `Chart.yaml` under the names that Go's structs give them.
fn chart(node: &Node<'_>, is_root: bool) -> Value {
    let metadata = &node.chart.metadata;
    let Metadata { home, sources, version, description, keywords, icon, .. } = metadata;
    let text = |text: &String| Value::from(text.as_str());
    let list = |texts: &[String]| Value::list(texts.iter().map(text).collect());
    Value::map([
        ("Name", text(&node.name)),
        ("Home", text(home)),
        ("Sources", list(sources)),
        ("Version", text(version)),
        ("Description", text(description)),
        ("Keywords", list(keywords)),
        ("Maintainers", Value::list(metadata.maintainers.iter().map(maintainer).collect())),
        ("Icon", text(icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::Bool(metadata.deprecated)),
        ("Annotations", annotations(metadata)),
        ("KubeVersion", text(&metadata.kube_version)),
        ("Dependencies", Value::list(node.needs.iter().flatten().map(dependency).collect())),
        ("Type", text(&metadata.chart_type)),
        ("IsRoot", Value::Bool(is_root)),
    ])
}

fn maintainer(person: &Maintainer) -> Value {
    Value::map([
        ("Name", Value::from(person.name.as_str())),
        ("Email", Value::from(person.email.as_str())),
        ("URL", Value::from(person.url.as_str())),
    ])
}

fn annotations(metadata: &Metadata) -> Value {
    match &metadata.annotations {
        Some(notes) => {
            let notes = notes.iter();
            let entries = notes.map(|(k, v)| (k.as_str().into(), Value::from(v.as_str())));
            Value::Map(Map::from_entries(MapType::String, entries.collect()))
        }
        None => Value::object(NoAnnotations),
    }
}

fn dependency(need: &Need) -> Value {
    let dependency = &need.dependency;
    let text = |text: &String| Value::from(text.as_str());
    let imported = match &need.imported {
        Some(imported) => imported.clone(),
        None => dependency.import_values.iter().map(plain).collect(),
    };
    Value::map([
        ("Name", text(&dependency.name)),
        ("Version", text(&dependency.version)),
        ("Repository", text(&dependency.repository)),
        ("Condition", text(&dependency.condition)),
        ("Tags", Value::list(dependency.tags.iter().map(text).collect())),
        ("Enabled", Value::Bool(dependency.enabled)),
        ("ImportValues", Value::list(imported)),
        ("Alias", text(&dependency.alias)),
    ])
}

/// A value from `Chart.yaml` as JSON decoding gives it.
fn plain(value: &yaml::Value) -> Value {
    #[allow(clippy::cast_precision_loss, reason = "JSON numbers become float64 in Go as well")]
    match value {
        yaml::Value::Null => Value::Nil,
        yaml::Value::Bool(truth) => Value::Bool(*truth),
        yaml::Value::Int(number) => Value::Float(*number as f64),
        yaml::Value::Uint(number) => Value::Float(*number as f64),
        yaml::Value::Float(number) => Value::Float(*number),
        yaml::Value::String(text) => Value::from(text.as_str()),
        yaml::Value::List(items) => Value::list(items.iter().map(plain).collect()),
        yaml::Value::Map(entries) => {
            Value::map(entries.iter().map(|(key, value)| (key.as_str(), plain(value))))
        }
    }
}

/// A nil `map[string]string`: empty, but `null` in JSON and YAML.
#[derive(Debug)]
struct NoAnnotations;

impl Object for NoAnnotations {
    fn type_name(&self) -> &'static str {
        MapType::String.name()
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Map(Map::new(MapType::String)))
    }

    fn json(&self) -> Option<Value> {
        Some(Value::Nil)
    }
}
