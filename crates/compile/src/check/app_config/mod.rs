//! What `charts/app` is rendered with: `config/app-config.yaml`, an environment's overlay and what
//! people put over both.
//!
//! The files are merged as Helm does and put back into the shape of spec and payload, every value
//! keeping its place, so that the same model and the same checks serve them. Files that are as
//! mainstay would write them are not looked at: payload and spec were.

mod layers;
mod shape;

use std::collections::BTreeSet;
use std::sync::Arc;

use text::{Diagnostic, Sources};
use yaml::{Kind as NodeKind, Node};

use super::codes::{names, resources};
use super::{Findings, images, platform};
use crate::intake::{Kind, validate_document};
use crate::model::{Document, Origin, Platform, Quantity, build};

use layers::Layers;

/// A value file: its path, its text, and the text that mainstay would write.
#[derive(Clone, Debug)]
pub struct ValueFile {
    /// Its path in the repository.
    pub path: String,
    /// What is there.
    pub text: String,
    /// What would be generated; empty where nothing would.
    pub generated: String,
}

/// Returns everything that is wrong with the values of the environments, by place: the value files
/// of each, later ones over earlier ones. `policies` is the platform whose policies hold for them.
///
/// What the generated files say as well is not said again.
pub fn app_config(
    policies: &Platform,
    environments: &[Vec<ValueFile>],
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let mut findings = Findings { found: Vec::new() };
    for files in environments {
        if files.iter().all(|file| file.text == file.generated) {
            continue;
        }
        let texts = |text: fn(&ValueFile) -> &str| -> Vec<(&str, &str)> {
            let named = |file| (ValueFile::path(file), text(file));
            files.iter().map(named).collect()
        };
        let known = values(policies, &texts(|file| &file.generated), &mut Sources::new());
        let known: BTreeSet<_> =
            known.iter().map(|finding| (finding.code, finding.message.as_str())).collect();
        let found = values(policies, &texts(|file| &file.text), sources);
        let said = |finding: &Diagnostic| known.contains(&(finding.code, finding.message.as_str()));
        findings.found.extend(found.into_iter().filter(|finding| !said(finding)));
    }
    findings.done()
}

impl ValueFile {
    fn path(&self) -> &str {
        &self.path
    }
}

/// Returns what is wrong with merged value files.
fn values(policies: &Platform, files: &[(&str, &str)], sources: &mut Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(layers) = Layers::read(files, sources, &mut found) else { return found };
    let tree = &layers.document.tree;
    found = validate_document(Kind::AppConfig, &layers.document, &layers.text);
    if found.is_empty() {
        let shaped = |tree| Document { file: Arc::from(""), tree: Arc::new(tree) };
        let model = build(&shaped(shape::spec(tree)), &shaped(shape::payload(tree)));
        let mut findings = Findings { found: platform(&model) };
        let origin = Origin::of_file(&layers.document.file, tree);
        images::registries(policies, &model, &mut findings);
        unknown_overrides(tree, &model, &origin, &mut findings);
        quota(tree, &model, &origin, &mut findings);
        found = findings.found;
    }
    let lost = |(place, names): &(text::Place, Vec<String>)| {
        names::c126_services_replaced(place.clone(), names)
    };
    found.extend(layers.replaced.iter().map(lost));
    layers.in_files(&mut found);
    found
}

fn unknown_overrides(tree: &Node, model: &Platform, origin: &Origin, findings: &mut Findings) {
    let services = tree.get("services").and_then(Node::as_list).unwrap_or_default();
    let names = || services.iter().filter_map(|service| service.get("name")?.as_str());
    for (key, _) in tree.get("overrides").and_then(Node::as_map).unwrap_or_default() {
        let Some(name) = key.as_str() else { continue };
        // A workload that is turned off is still one.
        if model.app(name).is_none() && !names().any(|known| known == name) {
            let place = text::Place::new(origin.file(), key.span.range());
            findings.add(names::c107_unknown_workload(name, place, text::nearest(name, names())));
        }
    }
}

/// A quota that somebody fixed by hand.
fn quota(tree: &Node, model: &Platform, origin: &Origin, findings: &mut Findings) {
    let quota = tree.get("quota");
    let on = quota.and_then(|quota| quota.get("enabled")?.as_bool()).unwrap_or_default();
    let (Some(environment), true) = (model.environments.first(), on) else { return };
    let need = model.need(environment);
    for (key, value) in quota.and_then(|quota| quota.get("hard")?.as_map()).unwrap_or_default() {
        let Some(name) = key.as_str() else { continue };
        let hard = match &value.kind {
            NodeKind::String(text) => Quantity::parse(text),
            NodeKind::Int(number) => Some(Quantity::whole(*number)),
            NodeKind::Float(number) => Quantity::parse(&number.to_string()),
            _ => None,
        };
        let (Some(hard), Some(need)) = (hard, need.amounts.get(name)) else { continue };
        if hard < *need {
            let place = text::Place::new(origin.file(), value.span.range());
            let numbers = (hard.to_string(), need.to_string());
            findings.add(resources::c136_quota(name, &numbers.0, &numbers.1, place));
        }
    }
}
