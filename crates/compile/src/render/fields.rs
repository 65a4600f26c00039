//! What an API server would refuse in the objects that are delivered: fields, types, kinds and values.
//!
//! In: objects as rendered. Out: diagnostics. Argo CD validates before it applies, and Flux applies on
//! the server: neither lets an unknown field of Kubernetes' own kinds pass.
//! What somebody else's definition describes is not looked at.

use manifest::Object;
use manifest::fields::{Fault, FaultKind, Verdict, verdict};
use text::{Diagnostic, Place, World};

use super::codes::code;
use super::place;
use crate::admission::{self, Refusal};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("fields.rs");

/// Reports what is wrong with the fields of an object.
pub(super) fn check(object: &Object, world: &dyn World, diagnostics: &mut Vec<Diagnostic>) {
    match verdict(&object.value) {
        Verdict::Foreign => {}
        Verdict::NotServed { served, near } => {
            let place = place::of_object(world, object);
            diagnostics.push(r043_not_served(object, &served, near, place));
        }
        Verdict::Known(faults) if faults.is_empty() => {
            diagnostics.extend(admission::refusals(object).iter().map(|refusal| {
                let place = place::of_field(world, object, &refusal.path);
                r047_refused(object, refusal, place)
            }));
        }
        Verdict::Known(faults) => diagnostics.extend(faults.iter().map(|fault| {
            let place = place::of_field(world, object, &fault.path);
            diagnostic(object, fault, place)
        })),
    }
}

fn diagnostic(object: &Object, fault: &Fault, place: Place) -> Diagnostic {
    match &fault.kind {
        FaultKind::Unknown(near) => r040_unknown_field(object, fault, *near, place),
        FaultKind::Type { wanted, found } => r041_type(object, fault, wanted, Some(found), place),
        FaultKind::Form(wanted) => r041_type(object, fault, wanted, None, place),
        FaultKind::Missing(name) => r042_missing(object, fault, name, place),
    }
}

/// A kind of Kubernetes has no such field.
///
/// An API server refuses the object, or drops the field in silence, depending on who applies it. The
/// fields are those of Kubernetes 1.33 to 1.37; a field that only some of these versions have is let
/// pass.
fn r040_unknown_field(
    object: &Object,
    fault: &Fault,
    near: Option<&str>,
    place: Place,
) -> Diagnostic {
    let path = fault.path_text();
    let message = format!("`{path}` is no field of {} ({})", object.kind(), object.api_version());
    let found = Diagnostic::error(code(40), message).at(place, "");
    match near {
        Some(near) => found.hint(format!("did you mean `{near}`?")),
        None => found.hint(explain(&path, object)),
    }
}

/// A field of a kind of Kubernetes has a value of another type or form.
///
/// A number in the place of a text wants quotes (`"8080"`); a quantity is a number with or without a
/// suffix; what stands under `data` of a Secret is base64.
fn r041_type(
    object: &Object,
    fault: &Fault,
    wanted: &str,
    found: Option<&str>,
    place: Place,
) -> Diagnostic {
    let path = fault.path_text();
    let not = found.map(|found| format!(", not {found}")).unwrap_or_default();
    let message = format!("`{path}` of {} must be {wanted}{not}", object.kind());
    let finding = Diagnostic::error(code(41), message).at(place, "");
    match (wanted, found) {
        ("a text", Some("a number" | "a boolean")) => finding.hint("put it in quotes"),
        _ => finding.hint(explain(&path, object)),
    }
}

/// An object lacks a field that its kind must have.
fn r042_missing(object: &Object, fault: &Fault, name: &str, place: Place) -> Diagnostic {
    let path = fault.path_text();
    let message = match path.as_str() {
        "" => format!("{} without `{name}`", object.kind()),
        path => format!("`{path}` of {} without `{name}`", object.kind()),
    };
    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    Diagnostic::error(code(42), message).at(place, "").hint(explain(&path, object))
}

/// Kubernetes does not serve this kind, or not in this version.
///
/// Of groups that are Kubernetes' own, the kinds of versions 1.33 to 1.37 are known; kinds that
/// somebody else defines are not meant.
fn r043_not_served(
    object: &Object,
    served: &[&str],
    near: Option<&str>,
    place: Place,
) -> Diagnostic {
    let message = format!("Kubernetes serves no {} of {}", object.kind(), object.api_version());
    let found = Diagnostic::error(code(43), message).at(place, "");
    match (served, near) {
        ([], Some(near)) => found.hint(format!("did you mean `kind: {near}`?")),
        ([], None) => found.hint("`kubectl api-resources` lists the kinds"),
        (served, _) => found.hint(format!("write `apiVersion: {}`", served.join("` or `"))),
    }
}

/// An API server refuses what a field of the right type has.
///
/// Names, labels, selectors, mounts, probes, ports and schedules have rules beyond their types; they are
/// those of Kubernetes 1.33 to 1.37. Argo CD and Flux would report the object as failed, and go on trying.
fn r047_refused(object: &Object, refusal: &Refusal, place: Place) -> Diagnostic {
    let path = manifest::fields::path_text(&refusal.path);
    let message = format!("`{path}` of {} `{}` {}", object.kind(), object.name(), refusal.why);
    Diagnostic::error(code(47), message).at(place, "").hint(explain(&path, object))
}

/// Names the command that shows what a field may be.
fn explain(path: &str, object: &Object) -> String {
    let plain: String = path
        .split('[')
        .enumerate()
        .map(|(number, part)| match number {
            0 => part,
            _ => part.split_once(']').map_or("", |(_, rest)| rest),
        })
        .collect();
    let parent = plain.rsplit_once('.').map_or("", |(parent, _)| parent);
    let dot = if parent.is_empty() { "" } else { "." };
    format!("`kubectl explain {}{dot}{parent}` lists what is there", object.kind().to_lowercase())
}
