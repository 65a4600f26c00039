//! cert-manager, which gets certificates from Let's Encrypt.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::Map;
use crate::model::Tls;

use super::{Addon, BINDING, DEFINITION, ROLE, images};

pub(super) fn addon(context: &Context<'_>) -> Option<Addon> {
    if context.platform.tls == Tls::None {
        return None;
    }
    let chart = context.catalog.addon("cert-manager");
    let values = values(context, &chart.namespace);
    Some(Addon {
        name: "cert-manager",
        namespaces: vec![chart.namespace.clone()],
        chart,
        cluster_kinds: &[
            DEFINITION,
            ROLE,
            BINDING,
            ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ],
        wave: Wave::Controllers,
        about: "cert-manager: certificates for the hosts, renewed before they end.\n\
                Who issues them is in platform/cluster-issuers."
            .to_owned(),
        values,
        sync_options: Vec::new(),
    })
}

fn values(context: &Context<'_>, namespace: &str) -> Map {
    let image = |name: &str| {
        let image = images::repository(context, &format!("quay.io/jetstack/cert-manager-{name}"));
        Map::new().put_filled("image", image)
    };
    Map::new()
        .put(
            "crds",
            Map::new()
                .put("enabled", true)
                .note("Certificates outlive this Application.")
                .put("keep", true),
        )
        .put(
            "global",
            Map::new().put("leaderElection", Map::new().put("namespace", namespace)),
        )
        .note("A Job that would run on every sync; the issuers are retried until the webhook answers.")
        .put("startupapicheck", Map::new().put("enabled", false))
        .join(image("controller"))
        .put_filled("webhook", image("webhook"))
        .put_filled("cainjector", image("cainjector"))
        .put_filled("acmesolver", image("acmesolver"))
}
