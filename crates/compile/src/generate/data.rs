//! Data that would go: apps with volumes that the new payload no longer has.
//!
//! In: what was generated last, the platform now. Out: a finding for each app whose persistent volumes
//! would be removed, unless the user named it.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources, World};
use yaml::{Node, Schema};

use crate::model::Platform;

use super::codes;
use super::lock::Lock;

/// Returns a finding for each app that would lose its data.
pub(super) fn lost(
    lock: &Lock,
    world: &dyn World,
    platform: &Platform,
    allowed: &[String],
    sources: &mut Sources,
) -> Vec<Diagnostic> {
    let path = platform.application.config.as_str();
    // A base runs nowhere: what is made from it loses nothing.
    let was_base = lock.files.contains_key(super::emit::handoff::README);
    if !lock.files.contains_key(path) || was_base {
        return Vec::new();
    }
    // What runs is what the file says, a person's edits included.
    let Ok(bytes) = world.read(path) else { return Vec::new() };
    let Ok(words) = std::str::from_utf8(&bytes) else { return Vec::new() };
    let Ok(config) = yaml::parse(words, Schema::Core12) else { return Vec::new() };
    let Some(services) = config.get("services").and_then(Node::as_list) else { return Vec::new() };
    let mut found = Vec::new();
    let base = base_config(lock, world, path);
    let renamed = renamed(base.as_ref(), &config, platform, || sources.add(path, words));
    let is_renamed = renamed.is_some();
    found.extend(renamed);
    for service in services {
        let Some(name) = service.get("name").and_then(Node::as_str) else { continue };
        if allowed.iter().any(|allowed| allowed == name) {
            continue;
        }
        let volumes = persistent(service);
        if volumes.is_empty() {
            continue;
        }
        // A service that a person added is not the payload's to lose.
        if !base.as_ref().is_none_or(|base| has_service(base, name)) {
            continue;
        }
        let app = platform.apps.iter().find(|app| app.name == name);
        let gone: Vec<String> = volumes
            .into_iter()
            .filter(|volume| {
                is_renamed
                    || app.is_none_or(|app| !app.volumes.iter().any(|known| known.name == *volume))
            })
            .map(|volume| format!("{name}-{volume}"))
            .collect();
        if !gone.is_empty() {
            let file: Arc<str> = sources.add(path, words);
            let span = service.get("name").map_or(0..0, |name| name.span.range());
            let place = Place::new(&file, span);
            let why = match is_renamed {
                true => "its claims are left behind under the old name",
                false => "no longer in the payload",
            };
            let finding = codes::g130_data(name, &gone, place, why);
            let unknown = allowed.iter().filter(|other| !has_service(&config, other));
            let mistyped = { unknown }.find(|other| text::nearest(other, [name]).is_some());
            found.push(match mistyped {
                Some(other) => finding.hint(format!("`--remove-data {other}` names no app")),
                None => finding,
            });
        }
    }
    found
}

/// Returns a finding where the platform has another name than when it was generated last: names and
/// namespaces follow from it.
fn renamed(
    base: Option<&Node>,
    config: &Node,
    platform: &Platform,
    file: impl FnOnce() -> Arc<str>,
) -> Option<Diagnostic> {
    let old = base?.get("app")?.get("name")?.as_str().filter(|old| *old != platform.name)?;
    let place = config.get("app").and_then(|app| app.get("name"));
    let place = place.map_or(0..0, |name| name.span.range());
    Some(codes::g132_renamed(old, &platform.name, Place::new(&file(), place)))
}

/// Returns the volumes of a service whose claims are made for it.
fn persistent(service: &Node) -> Vec<String> {
    let volumes = service.get("volumes").and_then(Node::as_list).unwrap_or_default();
    volumes
        .iter()
        .filter(|volume| {
            let kind = volume.get("type").and_then(Node::as_str).unwrap_or("persistent");
            kind == "persistent" && volume.get("existingClaim").is_none()
        })
        .filter_map(|volume| volume.get("name").and_then(Node::as_str).map(str::to_owned))
        .collect()
}

/// Returns the config as it was generated last; `None` where that is not known.
fn base_config(lock: &Lock, world: &dyn World, path: &str) -> Option<Node> {
    let locked = lock.files.get(path)?;
    let bytes = super::base::read(world, path, &locked.sha256).ok()?;
    yaml::parse(&String::from_utf8_lossy(&bytes), Schema::Core12).ok()
}

fn has_service(config: &Node, name: &str) -> bool {
    let services = config.get("services").and_then(Node::as_list).unwrap_or_default();
    services.iter().any(|service| service.get("name").and_then(Node::as_str) == Some(name))
}
