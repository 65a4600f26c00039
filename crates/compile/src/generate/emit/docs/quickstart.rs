//! `docs/quickstart.md`: from an empty server to the first deploy.

use crate::generate::Context;
use crate::generate::argocd::IN_CLUSTER;
use crate::generate::emit::markdown::{Page, code, line};
use crate::model::{Controller, Engine, Sync};

pub(super) fn page(context: &Context<'_>) -> String {
    let platform = context.platform;
    let mut page = Page::new("Quickstart");
    page.text("README.md, \"Day one\", has the commands; this page says what each of them does.");
    page.heading("The cluster");
    if platform.ingress.controller != Controller::None {
        page.text(
            "Before k3s is installed, its own ingress controller is turned off, because two of them \
             would fight for ports 80 and 443:",
        );
        page.fenced("yaml", "# /etc/rancher/k3s/config.yaml\ndisable:\n  - traefik");
    }
    page.text(&format!(
        "The objects here are made for Kubernetes {} to {}.",
        context.catalog.kubernetes.first().map_or("1.33", String::as_str),
        context.catalog.kubernetes.last().map_or("1.37", String::as_str),
    ));
    page.heading("Environments and clusters");
    let (roots, objects) = match platform.delivery.engine {
        Engine::ArgoCd => ("apps/root", "projects and Applications"),
        Engine::Flux => ("flux-system", "Kustomizations and HelmReleases"),
    };
    page.text(&format!(
        "By default each environment is one cluster that runs its own {}, and one file of \
         {} is applied to each.",
        context.engine(),
        code(roots),
    ));
    page.text(&format!(
        "Several environments can share a cluster: their namespaces, {objects} have \
         different names. The add-ons must then be named once only: remove the line `../../platform` \
         from `clusters/<environment>/kustomization.yaml` of all of them but one.",
    ));
    let by_a_person = match platform.delivery.engine {
        Engine::ArgoCd => "by a person: `argocd app sync`",
        Engine::Flux => "by a person: `flux resume kustomization`",
    };
    page.table(&["environment", "namespace", "cluster", "commits are deployed"]);
    for environment in &platform.environments {
        let cluster = if environment.cluster == IN_CLUSTER {
            "its own".to_owned()
        } else {
            code(&environment.cluster)
        };
        let sync = match environment.sync {
            Sync::Automatic => "by themselves",
            Sync::Manual => by_a_person,
        };
        page.row(&[&environment.name, &code(&environment.namespace), &cluster, sync]);
    }
    page.heading("What happens after the root is applied");
    page.step(match platform.delivery.engine {
        Engine::ArgoCd => "The projects are made, then the add-ons' namespaces and policies.",
        Engine::Flux => "The add-ons' namespaces are made, then their policies.",
    });
    page.step(
        "The add-ons are installed: controllers, and the definitions of their custom resources.",
    );
    page.step("What needs those definitions follows, such as the issuers of certificates.");
    page.step("The environment's namespace, then the workloads.");
    let too_early = match platform.delivery.engine {
        Engine::ArgoCd => "An Application that comes too early fails and is tried again",
        Engine::Flux => {
            "Each step waits until the one before is ready, and one that failed is tried again"
        }
    };
    page.text(&format!(
        "{too_early}: nothing has to be done by hand. \
         On an empty server expect some minutes, most of them for pulling images.",
    ));
    page.heading("Make it yours");
    page.text(&format!(
        "Values of one environment go into `overlays/<environment>/custom/values.yaml`, objects of your own beside it; \
         versions and hosts into {}. Everything is in {}, so every change can be read, reviewed and undone.",
        code(&platform.application.config),
        line(&platform.repository.url),
    ));
    page.text(
        "A generated object is patched where it is named: `patches` in `overlays/<environment>/kustomization.yaml` for \
         the namespace and what is in it, in `platform/kustomization.yaml` for the add-ons, in \
         `clusters/<environment>/kustomization.yaml` for what one cluster has otherwise. A patch in `custom/` reaches \
         what `custom/` names itself, and nothing else: kustomize drops it without a word.",
    );
    page.fenced(
        "yaml",
        "# overlays/<environment>/kustomization.yaml\n\
         patches:\n\
         \x20 - target: {kind: Namespace}\n\
         \x20   patch: |-\n\
         \x20     - op: add\n\
         \x20       path: /metadata/annotations/team\n\
         \x20       value: payments",
    );
    page.finish()
}
