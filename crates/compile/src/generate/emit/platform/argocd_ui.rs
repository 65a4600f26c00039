//! `platform/argocd-ui`: Argo CD's pages and its webhook by ingress; a folder for each environment where each has
//! a host of its own.
//!
//! TLS ends at the ingress controller; Argo CD itself speaks plain HTTP then (`server.insecure` in
//! `platform/argocd/values.yaml`).

use crate::generate::Context;
use crate::generate::argocd::IN_CLUSTER;
use crate::generate::wave::Wave;
use crate::generate::write::{List, Map, document, documents};
use crate::model::{Controller, Issuer, Ui};

use super::Folder;

/// The Middleware that sends HTTP to HTTPS, where Traefik as a whole does not.
const REDIRECT: &str = "redirect-to-https";

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    let ui = context.platform.delivery.ui.as_ref()?;
    let text = |host: &str| {
        let ingress = ingress(context, ui, host);
        if needs_middleware(context, ui) {
            documents("", &[middleware(context), ingress])
        } else {
            document("", &ingress)
        }
    };
    let environments = context.platform.environments.iter();
    let files = match ui.differs() {
        true => environments
            .filter(|environment| environment.cluster == IN_CLUSTER)
            .map(|environment| {
                let file = format!("{}/ingress.yaml", environment.name);
                (file, text(&ui.host_in(environment)))
            })
            .collect(),
        false => vec![("ingress.yaml".to_owned(), text(&ui.host))],
    };
    Some(Folder {
        name: "argocd-ui",
        about: "Argo CD's pages, and the webhook that tells it of a push.",
        wave: Wave::CustomResources,
        files,
        namespace: context.catalog.argocd.namespace.clone(),
        of_argocd: true,
    })
}

fn ingress(context: &Context<'_>, ui: &Ui, host: &str) -> Map {
    let platform = context.platform;
    let tls = ui.issuer.as_ref().map(Issuer::cluster_issuer);
    let secure = tls.is_some();
    let annotations = match platform.ingress.controller {
        // A route on `web` wins over Traefik's own redirect: so there is none where HTTPS is meant.
        Controller::Traefik | Controller::None => {
            let entry_points = match (secure, ui.redirect && platform.ingress.redirect_to_https) {
                (false, _) => "web",
                (true, true) => "websecure",
                (true, false) => "web,websecure",
            };
            let middleware = needs_middleware(context, ui)
                .then(|| format!("{}-{REDIRECT}@kubernetescrd", context.catalog.argocd.namespace));
            Map::new()
                .put("traefik.ingress.kubernetes.io/router.entrypoints", entry_points)
                .put_some("traefik.ingress.kubernetes.io/router.middlewares", middleware)
        }
        Controller::IngressNginx => {
            let redirect = if secure && ui.redirect { "true" } else { "false" };
            Map::new()
                .put("nginx.ingress.kubernetes.io/backend-protocol", "HTTP")
                .put("nginx.ingress.kubernetes.io/ssl-redirect", redirect)
        }
    };
    let backend = Map::new().put(
        "service",
        Map::new().put("name", "argocd-server").put("port", Map::new().put("name", "http")),
    );
    let path = Map::new().put("path", "/").put("pathType", "Prefix").put("backend", backend);
    let rule =
        Map::new().put("host", host).put("http", Map::new().put("paths", List::new().item(path)));
    let mut spec = Map::new().put("ingressClassName", platform.ingress.controller.ingress_class());
    if secure {
        let hosts = List::new().item(host);
        let entry = Map::new().put("secretName", "argocd-server-tls-edge").put("hosts", hosts);
        spec = spec.put("tls", List::new().item(entry));
    }
    Map::new()
        .put("apiVersion", "networking.k8s.io/v1")
        .put("kind", "Ingress")
        .put(
            "metadata",
            Map::new()
                .put("name", "argocd-server")
                .put("namespace", context.catalog.argocd.namespace.as_str())
                .put("annotations", annotations.put_some("cert-manager.io/cluster-issuer", tls)),
        )
        .put("spec", spec.put("rules", List::new().item(rule)))
}

fn needs_middleware(context: &Context<'_>, ui: &Ui) -> bool {
    let ingress = &context.platform.ingress;
    ingress.controller == Controller::Traefik
        && ui.issuer.is_some()
        && ui.redirect
        && !ingress.redirect_to_https
}

fn middleware(context: &Context<'_>) -> Map {
    Map::new()
        .put("apiVersion", "traefik.io/v1alpha1")
        .put("kind", "Middleware")
        .put(
            "metadata",
            Map::new()
                .put("name", REDIRECT)
                .put("namespace", context.catalog.argocd.namespace.as_str())
                .put(
                    "annotations",
                    Map::new()
                        .note("On a new cluster Traefik's definitions may still be missing.")
                        .put("argocd.argoproj.io/sync-options", "SkipDryRunOnMissingResource=true"),
                ),
        )
        .put(
            "spec",
            Map::new()
                .put("redirectScheme", Map::new().put("scheme", "https").put("permanent", true)),
        )
}
