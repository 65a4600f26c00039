//! Data that would go: apps with volumes that the new payload no longer has, or has so that no cluster takes it.
//!
//! In: what was generated last, the platform now. Out: a finding for each app whose persistent volumes
//! would be removed or cannot be what is asked for, unless the user named it.

use std::sync::Arc;

use text::{Diagnostic, Place, Sources, World};
use yaml::{Node, Schema};

use crate::model::{AccessMode, App, Platform, Quantity, VolumeSource};

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
        let span = service.get("name").map_or(0..0, |name| name.span.range());
        if let (Some(app), false) = (app, is_renamed) {
            let before = base.as_ref().and_then(|base| service_of(base, name));
            for (volume, change) in before.map_or_else(Vec::new, |before| fixed(before, app)) {
                let file: Arc<str> = sources.add(path, words);
                let place = Place::new(&file, span.clone());
                found.push(codes::g135_claim(name, &volume, &change, place));
            }
        }
        if !gone.is_empty() {
            let file: Arc<str> = sources.add(path, words);
            let place = Place::new(&file, span);
            let loss = match (is_renamed, app.is_some()) {
                (true, _) => codes::Loss::OldName,
                (false, true) => codes::Loss::Volume,
                (false, false) => codes::Loss::App,
            };
            let finding = codes::g130_data(name, &gone, place, loss);
            let unknown = allowed.iter().filter(|other| !has_service(&config, other));
            let mistyped = { unknown }.find(|other| text::nearest(other, [name]).is_some());
            found.push(match mistyped {
                Some(other) => finding.hint(format!("`--remove-data {other}` names no app")),
                None => finding,
            });
        }
    }
    found.extend(stopped(lock, world, platform));
    found
}

/// Says which data stays where an app runs no longer in one of its environments.
fn stopped(lock: &Lock, world: &dyn World, platform: &Platform) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let claims = |app: &App| -> Vec<String> {
        let volumes = app.volumes.iter();
        let kept = volumes.filter(|it| matches!(it.source, VolumeSource::Persistent { .. }));
        kept.map(|volume| format!("{}-{}", app.name, volume.name)).collect()
    };
    let with_claims: Vec<(&App, Vec<String>)> = platform
        .apps
        .iter()
        .map(|app| (app, claims(app)))
        .filter(|(_, claims)| !claims.is_empty())
        .collect();
    for environment in &platform.environments {
        let stopped =
            with_claims.iter().filter(|(app, _)| !app.in_environment(environment).enabled);
        let stopped: Vec<_> = stopped.collect();
        if stopped.is_empty() {
            continue;
        }
        let [_, values, _] = super::value_files(platform, environment);
        let Some(before) = base_config(lock, world, &values) else { continue };
        for (app, claims) in stopped {
            let field = |key| before.get("overrides")?.get(&app.name)?.get(key);
            if field("enabled").and_then(Node::as_bool) == Some(false) {
                continue;
            }
            let place = app.origin.place(&format!("environments.{}.enabled", environment.name));
            found.push(codes::g136_data_stays(&app.name, &environment.name, claims, place));
        }
    }
    found
}

/// Whether an app of this name is in the payload, or was there when it was generated last.
pub(super) fn is_known(name: &str, lock: &Lock, world: &dyn World, platform: &Platform) -> bool {
    let before = || base_config(lock, world, &platform.application.config);
    platform.apps.iter().any(|app| app.name == name)
        || before().is_some_and(|before| has_service(&before, name))
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

/// Returns the claims that generation would change as no cluster lets them be changed: name, and what of it.
fn fixed(before: &Node, app: &App) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let volumes = before.get("volumes").and_then(Node::as_list).unwrap_or_default();
    for name in persistent(before) {
        let text = |key: &str| {
            let named = |volume: &&Node| volume.get("name").and_then(Node::as_str) == Some(&name);
            volumes.iter().find(named)?.get(key)?.as_str()
        };
        let Some(VolumeSource::Persistent { size, storage_class, access_mode }) =
            app.volumes.iter().find(|volume| volume.name == name).map(|volume| &volume.source)
        else {
            continue;
        };
        let mut changes = Vec::new();
        if let Some(was) = text("size")
            && Quantity::parse(was).is_some_and(|was| *size < was)
        {
            changes.push(format!("size {was} → {size}"));
        }
        let words = [
            ("storageClass", text("storageClass"), storage_class.as_deref(), "the default"),
            (
                "accessMode",
                Some(text("accessMode").unwrap_or(AccessMode::ReadWriteOnce.word())),
                Some(access_mode.word()),
                "",
            ),
        ];
        for (key, was, is, none) in words {
            if was != is {
                changes.push(format!("{key} {} → {}", was.unwrap_or(none), is.unwrap_or(none)));
            }
        }
        if !changes.is_empty() {
            found.push((format!("{}-{name}", app.name), changes.join(", ")));
        }
    }
    found
}

fn has_service(config: &Node, name: &str) -> bool {
    service_of(config, name).is_some()
}

fn service_of<'c>(config: &'c Node, name: &str) -> Option<&'c Node> {
    let services = config.get("services").and_then(Node::as_list).unwrap_or_default();
    services.iter().find(|service| service.get("name").and_then(Node::as_str) == Some(name))
}
