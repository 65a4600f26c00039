//! Strategic merge patches and the resources that they are for.

use std::collections::HashSet;

use manifest::MergeSchema;
use yaml::Value;

use crate::identity::Id;
use crate::notes::Notes;
use crate::resource::Resource;
use crate::select::Selector;
use crate::specs::Step;
use crate::written::Mark;

/// Applies strategic merge patches: to what the target selects, or each to the one that it names.
pub(crate) fn merge(
    all: &mut [Resource],
    patches: &[Resource],
    target: Option<&Selector>,
    allowed: (bool, bool),
    source: &str,
    schema: Option<&MergeSchema>,
) -> Result<(), String> {
    if let Some(target) = target {
        if patches.len() > 1 {
            return Err(format!(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {source}"
            ));
        }
        let Some(patch) = patches.first() else { return Ok(()) };
        let patch = patch.with_texts(&["labels", "annotations"])?;
        for resource in all.iter_mut() {
            if target.selects(resource)? {
                patch_by_version(resource, patch.clone(), allowed, schema)?;
            }
        }
        return unique(all);
    }
    // Patches of `patchesStrategicMerge` go the same way as those with a target.
    let listed = source.is_empty();
    for patch in patches {
        let wanted = patch.id();
        let found = find_one(all, &wanted).map_err(|error| {
            format!("no resource matches strategic merge patch {wanted}: {error}")
        })?;
        let texts: &[&str] = match allowed {
            _ if listed => &["labels", "annotations"],
            (false, false) => &[],
            _ => &["annotations"],
        };
        let patch = patch.with_texts(texts)?;
        let Some(resource) = all.get_mut(found) else { continue };
        if listed {
            patch_by_version(resource, patch, allowed, schema)?;
            unique(all)?;
        } else {
            resource.patch(patch, allowed, schema)?;
        }
    }
    Ok(())
}

/// Merges a patch that calls the resource by the letters of its version, as kustomize writes them into one that
/// selects: whatever they mean, the version stays.
fn patch_by_version(
    resource: &mut Resource,
    mut patch: Resource,
    allowed: (bool, bool),
    schema: Option<&MergeSchema>,
) -> Result<(), String> {
    let place = vec![Step::Key("apiVersion".to_owned())];
    let is_quoted = patch.notes.quoted.contains(&place);
    patch.set("apiVersion", resource.version());
    patch.notes.replace(&place, Notes::default());
    patch.wrote([place.clone()], &Mark::Untyped);
    let own = resource.value.get("apiVersion").cloned();
    resource.patch(patch, allowed, schema)?;
    if resource.is_empty() {
        return Ok(());
    }
    let own = match own {
        Some(Value::String(text)) if !text.is_empty() => return Ok(()),
        Some(own) => own,
        // Of nothing kustomize makes an empty version, and reads null where there are no quotes round it.
        None if is_quoted => Value::String(String::new()),
        None => Value::Null,
    };
    if let Value::Map(fields) = &mut resource.value {
        if own.is_null() {
            resource.notes.untagged.push(place);
        }
        fields.insert("apiVersion".to_owned(), own);
    }
    Ok(())
}

/// Refuses two resources that are the same.
pub(crate) fn unique(all: &[Resource]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for resource in all.iter().filter(|resource| !resource.is_empty()) {
        if !seen.insert(resource.id().effective()) {
            let id = resource.id();
            return Err(format!("may not add resource with an already registered id: {id}"));
        }
    }
    Ok(())
}

fn find_one(all: &[Resource], wanted: &Id) -> Result<usize, String> {
    let same = |(_, resource): &(usize, &Resource)| {
        resource.had_name(&wanted.name)
            && !resource.is_empty()
            && resource.any_id(|id| wanted.same(id))
    };
    let mut found = all.iter().enumerate().filter(same).map(|(index, _)| index);
    let fail = |many: &str| {
        format!("{many} matches for Id {wanted}; failed to find unique target for patch {wanted}")
    };
    let first = found.next().ok_or_else(|| fail("no"))?;
    match found.next() {
        None => Ok(first),
        Some(_) => Err(fail("multiple")),
    }
}
