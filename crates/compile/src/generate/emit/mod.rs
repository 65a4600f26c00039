//! The emitters: one file per part of a repository.
//!
//! In: the context of a run. Out: files. An emitter writes only its own paths, in any order: the
//! tree is sorted. None of them decides a default; that is the model's.

mod applications;
mod chart;
mod clusters;
mod config;
mod docs;
mod esc;
mod gitignore;
pub(super) mod handoff;
pub(super) mod kustomization;
mod markdown;
mod overlays;
mod platform;
mod projects;
mod readme;
mod renovate;
mod roles;
mod root;
mod scripts;
mod workflow;

use super::{Context, Files};

/// An emitter.
type Emit = fn(&Context<'_>, &mut Files<'_>);

/// All emitters, with the names under which the lock knows them.
pub(super) const ALL: &[(&str, Emit)] = &[
    ("applications", applications::emit),
    ("chart", chart::emit),
    ("clusters", clusters::emit),
    ("config", config::emit),
    ("docs", docs::emit),
    ("esc", esc::emit),
    ("gitignore", gitignore::emit),
    ("handoff", handoff::emit),
    ("overlays", overlays::emit),
    ("platform", platform::emit),
    ("projects", projects::emit),
    ("readme", readme::emit),
    ("renovate", renovate::emit),
    ("root", root::emit),
    ("scripts", scripts::emit),
    ("workflow", workflow::emit),
];
