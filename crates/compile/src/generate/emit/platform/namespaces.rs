//! Namespaces, with the Pod Security level that each enforces.

use crate::generate::Context;
use crate::generate::kustomization::part_of;
use crate::generate::wave::Wave;
use crate::generate::write::{Map, documents};
use crate::model::{Controller, Engine, Exposure, PodSecurity, PublicPorts, Tls};

use super::Folder;

/// A level of the Pod Security Standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::generate::emit) enum Level {
    /// Nothing is refused.
    Privileged,
    /// Known privilege escalations are refused.
    Baseline,
    /// Hardened pods only.
    Restricted,
}

impl Level {
    /// Returns the level that the spec asks for.
    pub(in crate::generate::emit) fn of(wanted: PodSecurity) -> Level {
        if wanted == PodSecurity::Restricted {
            Level::Restricted
        } else if wanted == PodSecurity::Baseline {
            Level::Baseline
        } else {
            Level::Privileged
        }
    }

    fn word(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

/// Returns a namespace that the engine never removes; `whole` is what it is part of.
pub(in crate::generate::emit) fn object(
    context: &Context<'_>,
    (name, whole): (&str, &str),
    level: Level,
) -> Map {
    let (key, value) = match context.platform.delivery.engine {
        Engine::ArgoCd => ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false"),
        Engine::Flux => ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
    };
    let warn = (level == Level::Baseline).then_some("restricted");
    Map::new().put("apiVersion", "v1").put("kind", "Namespace").put(
        "metadata",
        Map::new()
            .put("name", name)
            .put(
                "labels",
                part_of(whole)
                    .put("pod-security.kubernetes.io/enforce", level.word())
                    .put_some("pod-security.kubernetes.io/warn", warn),
            )
            .put("annotations", Map::new().put(key, value)),
    )
}

/// Returns the add-ons' own namespaces and their levels, the strictest that their pods bear.
pub(super) fn of_addons(context: &Context<'_>) -> Vec<(String, Level)> {
    let platform = context.platform;
    let mut namespaces = Vec::new();
    if platform.ingress.controller != Controller::None {
        namespaces
            .push((platform.ingress.namespace.clone(), ingress_level(platform.ingress.exposure)));
    }
    if matches!(platform.tls, Tls::CertManager { .. }) {
        namespaces.push((context.catalog.addon("cert-manager").namespace, Level::Restricted));
    }
    if let Some(sealed) = &platform.secrets.sealed_secrets {
        namespaces.push((sealed.namespace.clone(), Level::Restricted));
    }
    if platform.secrets.backend.external().is_some() {
        namespaces.push((context.catalog.addon("external-secrets").namespace, Level::Restricted));
    }
    // Kubernetes' own, and not ours to describe.
    namespaces
        .retain(|(name, _)| !matches!(name.as_str(), "kube-system" | "kube-public" | "default"));
    namespaces.sort_by(|left, right| left.0.cmp(&right.0));
    namespaces.dedup_by(|left, right| left.0 == right.0);
    namespaces
}

/// Both lower levels refuse host ports.
fn ingress_level(exposure: Exposure) -> Level {
    match exposure {
        Exposure::HostPort | Exposure::NodePort { public_ports: PublicPorts::HostPort, .. } => {
            Level::Privileged
        }
        Exposure::LoadBalancer | Exposure::NodePort { .. } => Level::Baseline,
    }
}

pub(super) fn folder(context: &Context<'_>) -> Option<Folder> {
    let whole = context.platform.name.as_str();
    let objects: Vec<Map> = of_addons(context)
        .iter()
        .map(|(name, level)| object(context, (name, whole), *level))
        .collect();
    if objects.is_empty() {
        return None;
    }
    let text = documents(
        &format!(
            "Never pruned or deleted by {}: what lies in them would go with them.",
            context.engine()
        ),
        &objects,
    );
    Some(Folder {
        name: "namespaces",
        about: "Namespaces of the add-ons. The workloads' own are in overlays/<environment>.",
        wave: Wave::Namespaces,
        files: vec![("namespaces.yaml".to_owned(), text)],
        namespace: super::own_namespace(context),
        of_argocd: false,
    })
}
