//! The order in which resources are written: `sortOptions`, `--reorder`.

use yaml::Value;

use crate::build::Reorder;
use crate::decode::Fields;
use crate::identity::{FIRST, LAST};
use crate::resource::Resource;

/// Sorts as the kustomization says; where it says nothing, as `otherwise` does.
pub(crate) fn sort(
    resources: &mut [Resource],
    fields: &Fields<'_>,
    otherwise: Reorder,
) -> Result<(), String> {
    let null = Value::Null;
    let options = Fields::lenient(fields.get("sortOptions").unwrap_or(&null), "sortOptions")?;
    let order = options.text("order")?;
    let lists = options.get("legacySortOptions");
    match (fields.get("sortOptions"), order.as_str()) {
        (None, _) if otherwise == Reorder::None => return Ok(()),
        (None, _) | (Some(_), "legacy") => {}
        (Some(_), "fifo") if lists.is_some() => {
            return Err("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'".to_owned());
        }
        (Some(_), "fifo") => return Ok(()),
        _ => {
            return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".to_owned());
        }
    }
    let (first, last) = match lists {
        None => (FIRST.map(str::to_owned).to_vec(), LAST.map(str::to_owned).to_vec()),
        Some(lists) => {
            let lists = Fields::lenient(lists, "legacySortOptions")?;
            (lists.texts("orderFirst")?, lists.texts("orderLast")?)
        }
    };
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let last: Vec<&str> = last.iter().map(String::as_str).collect();
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let or = |text: &str, empty: &str| if text.is_empty() { empty } else { text }.to_owned();
        let (namespace, name) = (or(&id.namespace, "~X"), or(&id.name, "~N"));
        (id.gvk.order(&first, &last), format!("{}|{namespace}|{name}", id.gvk))
    });
    Ok(())
}
