//! `overlays/<environment>`: replicas, tag, namespace, variables and resources of one environment.

use std::fmt::Write as _;

use crate::generate::write::{List, Map, Yaml, document};
use crate::generate::{Context, Files};
use crate::model::{Environment, Kustomization};

use super::{NO_TAG, base, secrets};

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    let first = context.platform.environments.first();
    for environment in &context.platform.environments {
        let folder = app.overlay(&environment.name);
        let differs =
            first.is_some_and(|first| first.resources.requests != environment.resources.requests);
        let mut resources = List::new().item("../../base");
        if environment.preview.is_some() {
            resources =
                resources.note("It goes when the pull request is closed.").item("namespace.yaml");
            files.generated(
                format!("{folder}/namespace.yaml"),
                document("", &namespace(environment)),
            );
        }
        if secrets::emit(context, app, environment, files) {
            resources = resources.item(secrets::FILE);
        }
        let image = Map::new()
            .put("name", app.name.as_str())
            .note(written_by(app, environment))
            .put("newTag", Yaml::Text(NO_TAG.to_owned()));
        let replicas = Map::new().put("name", app.name.as_str()).put("count", environment.replicas);
        let mut patches = List::new();
        if !environment.env.is_empty() {
            patches = patches.item(patch(&variables(environment)));
        }
        if differs {
            patches = patches.item(patch(&amounts(environment)));
        }
        if environment.preview.is_some()
            && let Some(operations) = secrets::without(context, app)
        {
            patches = patches
                .note(
                    "The code of a pull request reads no secrets of the others; it starts without.",
                )
                .item(patch(&operations));
        }
        let overlay = Map::new()
            .put("apiVersion", "kustomize.config.k8s.io/v1beta1")
            .put("kind", "Kustomization")
            .put("resources", resources)
            .gap()
            .put("namespace", local_namespace(environment))
            .gap()
            .put("replicas", List::new().item(replicas))
            .gap()
            .put("images", List::new().item(image))
            .note("The image's registry, the same for all.")
            .put("transformers", List::new().item("../../registry"))
            .gap()
            .put_filled("patches", patches);
        files.generated(
            format!("{folder}/kustomization.yaml"),
            document(&about(environment), &overlay),
        );
    }
}

fn about(environment: &Environment) -> String {
    match &environment.preview {
        Some(label) => format!(
            "A preview of one pull request that has the label `{label}`. Argo CD sets the namespace and the\n\
             tag of each; what stands here is for building it by hand."
        ),
        None => format!("{}, deployed from the branch `{}`.", environment.name, environment.branch),
    }
}

fn written_by(app: &Kustomization, environment: &Environment) -> String {
    let promoted =
        app.promotions.iter().any(|promotion| promotion.environments.contains(&environment.name));
    if environment.preview.is_some() {
        "Each preview gets the tag of its pull request.".to_owned()
    } else if promoted {
        "The pipeline writes this line.".to_owned()
    } else {
        "The version that runs here.".to_owned()
    }
}

/// A name that a person can build with: a preview's number is not known here.
fn local_namespace(environment: &Environment) -> String {
    environment.namespace.replace("{{number}}", "0")
}

fn namespace(environment: &Environment) -> Map {
    Map::new()
        .put("apiVersion", "v1")
        .put("kind", "Namespace")
        .put("metadata", Map::new().put("name", local_namespace(environment)))
}

/// A JSON patch of the Deployment.
fn patch(operations: &str) -> Map {
    Map::new().put("target", Map::new().put("kind", "Deployment")).put("patch", operations)
}

fn variables(environment: &Environment) -> String {
    let mut text = "- op: add\n  path: /spec/template/spec/containers/0/env\n  value:\n".to_owned();
    for (name, value) in &environment.env {
        let Some(value) = value.text() else { continue };
        let entry = Map::new().put("name", name.as_str()).put("value", value);
        let lines = document("", &Map::new().put("x", List::new().item(entry)));
        for line in lines.lines().skip(1) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn amounts(environment: &Environment) -> String {
    let mut text =
        "- op: replace\n  path: /spec/template/spec/containers/0/resources\n  value:\n".to_owned();
    for line in document("", &base::resources(environment)).lines() {
        let _ = writeln!(text, "    {line}");
    }
    text
}
