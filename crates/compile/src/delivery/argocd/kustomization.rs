//! A kustomization with the Kustomize options of a source: each option is an edit of the file, as
//! `kustomize edit` makes it, and then the folder is built.
//!
//! Source: Argo CD, `util/kustomize/kustomize.go` (3.2); kustomize v5.8.1, `kustomize edit`.

use std::sync::Arc;

use indexmap::IndexMap;
use kustomize::{FILES, LoadRestrictor, Options, Reason};
use manifest::Object;
use text::World;
use text::path::{join, resolve};
use yaml::Value;

use super::application::{is_true, list, text};
use super::helm::expand;
use super::source::{Failure, Source};
use crate::delivery::Context;
use crate::delivery::trees::Replaced;
use crate::render::HelmCharts;

/// What `kustomize.buildOptions` of the ConfigMap `argocd-cm` says, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// `--enable-helm`.
    pub helm: bool,
    /// `--load-restrictor LoadRestrictionsNone`.
    pub is_unrestricted: bool,
}

impl BuildOptions {
    /// Adds what a text of options says.
    pub fn read(&mut self, options: &str) {
        self.helm |= options.contains("--enable-helm") && !options.contains("--enable-helm=false");
        self.is_unrestricted |= options.contains("LoadRestrictionsNone");
    }

    /// Adds what the files of a tree say: the ConfigMap, or the values of Argo CD's own chart.
    pub(in crate::delivery) fn read_tree(&mut self, tree: &dyn World) {
        for path in tree.list("") {
            if !path.ends_with(".yaml") && !path.ends_with(".yml") {
                continue;
            }
            let Ok(bytes) = tree.read(&path) else { continue };
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            if !text.contains(KEY) {
                continue;
            }
            for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
                if let Some((_, options)) = line.split_once(KEY) {
                    self.read(options);
                }
            }
        }
    }
}

/// The key of the options.
const KEY: &str = "kustomize.buildOptions";

/// Renders it.
pub(super) fn render(
    context: &Context<'_, '_>,
    source: &Source<'_>,
) -> Result<Vec<Object>, Failure> {
    let options = source.block("kustomize");
    let version = text(options, "version");
    if !version.is_empty() {
        return Err(Failure::Opaque(format!(
            "it is built by kustomize {version}, which is not here"
        )));
    }
    let world = source.world;
    let file =
        FILES.iter().map(|file| join(&source.folder, file)).find(|it| world.read(it).is_ok());
    let edited = match (&file, options.as_map().is_some_and(|it| !it.is_empty())) {
        (Some(file), true) => Some((file.clone(), edit(source, options, file)?)),
        _ => None,
    };
    let replaced = edited.map(|(path, bytes)| Replaced { below: world, path, bytes });
    let world = replaced.as_ref().map_or(world, |it| it as &dyn World);
    let settings = context.input.settings;
    let charts = HelmCharts::new(world, settings.seconds);
    let options = Options {
        charts: match settings.kustomize.helm {
            true => Some(&charts),
            false => None,
        },
        load_restrictor: match settings.kustomize.is_unrestricted {
            true => LoadRestrictor::None,
            false => Options::default().load_restrictor,
        },
        ..Options::default()
    };
    let built = kustomize::build(world, &source.folder, &options);
    let built = built.map_err(|error| match error.reason {
        Reason::Remote | Reason::Function => Failure::Opaque(error.to_string()),
        Reason::Chart if error.to_string().contains("nor in the cache") => {
            Failure::Opaque(error.to_string())
        }
        Reason::Chart if !settings.kustomize.helm => Failure::wrong(format!(
            "{error}: Argo CD renders `helmCharts` only with `kustomize.buildOptions: --enable-helm` in \
             argocd-cm; `kustomize: {{buildOptions: --enable-helm}}` in .mainstay/delivery.yaml says so"
        )),
        _ => Failure::wrong(error.to_string()),
    })?;
    let mut objects = Vec::with_capacity(built.objects.len());
    for object in built.objects {
        expand(object.value, &object.text, &object.source, &mut objects)?;
    }
    Ok(objects)
}

/// Returns the file with the options worked into it, in Argo CD's order.
fn edit(source: &Source<'_>, options: &Value, path: &str) -> Result<Arc<[u8]>, Failure> {
    let wrong = |reason: String| Failure::wrong(format!("{path}: {reason}"));
    let bytes = source.world.read(path).map_err(|reason| wrong(reason.to_string()))?;
    let value = Value::decode_go2(&bytes).map_err(|error| wrong(error.go_text()))?;
    let mut fields = match value {
        Value::Map(fields) => fields,
        Value::Null => IndexMap::new(),
        _ => return Err(wrong("it is no map".to_owned())),
    };
    for (option, field) in [("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")] {
        if !text(options, option).is_empty() {
            fields.insert(field.to_owned(), text(options, option).into_value());
        }
    }
    let images: Vec<String> = list(options, "images")
        .iter()
        .filter_map(Value::as_str)
        .map(|image| source.environment.expand(image))
        .collect();
    if !images.is_empty() {
        set_images(&mut fields, &images).map_err(wrong)?;
    }
    set_replicas(&mut fields, list(options, "replicas")).map_err(wrong)?;
    let expand = |value: &str| source.environment.expand(value);
    let labels = pairs(options, "commonLabels", expand);
    if !labels.is_empty() {
        add_labels(&mut fields, options, labels).map_err(wrong)?;
    }
    let annotations = match is_true(options, "commonAnnotationsEnvsubst") {
        true => pairs(options, "commonAnnotations", expand),
        false => pairs(options, "commonAnnotations", str::to_owned),
    };
    if !annotations.is_empty() {
        let force = is_true(options, "forceCommonAnnotations");
        add_pairs(&mut fields, "commonAnnotations", annotations, force).map_err(wrong)?;
    }
    if !text(options, "namespace").is_empty() {
        fields.insert("namespace".to_owned(), text(options, "namespace").into_value());
    }
    append(&mut fields, "patches", list(options, "patches").iter().map(patch)).map_err(wrong)?;
    let mut components = Vec::new();
    for component in list(options, "components").iter().filter_map(Value::as_str) {
        let there = resolve(&source.folder, component)
            .is_some_and(|folder| !source.world.list(&folder).is_empty());
        if there {
            components.push(component.into_value());
        } else if !is_true(options, "ignoreMissingComponents") {
            return Err(Failure::wrong(format!("component `{component}` has no match")));
        }
    }
    let known: Vec<Value> =
        fields.get("components").and_then(Value::as_list).unwrap_or_default().to_vec();
    components.retain(|component| !known.contains(component));
    append(&mut fields, "components", components.into_iter()).map_err(wrong)?;
    Ok(Arc::from(yaml::to_string_go2(&Value::Map(fields)).into_bytes()))
}

/// A text as a value.
trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::String(self.to_owned())
    }
}

fn pairs(options: &Value, field: &str, of: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let entries = options.get(field).and_then(Value::as_map).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), of(value.as_str()?)))).collect()
}

fn append(
    fields: &mut IndexMap<String, Value>,
    field: &str,
    items: impl Iterator<Item = Value>,
) -> Result<(), String> {
    let items: Vec<Value> = items.collect();
    if items.is_empty() {
        return Ok(());
    }
    let entry = fields.entry(field.to_owned()).or_insert(Value::Null);
    if entry.is_null() {
        *entry = Value::List(Vec::new());
    }
    let Value::List(list) = entry else { return Err(format!("`{field}` is no list")) };
    list.extend(items);
    Ok(())
}

/// A patch as the file has it: what is empty is left out.
fn patch(patch: &Value) -> Value {
    let Value::Map(fields) = patch else { return patch.clone() };
    let said = fields.iter().filter(|(_, value)| !super::types::is_empty(value));
    Value::Map(said.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What an argument of `kustomize edit set image` says; `*` keeps what is there.
#[derive(Clone, Debug, Default)]
struct Image {
    name: String,
    new_name: String,
    tag: String,
    digest: String,
}

fn image(argument: &str) -> Result<Image, String> {
    let (name, rest, renames) = match argument.split_once('=') {
        Some((name, rest)) => (name, rest, true),
        None => ("", argument, false),
    };
    let found = if let Some((new, digest)) = rest.split_once('@') {
        let digest = digest.split('@').next().unwrap_or_default();
        (new, "", digest)
    } else if let Some((new, tag)) = rest.rsplit_once(':')
        && (tag == "*" || tag.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it)))
    {
        (new, tag, "")
    } else if renames && !rest.is_empty() {
        (rest, "", "")
    } else {
        return Err(format!("`{argument}` is no image: it is `NAME[=NEW_NAME][:TAG|@DIGEST]`"));
    };
    let (new, tag, digest) = (found.0.to_owned(), found.1.to_owned(), found.2.to_owned());
    Ok(match renames {
        true => Image { name: name.to_owned(), new_name: new, tag, digest },
        false => Image { name: new, new_name: String::new(), tag, digest },
    })
}

fn set_images(fields: &mut IndexMap<String, Value>, arguments: &[String]) -> Result<(), String> {
    let mut images: IndexMap<String, Image> = IndexMap::new();
    for argument in arguments {
        let image = image(argument)?;
        images.insert(image.name.clone(), image);
    }
    let known = fields.get("images").and_then(Value::as_list).unwrap_or_default().to_vec();
    for there in &known {
        let old = Image {
            name: text(there, "name").to_owned(),
            new_name: text(there, "newName").to_owned(),
            tag: there.get("newTag").and_then(Value::to_go_string).unwrap_or_default(),
            digest: text(there, "digest").to_owned(),
        };
        match images.get_mut(&old.name) {
            Some(image) => {
                let keep = |new: &mut String, old: String| {
                    if *new == "*" {
                        *new = old;
                    }
                };
                keep(&mut image.new_name, old.new_name);
                keep(&mut image.tag, old.tag);
                keep(&mut image.digest, old.digest);
            }
            None => {
                images.insert(old.name.clone(), old);
            }
        }
    }
    images.sort_keys();
    let list = images.into_values().map(|image| {
        let parts = [
            ("name", image.name),
            ("newName", image.new_name),
            ("newTag", image.tag),
            ("digest", image.digest),
        ];
        let said = parts.into_iter().filter(|(_, value)| !value.is_empty() && value != "*");
        Value::Map(said.map(|(key, value)| (key.to_owned(), Value::String(value))).collect())
    });
    fields.insert("images".to_owned(), Value::List(list.collect()));
    Ok(())
}

fn set_replicas(fields: &mut IndexMap<String, Value>, wanted: &[Value]) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut replicas: IndexMap<String, Value> = IndexMap::new();
    for there in fields.get("replicas").and_then(Value::as_list).unwrap_or_default() {
        replicas.insert(text(there, "name").to_owned(), there.clone());
    }
    for replica in wanted {
        let name = text(replica, "name").to_owned();
        let count = match replica.get("count") {
            Some(Value::Int(count)) => *count,
            Some(Value::String(text)) => text
                .parse()
                .map_err(|_| format!("expected integer value for count. Received: {text}"))?,
            _ => 0,
        };
        let entry = [
            ("name".to_owned(), name.as_str().into_value()),
            ("count".to_owned(), Value::Int(count)),
        ];
        replicas.insert(name, Value::Map(entry.into()));
    }
    fields.insert("replicas".to_owned(), Value::List(replicas.into_values().collect()));
    Ok(())
}

fn add_labels(
    fields: &mut IndexMap<String, Value>,
    options: &Value,
    labels: Vec<(String, String)>,
) -> Result<(), String> {
    let templates = is_true(options, "labelIncludeTemplates");
    if !is_true(options, "labelWithoutSelector") {
        if templates {
            return Err(
                "--without-selector flag must be specified for --include-templates to work".into(),
            );
        }
        return add_pairs(fields, "commonLabels", labels, is_true(options, "forceCommonLabels"));
    }
    let pairs = labels.iter().map(|(key, value)| (key.clone(), value.as_str().into_value()));
    let mut entry: IndexMap<String, Value> =
        [("pairs".to_owned(), Value::Map(pairs.collect()))].into();
    if templates {
        entry.insert("includeTemplates".to_owned(), Value::Bool(true));
    }
    append(fields, "labels", std::iter::once(Value::Map(entry)))
}

fn add_pairs(
    fields: &mut IndexMap<String, Value>,
    field: &str,
    pairs: Vec<(String, String)>,
    force: bool,
) -> Result<(), String> {
    let entry = fields.entry(field.to_owned()).or_insert(Value::Null);
    if entry.is_null() {
        *entry = Value::Map([].into());
    }
    let Value::Map(entries) = entry else { return Err(format!("`{field}` is no map")) };
    for (key, value) in pairs {
        if !force && entries.contains_key(&key) {
            return Err(format!("`{key}` is already in `{field}` of the kustomization file"));
        }
        entries.insert(key, Value::String(value));
    }
    Ok(())
}
