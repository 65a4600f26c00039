//! Where resources come from and what changed them, as the annotations of `buildMetadata` say it.

use crate::identity::Gvk;
use crate::resource::Resource;

/// Says which field of a kustomization file made or changed something.
pub(crate) fn of_field(origin: &str, file: &str, kind: &str) -> String {
    let file = file.rsplit('/').next().unwrap_or_default();
    describe(&below(origin, file), "builtin", kind, None)
}

/// Says which configuration in a file of its own did.
pub(crate) fn of_plugin(config: &Resource) -> Option<String> {
    let place = config.origin.as_deref()?.strip_prefix("path: ")?.trim_end();
    let (name, namespace) = (config.metadata("name"), config.metadata("namespace"));
    let Gvk { kind, .. } = config.gvk();
    Some(describe(place, &config.text("apiVersion"), &kind, Some((&name, &namespace))))
}

fn describe(place: &str, api_version: &str, kind: &str, name: Option<(&str, &str)>) -> String {
    let mut text = format!(
        "configuredIn: {place}\nconfiguredBy:\n  apiVersion: {api_version}\n  kind: {kind}\n"
    );
    if let Some((name, namespace)) = name {
        if !name.is_empty() {
            text.push_str(&format!("  name: {name}\n"));
        }
        if !namespace.is_empty() {
            text.push_str(&format!("  namespace: {namespace}\n"));
        }
    }
    text
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
pub(crate) fn below(origin: &str, path: &str) -> String {
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
