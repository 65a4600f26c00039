//! Services that Ingresses lead to and that are not there, or have no such port.
//!
//! In: what an environment delivers. Out: diagnostics. Says nothing about a namespace that something else makes,
//! as Argo CD's own, or into which something goes that is not known: the Service may be part of it.

use std::collections::{BTreeMap, BTreeSet};

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World, nearest};
use yaml::Value;

use super::claims::is_ingress;
use super::codes::code;
use super::{Delivered, place};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("backends.rs");

/// Reports what Ingresses lead to and nobody serves.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let unknown: BTreeSet<&str> = applications
        .iter()
        .filter(|application| application.opaque.is_some() || application.failed)
        .map(|application| application.namespace.as_str())
        .collect();
    let objects = || applications.iter().flat_map(|application| &application.objects);
    let own: BTreeSet<&str> = objects()
        .filter(|object| object.kind() == "Namespace" && object.group().is_empty())
        .map(Object::name)
        .collect();
    let mut services: BTreeMap<(&str, &str), &Object> = BTreeMap::new();
    for application in applications {
        for object in application.objects.iter().filter(|it| it.kind() == "Service") {
            if object.group().is_empty() {
                services.insert((application.namespace_of(object), object.name()), object);
            }
        }
    }
    for application in applications {
        for object in &application.objects {
            let here = application.namespace_of(object);
            if !is_ingress(object) || !own.contains(here) || unknown.contains(here) {
                continue;
            }
            for (way, backend) in backends(object) {
                let text = |key: &str| backend.get(key).and_then(Value::as_str);
                let Some(name) = text("name") else { continue };
                let place = || place::of_field(world, object, &way);
                let Some(service) = services.get(&(here, name)) else {
                    let known = services.keys().filter(|(there, _)| *there == here);
                    let near = nearest(name, known.map(|(_, name)| *name));
                    diagnostics.push(r048_no_service(object, name, near, place()));
                    continue;
                };
                if let Some(port) = backend.get("port").filter(|port| !serves(service, port)) {
                    diagnostics.push(r049_no_port(object, service, port, place()));
                }
            }
        }
    }
}

/// Returns the Services that an Ingress leads to, with the way to each.
fn backends(ingress: &Object) -> Vec<(Vec<Step>, &Value)> {
    let key = |key: &str| Step::Key(key.to_owned());
    let mut found = Vec::new();
    if let Some(service) = ingress.at(&["spec", "defaultBackend", "service"]) {
        found
            .push((vec![key("spec"), key("defaultBackend"), key("service"), key("name")], service));
    }
    let rules = ingress.at(&["spec", "rules"]).and_then(Value::as_list).unwrap_or_default();
    for (rule_index, rule) in rules.iter().enumerate() {
        let paths = rule.get("http").and_then(|http| http.get("paths")).and_then(Value::as_list);
        for (index, path) in paths.unwrap_or_default().iter().enumerate() {
            let service = path.get("backend").and_then(|backend| backend.get("service"));
            let Some(service) = service else { continue };
            let way = vec![
                key("spec"),
                key("rules"),
                Step::Item(rule_index),
                key("http"),
                key("paths"),
                Step::Item(index),
                key("backend"),
                key("service"),
                key("name"),
            ];
            found.push((way, service));
        }
    }
    found
}

/// Whether a Service has a port. One that leads elsewhere by a name has none that could be known.
fn serves(service: &Object, wanted: &Value) -> bool {
    if service.at(&["spec", "type"]).and_then(Value::as_str) == Some("ExternalName") {
        return true;
    }
    let ports = service.at(&["spec", "ports"]).and_then(Value::as_list).unwrap_or_default();
    let same = |key: &str, theirs: &str| {
        wanted
            .get(key)
            .is_some_and(|wanted| ports.iter().any(|port| port.get(theirs) == Some(wanted)))
    };
    same("name", "name") || same("number", "port")
}

/// An Ingress leads to a Service that is not there.
///
/// The controller answers 404 or 503 for it. A Service must be in the namespace of the Ingress.
fn r048_no_service(ingress: &Object, name: &str, near: Option<&str>, place: Place) -> Diagnostic {
    let message =
        format!("Ingress `{}` leads to Service `{name}`, which is not there", ingress.name());
    let found = Diagnostic::error(code(48), message).at(place, "");
    match near {
        Some(near) => found.hint(format!("did you mean `{near}`?")),
        None => found.hint("it must be in the namespace of the Ingress"),
    }
}

/// An Ingress leads to a port that its Service does not have.
fn r049_no_port(ingress: &Object, service: &Object, port: &Value, place: Place) -> Diagnostic {
    let wanted = port.get("name").and_then(Value::as_str).map(str::to_owned);
    let wanted = wanted.or_else(|| match port.get("number") {
        Some(Value::Int(number)) => Some(number.to_string()),
        _ => None,
    });
    let message = format!(
        "Ingress `{}` leads to port `{}` of Service `{}`, which has none such",
        ingress.name(),
        wanted.unwrap_or_default(),
        service.name()
    );
    let ports = service.at(&["spec", "ports"]).and_then(Value::as_list).unwrap_or_default();
    let ports: Vec<String> = ports
        .iter()
        .filter_map(|port| {
            let Some(Value::Int(number)) = port.get("port") else { return None };
            Some(match port.get("name").and_then(Value::as_str) {
                Some(name) => format!("`{name}` ({number})"),
                None => number.to_string(),
            })
        })
        .collect();
    Diagnostic::error(code(49), message).at(place, "").hint(format!("it has {}", ports.join(", ")))
}
