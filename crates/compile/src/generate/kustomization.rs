//! Kustomize's own file, which both engines read.

use super::write::{List, Map};

/// Returns a kustomization that includes other files and folders.
pub(super) fn kustomization(resources: List) -> Map {
    Map::new()
        .put("apiVersion", "kustomize.config.k8s.io/v1beta1")
        .put("kind", "Kustomization")
        .put("resources", resources)
}
