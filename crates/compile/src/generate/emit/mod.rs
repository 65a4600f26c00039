//! The emitters: one file per part of a repository.
//!
//! In: the context of a run. Out: files. An emitter writes only its own paths, in any order: the
//! tree is sorted. None of them decides a default; that is the model's.

mod agents;
pub(super) mod argocd;
mod chart;
mod config;
mod docs;
mod esc;
pub(super) mod flux;
mod gitignore;
pub(super) mod handoff;
mod install;
pub(super) mod kustomization;
mod markdown;
mod overlays;
mod platform;
mod readme;
mod renovate;
mod roles;
mod scripts;
mod workflow;

use super::{Context, Files};
use crate::model::{Engine, Environment};

/// Returns the path of an environment's root, the one file that is applied by hand.
pub(super) fn root_path(context: &Context<'_>, environment: &Environment) -> String {
    match context.platform.delivery.engine {
        Engine::ArgoCd => argocd::root::path(context, environment),
        Engine::Flux => flux::root::path(environment),
    }
}

/// An emitter.
type Emit = fn(&Context<'_>, &mut Files<'_>);

/// What is the same for every engine: the emitters with the names under which the lock knows them.
pub(super) const COMMON: &[(&str, Emit)] = &[
    ("agents", agents::emit),
    ("chart", chart::emit),
    ("config", config::emit),
    ("docs", docs::emit),
    ("esc", esc::emit),
    ("gitignore", gitignore::emit),
    ("handoff", handoff::emit),
    ("install", install::emit),
    ("overlays", overlays::emit),
    ("platform", platform::emit),
    ("readme", readme::emit),
    ("renovate", renovate::emit),
    ("scripts", scripts::emit),
    ("workflow", workflow::emit),
];
