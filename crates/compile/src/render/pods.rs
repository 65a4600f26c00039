//! The pods that objects make, wherever a kind keeps them.
//!
//! In: an object. Out: its pod and the way to it. Decides nothing about pods.

use manifest::Object;
use manifest::fields::Step;
use yaml::Value;

/// The pod of an object.
#[derive(Clone, Copy)]
pub(crate) struct Pod<'o> {
    path: &'static [&'static str],
    pub(crate) spec: &'o Value,
}

/// Returns the pod that an object makes; `None` where its kind makes none.
pub(crate) fn of(object: &Object) -> Option<Pod<'_>> {
    let path: &'static [&'static str] = match (object.group(), object.kind()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => {
            &["spec", "template", "spec"]
        }
        ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template", "spec"],
        ("", "Pod") => &["spec"],
        _ => return None,
    };
    Some(Pod { path, spec: object.at(path)? })
}

impl<'o> Pod<'o> {
    /// Returns its containers, those that run first included: the way to each from the object's root.
    pub(crate) fn containers(&self) -> impl Iterator<Item = (Vec<Step>, &'o Value)> + use<'_, 'o> {
        ["initContainers", "containers"].into_iter().flat_map(move |field| {
            let items = self.spec.get(field).and_then(Value::as_list).unwrap_or_default();
            items.iter().enumerate().map(move |(index, container)| {
                let mut way = self.way(&[field]);
                way.push(Step::Item(index));
                (way, container)
            })
        })
    }

    /// Returns the keys that lead to its `spec`.
    pub(crate) fn path(&self) -> &'static [&'static str] {
        self.path
    }

    /// Returns the way to a field of the pod from the object's root.
    pub(crate) fn way(&self, field: &[&str]) -> Vec<Step> {
        self.path.iter().chain(field).map(|key| Step::Key((*key).to_owned())).collect()
    }
}
