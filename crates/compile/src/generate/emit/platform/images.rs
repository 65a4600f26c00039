//! Chart values that move an add-on's images to a mirror.

use crate::generate::Context;
use crate::generate::write::Map;

/// Returns `{repository: …}` where the spec mirrors an image, else nothing.
pub(super) fn repository(context: &Context<'_>, image: &str) -> Map {
    if !context.mirrors.has_image(image) {
        return Map::new();
    }
    Map::new().put("repository", context.mirrors.image(image))
}

/// Returns `{registry: …, <key>: …}` where the spec mirrors an image, else nothing.
pub(super) fn registry(context: &Context<'_>, image: &str, key: &str) -> Map {
    if !context.mirrors.has_image(image) {
        return Map::new();
    }
    let mirrored = context.mirrors.image(image);
    let (registry, path) = mirrored.split_once('/').unwrap_or((mirrored.as_str(), ""));
    Map::new().put("registry", registry).put(key, path)
}
