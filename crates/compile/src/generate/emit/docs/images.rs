//! `docs/images.md`: how a new image gets into the cluster, and back out.

use crate::generate::Context;
use crate::generate::emit::markdown::{Page, code};
use crate::model::{Engine, Workload};

pub(super) fn page(context: &Context<'_>) -> String {
    let config = &context.platform.application.config;
    let (name, tag) = (example(context), "1.10.0");
    let mut page = Page::new("Images");
    page.text(&format!(
        "Which image runs is one line of this repository: `image.tag` of a service in {}. \
         To change it is to deploy.",
        code(config)
    ));
    page.step("The pipeline of an app builds the image and pushes it to the registry, under a tag that is never used again.");
    page.step(&format!(
        "It writes that tag here and pushes. For {}, with version 4 of [yq](https://github.com/mikefarah/yq):",
        code(name)
    ));
    page.block(&format!(
        "NAME={name} TAG={tag} yq --inplace \\\n\
         \x20 '(.services[] | select(.name == strenv(NAME)) | .image.tag) = strenv(TAG)' \\\n\
         \x20 {config}\n\
         git commit --all --message 'deploy: {name} {tag}'\n\
         git push"
    ));
    page.text("   Or with mainstay, which changes that value and no other byte:");
    page.block(&format!("mainstay set {config} 'services[name={name}].image.tag' {tag}"));
    page.step(match context.platform.delivery.engine {
        Engine::ArgoCd => "Argo CD sees the commit: within three minutes, at once with a webhook.",
        Engine::Flux => "Flux sees the commit within a minute.",
    });
    page.step(
        "A new pod is started beside the old ones. Only when its readiness probe succeeds does an old one go; if it \
         never does, the old ones keep serving. A workload with a volume of its own, or a GPU, stops first: neither \
         can be had twice.",
    );
    page.heading("One environment only");
    page.text(
        "A tag that only one environment gets stands in `overlays/<environment>/custom/values.yaml`:",
    );
    page.fenced("yaml", &format!("overrides:\n  {name}:\n    image:\n      tag: \"{tag}\""));
    page.heading("Good to know");
    page.item("Quote tags: `\"1.10\"` without quotes is the number 1.1.");
    page.item("A `digest` wins over the tag beside it. To follow the tag again: `digest: \"\"`.");
    page.item("Tags that a pipeline wrote stay when this repository is generated anew, until the payload asks for another one.");
    page.item(&format!(
        "Undo a bad version with `git revert`; what is changed with `kubectl rollout undo` is undone by {}.",
        context.engine()
    ));
    page.heading("What ran when");
    page.block(&format!("git log -p -- {config}"));
    page.finish()
}

/// A service of this platform to show how: `web` where there is one, so that the page seldom changes.
fn example<'p>(context: &Context<'p>) -> &'p str {
    let apps = &context.platform.apps;
    let served = || apps.iter().find(|app| app.workload == Workload::Deployment).or(apps.first());
    let app = apps.iter().find(|app| app.name == "web").or_else(served);
    app.map_or("web", |app| app.name.as_str())
}
