//! `overlays/<environment>`: what an environment has of its own, and the half that belongs to people.

use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, Map, document, documents};
use crate::generate::{Context, Files, app_values, secret_store};
use crate::model::Environment;

use super::platform::namespaces;
use super::roles;

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let application = &context.platform.application;
    let values = app_values::of(context.platform).overlays;
    for (environment, values) in context.platform.environments.iter().zip(values) {
        let folder = format!("overlays/{}", environment.name);
        files.generated(
            format!("{folder}/values.yaml"),
            document(
                &format!(
                    "Values of {} over those of {}.\nYour own changes go into custom/values.yaml.",
                    environment.name, application.config
                ),
                &values,
            ),
        );
        let resources = List::new().item("namespace.yaml").item("roles.yaml");
        let store = store(context, environment);
        if let Some(text) = &store {
            files.generated(format!("{folder}/{STORE}"), text.clone());
        }
        let resources = store
            .iter()
            .fold(resources, |list, _| list.item(STORE))
            .note("Yours: extra objects of this environment.")
            .item("custom");
        files.generated(
            format!("{folder}/kustomization.yaml"),
            document("What this environment has beside the workloads.", &kustomization(resources)),
        );
        files.generated(format!("{folder}/namespace.yaml"), namespace(context, environment));
        files.generated(
            format!("{folder}/roles.yaml"),
            roles::file(&environment.namespace, whole(context)),
        );
        custom(environment, files);
    }
}

/// The file of the environment's SecretStore.
const STORE: &str = "secret-store.yaml";

fn store(context: &Context<'_>, environment: &Environment) -> Option<String> {
    let external = context.platform.secrets.backend.external()?;
    let objects =
        secret_store::objects(external, &environment.namespace, &environment.secrets_environment);
    Some(documents(
        &format!("How External Secrets log in to {}: docs/secrets.md.", external.manager.title()),
        &objects,
    ))
}

/// What an environment's own objects are part of, as the workloads are.
fn whole<'c>(context: &Context<'c>) -> &'c str {
    &context.platform.application.name
}

fn namespace(context: &Context<'_>, environment: &Environment) -> String {
    let level = namespaces::Level::of(context.platform.policies.pod_security);
    let object = namespaces::object(context, (&environment.namespace, whole(context)), level);
    document(
        &format!(
            "The one namespace of all workloads. It is never pruned or deleted by {}: volumes and\n\
             certificates would go with it.",
            context.engine()
        ),
        &object,
    )
}

fn custom(environment: &Environment, files: &mut Files<'_>) {
    let folder = format!("overlays/{}/custom", environment.name);
    files.seed(
        format!("{folder}/values.yaml"),
        document(
            &format!(
                "Yours: values of {} over all others. mainstay never touches this file again.\n\
                 \n\
                 overrides:\n  NAME-OF-A-WORKLOAD:\n    replicas: 3\n    env:\n      FEATURE_X: \"on\"",
                environment.name
            ),
            &Map::new(),
        ),
    );
    files.seed(
        format!("{folder}/kustomization.yaml"),
        document(
            "Yours: plain objects for this environment, such as a CronJob of your own.\n\
             Put the file beside this one and name it below; mainstay never touches this folder again.\n\
             \n\
             resources:\n  - nightly-export.yaml",
            &kustomization(List::new()),
        ),
    );
}
