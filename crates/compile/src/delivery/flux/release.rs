//! A HelmRelease's objects: its chart, its values from files, references and the object itself, rendered,
//! and changed by its post-renderers.
//!
//! Source of the rules: the behaviour of helm-controller 1.6, github.com/fluxcd/pkg/chartutil 1.27 and of
//! source-controller 1.9, which makes charts of folders.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use kustomize::{Options, Reorder};
use manifest::Object;
use text::World;
use text::path::resolve;
use yaml::Value;

use super::Failure;
use super::artifact::Artifact;
use super::kustomization::put_on;
use super::objects::{Chart, Name, Source, Unit, list, reference, text};
use super::overlay::Overlay;
use crate::delivery::{ChartSource, dependencies};

/// What a release needs to know of what else is in the cluster.
pub(super) trait Surroundings {
    /// Returns a source.
    fn source(&self, name: &Name) -> Option<&Source>;
    /// Returns the files that a source hands on, or why there are none.
    fn tree(&self, source: &Source) -> Result<Rc<Artifact<'_>>, Failure>;
    /// Returns a chart of a repository or registry, or why there is none.
    fn chart(&self, repository: &str, name: &str, version: &str)
    -> Result<ChartSource<'_>, String>;
    /// Returns what charts see of the cluster.
    fn options(&self) -> helm::Options;
    /// Returns the data of a ConfigMap or Secret.
    fn data(&self, name: &Name) -> Option<BTreeMap<String, String>>;
}

/// Returns the objects of a release.
pub(super) fn render(around: &dyn Surroundings, unit: &Unit) -> Result<Vec<Object>, Failure> {
    let chart = chart(around, unit)?;
    let values = values(around, unit)?;
    let namespace = target_namespace(unit);
    let release = helm::Release::new(release_name(unit), &namespace);
    let wrong = |error: &dyn std::fmt::Display| Failure::Wrong(error.to_string());
    let skip = |stage: &str| {
        let policy = unit.field(&[stage, "crds"]).and_then(Value::as_str);
        let skipped = unit.field(&[stage, "skipCRDs"]).and_then(Value::as_bool);
        policy == Some("Skip") || (policy.is_none() && skipped == Some(true))
    };
    let validation = |stage: &str| {
        unit.field(&[stage, "disableSchemaValidation"]).and_then(Value::as_bool) == Some(true)
    };
    let options = helm::Options {
        include_crds: !skip("install"),
        skip_schema_validation: validation("install"),
        ..around.options()
    };
    let rendered =
        helm::render(&chart, &release, &values, &options).map_err(|error| wrong(&error))?;
    let mut definitions = Vec::new();
    for crd in &rendered.crds {
        let text = String::from_utf8_lossy(&crd.data);
        let read = manifest::read(&text, &crd.path).map_err(|error| wrong(&error.message))?;
        let marked = read.into_iter().map(|object| put_on(object, "labels", &origin(unit)));
        definitions.extend(marked);
    }
    let mut objects = Vec::new();
    let tests = unit.field(&["test", "enable"]).and_then(Value::as_bool) == Some(true);
    let hooks = rendered
        .hooks
        .iter()
        .filter(|hook| tests || !hook.events.iter().any(|event| event.starts_with("test")));
    for manifest in rendered.manifests.iter().chain(hooks) {
        let value = Value::decode_go2(manifest.text().as_bytes())
            .map_err(|error| wrong(&format!("{}: {error}", manifest.path)))?;
        let read = manifest::from_value(value, manifest.text(), &manifest.path)
            .map_err(|error| wrong(&error))?;
        objects.extend(read);
    }
    let objects = post_render(unit, objects)?;
    // Helm applies what says no namespace in that of the release.
    definitions.extend(objects.into_iter().map(|object| placed(object, &namespace)));
    Ok(definitions)
}

/// Puts an object without a namespace into that of its release.
fn placed(mut object: Object, namespace: &str) -> Object {
    if object.namespace().is_empty() && !manifest::is_cluster_scoped(object.group(), object.kind())
    {
        object.set_namespace(namespace);
    }
    object
}

/// Returns the namespace of a release.
pub(super) fn target_namespace(unit: &Unit) -> String {
    let own = unit.text("targetNamespace");
    if own.is_empty() { unit.name.namespace.clone() } else { own }
}

/// Returns the name of a release, shortened as Flux does.
fn release_name(unit: &Unit) -> String {
    let (own, target) = (unit.text("releaseName"), unit.text("targetNamespace"));
    let name = match (own.is_empty(), target.is_empty()) {
        (false, _) => own,
        (true, false) => format!("{target}-{}", unit.name.name),
        (true, true) => unit.name.name.clone(),
    };
    if name.len() <= 53 {
        return name;
    }
    let digest = <sha2::Sha256 as sha2::Digest>::digest(name.as_bytes());
    let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let head: String = name.chars().take(40).collect();
    format!("{head}-{hex}")
}

fn chart(around: &dyn Surroundings, unit: &Unit) -> Result<helm::Chart, Failure> {
    let namespace = &unit.name.namespace;
    if let Some(spec) = unit.field(&["chart", "spec"]) {
        return from_source(around, &Chart::read(spec, namespace));
    }
    let Some(chart_ref) = unit.field(&["chartRef"]) else {
        return Err(Failure::Wrong("it has neither `chart` nor `chartRef`".into()));
    };
    let name = reference(chart_ref, namespace);
    if name.kind == "ExternalArtifact" {
        return Err(Failure::Opaque("another controller makes its chart".into()));
    }
    let source = around.source(&name).ok_or_else(|| Failure::NoSource(name.clone()))?;
    if let Some(chart) = &source.chart {
        return from_source(around, chart);
    }
    if name.kind != "OCIRepository" {
        return Err(Failure::Wrong(format!("`chartRef` cannot name a {}", name.kind)));
    }
    let url = source.url.trim_end_matches('/');
    let (repository, chart) = url.rsplit_once('/').unwrap_or(("", url));
    from_repository(around, repository, chart, &source.version)
}

fn from_source(around: &dyn Surroundings, chart: &Chart) -> Result<helm::Chart, Failure> {
    let source =
        around.source(&chart.source).ok_or_else(|| Failure::NoSource(chart.source.clone()))?;
    if let Some(reason) = source.opaque {
        return Err(Failure::Opaque(reason.into()));
    }
    if chart.source.kind == "HelmRepository" {
        let url = source.url.trim_end_matches('/');
        if chart.value_files.is_empty() {
            return from_repository(around, url, &chart.chart, &chart.version);
        }
        let files = packed(around, url, &chart.chart, &chart.version)?;
        // Here value files begin at the chart's own folder.
        let own: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
        let files = with_value_files(own.clone(), chart, |file| own.get(file).cloned())?;
        return helm::Chart::from_files(files).map_err(|error| Failure::Wrong(error.to_string()));
    }
    if chart.source.kind == "OCIRepository" {
        return Err(Failure::Wrong("`chart.spec.sourceRef` cannot name an OCIRepository".into()));
    }
    from_folder(around, &*around.tree(source)?, chart)
}

fn from_repository(
    around: &dyn Surroundings,
    repository: &str,
    chart: &str,
    version: &str,
) -> Result<helm::Chart, Failure> {
    let read = match around.chart(repository, chart, version).map_err(Failure::Opaque)? {
        ChartSource::Archive(archive) => helm::Chart::from_archive(&archive),
        ChartSource::Folder(world, folder) => helm::Chart::from_files(files(world, &folder)?),
    };
    read.map_err(|error| Failure::Wrong(error.to_string()))
}

/// Reads the files of a chart of a repository or registry.
fn packed(
    around: &dyn Surroundings,
    repository: &str,
    chart: &str,
    version: &str,
) -> Result<dependencies::Files, Failure> {
    match around.chart(repository, chart, version).map_err(Failure::Opaque)? {
        ChartSource::Archive(archive) => {
            let files = helm::read_archive(&archive)
                .map_err(|error| Failure::Wrong(error.to_string()))?
                .into_iter();
            Ok(files.map(|file| (file.path, file.data.to_vec())).collect())
        }
        ChartSource::Folder(world, folder) => files(world, &folder),
    }
}

/// Reads the files of a folder, by their path in it.
fn files(world: &dyn World, folder: &str) -> Result<dependencies::Files, Failure> {
    dependencies::files_of(world, folder).map_err(Failure::Wrong)
}

/// A chart that lies in the repository. Where it names value files, they take the place of its own.
fn from_folder(
    around: &dyn Surroundings,
    world: &dyn World,
    chart: &Chart,
) -> Result<helm::Chart, Failure> {
    let folder = resolve("", chart.chart.trim_start_matches("./").trim_matches('/'))
        .filter(|folder| !world.list(folder).is_empty())
        .ok_or_else(|| Failure::NoPath(chart.chart.clone(), text::Missing::NotFound))?;
    let mut files = files(world, &folder)?;
    let find = |address: &str, name: &str, version: &str| around.chart(address, name, version);
    dependencies::add(world, &folder, &mut files, &find).map_err(|error| match error {
        dependencies::Error::Wrong(reason) => Failure::Wrong(reason),
        dependencies::Error::Opaque(reason) => Failure::Opaque(reason),
    })?;
    let files = with_value_files(files.into_iter().collect(), chart, |file| {
        let path = resolve("", file)?;
        world.read(&path).ok().map(|bytes| bytes.to_vec())
    })?;
    helm::Chart::from_files(files).map_err(|error| Failure::Wrong(error.to_string()))
}

/// Where a chart names value files, they take the place of its own; `read` finds one by its path.
fn with_value_files(
    mut files: BTreeMap<String, Vec<u8>>,
    chart: &Chart,
    read: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    if chart.value_files.is_empty() {
        return Ok(files);
    }
    let mut values = IndexMap::new();
    for file in &chart.value_files {
        let Some(bytes) = read(file.trim_start_matches("./").trim_start_matches('/')) else {
            if chart.ignore_missing_value_files {
                continue;
            }
            return Err(Failure::NoValueFile(file.clone()));
        };
        let value = Value::decode_go2(&bytes)
            .map_err(|error| Failure::Wrong(format!("{file}: {error}")))?;
        match value {
            Value::Map(fields) => merge(&mut values, fields),
            Value::Null => {}
            _ => return Err(Failure::Wrong(format!("{file}: it is no map"))),
        }
    }
    let text = yaml::to_string_go2(&Value::Map(values));
    files.insert("values.yaml".to_owned(), text.into_bytes());
    if !chart.by_revision {
        set_build(&mut files);
    }
    Ok(files)
}

/// Flux puts the generation of its HelmChart behind the version: 1 when it is made. A commit, which it puts
/// there for `reconcileStrategy: Revision`, is not known here.
fn set_build(files: &mut BTreeMap<String, Vec<u8>>) {
    let Some(bytes) = files.get_mut("Chart.yaml") else { return };
    let Ok(Value::Map(mut fields)) = Value::decode_go2(bytes) else { return };
    if let Some(Value::String(version)) = fields.get_mut("version") {
        let sign = if version.contains('+') { '.' } else { '+' };
        version.push(sign);
        version.push('1');
        *bytes = yaml::to_string_go2(&Value::Map(fields)).into_bytes();
    }
}

/// Merges maps; the second wins, and lists are replaced.
fn merge(into: &mut IndexMap<String, Value>, from: IndexMap<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Map(into)), Value::Map(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Returns a release's values: references in their order, then its own over them, then those with a
/// `targetPath`, unless the release says the same value itself.
fn values(around: &dyn Surroundings, unit: &Unit) -> Result<helm::ValuesInput, Failure> {
    let mut result = helm::ValuesInput::default();
    let own = match unit.field(&["values"]) {
        Some(values @ Value::Map(_)) => yaml::to_string_go2(values).into_bytes(),
        _ => Vec::new(),
    };
    for (number, entry) in list(unit.field(&["valuesFrom"])).iter().enumerate() {
        let name = reference(entry, &unit.name.namespace);
        let name = Name { namespace: unit.name.namespace.clone(), ..name };
        let optional = entry.get("optional").and_then(Value::as_bool) == Some(true);
        let key = Some(text(entry, "valuesKey")).filter(|key| !key.is_empty());
        let key = key.unwrap_or_else(|| "values.yaml".to_owned());
        if !matches!(name.kind.as_str(), "ConfigMap" | "Secret") {
            return Err(Failure::Wrong(format!("`valuesFrom` cannot name a {}", name.kind)));
        }
        let data = match around.data(&name) {
            Some(data) => data,
            None if optional => continue,
            None => return Err(Failure::OnlyInCluster(name)),
        };
        let Some(content) = data.get(&key) else {
            if optional {
                continue;
            }
            return Err(Failure::Wrong(format!("{name} has no key `{key}`")));
        };
        let target = text(entry, "targetPath");
        if target.is_empty() {
            result.files.push((format!("valuesFrom[{number}]"), content.clone().into_bytes()));
            continue;
        }
        let literal = entry.get("literal").and_then(Value::as_bool) == Some(true);
        // A path may lead into a list of the release's own values.
        result.files.push(("values".to_owned(), own.clone()));
        result.sets.push(set(&target, content, literal));
        let earlier = std::mem::take(&mut result);
        result.earlier = earlier.earlier.clone();
        result.earlier.push(helm::ValuesInput { earlier: Vec::new(), ..earlier });
    }
    result.files.push(("values".to_owned(), own));
    Ok(result)
}

/// Returns the argument that sets one value at a path.
fn set(target: &str, content: &str, literal: bool) -> helm::Set {
    let quoted = |sign: char| content.starts_with(sign) && content.ends_with(sign);
    if literal {
        let mut escaped = String::new();
        for letter in content.chars() {
            if matches!(letter, '\\' | ',' | '[' | ']' | '{' | '}') {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        helm::Set::Text(format!("{target}={escaped}"))
    } else if quoted('\'') || quoted('"') {
        helm::Set::Text(format!("{target}={}", content.trim_matches(['\'', '"'])))
    } else {
        helm::Set::Value(format!("{target}={content}"))
    }
}

/// Changes the objects as the release's post-renderers say, and puts Flux's labels on them.
fn post_render(unit: &Unit, mut objects: Vec<Object>) -> Result<Vec<Object>, Failure> {
    for renderer in list(unit.field(&["postRenderers"])) {
        if let Some(kustomize) = renderer.get("kustomize") {
            objects = patched(unit, kustomize, &objects)?;
        }
    }
    let metadata = |key: &str| {
        let fields = unit.field(&["commonMetadata", key]).and_then(Value::as_map);
        fields.cloned().unwrap_or_default()
    };
    let mut labels = metadata("labels");
    labels.extend(origin(unit));
    let annotations = metadata("annotations");
    let each = objects.into_iter();
    Ok(each
        .map(|object| put_on(put_on(object, "labels", &labels), "annotations", &annotations))
        .collect())
}

/// The labels that say which release an object is of.
fn origin(unit: &Unit) -> IndexMap<String, Value> {
    let names = [("name", &unit.name.name), ("namespace", &unit.name.namespace)];
    let label = |(key, value): (&str, &String)| {
        (format!("helm.toolkit.fluxcd.io/{key}"), Value::String(value.clone()))
    };
    names.into_iter().map(label).collect()
}

fn patched(unit: &Unit, renderer: &Value, objects: &[Object]) -> Result<Vec<Object>, Failure> {
    let mut fields = IndexMap::from([(
        "resources".to_owned(),
        Value::List(vec![Value::String("helm-output.yaml".into())]),
    )]);
    for key in ["patches", "images"] {
        if let Some(value) = renderer.get(key) {
            fields.insert(key.to_owned(), value.clone());
        }
    }
    let texts: Vec<String> =
        objects.iter().map(|object| yaml::to_string_go2(&object.value)).collect();
    let bytes = |text: String| -> Arc<[u8]> { Arc::from(text.into_bytes()) };
    let files = BTreeMap::from([
        ("kustomization.yaml".to_owned(), bytes(yaml::to_string_go2(&Value::Map(fields)))),
        ("helm-output.yaml".to_owned(), bytes(texts.join("---\n"))),
    ]);
    let overlay = Overlay { world: None, files };
    let options = Options { reorder: Reorder::None, ..Options::default() };
    let built = kustomize::build(&overlay, "", &options)
        .map_err(|error| Failure::Wrong(format!("post-renderer: {}", error.message)))?;
    let mut changed = built.objects;
    for object in &mut changed {
        // The templates' names would be better, but kustomize knows only the one text.
        object.source = objects
            .iter()
            .find(|before| before.identity() == object.identity())
            .map_or_else(|| Arc::clone(unit.file()), |before| Arc::clone(&before.source));
    }
    Ok(changed)
}
