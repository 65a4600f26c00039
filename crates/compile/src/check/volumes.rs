//! Volumes: twice, without size, shared where they cannot be.

use std::collections::HashMap;

use super::codes::workload as codes;
use super::{Findings, instances};
use crate::model::{App, Platform, Quantity, VolumeSource, Workload};

/// Where the chart mounts secrets that are files.
const SECRETS: &str = "/mnt/secrets";

/// Whether the chart gives a volume of its own this name (`templates/_volumes.tpl`).
fn is_charts(name: &str) -> bool {
    matches!(name, "writable-tmp" | "secrets-store") || name.starts_with("existing-")
}

/// Claims of two apps that would have one name: it is made of both names.
pub(super) fn claims(platform: &Platform, findings: &mut Findings) {
    let mut known: HashMap<String, (&App, usize)> = HashMap::new();
    for app in &platform.apps {
        for (index, volume) in app.volumes.iter().enumerate() {
            if !matches!(volume.source, VolumeSource::Persistent { .. }) {
                continue;
            }
            let claim = format!("{}-{}", app.name, volume.name);
            let first = *known.entry(claim.clone()).or_insert((app, index));
            if !std::ptr::eq(first.0, app) && first.0.name != app.name {
                let place = |(app, index): (&App, usize)| {
                    app.origin.place(&format!("volumes.{index}.name"))
                };
                let names = (first.0.name.as_str(), app.name.as_str());
                let places = (place(first), place((app, index)));
                findings.add(codes::c157_same_claim(&claim, names, places));
            }
        }
    }
}

pub(super) fn check(platform: &Platform, app: &App, findings: &mut Findings) {
    let place = |index: usize, field: &str| app.origin.place(&format!("volumes.{index}.{field}"));
    for (index, volume) in app.volumes.iter().enumerate() {
        for (before, other) in app.volumes[..index].iter().enumerate() {
            if other.name == volume.name {
                let places = (place(before, "name"), place(index, "name"));
                findings.add(codes::c150_same_volume("name", places.0, places.1));
            }
            let folder = |path: &str| path.trim_end_matches('/').to_owned();
            if folder(&other.mount_path) == folder(&volume.mount_path) {
                let places = (place(before, "mountPath"), place(index, "mountPath"));
                findings.add(codes::c150_same_volume("folder", places.0, places.1));
            }
        }
        let path = volume.mount_path.as_str();
        let own = ["/proc", "/sys", "/dev"];
        let is_own = own.iter().any(|own| path == *own || path.starts_with(&format!("{own}/")));
        if is_own || path.contains("//") || path.split('/').any(|part| matches!(part, "." | "..")) {
            findings.add(codes::c155_mount_path(path, place(index, "mountPath")));
        }
        if is_charts(&volume.name) {
            findings.add(codes::c156_charts_volume("name", &volume.name, place(index, "name")));
        }
        let mounts_secrets = app.secrets.iter().any(|secret| secret.file.is_some());
        if mounts_secrets && path.trim_end_matches('/') == SECRETS {
            findings.add(codes::c156_charts_volume("folder", SECRETS, place(index, "mountPath")));
        }
        if let VolumeSource::Persistent { size, .. } = &volume.source
            && !size.is_zero()
            && *size < Quantity::bytes(1 << 20)
        {
            findings.add(codes::c154_tiny_volume(&size.to_string(), place(index, "size")));
        }
        let (kind, meaningless): (&str, &[&str]) = match &volume.source {
            VolumeSource::Persistent { size, .. } => {
                if size.is_zero() {
                    findings.add(codes::c151_no_size(place(index, "name")));
                }
                ("a persistent volume", &["medium"])
            }
            VolumeSource::Existing { .. } => {
                ("a claim that is already there", &["medium", "size", "storageClass"])
            }
            VolumeSource::EmptyDir { .. } => {
                ("an emptyDir", &["storageClass", "accessMode", "existingClaim"])
            }
        };
        for field in meaningless {
            if app.origin.has(&format!("volumes.{index}.{field}")) {
                findings.add(codes::c153_volume_field(field, kind, place(index, field)));
            }
        }
        shared(platform, app, index, findings);
    }
}

fn shared(platform: &Platform, app: &App, index: usize, findings: &mut Findings) {
    let mode = match &app.volumes[index].source {
        VolumeSource::Persistent { access_mode, .. }
        | VolumeSource::Existing { access_mode, .. } => *access_mode,
        VolumeSource::EmptyDir { .. } => return,
    };
    if !mode.is_exclusive() || app.workload != Workload::Deployment {
        return;
    }
    for (environment, instance) in instances(platform, app) {
        if instance.most_replicas() > 1 {
            let autoscaled = matches!(instance.replicas, crate::model::Replicas::Autoscaled(_));
            let field = if autoscaled { "autoscaling.maxReplicas" } else { "replicas" };
            findings.add(codes::c152_shared_volume(
                mode.word(),
                &environment.name,
                app.origin.place(&format!("volumes.{index}.name")),
                instance.place(field),
            ));
        }
    }
}
