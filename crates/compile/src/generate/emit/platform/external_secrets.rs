//! External Secrets, which copies values of a secret manager into Secrets.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::Map;

use super::{Addon, BINDING, DEFINITION, ROLE, images};

pub(super) fn addon(context: &Context<'_>) -> Option<Addon> {
    let external = context.platform.secrets.backend.external()?;
    let chart = context.catalog.addon("external-secrets");
    let image = || images::repository(context, "ghcr.io/external-secrets/external-secrets");
    let image = |name: &str| Map::new().put_filled(name, Map::new().put_filled("image", image()));
    Some(Addon {
        name: "external-secrets",
        namespaces: vec![chart.namespace.clone()],
        chart,
        cluster_kinds: &[
            DEFINITION,
            ROLE,
            BINDING,
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ],
        wave: Wave::Controllers,
        about: format!(
            "External Secrets: copies values of {} into Secrets of the cluster.",
            external.manager.title()
        ),
        values: Map::new()
            .note("A store and its secrets are of one namespace: nothing reads over its border.")
            .put("processClusterStore", false)
            .put("processClusterExternalSecret", false)
            .put("processClusterPushSecret", false)
            .put(
                "crds",
                Map::new()
                    .put("createClusterSecretStore", false)
                    .put("createClusterExternalSecret", false)
                    .put("createClusterPushSecret", false),
            )
            .put_filled(
                "image",
                images::repository(context, "ghcr.io/external-secrets/external-secrets"),
            )
            .join(image("webhook"))
            .join(image("certController")),
        sync_options: vec![(
            "ServerSideApply=true",
            "Its definitions are too long for the annotation of a client-side apply.",
        )],
    })
}
