//! Whether a platform makes sense.
//!
//! Decides what is wrong or doubtful in a platform that its schemas accept. In: a
//! [`Platform`]. Out: diagnostics with code, places and what to type, all at once, by place.
//! Files that people edited or added have checks of their own ([`app_config()`], [`files()`], [`overlays()`]).
//! Never changes anything, and never shows the value of a secret.

mod app_config;
mod beside_faults;
pub mod codes;
mod cron;
mod files;
mod generators;
mod hosts;
mod images;
mod kustomization;
mod loose;
mod names;
mod overlays;
mod own_images;
pub(crate) mod plaintext;
mod ports;
mod resources;
pub(crate) mod schedule;
mod secrets;
mod sections;
pub(crate) mod security;
mod size;
mod volumes;

use text::Diagnostic;

pub use app_config::{ValueFile, app_config};
pub use beside_faults::beside_faults;
pub use files::files;
pub use overlays::overlays;
pub use own_images::own_images;
pub use plaintext::suspicion;
pub(crate) use size::LARGEST;

use crate::model::{App, AppInstance, Environment, Platform};

/// Returns everything that makes no sense in a platform, sorted by place.
pub fn platform(platform: &Platform) -> Vec<Diagnostic> {
    let mut findings = Findings { found: Vec::new() };
    names::check(platform, &mut findings);
    hosts::check(platform, &mut findings);
    sections::check(platform, &mut findings);
    kustomization::check(platform, &mut findings);
    secrets::of_platform(platform, &mut findings);
    volumes::claims(platform, &mut findings);
    for app in &platform.apps {
        images::check(platform, app, &mut findings);
        ports::check(app, &mut findings);
        resources::check(platform, app, &mut findings);
        schedule::check(app, &mut findings);
        secrets::check(platform, app, &mut findings);
        security::check(platform, app, &mut findings);
        size::check(app, &mut findings);
        volumes::check(platform, app, &mut findings);
    }
    plaintext::check(platform, &mut findings);
    findings.done()
}

/// The findings so far.
struct Findings {
    found: Vec<Diagnostic>,
}

impl Findings {
    fn add(&mut self, finding: Diagnostic) {
        self.found.push(finding);
    }

    fn extend(&mut self, findings: Vec<Diagnostic>) {
        self.found.extend(findings);
    }

    /// Sorts them, and keeps one of those that say the same about the same places: an app is looked
    /// at once per environment.
    fn done(mut self) -> Vec<Diagnostic> {
        text::sort(&mut self.found);
        self.found.dedup_by(|next, kept| {
            next.code == kept.code
                && next.primary == kept.primary
                && next.secondary == kept.secondary
        });
        crate::intake::bound(&mut self.found);
        self.found
    }
}

/// Returns the app in every environment in which it runs.
fn instances<'a>(
    platform: &'a Platform,
    app: &'a App,
) -> impl Iterator<Item = (&'a Environment, AppInstance<'a>)> {
    let environments = platform.environments.iter();
    environments
        .map(move |environment| (environment, app.in_environment(environment)))
        .filter(|(_, instance)| instance.enabled)
}
