//! By what the items of a list are known, so that they are matched though their order changed.

use yaml::{Kind, Node};

use super::path::Step;

/// The keys by which items are known, the first that fits: every item of every side has it as a single
/// value, and no two items of one side have the same.
const KEYS: &[&[&str]] = &[
    &["name"],
    &["id"],
    &["mountPath"],
    &["host"],
    &["containerPort"],
    &["port"],
    &["secretName"],
    &["description"],
    &["key"],
    &["path"],
    &["path", "key"],
    &["path", "pathType"],
    &["namespace"],
    &["server", "namespace"],
    &["group", "kind"],
    &["kind", "name"],
    &["key", "operator"],
    &["repoURL", "chart", "path", "ref"],
    &["target", "path"],
    &["url"],
    &["uses"],
];

/// Lists in which the order of the items means something, though they have names.
const ORDERED: &[&str] = &["steps", "initContainers", "packageRules", "patches"];

/// What one item is known by.
pub(super) type Name = Vec<(String, String)>;

/// How the items of three lists are matched.
pub(super) struct Names {
    pub(super) base: Vec<Name>,
    pub(super) ours: Vec<Name>,
    pub(super) theirs: Vec<Name>,
}

/// Returns the names of all items, or `None` where they have none.
pub(super) fn of(list: &str, base: &[Node], ours: &[Node], theirs: &[Node]) -> Option<Names> {
    let all = || base.iter().chain(ours).chain(theirs);
    if all().next().is_none() || !all().all(|item| item.as_map().is_some()) {
        return None;
    }
    let by_step = list == "steps";
    let candidates = if by_step { 1 } else { KEYS.len() };
    (0..candidates).find_map(|candidate| {
        let name = |item: &Node| match by_step {
            true => step(item),
            false => named(item, KEYS.get(candidate)?),
        };
        let names = |items: &[Node]| -> Option<Vec<Name>> {
            let names: Vec<Name> = items.iter().map(name).collect::<Option<_>>()?;
            let mut sorted: Vec<&Name> = names.iter().collect();
            sorted.sort();
            let unique = sorted.windows(2).all(|pair| pair.first() != pair.get(1));
            unique.then_some(names)
        };
        Some(Names { base: names(base)?, ours: names(ours)?, theirs: names(theirs)? })
    })
}

/// Says whether the order of a list with names means something.
pub(super) fn is_ordered(list: &str) -> bool {
    ORDERED.contains(&list)
}

/// Returns the name of the list that steps lead to.
pub(super) fn list_name(steps: &[Step]) -> &str {
    match steps.last() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

/// Returns what an item is known by, if it has at least the first of the keys.
fn named(item: &Node, keys: &[&str]) -> Option<Name> {
    let mut name = Name::new();
    for (index, key) in keys.iter().enumerate() {
        match item.get(key) {
            Some(node) => name.push(((*key).to_owned(), scalar(node)?)),
            // A composite name may lack its later parts.
            None if index > 0 => {}
            None => return None,
        }
    }
    Some(name)
}

/// Returns what a step of a workflow is known by.
fn step(item: &Node) -> Option<Name> {
    for key in ["name", "id", "uses", "run"] {
        if let Some(value) = item.get(key).and_then(scalar) {
            // A newer version of an action is still that action.
            let value = match key {
                "uses" => value.split('@').next().unwrap_or_default().to_owned(),
                _ => value.lines().next().unwrap_or_default().to_owned(),
            };
            return Some(vec![(key.to_owned(), value)]);
        }
    }
    None
}

/// Returns a single value as text, or the values of a small map: the `target` of a patch.
fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::String(text) => Some(text.clone()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Uint(value) => Some(value.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Map(entries) if !entries.is_empty() => {
            let parts: Option<Vec<String>> = entries
                .iter()
                .map(|(key, value)| match value.kind {
                    Kind::Map(_) | Kind::List(_) => None,
                    _ => Some(format!("{}/{}", key.as_str()?, scalar(value)?)),
                })
                .collect();
            let mut parts = parts?;
            parts.sort();
            Some(parts.join(" "))
        }
        _ => None,
    }
}
