//! `projects`: the AppProjects, the allow-list of what Applications may read and write.

use crate::generate::argocd::{self, IN_CLUSTER};
use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};
use crate::model::{Environment, Project, Projects};

use crate::generate::emit::platform;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    for environment in &context.platform.environments {
        write(files, &environment.name, environment_project(context, environment));
    }
    write(files, "platform", platform_project(context));
}

fn write(files: &mut Files<'_>, name: &str, (head, project): (String, Map)) {
    files.generated(format!("projects/{name}/project.yaml"), document(&head, &project));
    files.generated(
        format!("projects/{name}/kustomization.yaml"),
        document("", &kustomization(List::new().item("project.yaml"))),
    );
}

fn environment_project(context: &Context<'_>, environment: &Environment) -> (String, Map) {
    let listed = listed(context, &environment.name);
    let repositories = source_repos(context, listed, vec![context.repository.clone()]);
    let namespaces = namespaces(listed, vec![environment.namespace.clone()]);
    let project = argocd::project(
        &environment.name,
        &format!("Workloads of {}", environment.name),
        repositories.into_iter().collect(),
        destinations(&environment.cluster, &namespaces).collect(),
        &[("", "Namespace")],
    );
    (format!("What the workloads of {} may use.", environment.name), project)
}

fn platform_project(context: &Context<'_>) -> (String, Map) {
    let listed = listed(context, "platform");
    let addons = platform::addons(context);
    let mut repositories = vec![context.repository.clone()];
    repositories.extend(addons.iter().map(|addon| context.mirrors.url(&addon.chart.repository)));
    dedup(&mut repositories);
    let mut servers: Vec<&str> = context
        .platform
        .environments
        .iter()
        .map(|environment| environment.cluster.as_str())
        .collect();
    if servers.is_empty() {
        servers.push(IN_CLUSTER);
    }
    dedup(&mut servers);
    let mut kinds: Vec<(&str, &str)> = vec![("", "Namespace")];
    kinds.extend(addons.iter().flat_map(|addon| addon.cluster_kinds.iter().copied()));
    kinds.extend(platform::own_cluster_kinds(context));
    kinds.sort_unstable();
    kinds.dedup();
    let project = argocd::project(
        "platform",
        "Add-ons of the cluster",
        source_repos(context, listed, repositories).into_iter().collect(),
        servers
            .iter()
            .flat_map(|server| {
                let mut targets: Vec<String> =
                    addons.iter().flat_map(|addon| addon.namespaces.clone()).collect();
                targets.extend(platform::own_namespaces(context, server));
                targets.sort();
                targets.dedup();
                destinations(server, &namespaces(listed, targets)).collect::<Vec<_>>()
            })
            .collect(),
        &kinds,
    );
    (
        "What the add-ons may use: their chart repositories, their namespaces, and no more."
            .to_owned(),
        project,
    )
}

fn listed<'c>(context: &'c Context<'_>, name: &str) -> Option<&'c Project> {
    match &context.platform.delivery.projects {
        Projects::PerEnvironment => None,
        Projects::Listed(projects) => projects.iter().find(|project| project.name == name),
    }
}

/// What the spec lists is the whole allow-list, with the mirrors that Applications read from.
fn source_repos(
    context: &Context<'_>,
    listed: Option<&Project>,
    default: Vec<String>,
) -> Vec<String> {
    match listed {
        Some(project) if !project.source_repos.is_empty() => {
            project.source_repos.iter().map(|it| context.mirrors.pattern(it)).collect()
        }
        _ => default,
    }
}

fn namespaces(listed: Option<&Project>, default: Vec<String>) -> Vec<String> {
    match listed {
        Some(project) if !project.namespaces.is_empty() => project.namespaces.clone(),
        _ => default,
    }
}

fn destinations<'d>(server: &'d str, namespaces: &'d [String]) -> impl Iterator<Item = Map> + 'd {
    let there = move |namespace| Map::new().put("server", server).put("namespace", namespace);
    namespaces.iter().map(there)
}

/// Removes repetitions and keeps the order.
fn dedup<T: PartialEq + Clone>(items: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items.iter() {
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    *items = kept;
}
