//! `docs/time-budget.md`: from a form to the first deploy within thirty minutes, stage by stage.
//!
//! A figure says where it comes from: `measured` is in `docs/benchmarks.md` of mainstay; everything else is an
//! estimate, and is called one.

use crate::generate::Context;
use crate::generate::emit::markdown::Page;
use crate::model::{Engine, Tls};

/// A stage: what it is, minutes at most, what the figure stands on.
struct Stage {
    what: String,
    minutes: u32,
    basis: &'static str,
}

fn stages(context: &Context<'_>) -> Vec<Stage> {
    let stage = |what: &str, minutes, basis| Stage { what: what.to_owned(), minutes, basis };
    let engine = context.engine();
    let mut stages = vec![
        stage(
            "the pipeline starts on a runner, with its tools",
            4,
            "estimated: mainstay is built once, then cached; the first run ever takes ten minutes more",
        ),
        stage(
            "payload to private repository: generate, check, commit, push",
            1,
            "measured: 10 s on two cores, without the network; 9 s of them are `scripts/validate.sh`, half a second is mainstay",
        ),
        stage(
            "servers: made, started, k3s answers",
            6,
            "estimated; the part of the infra repository",
        ),
        Stage {
            what: format!("{engine} is installed"),
            minutes: 3,
            basis: "estimated: mostly the pull of its images",
        },
        stage("the root is applied; add-ons are ready, in their order", 7, "estimated"),
        stage(
            "the workloads' images are pulled, their probes succeed",
            4,
            "estimated: depends on the size of the images",
        ),
    ];
    if matches!(context.platform.tls, Tls::CertManager { .. }) {
        stages.push(stage(
            "certificates, where DNS points at the cluster already",
            3,
            "estimated: a challenge is answered in seconds, tried again after minutes",
        ));
    }
    stages
}

pub(super) fn page(context: &Context<'_>) -> String {
    let mut page = Page::new("The 30 minutes");
    page.text(
        "From a request to the first deploy on an empty server: 30 minutes at most, and where they go. Each figure \
         says whether it was measured; measure your own, and change this page.",
    );
    page.table(&["stage", "minutes", "the figure is"]);
    let stages = stages(context);
    for stage in &stages {
        page.row(&[&stage.what, &stage.minutes.to_string(), stage.basis]);
    }
    let sum: u32 = stages.iter().map(|stage| stage.minutes).sum();
    page.row(&["all of it, one after the other", &sum.to_string(), "the sum"]);
    page.row(&["left for what goes wrong once", &30u32.saturating_sub(sum).to_string(), ""]);
    page.heading("What breaks it");
    page.item("DNS that does not point at the cluster yet: certificates wait for it. Make the records first, they need only the address.");
    page.item("A secret that is missing: its apps wait. `docs/prerequisites` lists them before the first sync.");
    page.item("A private registry without credentials, or an image for another processor.");
    page.item("Two environments on one small server: their images are pulled at the same time.");
    page.heading("Where the time went");
    page.block(match context.platform.delivery.engine {
        Engine::ArgoCd => {
            "kubectl --namespace argocd get applications --sort-by .metadata.creationTimestamp --output \\\n\
             \x20 custom-columns=NAME:.metadata.name,MADE:.metadata.creationTimestamp,SYNCED:.status.operationState.finishedAt\n\
             kubectl get pods --all-namespaces --sort-by .metadata.creationTimestamp\n\
             kubectl get events --all-namespaces --field-selector reason=Pulled"
        }
        Engine::Flux => {
            "kubectl --namespace flux-system get kustomizations,helmreleases --sort-by .metadata.creationTimestamp\n\
             kubectl get pods --all-namespaces --sort-by .metadata.creationTimestamp\n\
             kubectl get events --all-namespaces --field-selector reason=Pulled"
        }
    });
    page.finish()
}
