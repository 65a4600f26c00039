//! What a Kubernetes object is.
