//! Kustomize's own file, which both engines read.

use super::address::Mirrors;
use super::write::{List, Map};
use crate::model::{Kustomization, Platform};

/// Returns the repository that environments pull an application's image from: the one that it is pushed to, or its mirror.
pub(crate) fn pulled_from(platform: &Platform, app: &Kustomization) -> String {
    Mirrors::of(platform).image(&app.image)
}

/// Returns the label that says what an object is part of (Kubernetes' documentation, "Recommended Labels").
pub(super) fn part_of(whole: &str) -> Map {
    Map::new().put("app.kubernetes.io/part-of", whole)
}

/// Returns a kustomization whose objects are part of `whole`.
pub(super) fn labelled(resources: List, whole: &str) -> Map {
    let labels = List::new().item(Map::new().put("pairs", part_of(whole)));
    kustomization(resources).put("labels", labels)
}

/// Returns a kustomization that includes other files and folders.
pub(super) fn kustomization(resources: List) -> Map {
    Map::new()
        .put("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .put("kind", "Kustomization")
        .put("resources", resources)
}
