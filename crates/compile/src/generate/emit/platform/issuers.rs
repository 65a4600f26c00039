//! `platform/cluster-issuers`: Let's Encrypt, staging and production.

use crate::generate::Context;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, document};
use crate::model::{Engine, LetsEncrypt, Tls};

use super::Folder;

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    let Tls::CertManager { email, issuers, .. } = &context.platform.tls else { return None };
    if issuers.is_empty() {
        return None;
    }
    let files = issuers.iter().map(|issuer| file(context, *issuer, email)).collect();
    Some(Folder {
        name: "cluster-issuers",
        about: "Who issues certificates.",
        wave: Wave::CustomResources,
        files,
        namespace: context.catalog.addon("cert-manager").namespace,
        of_argocd: false,
    })
}

fn file(context: &Context<'_>, issuer: LetsEncrypt, email: &str) -> (String, String) {
    let (name, server, about) = match issuer {
        LetsEncrypt::Staging => (
            "letsencrypt-staging",
            "https://acme-staging-v02.api.letsencrypt.org/directory",
            "Let's Encrypt's staging: browsers do not trust its certificates, and its limits are generous.",
        ),
        LetsEncrypt::Production => (
            "letsencrypt-prod",
            "https://acme-v02.api.letsencrypt.org/directory",
            "Let's Encrypt's production: trusted, and limited to some dozens of certificates a week per domain.",
        ),
    };
    let class = context.platform.ingress.controller.ingress_class();
    let solver = Map::new()
        .put("http01", Map::new().put("ingress", Map::new().put("ingressClassName", class)));
    let acme = Map::new()
        .put("server", context.mirrors.url(server))
        .put_filled("email", email)
        .put("privateKeySecretRef", Map::new().put("name", format!("{name}-account")))
        .note("Port 80 of every host must be reachable from the internet.")
        .put("solvers", List::new().item(solver));
    let object = Map::new()
        .put("apiVersion", "cert-manager.io/v1")
        .put("kind", "ClusterIssuer")
        .put(
            "metadata",
            Map::new().put("name", name).put_some(
                "annotations",
                (context.platform.delivery.engine == Engine::ArgoCd).then(|| {
                    Map::new()
                        .note("On a new cluster cert-manager's definitions may still be missing.")
                        .put("argocd.argoproj.io/sync-options", "SkipDryRunOnMissingResource=true")
                }),
            ),
        )
        .put("spec", Map::new().put("acme", acme));
    (format!("{name}.yaml"), document(about, &object))
}
