//! `docs`: one page per question that an operator has. Only what this platform has, each thing said once.

mod credentials;
pub(super) mod external_secrets;
mod fields;
mod images;
mod infra;
mod operations;
mod outage;
mod ownership;
pub(super) mod prerequisites;
mod quickstart;
pub(super) mod sealing;
mod secrets;
mod time_budget;
mod troubleshooting;

use crate::generate::argocd::IN_CLUSTER;
use crate::generate::{Context, Files};
use crate::model::{Environment, SecretsBackend};

/// Returns the hosts of Argo CD's pages with their environments, where each environment has its own.
pub(super) fn own_pages<'c>(context: &Context<'c>) -> Vec<(String, &'c Environment)> {
    let ui = context.platform.delivery.ui.as_ref().filter(|ui| ui.differs());
    let environments = context.platform.environments.iter();
    ui.into_iter()
        .flat_map(|ui| {
            environments.clone().map(|environment| (ui.host_in(environment), environment))
        })
        .filter(|(_, environment)| environment.cluster == IN_CLUSTER)
        .collect()
}

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    files.generated("docs/quickstart.md", quickstart::page(context));
    for environment in &context.platform.environments {
        files
            .generated(prerequisites::path(environment), prerequisites::page(context, environment));
    }
    files.generated("docs/operations.md", operations::page(context));
    files.generated("docs/ownership.md", ownership::page(context));
    files.generated("docs/secrets.md", secrets::page(context));
    files.generated("docs/credentials.md", credentials::page(context));
    if let Some(sealed) = &context.platform.secrets.sealed_secrets {
        files.generated("docs/sealing.md", sealing::page(context, sealed));
    }
    if let SecretsBackend::InfisicalCsi(infisical) = &context.platform.secrets.backend {
        files.generated("docs/outage.md", outage::page(context, infisical));
    }
    files.generated("docs/images.md", images::page(context));
    files.generated("docs/infra-integration.md", infra::page(context));
    files.generated("docs/time-budget.md", time_budget::page(context));
    files.generated("docs/troubleshooting.md", troubleshooting::page(context));
}
