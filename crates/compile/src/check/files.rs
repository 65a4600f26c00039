//! The files that people add or edit: Kubernetes Secrets and values that look like one in plain text,
//! and parameters of ApplicationSets that no generator gives.
//!
//! Files that are as mainstay writes them, the inputs and the value files are not looked at here:
//! they have checks of their own. A file that cannot be read is rendering's to report.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources, World};
use yaml::{Kind, Node};

use super::codes::secrets as codes;
use super::plaintext::{self, Suspect};
use super::{Findings, Platform, application_sets};
use crate::generate::{Tree, value_files};

/// The folders that are delivered from.
const DELIVERED: &[&str] =
    &["applications", "apps", "clusters", "config", "infra", "overlays", "platform", "projects"];

/// Returns what is wrong in the delivered files of a repository that are not as generated. `tree` is the
/// repository as it would be generated.
pub fn files(
    platform: &Platform,
    tree: &Tree,
    world: &dyn World,
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let environments = platform.environments.iter();
    let values: Vec<String> =
        environments.flat_map(|environment| value_files(platform, environment)).collect();
    let mut findings = Findings { found: Vec::new() };
    for path in DELIVERED.iter().flat_map(|folder| world.list(folder)) {
        let is_data = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
        if !is_data || path == platform.application.payload || values.contains(&path) {
            continue;
        }
        let Ok(bytes) = world.read(&path) else { continue };
        if tree.files.get(&path).is_some_and(|file| *file.bytes == *bytes) {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        file(&path, text, sources, &mut findings);
    }
    findings.done()
}

fn file(path: &str, text: &str, sources: &mut Sources, findings: &mut Findings) {
    let Ok(documents) = yaml::parse_all(text, yaml::Schema::Core12) else { return };
    let name: Arc<str> = Arc::from(path);
    let place = |suspect: &Suspect| Place::new(&name, suspect.name_span.range());
    let mut suspects = Vec::new();
    for document in &documents {
        let items = document.get("items").and_then(Node::as_list).unwrap_or_default();
        for object in std::iter::once(document).chain(items) {
            application_sets::check(object, &name, findings);
            if is_secret(object) {
                let held = held(object);
                for suspect in &held {
                    findings.add(codes::c178_secret(&suspect.name, place(suspect)));
                }
                suspects.extend(held);
            }
        }
        if is_stack(path) {
            unresolved(document, &name, findings);
        }
        if items.is_empty() && !is_secret(document) && !is_envelope(document) {
            let like = plaintext::suspects(document);
            for suspect in &like {
                findings.add(codes::c170_plaintext(&suspect.name, suspect.why, place(suspect)));
            }
            suspects.extend(like);
        }
    }
    // What is shown of the file must not show its secrets.
    sources.add(path, plaintext::blotted(text, &suspects).unwrap_or_else(|| text.to_owned()));
}

/// Whether a file is the configuration of a Pulumi stack.
fn is_stack(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.starts_with("Pulumi.") && file != "Pulumi.yaml"
}

/// References to 1Password in Pulumi's configuration, which is text to Pulumi.
fn unresolved(stack: &Node, file: &Arc<str>, findings: &mut Findings) {
    for (key, value) in stack.get("config").and_then(Node::as_map).unwrap_or_default() {
        if let (Some(name), Some(text)) = (key.as_str(), value.as_str())
            && text.trim_start().starts_with("op://")
        {
            findings.add(codes::p124_unresolved(name, Place::new(file, key.span.range())));
        }
    }
}

fn is_secret(object: &Node) -> bool {
    let field = |name| object.get(name).and_then(Node::as_str);
    field("kind") == Some("Secret") && field("apiVersion") == Some("v1")
}

/// Whether an object is made to be public although its values look random.
fn is_envelope(object: &Node) -> bool {
    let kind = object.get("kind").and_then(Node::as_str);
    matches!(kind, Some("SealedSecret" | "ExternalSecret" | "CustomResourceDefinition"))
}

/// Returns what a Secret holds; references that something else fills in are nothing.
fn held(secret: &Node) -> Vec<Suspect> {
    let entries = |field| secret.get(field).and_then(Node::as_map).unwrap_or_default();
    let all = entries("data").iter().chain(entries("stringData"));
    all.filter_map(|(key, value)| {
        let Kind::String(text) = &value.kind else { return None };
        let name = key.as_str().filter(|_| !plaintext::is_reference(text.trim()))?;
        Some(Suspect {
            name: name.to_owned(),
            name_span: key.span,
            value_span: value.span,
            why: "the data of a Secret",
        })
    })
    .collect()
}
