//! `clusters/<environment>`: what an environment's root deploys.

use crate::generate::argocd::{self, Application, IN_CLUSTER};
use crate::generate::emit::platform::{Folder, folders_for};
use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, document};
use crate::generate::{Context, Files};

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for environment in &context.platform.environments {
        let name = &environment.name;
        let resources = List::new().item(format!("../../projects/{name}"));
        let resources = if environment.cluster == IN_CLUSTER {
            resources
                .note(
                    "Where two environments share a cluster, only one of them has this line: a cluster\n\
                     has one ingress controller, not two.",
                )
                .item("../../platform")
        } else {
            resources
                .note("The add-ons again, deployed to this environment's own cluster.")
                .item("platform")
        };
        let own = folders_for(context, &environment.cluster);
        let resources =
            own.filter(Folder::is_per_environment).fold(resources, |resources, folder| {
                let file = format!("{}.yaml", folder.name);
                files.generated(
                    format!("clusters/{name}/{file}"),
                    document(folder.about, &application(context, name, &folder).object(context)),
                );
                resources.item(file)
            });
        let resources = resources.item(format!("../../applications/app/{name}"));
        files.generated(
            format!("clusters/{name}/kustomization.yaml"),
            document(&format!("Everything that {name} runs."), &kustomization(resources)),
        );
    }
}

/// The Application of a folder that each environment has for itself.
fn application(context: &Context<'_>, environment: &str, folder: &Folder) -> Application {
    Application {
        name: folder.name.to_owned(),
        wave: folder.wave,
        project: "platform".to_owned(),
        source: argocd::folder(context, &format!("platform/{}/{environment}", folder.name)),
        server: IN_CLUSTER.to_owned(),
        namespace: folder.namespace.clone(),
        automated: true,
        cascade: false,
        sync_options: Vec::new(),
    }
}
