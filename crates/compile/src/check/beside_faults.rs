//! What makes no sense in a payload that has other faults as well.
//!
//! A person who mends a file wants to hear everything at once. But what a schema refused is missing in
//! the model, and what is missing has consequences that are none of the person's doing: so what is said about
//! apps without any fault is kept, and about the others what is seen in one field alone.

use text::{Code, Diagnostic, Place, Stage};

use super::platform;
use crate::intake;
use crate::model::Platform;

/// A plaintext secret.
const PLAINTEXT: Code = Code::new(Stage::Check, 170);

/// What is seen in the fields that it names, whatever the others are: unknown environments, hosts that two
/// claim or that lie outside of the domain, images and their registries, limits below requests, schedules.
const OF_ONE_FIELD: &[u16] = &[104, 110, 111, 112, 120, 121, 122, 125, 130, 145, 146];

/// Returns what makes no sense beside what the schemas refused: `faults`, found in the files that
/// `model` was read from. Nothing where the spec has faults: all apps follow from it.
pub fn beside_faults(model: &Platform, faults: &[Diagnostic]) -> Vec<Diagnostic> {
    let payload = model.apps.first().map(|app| app.origin.file().clone());
    let places = || faults.iter().filter_map(|fault| Some(&fault.primary.as_ref()?.place));
    // Faults that are only counted could be anywhere.
    let somewhere = intake::uncounted(faults) > 0;
    if somewhere || places().any(|place| Some(&place.file) != payload.as_ref()) {
        return Vec::new();
    }
    let apps = model.apps.iter().map(|app| app.origin.here());
    let sound: Vec<Place> =
        apps.filter(|app| !places().any(|fault| contains(app, fault))).collect();
    let mut found = platform(model);
    found.retain(|finding| {
        let labels = || finding.primary.iter().chain(&finding.secondary);
        let is_apart =
            |place: &Place| !places().any(|fault| contains(place, fault) || contains(fault, place));
        let of_one_field =
            finding.code.stage == Stage::Check && OF_ONE_FIELD.contains(&finding.code.number);
        finding.code == PLAINTEXT
            || labels().next().is_some()
                && labels().all(|label| {
                    sound.iter().any(|app| contains(app, &label.place))
                        || (of_one_field && is_apart(&label.place))
                })
    });
    found
}

fn contains(outer: &Place, inner: &Place) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
