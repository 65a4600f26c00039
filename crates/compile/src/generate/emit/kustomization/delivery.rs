//! `infra/application.yaml`: the ApplicationSets of environments and previews, and their project;
//! `infra/application-single.yaml`: one Application for who has only one environment.

use crate::generate::argocd::{IN_CLUSTER, NAMESPACE};
use crate::generate::emit::markdown::code;
use crate::generate::write::{List, Map, document, documents};
use crate::generate::{Context, Files};
use crate::model::{Environment, Kustomization};

use super::NO_TAG;

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    let mut objects = vec![project(context, app), environments(context, app)];
    objects.extend(
        preview(context).map(|(environment, label)| previews(context, app, environment, label)),
    );
    files.generated(
        "infra/application.yaml",
        documents(
            match preview(context) {
                Some(_) => {
                    "Everything that Argo CD needs to know: which repository and namespaces are allowed, one\n\
                     Application per environment, one per pull request that asks for a preview.\n\
                     Nothing follows this file: apply it again after a change."
                }
                None => {
                    "Everything that Argo CD needs to know: which repository and namespaces are allowed, one\n\
                     Application per environment. Nothing follows this file: apply it again after a change."
                }
            },
            &objects,
        ),
    );
    files.generated(
        "infra/application-single.yaml",
        document(
            "One Application without overlays, for a cluster that has a single environment.\n\
             It is not part of application.yaml: apply one of the two.",
            &single(context, app),
        ),
    );
}

/// Returns the environment of previews and its label.
pub(super) fn preview<'c>(context: &Context<'c>) -> Option<(&'c Environment, &'c str)> {
    let mut all = context.platform.environments.iter();
    all.find_map(|environment| Some((environment, environment.preview.as_deref()?)))
}

/// Returns the environments that stay.
pub(super) fn permanent<'c>(context: &Context<'c>) -> impl Iterator<Item = &'c Environment> {
    context.platform.environments.iter().filter(|environment| environment.preview.is_none())
}

/// Returns the branches that environments follow beside the repository's own, as code.
pub(super) fn other_branches(context: &Context<'_>) -> Vec<String> {
    let mut branches: Vec<String> = Vec::new();
    for environment in permanent(context) {
        let branch = code(&environment.branch);
        if environment.branch != context.platform.repository.branch && !branches.contains(&branch) {
            branches.push(branch);
        }
    }
    branches
}

fn metadata(name: impl Into<String>) -> Map {
    Map::new().put("name", name.into()).put("namespace", NAMESPACE)
}

fn project(context: &Context<'_>, app: &Kustomization) -> Map {
    let listed = match &context.platform.delivery.projects {
        crate::model::Projects::Listed(projects) => projects.iter().find(|it| it.name == app.name),
        crate::model::Projects::PerEnvironment => None,
    };
    let namespaces: Vec<String> = match listed {
        Some(project) if !project.namespaces.is_empty() => project.namespaces.clone(),
        _ => {
            let of = context.platform.environments.iter();
            let mut names: Vec<String> =
                of.map(|environment| environment.namespace.replace("{{number}}", "*")).collect();
            names.push("default".to_owned());
            names.dedup();
            names
        }
    };
    let sources: List = match listed {
        Some(project) if !project.source_repos.is_empty() => {
            project.source_repos.iter().map(|it| context.mirrors.pattern(it)).collect()
        }
        _ => List::new().item(context.repository.as_str()),
    };
    let there = |namespace: &String| {
        Map::new().put("namespace", namespace.as_str()).put("server", IN_CLUSTER)
    };
    Map::new()
        .put("apiVersion", "argoproj.io/v1alpha1")
        .put("kind", "AppProject")
        .put("metadata", metadata(app.name.as_str()))
        .put(
            "spec",
            Map::new()
                .put("description", format!("{} in all its environments", app.name))
                .put("sourceRepos", sources)
                .put("destinations", namespaces.iter().map(there).collect::<List>())
                .put(
                    "clusterResourceWhitelist",
                    List::new().item(Map::new().put("group", "").put("kind", "Namespace")),
                ),
        )
}

fn environments(context: &Context<'_>, app: &Kustomization) -> Map {
    let elements: List = permanent(context)
        .map(|environment| {
            Map::new()
                .put("environment", environment.name.as_str())
                .put("namespace", environment.namespace.as_str())
                .put("branch", environment.branch.as_str())
                .put("replicas", environment.replicas.to_string())
        })
        .collect();
    let template = Map::new()
        .put("metadata", Map::new().put("name", format!("{}-{{{{.environment}}}}", app.name)))
        .put(
            "spec",
            Map::new()
                .put("project", app.name.as_str())
                .put(
                    "source",
                    Map::new()
                        .put("repoURL", context.repository.as_str())
                        .put("targetRevision", "{{.branch}}")
                        .put("path", app.overlay("{{.environment}}")),
                )
                .put("destination", destination("{{.namespace}}"))
                .note("The overlay decides; this is for people who look at the Application.")
                .put(
                    "info",
                    List::new()
                        .item(Map::new().put("name", "replicas").put("value", "{{.replicas}}")),
                )
                .put("syncPolicy", sync_policy()),
        );
    set(
        format!("{}-environments", app.name),
        Map::new().put("list", Map::new().put("elements", elements)),
        template,
    )
}

fn previews(
    context: &Context<'_>,
    app: &Kustomization,
    environment: &Environment,
    label: &str,
) -> Map {
    let (owner, repository) = owner_and_name(&context.repository);
    let pull_request = Map::new()
        .put(
            "github",
            Map::new()
                .put("owner", owner)
                .put("repo", repository)
                .put("labels", List::new().item(label))
                .note(
                    "A private repository: the key `token` of a Secret in this namespace.\n\
                       tokenRef: {secretName: github-token, key: token}",
                ),
        )
        .put("requeueAfterSeconds", 300);
    let namespace = environment.namespace.replace("{{number}}", "{{.number}}");
    let kustomize = Map::new()
        .put("namespace", namespace.as_str())
        .note("The eight digits with which the pipeline tags the image of the pull request's head.")
        .put("images", List::new().item(format!("{0}={0}:sha-{{{{.head_short_sha}}}}", app.name)));
    let template = Map::new()
        .put("metadata", Map::new().put("name", format!("{}-pr-{{{{.number}}}}", app.name)))
        .put(
            "spec",
            Map::new()
                .put("project", app.name.as_str())
                .put(
                    "source",
                    Map::new()
                        .put("repoURL", context.repository.as_str())
                        .put("targetRevision", "{{.head_sha}}")
                        .put("path", app.overlay(&environment.name))
                        .put("kustomize", kustomize),
                )
                .put("destination", destination(&namespace))
                .put("syncPolicy", sync_policy()),
        );
    set(format!("{}-previews", app.name), Map::new().put("pullRequest", pull_request), template)
}

fn set(name: String, generator: Map, template: Map) -> Map {
    Map::new()
        .put("apiVersion", "argoproj.io/v1alpha1")
        .put("kind", "ApplicationSet")
        .put("metadata", metadata(name))
        .put(
            "spec",
            Map::new()
                .put("goTemplate", true)
                .note("A misspelled parameter stops the set, instead of becoming `<no value>`.")
                .put("goTemplateOptions", List::new().item("missingkey=error"))
                .put("generators", List::new().item(generator))
                .put("template", template),
        )
}

fn destination(namespace: &str) -> Map {
    Map::new().put("server", IN_CLUSTER).put("namespace", namespace)
}

fn sync_policy() -> Map {
    Map::new().put("automated", Map::new().put("prune", true).put("selfHeal", true)).put(
        "syncOptions",
        List::new().note("Argo CD makes no namespace by itself.").item("CreateNamespace=true"),
    )
}

fn single(context: &Context<'_>, app: &Kustomization) -> Map {
    let image = format!("{}={}:{NO_TAG}", app.name, context.mirrors.image(&app.image));
    let kustomize =
        Map::new().note("The version that runs.").put("images", List::new().item(image));
    let source = Map::new()
        .put("repoURL", context.repository.as_str())
        .put("targetRevision", context.platform.repository.branch.as_str())
        .put("path", format!("{}/base", app.folder))
        .put("kustomize", kustomize);
    Map::new()
        .put("apiVersion", "argoproj.io/v1alpha1")
        .put("kind", "Application")
        .put("metadata", metadata(app.name.as_str()))
        .put(
            "spec",
            Map::new()
                .put("project", "default")
                .put("source", source)
                .put("destination", destination("default"))
                .put(
                    "syncPolicy",
                    Map::new()
                        .put("automated", Map::new().put("prune", true).put("selfHeal", true)),
                ),
        )
}

/// Returns owner and name of a repository on GitHub: `https://github.com/OWNER/NAME` and its other
/// spellings.
fn owner_and_name(url: &str) -> (String, String) {
    let path = url.strip_suffix(".git").unwrap_or(url).trim_end_matches('/');
    let mut parts = path.rsplit(['/', ':']);
    let name = parts.next().unwrap_or_default().to_owned();
    (parts.next().unwrap_or_default().to_owned(), name)
}
