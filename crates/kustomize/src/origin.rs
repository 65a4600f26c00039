//! Where resources come from and what changed them, as the annotations of `buildMetadata` say it.

use yaml::{Value, scalar_go2};

use crate::identity::Gvk;
use crate::repo_spec::RepoSpec;
use crate::resource::Resource;

/// The way to a kustomization: from the outermost one, or from the top of a repository elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    path: String,
    repository: String,
    reference: String,
}

impl Origin {
    /// Returns the way to what an entry names.
    pub(crate) fn below(&self, entry: &str) -> Origin {
        let Some(spec) = RepoSpec::parse(entry) else {
            return Origin { path: joined(&self.path, entry), ..self.clone() };
        };
        // kustomize takes the name of the folder that it would clone into for the top of a repository.
        let folder = if spec.folder.is_empty() { "notCloned" } else { &spec.folder };
        Origin {
            path: folder.to_owned(),
            repository: spec.repository.address,
            reference: spec.repository.reference,
        }
    }

    /// Returns what the annotation says of a file.
    pub(crate) fn of_file(&self) -> String {
        pairs(&[("path", &self.path), ("repo", &self.repository), ("ref", &self.reference)])
    }

    /// Says which field of a kustomization file made or changed something.
    pub(crate) fn of_field(&self, file: &str, kind: &str) -> String {
        let file = file.rsplit('/').next().unwrap_or_default();
        let origin = Origin { path: joined(&self.path, file), ..self.clone() };
        origin.describe("builtin", kind, None)
    }

    fn describe(&self, api_version: &str, kind: &str, name: Option<(&str, &str)>) -> String {
        let (name, namespace) = name.unwrap_or_default();
        let by = pairs(&[
            ("  apiVersion", api_version),
            ("  kind", kind),
            ("  name", name),
            ("  namespace", namespace),
        ]);
        let place = pairs(&[
            ("repo", &self.repository),
            ("ref", &self.reference),
            ("configuredIn", &self.path),
        ]);
        format!("{place}configuredBy:\n{by}")
    }
}

/// Says which configuration in a file of its own did.
pub(crate) fn of_plugin(config: &Resource) -> Option<String> {
    let written = Value::decode_go2(config.origin.as_deref()?.as_bytes()).ok()?;
    let text = |key: &str| written.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let origin = Origin { path: text("path"), repository: text("repo"), reference: text("ref") };
    let (name, namespace) = (config.metadata("name"), config.metadata("namespace"));
    let Gvk { kind, .. } = config.gvk();
    Some(origin.describe(&config.text("apiVersion"), &kind, Some((&name, &namespace))))
}

/// Writes what is not empty.
fn pairs(pairs: &[(&str, &str)]) -> String {
    let said = pairs.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(key, value)| format!("{key}: {}\n", scalar_go2(value))).collect()
}

/// Notes at all resources what changed (or, where nobody is known to, made) them.
pub(crate) fn note(resources: &mut [Resource], text: &str) {
    for resource in resources {
        if resource.origin.is_none() {
            resource.origin = Some(text.to_owned());
        } else {
            resource.transformations.push(text.to_owned());
        }
    }
}

/// Joins and cleans paths as Go's `filepath.Join` does.
fn joined(origin: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in origin.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
