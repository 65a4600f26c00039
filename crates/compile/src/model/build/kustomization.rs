//! The application of a spec that is delivered as a kustomization.

use yaml::Node;

use super::fields::{at, entries, get, list, port, text, text_or, texts};
use crate::model::{Build, Environment, Kustomization, OwnSecret, Platform, Promotion};

/// Where base and overlays are, unless the spec says so.
const FOLDER: &str = "infra/argocd";

/// Returns the kustomization of a spec; `None` where its application is rendered otherwise.
pub(super) fn kustomization(spec: &Node, platform: &Platform) -> Option<Kustomization> {
    let app = list(spec, "apps").first()?;
    if get(app, "render").and_then(Node::as_str) != Some("kustomize") {
        return None;
    }
    let name = platform.application.name.clone();
    let build = at(spec, &["ci", "builds"]).and_then(|builds| builds.item(0));
    let promote = at(spec, &["ci", "promote"]);
    let by_branch = promote.and_then(|promote| get(promote, "byBranch"));
    Some(Kustomization {
        folder: text_or(app, "path", FOLDER).trim_matches('/').to_owned(),
        port: port(app, "port", 8080),
        health: text(app, "health"),
        secrets: list(app, "secrets").iter().filter_map(secret).collect(),
        image: platform.registry.repository.clone().unwrap_or_else(|| name.clone()),
        build: build.map(|build| Build {
            context: text_or(build, "context", "."),
            setup: texts(build, "setup"),
            tests: texts(build, "tests"),
            platforms: texts(build, "platforms"),
        }),
        promotions: match by_branch {
            Some(_) => promote.map(written).unwrap_or_default(),
            None => of_environments(&platform.environments),
        },
        message: promote
            .and_then(|promote| text(promote, "message"))
            .unwrap_or_else(|| "chore: update {{envs}} image to {{tag}} [skip ci]".to_owned()),
        name,
    })
}

fn secret(node: &Node) -> Option<OwnSecret> {
    let name = text(node, "name")?;
    let path = text(node, "path").unwrap_or_else(|| format!("/{name}"));
    Some(OwnSecret { name, path, keys: texts(node, "keys") })
}

fn written(promote: &Node) -> Vec<Promotion> {
    let by_branch = get(promote, "byBranch");
    let branches = by_branch.into_iter().flat_map(|_| entries(promote, "byBranch"));
    branches
        .map(|(branch, names)| Promotion {
            branch: branch.to_owned(),
            environments: names
                .as_list()
                .unwrap_or_default()
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
        })
        .collect()
}

fn of_environments(environments: &[Environment]) -> Vec<Promotion> {
    let mut promotions: Vec<Promotion> = Vec::new();
    for environment in environments.iter().filter(|it| it.preview.is_none()) {
        match promotions.iter_mut().find(|known| known.branch == environment.branch) {
            Some(known) => known.environments.push(environment.name.clone()),
            None => promotions.push(Promotion {
                branch: environment.branch.clone(),
                environments: vec![environment.name.clone()],
            }),
        }
    }
    promotions
}
