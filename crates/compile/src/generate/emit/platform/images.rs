//! Chart values that move an add-on's images to a mirror.

use crate::generate::Context;
use crate::generate::write::Map;

/// Returns `{repository: …}` where the spec mirrors an image, else nothing.
pub(in crate::generate::emit) fn repository(context: &Context<'_>, image: &str) -> Map {
    Map::new().put_some("repository", context.mirrors.mirrored_image(image))
}

/// Returns `{registry: …, <key>: …}` where the spec mirrors an image, else nothing.
pub(super) fn registry(context: &Context<'_>, image: &str, key: &str) -> Map {
    let Some(mirrored) = context.mirrors.mirrored_image(image) else { return Map::new() };
    let (registry, path) = mirrored.split_once('/').unwrap_or((mirrored.as_str(), ""));
    Map::new().put("registry", registry).put(key, path)
}
