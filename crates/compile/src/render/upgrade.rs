//! What an upgrade does to the add-ons: another chart, what it installs, which definitions change, and
//! which of the repository's values the new chart no longer knows.
//!
//! In: the repository as it is, and as it would be. Out: one entry per Application of a chart whose version
//! changes. What cannot be known because a chart is not in the cache is said so, never "no change".
//! Never decides which version is taken: that is the catalog's, or whoever edited the file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use text::World;
use yaml::Value;

use super::application::{Application, Source, is_application};
use super::chart::{self, Input};

/// Where the Applications of the add-ons are.
const FOLDER: &str = "platform/applications";

/// An add-on whose chart changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addon {
    /// Name of its Application.
    pub name: String,
    /// The chart's version before and after; `None` where it is not there.
    pub chart: (Option<String>, Option<String>),
    /// The version of what it installs, where the chart is in the cache.
    pub app: (Option<String>, Option<String>),
    /// What changes in both charts, or why that is not known.
    pub changes: Result<Changes, String>,
}

/// What changes between two charts with the same values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Definitions of custom resources that are new.
    pub definitions_added: Vec<String>,
    /// Definitions that are gone, and their resources with them.
    pub definitions_removed: Vec<String>,
    /// Definitions that differ.
    pub definitions_changed: Vec<String>,
    /// Values that are set and that only the old chart knows.
    pub values_gone: Vec<String>,
}

/// Returns the add-ons whose charts change between two states of a repository.
pub fn addons(before: &dyn World, after: &dyn World) -> Vec<Addon> {
    let (old, new) = (charts(before), charts(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        let version = |of: &BTreeMap<String, Source>| of.get(name).map(|it| it.revision.clone());
        let versions = (version(&old), version(&new));
        if versions.0 == versions.1 {
            continue;
        }
        let read = |of: &BTreeMap<String, Source>, world| of.get(name).map(|it| read(it, world));
        let both = (read(&old, before), read(&new, after));
        let app = |read: &Option<Read>| match read {
            Some(Ok(chart)) => Some(chart.metadata.app_version.clone()),
            _ => None,
        };
        out.push(Addon {
            name: name.clone(),
            chart: versions,
            app: (app(&both.0), app(&both.1)),
            changes: match (&both, new.get(name).or_else(|| old.get(name))) {
                ((Some(Err(reason)), _) | (_, Some(Err(reason))), _) => Err(reason.clone()),
                ((one, two), Some(source)) => changes(one.as_ref(), two.as_ref(), source),
                (_, None) => Ok(Changes::default()),
            },
        });
    }
    out
}

type Read = Result<Arc<chart::Chart>, String>;

fn read(source: &Source, world: &dyn World) -> Read {
    let bytes = world.chart(&source.repository, &source.chart, &source.revision);
    let bytes =
        bytes.map_err(|_| format!("chart {} is not in the local cache", source.revision))?;
    chart::Chart::from_archive(&bytes).map(Arc::new).map_err(|error| error.to_string())
}

/// Returns the sources of the Applications of charts, by name.
fn charts(world: &dyn World) -> BTreeMap<String, Source> {
    let mut out = BTreeMap::new();
    for path in world.list(FOLDER).into_iter().filter(|path| path.ends_with(".yaml")) {
        let Ok(bytes) = world.read(&path) else { continue };
        let Ok(objects) = manifest::read(&String::from_utf8_lossy(&bytes), &path) else { continue };
        let applications = objects.iter().filter(|object| is_application(object));
        for application in applications.filter_map(|object| Application::read(object).ok()) {
            let source = application.sources.into_iter().find(|source| !source.chart.is_empty());
            if let Some(source) = source {
                out.insert(application.name, source);
            }
        }
    }
    out
}

fn changes(old: Option<&Read>, new: Option<&Read>, source: &Source) -> Result<Changes, String> {
    let definitions = |read: Option<&Read>| match read {
        Some(Ok(chart)) => definitions(chart, source),
        _ => Ok(BTreeMap::new()),
    };
    let (before, after) = (definitions(old)?, definitions(new)?);
    let only = |of: &BTreeMap<String, Value>, not: &BTreeMap<String, Value>| {
        of.keys().filter(|name| !not.contains_key(*name)).cloned().collect()
    };
    let changed =
        before.iter().filter(|(name, text)| after.get(*name).is_some_and(|it| it != *text));
    let mut values_gone = Vec::new();
    if let (Some(Ok(old)), Some(Ok(new))) = (old, new) {
        let values = yaml::parse(&source.helm.values, yaml::Schema::Core12);
        if let Ok(values) = values {
            gone(&values, &mut Vec::new(), old, new, &mut values_gone);
        }
    }
    Ok(Changes {
        definitions_added: only(&after, &before),
        definitions_removed: only(&before, &after),
        definitions_changed: changed.map(|(name, _)| name.clone()).collect(),
        values_gone,
    })
}

/// Returns the definitions that a chart brings with the add-on's values, by name.
///
/// Only their `spec` counts: labels name the chart's version, whatever it changes.
fn definitions(chart: &chart::Chart, source: &Source) -> Result<BTreeMap<String, Value>, String> {
    let input = Input {
        release: &source.helm.release,
        namespace: "default",
        values: &[],
        inline: &source.helm.values,
        parameters: &[],
        skip_crds: false,
    };
    let objects = chart::render(chart, &input)?;
    let definitions = objects.iter().filter(|it| it.kind() == "CustomResourceDefinition");
    let spec = |object: &manifest::Object| object.value.get("spec").cloned().unwrap_or(Value::Null);
    Ok(definitions.map(|it| (it.name().to_owned(), spec(it))).collect())
}

/// Collects the outermost values that are set, that the old chart knows, and the new one does not.
fn gone(
    node: &yaml::Node,
    path: &mut Vec<String>,
    old: &chart::Chart,
    new: &chart::Chart,
    out: &mut Vec<String>,
) {
    for (key, value) in node.as_map().unwrap_or_default() {
        let Some(key) = key.as_str() else { continue };
        path.push(key.to_owned());
        if old.has_value(path) {
            if new.has_value(path) {
                gone(value, path, old, new, out);
            } else {
                out.push(path.join("."));
            }
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(version: &str, values: &str, definitions: &[(&str, &str)]) -> Read {
        let mut files = vec![
            ("Chart.yaml".to_owned(), format!("apiVersion: v2\nname: c\nversion: {version}\n")),
            ("values.yaml".to_owned(), values.to_owned()),
        ];
        for (name, scope) in definitions {
            let text = format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                 metadata: {{name: {name}, labels: {{version: \"{version}\"}}}}\nspec: {{scope: {scope}}}\n"
            );
            files.push((format!("crds/{name}.yaml"), text));
        }
        Ok(Arc::new(chart::Chart::from_files(files).unwrap()))
    }

    #[test]
    fn definitions_and_values_that_change_are_named() {
        let old = chart(
            "1.0.0",
            "a: {b: 1, c: 2}\nd: 1\n",
            &[("same.x", "Namespaced"), ("moved.x", "Namespaced"), ("gone.x", "Cluster")],
        );
        let new = chart(
            "2.0.0",
            "a: {b: 1}\n",
            &[("same.x", "Namespaced"), ("moved.x", "Cluster"), ("new.x", "Cluster")],
        );
        let mut source = Source::default();
        source.helm.release = "c".to_owned();
        source.helm.values = "a: {b: 5, c: 6}\nd: 7\nown: true\n".to_owned();
        let changes = changes(Some(&old), Some(&new), &source).unwrap();
        assert_eq!(changes.definitions_added, ["new.x"]);
        assert_eq!(changes.definitions_removed, ["gone.x"]);
        assert_eq!(changes.definitions_changed, ["moved.x"]);
        assert_eq!(changes.values_gone, ["a.c", "d"]);
    }
}
