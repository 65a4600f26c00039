//! What only Flux reads: sources, Kustomizations, HelmReleases, and how it is installed itself.
//!
//! Where Argo CD has sync waves, Flux has `dependsOn` between Kustomizations that wait for what they
//! applied; so each step of the order is a Kustomization of its own.

mod clusters;
mod platform;
pub(super) mod root;
mod values;
pub(super) mod workloads;

use super::Emit;

/// The emitters, with the names under which the lock knows them.
pub(in crate::generate) const ALL: &[(&str, Emit)] = &[
    ("clusters", clusters::emit),
    ("platform", platform::emit),
    ("platform", values::emit),
    ("root", root::emit),
    ("workloads", workloads::emit),
];
