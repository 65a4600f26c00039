//! What templates printed, as documents: split, told apart from hooks, and in helm's order.
//!
//! Rules: helm v4.3.1 `pkg/release/v1/util` (`SplitManifests`, `SortManifests`, `InstallOrder`).

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use crate::error::{Error, ErrorKind};
use crate::metadata::text_of;
use crate::paths;

/// The order in which kinds are installed and printed; all others follow by name.
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The names of hooks; `test-success` is an old name of `test`.
const HOOK_EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

const HOOK_ANNOTATION: &str = "helm.sh/hook";

/// One document that a template printed.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The template's path, as in `# Source:`.
    pub path: Arc<str>,
    /// `apiVersion`, empty where there is none.
    pub api_version: String,
    /// `kind`, empty where there is none.
    pub kind: String,
    /// `metadata.name`, empty where there is none.
    pub name: String,
    /// The events of a hook; empty for what is no hook.
    pub events: Vec<&'static str>,
    content: Arc<String>,
    range: Range<usize>,
}

impl Manifest {
    /// Returns the document's text.
    pub fn text(&self) -> &str {
        self.content.get(self.range.clone()).unwrap_or_default()
    }

    /// Whether it is a hook and not a part of the release.
    pub fn is_hook(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether it runs on `helm test`.
    pub fn is_test(&self) -> bool {
        self.events.contains(&"test")
    }
}

/// The manifests and the hooks of a release, each in helm's order.
pub(crate) struct Sorted {
    pub(crate) manifests: Vec<Manifest>,
    pub(crate) hooks: Vec<Manifest>,
}

/// Sorts the documents of rendered files, which come in the order of their paths.
pub(crate) fn sort(files: impl IntoIterator<Item = (Arc<str>, Vec<u8>)>) -> Result<Sorted, Error> {
    let mut sorted = Sorted { manifests: Vec::new(), hooks: Vec::new() };
    for (path, content) in files {
        if paths::base(&path).starts_with('_') {
            continue;
        }
        let content = match String::from_utf8(content) {
            Ok(text) => Arc::new(text),
            Err(error) => {
                // Go's reader refuses such text too; let ours say how.
                let found = yaml::validate_head(error.as_bytes()).err();
                let words =
                    found.map_or_else(|| "yaml: invalid UTF-8".to_owned(), |error| error.go_text());
                return Err(unreadable(&path, &format!("error converting YAML to JSON: {words}")));
            }
        };
        for range in split(&content) {
            let text = content.get(range.clone()).unwrap_or_default();
            let head = head(text).map_err(|words| unreadable(&path, &words))?;
            let hook = head.hook;
            let mut manifest = Manifest {
                path: Arc::clone(&path),
                api_version: head.api_version,
                kind: head.kind,
                name: head.name,
                events: Vec::new(),
                content: Arc::clone(&content),
                range,
            };
            match hook {
                None => sorted.manifests.push(manifest),
                // A hook with an unknown event is left out altogether.
                Some(events) => {
                    if let Some(events) = hook_events(&events) {
                        manifest.events = events;
                        sorted.hooks.push(manifest);
                    }
                }
            }
        }
    }
    sort_by_kind(&mut sorted.manifests);
    sort_by_kind(&mut sorted.hooks);
    Ok(sorted)
}

fn unreadable(path: &str, words: &str) -> Error {
    Error::new(ErrorKind::Manifest, format!("YAML parse error on {path}: {words}"))
}

fn hook_events(text: &str) -> Option<Vec<&'static str>> {
    let known = |event: &str| {
        let event = event.trim().to_lowercase();
        let found = HOOK_EVENTS.iter().find(|known| **known == event)?;
        Some(if *found == "test-success" { "test" } else { *found })
    };
    text.split(',').map(known).collect()
}

fn sort_by_kind(manifests: &mut [Manifest]) {
    let rank = |kind: &str| INSTALL_ORDER.iter().position(|known| *known == kind);
    manifests.sort_by_cached_key(|manifest| match rank(&manifest.kind) {
        Some(rank) => (rank, String::new()),
        None => (INSTALL_ORDER.len(), manifest.kind.clone()),
    });
}

/// Returns the documents of a stream: what lies between lines that begin with `---`, without the
/// white space before it; blank documents do not count.
pub(crate) fn split(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut start = text.len() - text.trim_start().len();
    let mut push = |start: usize, end: usize| {
        let piece = text.get(start..end).unwrap_or_default();
        let trimmed = piece.trim_start();
        if !trimmed.is_empty() {
            documents.push(end - trimmed.len()..end);
        }
    };
    let after_separator = |at: usize| {
        let rest = text.get(at + 3..).unwrap_or_default();
        text.len() - rest.trim_start_matches([' ', '\t']).len()
    };
    if text.get(start..).is_some_and(|rest| rest.starts_with("---")) {
        start = after_separator(start);
    }
    let finder = memmem::Finder::new("\n---");
    loop {
        let rest = text.get(start..).unwrap_or_default();
        let Some(found) = finder.find(rest.as_bytes()) else {
            push(start, text.len());
            return documents;
        };
        let separator = start + found + 1;
        push(start, separator);
        start = after_separator(separator);
    }
}

/// What helm reads of a document.
#[derive(Default)]
struct Head {
    api_version: String,
    kind: String,
    name: String,
    hook: Option<String>,
}

fn head(text: &str) -> Result<Head, String> {
    let head = yaml::validate_head_of_text(text)
        .map_err(|error| format!("error converting YAML to JSON: {}", error.go_text()))?;
    // What is not as every sound object has it is read again with Go's eyes.
    if !head.is_plain {
        return careful_head(text);
    }
    let hook = head.annotations.into_iter().find(|(key, _)| key == HOOK_ANNOTATION);
    Ok(Head {
        api_version: head.api_version.unwrap_or_default(),
        kind: head.kind.unwrap_or_default(),
        name: head.name.unwrap_or_default(),
        hook: hook.map(|(_, value)| value),
    })
}

/// Reads a head as Go's decoder does: keys in any case, scalars become strings, other types fail.
fn careful_head(text: &str) -> Result<Head, String> {
    let document = yaml::Value::decode_go2(text.as_bytes())
        .map_err(|error| format!("error converting YAML to JSON: {}", error.go_text()))?;
    let wrong = |value: &yaml::Value, place: &str, want: &str| {
        let got = match value {
            yaml::Value::Null => "null",
            yaml::Value::Bool(_) => "bool",
            yaml::Value::Int(_) | yaml::Value::Uint(_) | yaml::Value::Float(_) => "number",
            yaml::Value::String(_) => "string",
            yaml::Value::List(_) => "array",
            yaml::Value::Map(_) => "object",
        };
        format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {got} into Go \
             {place} of type {want}"
        )
    };
    let string = |value: &yaml::Value, place: &str| match text_of(value) {
        Some(text) => Ok(text),
        None if value.is_null() => Ok(String::new()),
        None => Err(wrong(value, &format!("struct field {place}"), "string")),
    };
    let mut head = Head::default();
    let fields = match &document {
        yaml::Value::Null => return Ok(head),
        yaml::Value::Map(fields) => fields,
        other => return Err(wrong(other, "value", "util.SimpleHead")),
    };
    for (key, value) in fields {
        match key.to_ascii_lowercase().as_str() {
            "apiversion" => head.api_version = string(value, ".apiVersion")?,
            "kind" => head.kind = string(value, ".kind")?,
            "metadata" => match value {
                yaml::Value::Null => {}
                yaml::Value::Map(metadata) => {
                    for (key, value) in metadata {
                        match key.to_ascii_lowercase().as_str() {
                            "name" => head.name = string(value, ".metadata.name")?,
                            "annotations" => match value {
                                yaml::Value::Null => {}
                                yaml::Value::Map(annotations) => {
                                    for (key, value) in annotations {
                                        let place = format!(".metadata.annotations.{key}");
                                        let value = string(value, &place)?;
                                        if key == HOOK_ANNOTATION {
                                            head.hook = Some(value);
                                        }
                                    }
                                }
                                other => {
                                    let place = "struct field .metadata.annotations";
                                    return Err(wrong(other, place, "map[string]string"));
                                }
                            },
                            _ => {}
                        }
                    }
                }
                other => {
                    return Err(wrong(
                        other,
                        "struct field .metadata",
                        "struct { Name string \"json:\\\"name\\\"\"; Annotations \
                         map[string]string \"json:\\\"annotations\\\"\" }",
                    ));
                }
            },
            _ => {}
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn documents_are_what_helm_takes_for_them() {
        for (text, want) in [
            ("", &[] as &[&str]),
            (" \n\n ", &[]),
            ("\n\n---\na: 1\n", &["a: 1\n"]),
            ("a: 1\n---\n---\nb: 2", &["a: 1\n", "b: 2"]),
            ("a: 1\n--- # note\nb: 2\n", &["a: 1\n", "# note\nb: 2\n"]),
            ("---a: 1\n---  \t\n  b: 2\n", &["a: 1\n", "b: 2\n"]),
            ("a: |\n  ---\n----\n", &["a: |\n  ---\n", "-\n"]),
            ("a: 1\r\n---\r\nb: 2\r\n", &["a: 1\r\n", "b: 2\r\n"]),
        ] {
            let got: Vec<&str> =
                split(text).into_iter().filter_map(|range| text.get(range)).collect();
            assert_eq!(got, want, "{text:?}");
        }
    }
}
