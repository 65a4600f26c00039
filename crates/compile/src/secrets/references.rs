//! Which Secrets an object reads.
//!
//! Source: Kubernetes' PodSpec, ServiceAccount and Ingress; the providers of External Secrets; the values that charts
//! name `existingSecret`. What is `optional` is left out: without it a pod starts all the same.

use manifest::Object;
use yaml::Value;

/// A Secret, or a key of one, that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Who reads it, as `kubectl -o name` writes it.
    pub(super) workload: String,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The key; `None` where all keys are taken as they are.
    pub(super) key: Option<String>,
    /// The key that such a Secret usually has, where none is named.
    pub(super) usual_key: Option<&'static str>,
    /// Whether a store of External Secrets logs in with it.
    pub(super) is_login: bool,
}

/// Returns what an object in a namespace reads.
pub(super) fn of<'a>(object: &'a Object, namespace: &'a str) -> Vec<Reference> {
    let mut reader = Reader {
        workload: object.identity().to_string(),
        namespace,
        found: Vec::new(),
        is_login: false,
        is_grafana: false,
    };
    match (object.group(), object.kind()) {
        ("", "Pod") => reader.pod(object.at(&["spec"])),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => {
            reader.pod(object.at(&["spec", "template", "spec"]));
        }
        ("batch", "CronJob") => {
            reader.pod(object.at(&["spec", "jobTemplate", "spec", "template", "spec"]));
        }
        ("", "ServiceAccount") => reader.pull(object.at(&["imagePullSecrets"])),
        ("networking.k8s.io", "Ingress") => {
            for entry in list(object.at(&["spec", "tls"])) {
                reader.add(text(Some(entry), "secretName"), None);
            }
        }
        ("external-secrets.io", "SecretStore" | "ClusterSecretStore") => {
            reader.is_login = true;
            reader.login(object.at(&["spec", "provider"]), 0);
        }
        ("argoproj.io", "Application") => {
            let destination = object.at(&["spec", "destination"]);
            reader.namespace = text(destination, "namespace");
            let one = object.at(&["spec", "source"]);
            let several = list(object.at(&["spec", "sources"]));
            for source in one.into_iter().chain(several) {
                let helm = source.get("helm");
                reader.is_grafana = is_grafana(text(Some(source), "chart"));
                reader.existing(helm.and_then(|helm| helm.get("valuesObject")), 0);
                let values = yaml::parse_all(text(helm, "values"), yaml::Schema::Go2);
                let values: Vec<Value> =
                    values.unwrap_or_default().iter().map(Value::from).collect();
                values.iter().for_each(|values| reader.existing(Some(values), 0));
            }
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            let target = text(object.at(&["spec"]), "targetNamespace");
            reader.namespace = if target.is_empty() { namespace } else { target };
            reader.is_grafana = is_grafana(text(object.at(&["spec", "chart", "spec"]), "chart"));
            reader.existing(object.at(&["spec", "values"]), 0);
        }
        _ => {}
    }
    reader.found
}

/// Whether a chart is Grafana's own, or has it inside: their `admin.existingSecret` is read under two keys.
fn is_grafana(chart: &str) -> bool {
    let name = chart.rsplit('/').next().unwrap_or_default();
    matches!(name, "grafana" | "kube-prometheus-stack")
}

/// Grafana's fields for the names of those keys, and what they are if nothing is said.
const GRAFANAS: [(&str, &str); 2] = [("userKey", "admin-user"), ("passwordKey", "admin-password")];

/// How deep values are looked through.
const DEEPEST: usize = 40;

struct Reader<'a> {
    workload: String,
    namespace: &'a str,
    is_login: bool,
    is_grafana: bool,
    found: Vec<Reference>,
}

impl Reader<'_> {
    fn pod(&mut self, spec: Option<&Value>) {
        let Some(spec) = spec else { return };
        for field in ["initContainers", "containers"] {
            for container in list(spec.get(field)) {
                for variable in list(container.get("env")) {
                    let source = variable.get("valueFrom").and_then(|it| it.get("secretKeyRef"));
                    self.key(source, "name", "key");
                }
                for source in list(container.get("envFrom")) {
                    self.key(source.get("secretRef"), "name", "");
                }
            }
        }
        for volume in list(spec.get("volumes")) {
            self.volume(volume.get("secret"), "secretName");
            let projected = volume.get("projected").and_then(|it| it.get("sources"));
            for source in list(projected) {
                self.volume(source.get("secret"), "name");
            }
        }
        self.pull(spec.get("imagePullSecrets"));
    }

    /// The Secrets with which a store of External Secrets logs in: every `{name, key}` of its provider.
    fn login(&mut self, value: Option<&Value>, depth: usize) {
        if let Some(items) = value.and_then(Value::as_list).filter(|_| depth < DEEPEST) {
            items.iter().for_each(|item| self.login(Some(item), depth + 1));
        }
        let Some(fields) = value.and_then(Value::as_map).filter(|_| depth < DEEPEST) else {
            return;
        };
        let (name, key) = (text(value, "name"), text(value, "key"));
        if !name.is_empty() && !key.is_empty() && text(value, "type") != "ConfigMap" {
            let own = text(value, "namespace");
            let namespace = if own.is_empty() { self.namespace } else { own };
            self.add_in(namespace, name, Some(key));
            return;
        }
        fields.values().for_each(|field| self.login(Some(field), depth + 1));
    }

    /// The Secrets that values of a chart name: `existingSecret`, as Grafana's `admin` and most charts have it.
    fn existing(&mut self, value: Option<&Value>, depth: usize) {
        if let Some(items) = value.and_then(Value::as_list).filter(|_| depth < DEEPEST) {
            items.iter().for_each(|item| self.existing(Some(item), depth + 1));
        }
        let fields = value.and_then(Value::as_map).filter(|_| depth < DEEPEST);
        for (name, field) in fields.into_iter().flatten() {
            let admins = field.get("existingSecret").and_then(Value::as_str);
            match (name.as_str(), field.as_str()) {
                ("admin", None) if self.is_grafana && admins.is_some() => {
                    for (key, default) in GRAFANAS {
                        let key = Some(text(Some(field), key)).filter(|key| !key.is_empty());
                        self.add(admins.unwrap_or_default(), key.or(Some(default)));
                    }
                }
                ("existingSecret" | "existingSecretName", Some(secret)) => self.add(secret, None),
                ("existingSecret", None) => self.add(text(Some(field), "name"), None),
                _ => self.existing(Some(field), depth + 1),
            }
        }
    }

    fn volume(&mut self, source: Option<&Value>, name: &str) {
        let items = list(source.and_then(|source| source.get("items")));
        if items.is_empty() {
            self.key(source, name, "");
        }
        for item in items {
            let key = item.get("key").and_then(Value::as_str).unwrap_or_default();
            if !is_optional(source) {
                self.add(text(source, name), Some(key));
            }
        }
    }

    fn key(&mut self, source: Option<&Value>, name: &str, key: &str) {
        if !is_optional(source) {
            self.add(text(source, name), Some(text(source, key)).filter(|key| !key.is_empty()));
        }
    }

    /// The logins of registries.
    fn pull(&mut self, secrets: Option<&Value>) {
        let before = self.found.len();
        list(secrets).iter().for_each(|entry| self.add(text(Some(entry), "name"), None));
        let added = self.found.iter_mut().skip(before);
        added.for_each(|reference| reference.usual_key = Some(".dockerconfigjson"));
    }

    fn add(&mut self, name: &str, key: Option<&str>) {
        self.add_in(self.namespace, name, key);
    }

    fn add_in(&mut self, namespace: &str, name: &str, key: Option<&str>) {
        if !name.is_empty() {
            self.found.push(Reference {
                workload: self.workload.clone(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                key: key.map(str::to_owned),
                usual_key: None,
                is_login: self.is_login,
            });
        }
    }
}

fn is_optional(source: Option<&Value>) -> bool {
    source.and_then(|source| source.get("optional")).and_then(Value::as_bool) == Some(true)
}

fn text<'a>(source: Option<&'a Value>, key: &str) -> &'a str {
    source.and_then(|source| source.get(key)).and_then(Value::as_str).unwrap_or_default()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_list).unwrap_or_default()
}
