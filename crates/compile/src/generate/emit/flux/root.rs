//! `flux-system`: the repository as Flux sees it, and the root of each environment. Applying one of its
//! files is all that a cluster needs.

use crate::generate::flux::{self, Kustomization, NAMESPACE, SOURCE};
use crate::generate::write::{Map, documents};
use crate::generate::{Context, Files, app_values};
use crate::model::Environment;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for (index, environment) in context.platform.environments.iter().enumerate() {
        let leading = index == app_values::leading(context.platform);
        files.generated(path(environment), root(context, environment, leading));
    }
}

/// Returns the path of an environment's root.
pub(in crate::generate::emit) fn path(environment: &Environment) -> String {
    format!("flux-system/{}.yaml", environment.name)
}

fn root(context: &Context<'_>, environment: &Environment, leading: bool) -> String {
    let own_path = context.platform.delivery.root.path.as_deref().filter(|_| leading);
    let folder = own_path.map_or_else(|| format!("clusters/{}", environment.name), str::to_owned);
    let root = Kustomization {
        name: format!("root-{}", environment.name),
        path: folder.trim_matches('/').to_owned(),
        depends_on: Vec::new(),
        wait: false,
        suspended: false,
        orphans: true,
    };
    documents(
        &format!(
            "Bootstraps {}: Flux deploys {folder}, and everything that it names.\n\
             Applied once by hand, to the cluster that Flux runs in:\n\
             \n  kubectl apply --server-side --filename {}\n\
             \n\
             Deleting these objects leaves the platform running.",
            environment.name,
            path(environment),
        ),
        [&source(context), &root.object(context)],
    )
}

fn source(context: &Context<'_>) -> Map {
    let branch = context.platform.delivery.root.branch.as_str();
    flux::object("source.toolkit.fluxcd.io/v1", "GitRepository", SOURCE).put(
        "spec",
        Map::new()
            .note("How soon a push is seen.")
            .put("interval", "1m")
            .put("url", address(&context.repository))
            .put("ref", Map::new().put("branch", branch))
            .note(format!(
                "What Flux reads the repository with, in the namespace {NAMESPACE}: README.md, \"Day one\".\n\
                 A public repository needs none."
            ))
            .put("secretRef", Map::new().put("name", SOURCE)),
    )
}

/// Flux knows no `git@host:path`, only addresses with a scheme.
fn address(url: &str) -> String {
    match url.split_once(':') {
        Some((user, path)) if !url.contains("://") && user.contains('@') => {
            format!("ssh://{user}/{path}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_get_a_scheme() {
        let address = super::address;
        assert_eq!(address("git@github.com:acme/shop.git"), "ssh://git@github.com/acme/shop.git");
        assert_eq!(address("https://github.com/acme/shop"), "https://github.com/acme/shop");
        assert_eq!(address("ssh://git@host:2222/x"), "ssh://git@host:2222/x");
    }
}
