//! Random charts beside a kustomization, and the entries that render them.
//!
//! What templates can do is not at stake here: the charts show what kustomize passes on, and what it makes
//! of hooks, tests, CRDs and empty documents.

use serde_json::{Map, Value, json};

use super::grammar::{Fields, Maker};
use super::objects::{Known, labels, scalar};
use super::tree::{File, INLINE};

const NAMES: [&str; 2] = ["shop", "tool"];

const TEMPLATE: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-cfg
  {{- if .Values.space }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels: {chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  widgets: {{ .Capabilities.APIVersions.Has "example.org/v1/Widget" | quote }}
  {{- range $key, $value := .Values.data }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
---
{{- if .Values.workload }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      {{- toYaml .Values.containers | nindent 6 }}
      volumes: [{name: c, configMap: {name: {{ .Release.Name }}-cfg}}]
{{- end }}
"#;

const HOOKS: &str = r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: pre-install}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {"helm.sh/hook": test}
spec:
  containers: [{name: test, image: "nginx:1"}]
"#;

const CRD: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.org
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
"#;

impl Maker {
    /// `helmCharts` and `helmGlobals`, the deprecated field, and the generator in an object of its own.
    pub(super) fn charts(&mut self, folder: &str, fields: &mut Fields, known: &mut Vec<Known>) {
        if !self.random.chance(6) {
            return;
        }
        let other_home = self.random.chance(25);
        let home = if other_home { "packed" } else { "charts" };
        let name = *self.random.pick(&NAMES);
        self.chart(&format!("{folder}/{home}/{name}"), name);
        let mut entries = Vec::new();
        for number in 0..1 + usize::from(self.random.chance(15)) {
            entries.push(self.chart_entry(folder, home, name, number));
        }
        for entry in &entries {
            let release = entry.get("releaseName").and_then(Value::as_str);
            known.push(Known {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                name: format!("{}-cfg", release.unwrap_or("release-name")),
                namespace: None,
            });
        }
        match self.random.below(10) {
            0 => {
                let mut entry = entries.swap_remove(0);
                if let Some(entry) = entry.as_object_mut() {
                    entry.insert("apiVersion".into(), json!("builtin"));
                    entry.insert("kind".into(), json!("HelmChartInflationGenerator"));
                    entry.insert("metadata".into(), json!({"name": "inflate"}));
                    if other_home {
                        entry.insert("chartHome".into(), json!(home));
                    }
                }
                fields.insert("generators".into(), json!([{INLINE: entry}]));
            }
            1 => {
                let old = |entry: &Value| {
                    let mut old = json!({"chartName": name});
                    for (new, name) in [
                        ("releaseName", "releaseName"),
                        ("valuesFile", "values"),
                        ("valuesInline", "valuesLocal"),
                        ("valuesMerge", "valuesMerge"),
                    ] {
                        if let Some(value) = entry.get(new) {
                            old[name] = value.clone();
                        }
                    }
                    if other_home {
                        old["chartHome"] = json!(home);
                    }
                    old
                };
                let entries: Vec<Value> = entries.iter().map(old).collect();
                fields.insert("helmChartInflationGenerator".into(), json!(entries));
            }
            _ => {
                fields.insert("helmCharts".into(), json!(entries));
                if other_home {
                    fields.insert("helmGlobals".into(), json!({"chartHome": home}));
                }
            }
        }
    }

    fn chart(&mut self, folder: &str, name: &str) {
        let chart = json!({"apiVersion": "v2", "name": name, "version": "1.2.3"});
        let chart = File::Documents(vec![chart]);
        self.tree.files.insert(format!("{folder}/Chart.yaml"), chart);
        self.text(folder, "templates/objects.yaml", TEMPLATE);
        if self.random.chance(40) {
            self.text(folder, "templates/hooks.yaml", HOOKS);
        }
        if self.random.chance(40) {
            self.text(folder, "crds/widget.yaml", CRD);
        }
        let values = self.chart_values(100);
        self.tree.files.insert(format!("{folder}/values.yaml"), File::Documents(vec![values]));
    }

    /// Returns values, each with this chance in 100.
    fn chart_values(&mut self, chance: usize) -> Value {
        let mut values = Map::new();
        let random = &mut self.random;
        if random.chance(chance) {
            values.insert("space".into(), json!(random.chance(30)));
        }
        if random.chance(chance) {
            values.insert("workload".into(), json!(random.chance(60)));
        }
        if random.chance(chance) {
            values.insert("replicas".into(), json!(random.below(4)));
        }
        if random.chance(chance) {
            let data: Map<String, Value> = [("a", scalar(random)), ("b", scalar(random))]
                .into_iter()
                .filter(|_| random.chance(70))
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            values.insert("data".into(), Value::Object(data));
        }
        if random.chance(chance) {
            let names = ["main", "main", "side"];
            let containers: Vec<Value> = (0..1 + random.below(2))
                .map(|number| {
                    let mut container = json!({"name": names[random.below(2) + number]});
                    let image = *random.pick(&["nginx:1.25", "app:v1", "team/app"]);
                    container["image"] = json!(image);
                    container
                })
                .collect();
            values.insert("containers".into(), json!(containers));
        }
        if random.chance(15) {
            values.insert("labels".into(), labels(random));
        }
        Value::Object(values)
    }

    fn chart_entry(&mut self, folder: &str, home: &str, name: &str, number: usize) -> Value {
        let mut entry = json!({"name": name});
        if self.random.chance(80) || number > 0 {
            entry["releaseName"] = json!(format!("rel-{number}"));
        }
        if self.random.chance(35) {
            entry["namespace"] = json!("charts");
        }
        if self.random.chance(45) {
            entry["valuesInline"] = self.chart_values(40);
        }
        if self.random.chance(25) {
            let values = self.chart_values(50);
            let path = format!("{folder}/chart-values.yaml");
            self.tree.files.insert(path, File::Documents(vec![values]));
            entry["valuesFile"] = json!("chart-values.yaml");
        } else if self.random.chance(8) {
            entry["valuesFile"] = json!(format!("{home}/{name}/values.yaml"));
        }
        if self.random.chance(30) {
            entry["valuesMerge"] = json!(*self.random.pick(&["merge", "override", "replace"]));
        }
        if self.random.chance(15) {
            let values = self.chart_values(40);
            let path = format!("{folder}/more-values.yaml");
            self.tree.files.insert(path, File::Documents(vec![values]));
            entry["additionalValuesFiles"] = json!(["more-values.yaml"]);
        }
        for flag in ["includeCRDs", "skipHooks", "skipTests"] {
            if self.random.chance(30) {
                entry[flag] = json!(self.random.chance(80));
            }
        }
        if self.random.chance(15) {
            entry["apiVersions"] = json!(["example.org/v1/Widget"]);
        }
        if self.random.chance(15) {
            entry["kubeVersion"] = json!(*self.random.pick(&["1.30.0", "v1.28", "1.31"]));
        }
        if self.random.chance(8) {
            entry["nameTemplate"] = json!("named-{{ lower \"X\" }}");
        }
        if self.random.chance(10) {
            entry["version"] = json!("1.2.3");
        }
        entry
    }
}
