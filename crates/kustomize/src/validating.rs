//! Whether a validator changed the resources, as kustomize asks: by nodes, and not by what is printed.

use crate::resource::Resource;

/// The label that a validator may add. kustomize takes it away before it compares, and writes the other
/// labels anew for that.
const LABEL: &str = "validated-by";

/// Says which resource a validator changed.
pub(crate) fn changed<'r>(before: &[Resource], after: &'r [Resource]) -> Option<&'r Resource> {
    before.iter().zip(after).find(|(before, after)| !is_same(before, after)).map(|(_, it)| it)
}

fn is_same(before: &Resource, after: &Resource) -> bool {
    let has = |it: &Resource| it.strings("labels").iter().any(|(key, _)| key == LABEL);
    let (mut before, mut after) = (before.clone(), after.clone());
    if has(&after) {
        let had = before.value.get("metadata").is_some_and(|it| it.get("labels").is_some());
        if had || after.strings("labels").len() > 1 {
            return false;
        }
        after.set_strings("labels", Vec::new());
        after.forget_labels();
    }
    // kustomize's own notes are annotations, and count too.
    before.make_annotations();
    after.make_annotations();
    before.value == after.value
        && before.previous == after.previous
        && before.prefixes == after.prefixes
        && before.suffixes == after.suffixes
        && before.written == after.written
}
