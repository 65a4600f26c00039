//! Charts: read once, rendered for many releases; helm's manifests become objects.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use manifest::Object;
use rayon::prelude::*;
use text::World;

pub(super) type Chart = helm::Chart;

/// The charts that were read, by folder or by the bytes of their archive, shared by all
/// environments. A chart that cannot be read keeps its reason.
#[derive(Default)]
pub(super) struct Charts {
    folders: Mutex<BTreeMap<String, Read>>,
    archives: Mutex<BTreeMap<Vec<u8>, Read>>,
}

type Read = Result<Arc<Chart>, String>;

impl Charts {
    /// Returns the chart that lies in a folder of the repository.
    pub(super) fn folder(&self, world: &dyn World, folder: &str) -> Read {
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chart) = known.get(folder) {
            return chart.clone();
        }
        let read = read_folder(world, folder);
        known.insert(folder.to_owned(), read.clone());
        read
    }

    /// Returns the chart of an archive.
    pub(super) fn archive(&self, bytes: &[u8]) -> Read {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes).to_vec();
        let mut known = self.archives.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chart) = known.get(&digest) {
            return chart.clone();
        }
        let read = Chart::from_archive(bytes).map(Arc::new).map_err(|error| error.to_string());
        known.insert(digest, read.clone());
        read
    }
}

fn read_folder(world: &dyn World, folder: &str) -> Read {
    let mut files = Vec::new();
    for path in world.list(folder) {
        let bytes = world.read(&path).map_err(|reason| format!("{path}: {reason}"))?;
        let below = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
        files.push((below.to_owned(), bytes.to_vec()));
    }
    Chart::from_files(files).map(Arc::new).map_err(|error| error.to_string())
}

/// What a release is rendered with.
pub(super) struct Input<'a> {
    pub(super) release: &'a str,
    pub(super) namespace: &'a str,
    /// Value files, lowest precedence first.
    pub(super) values: &'a [(String, Arc<[u8]>)],
    /// Values of the Application itself; above the files.
    pub(super) inline: &'a str,
    /// `--set` (or `--set-string` where forced); above everything.
    pub(super) parameters: &'a [(String, String, bool)],
    pub(super) skip_crds: bool,
}

/// Returns the objects of a release, as Argo CD would get them from helm: CRDs included, hooks
/// included, tests left out.
pub(super) fn render(chart: &Chart, input: &Input<'_>) -> Result<Vec<Object>, String> {
    let mut values = helm::ValuesInput::default();
    for (name, bytes) in input.values {
        values.files.push((name.clone(), bytes.to_vec()));
    }
    if !input.inline.is_empty() {
        values.files.push(("values".to_owned(), input.inline.as_bytes().to_vec()));
    }
    for (name, value, force_text) in input.parameters {
        // Argo CD escapes commas, so that one parameter stays one; a list in braces keeps them.
        let value = if value.starts_with('{') { value.clone() } else { value.replace(',', "\\,") };
        let argument = format!("{name}={value}");
        let set = if *force_text { helm::Set::Text(argument) } else { helm::Set::Value(argument) };
        values.sets.push(set);
    }
    let release = helm::Release::new(input.release, input.namespace);
    let options = helm::Options { include_crds: !input.skip_crds, ..helm::Options::default() };
    let rendered =
        helm::render(chart, &release, &values, &options).map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for crd in &rendered.crds {
        let text = String::from_utf8_lossy(&crd.data);
        objects.extend(manifest::read(&text, &crd.path).map_err(|error| error.to_string())?);
    }
    let hooks = rendered.hooks.iter().filter(|hook| !hook.is_test());
    let manifests: Vec<&helm::Manifest> = rendered.manifests.iter().chain(hooks).collect();
    // Each by itself, and the first fault that counts is the first in this order.
    let read: Vec<_> = manifests.par_iter().map(|manifest| read(manifest)).collect();
    for of_one in read {
        objects.extend(of_one?);
    }
    Ok(objects)
}

fn read(manifest: &helm::Manifest) -> Result<Vec<Object>, String> {
    let value = yaml::Value::decode_go2(manifest.text().as_bytes())
        .map_err(|error| format!("{}: {error}", manifest.path))?;
    let read = manifest::from_value(value, manifest.text(), &manifest.path);
    read.map_err(|error| error.to_string())
}
