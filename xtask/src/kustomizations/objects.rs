//! Random objects, and patches for them: what kustomize's transformers look at, and what they must not.

use serde_json::{Map, Value, json};

use super::tree::RAW;
use crate::random::Random;

pub(crate) const NAMES: [&str; 6] = ["web", "api", "db", "cfg", "sec", "web-2"];
pub(crate) const NAMESPACES: [&str; 3] = ["one", "two", "default"];
pub(crate) const IMAGES: [&str; 9] = [
    "nginx",
    "nginx:1.25",
    "app:v1",
    "registry.example.org:5000/team/app:v1",
    "registry.example.org/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "app",
    "app:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "nginx-extra:2",
    "team/app",
];

/// Kinds that have a pod template, and where.
pub(crate) const WORKLOADS: [(&str, &str); 5] = [
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
];

const PLAIN: [&str; 26] = [
    "Service",
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "Ingress",
    "HorizontalPodAutoscaler",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Namespace",
    "CustomResourceDefinition",
    "ValidatingWebhookConfiguration",
    "APIService",
    "Widget",
    "Gadget",
    "Pod",
    "ReplicaSet",
    "PriorityClass",
    "IngressClass",
];

/// Who an object is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
}

impl Known {
    pub(crate) fn group_version(&self) -> (&str, &str) {
        self.api_version.split_once('/').unwrap_or(("", &self.api_version))
    }
}

pub(crate) fn name(random: &mut Random) -> &'static str {
    NAMES[random.below(NAMES.len())]
}

/// A scalar as people write it, and as YAML may misunderstand it.
pub(crate) fn scalar(random: &mut Random) -> Value {
    let raw = [
        "yes",
        "no",
        "on",
        "y",
        "010",
        "0o10",
        "1_000",
        "1.50",
        "1.0",
        "1e3",
        "~",
        "2001-01-01",
        "a b",
        "true",
        "-1",
        "0x1f",
        "'it''s'",
        "\"line\\nbreak\"",
        "a#b",
        "12345678901234567890",
        "+1",
        ".5",
        "1:30",
        "null",
        "no-tag:x",
        "\"\\u263a\"",
        "",
    ];
    let texts = [
        "plain",
        "",
        " lead",
        "trail ",
        "10",
        "true",
        "null",
        "a: b",
        "- x",
        "# no",
        "multi\nline\n",
        "tab\there",
        "quote\"d",
        "$(VAR)",
        "x=y",
        "a-rather-long-text that goes on and on, so that it must be folded somewhere after eighty columns or so",
        "line one\n  line two",
        "é",
        "@at",
        "%p",
        "{}",
        "[]",
        "1.5",
        "0777",
        "=",
    ];
    match random.below(10) {
        0 | 1 => json!(format!("{RAW}{}", random.pick(&raw))),
        2 => json!(random.below(100)),
        _ => json!(random.pick(&texts)),
    }
}

/// A text that is a text for every reader.
pub(crate) fn word(random: &mut Random) -> &'static str {
    let words = ["a", "b", "blue", "green", "v1", "x-1", "true", "10", "no"];
    words[random.below(words.len())]
}

pub(crate) fn labels(random: &mut Random) -> Value {
    let keys = ["app", "tier", "example.org/part", "env"];
    let mut map = Map::new();
    for _ in 0..1 + random.below(2) {
        map.insert((*random.pick(&keys)).to_owned(), json!(word(random)));
    }
    Value::Object(map)
}

/// Labels or annotations of an object, which may be no texts.
fn marks(random: &mut Random) -> Value {
    let mut marks = labels(random);
    if let Value::Object(fields) = &mut marks {
        for value in fields.values_mut() {
            if !random.chance(12) {
                continue;
            }
            *value = match random.below(12) {
                0 => json!([1]),
                1 => json!({"a": "b"}),
                2 => Value::Null,
                _ => scalar(random),
            };
        }
    }
    marks
}

/// An object, and who it is.
pub(crate) fn object(random: &mut Random) -> (Value, Known) {
    let name = name(random).to_owned();
    let workload = random.chance(45);
    let (api_version, kind) = if workload {
        let (version, kind) = *random.pick(&WORKLOADS);
        (version, kind)
    } else {
        let kind = *random.pick(&PLAIN);
        (api_version(kind, random), kind)
    };
    let mut metadata = Map::new();
    metadata.insert("name".into(), json!(name));
    let namespace = random.chance(25).then(|| (*random.pick(&NAMESPACES)).to_owned());
    if let Some(namespace) = &namespace {
        metadata.insert("namespace".into(), json!(namespace));
    }
    if random.chance(35) {
        metadata.insert("labels".into(), marks(random));
    }
    if random.chance(25) {
        metadata.insert("annotations".into(), marks(random));
    }
    if random.chance(2) {
        let local = json!({"config.kubernetes.io/local-config": "true"});
        metadata.insert("annotations".into(), local);
    }
    let mut object = Map::new();
    object.insert("apiVersion".into(), json!(api_version));
    object.insert("kind".into(), json!(kind));
    object.insert("metadata".into(), Value::Object(metadata));
    for (key, value) in body(kind, random) {
        object.insert(key.to_owned(), value);
    }
    let known =
        Known { api_version: api_version.to_owned(), kind: kind.to_owned(), name, namespace };
    (Value::Object(object), known)
}

fn api_version(kind: &str, random: &mut Random) -> &'static str {
    match kind {
        "Ingress" | "NetworkPolicy" | "IngressClass" => "networking.k8s.io/v1",
        "HorizontalPodAutoscaler" if random.chance(50) => "autoscaling/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            "rbac.authorization.k8s.io/v1"
        }
        "StorageClass" => "storage.k8s.io/v1",
        "PodDisruptionBudget" => "policy/v1",
        "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
        "ValidatingWebhookConfiguration" => "admissionregistration.k8s.io/v1",
        "APIService" => "apiregistration.k8s.io/v1",
        "Widget" => "example.org/v1",
        "Gadget" => "example.org/v1alpha1",
        "ReplicaSet" => "apps/v1",
        "PriorityClass" => "scheduling.k8s.io/v1",
        _ => "v1",
    }
}

fn body(kind: &str, random: &mut Random) -> Vec<(&'static str, Value)> {
    let ns = *random.pick(&NAMESPACES);
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            let mut spec = Map::new();
            if random.chance(60) && kind != "DaemonSet" {
                spec.insert("replicas".into(), json!(random.below(5)));
            }
            if random.chance(70) {
                spec.insert("selector".into(), json!({"matchLabels": labels(random)}));
            }
            spec.insert("template".into(), template(random));
            if kind == "StatefulSet" {
                spec.insert("serviceName".into(), json!(name(random)));
                if random.chance(40) {
                    let claim = json!({"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}});
                    spec.insert("volumeClaimTemplates".into(), json!([claim]));
                }
            }
            vec![("spec", Value::Object(spec))]
        }
        "Job" => vec![("spec", json!({"template": template(random)}))],
        "CronJob" => vec![(
            "spec",
            json!({"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template(random)}}}),
        )],
        "Pod" => vec![("spec", pod(random))],
        "Service" => {
            let port = json!({"port": 80, "targetPort": 8080, "protocol": "TCP", "name": "http"});
            let mut ports = vec![port];
            if random.chance(30) {
                ports.push(json!({"port": 80, "protocol": "UDP"}));
            }
            vec![("spec", json!({"selector": labels(random), "ports": ports}))]
        }
        "ConfigMap" => {
            let mut data = Map::new();
            for _ in 0..random.below(3) {
                let key = *random.pick(&["a", "b", "file.txt", "conf.yaml", "n"]);
                data.insert(key.to_owned(), scalar(random));
            }
            if random.chance(20) {
                let texts =
                    ["{\"a\": {\"b\": \"x\"}, \"list\": [1, \"two\"]}", "{\n  \"list\": []\n}"];
                data.insert("json".to_owned(), json!(*random.pick(&texts)));
            }
            if random.chance(15) {
                data.insert("yaml".to_owned(), json!("a:\n  b: x\nc: [1, 2]\n"));
            }
            match random.below(10) {
                0 => vec![],
                1 => vec![("data", Value::Null)],
                _ => vec![("data", Value::Object(data))],
            }
        }
        "Secret" => {
            vec![("type", json!("Opaque")), ("stringData", json!({"password": word(random)}))]
        }
        "Ingress" => vec![(
            "spec",
            json!({
                "ingressClassName": name(random),
                "tls": [{"hosts": ["a.example.org"], "secretName": name(random)}],
                "rules": [{"host": "a.example.org", "http": {"paths": [
                    {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": name(random), "port": {"number": 80}}}}
                ]}}],
            }),
        )],
        "HorizontalPodAutoscaler" => {
            let (version, kind) = *random.pick(&WORKLOADS);
            vec![(
                "spec",
                json!({"scaleTargetRef": {"apiVersion": version, "kind": kind, "name": name(random)}, "maxReplicas": 3}),
            )]
        }
        "Role" | "ClusterRole" => vec![(
            "rules",
            json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name(random), name(random)], "verbs": ["get"]}]),
        )],
        "RoleBinding" | "ClusterRoleBinding" => {
            let role =
                if kind == "RoleBinding" && random.chance(60) { "Role" } else { "ClusterRole" };
            let account = if random.chance(30) { "default" } else { name(random) };
            let mut subject = json!({"kind": "ServiceAccount", "name": account});
            if random.chance(60) {
                subject["namespace"] = json!(ns);
            } else if random.chance(15) {
                let nothing = [Value::Null, json!(""), json!(RAW.to_string()), json!(5)];
                subject["namespace"] = random.pick(&nothing).clone();
            }
            vec![
                (
                    "roleRef",
                    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": name(random)}),
                ),
                ("subjects", json!([subject, {"kind": "User", "name": "somebody"}])),
            ]
        }
        "ServiceAccount" => vec![
            ("imagePullSecrets", json!([{"name": name(random)}])),
            ("secrets", json!([{"name": name(random)}])),
        ],
        "PersistentVolumeClaim" => vec![(
            "spec",
            json!({"volumeName": name(random), "storageClassName": name(random), "selector": {"matchLabels": labels(random)}}),
        )],
        "PersistentVolume" => vec![(
            "spec",
            json!({"storageClassName": name(random), "claimRef": {"name": name(random), "namespace": ns}}),
        )],
        "StorageClass" => vec![("provisioner", json!("example.org/disk"))],
        "NetworkPolicy" => vec![(
            "spec",
            json!({"podSelector": {"matchLabels": labels(random)}, "ingress": [{"from": [
                {"podSelector": {"matchLabels": labels(random)}},
                {"namespaceSelector": {"matchLabels": labels(random)}},
            ]}]}),
        )],
        "PodDisruptionBudget" => {
            vec![("spec", json!({"minAvailable": 1, "selector": {"matchLabels": labels(random)}}))]
        }
        "CustomResourceDefinition" => vec![(
            "spec",
            json!({"group": "example.org", "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"name": name(random), "namespace": ns}}}}}),
        )],
        "ValidatingWebhookConfiguration" => vec![(
            "webhooks",
            json!([{"name": "a.example.org", "clientConfig": {"service": {"name": name(random), "namespace": ns}}}]),
        )],
        "APIService" => vec![(
            "spec",
            json!({"service": {"name": name(random), "namespace": ns}, "group": "example.org"}),
        )],
        "Widget" => vec![(
            "spec",
            json!({
                "image": random.pick(&IMAGES),
                "replicas": 1,
                "configMapRef": {"name": name(random)},
                "containers": [{"name": "c", "image": random.pick(&IMAGES)}],
                "items": [{"name": "one", "value": scalar(random)}, {"name": "two", "value": scalar(random)}],
                "selector": labels(random),
            }),
        )],
        "Gadget" => vec![("spec", json!({"template": template(random), "text": scalar(random)}))],
        _ => vec![],
    }
}

fn template(random: &mut Random) -> Value {
    let mut template = Map::new();
    if random.chance(70) {
        let mut metadata = json!({"labels": labels(random)});
        if random.chance(15) {
            metadata["annotations"] = marks(random);
        }
        template.insert("metadata".into(), metadata);
    }
    template.insert("spec".into(), pod(random));
    Value::Object(template)
}

fn pod(random: &mut Random) -> Value {
    let mut pod = Map::new();
    let count = 1 + random.below(2);
    let containers: Vec<Value> =
        ["main", "side"].iter().take(count).map(|name| container(name, random)).collect();
    pod.insert("containers".into(), json!(containers));
    if random.chance(20) {
        pod.insert("initContainers".into(), json!([container("init", random)]));
    }
    if random.chance(40) {
        let count = 1 + random.below(2);
        let volumes: Vec<Value> = (0..count).map(|number| volume(number, random)).collect();
        pod.insert("volumes".into(), json!(volumes));
    }
    if random.chance(30) {
        pod.insert("serviceAccountName".into(), json!(name(random)));
    }
    if random.chance(15) {
        pod.insert("imagePullSecrets".into(), json!([{"name": name(random)}]));
    }
    if random.chance(15) {
        let tolerations = json!([{"key": "a", "operator": "Exists"}, {"key": "b", "value": "c"}]);
        pod.insert("tolerations".into(), tolerations);
    }
    if random.chance(10) {
        let term = json!({"labelSelector": {"matchLabels": labels(random)}, "topologyKey": "zone"});
        let affinity =
            json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
        pod.insert("affinity".into(), affinity);
    }
    if random.chance(10) {
        let spread = json!([{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": labels(random)}}]);
        pod.insert("topologySpreadConstraints".into(), spread);
    }
    if random.chance(10) {
        let aliases = json!([{"ip": "10.0.0.1", "hostnames": ["a", "b"]}]);
        pod.insert("hostAliases".into(), aliases);
    }
    if random.chance(10) {
        pod.insert("priorityClassName".into(), json!(name(random)));
    }
    Value::Object(pod)
}

fn container(name_: &str, random: &mut Random) -> Value {
    let mut container = Map::new();
    container.insert("name".into(), json!(name_));
    if random.chance(90) {
        container.insert("image".into(), json!(random.pick(&IMAGES)));
    }
    if random.chance(40) {
        let count = 1 + random.below(3);
        let list: Vec<Value> = (0..count).map(|number| variable(number, random)).collect();
        container.insert("env".into(), json!(list));
    }
    if random.chance(25) {
        container.insert(
            "envFrom".into(),
            json!([
                {"configMapRef": {"name": name(random)}},
                {"secretRef": {"name": name(random)}, "prefix": "S_"},
            ]),
        );
    }
    if random.chance(35) {
        container.insert("ports".into(), ports(random));
    }
    if random.chance(25) {
        container.insert("args".into(), json!(["--name=$(VAR)", "$(OTHER)", "$$(VAR)"]));
    }
    if random.chance(20) {
        container.insert("volumeMounts".into(), json!([{"name": "vol-0", "mountPath": "/a"}]));
    }
    if random.chance(10) {
        container.insert(
            "resources".into(),
            json!({"limits": {"cpu": format!("{RAW}1"), "memory": "1Gi"}}),
        );
    }
    if random.chance(10) {
        container.insert("securityContext".into(), json!({"capabilities": {"drop": ["ALL"]}}));
    }
    Value::Object(container)
}

fn ports(random: &mut Random) -> Value {
    let port = |random: &mut Random| {
        let mut port = json!({"containerPort": random.pick(&[80, 8080])});
        if random.chance(50) {
            port["protocol"] = json!(random.pick(&["TCP", "UDP"]));
        }
        if random.chance(40) {
            port["name"] = json!(random.pick(&["http", "web"]));
        }
        port
    };
    let count = 1 + random.below(2);
    json!((0..count).map(|_| port(random)).collect::<Vec<_>>())
}

fn variable(number: usize, random: &mut Random) -> Value {
    let name_ = ["A", "B", "C", "D"][(number + random.below(2)) % 4];
    match random.below(5) {
        0 => {
            json!({"name": name_, "valueFrom": {"configMapKeyRef": {"name": name(random), "key": "a"}}})
        }
        1 => {
            json!({"name": name_, "valueFrom": {"secretKeyRef": {"name": name(random), "key": "a"}}})
        }
        _ => json!({"name": name_, "value": scalar(random)}),
    }
}

fn volume(number: usize, random: &mut Random) -> Value {
    let mut volume = json!({"name": format!("vol-{number}")});
    match random.below(5) {
        0 => volume["configMap"] = json!({"name": name(random)}),
        1 => volume["secret"] = json!({"secretName": name(random)}),
        2 => volume["emptyDir"] = json!({}),
        3 => volume["persistentVolumeClaim"] = json!({"claimName": name(random)}),
        _ => {
            volume["projected"] = json!({"sources": [
                {"configMap": {"name": name(random)}},
                {"secret": {"name": name(random)}},
            ]});
        }
    }
    volume
}

/// A strategic merge patch for an object.
pub(crate) fn patch(known: &Known, random: &mut Random) -> Value {
    let mut metadata = json!({"name": known.name});
    if let Some(namespace) = &known.namespace {
        metadata["namespace"] = json!(namespace);
    }
    if random.chance(25) {
        metadata["labels"] = marks(random);
    }
    if random.chance(15) {
        let value = if random.chance(30) { Value::Null } else { json!(word(random)) };
        metadata["annotations"] = json!({"app": value});
    }
    let mut patch =
        json!({"apiVersion": known.api_version, "kind": known.kind, "metadata": metadata});
    if random.chance(4) {
        patch["$patch"] = json!("delete");
        return patch;
    }
    let body: Map<String, Value> =
        body(&known.kind, random).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut body = Value::Object(body);
    thin(&mut body, random, 0);
    if let (Value::Object(patch), Value::Object(body)) = (&mut patch, body) {
        patch.extend(body);
    }
    patch
}

/// Leaves out most of a body, and puts directives in.
fn thin(value: &mut Value, random: &mut Random, depth: usize) {
    match value {
        Value::Object(fields) => {
            let is_item = depth > 0 && fields.contains_key("name");
            let keys: Vec<String> = fields.keys().cloned().collect();
            for key in keys {
                if key != "name" && key != "containerPort" && random.chance(25) {
                    fields.shift_remove(&key);
                } else if key != "name" && random.chance(5) {
                    fields.insert(key, Value::Null);
                }
            }
            if is_item && random.chance(8) {
                let how = *random.pick(&["delete", "replace", "merge"]);
                fields.insert("$patch".into(), json!(how));
            } else if depth > 0 && random.chance(2) {
                fields
                    .insert("$patch".into(), json!(*random.pick(&["replace", "delete", "merge"])));
            }
            fields.values_mut().for_each(|value| thin(value, random, depth + 1));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| thin(item, random, depth + 1));
            let maps = items.iter().all(Value::is_object);
            if maps && random.chance(4) {
                items.push(json!({"$patch": random.pick(&["replace", "delete"])}));
            }
        }
        _ => {}
    }
}

/// Operations of a JSON patch for an object.
pub(crate) fn operations(known: &Known, random: &mut Random) -> Value {
    let has_pods = WORKLOADS.iter().any(|(_, kind)| *kind == known.kind) && known.kind != "CronJob";
    let mut list = Vec::new();
    for _ in 0..1 + random.below(3) {
        let operation = match random.below(if has_pods { 9 } else { 5 }) {
            0 => {
                json!({"op": "add", "path": *random.pick(&["/metadata/labels", "/metadata/annotations"]), "value": marks(random)})
            }
            1 => json!({"op": "replace", "path": "/metadata/name", "value": random.pick(&NAMES)}),
            2 => json!({"op": "add", "path": "/spec", "value": {"x": scalar(random)}}),
            3 => json!({"op": "test", "path": "/kind", "value": known.kind}),
            4 => json!({"op": "copy", "from": "/metadata/name", "path": "/metadata/generateName"}),
            5 => {
                json!({"op": "add", "path": "/spec/template/spec/containers/-", "value": container("new", random)})
            }
            6 => {
                json!({"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": random.pick(&IMAGES)})
            }
            7 => {
                json!({"op": "add", "path": "/spec/template/metadata", "value": {"annotations": {"example.org~1x": scalar(random)}}})
            }
            _ => json!({"op": "remove", "path": "/spec/template/spec/containers/0"}),
        };
        list.push(operation);
    }
    json!(list)
}
