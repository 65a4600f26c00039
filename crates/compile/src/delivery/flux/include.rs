//! What a GitRepository takes from other ones (`spec.include`), before it hands anything on.
//!
//! Each included artifact, or a part of it, is moved to a path of its own. Never decides what is left out.
//!
//! Source: source-controller 1.9, `GitRepositoryReconciler.reconcileInclude` and `Storage.CopyToPath`.

use std::collections::BTreeMap;
use std::sync::Arc;

use text::World;
use text::path::is_below;
use yaml::Value;

use super::kustomization::inside;
use super::objects::{Name, list, text};
use super::{Cluster, Failure};

/// Files that lie over those of the repository itself, by path.
pub(super) type Included = BTreeMap<String, Arc<[u8]>>;

impl Cluster<'_> {
    /// Returns the files that a GitRepository includes. `above` are those that include it themselves.
    ///
    /// # Errors
    /// Where one of them is not there or not known, leads back, or has no place to go to.
    pub(super) fn included(
        &self,
        name: &Name,
        own: &dyn World,
        spec: &Value,
        above: &[&Name],
    ) -> Result<Included, Failure> {
        let mut included = Included::new();
        let above = [above, &[name]].concat();
        for entry in list(spec.get("include")) {
            let reference = entry.get("repository").unwrap_or(&Value::Null);
            let other = Name {
                kind: "GitRepository".to_owned(),
                namespace: name.namespace.clone(),
                name: text(reference, "name"),
            };
            if above.contains(&&other) {
                return Err(Failure::Wrong(format!(
                    "`include` leads from GitRepository `{}` back to itself",
                    other.name
                )));
            }
            let source =
                self.sources.get(&other).ok_or_else(|| Failure::NoSource(other.clone()))?;
            let files = self.handed_on(source, &above)?;
            let (from, to) = (text(entry, "fromPath"), text(entry, "toPath"));
            let from = inside(&from);
            let to = inside(if to.is_empty() { &other.name } else { &to });
            if !own.list(&to).is_empty() || included.keys().any(|path| is_below(path, &to)) {
                return Err(Failure::Wrong(format!(
                    "GitRepository `{}` includes `{}` at `{to}`, where files are already",
                    name.name, other.name
                )));
            }
            let before = included.len();
            if let Ok(bytes) = files.read(&from) {
                included.insert(to.clone(), bytes);
            }
            for path in files.list(&from) {
                let below = path.strip_prefix(&from).unwrap_or(&path).trim_start_matches('/');
                if let Ok(bytes) = files.read(&path) {
                    included.insert(format!("{to}/{below}"), bytes);
                }
            }
            if included.len() == before {
                return Err(Failure::Wrong(format!(
                    "GitRepository `{}` includes `{from}` of `{}`, which has no such path",
                    name.name, other.name
                )));
            }
        }
        Ok(included)
    }
}
