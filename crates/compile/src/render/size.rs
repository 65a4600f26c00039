//! Objects that no cluster keeps because they are too large.
//!
//! In: objects as rendered. Out: diagnostics. Counts the bytes of keys and texts, which is less than what is
//! sent, so that an object at the limit is let pass and not refused.
//!
//! Sources: etcd's documentation, "System limits" (1.5 MiB a request); Kubernetes'
//! `pkg/apis/core/validation` (`MaxSecretSize`, 1 MiB for a Secret's or ConfigMap's data) and
//! `apimachinery/pkg/api/validation` (`TotalAnnotationSizeLimitB`, 256 KiB).

use manifest::Object;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::place;
use crate::check::LARGEST;

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("size.rs");

const LARGEST_DATA: usize = 1 << 20;
const LARGEST_ANNOTATIONS: usize = 256 << 10;

/// Reports an object that is too large.
pub(super) fn check(object: &Object, world: &dyn World, diagnostics: &mut Vec<Diagnostic>) {
    let size = size(&object.value);
    // All of the limits lie above this one.
    if size <= LARGEST_ANNOTATIONS {
        return;
    }
    let part = |path: &[&str]| object.at(path).map_or(0, self::size);
    let has_data = object.group().is_empty() && matches!(object.kind(), "ConfigMap" | "Secret");
    let data = part(&["data"]) + part(&["binaryData"]) * 3 / 4 + part(&["stringData"]);
    let (what, size, most) = if size > LARGEST {
        ("", size, LARGEST)
    } else if has_data && object.kind() == "ConfigMap" && data > LARGEST_DATA {
        (" of data", data, LARGEST_DATA)
    } else if has_data && data * 3 / 4 > LARGEST_DATA {
        (" of data", data * 3 / 4, LARGEST_DATA)
    } else if part(&["metadata", "annotations"]) > LARGEST_ANNOTATIONS {
        (" of annotations", part(&["metadata", "annotations"]), LARGEST_ANNOTATIONS)
    } else {
        return;
    };
    let place = place::of_object(world, object);
    diagnostics.push(r046_too_large(object, what, (size, most), place));
}

/// Returns the bytes of keys and texts of a value.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(fields) => fields.iter().map(|(key, value)| key.len() + size(value)).sum(),
        _ => 1,
    }
}

/// An object is larger than what a cluster keeps.
///
/// etcd takes requests of at most 1.5 MiB; the data of a ConfigMap or Secret is at most 1 MiB, and all
/// annotations of an object together are at most 256 KiB.
///
/// Split it, or keep the data elsewhere: in the image, in a volume, in an object store.
fn r046_too_large(
    object: &Object,
    what: &str,
    (size, most): (usize, usize),
    place: Place,
) -> Diagnostic {
    let message = format!(
        "{} `{}` has {} KiB{what}, and a cluster keeps at most {} KiB",
        object.kind(),
        object.name(),
        size.div_ceil(1024),
        most / 1024
    );
    Diagnostic::error(code(46), message)
        .at(place, "")
        .hint("split it, or keep the data elsewhere: in the image, a volume, an object store")
}
