//! Argo CD's Application, as far as it decides what is delivered.
//!
//! Source: Argo CD's Application API, `argoproj.io/v1alpha1`.

use std::sync::Arc;

use manifest::Object;
use yaml::Value;

use super::project::Destination;

/// An Application: a name, a destination, and where its objects come from.
#[derive(Clone, Debug)]
pub struct Application {
    /// `metadata.name`.
    pub name: String,
    /// `spec.project`; empty is `default`.
    pub project: String,
    /// The cluster of `spec.destination`.
    pub(super) cluster: Destination,
    /// `spec.destination.namespace`.
    pub namespace: String,
    /// `spec.sources`, or the one `spec.source`.
    pub sources: Vec<Source>,
    /// The file that it was read from; the kustomization of an environment's root.
    pub file: Arc<str>,
}

/// One source of an Application.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// `repoURL`.
    pub repository: String,
    /// `path`, in a Git repository.
    pub path: String,
    /// `chart`, in a chart repository; empty for none.
    pub chart: String,
    /// `targetRevision`: a branch, or a chart's version.
    pub revision: String,
    /// `ref`: the name under which other sources use this one's files.
    pub reference: String,
    /// `helm`.
    pub helm: Helm,
    /// `directory.recurse`.
    pub recurse: bool,
    /// Fields that are written but not understood here.
    pub unsupported: Vec<String>,
}

/// The Helm options of a source.
#[derive(Clone, Debug, Default)]
pub struct Helm {
    /// `releaseName`; empty for the Application's name.
    pub release: String,
    /// `namespace`; empty for the destination's.
    pub namespace: String,
    /// `valueFiles`, lowest precedence first.
    pub value_files: Vec<String>,
    /// `ignoreMissingValueFiles`.
    pub ignore_missing: bool,
    /// `values` as text, or `valuesObject` (which wins) written as YAML.
    pub values: String,
    /// `parameters`: name, value, `forceString`.
    pub parameters: Vec<(String, String, bool)>,
    /// `skipCrds`.
    pub skip_crds: bool,
}

/// Whether an object is an Application.
pub(super) fn is_application(object: &Object) -> bool {
    object.kind() == "Application" && object.group() == "argoproj.io"
}

impl Application {
    /// Returns the Application that a cluster's root stands for.
    pub(super) fn root(name: &str, path: &str, repository: &str) -> Application {
        let source = Source {
            repository: repository.to_owned(),
            path: path.to_owned(),
            ..Source::default()
        };
        Application {
            name: name.to_owned(),
            project: String::new(),
            cluster: Destination::default(),
            namespace: "argocd".to_owned(),
            sources: vec![source],
            file: text::path::join(path, "kustomization.yaml").into(),
        }
    }

    /// Reads an Application, or says in words why it is none.
    pub(super) fn read(object: &Object) -> Result<Application, String> {
        let name = object.name().to_owned();
        if name.is_empty() {
            return Err("it has no name".into());
        }
        let spec = object.value.get("spec").ok_or("it has no `spec`")?;
        let sources: Vec<&Value> = match spec.get("sources").and_then(Value::as_list) {
            Some(several) if !several.is_empty() => several.iter().collect(),
            _ => spec.get("source").into_iter().collect(),
        };
        if sources.is_empty() {
            return Err("it has neither `spec.source` nor `spec.sources`".into());
        }
        let destination = spec.get("destination");
        Ok(Application {
            name,
            project: text(spec.get("project")),
            cluster: Destination::read(destination),
            namespace: text(destination.and_then(|it| it.get("namespace"))),
            sources: sources.into_iter().map(Source::read).collect(),
            file: Arc::clone(&object.source),
        })
    }
}

impl Source {
    fn read(value: &Value) -> Source {
        let mut source = Source::default();
        let Some(fields) = value.as_map() else { return source };
        for (key, value) in fields {
            match key.as_str() {
                "repoURL" => source.repository = text(Some(value)),
                "path" => source.path = text(Some(value)).trim_matches('/').to_owned(),
                "chart" => source.chart = text(Some(value)),
                "targetRevision" => source.revision = text(Some(value)),
                "ref" => source.reference = text(Some(value)),
                "helm" => source.helm = Helm::read(value, &mut source.unsupported),
                "directory" => match value.as_map() {
                    Some(options) => {
                        for (option, value) in options {
                            match option.as_str() {
                                "recurse" => source.recurse = value.as_bool().unwrap_or(false),
                                other => source.unsupported.push(format!("directory.{other}")),
                            }
                        }
                    }
                    None => source.unsupported.push(key.clone()),
                },
                "name" => {}
                other => source.unsupported.push(other.to_owned()),
            }
        }
        source
    }
}

impl Helm {
    fn read(value: &Value, unsupported: &mut Vec<String>) -> Helm {
        let mut helm = Helm::default();
        let Some(fields) = value.as_map() else { return helm };
        let mut object = None;
        for (key, value) in fields {
            match key.as_str() {
                "releaseName" => helm.release = text(Some(value)),
                "namespace" => helm.namespace = text(Some(value)),
                "valueFiles" => {
                    let files = value.as_list().unwrap_or_default();
                    helm.value_files = files.iter().map(|file| text(Some(file))).collect();
                }
                "ignoreMissingValueFiles" => helm.ignore_missing = value.as_bool().unwrap_or(false),
                "values" => helm.values = text(Some(value)),
                "valuesObject" => object = Some(value),
                "parameters" => {
                    helm.parameters = value
                        .as_list()
                        .unwrap_or_default()
                        .iter()
                        .map(|it| {
                            let force = it.get("forceString").and_then(Value::as_bool);
                            (text(it.get("name")), text(it.get("value")), force.unwrap_or(false))
                        })
                        .collect();
                }
                "skipCrds" => helm.skip_crds = value.as_bool().unwrap_or(false),
                // Argo CD ignores it: there is one Helm in it.
                "version" => {}
                other => unsupported.push(format!("helm.{other}")),
            }
        }
        if let Some(object) = object {
            helm.values = yaml::to_string_go2(object);
        }
        helm
    }
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
