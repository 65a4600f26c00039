//! Issuers that certificates name and that nothing delivers.
//!
//! In: what an environment delivers. Out: diagnostics. Looks at the objects themselves, so that an issuer
//! named in values, in an overlay or in an added Ingress is seen.
//! Says nothing where the environment delivers neither cert-manager nor an issuer: they are kept elsewhere
//! then. Never looks at issuers of other programs (`group` is not `cert-manager.io`).
//!
//! Source: cert-manager's documentation, "Annotated Ingress resource" and "Certificate resource".

use std::collections::{BTreeMap, BTreeSet};

use manifest::Object;
use manifest::fields::Step;
use text::{Diagnostic, Place, World, nearest};
use yaml::Value;

use super::codes::code;
use super::{Delivered, place};

/// The source of the pages of these findings.
pub(crate) const CODES: &str = include_str!("issuers.rs");

const GROUP: &str = "cert-manager.io";
const CLUSTER_ISSUER: &str = "ClusterIssuer";

/// An issuer, as it is named. The namespace is empty for a ClusterIssuer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Issuer {
    kind: &'static str,
    namespace: String,
    name: String,
}

/// What asks for a certificate, and the field that says of whom.
struct Asked<'a> {
    application: &'a Delivered,
    object: &'a Object,
    path: Vec<Step>,
}

/// Reports issuers that are not there.
pub(super) fn check(
    world: &dyn World,
    applications: &[Delivered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let known: BTreeSet<Issuer> = applications.iter().flat_map(issuers).collect();
    if known.is_empty() && !applications.iter().any(is_cert_manager) {
        return;
    }
    // What an Application that fails would deliver is not known.
    if applications.iter().any(|application| application.failed) {
        return;
    }
    let mut missing: BTreeMap<Issuer, Vec<Asked<'_>>> = BTreeMap::new();
    for application in applications {
        for object in &application.objects {
            let Some((wanted, path)) = wanted(application, object) else { continue };
            if !known.contains(&wanted) {
                let path = path.iter().map(|key| Step::Key((*key).to_owned())).collect();
                missing.entry(wanted).or_default().push(Asked { application, object, path });
            }
        }
    }
    for (issuer, asked) in &missing {
        let Some(Asked { application, object: first, path }) = asked.first() else { continue };
        let place = place::of_field_or_value(world, application, (first, path), &issuer.name);
        let by = format!("{} `{}`", first.kind(), first.name());
        let by = match asked.len() {
            1 => format!("asked by {by}"),
            number => format!("asked by {by} and {} more", number - 1),
        };
        diagnostics.push(r045_no_issuer(first, issuer, &known, (place, &by)));
    }
}

/// Whether an Application is cert-manager's chart, rendered or not.
fn is_cert_manager(application: &Delivered) -> bool {
    application.source.split(" + ").any(|source| source.starts_with("chart cert-manager "))
}

fn issuers(application: &Delivered) -> impl Iterator<Item = Issuer> {
    application.objects.iter().filter(|object| object.group() == GROUP).filter_map(|object| {
        let (kind, namespace) = match object.kind() {
            CLUSTER_ISSUER => (CLUSTER_ISSUER, String::new()),
            "Issuer" => ("Issuer", application.namespace_of(object).to_owned()),
            _ => return None,
        };
        Some(Issuer { kind, namespace, name: object.name().to_owned() })
    })
}

/// Returns the issuer that an object names, and the path of the field that does.
fn wanted(application: &Delivered, object: &Object) -> Option<(Issuer, &'static [&'static str])> {
    const CLUSTER: &[&str] = &["metadata", "annotations", "cert-manager.io/cluster-issuer"];
    const OWN: &[&str] = &["metadata", "annotations", "cert-manager.io/issuer"];
    const GROUP_OF: &[&str] = &["metadata", "annotations", "cert-manager.io/issuer-group"];
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str).filter(|it| !it.is_empty());
    let issuer = |is_cluster: bool, name: &str| {
        let namespace =
            if is_cluster { String::new() } else { application.namespace_of(object).to_owned() };
        let kind = if is_cluster { CLUSTER_ISSUER } else { "Issuer" };
        Issuer { kind, namespace, name: name.to_owned() }
    };
    match (object.group(), object.kind()) {
        ("networking.k8s.io", "Ingress") | ("gateway.networking.k8s.io", "Gateway") => {
            // Without hosts under `tls` of an Ingress no certificate is asked for.
            let has_tls = object.at(&["spec", "tls"]).and_then(Value::as_list);
            let asks = object.kind() == "Gateway" || has_tls.is_some_and(|list| !list.is_empty());
            if !asks || text(GROUP_OF).is_some_and(|group| group != GROUP) {
                return None;
            }
            let cluster = text(CLUSTER).map(|name| (issuer(true, name), CLUSTER));
            cluster.or_else(|| text(OWN).map(|name| (issuer(false, name), OWN)))
        }
        (GROUP, "Certificate" | "CertificateRequest") => {
            let field = |name| text(&["spec", "issuerRef", name]);
            if field("group").is_some_and(|group| group != GROUP) {
                return None;
            }
            let is_cluster = field("kind") == Some(CLUSTER_ISSUER);
            Some((issuer(is_cluster, field("name")?), &["spec", "issuerRef", "name"]))
        }
        _ => None,
    }
}

/// A certificate is asked of an issuer that is not there.
///
/// cert-manager waits for it without end: the Ingress is served with the controller's own certificate,
/// and browsers refuse it. The issuers are those that the environment delivers, in `platform/`
/// and wherever else.
fn r045_no_issuer(
    object: &Object,
    wanted: &Issuer,
    known: &BTreeSet<Issuer>,
    (place, by): (Place, &str),
) -> Diagnostic {
    let Issuer { kind, namespace, name } = wanted;
    let message = format!("there is no {kind} `{name}` that certificates could come from");
    let found = Diagnostic::error(code(45), message).at(place, by);
    if known.iter().any(|it| it.name == *name && it.kind != *kind && it.kind == CLUSTER_ISSUER) {
        let how = match object.kind() {
            "Ingress" | "Gateway" => "the annotation is `cert-manager.io/cluster-issuer` then",
            _ => "write `kind: ClusterIssuer`, which must be said",
        };
        return found.hint(format!("`{name}` is a ClusterIssuer: {how}"));
    }
    let there = known.iter().filter(|it| it.kind == *kind && it.namespace == *namespace);
    let there: Vec<&str> = there.map(|it| it.name.as_str()).collect();
    match (nearest(name, there.iter().copied()), there.as_slice()) {
        (Some(near), _) => found.hint(format!("did you mean `{near}`?")),
        (None, []) if namespace.is_empty() => found.hint("no ClusterIssuer is delivered; add it"),
        (None, []) => found.hint(format!("no Issuer is delivered to `{namespace}`; add it")),
        (None, there) => found.hint(format!("there are: {}", there.join(", "))),
    }
}
