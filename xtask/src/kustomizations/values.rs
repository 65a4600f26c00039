//! Random replacements and variables: values of one object in fields of others.

use serde_json::json;

use super::grammar::{Fields, Maker};
use super::objects::{Known, scalar};
use super::tree::File;

impl Maker {
    pub(super) fn replacements(&mut self, folder: &str, fields: &mut Fields, known: &[Known]) {
        if self.random.chance(14)
            && let Some(from) = self.one(known).cloned()
        {
            let Some(to) = self.one(known).cloned() else { return };
            let source_path = *self.random.pick(&[
                "metadata.name",
                "metadata.name",
                "kind",
                "metadata.namespace",
                "spec",
                "data.a",
                "data.json",
                "spec.replicas",
                "spec.template.spec.containers.0",
                "metadata.labels.app",
                "metadata.annotations.app",
                "metadata.labels",
                "spec.template.spec.containers.[name=main].env.[name=A].value",
            ]);
            let paths = [
                "metadata.annotations.copied",
                "metadata.labels.[app]",
                "spec.template.spec.containers.[name=main].image",
                "spec.template.spec.containers.*.image",
                "spec.template.spec.containers.0.name",
                "spec.template.metadata.labels.example\\.org",
                "metadata.annotations.[example.org/part]",
                "spec.replicas",
                "metadata.name",
                "data.json.a.b",
                "data.json.list.0",
                "data.yaml.a.b",
                "data.yaml.made",
                "spec.template.spec.containers.0.env.[name=A].value",
                "spec.template.spec.containers.[name=main].env.*.value",
                "spec.template.spec.volumes.0.name",
                "spec.items.*",
                "spec",
            ];
            let mut source =
                json!({"kind": from.kind, "name": from.name, "fieldPath": source_path});
            if self.random.chance(20) {
                source["options"] = json!({"delimiter": "-", "index": self.random.below(2)});
            }
            let mut chosen = vec![*self.random.pick(&paths)];
            if self.random.chance(30) {
                chosen.push(*self.random.pick(&paths));
            }
            let select = match self.random.below(5) {
                0 => json!({}),
                1 => json!({"kind": to.kind}),
                _ => json!({"kind": to.kind, "name": to.name}),
            };
            let mut target = json!({"select": select, "fieldPaths": chosen});
            if self.random.chance(80) {
                target["options"] = json!({"create": true});
            } else if self.random.chance(50) {
                target["options"] = json!({"delimiter": ":", "index": self.random.below(3)});
            }
            if self.random.chance(10) {
                target["reject"] = json!([{"kind": "Service"}]);
            }
            let mut targets = vec![target];
            if self.random.chance(25)
                && let Some(more) = self.one(known).cloned()
            {
                let path = *self.random.pick(&paths);
                targets.push(json!({"select": {"kind": more.kind, "name": more.name},
                    "fieldPaths": [path], "options": {"create": self.random.chance(70)}}));
            }
            let mut replacement = json!({"source": source, "targets": targets});
            if self.random.chance(10) {
                replacement = json!({"sourceValue": scalar(&mut self.random), "targets": targets});
            }
            if self.random.chance(15) {
                let path = format!("{folder}/replacement.yaml");
                self.tree.files.insert(path, File::Documents(vec![replacement]));
                replacement = json!({"path": "replacement.yaml"});
            }
            fields.insert("replacements".into(), json!([replacement]));
        }
        if self.random.chance(7)
            && let Some(who) = self.one(known).cloned()
        {
            let name = if self.vars == 0 { "VAR" } else { "OTHER" };
            self.vars += 1;
            if self.vars > 2 {
                return;
            }
            let mut var = json!({"name": name, "objref": {"kind": who.kind, "name": who.name, "apiVersion": who.api_version}});
            if let Some(namespace) = &who.namespace {
                var["objref"]["namespace"] = json!(namespace);
            }
            if self.random.chance(40) {
                let path = *self.random.pick(&[
                    "metadata.name",
                    "metadata.namespace",
                    "kind",
                    "spec.replicas",
                    "metadata.labels.app",
                    "metadata.annotations.app",
                    "data.a",
                ]);
                var["fieldref"] = json!({"fieldPath": path});
            }
            fields.insert("vars".into(), json!([var]));
        }
    }
}
