//! Kustomization to objects, as kustomize does.
