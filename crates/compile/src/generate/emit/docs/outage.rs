//! `docs/outage.md`: the secret manager is outside of the cluster; what happens while it is away.
//!
//! Only for Infisical through the CSI driver. With External Secrets, Secrets stay as they are.
//! The driver's facts are those of its documents; waits between mounts are the kubelet's
//! (kubernetes 1.37.1, `pkg/util/goroutinemap/exponentialbackoff`: from 0.5 s to 2 min 2 s).

use crate::generate::Context;
use crate::generate::emit::argocd::applications;
use crate::generate::emit::flux::workloads;
use crate::generate::emit::markdown::{Page, code, line};
use crate::generate::emit::root_path;
use crate::model::{App, Engine, Infisical, Replicas, Rotation, SecretSource, Workload};

pub(super) fn page(context: &Context<'_>, infisical: &Infisical) -> String {
    let mut page = Page::new("When Infisical does not answer");
    page.text(&format!(
        "Secrets come from {}, and pods ask for them when they start. While it is away, what runs goes on, \
         and nothing new starts.",
        line(&infisical.url)
    ));
    happens(infisical, &mut page);
    affected(context, &mut page);
    see(context, infisical, &mut page);
    during(context, &mut page);
    before(&mut page);
    page.finish()
}

fn happens(infisical: &Infisical, page: &mut Page) {
    page.heading("What happens");
    page.table(&["what", "while Infisical is away"]);
    page.row(&["running pods", "go on; files and variables keep their values"]);
    page.row(&[
        "a container that crashes",
        "starts again in its pod, with the same files and variables",
    ]);
    page.row(&[
        "a new pod: rollout, scaling, eviction, schedule",
        "waits in `ContainerCreating` with the event `FailedMount`; the kubelet tries again by itself, at least \
         every two minutes",
    ]);
    page.row(&[
        "a rollout",
        "stands still before the first old pod goes; the old pods keep serving",
    ]);
    page.row(&[
        "a node that fails or is started anew",
        "its pods do not come back before Infisical does",
    ]);
    let changed = match &infisical.rotation {
        Rotation::Every { poll_interval } => {
            format!(
                "wait; asked for every {poll_interval}, so they arrive that long after it is back"
            )
        }
        Rotation::Off => "reach pods that start after the change, as always".to_owned(),
    };
    page.row(&["changed secrets", &changed]);
    page.row(&["apps that read no secret from Infisical", "notice nothing"]);
    page.text("One secret that is missing or forbidden has the same effect on the apps that list it as a whole outage.");
}

/// Whether an app mounts what comes from Infisical.
fn reads(app: &App) -> bool {
    app.secrets.iter().any(|secret| matches!(secret.source, SecretSource::Manager { .. }))
}

fn affected(context: &Context<'_>, page: &mut Page) {
    let platform = context.platform;
    let apps: Vec<&App> = platform.apps.iter().filter(|app| reads(app)).collect();
    if apps.is_empty() {
        return;
    }
    let names =
        |apps: &[&App]| apps.iter().map(|app| code(&app.name)).collect::<Vec<_>>().join(", ");
    page.heading("Who needs it");
    page.text(&format!("Of the apps when this was generated: {}.", names(&apps)));
    let environment = platform.environments.iter().find(|environment| environment.production);
    let single: Vec<&App> = apps
        .into_iter()
        .filter(|app| app.workload == Workload::Deployment)
        .filter(|app| {
            let replicas = environment.map(|environment| app.in_environment(environment).replicas);
            match replicas {
                Some(Replicas::Fixed(count)) => count < 2,
                Some(Replicas::Autoscaled(scaling)) => scaling.min_replicas < 2,
                None => false,
            }
        })
        .collect();
    if !single.is_empty() {
        page.text(&format!(
            "With one pod in production, and so gone with its node: {}.",
            names(&single)
        ));
    }
}

fn see(context: &Context<'_>, infisical: &Infisical, page: &mut Page) {
    page.heading("Is it that?");
    page.block(&format!(
        "kubectl get events --all-namespaces --field-selector reason=FailedMount\n\
         curl --fail --silent --show-error --max-time 10 {}/api/status\n\
         kubectl --namespace {} logs daemonset/infisical-csi-provider --all-pods --tail 20",
        line(infisical.url.trim_end_matches('/')),
        context.catalog.addon("infisical-csi-provider").namespace,
    ));
    page.text(
        "The event has the reason: `provider not found` is the provider's pod on that node and not Infisical; a \
         status 401 or 403 is the identity ([secrets](secrets.md)); a 404 a secret that is not there; a time-out \
         is the outage.",
    );
}

fn during(context: &Context<'_>, page: &mut Page) {
    page.heading("Meanwhile");
    page.item("Do not drain or restart nodes, delete pods, or roll out.");
    let Some(environment) = context
        .platform
        .environments
        .iter()
        .find(|environment| environment.production)
        .or(context.platform.environments.first())
    else {
        return;
    };
    let hold = match context.platform.delivery.engine {
        // The root comes first: it sets back what its children are, within seconds.
        Engine::ArgoCd => format!(
            "{}, then {}; afterwards {} brings both back",
            code(&format!("argocd app set root-{} --sync-policy none", environment.name)),
            code(&format!(
                "argocd app set {} --sync-policy none",
                applications::name(context, environment)
            )),
            code(&format!(
                "kubectl apply --server-side --filename {}",
                root_path(context, environment)
            )),
        ),
        Engine::Flux => format!(
            "{}; {} says how long that lasts",
            code(&format!("flux suspend helmrelease {}", workloads::name(context, environment))),
            "[operations](operations.md)"
        ),
    };
    page.item(&format!("Hold deployments: {hold}."));
    page.item(
        "When it answers again, waiting pods start by themselves. Nothing has to be deleted.",
    );
}

fn before(page: &mut Page) {
    page.heading("Be ready for it");
    page.item("Two replicas on two nodes (`replicas: 2`, `affinity: {spread: required}`) survive a node that fails meanwhile.");
    page.item(
        "Let readiness say whether the app can work with its secrets, and liveness only whether it is alive. Then a \
         pod whose password was changed gets no requests, and none is restarted into the outage:",
    );
    page.fenced(
        "yaml",
        "probes:\n  readiness:\n    httpGet:\n      path: /ready      # 503 until what it logs in to has answered\n    periodSeconds: 5\n  liveness:\n    httpGet:\n      path: /alive      # asks nobody else",
    );
    page.item("`secrets.infisical.rotation.pollInterval` in `mainstay.yaml` is how often the driver asks again. Waits between mounts are the kubelet's and cannot be set.");
}
