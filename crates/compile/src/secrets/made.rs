//! Which Secrets an environment's objects make, and with which keys.

use std::collections::{BTreeMap, BTreeSet};

use manifest::Object;
use seal::codes;
use seal::layout::{Scope, SealedSecret};
use text::Diagnostic;
use yaml::Value;

use super::namespace;
use crate::generate::catalog;
use crate::render::{Delivered, Rendered};

/// The keys of a Secret; `None` where only the cluster knows them.
pub(super) type Keys = Option<BTreeSet<String>>;

/// The Secrets that are made.
#[derive(Debug, Default)]
pub(super) struct Made(pub(super) BTreeMap<(String, String), Keys>);

impl Made {
    pub(super) fn of(environment: &Rendered) -> Made {
        let mut made = Made::default();
        for application in &environment.applications {
            for object in &application.objects {
                made.add(object, namespace(application, object.namespace()));
            }
        }
        made
    }

    pub(super) fn keys(&self, namespace: &str, name: &str) -> Option<&Keys> {
        self.0.get(&(namespace.to_owned(), name.to_owned()))
    }

    pub(super) fn add(&mut self, object: &Object, namespace: &str) {
        match (object.group(), object.kind()) {
            ("", "Secret") => {
                let keys = keys_of(object, &[&["data"], &["stringData"]]);
                self.put(namespace, object.name(), Some(keys));
            }
            ("bitnami.com", "SealedSecret") => {
                let fields: [&[&str]; 2] =
                    [&["spec", "encryptedData"], &["spec", "template", "data"]];
                let old_form = object.at(&["spec", "data"]).is_some_and(|data| !data.is_null());
                let keys = keys_of(object, &fields);
                self.put(namespace, object.name(), (!old_form).then_some(keys));
            }
            ("external-secrets.io", "ExternalSecret") => self.external(object, namespace),
            ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
                for secret in list(object.at(&["spec", "secretObjects"])) {
                    let keys = list(secret.get("data")).iter().filter_map(|it| text(it.get("key")));
                    if let Some(name) = text(secret.get("secretName")) {
                        self.put(namespace, &name, Some(keys.collect()));
                    }
                }
            }
            ("cert-manager.io", "Certificate") => {
                if let Some(name) = text(object.at(&["spec", "secretName"])) {
                    self.put(namespace, &name, None);
                }
            }
            ("networking.k8s.io", "Ingress") => {
                let issued = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"]
                    .iter()
                    .any(|annotation| object.annotation(annotation).is_some());
                for tls in list(object.at(&["spec", "tls"])).iter().filter(|_| issued) {
                    if let Some(name) = text(tls.get("secretName")) {
                        self.put(namespace, &name, None);
                    }
                }
            }
            (group, _) if group.ends_with("infisical.com") => {
                let reference = object.at(&["spec", "managedSecretReference"]);
                if let Some(name) = text(reference.and_then(|it| it.get("secretName"))) {
                    let own = text(reference.and_then(|it| it.get("secretNamespace")));
                    self.put(own.as_deref().unwrap_or(namespace), &name, None);
                }
            }
            _ => {}
        }
    }

    fn external(&mut self, object: &Object, namespace: &str) {
        let target = text(object.at(&["spec", "target", "name"]));
        let name = target.unwrap_or_else(|| object.name().to_owned());
        let data = list(object.at(&["spec", "data"]));
        let keys = data.iter().filter_map(|it| text(it.get("secretKey"))).collect();
        let open = object.at(&["spec", "dataFrom"]).is_some()
            || object.at(&["spec", "target", "template"]).is_some();
        self.put(namespace, &name, (!open).then_some(keys));
    }

    /// Several objects may add to one Secret.
    fn put(&mut self, namespace: &str, name: &str, keys: Keys) {
        let place = (namespace.to_owned(), name.to_owned());
        match (self.0.get_mut(&place), keys) {
            (Some(Some(known)), Some(keys)) => known.extend(keys),
            (_, keys) => {
                self.0.insert(place, keys);
            }
        }
    }
}

/// Whether an Application delivers a chart of the catalog that is known to bring nothing of sealed secrets, even where it
/// is not in the cache.
fn is_another_addon(application: &Delivered) -> bool {
    let chart = application.source.strip_prefix("chart ").and_then(|it| it.split(' ').next());
    let mut addons = catalog::named("").addons.values();
    chart.is_some_and(|chart| chart != "sealed-secrets" && addons.any(|addon| addon.chart == chart))
}

/// Finds SealedSecrets in an environment that delivers neither their definition nor, as far as is known, anything that
/// could bring it.
pub(super) fn unopened(environment: &Rendered) -> Option<Diagnostic> {
    let applications = &environment.applications;
    let objects =
        || applications.iter().flat_map(|it| it.objects.iter().map(move |object| (it, object)));
    let is_known = objects().any(|(_, object)| object.name() == "sealedsecrets.bitnami.com")
        || applications
            .iter()
            .any(|it| (it.opaque.is_some() && !is_another_addon(it)) || it.failed);
    if is_known {
        return None;
    }
    let is_sealed =
        |object: &Object| (object.group(), object.kind()) == ("bitnami.com", "SealedSecret");
    let sealed = objects().filter(|(_, object)| is_sealed(object));
    let sealed: Vec<String> =
        sealed.map(|(at, it)| format!("{}/{}", namespace(at, it.namespace()), it.name())).collect();
    let found = || codes::s152_nothing_opens(&sealed, &environment.environment);
    (!sealed.is_empty()).then(found)
}

/// Finds the SealedSecrets that are delivered under another name, or to another namespace, than those they
/// are bound to.
pub(super) fn moved(environment: &Rendered, sealed: &[&SealedSecret], found: &mut Vec<Diagnostic>) {
    // A sealed value is unlike every other one: it tells which file a delivered object comes from.
    let written: BTreeMap<&str, &SealedSecret> = sealed
        .iter()
        .filter_map(|secret| Some((secret.items.first()?.text.as_deref()?, *secret)))
        .collect();
    for application in &environment.applications {
        for object in &application.objects {
            if object.kind() != "SealedSecret" || object.group() != "bitnami.com" {
                continue;
            }
            let values = object.at(&["spec", "encryptedData"]).and_then(Value::as_map);
            let values = values.into_iter().flatten().filter_map(|(_, value)| value.as_str());
            let Some(from) = values.into_iter().find_map(|value| written.get(value)) else {
                continue;
            };
            let namespace = namespace(application, object.namespace());
            let other_namespace = !from.namespace.is_empty() && from.namespace != namespace;
            let bound = match from.scope {
                Scope::ClusterWide => false,
                Scope::NamespaceWide => other_namespace,
                Scope::Strict => other_namespace || from.name != object.name(),
            };
            if bound {
                let was = format!("{}/{}", from.namespace, from.name);
                let now = format!("{namespace}/{}", object.name());
                found.push(codes::s138_moved(&was, &now, from.scope, &environment.environment));
            }
        }
    }
}

fn keys_of(object: &Object, fields: &[&[&str]]) -> BTreeSet<String> {
    let maps = fields.iter().filter_map(|field| object.at(field)?.as_map());
    maps.flat_map(|map| map.keys().cloned()).collect()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_list).unwrap_or_default()
}

pub(super) fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
