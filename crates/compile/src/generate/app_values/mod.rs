//! `config/app-config.yaml` and the values of each overlay: the payload as the chart reads it.
//!
//! In: the platform. Out: the values that all environments share, and per environment what must be
//! merged over them. Every host, number and image comes from [`App::in_environment`]; nothing is
//! decided here but in which of the files a value stands.

mod globals;
mod merge;
mod workload;

use std::collections::BTreeSet;

use crate::model::{App, AppInstance, Environment, Platform, Replicas, Resources};

use super::address::Mirrors;
use super::write::{List, Map, Yaml};

/// The values of the application.
pub(super) struct AppValues {
    /// `config/app-config.yaml`.
    pub(super) config: Map,
    /// `overlays/<environment>/values.yaml`, in the order of the environments.
    pub(super) overlays: Vec<Map>,
}

/// Returns the values of all environments.
pub(super) fn of(platform: &Platform) -> AppValues {
    let mirrors = Mirrors::of(platform);
    let leading = leading(platform);
    let globals: Vec<Map> = platform
        .environments
        .iter()
        .map(|environment| globals::shared(platform, environment))
        .collect();
    let shared_globals = share(&globals, leading);

    let mut services = List::new();
    let mut presets: BTreeSet<&str> = BTreeSet::new();
    let mut overrides: Vec<Map> = platform.environments.iter().map(|_| Map::new()).collect();
    for app in &platform.apps {
        let values = per_environment(app, platform, &mirrors);
        let enabled: Vec<Map> = values.iter().flatten().cloned().collect();
        // What runs nowhere has no values to be written.
        if enabled.is_empty() {
            continue;
        }
        let before = values.iter().take(leading).flatten().count();
        // Where the leading environment leaves the app out, the one before it leads.
        let mut shared = share(&enabled, before.min(enabled.len().saturating_sub(1)));
        for (value, target) in values.iter().zip(&mut overrides) {
            let difference = match value {
                Some(value) => merge::difference(&shared, value),
                None => Map::new().put("enabled", false),
            };
            let rest = std::mem::take(target);
            *target = rest.put_filled(app.name.as_str(), difference);
        }
        if let Some(preset) = preset(app, platform, leading, &shared) {
            presets.insert(preset);
            shared = shared
                .iter()
                .map(|(key, value)| match key {
                    "resources" => ("resourcePreset", preset.into()),
                    key => (key, value.clone()),
                })
                .collect();
        }
        services = services.gap().item(Map::new().put("name", app.name.as_str()).join(shared));
    }

    let overlays = platform
        .environments
        .iter()
        .zip(globals.iter().zip(overrides))
        .map(|(environment, (global, overrides))| {
            overlay(platform, environment, &shared_globals, global, overrides)
        })
        .collect();
    let presets: Map = presets
        .into_iter()
        .filter_map(|name| Some((name, workload::resources(platform.resource_presets.get(name)?))))
        .collect();
    let namespace =
        platform.environments.get(leading).map(|environment| environment.namespace.as_str());
    let config = Map::new()
        .put("version", 1)
        .put(
            "app",
            Map::new()
                .put("name", platform.application.name.as_str())
                .put_some("namespace", namespace),
        )
        .join(shared_globals)
        .put_filled("resourcePresets", presets)
        .gap()
        .put("services", services);
    AppValues { config, overlays }
}

/// Returns the environment whose values stand in the common file: production, else the last.
pub(super) fn leading(platform: &Platform) -> usize {
    let production = platform.environments.iter().position(|environment| environment.production);
    production.unwrap_or_else(|| platform.environments.len().saturating_sub(1))
}

fn overlay(
    platform: &Platform,
    environment: &Environment,
    shared: &Map,
    global: &Map,
    overrides: Map,
) -> Map {
    // What an environment is, it says itself, so that none lives on another's values by accident.
    let own = globals::own(platform, environment);
    let rest: Map = merge::difference(shared, global)
        .iter()
        .filter(|(key, _)| own.get(key).is_none())
        .map(|(key, value)| (key, value.clone()))
        .collect();
    own.join(rest)
        .join(globals::bounds(platform, environment))
        .gap()
        .note("What differs from config/app-config.yaml, by the workload's name.")
        .put_filled("overrides", overrides)
}

/// Returns an app's values in each environment; `None` where it is left out.
fn per_environment(app: &App, platform: &Platform, mirrors: &Mirrors) -> Vec<Option<Map>> {
    let mut instances: Vec<AppInstance<'_>> =
        platform.environments.iter().map(|environment| app.in_environment(environment)).collect();
    let scales =
        instances.iter().any(|instance| matches!(instance.replicas, Replicas::Autoscaled(_)));
    for instance in &mut instances {
        // A digest wins over the tag beside it; the tag stays for people, and where pipelines edit it.
        if instance.image.tag.is_none() && instance.image.digest.is_some() {
            instance.image.tag.clone_from(&app.image.tag);
        }
    }
    let values = |instance: &AppInstance<'_>| workload::values(instance, scales, mirrors);
    instances.iter().map(|instance| instance.enabled.then(|| values(instance))).collect()
}

/// Returns the preset that says the same as the common resources of an app that writes no amounts.
fn preset<'p>(
    app: &'p App,
    platform: &'p Platform,
    leading: usize,
    shared: &Map,
) -> Option<&'p str> {
    if app.resources.written != Resources::default() {
        return None;
    }
    let name = match &app.resources.preset {
        Some(preset) => preset.name.as_str(),
        None => platform.environments.get(leading)?.resource_preset.as_str(),
    };
    let amounts = workload::resources(platform.resource_presets.get(name)?);
    (shared.get("resources") == Some(&Yaml::Map(amounts))).then_some(name)
}

/// Returns what all have, with the values of the leading one.
fn share(all: &[Map], leading: usize) -> Map {
    let Some(first) = all.get(leading) else { return Map::new() };
    let others: Vec<&Map> = all.iter().collect();
    merge::common(first, &others)
}

#[cfg(test)]
mod tests {
    use super::merge::testing::{merged, sorted};
    use super::*;
    use crate::intake::{self, Inputs};

    #[test]
    fn the_chart_sees_each_environment_as_the_model_has_it() {
        let inputs = Inputs {
            spec: ("mainstay.yaml", include_str!("../../../../../examples/shop/mainstay.yaml")),
            payload: (
                "deployed_apps.json",
                include_str!("../../../../../examples/shop/deployed_apps.json"),
            ),
        };
        let platform = intake::read(&inputs).platform.unwrap();
        let values = of(&platform);
        let presets: Map = platform
            .resource_presets
            .iter()
            .map(|(name, amounts)| (name.as_str(), workload::resources(amounts)))
            .collect();
        let Some(Yaml::List(services)) = values.config.get("services") else { panic!() };
        for (index, overlay) in values.overlays.iter().enumerate() {
            let no_overrides = Map::new();
            let overrides = match overlay.get("overrides") {
                Some(Yaml::Map(overrides)) => overrides,
                _ => &no_overrides,
            };
            for (app, service) in platform.apps.iter().zip(services.iter()) {
                let Yaml::Map(service) = service else { panic!() };
                let seen = match overrides.get(&app.name) {
                    Some(Yaml::Map(changes)) => merged(service, changes),
                    _ => service.clone(),
                };
                let wanted = &per_environment(app, &platform, &Mirrors::of(&platform))[index];
                let Some(wanted) = wanted else {
                    assert_eq!(seen.get("enabled"), Some(&Yaml::Bool(false)), "{}", app.name);
                    continue;
                };
                // A preset stands for its amounts.
                let seen = match seen.get("resourcePreset") {
                    Some(Yaml::Text(name)) => {
                        let Some(Yaml::Map(amounts)) = presets.get(name) else { panic!() };
                        merged(&Map::new().put("resources", amounts.clone()), &seen)
                    }
                    _ => seen,
                };
                let seen: Map = seen
                    .iter()
                    .filter(|(key, _)| !matches!(*key, "name" | "resourcePreset"))
                    .map(|(key, value)| (key, value.clone()))
                    .collect();
                assert_eq!(sorted(&seen), sorted(wanted), "{}", app.name);
            }
        }
    }
}
