//! The dated catalog: which version of every add-on is pinned, where its chart comes from.
//!
//! In: the name of a catalog. Out: its entries. Catalogs are files of `crates/compile/catalog/`,
//! part of the program; nothing is fetched.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use yaml::{Node, Schema};

const TEXT_2026_11: &str = include_str!("../../catalog/2026.11.yaml");

/// A dated set of pinned versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// Its name, such as `2026.11`.
    pub name: String,
    /// Minor versions of Kubernetes that generated objects are made for.
    pub kubernetes: Vec<String>,
    /// Argo CD, which people install themselves.
    pub argocd: Chart,
    /// Flux, the same.
    pub flux: Chart,
    /// The add-ons, by name.
    pub addons: BTreeMap<String, Chart>,
    /// GitHub actions and the major version that is used.
    pub actions: BTreeMap<String, String>,
}

/// A chart and its pinned version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Address of the chart repository.
    pub repository: String,
    /// Name of the chart.
    pub chart: String,
    /// Version of the chart.
    pub version: String,
    /// Version of what it installs.
    pub app_version: String,
    /// Namespace that it is installed in, where the spec does not say one; may be empty.
    pub namespace: String,
    /// Kubernetes versions that the chart accepts, as Helm writes constraints; may be empty.
    pub kubernetes: String,
    /// Year and month after which there are no fixes.
    pub retired: Option<String>,
}

impl Catalog {
    /// Returns the pinned chart of an add-on; an empty one where the catalog has none.
    pub fn addon(&self, name: &str) -> Chart {
        self.addons.get(name).cloned().unwrap_or_default()
    }

    /// Returns an action with its version, such as `actions/checkout@v6`.
    pub fn action(&self, name: &str) -> String {
        let version = self.actions.get(name).map_or("main", String::as_str);
        format!("{name}@{version}")
    }
}

/// Returns the names of all catalogs, oldest first.
pub fn names() -> &'static [&'static str] {
    &["2026.11"]
}

/// Returns a catalog by name; the newest one where the name is not known (`check` says so).
pub fn named(_name: &str) -> &'static Catalog {
    static NEWEST: OnceLock<Catalog> = OnceLock::new();
    NEWEST.get_or_init(|| {
        read(TEXT_2026_11).expect("because the catalog is part of the program and tested")
    })
}

/// Returns a spec whose catalog is the newest one; as it is where it names none, because the newest is
/// what it gets then, or where it cannot be read.
pub fn newest(spec: &str) -> String {
    let newest = names().last().copied().unwrap_or_default();
    let path = yaml::edit::Path::parse("spec.catalog");
    let value = yaml::Value::String(newest.to_owned());
    let edited = path.and_then(|path| yaml::edit::set(spec, 0, &path, &value));
    edited.unwrap_or_else(|_| spec.to_owned())
}

fn read(text: &str) -> Option<Catalog> {
    let root = yaml::parse(text, Schema::Core12).ok()?;
    let charts = root.get("addons")?.as_map()?.iter();
    let actions = root.get("actions")?.as_map()?.iter();
    Some(Catalog {
        name: root.get("name")?.as_str()?.to_owned(),
        kubernetes: root
            .get("kubernetes")?
            .as_list()?
            .iter()
            .map(|version| version.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        argocd: chart(root.get("argocd")?)?,
        flux: chart(root.get("flux")?)?,
        addons: charts
            .map(|(name, entry)| Some((name.as_str()?.to_owned(), chart(entry)?)))
            .collect::<Option<_>>()?,
        actions: actions
            .map(|(name, version)| Some((name.as_str()?.to_owned(), version.as_str()?.to_owned())))
            .collect::<Option<_>>()?,
    })
}

fn chart(node: &Node) -> Option<Chart> {
    let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    Some(Chart {
        repository: text("repository")?,
        chart: text("chart")?,
        version: text("version")?,
        app_version: text("appVersion")?,
        namespace: text("namespace").unwrap_or_default(),
        kubernetes: text("kubernetes").unwrap_or_default(),
        retired: text("retired"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalog_is_complete() {
        let catalog = named("2026.11");
        assert_eq!(catalog.name, "2026.11");
        for addon in [
            "traefik",
            "ingress-nginx",
            "cert-manager",
            "secrets-store-csi-driver",
            "infisical-csi-provider",
            "sealed-secrets",
            "external-secrets",
        ] {
            assert!(!catalog.addon(addon).version.is_empty(), "{addon}");
        }
        assert_eq!(catalog.addon("ingress-nginx").retired.as_deref(), Some("2026-03"));
    }
}
