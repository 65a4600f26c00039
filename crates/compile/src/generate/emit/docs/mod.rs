//! `docs`: quickstart, prerequisites, operations, secrets, ownership, infra integration. Only what this platform has.

mod credentials;
pub(super) mod external_secrets;
mod infra;
mod operations;
mod ownership;
pub(super) mod prerequisites;
mod quickstart;
mod sealing;
mod secrets;

use crate::generate::{Context, Files};

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
    files.generated("docs/infra-integration.md", infra::page(context));
}
