//! Hosts that two Ingresses of one environment claim.
//!
//! In: what is delivered. Out: diagnostics. It looks at the objects themselves: an Ingress that a person
//! added, or a host that was edited in values, is seen like one of the payload.
//! What two apps of a payload claim is told where the payload is checked (C110), and not again here.

use std::collections::BTreeMap;

use manifest::Object;
use text::{Diagnostic, Place, World};
use yaml::Value;

use super::codes::code;
use super::{Delivered, place};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("claims.rs");

/// Reports hosts and paths that two Ingresses claim.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut claimed: BTreeMap<Claim, (&str, &Object)> = BTreeMap::new();
    for application in applications {
        for object in application.objects.iter().filter(|it| is_ingress(it)) {
            let class = object.at(&["spec", "ingressClassName"]).and_then(Value::as_str);
            let class = class.unwrap_or_default();
            for claim in claims(object) {
                let (known_class, known) = *claimed.entry(claim.clone()).or_insert((class, object));
                // Different controllers listen at different addresses; one object that is delivered twice is
                // another finding.
                let is_own =
                    || std::ptr::eq(known, object) || known.identity() == object.identity();
                if known_class == class && !is_own() {
                    let there = place::of_object(world, known);
                    let here = place::of_object(world, object);
                    diagnostics.push(r044_same_host(&claim, (known, there), (object, here)));
                }
            }
        }
    }
}

/// Whether an object is an Ingress of Kubernetes itself.
pub(super) fn is_ingress(object: &Object) -> bool {
    object.kind() == "Ingress" && object.api_version().starts_with("networking.k8s.io/")
}

/// A host and a path of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    host: String,
    path: String,
    path_type: String,
}

/// Returns a path as it is compared: `/api/` and `/api` are one prefix.
pub(crate) fn plain_path(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    }
}

/// Returns the hosts and paths that an Ingress claims. A rule without a host is a fallback, and there may be
/// several.
fn claims(ingress: &Object) -> Vec<Claim> {
    let rules = ingress.at(&["spec", "rules"]).and_then(Value::as_list).unwrap_or_default();
    let mut found = Vec::new();
    for rule in rules {
        let Some(host) = rule.get("host").and_then(Value::as_str) else { continue };
        let paths = rule.get("http").and_then(|it| it.get("paths")).and_then(Value::as_list);
        for path in paths.unwrap_or_default() {
            let text = |key: &str| path.get(key).and_then(Value::as_str).unwrap_or_default();
            found.push(Claim {
                host: host.to_ascii_lowercase(),
                path: plain_path(text("path")).to_owned(),
                path_type: text("pathType").to_owned(),
            });
        }
    }
    found
}

/// Two Ingresses claim the same host and path.
///
/// Only one of them gets the requests, and which one depends on the ingress controller. It is seen in the
/// objects as they are delivered, so that it also tells of a host that was edited in `config/` or an overlay
/// and of an Ingress that a person added.
///
/// Give one of them another host or another path.
fn r044_same_host(
    Claim { host, path, .. }: &Claim,
    (first, there): (&Object, Place),
    (second, here): (&Object, Place),
) -> Diagnostic {
    let (one, other) = (first.name(), second.name());
    let message = format!("Ingresses `{one}` and `{other}` both claim `{host}{path}`");
    // What a template of a chart made has no line of its own: the other one is where to look.
    let (here, there) = ((here, other), (there, one));
    let (here, there) = if here.0.end == 0 { (there, here) } else { (here, there) };
    let found = Diagnostic::error(code(44), message);
    let found = found.at(here.0.clone(), format!("claimed by `{}`", here.1));
    let found = match here.0 == there.0 || there.0.end == 0 {
        true => found,
        false => found.also(there.0, format!("claimed by `{}`", there.1)),
    };
    found.hint("give one of them another host or another path")
}
