//! What only Argo CD reads: roots, projects, Applications, and how it is installed itself.

pub(super) mod applications;
mod clusters;
mod platform;
mod projects;
pub(super) mod root;
mod values;

use super::Emit;

/// The emitters, with the names under which the lock knows them.
pub(in crate::generate) const ALL: &[(&str, Emit)] = &[
    ("applications", applications::emit),
    ("clusters", clusters::emit),
    ("platform", platform::emit),
    ("platform", values::emit),
    ("projects", projects::emit),
    ("root", root::emit),
];
