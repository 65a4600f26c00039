//! What makes no sense in a payload that has other faults as well.
//!
//! A person who mends a file wants to hear everything at once. But what a schema refused is missing in
//! the model, and what is missing has consequences that are none of the person's doing: so only what
//! is said about apps without any fault is kept, and plaintext, which is judged by itself.

use text::{Code, Diagnostic, Place, Stage};

use super::platform;
use crate::intake;
use crate::model::Platform;

/// A plaintext secret.
const PLAINTEXT: Code = Code::new(Stage::Check, 170);

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
        let mut labels = finding.primary.iter().chain(&finding.secondary).peekable();
        finding.code == PLAINTEXT
            || labels.peek().is_some()
                && labels.all(|label| sound.iter().any(|app| contains(app, &label.place)))
    });
    found
}

fn contains(outer: &Place, inner: &Place) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
