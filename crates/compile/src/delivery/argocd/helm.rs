//! A chart with the Helm options of a source.
//!
//! Source: Argo CD, `helmTemplate` of `reposerver/repository/repository.go`, `util/helm/cmd.go`,
//! `util/io/path/resolved.go` (3.2).

use std::sync::Arc;

use ::helm::{Chart, KubeVersion, Options, Release, Set, ValuesInput};
use manifest::Object;
use text::path::{join, resolve};
use text::{Missing, World};
use yaml::Value;

use super::application::{is_true, list, text};
use super::source::{Failure, Source, Wrong};
use crate::delivery::{Context, dependencies};

/// Renders it.
pub(super) fn render(
    context: &Context<'_, '_>,
    source: &Source<'_>,
) -> Result<Vec<Object>, Failure> {
    let options = source.block("helm");
    let or = |field: &str, otherwise: &str| match text(options, field) {
        "" => otherwise.to_owned(),
        text => text.to_owned(),
    };
    let application = source.application;
    let namespace = or("namespace", &application.namespace);
    let release = Release::new(
        or("releaseName", &application.name),
        // Helm renders into `default` where nothing is said.
        if namespace.is_empty() { "default".to_owned() } else { namespace },
    );
    // A reference to nothing is found before the chart is looked at.
    let values = values(context, source, options)?;
    let chart = context.caches.chart(&source.key, || read(context, source))?;
    let settings = Options {
        debug: false,
        kube_version: kube_version(context, text(options, "kubeVersion"))?,
        api_versions: api_versions(context, options),
        include_crds: !is_true(options, "skipCrds"),
        skip_schema_validation: is_true(options, "skipSchemaValidation"),
        engine: gotmpl::Options {
            now: gotmpl::options::Clock {
                seconds: context.input.settings.seconds,
                ..gotmpl::options::Clock::default()
            },
            ..gotmpl::Options::default()
        },
    };
    let rendered = ::helm::render(&chart, &release, &values, &settings)
        .map_err(|error| Failure::wrong(error.to_string()))?;
    let mut objects = Vec::new();
    for crd in &rendered.crds {
        let text = String::from_utf8_lossy(&crd.data);
        add(&text, &place(source, &crd.path), &mut objects)?;
    }
    for manifest in rendered.manifests.iter().chain(&rendered.hooks) {
        if is_true(options, "skipTests") && manifest.is_test() {
            continue;
        }
        add(manifest.text(), &place(source, &manifest.path), &mut objects)?;
    }
    Ok(objects)
}

/// Helm's paths begin with the chart's name; ours with the folder that it lies in.
fn place(source: &Source<'_>, path: &str) -> Arc<str> {
    let below = path.split_once('/').map_or(path, |(_, below)| below);
    Arc::from(join(&source.folder, below))
}

/// Adds the objects of a text that holds YAML documents.
///
/// # Errors
/// Where one is no object.
pub(super) fn add(text: &str, source: &Arc<str>, objects: &mut Vec<Object>) -> Result<(), Failure> {
    let nodes = yaml::parse_all(text, yaml::Schema::Go2)
        .map_err(|error| Failure::wrong(format!("{source}: {}", error.message)))?;
    for node in &nodes {
        let value = Value::from(node);
        if value.is_null() {
            continue;
        }
        expand(value, text, source, objects)?;
    }
    Ok(())
}

/// Adds an object, or the items of a list.
///
/// # Errors
/// Where it has no kind.
pub(super) fn expand(
    value: Value,
    text: &str,
    source: &Arc<str>,
    objects: &mut Vec<Object>,
) -> Result<(), Failure> {
    let has_kind =
        |value: &Value| value.get("kind").and_then(Value::as_str).is_some_and(|it| !it.is_empty());
    if !has_kind(&value) {
        return Err(Failure::wrong(format!("{source}: Object 'Kind' is missing")));
    }
    let object = |value: Value| Object { source: Arc::clone(source), text: Arc::from(text), value };
    match value.get("items") {
        Some(Value::List(items)) => {
            for item in items {
                if !matches!(item, Value::Map(_)) {
                    return Err(Failure::wrong(format!(
                        "{source}: an item of a list is no object"
                    )));
                }
                if !has_kind(item) {
                    return Err(Failure::wrong(format!("{source}: an item of a list has no kind")));
                }
                objects.push(object(item.clone()));
            }
        }
        // A list whose items are null has none.
        Some(Value::Null) if value.get("spec").is_none() && value.get("status").is_none() => {}
        _ => objects.push(object(value)),
    }
    Ok(())
}

/// The version that Argo CD hands to helm: what the source says, or major and minor of the cluster's.
fn kube_version(context: &Context<'_, '_>, own: &str) -> Result<KubeVersion, Failure> {
    let version = match own {
        "" => {
            let parts: Vec<&str> = context.input.cluster.kube_version.split('.').take(2).collect();
            parts.join(".")
        }
        own => {
            // What is behind the numbers is left out.
            let bare = own.trim().trim_start_matches('v');
            let end = bare.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(bare.len());
            bare.get(..end).unwrap_or_default().to_owned()
        }
    };
    KubeVersion::parse(&version).map_err(|error| Failure::wrong(error.to_string()))
}

fn api_versions(context: &Context<'_, '_>, options: &Value) -> Vec<String> {
    let own: Vec<String> =
        list(options, "apiVersions").iter().filter_map(Value::to_go_string).collect();
    if own.is_empty() { context.input.cluster.api_versions.clone() } else { own }
}

/// What the source sets, lowest precedence first.
fn values(
    context: &Context<'_, '_>,
    source: &Source<'_>,
    options: &Value,
) -> Result<ValuesInput, Failure> {
    let mut values = ValuesInput::default();
    for file in list(options, "valueFiles").iter().filter_map(Value::as_str) {
        match file_of(context, source, file)? {
            (path, Ok(bytes)) => values.files.push((path, bytes.to_vec())),
            (_, Err(Missing::NotFound)) if is_true(options, "ignoreMissingValueFiles") => {}
            (_, Err(missing)) => return Err(no_file(source, file, &missing, "valueFiles")),
        }
    }
    let inline = match options.get("valuesObject") {
        Some(object) if !object.is_null() => yaml::to_string_go2(object),
        _ => text(options, "values").to_owned(),
    };
    if !inline.is_empty() {
        values.files.push(("values".to_owned(), inline.into_bytes()));
    }
    // Parameters are a map: the last of one name counts.
    let mut sets: Vec<(bool, &str, Set)> = Vec::new();
    for parameter in list(options, "parameters") {
        let (name, value) = (text(parameter, "name"), text(parameter, "value"));
        let argument = format!("{name}={}", escaped(&source.environment.expand(value)));
        let force = is_true(parameter, "forceString");
        let set = if force { Set::Text(argument) } else { Set::Value(argument) };
        sets.retain(|(other, known, _)| *other != force || *known != name);
        sets.push((force, name, set));
    }
    values.sets.extend(sets.into_iter().map(|(_, _, set)| set));
    for parameter in list(options, "fileParameters") {
        let (name, entry) = (text(parameter, "name"), text(parameter, "path"));
        match file_of(context, source, entry)? {
            (path, Ok(bytes)) => {
                values.sets.push(Set::File(format!("{name}={}", escaped(&path))));
                values.set_files.push((path, bytes.to_vec()));
            }
            (_, Err(missing)) => return Err(no_file(source, entry, &missing, "fileParameters")),
        }
    }
    Ok(values)
}

/// Looks whether the files of other sources are there, for a chart that is not known.
///
/// # Errors
/// The first that is not there.
pub(super) fn check_references(
    context: &Context<'_, '_>,
    source: &Source<'_>,
) -> Result<(), Failure> {
    let options = source.block("helm");
    let files = list(options, "valueFiles").iter().filter_map(Value::as_str);
    let ignores = is_true(options, "ignoreMissingValueFiles");
    let files = files.map(|entry| (entry, "valueFiles"));
    let parameters = list(options, "fileParameters").iter();
    let all = files.chain(parameters.map(|it| (text(it, "path"), "fileParameters")));
    for (entry, field) in
        all.filter(|(entry, _)| source.application.several && entry.starts_with('$'))
    {
        let may_be_missing = ignores && field == "valueFiles";
        match file_of(context, source, entry) {
            Ok((_, Ok(_))) | Err(Failure::Opaque(_)) => {}
            Ok((_, Err(Missing::NotFound))) if may_be_missing => {}
            Ok((_, Err(missing))) => return Err(no_file(source, entry, &missing, field)),
            Err(wrong) => return Err(wrong),
        }
    }
    Ok(())
}

/// A comma separates values; Argo CD keeps one together, unless it is a list in braces.
fn escaped(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut before = None;
    for letter in value.chars() {
        if letter == ',' && before != Some('\\') {
            out.push('\\');
        }
        out.push(letter);
        before = Some(letter);
    }
    out
}

type Read = Result<Arc<[u8]>, Missing>;

/// Returns the path and the bytes of a value file: relative to the chart's folder, from the top of the
/// repository with a slash in front, or `$name/…` for a file of another source.
fn file_of(
    context: &Context<'_, '_>,
    source: &Source<'_>,
    entry: &str,
) -> Result<(String, Read), Failure> {
    let options = source.block("helm");
    let references = source.application.references().unwrap_or_default();
    let reference = entry.strip_prefix('$').filter(|_| source.application.several).map(|rest| {
        let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
        (name, path, references.iter().find(|(known, _)| *known == name))
    });
    let (world, path): (&dyn World, Option<String>) = match reference {
        Some((_, path, Some((_, other)))) => {
            let address = text(other, "repoURL");
            if !text(other, "chart").is_empty() {
                return Err(Failure::wrong(format!("`{entry}` names a source with a chart")));
            }
            let Some(tree) = context.input.registry.tree(address) else {
                return Err(Failure::Opaque(crate::delivery::registry::elsewhere(address)));
            };
            // The same repository at another revision is refused, as it would be checked out twice.
            let same = crate::delivery::normal_address(address)
                == crate::delivery::normal_address(text(&source.options, "repoURL"));
            let revision = |it| match text(it, "targetRevision") {
                "" => "HEAD",
                revision => revision,
            };
            if same
                && text(&source.options, "chart").is_empty()
                && revision(other) != revision(&source.options)
            {
                let (theirs, ours) = (revision(other), revision(&source.options));
                return Err(Failure::wrong(format!(
                    "`{entry}` is of revision `{theirs}`, and the source of `{ours}`: one repository \
                     cannot be read at two revisions"
                )));
            }
            // Two names for one repository must mean one revision.
            for (name, again) in &references {
                if crate::delivery::normal_address(text(again, "repoURL"))
                    == crate::delivery::normal_address(address)
                    && revision(again) != revision(other)
                    && uses(source, name)
                {
                    return Err(Failure::wrong(format!(
                        "cannot reference multiple revisions for the same repository ({} and {})",
                        revision(other),
                        revision(again)
                    )));
                }
            }
            (tree.world, resolve("", &source.environment.expand(path)))
        }
        Some((name, _, None)) => {
            return Err(Failure::Wrong(Wrong::Reference(format!("{entry}\n${name}"))));
        }
        None => {
            let entry = source.environment.expand(entry);
            if let Some((scheme, _)) = entry.split_once("://") {
                return Err(match scheme {
                    "http" | "https" => {
                        Failure::Opaque(format!("its value file {entry} is on the network"))
                    }
                    _ => Failure::wrong(format!("the URL scheme '{scheme}' is not allowed")),
                });
            }
            let path = match entry.strip_prefix('/') {
                Some(from_top) => resolve("", from_top),
                None => resolve(&source.folder, &entry),
            };
            (source.world, path)
        }
    };
    let Some(path) = path else {
        let mut files = list(options, "valueFiles").iter().filter_map(Value::as_str);
        let is_file = files.any(|file| file == entry);
        return Err(Failure::Wrong(Wrong::ValueFile {
            entry: entry.to_owned(),
            why: "it lies outside of the repository".to_owned(),
            remedy: OUTSIDE,
            field: if is_file { "valueFiles" } else { "fileParameters" },
        }));
    };
    let read = world.read(&path);
    Ok((path, read))
}

const OUTSIDE: &str = "Argo CD reads nothing outside of the repository: put the file into it";

/// Returns the failure of a file that is not there, with what helps.
fn no_file(source: &Source<'_>, entry: &str, missing: &Missing, field: &'static str) -> Failure {
    let remedy = match missing {
        Missing::NotFound if entry.starts_with('$') && !source.application.several => {
            "with one `source` there are no references: list `sources`, the one with the file with a `ref`"
        }
        Missing::NotFound if entry.starts_with('$') => {
            "behind `$name/` the path begins at the top of that source's repository"
        }
        Missing::NotFound if field == "valueFiles" => {
            "a path begins at the chart's folder, with a slash in front at the top of the repository; \
             `ignoreMissingValueFiles: true` leaves out what is not there"
        }
        Missing::NotFound => {
            "a path begins at the chart's folder, with a slash in front at the top of the repository"
        }
        Missing::Link { .. } => OUTSIDE,
        _ => "name a file of the repository",
    };
    let (entry, why) = (entry.to_owned(), missing.to_string());
    Failure::Wrong(Wrong::ValueFile { entry, why, remedy, field })
}

/// Whether the source names another one by `$name`.
fn uses(source: &Source<'_>, name: &str) -> bool {
    let options = source.block("helm");
    let files = list(options, "valueFiles").iter().filter_map(Value::as_str);
    let parameters = list(options, "fileParameters").iter().map(|it| text(it, "path"));
    files.chain(parameters).any(|entry| {
        entry.strip_prefix('$').is_some_and(|rest| rest.split('/').next() == Some(name))
    })
}

/// Reads the chart of a source, its dependencies included as far as they lie somewhere.
fn read(context: &Context<'_, '_>, source: &Source<'_>) -> Result<Arc<Chart>, Failure> {
    let mut files = dependencies::files_of(source.world, &source.folder).map_err(Failure::wrong)?;
    let registry = &context.input.registry;
    let chart = |address: &str, name: &str, version: &str| {
        registry.chart(address, name, version, context.input.tree)
    };
    dependencies::add(source.world, &source.folder, &mut files, &chart).map_err(
        |error| match error {
            dependencies::Error::Wrong(reason) => Failure::wrong(reason),
            dependencies::Error::Opaque(reason) => Failure::Opaque(reason),
        },
    )?;
    Chart::from_files(files)
        .map(Arc::new)
        .map_err(|error| Failure::wrong(format!("{}: {error}", source.folder)))
}
