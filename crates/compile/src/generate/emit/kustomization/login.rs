//! How the pipeline logs in where it pushes to: decided by the image's host, which is where docker goes.
//!
//! Never holds a password: the workflow names the repository's own variables and secrets.

use crate::generate::write::Map;
use crate::model::{Kustomization, RegistryKind};

/// Returns the host of the registry that an image is pushed to: docker's own where the name has none.
pub(super) fn host(app: &Kustomization) -> &str {
    crate::model::registry_host(&app.image)
}

/// Whether the workflow's own token may push there.
pub(super) fn is_github(app: &Kustomization) -> bool {
    RegistryKind::of_host(host(app)) == RegistryKind::Ghcr
}

/// Returns the step that logs in.
pub(super) fn step(app: &Kustomization) -> Map {
    let host = host(app);
    let step = Map::new().put("name", "Log in");
    match RegistryKind::of_host(host) {
        RegistryKind::Ghcr => step
            .put(
                "run",
                format!(
                    "printf %s \"$TOKEN\" | docker login {host} --username \"$GITHUB_ACTOR\" --password-stdin"
                ),
            )
            .put("env", Map::new().put("TOKEN", "${{ secrets.GITHUB_TOKEN }}")),
        RegistryKind::Ecr => step
            .note("Its passwords last for twelve hours: a key of AWS gets one.")
            .put(
                "run",
                format!(
                    "aws ecr get-login-password | docker login {host} --username AWS --password-stdin"
                ),
            )
            .put(
                "env",
                Map::new()
                    .put("AWS_ACCESS_KEY_ID", "${{ vars.AWS_ACCESS_KEY_ID }}")
                    .put("AWS_SECRET_ACCESS_KEY", "${{ secrets.AWS_SECRET_ACCESS_KEY }}")
                    .put("AWS_REGION", region(host)),
            ),
        _ => step
            .put(
                "run",
                format!(
                    "printf %s \"$TOKEN\" | docker login {host} --username \"$USERNAME\" --password-stdin"
                ),
            )
            .put(
                "env",
                Map::new()
                    .put("USERNAME", "${{ vars.REGISTRY_USERNAME }}")
                    .put("TOKEN", "${{ secrets.REGISTRY_PASSWORD }}"),
            ),
    }
}

/// Returns what a person gives the pipeline, in words.
pub(super) fn words(app: &Kustomization) -> &'static str {
    match RegistryKind::of_host(host(app)) {
        RegistryKind::Ghcr => {
            "The pipeline logs in to GitHub's registry with its own token. For another one `mainstay generate` writes the \
             login, and this page then says which variable and secret of the repository on GitHub it needs."
        }
        RegistryKind::Ecr => {
            "The pipeline logs in with the variable `AWS_ACCESS_KEY_ID` and the secret `AWS_SECRET_ACCESS_KEY` of the \
             repository on GitHub: make both before the first push."
        }
        _ => {
            "The pipeline logs in with the variable `REGISTRY_USERNAME` and the secret `REGISTRY_PASSWORD` of the repository \
             on GitHub (an access token, not the password of a person): make both before the first push."
        }
    }
}

/// The region in `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.
fn region(host: &str) -> &str {
    host.split('.').nth(3).unwrap_or_default()
}
