//! Charts as a registry holds them: files that the laboratory's server hands out.
//!
//! Source of the layout: the OCI distribution specification (paths), and Helm's media types.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Puts the packed charts of a folder into the registry below `root`, as `charts/NAME`.
pub(super) fn publish(charts: &Path, root: &Path) -> Result<()> {
    let mut tags: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for entry in fs::read_dir(charts)? {
        let archive = entry?.path();
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((name, version)) = name.strip_suffix(".tgz").and_then(|it| it.rsplit_once('-'))
        else {
            continue;
        };
        let folder = root.join("v2/charts").join(name);
        let layer = fs::read(&archive)?;
        let config = serde_json::to_vec(&json!({"name": name, "version": version}))?;
        for content in [&layer, &config] {
            store(&folder.join("blobs").join(digest(content)), content)?;
        }
        let part = |kind: &str, content: &[u8]| -> Value {
            json!({"mediaType": kind, "digest": digest(content), "size": content.len()})
        };
        let manifest = serde_json::to_vec(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": part("application/vnd.cncf.helm.config.v1+json", &config),
            "layers": [part("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &layer)],
        }))?;
        let manifests = folder.join("manifests");
        store(&manifests.join(version), &manifest)?;
        store(&manifests.join(digest(&manifest)), &manifest)?;
        tags.entry(name.to_owned()).or_default().push(version.to_owned());
    }
    for (name, tags) in tags {
        let list = json!({"name": format!("charts/{name}"), "tags": tags});
        store(&root.join("v2/charts").join(name).join("tags/list"), &serde_json::to_vec(&list)?)?;
    }
    Ok(())
}

/// What a registry says of a file before it sends it.
pub(super) fn headers(path: &str, content: &[u8]) -> String {
    let kind = match path {
        path if path.contains("/manifests/") => MANIFEST,
        path if path.ends_with("/tags/list") || path == "/v2/" => "application/json",
        _ => "application/octet-stream",
    };
    format!("Content-Type: {kind}\r\nDocker-Content-Digest: {}\r\n", digest(content))
}

fn store(file: &Path, content: &[u8]) -> Result<()> {
    let folder = file.parent().context("a file without a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(file, content).with_context(|| file.display().to_string())
}

fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
