//! From validated trees to the model: where every default is decided.
//!
//! The schemas say what the defaults are; here they are decided, and both must say the same.

mod app;
mod environment;
mod fields;
mod kustomization;
mod platform;
mod workload;

use std::sync::Arc;

use yaml::{Kind, Node};

use super::{Origin, Platform, SecretSource, SecretsBackend};

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
    if platform.secrets.backend == SecretsBackend::Sealed {
        for secret in platform.apps.iter_mut().flat_map(|app| &mut app.secrets) {
            if let SecretSource::Manager { path } = &secret.source {
                secret.source = SecretSource::Existing { name: folder_secret(path) };
            }
        }
    }
    platform
}

/// Returns the name of the Secret that stands for a folder of a secret manager: `/` is `app-secrets`,
/// `/payments/eu` is `payments-eu`. Names, keys and files of the workloads stay what they are.
fn folder_secret(path: &str) -> String {
    let letters = path.trim_matches('/').chars().map(|letter| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    });
    let name: String = letters.collect();
    match name.trim_matches('-') {
        "" => "app-secrets".to_owned(),
        name => name.to_owned(),
    }
}
