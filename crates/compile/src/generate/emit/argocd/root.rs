//! `apps/root`: the app-of-apps. Applying one of its files is all that a cluster needs.

use crate::generate::argocd::{self, Application, IN_CLUSTER};
use crate::generate::wave::Wave;
use crate::generate::write::document;
use crate::generate::{Context, Files, app_values};
use crate::model::Environment;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for (index, environment) in context.platform.environments.iter().enumerate() {
        let default = index == app_values::leading(context.platform);
        files.generated(path(context, environment), root(context, environment, default));
    }
}

/// Returns the path of an environment's root: `application.yaml` for the leading environment.
pub(in crate::generate::emit) fn path(context: &Context<'_>, environment: &Environment) -> String {
    let leading = context.platform.environments.get(app_values::leading(context.platform));
    if leading.is_some_and(|leading| leading.name == environment.name) {
        return "apps/root/application.yaml".to_owned();
    }
    format!("apps/root/{}.yaml", environment.name)
}

fn root(context: &Context<'_>, environment: &Environment, default: bool) -> String {
    let own_path = context.platform.delivery.root.path.as_deref().filter(|_| default);
    let folder = own_path.map_or_else(|| format!("clusters/{}", environment.name), str::to_owned);
    let application = Application {
        name: format!("root-{}", environment.name),
        wave: Wave::App,
        // The projects of the children are made by this Application, so it cannot be in one of them.
        project: "default".to_owned(),
        source: argocd::folder(context, &folder),
        server: IN_CLUSTER.to_owned(),
        namespace: argocd::NAMESPACE.to_owned(),
        automated: true,
        cascade: false,
        sync_options: Vec::new(),
    };
    document(
        &format!(
            "Bootstraps {}: Argo CD deploys {folder}, and everything that it names.\n\
             Applied once by hand, to the cluster that Argo CD runs in:\n\
             \n  kubectl apply --server-side --filename {}\n\
             \n\
             It has no finalizer: deleting it leaves the platform running.",
            environment.name,
            path(context, environment),
        ),
        &application.object(context),
    )
}
