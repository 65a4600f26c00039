//! From validated trees to the model: where every default is decided.
//!
//! The schemas say what the defaults are; here they are decided, and both must say the same.

mod app;
mod environment;
mod external;
mod fields;
mod kustomization;
mod platform;
mod workload;

use std::sync::Arc;

use yaml::{Kind, Node};

use super::{Origin, Platform};

pub use platform::default_presets;

/// A file that was read and found valid.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its name, as places have it.
    pub file: Arc<str>,
    /// What it says.
    pub tree: Arc<Node>,
}

impl Document {
    fn origin(&self) -> Origin {
        Origin::of_file(&self.file, &self.tree)
    }
}

/// Returns the platform that a spec and a payload describe.
///
/// Both should have been found valid; what is not is as if it were not there.
pub fn build(spec: &Document, payload: &Document) -> Platform {
    let mut platform = platform::platform(&spec.tree, spec.origin(), payload.origin());
    let (items, at) = match &payload.tree.kind {
        Kind::List(items) => (items.as_slice(), payload.origin()),
        _ => (fields::list(&payload.tree, "apps"), payload.origin().part("apps")),
    };
    let defaults = app::Defaults {
        port: i64::from(platform.defaults.port),
        presets: &platform.resource_presets,
    };
    let apps = items.iter().enumerate();
    let apps = apps.map(|(index, item)| app::app(item, at.item(index), &defaults)).collect();
    platform.apps = apps;
    platform
}
