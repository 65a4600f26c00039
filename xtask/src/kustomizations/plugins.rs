//! Random settings, and generators, transformers and validators in objects of their own.

use serde_json::{Value, json};

use super::grammar::{Fields, Maker};
use super::objects::{self, Known, NAMES, WORKLOADS, labels, scalar, word};
use super::tree::{File, INLINE};

impl Maker {
    /// `configurations`, `crds` and `openapi`.
    pub(super) fn settings(&mut self, folder: &str, fields: &mut Fields) {
        if self.random.chance(8) {
            let config = match self.random.below(5) {
                0 => {
                    json!({"nameReference": [{"kind": "ConfigMap", "version": "v1", "fieldSpecs": [{"kind": "Widget", "path": "spec/configMapRef/name"}]}]})
                }
                1 => json!({"images": [{"path": "spec/image", "kind": "Widget"}]}),
                2 => {
                    json!({"commonLabels": [{"path": "spec/selector", "kind": "Widget", "create": true}]})
                }
                3 => json!({"varReference": [{"path": "spec/items/value", "kind": "Widget"}]}),
                _ => {
                    json!({"namePrefix": [{"path": "metadata/name"}], "replicas": [{"path": "spec/replicas", "kind": "Widget", "create": true}]})
                }
            };
            let path = format!("{folder}/config.yaml");
            self.tree.files.insert(path, File::Documents(vec![config]));
            fields.insert("configurations".into(), json!(["config.yaml"]));
        }
        if self.random.chance(6) {
            let object = json!({"type": "string"});
            let crd = json!({"org.example.v1.Widget": {"Schema": {"properties": {
                "apiVersion": object, "kind": object, "metadata": object,
                "spec": {"$ref": "org.example.v1.WidgetSpec"},
            }}}, "org.example.v1.WidgetSpec": {"Schema": {"properties": {
                "configMapRef": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap"},
                "selector": {"x-kubernetes-label-selector": ""},
                "notes": {"x-kubernetes-annotation": ""},
                "image": {"x-kubernetes-identity": ""},
            }}}});
            self.tree.files.insert(format!("{folder}/crd.json"), File::Documents(vec![crd]));
            fields.insert("crds".into(), json!(["crd.json"]));
        }
        if self.random.chance(4) {
            let gvk = json!([{"group": "example.org", "version": "v1", "kind": "Widget"}]);
            let list = json!({"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"});
            let schema = json!({"swagger": "2.0", "definitions": {
                "Widget": {"type": "object", "x-kubernetes-group-version-kind": gvk,
                    "properties": {"spec": {"$ref": "#/definitions/WidgetSpec"}}},
                "WidgetSpec": {"type": "object", "properties": {"items": list, "containers": list}},
            }});
            self.tree.files.insert(format!("{folder}/schema.json"), File::Documents(vec![schema]));
            fields.insert("openapi".into(), json!({"path": "schema.json"}));
        } else if self.random.chance(2) {
            let version = if self.random.chance(80) { "v1.21.2" } else { "v1.30.0" };
            fields.insert("openapi".into(), json!({"version": version}));
        }
    }

    /// Generators, transformers and validators in objects of their own.
    pub(super) fn plugins(&mut self, folder: &str, fields: &mut Fields, known: &[Known]) {
        if self.random.chance(4) {
            let kind = if self.random.chance(60) { "ConfigMap" } else { "Secret" };
            let mut generator = self.generator(folder, kind, &mut Vec::new());
            let name = format!("plug-{}", self.random.below(100));
            if let Some(fields) = generator.as_object_mut() {
                fields.shift_remove("name");
                let space = fields.shift_remove("namespace");
                fields.insert("apiVersion".into(), json!("builtin"));
                fields.insert("kind".into(), json!(format!("{kind}Generator")));
                fields.insert(
                    "metadata".into(),
                    match space {
                        None => json!({"name": name}),
                        Some(space) => json!({"name": name, "namespace": space}),
                    },
                );
            }
            let entry = self.configuration(folder, "generate", generator);
            fields.insert("generators".into(), json!([entry]));
        } else if self.random.chance(1) {
            let generator = json!({"apiVersion": "builtin", "kind": "IAMPolicyGenerator", "metadata": {"name": "i"},
                "cloud": "gke", "kubernetesService": {"name": "sa-gke", "namespace": "one"},
                "serviceAccount": {"name": "robot", "projectId": "p-1"}});
            let entry = self.configuration(folder, "generate", generator);
            fields.insert("generators".into(), json!([entry]));
        }
        if !self.random.chance(12) {
            return;
        }
        let meta = json!({"name": "t"});
        let random = &mut self.random;
        let transformer = match random.below(14) {
            0 => {
                json!({"kind": "PrefixTransformer", "prefix": "tr-", "fieldSpecs": [{"path": "metadata/name"}]})
            }
            1 => {
                json!({"kind": "SuffixTransformer", "suffix": "-tr", "fieldSpecs": [{"path": "metadata/name"}]})
            }
            2 => {
                json!({"kind": "LabelTransformer", "labels": labels(random), "fieldSpecs": [{"path": "metadata/labels", "create": true}]})
            }
            3 => {
                json!({"kind": "AnnotationsTransformer", "annotations": labels(random), "fieldSpecs": [{"path": "metadata/annotations", "create": true}]})
            }
            4 => {
                json!({"kind": "NamespaceTransformer", "metadata": {"name": "t", "namespace": "three"}, "unsetOnly": random.chance(50),
                "setRoleBindingSubjects": *random.pick(&["none", "allServiceAccounts", "defaultOnly"]), "fieldSpecs": [{"path": "metadata/name", "kind": "Namespace", "create": true}, {"path": "metadata/namespace", "create": true}]})
            }
            5 => {
                json!({"kind": "ImageTagTransformer", "imageTag": {"name": "nginx", "newTag": "v9"}, "fieldSpecs": [{"path": "spec/image"}]})
            }
            6 => {
                json!({"kind": "ReplicaCountTransformer", "replica": {"name": "web", "count": 7}, "fieldSpecs": [{"path": "spec/replicas", "create": true, "kind": "Deployment"}]})
            }
            7 => {
                json!({"kind": "ValueAddTransformer", "value": "added", "targets": [{"fieldPath": *random.pick(&["metadata/annotations/x", "spec/path", "metadata/namespace"]), "filePathPosition": random.below(3)}]})
            }
            8 => {
                json!({"kind": "PatchTransformer", "patch": {INLINE: [{"op": "add", "path": "/metadata/annotations", "value": {"p": word(random)}}]}, "target": {"kind": "Deployment"}})
            }
            9 => {
                json!({"kind": "PrefixSuffixTransformer", "prefix": "a-", "suffix": "-z", "fieldSpecs": [{"path": "metadata/name"}]})
            }
            10 => {
                let Some(who) = known.last() else { return };
                json!({"kind": "PatchStrategicMergeTransformer", "patches": {INLINE: objects::patch(who, random)}})
            }
            11 => {
                let Some(who) = known.last() else { return };
                let (group, version) = who.group_version();
                let target =
                    json!({"group": group, "version": version, "kind": who.kind, "name": who.name});
                json!({"kind": "PatchJson6902Transformer", "target": target, "jsonOp": {INLINE: objects::operations(who, random)}})
            }
            12 => json!({"kind": "HashTransformer"}),
            _ => {
                let Some(who) = known.first() else { return };
                json!({"kind": "ReplacementTransformer", "replacements": [{"source": {"kind": who.kind, "name": who.name}, "targets": [{"select": {"kind": "Service"}, "fieldPaths": ["metadata.annotations.from"], "options": {"create": true}}]}]})
            }
        };
        let mut transformer = transformer;
        transformer["apiVersion"] = json!("builtin");
        if transformer.get("metadata").is_none() {
            transformer["metadata"] = meta;
        }
        let field = if self.random.chance(10) { "validators" } else { "transformers" };
        let entry = self.configuration(folder, "transform", transformer);
        fields.insert(field.into(), json!([entry]));
    }

    /// Returns an entry with a configuration: itself, a file, or a kustomization that has it.
    fn configuration(&mut self, folder: &str, name: &str, configuration: Value) -> Value {
        match self.random.below(5) {
            0 => self.file(folder, &format!("{name}.yaml"), configuration),
            1 => {
                let inner = format!("{folder}/{name}");
                self.file(&inner, "it.yaml", configuration);
                let kustomization = json!({"resources": ["it.yaml"]});
                self.file(&inner, "kustomization.yaml", kustomization);
                json!(format!("./{name}"))
            }
            _ => json!({INLINE: configuration}),
        }
    }

    /// What counts in the outermost kustomization only.
    pub(super) fn outermost(&mut self, fields: &mut Fields) {
        if self.random.chance(12) {
            let options = match self.random.below(3) {
                0 => json!({"order": "fifo"}),
                1 => json!({"order": "legacy"}),
                _ => {
                    json!({"order": "legacy", "legacySortOptions": {"orderFirst": ["Service", "Widget"], "orderLast": ["ConfigMap"]}})
                }
            };
            fields.insert("sortOptions".into(), options);
        }
        if self.random.chance(14) {
            let all = ["originAnnotations", "transformerAnnotations", "managedByLabel"];
            let chosen: Vec<&str> = all.into_iter().filter(|_| self.random.chance(55)).collect();
            fields.insert("buildMetadata".into(), json!(chosen));
        }
        if self.random.chance(3) {
            let wrong = [
                ("resource", json!([])),
                ("namePrefix", json!(1)),
                ("images", json!({"name": "x"})),
                ("metadata", json!({"name": "x", "labels": {"a": word(&mut self.random)}})),
                ("replicas", json!([{"name": "nobody", "count": 1}])),
                ("resources", json!(["missing.yaml"])),
                ("components", json!(["../top"])),
                (
                    "commonAnnotations",
                    json!({NAMES[self.random.below(6)]: scalar(&mut self.random)}),
                ),
                ("namespace", json!(WORKLOADS[self.random.below(5)].1)),
            ];
            let (key, value) = self.random.pick(&wrong).clone();
            fields.insert(key.to_owned(), value);
        }
    }
}
