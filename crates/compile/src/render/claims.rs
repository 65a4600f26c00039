//! Hosts that two Ingresses of one environment claim.
//!
//! In: what is delivered. Out: diagnostics. It looks at the objects themselves: an Ingress that a person
//! added, or a host that was edited in values, is seen like one of the payload.
//! What two apps of a payload claim is told where the payload is checked (C110), and not again here.

use std::collections::BTreeMap;

use manifest::Object;
use text::{Code, Diagnostic, Place, Stage, World};
use yaml::Value;

use super::{Delivered, place};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("claims.rs");

const fn code(number: u16) -> Code {
    Code::new(Stage::Render, number)
}

/// Reports hosts and paths that two Ingresses claim.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut claimed: BTreeMap<(String, String), (&str, &Object)> = BTreeMap::new();
    for application in applications {
        for object in application.objects.iter().filter(|it| is_ingress(it)) {
            let class = object.at(&["spec", "ingressClassName"]).and_then(Value::as_str);
            let class = class.unwrap_or_default();
            for (host, path) in claims(object) {
                let first = claimed.entry((host, path));
                let key = first.key().clone();
                let (known_class, known) = *first.or_insert((class, object));
                // Different controllers listen at different addresses.
                if !std::ptr::eq(known, object) && known_class == class && !is_same(known, object) {
                    let there = place::of_object(world, known);
                    let here = place::of_object(world, object);
                    diagnostics.push(r044_same_host(&key, (known, there), (object, here)));
                }
            }
        }
    }
}

fn is_ingress(object: &Object) -> bool {
    object.kind() == "Ingress" && object.api_version().starts_with("networking.k8s.io/")
}

/// One object that is delivered twice is another finding.
fn is_same(one: &Object, other: &Object) -> bool {
    one.identity() == other.identity()
}

/// Returns the hosts and paths that an Ingress claims. A rule without a host is a fallback, and there may be
/// several.
fn claims(ingress: &Object) -> Vec<(String, String)> {
    let rules = ingress.at(&["spec", "rules"]).and_then(Value::as_list).unwrap_or_default();
    let mut found = Vec::new();
    for rule in rules {
        let Some(host) = rule.get("host").and_then(Value::as_str) else { continue };
        let paths = rule.get("http").and_then(|it| it.get("paths")).and_then(Value::as_list);
        for path in paths.unwrap_or_default() {
            let text = |key: &str| path.get(key).and_then(Value::as_str).unwrap_or_default();
            let trimmed = text("path").trim_end_matches('/');
            let plain = if trimmed.is_empty() { "/" } else { trimmed };
            found.push((host.to_ascii_lowercase(), format!("{plain} ({})", text("pathType"))));
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
    (host, path): &(String, String),
    (first, there): (&Object, Place),
    (second, here): (&Object, Place),
) -> Diagnostic {
    let path = path.split_once(' ').map_or(path.as_str(), |(path, _)| path);
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
