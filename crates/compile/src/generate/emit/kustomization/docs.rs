//! `docs/`: promotion, rollback, troubleshooting, as the operator at three in the morning reads them.

use crate::generate::emit::docs::sealing;
use crate::generate::emit::markdown::{Page, code};
use crate::generate::{Context, Files};
use crate::model::Kustomization;

use super::{delivery, secrets_page};

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    files.generated("docs/promotion.md", promotion(context, app));
    files.generated("docs/rollback.md", rollback(app));
    files.generated("docs/troubleshooting.md", troubleshooting(context, app));
    secrets_page::emit(context, app, files);
    if let Some(sealed) = &context.platform.secrets.sealed_secrets {
        files.generated("docs/sealing.md", sealing::page(context, sealed));
    }
}

fn promotion(context: &Context<'_>, app: &Kustomization) -> String {
    let mut page = Page::new("How a commit reaches an environment");
    page.table(&["branch", "environments"]);
    for promotion in &app.promotions {
        page.row(&[&code(&promotion.branch), &promotion.environments.join(", ")]);
    }
    page.text("The environments of a row get the same image in the same commit.");
    unpromoted(context, app, &mut page);
    page.step(
        "A push starts `ci.yml`: the tests, then the image, tagged `sha-` and the first eight digits of the commit.",
    );
    page.step(
        "When it has succeeded, `cd.yml` writes that tag into the overlays of the branch and pushes. The commit says \
         `[skip ci]`, so it starts nothing.",
    );
    page.step(
        "Argo CD sees the commit and rolls it out: within three minutes, at once with a webhook.",
    );
    page.heading("By hand");
    page.text("What the pipeline does, for an image that is in the registry:");
    if let Some(first) = app.promotions.first() {
        let files: Vec<String> = first
            .environments
            .iter()
            .map(|name| format!("{}/kustomization.yaml", app.overlay(name)))
            .collect();
        let edits = |edit: &dyn Fn(&String) -> String| {
            files.iter().map(edit).collect::<Vec<_>>().join("\n")
        };
        page.block(&format!("git switch {} && git pull", first.branch));
        page.block(&edits(&|file| {
            format!(
                "tag=sha-0123abcd yq --inplace '(.images[] | select(.name == \"{}\") | .newTag) = strenv(tag)' {file}",
                app.name
            )
        }));
        page.text("Or with mainstay:");
        page.block(&edits(&|file| {
            format!("mainstay set {file} 'images[name={}].newTag' sha-0123abcd", app.name)
        }));
        page.text(
            "`[skip ci]` is part of it: without it the push starts the pipeline, which writes its own tag over this one. The \
             next push of anything else does so too.",
        );
        page.block("git commit --all --message 'chore: run sha-0123abcd [skip ci]' && git push");
    }
    if let Some((environment, label)) = delivery::preview(context) {
        page.heading("Previews");
        page.text(&format!(
            "A pull request with the label {} gets an environment of its own in the namespace {}, with the image of its \
             head. It is looked for every five minutes, and goes when the pull request is closed or the label is taken \
             away. Pull requests from forks have no image, and so no preview.",
            code(label),
            code(&environment.namespace)
        ));
    }
    page.finish()
}

/// Says which environments get no image by themselves, and what promotes a new one.
fn unpromoted(context: &Context<'_>, app: &Kustomization, page: &mut Page) {
    let is_promoted =
        |name: &String| app.promotions.iter().any(|it| it.environments.contains(name));
    let left: Vec<String> = delivery::permanent(context)
        .filter(|environment| !is_promoted(&environment.name))
        .map(|environment| code(&environment.name))
        .collect();
    if !left.is_empty() {
        page.text(&format!(
            "In no row, and so with the tag that a person wrote last: {}. No push changes it.",
            left.join(", ")
        ));
    }
    if super::lists_promotions(context) {
        page.text(
            "A new environment is promoted once its name is in the list of its branch, `ci.promote.byBranch` in \
             `mainstay.yaml`, and `mainstay generate` has written the workflows. Until then it keeps its placeholder.",
        );
    }
    let others = delivery::other_branches(context);
    if !others.is_empty() {
        page.text(&format!(
            "The workflows are those of {}, the overlays those of the branch that was pushed: a change that adds an \
             environment is merged into {} too where the environment follows it. Until then `cd.yml` leaves it out with a \
             warning, and promotes the others.",
            code(&context.platform.repository.branch),
            others.join(", ")
        ));
    }
    page.text(
        "That an environment is there at all is `infra/application.yaml`, which nothing follows: \
         [infra/README.md](../infra/README.md) says how it is applied.",
    );
}

fn rollback(app: &Kustomization) -> String {
    let mut page = Page::new("Back to an earlier version");
    page.text(
        "The tag in Git is what runs, so going back is a commit that undoes one. `kubectl rollout undo` would be undone \
         by Argo CD within seconds.",
    );
    for promotion in &app.promotions {
        page.heading(&promotion.environments.join(" and "));
        let files: Vec<String> = promotion
            .environments
            .iter()
            .map(|name| format!("{}/kustomization.yaml", app.overlay(name)))
            .collect();
        page.block(&format!(
            "git switch {0} && git pull\n\
             git log --oneline --max-count=10 -- {1}\n\
             git revert --no-edit COMMIT\n\
             git push origin {0}",
            promotion.branch,
            files.join(" \\\n  ")
        ));
    }
    page.text(
        "The next push to the branch promotes again: where the fault is in the code, revert it there too, before \
         anything else is pushed.",
    );
    page.finish()
}

fn troubleshooting(context: &Context<'_>, app: &Kustomization) -> String {
    let mut page = Page::new("When something is wrong");
    let Some(first) = delivery::permanent(context).next() else { return page.finish() };
    let application = format!("{}-{}", app.name, first.name);
    let namespace = &first.namespace;
    let overlay = app.overlay(&first.name);
    page.text(&format!(
        "The commands are for {}; put another environment's names in their place.",
        code(&first.name)
    ));
    page.heading("The Application is Unknown or Degraded");
    page.block(&format!(
        "argocd app get {application}\n\
         kubectl --namespace argocd describe application {application}\n\
         argocd app logs {application}"
    ));
    page.text(
        "`ComparisonError` is a folder that does not render, or a branch that is not there. A namespace that is missing \
         is made by `CreateNamespace=true` of the ApplicationSet.",
    );
    page.heading("There is no Application");
    page.block("kubectl --namespace argocd describe applicationsets");
    page.text("A misspelled parameter stops the whole ApplicationSet; its conditions say which.");
    page.heading("An overlay does not render");
    page.block(&format!("kubectl kustomize {overlay}\nscripts/validate.sh"));
    page.text(&format!(
        "An entry of `images` matches the name {} and no other: an image that already has its registry is another name.",
        code(&app.name)
    ));
    page.heading("Pods are Pending or in ImagePullBackOff");
    page.block(&format!(
        "kubectl --namespace {namespace} get pods\n\
         kubectl --namespace {namespace} describe pods --selector app={0}\n\
         kubectl --namespace {namespace} get events --sort-by=.lastTimestamp\n\
         docker pull {1}:sha-0123abcd",
        app.name,
        context.mirrors.image(&app.image)
    ));
    page.text(
        "`sha-00000000` is the placeholder of an overlay that no pipeline has written to yet.",
    );
    page.heading("A push is not seen");
    page.block(&format!("argocd app get {application} --hard-refresh"));
    page.text(
        "Argo CD looks every three minutes. If it cannot read the repository, `argocd repo list` says why; credentials \
         are Secrets in the namespace `argocd` with the label `argocd.argoproj.io/secret-type: repository`.",
    );
    page.heading("The application itself");
    page.block(&format!(
        "kubectl --namespace {namespace} logs --selector app={0} --tail=20\n\
         kubectl --namespace {namespace} port-forward service/{0} {1}:{1}",
        app.name, app.port
    ));
    if let Some(health) = &app.health {
        page.text("In a second terminal:");
        page.block(&format!("curl http://localhost:{}{health}", app.port));
    }
    page.heading("Secrets");
    page.text(match context.platform.secrets.sealed_secrets {
        _ if secrets_page::is_there(context, app) => {
            "[Secrets](secrets.md) says where they come from. `.env` is ignored by Git."
        }
        Some(_) => {
            "They are sealed into the overlays: [Sealing secrets](sealing.md). `.env` is ignored by Git."
        }
        None => {
            "None is in this repository, and `.env` is ignored by Git. The container reads the Secrets of its namespace that \
             `apps[0].secrets` in `mainstay.yaml` lists, and `secrets.backend` says where they come from: sealed here, \
             or read from a secret manager."
        }
    });
    page.finish()
}
