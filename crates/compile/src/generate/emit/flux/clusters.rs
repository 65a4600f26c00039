//! `clusters/<environment>`: what an environment's root deploys.

use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, document};
use crate::generate::{Context, Files};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for environment in &context.platform.environments {
        let name = &environment.name;
        let resources = List::new()
            .note(
                "Where two environments share a cluster, only one of them has this line: a cluster\n\
                 has one ingress controller, not two.",
            )
            .item("../../platform")
            .item(format!("../../applications/app/{name}"));
        files.generated(
            format!("clusters/{name}/kustomization.yaml"),
            document(&format!("Everything that {name} runs."), &kustomization(resources)),
        );
    }
}
