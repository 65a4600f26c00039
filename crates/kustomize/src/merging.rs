//! Strategic merge patches and the resources that they are for.

use std::collections::HashSet;

use manifest::MergeSchema;
use yaml::Value;

use crate::identity::Id;
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
                let mut patch = patch.clone();
                let version = resource.text("apiVersion");
                let is_unset = version.is_empty();
                patch.set("apiVersion", version);
                let place = vec![Step::Key("apiVersion".to_owned())];
                patch.wrote([place], &Mark::Untyped);
                resource.patch(patch, allowed, schema)?;
                // kustomize writes an empty version without quotes, and reads null.
                if let (true, Value::Map(fields)) = (is_unset, &mut resource.value) {
                    fields.insert("apiVersion".to_owned(), Value::Null);
                }
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
        let mut patch = patch.with_texts(texts)?;
        if listed {
            let place = vec![Step::Key("apiVersion".to_owned())];
            patch.wrote([place], &Mark::Untyped);
        }
        if let Some(resource) = all.get_mut(found) {
            resource.patch(patch, allowed, schema)?;
        }
        if listed {
            unique(all)?;
        }
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
