//! Whether an image is one, says its version, and comes from where it may.

use text::Place;

use super::codes::images as codes;
use super::{Findings, instances};
use crate::model::{App, Image, Platform};

/// Tags that name a branch or a channel.
const MOVING: &[&str] = &[
    "main",
    "master",
    "develop",
    "dev",
    "trunk",
    "stable",
    "edge",
    "nightly",
    "canary",
    "rolling",
    "beta",
    "release",
    "prod",
    "production",
    "staging",
    "test",
];

pub(super) fn check(platform: &Platform, app: &App, findings: &mut Findings) {
    let image = app.origin.place("image");
    let written = app.origin.get("image").and_then(yaml::Node::as_str).unwrap_or_default();
    if let Some(why) = broken(written) {
        findings.add(codes::c124_no_reference(written, image, why));
        return;
    }
    let within = Image::parse(written);
    let own = |field: &str| app.origin.get(field).and_then(yaml::Node::as_str);
    for (what, inside, beside) in
        [("tag", &within.tag, own("tag")), ("digest", &within.digest, own("digest"))]
    {
        if let (Some(inside), Some(beside)) = (inside, beside)
            && inside != beside
            && !beside.is_empty()
        {
            findings.add(codes::c123_two_versions(what, image.clone(), app.origin.place(what)));
        }
    }
    for (_, instance) in instances(platform, app) {
        version(app, &instance.image, &instance.place("tag"), findings);
    }
    registry(&platform.policies.registries, app, image, list(platform), findings);
}

/// Reports images in values, which know no policies, that come from elsewhere than `platform` allows.
pub(super) fn registries(platform: &Platform, values: &Platform, findings: &mut Findings) {
    let allowed = &platform.policies.registries;
    for app in &values.apps {
        registry(allowed, app, app.origin.place("image"), list(platform), findings);
    }
}

/// Returns where the allowed registries stand.
pub(super) fn list(platform: &Platform) -> Place {
    platform.origin.key_place("spec.policies.registries")
}

fn version(app: &App, image: &Image, tag_place: &Place, findings: &mut Findings) {
    if image.digest.as_ref().is_some_and(|digest| !digest.is_empty()) {
        return;
    }
    let has_field = app.origin.has("tag") || *tag_place != app.origin.place("tag");
    let place = if has_field { tag_place.clone() } else { app.origin.place("image") };
    match image.tag.as_deref() {
        None | Some("") => findings.add(codes::c120_no_tag(&image.repository, place)),
        Some("latest") => findings.add(codes::c121_latest(&image.repository, place)),
        Some(tag) if MOVING.contains(&tag) => findings.add(codes::c122_moving_tag(tag, place)),
        Some(_) => {}
    }
}

/// Returns what is wrong with a reference, by the grammar of container registries
/// (distribution's `reference` package).
fn broken(reference: &str) -> Option<&'static str> {
    let image = Image::parse(reference);
    if reference.contains("://") {
        return Some("it has a scheme");
    }
    if let Some(digest) = &image.digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Some("its digest is not `sha256:` and 64 digits 0-9 a-f");
        }
    }
    if let Some(tag) = &image.tag {
        let first = tag.bytes().next();
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let rest = tag.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-');
        if !first.is_some_and(word) || !rest || tag.len() > 128 {
            return Some("its tag has signs that a tag cannot have");
        }
    }
    let full = image.full_repository();
    let (registry, path) = full.split_once('/').unwrap_or(("", &full));
    if !is_registry(registry) {
        return Some("its registry is no host name");
    }
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some("its path has capitals");
    }
    (!path.split('/').all(is_path_part)).then_some("its path has an empty or misplaced part")
}

fn is_registry(registry: &str) -> bool {
    let (host, port) = registry.split_once(':').unwrap_or((registry, "0"));
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// A part of a path: letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_path_part(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    bytes.first().is_some_and(|&byte| plain(byte))
        && bytes.last().is_some_and(|&byte| plain(byte))
        && bytes.iter().all(|&byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
        && !part.contains("..")
        && !part.contains("___")
        && !["._", "_.", ".-", "-.", "_-", "-_"].iter().any(|pair| part.contains(pair))
}

fn registry(allowed: &[String], app: &App, place: Place, list: Place, findings: &mut Findings) {
    if !is_allowed(allowed, &app.image) {
        findings.add(codes::c125_registry(&app.image.repository, place, list));
    }
}

/// Whether an image comes from one of some registries; any will do where there are none.
pub(super) fn is_allowed(allowed: &[String], image: &Image) -> bool {
    let image = image.full_repository();
    let matches = |registry: &String| {
        let registry = registry.trim_end_matches("/*").trim_end_matches('/');
        let rest = image.strip_prefix(registry);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    allowed.is_empty() || allowed.iter().any(matches)
}
