//! Why a Kustomization or HelmRelease has no objects, and where that is said.
//!
//! In: what went wrong. Out: a finding at the field that is at fault. Never decides what goes wrong.

use manifest::fields::Step;
use text::{Diagnostic, Missing, World};

use super::codes;
use super::objects::{Name, Unit};
use crate::render::place;

/// Why something has no objects.
pub(super) enum Failure {
    /// It cannot be known here; the reason.
    Opaque(String),
    /// It is wrong; the engine's words.
    Wrong(String),
    /// A path of the repository leads to nothing.
    NoPath(String, Missing),
    /// A source is not there.
    NoSource(Name),
    /// A file of values is not there.
    NoValueFile(String),
    /// A variable cannot be replaced.
    Variable(String),
    /// A ConfigMap or Secret is not in the repository.
    OnlyInCluster(Name),
}

pub(super) fn finding(world: &dyn World, unit: &Unit, failure: Failure) -> Diagnostic {
    let is_release = unit.name.kind == "HelmRelease";
    let part: &[&str] = match &failure {
        Failure::NoPath(..) if !is_release => &["path"],
        Failure::NoPath(..) => &["chart", "spec", "chart"],
        Failure::NoSource(_) if !is_release => &["sourceRef"],
        Failure::NoSource(_) if unit.field(&["chartRef"]).is_some() => &["chartRef"],
        Failure::NoSource(_) => &["chart", "spec", "sourceRef"],
        Failure::OnlyInCluster(_) | Failure::Opaque(_) | Failure::Wrong(_) => &[],
        Failure::NoValueFile(_) => &["chart", "spec", "valuesFiles"],
        Failure::Variable(_) => &["postBuild"],
    };
    let place = match part {
        [] => place::of_object(world, &unit.object),
        part => {
            let path = std::iter::once("spec").chain(part.iter().copied());
            let path: Vec<Step> = path.map(|key| Step::Key(key.to_owned())).collect();
            place::of_field(world, &unit.object, &path)
        }
    };
    let what = unit.shown();
    match failure {
        Failure::Wrong(reason) | Failure::Opaque(reason) => {
            codes::d056_failed(place, &what, &reason)
        }
        Failure::NoPath(path, missing) => codes::d055_no_path(place, &what, &path, &missing),
        Failure::NoSource(name) | Failure::OnlyInCluster(name) => {
            codes::d052_no_source(place, &what, &name.to_string())
        }
        Failure::NoValueFile(file) => codes::d058_no_value_file(place, &what, &file),
        Failure::Variable(reason) => codes::d057_variable(place, &what, &reason),
    }
}
