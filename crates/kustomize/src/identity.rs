//! What kustomize calls a resource: group, version, kind, name and namespace.

use std::cmp::Ordering;
use std::fmt;

use crate::facts::scope::{CLUSTER_SCOPED, NAMESPACED};

/// Group, version and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Gvk {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
}

/// Kinds that are written first, as kustomize's `legacy` order has them.
pub(crate) const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that are written last.
pub(crate) const LAST: [&str; 2] =
    ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

impl Gvk {
    pub(crate) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// Whether what the selector names is the same here.
    pub(crate) fn is_selected(&self, selector: &Self) -> bool {
        let fits = |own: &str, wanted: &str| wanted.is_empty() || own == wanted;
        fits(&self.kind, &selector.kind)
            && fits(&self.group, &selector.group)
            && fits(&self.version, &selector.version)
    }

    pub(crate) fn is_cluster_scoped(&self) -> bool {
        self.is_in(CLUSTER_SCOPED)
    }

    /// Whether the kind is one of Kubernetes' own, of the version that kustomize has inside.
    pub(crate) fn is_known(&self) -> bool {
        self.is_in(CLUSTER_SCOPED) || self.is_in(NAMESPACED)
    }

    /// Whether it is in a sorted list of `apiVersion kind`; asked so often that no text is made for it.
    fn is_in(&self, list: &[&str]) -> bool {
        let slash = if self.group.is_empty() { "" } else { "/" };
        let name = [&self.group, slash, &self.version, " ", &self.kind];
        list.binary_search_by(|it| compare(it.as_bytes(), name)).is_ok()
    }

    /// Returns the place among all kinds by which tables and resources are ordered.
    pub(crate) fn order(&self, first: &[&str], last: &[&str]) -> (isize, String) {
        let index = |list: &[&str]| list.iter().rposition(|it| *it == self.kind);
        let place = match (index(first), index(last)) {
            (_, Some(index)) => 1 + index as isize,
            (Some(index), None) => index as isize - first.len() as isize,
            (None, None) => 0,
        };
        (place, self.sort_text())
    }

    pub(crate) fn sort_text(&self) -> String {
        let (group, version) = (or(&self.group, "~G"), or(&self.version, "~V"));
        format!("{group}_{version}_{}", or(&self.kind, "~K"))
    }
}

/// Compares a text with parts of another one.
fn compare(text: &[u8], parts: [&str; 5]) -> Ordering {
    let mut rest = text;
    for part in parts {
        let (own, more) = rest.split_at(part.len().min(rest.len()));
        match own.cmp(part.as_bytes()) {
            Ordering::Equal => rest = more,
            other => return other,
        }
    }
    rest.len().cmp(&0)
}

fn or<'t>(text: &'t str, empty: &'t str) -> &'t str {
    if text.is_empty() { empty } else { text }
}

impl fmt::Display for Gvk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, version) = (or(&self.kind, "[noKind]"), or(&self.version, "[noVer]"));
        write!(out, "{kind}.{version}.{}", or(&self.group, "[noGrp]"))
    }
}

/// A resource's identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) gvk: Gvk,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

impl Id {
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.gvk.is_cluster_scoped() {
            return "_non_namespaceable_";
        }
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }

    /// Returns it with the effective namespace: equal for all that name one resource.
    pub(crate) fn effective(mut self) -> Self {
        let namespace = self.effective_namespace();
        if namespace != self.namespace {
            self.namespace = namespace.to_owned();
        }
        self
    }

    /// Whether both name one resource.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.same_but_namespace(other) && self.effective_namespace() == other.effective_namespace()
    }

    pub(crate) fn same_but_namespace(&self, other: &Self) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, namespace) = (or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"));
        write!(out, "{}/{name}.{namespace}", self.gvk)
    }
}
