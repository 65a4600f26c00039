//! A YAML file of one or several documents, or a JSON file, merged value by value.
//!
//! In: the three texts. Out: the merged text, or conflicts; `None` where values make no sense of the
//! texts, so that they merge by lines. Documents of a file are matched by what Kubernetes knows an object
//! by: kind, namespace and name.

use yaml::edit::structure::{self, Edits, Slot, Syntax};
use yaml::{Node, Schema, Value};

use super::comments;
use super::path::{self, Step, display};
use super::value::{Merge, same, same_but_raised};
use super::{Conflict, ConflictKind, Difference, Merged, OnConflict, Sides};

type Outcome = Result<Merged, Vec<Conflict>>;

pub(super) fn json(sides: Sides<'_>, on: OnConflict) -> Option<Outcome> {
    let read = |text| yaml::json::parse(text).ok();
    let (base, ours, theirs) = (read(sides.base)?, read(sides.ours)?, read(sides.theirs)?);
    Some(one(sides, Syntax::Json, &base, &ours, &theirs, on))
}

pub(super) fn yaml(sides: Sides<'_>, on: OnConflict) -> Option<Outcome> {
    let read = |text| yaml::parse_all(text, Schema::Core12);
    let (base, ours) = (read(sides.base).ok()?, read(sides.ours).ok()?);
    let theirs = match read(sides.theirs) {
        Ok(theirs) => theirs,
        Err(error) => return Some(Err(vec![unreadable(sides.theirs, &error)])),
    };
    if let Some(at) = theirs.iter().find_map(repeated) {
        let span = at.span.range();
        let found = Some(path::value(sides.theirs, at));
        let conflict = Conflict {
            kind: ConflictKind::Unreadable,
            steps: Vec::new(),
            theirs: span,
            ours: None,
            base: Some("a key occurs twice".to_owned()),
            found,
        };
        return Some(Err(vec![conflict]));
    }
    if let ([base], [ours], [theirs]) = (base.as_slice(), ours.as_slice(), theirs.as_slice()) {
        return Some(one(sides, Syntax::Yaml, base, ours, theirs, on));
    }
    several(sides, &base, &ours, &theirs, on)
}

/// Says whether two texts say the same, comments too, but for versions that pipelines write.
pub(super) fn only_raised(base: &str, theirs: &str) -> bool {
    if !comments::are_known(base, theirs) {
        return false;
    }
    let read = |text| yaml::parse_all(text, Schema::Core12);
    let (Ok(base), Ok(theirs)) = (read(base), read(theirs)) else { return false };
    base.len() == theirs.len()
        && base.iter().zip(&theirs).all(|(base, theirs)| same_but_raised(base, theirs))
}

fn unreadable(text: &str, error: &yaml::Error) -> Conflict {
    let at =
        text.split_inclusive('\n').take(error.line.saturating_sub(1)).map(str::len).sum::<usize>();
    Conflict {
        kind: ConflictKind::Unreadable,
        steps: Vec::new(),
        theirs: at..at,
        ours: None,
        base: Some(error.message.clone()),
        found: None,
    }
}

/// Returns a key that occurs twice in one map.
fn repeated(node: &Node) -> Option<&Node> {
    if node.alias {
        return None;
    }
    if let Some(items) = node.as_list() {
        return items.iter().find_map(repeated);
    }
    let mut seen = std::collections::BTreeSet::new();
    for (key, value) in node.as_map().unwrap_or_default() {
        if let Some(name) = key.as_str()
            && !key.is_merge_key()
            && !seen.insert(name)
        {
            return Some(key);
        }
        if let Some(found) = repeated(value) {
            return Some(found);
        }
    }
    None
}

fn begin<'a>(sides: Sides<'a>, syntax: Syntax) -> Merge<'a> {
    Merge {
        sides,
        edits: Edits::new(sides.theirs, syntax),
        steps: Vec::new(),
        taken: Vec::new(),
        kept: Vec::new(),
        conflicts: Vec::new(),
    }
}

fn one<'a>(
    sides: Sides<'a>,
    syntax: Syntax,
    base: &'a Node,
    ours: &'a Node,
    theirs: &'a Node,
    on: OnConflict,
) -> Outcome {
    let mut merge = begin(sides, syntax);
    let expected = merge.value(Some(base), Slot::Root(ours), Slot::Root(theirs));
    finish(merge, &[expected], theirs, on)
}

fn finish(merge: Merge<'_>, expected: &[Value], theirs: &Node, on: OnConflict) -> Outcome {
    let Merge { edits, taken, kept, mut conflicts, sides, .. } = merge;
    if on == OnConflict::Keep {
        // What cannot be made safely is still nothing that a choice can decide.
        conflicts.retain(|conflict| conflict.kind == ConflictKind::Unsafe);
    }
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    match edits.finish(expected) {
        Ok(text) => Ok(Merged { text, taken, kept }),
        Err(error) => {
            let anchors = anchor(theirs).map_or(0..0, |node| {
                let start = node.span.start as usize;
                let line = node.source(sides.theirs).find('\n');
                start..line.map_or(node.span.end as usize, |end| start + end)
            });
            Err(vec![Conflict {
                kind: ConflictKind::Unsafe,
                steps: Vec::new(),
                theirs: anchors,
                ours: None,
                base: Some(error.to_string()),
                found: None,
            }])
        }
    }
}

/// Returns the first value with an anchor: what most often stands in the way of a change.
fn anchor(node: &Node) -> Option<&Node> {
    if node.anchor.is_some() {
        return Some(node);
    }
    match &node.kind {
        yaml::Kind::List(items) => items.iter().find_map(anchor),
        yaml::Kind::Map(entries) => entries.iter().find_map(|(_, value)| anchor(value)),
        _ => None,
    }
}

/// What Kubernetes knows an object by.
fn identity(node: &Node) -> Option<String> {
    let kind = node.get("kind")?.as_str()?;
    let metadata = node.get("metadata")?;
    let name = metadata.get("name")?.as_str()?;
    let namespace = metadata.get("namespace").and_then(Node::as_str);
    Some(match namespace {
        Some(namespace) => format!("{kind}/{namespace}/{name}"),
        None => format!("{kind}/{name}"),
    })
}

fn identities(documents: &[Node]) -> Option<Vec<String>> {
    let names: Vec<String> = documents.iter().map(identity).collect::<Option<_>>()?;
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    (unique.len() == names.len()).then_some(names)
}

fn several<'a>(
    sides: Sides<'a>,
    base: &'a [Node],
    ours: &'a [Node],
    theirs: &'a [Node],
    on: OnConflict,
) -> Option<Outcome> {
    let (in_base, in_ours, in_theirs) = (identities(base)?, identities(ours)?, identities(theirs)?);
    let place = |names: &[String], name: &String| names.iter().position(|other| other == name);
    let first = theirs.first()?;
    let mut merge = begin(sides, Syntax::Yaml);
    let mut expected: Vec<(usize, Value)> = Vec::new();
    for (index, (name, t)) in in_theirs.iter().zip(theirs).enumerate() {
        merge.steps.push(Step::Document(name.clone()));
        let b = place(&in_base, name).and_then(|at| base.get(at));
        match place(&in_ours, name).and_then(|at| ours.get(at)) {
            Some(o) => {
                let value = merge.value(b, Slot::Root(o), Slot::Root(t));
                expected.push((index, value));
            }
            None => match merge.gone(b, t) {
                Some(value) => expected.push((index, value)),
                None => merge.edits.remove_document(t),
            },
        }
        merge.steps.pop();
    }
    let mut behind = None;
    let mut new: Vec<(usize, Value)> = Vec::new();
    for (name, o) in in_ours.iter().zip(ours) {
        if let Some(at) = place(&in_theirs, name) {
            behind = Some(at);
            continue;
        }
        let b = place(&in_base, name).and_then(|at| base.get(at));
        merge.steps.push(Step::Document(name.clone()));
        match b {
            Some(b) if same(b, o) => merge.kept.push(Difference {
                path: display(&merge.steps),
                from: Some(name.clone()),
                to: None,
            }),
            Some(b) => {
                merge.conflict(ConflictKind::RemovedThere, first, Some(o), Some(b), None);
            }
            None => {
                let at = behind.unwrap_or(0);
                merge.taken.push(Difference {
                    path: display(&merge.steps),
                    from: None,
                    to: Some(name.clone()),
                });
                merge.edits.insert_document(
                    theirs.get(at).unwrap_or(first),
                    structure::document(sides.ours, o),
                );
                new.push((at, Value::from(o)));
            }
        }
        merge.steps.pop();
    }
    let mut values = Vec::new();
    let last = theirs.len();
    for index in 0..last {
        values
            .extend(expected.iter().filter(|(at, _)| *at == index).map(|(_, value)| value.clone()));
        values.extend(new.iter().filter(|(at, _)| *at == index).map(|(_, value)| value.clone()));
    }
    Some(finish(merge, &values, first, on))
}
