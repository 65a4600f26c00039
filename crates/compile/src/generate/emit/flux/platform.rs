//! `platform/kustomizations` and `platform/controllers`: the steps in which the add-ons are delivered,
//! and a HelmRelease for each of them.

use crate::generate::argocd::IN_CLUSTER;
use crate::generate::emit::platform::{addons, folders_for};
use crate::generate::flux::{self, CONTROLLERS, HelmRelease, Kustomization};
use crate::generate::kustomization::kustomization;
use crate::generate::wave::Wave;
use crate::generate::write::{List, document, documents};
use crate::generate::{Context, Files};

/// One Kustomization of the add-ons.
struct Step {
    name: &'static str,
    about: String,
    wave: Wave,
}

pub(super) fn emit(context: &Context<'_>, files: &mut Files<'_>) {
    let steps = steps(context);
    let mut names = Vec::new();
    for step in &steps {
        let object = Kustomization {
            name: step.name.to_owned(),
            path: format!("platform/{}", step.name),
            depends_on: before(&steps, step.wave),
            // An issuer is only ready when it reached Let's Encrypt: nothing here needs that.
            wait: step.wave != Wave::CustomResources,
            suspended: false,
            // An add-on goes with its HelmRelease; what lies around it stays until a person removes it.
            orphans: step.wave != Wave::Controllers,
        };
        let file = format!("{}.yaml", step.name);
        files.generated(
            format!("platform/kustomizations/{file}"),
            document(&step.about, &object.object(context)),
        );
        names.push(format!("kustomizations/{file}"));
    }
    let resources = names.into_iter().fold(
        List::new().note(
            "In the order in which they are delivered: each waits for the ones it `dependsOn`.",
        ),
        List::item,
    );
    files.generated(
        "platform/kustomization.yaml",
        document("The add-ons of a cluster.", &kustomization(resources)),
    );
    releases(context, files);
}

/// Returns what an environment's own Kustomizations wait for.
pub(super) fn ready(context: &Context<'_>) -> Vec<String> {
    before(&steps(context), Wave::Overlay)
        .into_iter()
        .filter(|name| name != "cluster-issuers")
        .collect()
}

fn steps(context: &Context<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = folders_for(context, IN_CLUSTER)
        .map(|folder| Step { name: folder.name, about: folder.about.to_owned(), wave: folder.wave })
        .collect();
    if !addons(context).is_empty() {
        steps.push(Step {
            name: CONTROLLERS,
            about: "The add-ons themselves, with their custom resource definitions.".to_owned(),
            wave: Wave::Controllers,
        });
    }
    steps.sort_by_key(|step| step.wave);
    steps
}

/// Returns the names of the steps of the nearest earlier wave that others may wait for.
fn before(steps: &[Step], wave: Wave) -> Vec<String> {
    let earlier = |step: &&Step| step.wave < wave && step.wave != Wave::CustomResources;
    let Some(last) = steps.iter().filter(earlier).map(|step| step.wave).max() else {
        return Vec::new();
    };
    let names = steps.iter().filter(|step| step.wave == last);
    names.map(|step| step.name.to_owned()).collect()
}

fn releases(context: &Context<'_>, files: &mut Files<'_>) {
    let mut names = List::new();
    for addon in addons(context) {
        let (source, chart) = flux::chart(context, addon.name, &addon.chart);
        let release = HelmRelease {
            name: addon.name.to_owned(),
            release: addon.name.to_owned(),
            namespace: addon.namespaces.first().cloned().unwrap_or_default(),
            depends_on: Vec::new(),
            chart,
            values: addon.values,
        };
        let file = format!("{}.yaml", addon.name);
        files.generated(
            format!("platform/{CONTROLLERS}/{file}"),
            documents(&addon.about, [&source, &release.object(context)]),
        );
        names = names.item(file);
    }
    if !names.is_empty() {
        files.generated(
            format!("platform/{CONTROLLERS}/kustomization.yaml"),
            document("The add-ons: each a pinned chart and its values.", &kustomization(names)),
        );
    }
}
