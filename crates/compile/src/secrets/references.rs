//! Which Secrets an object reads.
//!
//! Source: Kubernetes' PodSpec, ServiceAccount and Ingress. What is `optional` is left out: without it a pod
//! starts all the same.

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
}

/// Returns what an object in a namespace reads.
pub(super) fn of(object: &Object, namespace: &str) -> Vec<Reference> {
    let mut reader =
        Reader { workload: object.identity().to_string(), namespace, found: Vec::new() };
    match (object.group(), object.kind()) {
        ("", "Pod") => reader.pod(object.at(&["spec"])),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => {
            reader.pod(object.at(&["spec", "template", "spec"]));
        }
        ("batch", "CronJob") => {
            reader.pod(object.at(&["spec", "jobTemplate", "spec", "template", "spec"]));
        }
        ("", "ServiceAccount") => reader.named(object.at(&["imagePullSecrets"]), "name"),
        ("networking.k8s.io", "Ingress") => {
            reader.named(object.at(&["spec", "tls"]), "secretName");
        }
        _ => {}
    }
    reader.found
}

struct Reader<'a> {
    workload: String,
    namespace: &'a str,
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
        self.named(spec.get("imagePullSecrets"), "name");
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

    fn named(&mut self, list_of: Option<&Value>, name: &str) {
        for entry in list(list_of) {
            self.add(text(Some(entry), name), None);
        }
    }

    fn add(&mut self, name: &str, key: Option<&str>) {
        if !name.is_empty() {
            self.found.push(Reference {
                workload: self.workload.clone(),
                namespace: self.namespace.to_owned(),
                name: name.to_owned(),
                key: key.map(str::to_owned),
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
