//! A platform whose application is a kustomization: base and overlays, what delivers them, the
//! workflows that build and promote, documents.
//!
//! Such a repository lies beside the application's own source, so it has none of the folders of a
//! platform of its own.

mod agents;
mod base;
mod delivery;
mod docs;
mod login;
mod overlays;
mod readme;
mod secrets;
mod secrets_page;
mod workflows;

use crate::generate::{Context, Files};
use crate::model::Kustomization;

use super::{Emit, gitignore, install};

/// The emitters of such a platform, with the names under which the lock knows them.
pub(in crate::generate) const ALL: &[(&str, Emit)] = &[
    ("base", base),
    ("delivery", delivery),
    ("docs", docs),
    ("gitignore", gitignore::emit),
    ("install", install::emit),
    ("install", install::emit),
    ("overlays", overlays),
    ("workflow", workflows),
];

/// The tag of an overlay that no pipeline has written to yet.
const NO_TAG: &str = "sha-00000000";

/// Whether the spec lists by name which environments get the image of a branch's commits, so that a new one gets none.
fn lists_promotions(context: &Context<'_>) -> bool {
    context.platform.origin.has("spec.ci.promote.byBranch")
}

fn of<'c>(context: &Context<'c>) -> Option<&'c Kustomization> {
    context.platform.kustomization.as_ref()
}

fn base(context: &Context<'_>, files: &mut Files<'_>) {
    if let Some(app) = of(context) {
        base::emit(context, app, files);
    }
}

fn overlays(context: &Context<'_>, files: &mut Files<'_>) {
    if let Some(app) = of(context) {
        overlays::emit(context, app, files);
    }
}

fn delivery(context: &Context<'_>, files: &mut Files<'_>) {
    if let Some(app) = of(context) {
        delivery::emit(context, app, files);
    }
}

fn workflows(context: &Context<'_>, files: &mut Files<'_>) {
    if let (Some(app), true) = (of(context), context.platform.ci.github_actions) {
        workflows::emit(context, app, files);
    }
}

fn docs(context: &Context<'_>, files: &mut Files<'_>) {
    if let Some(app) = of(context) {
        agents::emit(context, app, files);
        readme::emit(context, app, files);
        docs::emit(context, app, files);
    }
}
