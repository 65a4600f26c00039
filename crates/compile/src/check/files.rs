//! The files that people add or edit: Kubernetes Secrets and values that look like one in plain text, private
//! keys and tokens in any text, and parameters of ApplicationSets that no generator gives.
//!
//! Files that are as mainstay writes them, the inputs and the value files are not looked at here:
//! they have checks of their own. A file that cannot be read is rendering's to report.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources, World};
use yaml::{Kind, Node};

use super::codes::secrets::{self as codes, Stands};
use super::plaintext::{self, Suspect};
use super::{Findings, Platform, generators, loose};
use crate::generate::{Tree, value_files};

/// The folders that are delivered from.
const DELIVERED: &[&str] =
    &["applications", "apps", "clusters", "config", "infra", "overlays", "platform", "projects"];

/// Folders of tools, which hold what others published or what is not kept in Git.
const OF_TOOLS: &[&str] = &[".git", ".mainstay", ".terraform", ".venv", "node_modules"];

/// Larger files, in bytes, are looked into only where they are delivered.
const LARGEST_SEARCHED: usize = 4 << 20;

/// Returns what is wrong in the files of a repository that are not as generated. `tree` is the
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
    for path in world.list("") {
        let is_input =
            path == platform.application.payload || path == platform.origin.file().as_ref();
        if is_input || values.contains(&path) || is_of_tools(&path) {
            continue;
        }
        let Ok(bytes) = world.read(&path) else { continue };
        if tree.files.get(&path).is_some_and(|file| *file.bytes == *bytes) {
            continue;
        }
        let data = is_data(&path);
        if bytes.len() > LARGEST_SEARCHED && !(data && is_delivered(&path)) {
            continue;
        }
        // What is no text is a picture or an archive.
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let file = File { path: &path, text, name: Arc::from(path.as_str()) };
        let before = findings.found.len();
        let mut suspects = if data { file.data(world, &mut findings) } else { Vec::new() };
        file.text(&mut suspects, &mut findings);
        // What is shown of the file must not show its secrets.
        let blotted = plaintext::blotted(text, &suspects);
        if blotted.is_some() || findings.found.len() > before {
            sources.add(path, blotted.unwrap_or_else(|| text.to_owned()));
        }
    }
    findings.done()
}

/// Whether a path lies in a folder that a tool keeps for itself.
fn is_of_tools(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| OF_TOOLS.contains(&folder))
}

fn is_delivered(path: &str) -> bool {
    path.split_once('/').is_some_and(|(folder, _)| DELIVERED.contains(&folder))
}

/// Whether a file is YAML or JSON by its name.
fn is_data(path: &str) -> bool {
    let ends = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
    ends || path.rsplit('/').next() == Some("Kustomization")
}

/// A file that is not as generated.
struct File<'f> {
    path: &'f str,
    text: &'f str,
    name: Arc<str>,
}

impl File<'_> {
    fn place(&self, suspect: &Suspect) -> Place {
        Place::new(&self.name, suspect.name_span.range())
    }

    /// Looks at a file as data; returns what must not be shown of it.
    fn data(&self, world: &dyn World, findings: &mut Findings) -> Vec<Suspect> {
        let schema = yaml::Schema::Core12;
        let Ok(documents) = yaml::parse_all(self.text, schema) else { return Vec::new() };
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut suspects = Vec::new();
        for document in &documents {
            let items = document.get("items").and_then(Node::as_list).unwrap_or_default();
            for object in std::iter::once(document).chain(items) {
                if is_delivered(self.path) {
                    findings
                        .extend(crate::delivery::argocd::unknown_parameters(object, &self.name));
                }
                let held = match is_secret(object) {
                    true => held(object),
                    false => generators::held(object, folder, world),
                };
                for suspect in &held {
                    findings.add(codes::c178_secret(&suspect.name, self.place(suspect)));
                }
                suspects.extend(held);
            }
            if is_stack(self.path) {
                unresolved(document, &self.name, findings);
            }
            if items.is_empty() && !is_secret(document) && !is_envelope(document) {
                let mut like = plaintext::suspects(document);
                like.retain(|suspect| {
                    let seen =
                        |other: &Suspect| loose::overlap(other.value_span, suspect.value_span);
                    !suspects.iter().any(seen)
                        && (is_delivered(self.path) || self.is_meant(suspect))
                });
                let stands = if is_object(document) { Stands::Object } else { Stands::File };
                for suspect in &like {
                    let (name, why) = (&suspect.name, suspect.why);
                    findings.add(codes::c170_plaintext(name, why, stands, self.place(suspect)));
                }
                suspects.extend(like);
            }
        }
        suspects
    }

    /// Looks at a file as text, and adds what must not be shown of it.
    fn text(&self, suspects: &mut Vec<Suspect>, findings: &mut Findings) {
        for suspect in loose::suspects(self.path, self.text) {
            let seen = |other: &Suspect| loose::overlap(other.value_span, suspect.value_span);
            if suspects.iter().any(seen) {
                continue;
            }
            let (name, why, place) = (&suspect.name, suspect.why, self.place(&suspect));
            findings.add(codes::c170_plaintext(name, why, Stands::File, place));
            suspects.push(suspect);
        }
    }

    /// Whether a value of a file that nothing is delivered from can be a secret: such files are also
    /// translations and forms, in which `password` is a word.
    fn is_meant(&self, suspect: &Suspect) -> bool {
        let value = self.text.get(suspect.value_span.range()).unwrap_or_default();
        !loose::is_prose(value) || suspect.why != plaintext::BY_NAME
    }
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

fn is_object(document: &Node) -> bool {
    ["kind", "apiVersion"].iter().all(|field| document.get(field).is_some())
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
