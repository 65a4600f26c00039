//! The cluster generator: the clusters that Argo CD knows, given by `--clusters`.

use std::collections::BTreeMap;

use yaml::Value;

use super::super::super::application::is_true;
use super::super::super::clusters::Cluster;
use super::super::parameters::{Parameter, Parameters};
use super::super::selector::Selector;
use super::{Stop, Work, add_values};

pub(super) fn generate(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let selector = match body.get("selector") {
        Some(selector) => Selector::read(selector)
            .map_err(|reason| Stop::error(format!("error converting label selector: {reason}")))?,
        None => Selector::default(),
    };
    if !work.clusters.is_given && !selector.is_empty() {
        let reason = "`clusters` selects among the clusters that Argo CD knows: `--clusters FILE` gives them";
        return Err(Stop::Opaque(reason.to_owned()));
    }
    let mut all = Vec::new();
    // The cluster without a Secret has no labels; it comes first.
    if selector.is_empty() {
        for cluster in work.clusters.all.iter().filter(|cluster| !cluster.has_secret) {
            let text = |text: &str| Parameter::Text(text.to_owned());
            let mut parameters: Parameters = [
                ("name".to_owned(), text(&cluster.name)),
                ("nameNormalized".to_owned(), text(&cluster.name)),
                ("server".to_owned(), text(&cluster.server)),
                ("project".to_owned(), text("")),
            ]
            .into();
            add_values(work, body, &mut parameters)?;
            all.push(parameters);
        }
    }
    for cluster in work.clusters.all.iter().filter(|cluster| cluster.has_secret) {
        let labels: BTreeMap<String, String> = cluster.labels.iter().cloned().collect();
        if !selector.matches(&labels) {
            continue;
        }
        let mut parameters = of_cluster(work, cluster);
        add_values(work, body, &mut parameters)?;
        all.push(parameters);
    }
    if is_true(body, "flatList") {
        let list = all.into_iter().map(Parameter::Map).collect();
        return Ok(vec![[("clusters".to_owned(), Parameter::List(list))].into()]);
    }
    Ok(all)
}

fn of_cluster(work: &Work<'_, '_>, cluster: &Cluster) -> Parameters {
    let mut parameters = Parameters::new();
    let mut text = |key: &str, value: &str| {
        parameters.insert(key.to_owned(), Parameter::Text(value.to_owned()));
    };
    text("name", &cluster.name);
    text("nameNormalized", &gotmpl::normalize(&cluster.name));
    text("server", &cluster.server);
    text("project", &cluster.project);
    let both = [("annotations", &cluster.annotations), ("labels", &cluster.labels)];
    if work.templating.is_go() {
        let there = both.into_iter().filter(|(_, pairs)| !pairs.is_empty());
        let metadata = there.map(|(name, pairs)| {
            (name.to_owned(), Parameter::TextMap(pairs.iter().cloned().collect()))
        });
        let metadata = Parameter::Map(metadata.collect());
        parameters.insert("metadata".to_owned(), metadata);
    } else {
        for (name, pairs) in both {
            for (key, value) in pairs {
                text(&format!("metadata.{name}.{key}"), value);
            }
        }
    }
    parameters
}
