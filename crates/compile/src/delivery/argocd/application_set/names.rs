//! Parameters of ApplicationSets that no generator gives.
//!
//! In: an object as it was written. Out: findings, each at the text that names the parameter. Sets with
//! generators whose parameters are not known here (a plugin, another set's output) are left alone.
//!
//! Source: Argo CD, operator manual, "ApplicationSet": the pages of the generators, and "Go Template".
//! Old templating leaves an unknown `{{name}}` in place; a Go template prints `<no value>`, or stops
//! the whole set under `missingkey=error`.

use std::collections::BTreeSet;
use std::sync::Arc;

use text::{Diagnostic, Place};
use yaml::{Kind, Node};

use crate::delivery::codes;

/// What the pull request generator gives.
const PULL_REQUEST: &[&str] = &[
    "number",
    "title",
    "branch",
    "branch_slug",
    "target_branch",
    "target_branch_slug",
    "head_sha",
    "head_short_sha",
    "head_short_sha_7",
    "labels",
    "author",
];
/// What the cluster generator gives, beside labels and annotations.
const CLUSTERS: &[&str] = &["name", "nameNormalized", "server", "project", "metadata"];
/// Folders below each other that have a parameter of their own; deeper paths are not expected.
const MOST_FOLDERS: usize = 32;
/// Names that are often written for others.
const MEANT: &[(&str, &str)] = &[
    ("pull_request.number", "number"),
    ("pr_number", "number"),
    ("pull_request.head_sha", "head_sha"),
    ("head_commit.short_sha", "head_short_sha"),
    ("short_sha", "head_short_sha"),
    ("pull_request.branch", "branch"),
];

/// Looks at an object; anything but an ApplicationSet has no findings.
pub(crate) fn unknown_parameters(object: &Node, file: &Arc<str>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let field = |name| object.get(name).and_then(Node::as_str);
    let is_set = field("kind") == Some("ApplicationSet")
        && field("apiVersion").is_some_and(|version| version.starts_with("argoproj.io/"));
    let (true, Some(spec)) = (is_set, object.get("spec")) else { return findings };
    let go = spec.get("goTemplate").and_then(Node::as_bool).unwrap_or(false);
    let mut known = BTreeSet::new();
    for generator in spec.get("generators").and_then(Node::as_list).unwrap_or_default() {
        let Some(given) = parameters(generator, go) else { return findings };
        known.extend(given);
    }
    let is_unmade = asks_forge(spec);
    let mut said = BTreeSet::new();
    let mut look = |node: &Node, text: &str| {
        for (name, dotted) in names(text, go) {
            if !said.insert((name.clone(), dotted)) {
                continue;
            }
            let place = Place::new(file, node.span.range());
            let top = name.split('.').next().unwrap_or_default();
            let is_known = known.contains(&name) || (go && known.contains(top));
            if is_known && dotted != go {
                findings.push(codes::d002_other_templating(&name, go, place));
            // A Go template with a word that is no function cannot be read, which is said where the set is made.
            } else if !is_known && (dotted || !go || is_unmade) {
                let meant = MEANT
                    .iter()
                    .find(|(wrong, _)| *wrong == name)
                    .map(|(_, right)| *right)
                    .filter(|right| known.contains(*right))
                    .or_else(|| text::nearest(&name, known.iter().map(String::as_str)));
                findings.push(codes::d001_unknown_parameter(&name, meant, go, place));
            }
        }
    };
    for templates in ["template", "templatePatch"].iter().filter_map(|field| spec.get(field)) {
        texts(templates, &mut look);
    }
    findings
}

/// Whether a generator below asks a forge for pull requests: nobody here does, so that the template is not rendered.
fn asks_forge(of: &Node) -> bool {
    let generators = of.get("generators").and_then(Node::as_list).unwrap_or_default().iter();
    let mut kinds = generators.flat_map(|it| it.as_map().unwrap_or_default());
    kinds.any(|(kind, body)| kind.as_str() == Some("pullRequest") || asks_forge(body))
}

/// Returns what a generator gives; `None` where that is not known here.
fn parameters(generator: &Node, go: bool) -> Option<Vec<String>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let is_true = |body: &Node, name| body.get(name).and_then(Node::as_bool) == Some(true);
    let mut known = Vec::new();
    for (kind, body) in generator.as_map().unwrap_or_default() {
        match kind.as_str().unwrap_or_default() {
            "list" => known.extend(of_list(body, go)?),
            "pullRequest" => known.extend(owned(PULL_REQUEST)),
            // Without Go templates labels and annotations are parameters, and only a cluster knows them.
            "clusters" if is_true(body, "flatList") => known.push("clusters".to_owned()),
            "clusters" if go => known.extend(owned(CLUSTERS)),
            // What files hold is read by who makes the Applications, and not here.
            "git" if body.get("files").is_none() => known.extend(of_folders(body, go)),
            "matrix" | "merge" => {
                for below in body.get("generators").and_then(Node::as_list)? {
                    known.extend(parameters(below, go)?);
                }
            }
            "selector" => continue,
            _ => return None,
        }
        if let Some(values) = body.get("values") {
            known.extend(of_values(values, go));
        }
    }
    Some(known)
}

/// What the git generator gives for a folder; without Go templates each part of its path has a number.
fn of_folders(body: &Node, go: bool) -> Vec<String> {
    let prefix = body.get("pathParamPrefix").and_then(Node::as_str).filter(|it| !it.is_empty());
    if go {
        // With a prefix the path lies below it.
        return vec![prefix.unwrap_or("path").to_owned()];
    }
    let prefix = prefix.map(|prefix| format!("{prefix}.")).unwrap_or_default();
    let names = ["path", "path.basename", "path.basenameNormalized"];
    let mut known: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    known.extend((0..MOST_FOLDERS).map(|number| format!("{prefix}path[{number}]")));
    known
}

fn of_list(body: &Node, go: bool) -> Option<Vec<String>> {
    if body.get("elementsYaml").is_some() {
        return None;
    }
    let mut known = Vec::new();
    for element in body.get("elements").and_then(Node::as_list).unwrap_or_default() {
        for (key, value) in element.as_map().unwrap_or_default() {
            match key.as_str()? {
                "values" => known.extend(of_values(value, go)),
                name => known.push(name.to_owned()),
            }
        }
    }
    Some(known)
}

/// A Go template reaches into `values`; otherwise each of them is a parameter of its own.
fn of_values(values: &Node, go: bool) -> Vec<String> {
    if go {
        return vec!["values".to_owned()];
    }
    let entries = values.as_map().unwrap_or_default().iter();
    entries.filter_map(|(key, _)| Some(format!("values.{}", key.as_str()?))).collect()
}

/// Hands every text of a tree to a function.
fn texts(node: &Node, see: &mut impl FnMut(&Node, &str)) {
    match &node.kind {
        Kind::String(text) => see(node, text),
        Kind::List(items) => items.iter().for_each(|item| texts(item, see)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                texts(key, see);
                texts(value, see);
            }
        }
        _ => {}
    }
}

/// Returns the parameters that a text names, and whether they are written with a dot in front.
///
/// A name that the template itself looks for first may be missing. A word in a Go template that is no
/// function and stands alone is a name without its dot.
fn names(text: &str, go: bool) -> Vec<(String, bool)> {
    if go {
        let uses = gotmpl::uses_of_application_set(text).unwrap_or_default();
        let named = uses.into_iter().filter(|it| !it.is_guarded);
        return named.map(|it| (it.name, it.is_field)).collect();
    }
    let is_name = |text: &str| {
        let inside = |letter: char| letter.is_ascii_alphanumeric() || "_.-[]".contains(letter);
        !text.is_empty() && text.chars().all(inside)
    };
    let mut found = Vec::new();
    for action in text.split("{{").skip(1) {
        let Some((action, _)) = action.split_once("}}") else { continue };
        let action = action.trim_matches(['-', ' ', '\t']);
        match action.strip_prefix('.') {
            Some(name) if is_name(name) => found.push((name.to_owned(), true)),
            None if is_name(action) => found.push((action.to_owned(), false)),
            _ => {}
        }
    }
    found
}
