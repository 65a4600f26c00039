//! `docs/troubleshooting.md`: what somebody sees, what it is, and what to do.

use crate::generate::Context;
use crate::generate::emit::markdown::Page;
use crate::model::{Controller, Engine, PullCredentials, Quotas, SecretsBackend, Tls};

pub(super) fn page(context: &Context<'_>) -> String {
    let mut page = Page::new("When something does not arrive");
    page.text(
        "Look in this order: what was committed, what was synced, what runs, who can reach it.",
    );
    page.block(match context.platform.delivery.engine {
        Engine::ArgoCd => {
            "scripts/validate.sh\n\
             kubectl --namespace argocd get applications\n\
             kubectl get pods --all-namespaces --field-selector status.phase!=Running,status.phase!=Succeeded\n\
             kubectl get events --all-namespaces --field-selector type=Warning --sort-by .lastTimestamp"
        }
        Engine::Flux => {
            "scripts/validate.sh\n\
             kubectl --namespace flux-system get gitrepositories,kustomizations,helmreleases\n\
             kubectl get pods --all-namespaces --field-selector status.phase!=Running,status.phase!=Succeeded\n\
             kubectl get events --all-namespaces --field-selector type=Warning --sort-by .lastTimestamp"
        }
    });
    page.heading("The sync");
    page.table(&["what you see", "what it is, and what to do"]);
    match context.platform.delivery.engine {
        Engine::ArgoCd => argocd(&mut page),
        Engine::Flux => flux(&mut page),
    }
    page.heading("Pods");
    page.table(&["what you see", "what it is, and what to do"]);
    pods(context, &mut page);
    if context.platform.ingress.controller != Controller::None {
        page.heading("Requests");
        page.table(&["what you see", "what it is, and what to do"]);
        requests(context, &mut page);
    }
    page.finish()
}

fn argocd(page: &mut Page) {
    page.row(&[
        "`Unknown` or `ComparisonError`",
        "it does not render, or Argo CD cannot read the repository: `scripts/validate.sh` shows the first, \
         `argocd repo list` the second",
    ]);
    page.row(&[
        "`one or more synchronization tasks are not valid`",
        "a definition is not there yet; it is tried again. After the last retry: `argocd app sync NAME`",
    ]);
    page.row(&[
        "`Progressing` that does not end",
        "a pod that does not get ready, or an Ingress without an address: is the controller's Service served?",
    ]);
    page.row(&[
        "`is not permitted in project`",
        "a repository, namespace or kind is missing in `projects/`: add it in `mainstay.yaml`, `delivery.projects`",
    ]);
    page.row(&[
        "`OutOfSync` again and again",
        "something in the cluster writes the same field: `argocd app diff NAME` shows which",
    ]);
}

fn flux(page: &mut Page) {
    page.row(&[
        "`authentication required`",
        "the Secret `flux-system` is missing, or its token ended: README.md, \"Day one\"",
    ]);
    page.row(&[
        "`BuildFailed`, `SourceNotReady`",
        "it does not render: `scripts/validate.sh` shows why",
    ]);
    page.row(&[
        "`dependency 'flux-system/NAME' is not ready`",
        "it waits for that one: `kubectl --namespace flux-system describe kustomization NAME`",
    ]);
    page.row(&[
        "`InstallFailed`, `UpgradeFailed`",
        "its message names the object; it is tried again by itself, at once with `flux reconcile helmrelease NAME --force`",
    ]);
}

fn pods(context: &Context<'_>, page: &mut Page) {
    let platform = context.platform;
    page.row(&[
        "no pod, and `exceeded quota` in the events",
        match platform.policies.quotas {
            Quotas::Computed { .. } => {
                "the namespace's ResourceQuota: `mainstay generate` computes it from the payload; what was added or raised by hand wants a higher `quota.hard` in `custom/values.yaml`"
            }
            Quotas::Off => "a ResourceQuota that somebody else made: `kubectl describe quota --all-namespaces`",
        },
    ]);
    page.row(&[
        "`Pending`",
        "no node has room, the label or the GPU that it wants: the last lines of `kubectl describe pod`",
    ]);
    page.row(&[
        "`ImagePullBackOff`",
        match platform.registry.pull {
            PullCredentials::None => "no such tag, or a private image: name credentials in `mainstay.yaml`, `registry.pull`",
            _ => "no such tag, or the registry's credentials: [secrets](secrets.md), \"Private images\"",
        },
    ]);
    page.row(&[
        "`ContainerCreating`, `FailedMount`",
        match platform.secrets.backend {
            SecretsBackend::InfisicalCsi(_) => {
                "the secret manager, or one secret in it: [outage](outage.md)"
            }
            _ => "a volume or Secret is not there: the event names it",
        },
    ]);
    page.row(&[
        "`CreateContainerConfigError`",
        "a Secret or a key in it is missing: the event names it; [prerequisites](prerequisites) lists all of them",
    ]);
    page.row(&[
        "`CreateContainerError`, `container has runAsNonRoot`",
        "the image runs as root, or its `USER` is a name: set `securityContext.runAsUser` of the app",
    ]);
    page.row(&[
        "`CrashLoopBackOff`",
        "`kubectl logs POD --previous`. `Read-only file system`: give the app an `emptyDir` volume where it writes",
    ]);
    page.row(&["`OOMKilled`", "it needs more memory than `resources.limits.memory`"]);
    page.row(&[
        "runs, but is not `READY`",
        "its readiness probe fails: `kubectl describe pod` has the answer that it got",
    ]);
    if platform.policies.default_deny {
        page.row(&[
            "time-outs to a database or a private address",
            "network policies allow the internet and the own namespace: name the address under `egress` of the app",
        ]);
    }
}

fn requests(context: &Context<'_>, page: &mut Page) {
    page.row(&[
        "the name is not found",
        "its DNS record: [prerequisites](prerequisites) lists them",
    ]);
    page.row(&[
        "no connection",
        "the firewall, or the way to the controller: [operations](operations.md), \"How requests get in\"",
    ]);
    page.row(&[
        "404 from the controller",
        "no Ingress has this host and path: `kubectl get ingresses --all-namespaces`",
    ]);
    page.row(&[
        "502, 503, 504",
        "no pod is ready, or it listens on another port than `ports` says",
    ]);
    if context.platform.tls != Tls::None {
        page.row(&[
            "a certificate that browsers do not trust",
            "the staging issuer, or none was issued yet: `kubectl describe certificates,challenges --all-namespaces`",
        ]);
        page.row(&[
            "`429` or `rateLimited` from Let's Encrypt",
            "its limits of a week: go back to `letsencrypt-staging` until every host answers",
        ]);
    }
}
