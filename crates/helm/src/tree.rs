//! The charts of one release: which of those in the archive take part, under which names, with
//! which default values.

use gotmpl::semver::{Constraints, Version};
use gotmpl::{Frozen, Value};

use crate::chart::Chart;
use crate::metadata::Dependency;

/// A chart that may take part in a release.
#[derive(Clone, Debug)]
pub(crate) struct Node<'c> {
    /// What the archive holds.
    pub(crate) chart: &'c Chart,
    /// Its name or alias.
    pub(crate) name: String,
    /// What it needs; changed while dependencies are processed.
    pub(crate) needs: Option<Vec<Need>>,
    /// Its default values, with those imported from charts below.
    pub(crate) values: Option<Frozen>,
    /// The charts below it.
    pub(crate) children: Vec<Node<'c>>,
}

/// A dependency with what was decided about it.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    /// As written, except that the name is the alias once that is known.
    pub(crate) dependency: Dependency,
    /// Imports as helm shows them to templates afterwards.
    pub(crate) imported: Option<Vec<Value>>,
}

impl<'c> Node<'c> {
    /// Returns the tree of all charts in the archive.
    pub(crate) fn new(chart: &'c Chart) -> Node<'c> {
        let needs = chart.metadata.dependencies.as_ref().map(|dependencies| {
            let need =
                |dependency: &Dependency| Need { dependency: dependency.clone(), imported: None };
            dependencies.iter().map(need).collect()
        });
        Node {
            chart,
            name: chart.metadata.name.clone(),
            needs,
            values: chart.values().cloned(),
            children: chart.dependencies.iter().map(Node::new).collect(),
        }
    }

    /// Returns the names of required charts that are not there.
    pub(crate) fn missing(&self) -> Vec<&str> {
        let needs = self.needs.iter().flatten().map(|need| need.dependency.name.as_str());
        needs.filter(|name| !self.children.iter().any(|child| child.name == *name)).collect()
    }

    /// Whether this chart meets a dependency.
    pub(crate) fn meets(&self, dependency: &Dependency) -> bool {
        self.name == dependency.name
            && is_compatible(&dependency.version, &self.chart.metadata.version)
    }
}

/// Whether a version meets a constraint; never where either cannot be read.
pub(crate) fn is_compatible(constraint: &str, version: &str) -> bool {
    match (Version::parse(version), Constraints::parse(constraint)) {
        (Ok(version), Ok(constraints)) => constraints.check(&version),
        _ => false,
    }
}
