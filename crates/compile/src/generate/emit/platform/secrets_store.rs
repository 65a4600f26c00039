//! The Secrets Store CSI driver and its Infisical provider.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map};
use crate::model::{Infisical, Rotation, SecretsBackend};

use super::network_policies::INFISICAL_POD;
use super::{Addon, BINDING, DEFINITION, ROLE, images};

pub(super) fn driver(context: &Context<'_>) -> Option<Addon> {
    let SecretsBackend::InfisicalCsi(infisical) = &context.platform.secrets.backend else {
        return None;
    };
    let chart = context.catalog.addon("secrets-store-csi-driver");
    Some(Addon {
        name: "secrets-store-csi-driver",
        namespaces: vec![chart.namespace.clone()],
        chart,
        cluster_kinds: &[DEFINITION, ROLE, BINDING, ("storage.k8s.io", "CSIDriver")],
        wave: Wave::Controllers,
        about: "The Secrets Store CSI driver: mounts secrets from outside into pods.".to_owned(),
        values: driver_values(context, infisical),
        sync_options: Vec::new(),
    })
}

fn driver_values(context: &Context<'_>, infisical: &Infisical) -> Map {
    let image = |name: &str| images::repository(context, &format!("registry.k8s.io/{name}"));
    let linux = Map::new()
        .note(format!("Jobs that install the definitions; {} does that itself.", context.engine()))
        .put("crds", Map::new().put("enabled", false))
        .put_filled("image", image("csi-secrets-store/driver"))
        .put_filled("registrarImage", image("sig-storage/csi-node-driver-registrar"))
        .put_filled("livenessProbeImage", image("sig-storage/livenessprobe"));
    let audience = Map::new().put("audience", infisical.audience.as_str());
    let map = Map::new()
        .put("linux", linux)
        .note("The pods' tokens that Infisical accepts.")
        .put("tokenRequests", List::new().item(audience))
        .note("Environment variables are read from a Secret that the driver keeps while a pod mounts it.")
        .put("syncSecret", Map::new().put("enabled", true));
    match &infisical.rotation {
        Rotation::Off => map,
        Rotation::Every { poll_interval } => map
            .note("Files and Secrets follow changes in Infisical; running processes must read them again.")
            .put("enableSecretRotation", true)
            .put("rotationPollInterval", poll_interval.as_str()),
    }
}

pub(super) fn provider(context: &Context<'_>) -> Option<Addon> {
    let SecretsBackend::InfisicalCsi(_) = &context.platform.secrets.backend else { return None };
    let chart = context.catalog.addon("infisical-csi-provider");
    let image = images::repository(context, "docker.io/infisical/infisical-csi-provider");
    Some(Addon {
        name: "infisical-csi-provider",
        namespaces: vec![chart.namespace.clone()],
        chart,
        cluster_kinds: &[ROLE, BINDING],
        wave: Wave::Controllers,
        about: "The CSI driver's provider for Infisical, which runs outside of this cluster."
            .to_owned(),
        values: Map::new().put_filled("image", image).put_filled("podLabels", pod_labels(context)),
        sync_options: Vec::new(),
    })
}

/// What the network policy finds the provider's pods by.
fn pod_labels(context: &Context<'_>) -> Map {
    let (key, value) = INFISICAL_POD;
    Map::new().put_some(key, context.platform.policies.default_deny.then_some(value))
}
