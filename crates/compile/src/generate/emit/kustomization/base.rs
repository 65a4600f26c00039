//! `base`: what is the same in every environment, and `registry`, the one place that names the
//! image's registry.

use crate::generate::kustomization::kustomization;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};
use crate::model::{Amounts, Environment, Kustomization};

use super::secrets;

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    let folder = format!("{}/base", app.folder);
    let resources = List::new().item("deployment.yaml").item("service.yaml");
    files.generated(
        format!("{folder}/kustomization.yaml"),
        document(
            &format!(
                "What is the same in every environment. The image is called `{}` here: its tag is in each\n\
                 overlay, its registry in ../registry.",
                app.name
            ),
            &kustomization(resources),
        ),
    );
    let first = context.platform.environments.first();
    files.generated(
        format!("{folder}/deployment.yaml"),
        document("", &deployment(context, app, first)),
    );
    files.generated(format!("{folder}/service.yaml"), document("", &service(app)));
    registry(context, app, files);
}

fn deployment(context: &Context<'_>, app: &Kustomization, first: Option<&Environment>) -> Map {
    let (volume, mount) = secrets::volume(context, app).unzip();
    let one = |it: Option<Map>| it.into_iter().collect::<List>();
    let name = app.name.as_str();
    let probe = |delay: i64, period: i64| {
        app.health.as_ref().map(|path| {
            Map::new()
                .put("httpGet", Map::new().put("path", path.as_str()).put("port", "http"))
                .put("initialDelaySeconds", delay)
                .put("periodSeconds", period)
        })
    };
    let port = Map::new().put("name", "http").put("containerPort", i64::from(app.port));
    let security = Map::new()
        .put("allowPrivilegeEscalation", false)
        .put("seccompProfile", Map::new().put("type", "RuntimeDefault"));
    let container = Map::new()
        .put("name", name)
        .put("image", name)
        .put("ports", List::new().item(port))
        .put_filled("envFrom", secrets::env_from(app))
        .put_some("livenessProbe", probe(10, 10))
        .put_some("readinessProbe", probe(5, 5))
        .put_some("resources", first.map(resources))
        .put_filled("volumeMounts", one(mount))
        .put("securityContext", security);
    let labels = || Map::new().put("app", name);
    let pod = Map::new()
        .note("It does not talk to the Kubernetes API.")
        .put("automountServiceAccountToken", false)
        .put("containers", List::new().item(container))
        .put_filled("volumes", one(volume));
    Map::new()
        .put("apiVersion", "apps/v1")
        .put("kind", "Deployment")
        .put("metadata", Map::new().put("name", name).put("labels", labels()))
        .put(
            "spec",
            Map::new()
                .note("Each overlay says its own.")
                .put("replicas", first.map_or(1, |environment| environment.replicas))
                .put("selector", Map::new().put("matchLabels", labels()))
                .put(
                    "template",
                    Map::new().put("metadata", Map::new().put("labels", labels())).put("spec", pod),
                ),
        )
}

fn service(app: &Kustomization) -> Map {
    let port =
        Map::new().put("name", "http").put("port", i64::from(app.port)).put("targetPort", "http");
    Map::new()
        .put("apiVersion", "v1")
        .put("kind", "Service")
        .put(
            "metadata",
            Map::new()
                .put("name", app.name.as_str())
                .put("labels", Map::new().put("app", app.name.as_str())),
        )
        .put(
            "spec",
            Map::new()
                .put("type", "ClusterIP")
                .put("selector", Map::new().put("app", app.name.as_str()))
                .put("ports", List::new().item(port)),
        )
}

/// Returns an environment's resources: what is requested is also the limit.
pub(super) fn resources(environment: &Environment) -> Map {
    let Amounts { cpu, memory, .. } = environment.resources.requests;
    let amounts = || {
        Map::new()
            .put_some("cpu", cpu.map(|amount| amount.to_string()))
            .put_some("memory", memory.map(|amount| amount.to_string()))
    };
    Map::new().put("requests", amounts()).put("limits", amounts())
}

/// The registry by a transformer, which runs after each overlay has set its tag. As `newName` of the
/// base it would rename the image before, and no overlay's entry would match.
fn registry(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    let folder = format!("{}/registry", app.folder);
    files.generated(
        format!("{folder}/kustomization.yaml"),
        document("", &kustomization(List::new().item("image.yaml"))),
    );
    let image = Map::new()
        .put("name", app.name.as_str())
        .note("Change this one line, and every environment pulls from there.")
        .put("newName", context.mirrors.image(&app.image));
    let field =
        Map::new().put("path", "spec/template/spec/containers/image").put("kind", "Deployment");
    let transformer = Map::new()
        .put("apiVersion", "builtin")
        .put("kind", "ImageTagTransformer")
        .put("metadata", Map::new().put("name", "registry"))
        .put("imageTag", image)
        .put("fieldSpecs", List::new().item(field));
    files.generated(
        format!("{folder}/image.yaml"),
        document(
            "Where the image comes from, for all overlays. It is applied after an overlay has set the tag.",
            &transformer,
        ),
    );
}
