//! Secrets that a SealedSecret makes and something else of the same environment too, as after a platform was given
//! another backend and what was sealed stayed.
//!
//! Nothing is decided about which of the two is right.

use std::collections::BTreeMap;

use seal::codes;
use text::Diagnostic;

use super::made::{Keys, Made, text};
use super::namespace;
use crate::render::Rendered;

/// Something else that writes a Secret.
struct Other {
    kind: String,
    keys: Keys,
    /// Whether it adds its keys to a Secret that is there, and makes none.
    adds: bool,
}

/// Finds the Secrets of an environment that a SealedSecret makes and another object too.
pub(super) fn made(environment: &Rendered) -> Option<Diagnostic> {
    let mut sealed = BTreeMap::new();
    let mut others = BTreeMap::new();
    for application in &environment.applications {
        for object in &application.objects {
            let mut made = Made::default();
            made.add(object, namespace(application, object.namespace()));
            match (object.group(), object.kind()) {
                ("bitnami.com", "SealedSecret") => sealed.extend(made.0),
                ("external-secrets.io", kind) | ("secrets-store.csi.x-k8s.io", kind) => {
                    let policy = text(object.at(&["spec", "target", "creationPolicy"]));
                    let adds = policy.is_some_and(|policy| policy == "Merge");
                    others.extend(
                        made.0.into_iter().map(|(place, keys)| {
                            (place, Other { kind: kind.to_owned(), keys, adds })
                        }),
                    );
                }
                _ => {}
            }
        }
    }
    let mut kinds = Vec::new();
    let twice = sealed.iter().filter_map(|(place, keys)| {
        let other: &Other = others.get(place)?;
        let apart = match (keys, &other.keys) {
            (Some(sealed), Some(others)) => sealed.is_disjoint(others),
            _ => false,
        };
        if other.adds && apart {
            return None;
        }
        kinds.push(&other.kind);
        let (namespace, name) = place;
        Some(format!("{namespace}/{name}"))
    });
    let twice: Vec<String> = twice.collect();
    let kind = kinds.first()?;
    Some(codes::s158_made_twice(&twice, kind, &environment.environment))
}
