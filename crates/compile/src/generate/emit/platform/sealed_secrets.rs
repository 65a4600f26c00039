//! Sealed Secrets, for the few secrets that a cluster needs before it reaches the secret manager.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::Map;

use super::{Addon, BINDING, DEFINITION, ROLE, images};

pub(super) fn addon(context: &Context<'_>) -> Option<Addon> {
    let sealed = context.platform.secrets.sealed_secrets.as_ref()?;
    let image =
        images::registry(context, "docker.io/bitnami/sealed-secrets-controller", "repository");
    Some(Addon {
        name: "sealed-secrets",
        chart: context.catalog.addon("sealed-secrets"),
        namespaces: vec![sealed.namespace.clone()],
        cluster_kinds: &[DEFINITION, ROLE, BINDING],
        wave: Wave::Controllers,
        about:
            "Sealed Secrets: secrets that only this cluster can open, for small bootstrap secrets."
                .to_owned(),
        values: Map::new()
            .note("The name that kubeseal looks for.")
            .put("fullnameOverride", "sealed-secrets-controller")
            .note(
                "No key but the one it is given: a key that it makes itself is lost with the cluster.",
            )
            .put("keyrenewperiod", "0")
            .put_filled("image", image),
        sync_options: Vec::new(),
    })
}
