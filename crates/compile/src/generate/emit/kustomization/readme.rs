//! `infra/README.md`: the map of the folder, for who opens it first.

use crate::generate::emit::markdown::{Page, code};
use crate::generate::{Context, Files};
use crate::model::{EnvValue, Kustomization};

use super::{delivery, login, secrets_page};

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    files.generated("infra/README.md", page(context, app));
    let kubernetes = context.catalog.kubernetes.first().map_or("1.33", String::as_str);
    let script = include_str!("../../../../assets/validate-kustomization.sh")
        .replace("@folder@", &app.folder)
        .replace("@kubernetes@", kubernetes);
    files.program("scripts/validate.sh", script);
}

fn page(context: &Context<'_>, app: &Kustomization) -> String {
    let mut page = Page::new(&format!("{} on Kubernetes", app.name));
    page.text(&format!(
        "What runs is what this folder says: Kustomize renders it, Argo CD follows it. `mainstay.yaml` at the top \
         describes it as a whole, and `mainstay generate` writes it anew; everything here also works without mainstay. \
         The image is {}.",
        code(&app.image)
    ));
    folders(context, app, &mut page);
    environments(context, app, &mut page);
    first_day(context, app, &mut page);
    registry(context, app, &mut page);
    page.heading("More");
    page.item("[How a commit reaches an environment](../docs/promotion.md)");
    page.item("[Back to an earlier version](../docs/rollback.md)");
    page.item("[When something is wrong](../docs/troubleshooting.md)");
    if secrets_page::is_there(context, app) {
        page.item("[Secrets](../docs/secrets.md)");
    }
    if context.platform.secrets.sealed_secrets.is_some() {
        page.item("[Sealing secrets](../docs/sealing.md)");
    }
    page.item("[The rules for coding agents](AGENTS.md)");
    page.finish()
}

fn folders(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    page.heading("What is where");
    page.table(&["path", "what"]);
    let folder = &app.folder;
    page.row(&[
        "`infra/application.yaml`",
        match delivery::preview(context) {
            Some(_) => "Argo CD: project, ApplicationSets of environments and previews",
            None => "Argo CD: project, ApplicationSet of the environments",
        },
    ]);
    page.row(&[
        "`infra/application-single.yaml`",
        "one Application instead, for a cluster with a single environment",
    ]);
    page.row(&[&code(&format!("{folder}/base")), "Deployment and Service, the same everywhere"]);
    page.row(&[&code(&format!("{folder}/overlays")), "what differs per environment"]);
    page.row(&[&code(&format!("{folder}/registry")), "where the image comes from"]);
}

fn environments(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    page.heading("Environments");
    let names: Vec<&str> =
        context.platform.environments.iter().map(|environment| environment.name.as_str()).collect();
    let mut columns = vec![""];
    columns.extend(&names);
    page.table(&columns);
    let mut row = |title: &str, cell: &dyn Fn(&crate::model::Environment) -> String| {
        let cells: Vec<String> = std::iter::once(title.to_owned())
            .chain(context.platform.environments.iter().map(cell))
            .collect();
        page.row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    };
    row("namespace", &|it| code(&it.namespace));
    row("branch", &|it| match &it.preview {
        Some(label) => format!("pull requests with the label {}", code(label)),
        None => code(&it.branch),
    });
    row("replicas", &|it| it.replicas.to_string());
    row("image tag", &|_| "`sha-` and 8 digits of the commit".to_owned());
    row("CPU", &|it| it.resources.requests.cpu.map_or(String::new(), |cpu| cpu.to_string()));
    row("memory", &|it| it.resources.requests.memory.map_or(String::new(), |it| it.to_string()));
    let mut variables: Vec<&String> = Vec::new();
    for environment in &context.platform.environments {
        for name in environment.env.keys() {
            if !variables.contains(&name) {
                variables.push(name);
            }
        }
    }
    for name in variables {
        row(&code(name), &|it| it.env.get(name).and_then(EnvValue::text).unwrap_or_default());
    }
    row("lives", &|it| match it.preview {
        Some(_) => "until the pull request is closed".to_owned(),
        None => "for good".to_owned(),
    });
    page.text("What an environment would run, and whether all of them can be rendered:");
    let first = names.first().copied().unwrap_or("dev");
    page.block(&format!("kubectl kustomize {}\nscripts/validate.sh", app.overlay(first)));
    page.text(match super::lists_promotions(context) {
        true => {
            "A new environment is three lines under `environments` in `mainstay.yaml` (name, namespace, branch), its name \
             in the list of its branch in `ci.promote.byBranch`, and `mainstay generate`. Without its name there no push reaches \
             it: it keeps the placeholder for a tag."
        }
        false => {
            "A new environment is three lines under `environments` in `mainstay.yaml` (name, namespace, branch), and \
             `mainstay generate`."
        }
    });
    let others = delivery::other_branches(context);
    page.text(&format!(
        "Commit and push it{}. Then Argo CD is told, as nothing follows `infra/application.yaml`:",
        match others.is_empty() {
            true => String::new(),
            false => format!(
                " to {}, and merge that into {} too where the environment follows it: an environment's overlay is read from \
                 its own branch, and `cd.yml` leaves out one that is not there yet",
                code(&context.platform.repository.branch),
                others.join(", ")
            ),
        }
    ));
    page.block("kubectl apply --filename infra/application.yaml");
    page.text(
        "The same removes one that is no longer in `mainstay.yaml`: its Application goes, with all that it runs; the \
         namespace stays.",
    );
}

fn first_day(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    let argocd = &context.catalog.argocd;
    page.heading("The first day");
    page.text("With kubectl connected to a cluster:");
    page.block(&format!(
        "helm upgrade --install argocd {} \\\n  --repo {} --version {} \\\n  --namespace {} --create-namespace --wait\n\
         kubectl apply --filename infra/application.yaml\n\
         kubectl --namespace argocd get applications",
        argocd.chart,
        context.mirrors.url(&argocd.repository),
        argocd.version,
        argocd.namespace,
    ));
    let names: Vec<String> = delivery::permanent(context)
        .map(|environment| code(&format!("{}-{}", app.name, environment.name)))
        .collect();
    page.text(&format!(
        "Expected are {}, after a moment `Synced` and `Healthy`. Before the first image was pushed, pods wait in \
         `ImagePullBackOff`: the tag in the overlays is a placeholder until the pipeline writes one.",
        names.join(", ")
    ));
    page.text("Argo CD's pages:");
    let forward = "kubectl --namespace argocd port-forward service/argocd-server 8080:443";
    if crate::generate::credentials::through_backend(context.platform) {
        page.block(forward);
        page.text(
            "The password of `admin` is delivered like the other credentials: docs/credentials.md.",
        );
    } else {
        page.block(&format!(
            "{forward}\n\
             kubectl --namespace argocd get secret argocd-initial-admin-secret \\\n\
             \x20 --output go-template='{{{{ .data.password | base64decode }}}}'"
        ));
    }
    page.text("A private repository needs credentials in Argo CD, private images a pull Secret in each namespace.");
}

fn registry(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    page.heading("Another registry");
    let others = delivery::other_branches(context);
    page.text(&format!(
        "`newName` in {} is the one line to change. {} {}",
        code(&format!("{}/registry/image.yaml", app.folder)),
        match others.is_empty() {
            true => "All environments pull from there with the next sync.".to_owned(),
            false => format!(
                "An environment pulls from there once the change is on its branch: with the next sync those that follow {}, \
                 the others when it is merged into {} too.",
                code(&context.platform.repository.branch),
                others.join(", ")
            ),
        },
        match app.build {
            Some(_) => "The pipeline still pushes where `registry.repository` in `mainstay.yaml` says, and `mainstay check` \
                        says so (C210): changed there, `mainstay generate` changes both, and `infra/application-single.yaml`, \
                        which names the image once more. Where environments shall pull through another address than the \
                        pipeline pushes to, `mirrors` says which.",
            None => "`registry.repository` in `mainstay.yaml` says the same for `mainstay generate`, which changes \
                     `infra/application-single.yaml` too: that names the image once more.",
        }
    ));
    if app.build.is_some() && context.platform.ci.github_actions {
        page.text(login::words(app));
    }
    page.block(&format!("mainstay registry set docker.io/example/{}", app.name));
}
