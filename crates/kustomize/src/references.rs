//! Names that changed are followed in the fields that hold them.

use std::collections::BTreeMap;

use manifest::scalar_text;
use yaml::Value;

use crate::identity::{Gvk, Id};
use crate::resource::Resource;
use crate::specs::{self, BackReference, Make, Step};

/// What a resource that may be referred to was and is.
struct Candidate {
    id: Id,
    effective: String,
    original_effective: String,
    cluster: bool,
    previous: Vec<Id>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// Writes the present names into all fields that hold earlier ones.
pub(crate) fn follow(resources: &mut [Resource], tables: &[BackReference]) -> Result<(), String> {
    let candidate = |resource: &Resource| {
        let id = resource.id();
        Candidate {
            effective: id.effective_namespace().to_owned(),
            original_effective: resource.original_id().effective_namespace().to_owned(),
            cluster: id.gvk.is_cluster_scoped(),
            id,
            previous: resource.previous_ids(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    };
    let candidates: Vec<Candidate> = resources.iter().map(candidate).collect();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        for previous in &candidate.previous {
            let list = by_name.entry(&previous.name).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    for (index, resource) in resources.iter_mut().enumerate() {
        let Some(own) = candidates.get(index) else { continue };
        let gvk = own.previous.first().map_or(&own.id.gvk, |id| &id.gvk).clone();
        let bound = bound_namespaces(resource)?;
        let role = role_of(&resource.value);
        for table in tables {
            for spec in &table.fields {
                if !gvk.is_selected(&spec.gvk) {
                    continue;
                }
                confirm_version(resource)?;
                let role = role.as_ref().filter(|_| spec.path.ends_with("roleRef/name"));
                let search = Search {
                    candidates: &candidates,
                    by_name: &by_name,
                    own,
                    target: &table.gvk,
                    bound: &bound,
                    role,
                };
                specs::apply_selected(
                    &mut resource.value,
                    &own.id.gvk,
                    &spec.path,
                    Make::Nothing,
                    &mut |_, value| search.set(value),
                )
                .map_err(|error| {
                    format!(
                        "updating name reference in '{}' field of '{}': {error}",
                        spec.path, own.id
                    )
                })?;
            }
        }
    }
    Ok(())
}

/// Refuses a version of which the letters of nothing are written, such as `null`: where fields may hold names,
/// kustomize compares the letters with the version, which is empty.
fn confirm_version(resource: &Resource) -> Result<(), String> {
    let place = vec![Step::Key("apiVersion".to_owned())];
    let is_null = matches!(resource.value.get("apiVersion"), Some(Value::Null));
    if !is_null || resource.notes.untagged.contains(&place) {
        return Ok(());
    }
    match resource.version() {
        letters if letters.is_empty() => Ok(()),
        letters => Err(format!(
            "apiVersion of {} is `{letters}`, where fields may name other resources: write a version, or leave it out",
            resource.id()
        )),
    }
}

/// Returns the namespaces of the accounts that a RoleBinding binds.
fn bound_namespaces(resource: &Resource) -> Result<Vec<String>, String> {
    if resource.kind() != "RoleBinding" {
        return Ok(Vec::new());
    }
    let subjects = resource.value.get("subjects").and_then(Value::as_list).unwrap_or_default();
    let accounts = subjects
        .iter()
        .enumerate()
        .filter(|(_, it)| it.get("kind").and_then(Value::as_str) == Some("ServiceAccount"));
    let is_blank = |index: usize| {
        let key = |name: &str| Step::Key(name.to_owned());
        resource.notes.blanks.contains(&vec![key("subjects"), Step::Index(index), key("namespace")])
    };
    let namespace = |(index, namespace): (usize, &Value)| match namespace {
        Value::String(text) if !is_blank(index) => Ok(text.clone()),
        _ => Err(format!("Invalid Input: namespace is blank for resource \"{}\"", resource.id())),
    };
    let named = accounts.filter_map(|(index, it)| Some((index, it.get("namespace")?)));
    named.map(namespace).collect()
}

fn role_of(value: &Value) -> Option<Gvk> {
    let role = value.get("roleRef")?;
    let text = |key: &str| role.get(key).map(scalar_text);
    Some(Gvk { group: text("apiGroup")?, version: String::new(), kind: text("kind")? })
}

struct Search<'s> {
    candidates: &'s [Candidate],
    by_name: &'s BTreeMap<&'s str, Vec<usize>>,
    own: &'s Candidate,
    target: &'s Gvk,
    bound: &'s [String],
    role: Option<&'s Gvk>,
}

impl<'s> Search<'s> {
    fn set(&self, value: &mut Value) -> Result<(), String> {
        match value {
            Value::Null => Ok(()),
            Value::List(items) => items.iter_mut().try_for_each(|item| match item {
                Value::Null => Ok(()),
                Value::Map(_) => self.set_map(item),
                Value::List(_) => {
                    Err("is expected to be either a string or a map of string".into())
                }
                _ => self.set_scalar(item),
            }),
            Value::Map(_) => self.set_map(value),
            _ => self.set_scalar(value),
        }
    }

    fn set_scalar(&self, value: &mut Value) -> Result<(), String> {
        let old = scalar_text(value);
        let found = self.find(&old, None, |a, b| a.id.name == b.id.name)?;
        if let Some(found) = found.filter(|it| it.id.name != old) {
            *value = Value::String(found.id.name.clone());
        }
        Ok(())
    }

    fn set_map(&self, value: &mut Value) -> Result<(), String> {
        let Value::Map(fields) = value else { return Ok(()) };
        let old = fields
            .get("name")
            .map(scalar_text)
            .ok_or("path config error; no 'name' field in node")?;
        let namespace = fields.get("namespace").map(scalar_text);
        let same = |a: &Candidate, b: &Candidate| {
            a.id.name == b.id.name && a.id.namespace == b.id.namespace
        };
        let Some(found) = self.find(&old, namespace.as_deref(), same)? else { return Ok(()) };
        if found.id.name != old || !found.id.namespace.is_empty() {
            fields.insert("name".to_owned(), Value::String(found.id.name.clone()));
            if !found.id.namespace.is_empty() {
                let namespace = Value::String(found.id.namespace.clone());
                fields.insert("namespace".to_owned(), namespace);
            }
        }
        Ok(())
    }

    fn reachable(&self, it: &Candidate) -> bool {
        self.own.cluster
            || it.cluster
            || it.effective == self.own.effective
            || self.bound.contains(&it.id.namespace)
    }

    fn find(
        &self,
        old: &str,
        namespace: Option<&str>,
        same: impl Fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<&'s Candidate>, String> {
        let Some(named) = self.by_name.get(old) else { return Ok(None) };
        let mut found: Vec<&Candidate> =
            named.iter().filter_map(|&index| self.candidates.get(index)).collect();
        found.retain(|it| self.reachable(it));
        if let Some(namespace) = namespace {
            // Whether anything at all was in that namespace decides which names are meant.
            let was = |it: &Candidate| it.original_effective == namespace;
            if self.candidates.iter().any(|it| self.reachable(it) && was(it)) {
                found.retain(|it| was(it));
            } else {
                found.retain(|it| it.effective == namespace);
            }
        }
        found.retain(|it| it.previous.iter().any(|id| id.gvk.is_selected(self.target)));
        if let Some(role) = self.role {
            found.retain(|it| it.previous.iter().any(|id| id.gvk.is_selected(role)));
        }
        found.retain(|it| {
            self.own.cluster
                || it.cluster
                || it.id.gvk.kind == "ServiceAccount"
                || it.effective == self.own.effective
        });
        if let [one] = found.as_slice() {
            return Ok(Some(one));
        }
        found.retain(|it| self.same_history(it, true));
        if found.len() > 1 {
            found.retain(|it| self.same_history(it, false));
        }
        let Some((first, rest)) = found.split_first() else { return Ok(None) };
        if rest.iter().all(|it| same(first, it)) {
            return Ok(Some(first));
        }
        let ids: Vec<String> = found.iter().map(|it| it.id.to_string()).collect();
        Err(format!("found multiple possible referrals: {}", ids.join(", ")))
    }

    fn same_history(&self, it: &Candidate, allow_empty: bool) -> bool {
        let same = |a: &[String], b: &[String]| {
            (allow_empty && (a.is_empty() || b.is_empty())) || same_ending(a, b)
        };
        same(&it.prefixes, &self.own.prefixes) && same(&it.suffixes, &self.own.suffixes)
    }
}

/// Whether the shorter list is the end of the longer one; an empty one is the end of none but itself.
fn same_ending(a: &[String], b: &[String]) -> bool {
    a.is_empty() == b.is_empty() && a.iter().rev().zip(b.iter().rev()).all(|(x, y)| x == y)
}
